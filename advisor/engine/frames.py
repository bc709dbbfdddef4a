"""What expressions see of a host."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from advisor.expression import Frame, Unknown, parse
from advisor.expression.values import Path, step, walk
from advisor.layout.build import layout_of
from advisor.model.host import Host
from advisor.model.layout import Layout
from advisor.model.rule import Scope
from advisor.model.system import NetNs
from advisor.model.unavailable import Unavailable

_SECTIONS = tuple(field.name for field in fields(Host) if field.name != "sample")
# Section → what counts up in it: fields, and groups of which everything does.
_COUNTERS = {
    "softnet": {"processed", "dropped", "time_squeeze", "received_rps", "flow_limit_count"},
    "irqs": {"counts", "total"},
    "cpu": {"times", "net_rx", "net_tx"},
    "nics": {
        *("stats", "driver_stats", "rx_ring_full", "packets", "bytes", "drops"),
        *("rx_frames", "tx_frames", "stall_cnt", "counted", "carrier_changes", "carrier_downs"),
        *("corrected_blocks", "uncorrectable_blocks"),
    },
    "qdiscs": {"bytes", "packets", "drops", "overlimits", "requeues"},
    "listeners": {"drops"},
    "conntrack": {"stats"},
    "neighbours": {"table_fulls", "forced_gc_runs", "unresolved_discards", "res_failed"},
}
# Of nstat everything counts up but these (RFC 1213; net/ipv4/proc.c).
_GAUGES = {"CurrEstab", "Forwarding", "DefaultTTL", "RtoAlgorithm", "RtoMin", "RtoMax", "MaxConn"}


COLLECTIONS: dict[Scope, Path] = {
    Scope.NIC: ("nics",),
    Scope.LISTENER: ("listeners",),
    Scope.QDISC: ("qdiscs",),
    Scope.CONFIGURED: ("config", "keys"),
    Scope.RUNTIME_ONLY: ("config", "runtime_only"),
}
"""Where the facts hold the things of a scope."""

NOTHING: dict[Scope, str] = {
    Scope.NIC: "there are no interfaces here",
    Scope.LISTENER: "no TCP socket listens here",
    Scope.QDISC: "there are no qdiscs here",
    Scope.CONFIGURED: "no configuration file sets a key of net.*",
    Scope.RUNTIME_ONLY: "every key whose default is known has it, or is set by a file",
}
"""What a person reads where a scope has nothing at all."""

Thing = tuple[str, tuple[Any, Path], Any]
"""A thing's name, the thing and where it stands, whether a rule is about it: true or unknown."""


class View:
    """A host as expressions see it, built once and used for every rule.

    Attributes:
        host: The host.
        sampled: Whether counters are judged over a sample, not since boot.
        seconds: The window that counters are judged over.
        since: What totals cover: "since boot", or the life of the network namespace.
    """

    def __init__(self, host: Host, params: dict[str, Any]) -> None:
        self.host = host
        self.sampled = host.sample is not None
        self.seconds = host.sample.seconds if host.sample else host.collection.uptime_s
        inside = isinstance(host.netns, NetNs) and host.netns.initial is False
        self.since = "since the namespace began" if inside else "since boot"
        self._names = _names(host)
        self._names["params"] = (params, ("params",))
        self._names["sampled"] = (self.sampled, ())
        self._names["window_s"] = (self.seconds, ())
        before = _names(host.sample.before) if host.sample else None
        self._before = {name: pair[0] for name, pair in before.items()} if before else None
        self._concerned: dict[tuple[Scope, str], list[Thing] | Unknown] = {}
        self._layouts: dict[str, Layout | Unavailable] = {}

    def frame(self, **bound: tuple[Any, Path]) -> Frame:
        """A frame for one evaluation, with the names of the thing that is judged."""
        names = self._names.copy()
        names.update(bound)
        frame = Frame(names, self._before, self.seconds)
        if "nic" in bound:
            name = bound["nic"][0].name
            frame.pending["layout"] = lambda _frame: self.layout(name)
        return frame

    def layout(self, nic: str) -> Layout | Unknown:
        """Where the work of an interface is done; derived when the first rule asks for it."""
        if nic not in self._layouts:
            self._layouts[nic] = layout_of(self.host, nic)
        found = self._layouts[nic]
        if isinstance(found, Unavailable):
            return Unknown("layout", found.reason, found.absent)
        return found

    def things(self, scope: Scope) -> dict[str, Any] | Unknown:
        """The things of a scope by name, or why they are not known."""
        path = COLLECTIONS[scope]
        section = str(path[0])
        found: dict[str, Any] | Unknown = walk({section: self._names[section][0]}, path)
        return found

    def concerned(self, scope: Scope, when: str) -> list[Thing] | Unknown:
        """The things of a scope for which a condition is true, or cannot be decided.

        Many rules ask the same of the same things, so the answer is kept.
        """
        key = (scope, when)
        if key not in self._concerned:
            self._concerned[key] = self._find(scope, when)
        return self._concerned[key]

    def _find(self, scope: Scope, when: str) -> list[Thing] | Unknown:
        things = self.things(scope)
        if isinstance(things, Unknown):
            return things
        path = COLLECTIONS[scope]
        condition = parse(when)
        found: list[Thing] = []
        for name, thing in things.items():
            bound = (thing, (*path, name))
            verdict = condition.evaluate(self.frame(**{scope.value: bound}))
            if verdict is not False:
                found.append((name, bound, verdict))
        return found

    def basis(self, function: str, path: Path) -> str:
        """What a number covers: "now", "since boot" or "over 10 s"."""
        if function in ("rate", "delta"):
            return f"over {self.seconds:g} s" if self.sampled else self._total(path)
        return self._total(path) if is_counter(path) else "now"

    def _total(self, path: Path) -> str:
        # They belong to the machine, whatever the namespace.
        machine = path and path[0] in ("cpu", "softnet", "irqs", "neighbours")
        return "since boot" if machine else self.since


def is_counter(path: Path) -> bool:
    """Whether the fact at `path` only ever grows."""
    if not path or "coalesce" in path:
        return False
    if path[0] == "nstat":
        return path[-1] not in _GAUGES
    return not _COUNTERS.get(str(path[0]), set()).isdisjoint(path[1:])


def _names(host: Host) -> dict[str, tuple[Any, Path]]:
    return {name: (step(host, name, (name,)), (name,)) for name in _SECTIONS}
