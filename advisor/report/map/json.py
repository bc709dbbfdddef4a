"""The map as JSON, `advisor.map/v1`: see advisor/knowledge/schemas/map.schema.json."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from advisor.model.unavailable import Unavailable
from advisor.report.json_report import finding_data
from advisor.report.map.model import Apart, Drawn, Line, Load, Node, Queue, Seat
from advisor.report.map.picture import Note, Picture

SCHEMA = "advisor.map/v1"
_FINDING = ("rule", "name", "severity", "active", "target", "setting", "message", "at")


def to_json(picture: Picture) -> str:
    """The map as one line of JSON, in ASCII."""
    return json.dumps(to_data(picture), allow_nan=False) + "\n"


def to_data(picture: Picture) -> dict[str, Any]:
    """The map as plain data."""
    collection = picture.collection
    return {
        "schema": SCHEMA,
        "advisor": collection.advisor,
        "host": {
            "name": collection.hostname,
            "kernel": picture.kernel,
            "at": collection.at,
            "source": collection.source,
        },
        "profile": picture.profile,
        "sample_s": picture.seconds,
        "window": picture.window,
        "notes": list(picture.intro),
        "interfaces": [_interface(drawn) for drawn in picture.drawn],
        "marks": list(picture.marks),
        "findings": [_finding(note) for note in picture.notes],
        "elsewhere": picture.elsewhere,
    }


def _interface(drawn: Drawn) -> dict[str, Any]:
    return {
        "name": drawn.name,
        "physical": drawn.physical,
        "brief": drawn.brief,
        "title": list(drawn.title),
        "completions": asdict(drawn.topology),
        "facts": [
            {
                "part": fact.part,
                "label": fact.label,
                "text": fact.text,
                "known": fact.known,
                "marks": list(fact.marks),
            }
            for fact in drawn.facts
        ],
        "nodes": [_node(node) for node in drawn.nodes],
        "apart": [_apart(apart) for apart in drawn.apart],
        "marks": list(drawn.marks),
    }


def _node(node: Node) -> dict[str, Any]:
    busiest = node.busiest
    return {
        "node": node.node,
        "near": node.near,
        "cpus": [_seat(seat) for seat in node.seats],
        "others": list(node.others),
        "busiest_other": None
        if busiest is None
        else {"cpu": busiest[0], "softirq": _rounded(busiest[1])},
    }


def _apart(apart: Apart) -> dict[str, Any]:
    return {"reason": apart.reason, "interrupts": [_line(line) for line in apart.lines]}


def _seat(seat: Seat) -> dict[str, Any]:
    known = not isinstance(seat.softirq, Unavailable)
    return {
        "cpus": list(seat.cpus),
        "core": seat.core,
        "threads": list(seat.threads),
        "online": seat.online,
        "softirq": _rounded(seat.softirq) if not isinstance(seat.softirq, Unavailable) else None,
        **({} if known else {"softirq_unknown": getattr(seat.softirq, "reason", "")}),
        "saturated": seat.saturated,
        "interrupts": [_line(line) for line in seat.lines],
        "rps": list(seat.rps),
        "xps": list(seat.xps),
        "other_nics": list(seat.other_nics),
        "marks": list(seat.marks),
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "irq": line.irq,
        "napi": line.napi,
        "name": line.name,
        "managed": line.managed,
        "per_s": _rounded(line.per_s),
        "cpus": list(line.cpus),
        "rx": [_rx(rx) for rx, _ in line.pairs if rx is not None],
        "tx": [_tx(tx) for _, tx in line.pairs if tx is not None],
        "marks": list(line.marks),
    }


def _rx(queue: Queue) -> dict[str, Any]:
    return {
        "queue": queue.number,
        **_load(queue.load),
        "dropped": queue.dropped,
        "rss_slots": queue.slots,
        "rps_cpus": list(queue.steered),
        "rps_flow_cnt": queue.flows,
        "marks": list(queue.marks),
    }


def _tx(queue: Queue) -> dict[str, Any]:
    own = queue.waiting is not None
    return {
        "queue": queue.number,
        **_load(queue.load),
        "xps_cpus": list(queue.steered),
        "xps_rxqs": list(queue.chosen_by),
        "xps_elsewhere": queue.elsewhere,
        "qdisc": None
        if not own
        else {
            "kind": queue.qdisc,
            "waiting_packets": queue.waiting,
            "waiting_bytes": queue.waiting_bytes,
            "dropped": queue.qdisc_dropped,
        },
        "bql": None
        if queue.bql is None
        else {
            "limit": queue.bql.limit,
            "inflight": queue.bql.inflight,
            "stalls": queue.stalls,
            "stall_max_ms": queue.bql.stall_max,
        },
        "marks": list(queue.marks),
    }


def _load(load: Load) -> dict[str, Any]:
    return {
        "packets": load.packets,
        "packets_per_s": _rounded(load.per_s),
        "share": _rounded(load.share),
    }


def _finding(note: Note) -> dict[str, Any]:
    whole = finding_data(note.finding)
    return {"mark": note.mark, **{key: whole[key] for key in _FINDING}}


def _rounded(number: float | None) -> float | None:
    """Six digits are more than counters and clocks are worth."""
    return None if number is None else float(f"{number:.6g}")
