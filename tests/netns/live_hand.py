"""A process in a namespace that reads and writes settings there, as a test tells it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from advisor.facts.snapshot import plain
from advisor.model.address import Address
from advisor.model.unavailable import Unavailable
from advisor.settings.live import same
from tests.netns.live_probe import decoded, encoded, value_of
from tests.netns.spaces import ROOT, Space


class Refused(Exception):
    """What the other side raised.

    Attributes:
        answer: Its message, hint, and of a failed write errno, text and the value now.
    """

    def __init__(self, answer: Mapping[str, Any]) -> None:
        super().__init__(answer["error"])
        self.answer = answer


@dataclass(frozen=True)
class Hand:
    """The other side, as if it were `advisor.settings.live.Live` here."""

    process: subprocess.Popen[str]

    def read(self, address: Address) -> Any:
        return self._do("read", address)

    def check(self, address: Address, value: Any, current: Any) -> None:
        self._do("check", address, value=value, current=current)

    def write(self, address: Address, value: Any) -> None:
        self._do("write", address, value=value)

    def dependents(self, address: Address) -> list[Address]:
        return [decoded(each) for each in self._do("dependents", address)]

    def check_together(self, values: Mapping[Address, Any]) -> None:
        self._together("check_together", values)

    def write_together(self, values: Mapping[Address, Any]) -> None:
        self._together("write_together", values)

    def capture(self, addresses: Sequence[Address]) -> dict[Address, Any]:
        """What can be read of them."""
        found = {address: self.read(address) for address in addresses}
        return {
            address: value for address, value in found.items() if not isinstance(value, Unavailable)
        }

    def put_back(self, before: Mapping[Address, Any]) -> list[Address]:
        """Writes what differs; returns that."""
        moved = [
            address
            for address, value in before.items()
            if not same(address, value, self.read(address), exact=True)
        ]
        for address in moved:
            self.write(address, before[address])
        return moved

    def _do(self, what: str, address: Address, **more: Any) -> Any:
        return self._order({"do": what, "address": encoded(address), **more})

    def _together(self, what: str, values: Mapping[Address, Any]) -> None:
        self._order({"do": what, "values": [[encoded(each), values[each]] for each in values]})

    def _order(self, order: Mapping[str, Any]) -> Any:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(json.dumps(order), file=self.process.stdin, flush=True)
        answer = json.loads(self.process.stdout.readline())
        if "error" in answer:
            raise Refused(answer)
        if "unavailable" in answer:
            return Unavailable(answer["unavailable"])
        return value_of(answer["value"])


@contextmanager
def hand(made: Space, *options: str, own_sysfs: bool = True) -> Iterator[Hand]:
    """A hand in a namespace; without a /sys of its own it sees that of this machine."""
    enter = ["ip", "netns", "exec", made.name]
    if not own_sysfs:
        enter = ["nsenter", f"--net=/run/netns/{made.name}"]
    command = [*enter, sys.executable, "-m", "tests.netns.live_probe", *options]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline(), "the other side did not start"
        yield Hand(process)
    finally:
        process.kill()
        process.communicate()


# What a snapshot holds beside settings: counters, and what the kernel says about its work.
_MOVING = ("stats", "driver_stats", "counted", "carrier_changes", "carrier_downs", "napis")
_COUNTED_PER_QUEUE = ("packets", "bytes", "drops", "napi", "bql")
_OF_QDISC = ("nic", "kind", "handle", "parent")


def settings_of(made: Space) -> dict[str, Any]:
    """All settings of the namespace, as a snapshot has them."""
    host = plain(made.read())
    for nic in host["nics"].values():
        for name in _MOVING:
            nic.pop(name, None)
        for queues in ("rx_queues", "tx_queues"):
            for queue in nic[queues].values():
                for name in _COUNTED_PER_QUEUE:
                    queue.pop(name, None)
    qdiscs = {
        name: {field: qdisc[field] for field in _OF_QDISC} for name, qdisc in host["qdiscs"].items()
    }
    return {"sysctl": host["sysctl"], "nics": host["nics"], "qdiscs": qdiscs}
