"""Builds a Host from the short form of facts that rule tests use.

Only what matters to a case is written down; sections that are not given are unavailable, and
fields that are not given are zero, false or empty (an interface is an Ethernet NIC that is up).

    kernel: "5.15"                                  cpu: 8
    sysctl: {net.ipv4.tcp_rmem: [4096, 131072, 6291456]}
    nstat: {TcpExt.PruneCalled: 12}
    nics: {eth0: {driver: mlx5_core, features: {tx-tcp-segmentation: false}}}
    listeners: {"0.0.0.0:80": {accept_queue: 129, backlog: 128}}
    memory: {unavailable: no permission}            (with absent: true, what is known not to exist)
"""

from __future__ import annotations

import types
import typing
from dataclasses import MISSING, fields, is_dataclass
from functools import lru_cache
from typing import Any

from advisor.model.address import SysctlAddress, parse_address
from advisor.model.config import Configured, RuntimeOnly
from advisor.model.host import Host, Sample
from advisor.model.nic import Nic
from advisor.model.nic_queues import RxQueue, TxQueue
from advisor.model.nic_settings import Feature
from advisor.model.stack import Listener, Qdisc, Softnet
from advisor.model.system import Collection, Cpu, Irq, Kernel, Processor
from advisor.model.unavailable import Unavailable

NOT_GIVEN = Unavailable("not given in this test")
_NIC = {"kind": "ethernet", "physical": True, "up": True, "running": True}
_NIC_SIZES = {"mtu": 1500, "txqueuelen": 1000}
_COLLECTION = {"hostname": "test", "source": "live", "uptime_s": 86400.0, "privileged": True}
_NUMBERED: dict[type, str] = {
    Softnet: "cpu",
    Processor: "cpu",
    RxQueue: "queue",
    TxQueue: "queue",
    Irq: "irq",
}
_NAMES = {int: "a whole number", float: "a number", str: "text", bool: "true or false"}


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
    unknown = set(given) - {field.name for field in fields(Host) if field.name != "sample"}
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
    collection = _record(Collection, given.get("collection", {}), "collection")
    return Host(collection=collection, sample=sample, **sections)


def _expand(given: dict[str, Any]) -> dict[str, Any]:
    """Short forms written out, so that two of them can be merged."""
    result = dict(given)
    if isinstance(given.get("kernel"), str):
        result["kernel"] = {"release": given["kernel"]}
    if type(given.get("cpu")) is int:
        count = given["cpu"]
        result["cpu"] = {"count": count, "each": {str(number): {} for number in range(count)}}
    for section in ("sysctl", "nstat", "sockstat"):
        if isinstance(given.get(section), dict) and not _is_unavailable(given[section]):
            result[section] = _nested(given[section], section)
    return result


def _nested(flat: dict[str, Any], section: str) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for dotted, value in flat.items():
        parts = _sysctl_key(dotted) if section == "sysctl" else tuple(dotted.split("."))
        place = tree
        for part in parts[:-1]:
            place = place.setdefault(part, {})
            if not isinstance(place, dict):
                raise ValueError(f"{section}.{dotted}: {part} is a value here, not a group")
        if isinstance(place.get(parts[-1]), dict):
            raise ValueError(f"{section}.{dotted}: it is a group of facts here, not a value")
        place[parts[-1]] = value
    return tree


def _sysctl_key(dotted: str) -> tuple[str, ...]:
    try:
        address = parse_address(f"sysctl:{dotted}")
    except ValueError:
        raise ValueError(f"sysctl.{dotted}: not a sysctl key") from None
    if not isinstance(address, SysctlAddress) or address.index is not None:
        raise ValueError(f"sysctl.{dotted}: give the whole vector as a list")
    return address.key


def _merge(base: Any, over: Any) -> Any:
    if not isinstance(base, dict) or not isinstance(over, dict):
        return over
    if _is_unavailable(base) or _is_unavailable(over):
        return over
    return {**base, **{key: _merge(base.get(key), value) for key, value in over.items()}}


