"""Builds a Host from the short form of facts that rule tests use.

Only what matters to a case is written down; sections that are not given are unavailable, and
fields that are not given are zero, false or empty (an interface is an Ethernet NIC that is up).

    kernel: "5.15"                                  cpu: 8
    sysctl: {net.ipv4.tcp_rmem: [4096, 131072, 6291456]}
    nstat: {TcpExt.PruneCalled: 12}
    nics: {eth0: {driver: mlx5_core, features: {tx-tcp-segmentation: false}}}
    listeners: {"0.0.0.0:80": {accept_queue: 129, backlog: 128}}
    memory: {unavailable: no permission}
"""

from __future__ import annotations

import types
import typing
from dataclasses import MISSING, fields, is_dataclass
from functools import lru_cache
from typing import Any

from advisor.model import Host, Sample, Unavailable
from advisor.model.address import parse_address
from advisor.model.nic import Feature
from advisor.model.system import Collection, Cpu, Kernel

NOT_GIVEN = Unavailable("not given in this test")
_NIC = {"kind": "ethernet", "physical": True, "up": True, "running": True}
_NIC_SIZES = {"mtu": 1500, "txqueuelen": 1000}
_COLLECTION = {"hostname": "test", "source": "live", "uptime_s": 86400.0, "privileged": True}


def build_host(
    given: dict[str, Any], before: dict[str, Any] | None = None, seconds: float = 10.0
) -> Host:
    """The host of a test.

    Args:
        given: Facts in the short form.
        before: Facts of an earlier reading that differ from `given`; None for no sample.
        seconds: Time between the readings.

    Raises:
        ValueError: Something is not a fact; the message names it.
    """
    sample = None
    if before is not None:
        earlier = _merge(_expand(given), _expand(before))
        sample = Sample(seconds, _host(earlier, None))
    return _host(_expand(given), sample)


def _host(given: dict[str, Any], sample: Sample | None) -> Host:
    unknown = set(given) - {field.name for field in fields(Host)}
    if unknown:
        raise ValueError(f"{sorted(unknown)[0]} is not a section of the facts")
    hints = _hints(Host)
    sections: dict[str, Any] = {}
    for field in fields(Host):
        if field.name in ("collection", "sample"):
            continue
        raw = given.get(field.name, NOT_GIVEN)
        sections[field.name] = (
            raw if raw is NOT_GIVEN else _build(hints[field.name], raw, field.name)
        )
    collection = _build(Collection, {**_COLLECTION, **given.get("collection", {})}, "collection")
    return Host(collection=collection, sample=sample, **sections)


def _expand(given: dict[str, Any]) -> dict[str, Any]:
    """Short forms written out, so that two of them can be merged."""
    result = dict(given)
    if isinstance(given.get("kernel"), str):
        result["kernel"] = {"release": given["kernel"]}
    if isinstance(given.get("cpu"), int):
        count = given["cpu"]
        result["cpu"] = {"count": count, "each": {str(number): {} for number in range(count)}}
    for section in ("sysctl", "nstat", "sockstat"):
        if isinstance(given.get(section), dict) and "unavailable" not in given[section]:
            result[section] = _nested(given[section], section)
    return result


def _nested(flat: dict[str, Any], section: str) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for dotted, value in flat.items():
        parts: tuple[str, ...] = tuple(dotted.split("."))
        if section == "sysctl":
            parts = getattr(parse_address(f"sysctl:{dotted}"), "key", parts)
        place = tree
        for part in parts[:-1]:
            place = place.setdefault(part, {})
        place[parts[-1]] = value
    return tree


def _merge(base: Any, over: Any) -> Any:
    if not isinstance(base, dict) or not isinstance(over, dict):
        return over
    return {**base, **{key: _merge(base.get(key), value) for key, value in over.items()}}


