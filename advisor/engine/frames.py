"""What expressions see of a host."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from advisor.expression import Frame
from advisor.expression.values import Path, step
from advisor.model import Host

_SECTIONS = tuple(field.name for field in fields(Host) if field.name != "sample")
_COUNTED = frozenset({"nstat", "softnet", "irqs", "qdiscs"})
_COUNTED_FIELDS = frozenset({"stats", "driver_stats", "times", "net_rx", "net_tx", "drops"})


class View:
    """A host as expressions see it, built once and used for every rule.

    Attributes:
        host: The host.
        sampled: Whether counters are judged over a sample, not since boot.
        seconds: The window that counters are judged over.
    """

    def __init__(self, host: Host, params: dict[str, Any]) -> None:
        self.host = host
        self.sampled = host.sample is not None
        self.seconds = host.sample.seconds if host.sample else host.collection.uptime_s
        self._names = _names(host)
        self._names["params"] = (params, ("params",))
        self._names["sampled"] = (self.sampled, ())
        self._names["window_s"] = (self.seconds, ())
        before = _names(host.sample.before) if host.sample else None
        self._before = {name: pair[0] for name, pair in before.items()} if before else None

    def frame(self, **bound: tuple[Any, Path]) -> Frame:
        """A frame for one evaluation, with the names of the thing that is judged."""
        return Frame({**self._names, **bound}, self._before, self.seconds)

    def basis(self, function: str, path: Path) -> str:
        """What a number covers: "now", "since boot" or "over 10 s"."""
        if function in ("rate", "delta"):
            return f"over {self.seconds:g} s" if self.sampled else "since boot"
        return "since boot" if is_counter(path) else "now"


def is_counter(path: Path) -> bool:
    """Whether the fact at `path` only ever grows."""
    if not path or path[-1] in ("backlog_len", "backlog_packets", "backlog_bytes", "cpu"):
        return False
    return path[0] in _COUNTED or any(part in _COUNTED_FIELDS for part in path[1:])


def _names(host: Host) -> dict[str, tuple[Any, Path]]:
    return {name: (step(host, name, (name,)), (name,)) for name in _SECTIONS}