def _is_unavailable(raw: Any) -> bool:
    return isinstance(raw, dict) and "unavailable" in raw and set(raw) <= {"unavailable", "absent"}


def _unavailable(raw: dict[str, Any]) -> Unavailable:
    return Unavailable(str(raw["unavailable"]), raw.get("absent") is True)


def _build(hint: Any, raw: Any, place: str) -> Any:
    if _is_unavailable(raw):
        return _unavailable(raw)
    if raw is None and type(None) in typing.get_args(hint):
        return None
    hint = _without_absence(hint)
    if is_dataclass(hint):
        return _record(hint, raw, place)
    if hint is dict:
        return _sysctl(raw, place)
    inner = typing.get_args(hint)
    if typing.get_origin(hint) is dict:
        if not isinstance(raw, dict):
            raise ValueError(f"{place}: expected a group of facts, found {raw!r}")
        return {
            key: _build(inner[1], _named(inner[1], key, value, place), f"{place}.{key}")
            for key, value in raw.items()
        }
    if typing.get_origin(hint) is tuple:
        if not isinstance(raw, list):
            raise ValueError(f"{place}: expected a list, found {raw!r}")
        return tuple(_build(inner[0], item, f"{place}[{at}]") for at, item in enumerate(raw))
    if hint is float and type(raw) is int:
        return float(raw)
    if type(raw) is not hint:
        raise ValueError(f"{place}: expected {_NAMES[hint]}, found {raw!r}")
    return raw


def _sysctl(raw: Any, place: str) -> Any:
    if _is_unavailable(raw):
        return _unavailable(raw)
    if isinstance(raw, dict):
        return {key: _sysctl(value, f"{place}.{key}") for key, value in raw.items()}
    if isinstance(raw, list) and all(type(item) is int for item in raw):
        return tuple(raw)
    if type(raw) not in (int, str) or place == "sysctl":
        raise ValueError(f"{place}: expected a number, text or a list of numbers, found {raw!r}")
    return raw


def _record(cls: Any, raw: Any, place: str) -> Any:
    if cls is Feature and isinstance(raw, bool):
        return Feature(active=raw, requested=raw)
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
    if cls is Collection:
        return _COLLECTION
    if cls is Kernel:
        release = str(raw.get("release", "6.1"))
        numbers = [int(part) for part in release.split("-")[0].split(".") if part.isdecimal()]
        return {"release": release, "version": numbers, "hz": 250, "page_size": 4096}
    if cls is Cpu:
        count = raw.get("count", len(raw.get("each", {})))
        nodes = {"0": list(range(count))}
        return {"count": count, "physical_cores": count, "nodes": nodes, "each": {}}
    return {}


def _named(cls: Any, key: str, raw: Any, place: str) -> Any:
    """A collection's element with the fields that its key gives."""
    if not isinstance(cls, type) or not isinstance(raw, dict) or _is_unavailable(raw):
        return raw
    if cls is Nic:
        return {"name": key, "index": 2, **_NIC, **_NIC_SIZES, **raw}
    if cls is Listener:
        address, _, port = key.partition("#")[0].rpartition(":")
        address = address.removeprefix("[").removesuffix("]")
        loopback = address == "::1" or address.startswith("127.")
        number = _number(port, f"{place}.{key}", "0.0.0.0:80")
        return {"address": address, "port": number, "loopback": loopback, **raw}
    if cls is Qdisc:
        nic, _, parent = key.partition(" ")
        return {"nic": nic, "parent": parent, "handle": "8001:", **raw}
    if cls in (Configured, RuntimeOnly):
        return {"key": key, **raw}
    if cls in _NUMBERED:
        number = _number(key, f"{place}.{key}", "0")
        usual = {"core": number, "siblings": [number]} if cls is Processor else {}
        return {_NUMBERED[cls]: number, **usual, **raw}
    return raw


def _number(text: str, place: str, example: str) -> int:
    if not text.isascii() or not text.isdecimal():
        raise ValueError(f"{place}: expected a key such as {example!r}")
    return int(text)


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
