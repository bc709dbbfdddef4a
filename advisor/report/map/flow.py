"""The lines about one interface that say how packets are spread, held up and lost."""

from __future__ import annotations

from collections import Counter, defaultdict

from advisor.model.host import Host
from advisor.model.layout import Layout
from advisor.model.nic import Nic
from advisor.model.unavailable import Unavailable
from advisor.report.map.counts import Counts
from advisor.report.map.lines import Queues, root_qdisc
from advisor.report.map.words import cpus_text, listed, percent, ranges, several, short
from advisor.units import format_value

_MOST_MASKS = 3
_MOST_QUEUES = 24


def rss(nic: Nic, layout: Layout) -> str | Unavailable | None:
    """How evenly the indirection table names the queues; None for a single queue without one."""
    table = nic.rss
    if isinstance(table, Unavailable):
        return table if nic.rx_queues_count > 1 else None
    missing, beyond = layout.rss_missing, layout.rss_beyond
    if isinstance(missing, Unavailable) or isinstance(beyond, Unavailable):
        return missing if isinstance(missing, Unavailable) else None
    named = len(set(table.indirection))
    least, most = layout.rss_least, layout.rss_most
    even = f"{most} each" if least == most else f"{least} to {most} each"
    contexts = len(table.contexts)
    return listed(
        (
            f"{several(len(table.indirection), 'slot')} over {several(named, 'queue')}, {even}",
            f"none for rx {ranges(missing, _MOST_QUEUES)}" if missing else "",
            f"names rx {ranges(beyond, _MOST_QUEUES)}, not there" if beyond else "",
            several(contexts, "further context") if contexts else "",
            "" if table.function == "unknown" else table.function,
        )
    )


def rps(nic: Nic) -> str | Unavailable:
    """Which receive queues RPS spreads over which CPUs, and whether RFS steers them."""
    if isinstance(nic.rx_queues, Unavailable):
        return nic.rx_queues
    for queue in nic.rx_queues.values():
        if isinstance(queue.rps_cpus, Unavailable):
            return queue.rps_cpus
    masks: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for queue in nic.rx_queues.values():
        if not isinstance(queue.rps_cpus, Unavailable) and queue.rps_cpus:
            masks[queue.rps_cpus].append(queue.queue)
    if not masks:
        return "off"
    flows = [
        queue.rps_flow_cnt
        for queue in nic.rx_queues.values()
        if not isinstance(queue.rps_flow_cnt, Unavailable) and queue.rps_flow_cnt
    ]
    rfs = f"RFS tables of {max(flows)} flows" if flows else "RFS off"
    return listed((*_masks(masks, "rx {} to {}"), rfs))


def xps(nic: Nic, layout: Layout) -> str | Unavailable | None:
    """Which CPUs choose which transmit queues, as far as it is not the obvious; None for one."""
    if isinstance(nic.tx_queues, Unavailable):
        return nic.tx_queues
    masks: dict[tuple[int, ...], list[int]] = defaultdict(list)
    by_rxq = 0
    for queue in nic.tx_queues.values():
        if isinstance(queue.xps_cpus, Unavailable):
            return queue.xps_cpus
        masks[queue.xps_cpus].append(queue.queue)
        by_rxq += bool(queue.xps_rxqs)
    if len(nic.tx_queues) < 2 and masks.keys() <= {()} and not by_rxq:
        return None
    without = masks.pop((), [])
    by_queue = f"{several(by_rxq, 'queue')} by receive queue" if by_rxq else ""
    if not masks:
        return by_queue or "off"
    away, several_each, nobody = layout.xps_elsewhere, layout.xps_several, layout.xps_missing
    parts = [
        _queues("interrupt elsewhere: tx {}", away),
        "" if isinstance(several_each, Unavailable) or not several_each else
        f"several queues for {cpus_text(several_each, _MOST_QUEUES)}",
        "" if isinstance(nobody, Unavailable) or not nobody else
        f"no queue for {cpus_text(nobody, _MOST_QUEUES)}",
        f"tx {ranges(without, _MOST_QUEUES)} chosen by none" if without else "",
    ]  # fmt: skip
    if len(masks) <= _MOST_MASKS:
        return listed((*_masks(masks, "tx {} from {}"), by_queue, *parts))
    chosen = sum(map(len, masks.values()))
    words = "CPUs of its own"
    if away == ():
        alone = all(len(cpus) == 1 for cpus in masks)
        words = "the CPU of its interrupt" + ("" if alone else " and others")
    return listed((f"{several(chosen, 'queue')}, each chosen by {words}", by_queue, *parts))


def qdisc(host: Host, nic: Nic, tx: Queues, counts: Counts) -> str | Unavailable:
    """The queueing discipline, what waits there and what it dropped."""
    if isinstance(host.qdiscs, Unavailable):
        reason = host.qdiscs.reason
        return f"{nic.qdisc}; what waits is unknown: {reason}" if nic.qdisc else host.qdiscs
    root = root_qdisc(host, nic.name)
    if root is None:
        return nic.qdisc or Unavailable("the kernel lists none")
    kinds = Counter(queue.qdisc for queue in tx.values() if queue.qdisc)
    over = ", ".join(f"{count} x {kind}" for kind, count in kinds.items())
    dropped = counts.qdisc_drops(f"{nic.name} root", root)
    waiting = "nothing waits"
    if root.backlog_packets:
        size = format_value(root.backlog_bytes, "bytes")
        waiting = f"{several(root.backlog_packets, 'packet')} ({size}) wait"
    return listed(
        (
            f"{root.kind} over {over}" if over else root.kind,
            waiting,
            f"{format_value(dropped, 'count')} dropped" if dropped else "",
        )
    )