def _build(hint: Any, raw: Any, place: str) -> Any:
    if isinstance(raw, dict) and set(raw) == {"unavailable"}:
        return Unavailable(str(raw["unavailable"]))
    hint = _without_absence(hint)
    if raw is None:
        return None
    if is_dataclass(hint):
        return _record(hint, raw, place)
    origin = typing.get_origin(hint)
    if origin is dict and isinstance(raw, dict):
        inner = typing.get_args(hint)[1]
        return {
            key: _build(inner, _named(inner, key, value), f"{place}.{key}")
            for key, value in raw.items()
        }
    if isinstance(raw, dict):
        return {key: _build(Any, value, f"{place}.{key}") for key, value in raw.items()}
    if isinstance(raw, list):
        return tuple(raw)
    if hint is float and isinstance(raw, int) and not isinstance(raw, bool):
        return float(raw)
    if hint in (int, str, bool) and type(raw) is not hint:
        raise ValueError(f"{place}: expected {hint.__name__}, found {raw!r}")
    return raw


def _record(cls: Any, raw: Any, place: str) -> Any:
    if cls is Feature and isinstance(raw, bool):
        return Feature(active=raw)
    if not isinstance(raw, dict):
        raise ValueError(f"{place}: expected a group of facts, found {raw!r}")
    hints = _hints(cls)
    unknown = set(raw) - set(hints)
    if unknown:
        raise ValueError(f"{place} has no field {sorted(unknown)[0]!r}")
    raw = {**_implied(cls, raw), **raw}
    given = {name: _build(hints[name], value, f"{place}.{name}") for name, value in raw.items()}
    for field in fields(cls):
        required = field.default is MISSING and field.default_factory is MISSING
        if field.name not in given and required:
            given[field.name] = _zero(hints[field.name])
        elif field.name not in given and isinstance(field.default, Unavailable):
            given[field.name] = NOT_GIVEN
    return cls(**given)


def _implied(cls: Any, raw: dict[str, Any]) -> dict[str, Any]:
    """Fields that follow from others, or that are the usual case."""
    if cls is Kernel:
        release = str(raw.get("release", "6.1"))
        numbers = [int(part) for part in release.split("-")[0].split(".") if part.isdecimal()]
        return {"release": release, "version": numbers, "hz": 250, "page_size": 4096}
    if cls is Cpu:
        count = raw.get("count", len(raw.get("each", {})))
        nodes = {"0": list(range(count))}
        return {"count": count, "physical_cores": count, "nodes": nodes, "each": {}}
    return {}


def _named(cls: Any, key: str, raw: Any) -> Any:
    """A collection's element with the fields that its key gives."""
    if not is_dataclass(cls) or not isinstance(raw, dict) or "unavailable" in raw:
        return raw
    name = cls.__name__ if isinstance(cls, type) else ""
    if name == "Nic":
        return {"name": key, "index": 2, **_NIC, **_NIC_SIZES, **raw}
    if name == "Listener":
        address, _, port = key.partition("#")[0].rpartition(":")
        loopback = address.startswith(("127.", "[::1]"))
        return {"address": address, "port": int(port), "loopback": loopback, **raw}
    if name == "Qdisc":
        nic, _, parent = key.partition(" ")
        return {"nic": nic, "parent": parent, "handle": "8001:", **raw}
    number = {"Softnet": "cpu", "Processor": "cpu", "RxQueue": "queue", "TxQueue": "queue"}
    number["Irq"] = "irq"
    if name == "Processor":
        raw = {"core": int(key), "siblings": [int(key)], **raw}
    return {number[name]: int(key), **raw} if name in number else raw


def _zero(hint: Any) -> Any:
    hint = _without_absence(hint)
    if is_dataclass(hint):
        return _record(hint, {}, "")
    origin = typing.get_origin(hint) or hint
    zeros: dict[Any, Any] = {int: 0, float: 0.0, str: "", bool: False, tuple: (), dict: {}}
    return zeros[origin]


def _without_absence(hint: Any) -> Any:
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        kept = [part for part in typing.get_args(hint) if part not in (Unavailable, type(None))]
        return kept[0] if len(kept) == 1 else Any
    return hint


@lru_cache(maxsize=64)
def _hints(cls: Any) -> dict[str, Any]:
    # The alias is recursive; the values of sysctls need no conversion.
    return typing.get_type_hints(cls, localns={"SysctlTree": dict, "SysctlValue": int})
