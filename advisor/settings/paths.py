"""Where a setting's value stands among the facts, and a host with another value there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from advisor.expression.values import Path, walk
from advisor.model.address import Address, IrqAddress, NicAddress, SysctlAddress
from advisor.model.host import Host

_PLAIN = ("mtu", "txqueuelen", "qdisc", "napi_defer_hard_irqs", "gro_flush_timeout", "threaded")
# As ethtool names them, with dashes where the facts have underscores.
_GROUPS = {
    "channels": ("rx", "tx", "other", "combined"),
    "ring": (
        *("rx", "tx", "rx-jumbo", "rx-buf-len", "cqe-size", "tcp-data-split"),
        *("tx-push", "rx-push", "tx-push-buf-len"),
    ),
    "pause": ("autoneg", "rx", "tx"),
    "rss": ("indirection",),
    "coalesce": (
        *("rx-usecs", "rx-frames", "rx-usecs-irq", "rx-frames-irq"),
        *("tx-usecs", "tx-frames", "tx-usecs-irq", "tx-frames-irq"),
        *("rx-usecs-low", "rx-frames-low", "tx-usecs-low", "tx-frames-low", "pkt-rate-low"),
        *("rx-usecs-high", "rx-frames-high", "tx-usecs-high", "tx-frames-high", "pkt-rate-high"),
        *("stats-block-usecs", "adaptive-rx", "adaptive-tx", "cqe-mode-rx", "cqe-mode-tx"),
        *("tx-aggr-max-bytes", "tx-aggr-max-frames", "tx-aggr-time-usecs"),
    ),
}
_QUEUES = {"rx": ("rps_cpus", "rps_flow_cnt"), "tx": ("xps_cpus", "xps_rxqs")}


def fact_path(address: Address) -> Path:
    """The path of the fact that holds the setting's value.

    Raises:
        ValueError: There is no such property.
    """
    if isinstance(address, SysctlAddress):
        index = () if address.index is None else (address.index,)
        return ("sysctl", *address.key, *index)
    if isinstance(address, IrqAddress):
        return ("irqs", str(address.irq), "affinity")
    return ("nics", address.nic, *_nic_path(address))


def read(host: Host, address: Address) -> Any:
    """The setting's value, or Unknown (`absent` when this host does not have the setting)."""
    path = fact_path(address)
    names = {str(path[0]): getattr(host, str(path[0]))}
    return walk(names, path)


def replaced(host: Host, address: Address, value: Any) -> Host:
    """The host as it would be with another value: a simulation, nothing is written."""
    return with_fact(host, fact_path(address), value)


def with_fact(host: Host, path: Path, value: Any) -> Host:
    """The host with another value at `path`, which has to lead to a fact that is there."""
    return cast(Host, _replaced(host, path, value))


def _replaced(thing: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    key, rest = path[0], path[1:]
    if isinstance(thing, dict):
        return {**thing, key: _replaced(thing[key], rest, value)}
    if isinstance(thing, tuple):
        index = int(key)
        return (*thing[:index], _replaced(thing[index], rest, value), *thing[index + 1 :])
    changed: Any = {str(key): _replaced(getattr(thing, str(key)), rest, value)}
    return replace(thing, **changed)


def _nic_path(address: NicAddress) -> Path:
    kind, *rest = address.attribute
    if kind in _PLAIN and not rest:
        return (kind,)
    name = ".".join(rest)
    if name in _GROUPS.get(kind, ()):
        return (kind, name.replace("-", "_"))
    if kind == "rss" and rest[:1] == ["hash"] and len(rest) == 2:
        return ("rss", "hash_fields", rest[1])
    if kind == "feature" and rest:
        return ("features", name, "active")
    if kind == "private" and rest:
        return ("private_flags", name)
    if kind == "queue" and len(rest) == 2:
        direction, _, number = rest[0].partition("-")
        if rest[1] in _QUEUES.get(direction, ()) and number.isascii() and number.isdecimal():
            return (f"{direction}_queues", number, rest[1])
    raise ValueError(_no_property(".".join(address.attribute)))


def _no_property(name: str) -> str:
    from difflib import get_close_matches

    groups = [f"{group}.{field}" for group, names in _GROUPS.items() for field in names]
    queues = [f"queue.{way}-0.{field}" for way, names in _QUEUES.items() for field in names]
    close = get_close_matches(name, (*_PLAIN, *groups, *queues), 1)
    hint = f"; did you mean {close[0]}?" if close else ""
    return f"interfaces have no setting {name!r}{hint}"