def bql(tx: Queues) -> str | None:
    """Byte queue limits of all transmit queues; None where there are none."""
    have = [(queue, queue.bql) for queue in tx.values() if queue.bql is not None]
    if not have:
        return None
    limits = sorted({limit.limit for _, limit in have})
    low, high = format_value(limits[0], "bytes"), format_value(limits[-1], "bytes")
    inflight = [limit.inflight for _, limit in have if limit.inflight]
    full = [queue.number for queue, limit in have if limit.inflight >= limit.limit > 0]
    stalls = [queue.stalls for queue, _ in have if queue.stalls]
    flying = format_value(sum(inflight), "bytes")
    return listed(
        (
            f"limit {low}" if low == high else f"limits {low} to {high}",
            f"{flying} in flight in {several(len(inflight), 'queue')}" if inflight else
            "nothing in flight",
            f"tx {ranges(full, _MOST_QUEUES)} at the limit" if full else "",
            several(sum(stalls), "stall") if stalls else "",
        )
    )  # fmt: skip


def traffic(nic: Nic, counts: Counts) -> str | None:
    """Packets and bits per second, or in all; None where they are not counted."""
    parts = []
    for way, word in (("rx", "received"), ("tx", "sent")):
        counted = counts.stat(nic, f"{way}_packets"), counts.stat(nic, f"{way}_bytes")
        packets, size = map(counts.per_s, counted)
        if counted[0] is None or counted[1] is None:
            continue
        if packets is None or size is None:
            total = format_value(counted[1], "bytes")
            parts.append(f"{word} {several(counted[0], 'packet')}, {total}")
            continue
        used = size * 8 / (nic.speed_mbps * 1e6) if nic.speed_mbps else None
        share = f" ({percent(used)} of the link)" if used is not None and used >= 0.01 else ""
        rate = format_value(float(round(size * 8)), "bitrate")
        parts.append(f"{word} {short(packets)} packets/s, {rate}{share}")
    return listed(parts) or None


def link(nic: Nic, counts: Counts) -> str:
    """What concerns the wire."""
    pause, fec = nic.pause, nic.fec
    before = counts.nic_before(nic.name)
    downs = counts.growth(nic.carrier_downs, None if before is None else before.carrier_downs)
    flow = faster = ""
    if not isinstance(pause, Unavailable):
        rx, tx = ("on" if each else "off" for each in (pause.rx, pause.tx))
        flow = f"pause frames: rx {rx}, tx {tx}"
    if nic.speed_max_mbps and nic.speed_mbps and nic.speed_max_mbps > nic.speed_mbps:
        faster = f"could run at {format_value(nic.speed_max_mbps, 'mbit')}"
    return listed(
        (
            f"MTU {nic.mtu}",
            flow,
            "" if isinstance(fec, Unavailable) or fec.active is None else f"FEC {fec.active}",
            faster,
            f"went down {several(downs, 'time')}" if downs and nic.physical else "",
        )
    )


def losses(nic: Nic, counts: Counts) -> str:
    """What was lost at the device or in its driver, the counters that stand at 0 left out."""
    before = counts.nic_before(nic.name)
    counted = nic.counted
    earlier = None if before is None else before.counted
    found = {
        "receive ring full": counts.growth(nic.rx_ring_full, getattr(before, "rx_ring_full", None)),
        **{name: counts.stat(nic, name) for name in _LOST},
        **{
            words: counts.growth(getattr(counted, field), getattr(earlier, field, None))
            for field, words in _COUNTED.items()
        },
        **{
            f"over the instance's {limit} limit": counts.growth(
                count, (getattr(earlier, "allowance", None) or {}).get(limit)
            )
            for limit, count in (counted.allowance or {}).items()
        },
    }
    return listed(f"{words} {format_value(n, 'count')}" for words, n in found.items() if n)


_LOST = ("rx_errors", "tx_errors", "rx_dropped", "tx_dropped")
_COUNTED = {
    "rx_no_buffer": "no receive buffer",
    "tx_timeouts": "transmit timeouts",
    "tx_stopped": "transmit ring full",
    "xdp_drops": "dropped by XDP",
}


def _masks(masks: dict[tuple[int, ...], list[int]], words: str) -> list[str]:
    shown = [
        words.format(ranges(queues, _MOST_QUEUES), cpus_text(cpus, _MOST_QUEUES))
        for cpus, queues in list(masks.items())[:_MOST_MASKS]
    ]
    more = len(masks) - len(shown)
    return [*shown, f"{more} more masks"] if more > 0 else shown


def _queues(words: str, queues: tuple[int, ...] | Unavailable) -> str:
    if isinstance(queues, Unavailable) or not queues:
        return ""
    return words.format(ranges(queues, _MOST_QUEUES))
