"""Plans that are applied in a namespace while something goes wrong, and what has to come of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.netns import sabotage
from tests.netns.apply_lab import (
    address,
    assert_same,
    differences,
    everything,
    read_json,
    use_state,
    values,
    write_plan,
)
from tests.netns.inside import Said, advisor, inside, watchdogs
from tests.netns.spaces import Space

WANTED = {
    "net.ipv4.tcp_rmem": (8192, 99999, 16777216),
    "net.core.somaxconn": 1001,
    "net.ipv4.ip_forward": 1,
    "nic:wide0/channels.rx": 2,
    "nic:wide0/channels.tx": 2,
    "nic:wide0/queue.rx-0.rps_cpus": (0,),
    "nic:wide0/feature.tx-tcp-segmentation": False,
    "nic:wide0/mtu": 1400,
    "nic:wide0/gro_flush_timeout": 20000,
}
FLAGS = ("--yes", "--runtime-only", "--allow", "link")


class Bench:
    """A namespace that everything is tried in, and that has to be as before at the end."""

    def __init__(
        self, folder: Path, wanted: dict[Any, Any] | None = None, *, light: bool = True
    ) -> None:
        if light:
            sabotage.light_watchdogs()
        self.state = use_state(folder)
        self.before = everything()
        self.wanted = {address(each): value for each, value in (wanted or WANTED).items()}
        self.found = values(list(self.wanted))
        self.plan = write_plan(folder / "plan.json", self.wanted)

    def apply(self, *more: str, first: Callable[[], object] = lambda: None) -> Said:
        return advisor("apply", str(self.plan), *FLAGS, *more, first=first)

    def applied(self) -> None:
        """It has been applied, and stands."""
        done = self.apply()
        assert done.code == 0, done
        assert values(list(self.wanted)) == self.wanted

    def status(self) -> str:
        """What is told about where the host stands."""
        said = advisor("status")
        assert said.code == 0, said
        return said.out

    def reads_as_before(self) -> None:
        """The settings of the plan do: what a case among many looks at."""
        assert values(list(self.wanted)) == self.found

    def is_as_before(self, *, guarded: bool = False) -> None:
        assert_same(self.before)
        assert bool(watchdogs(self.state)) is guarded

    def without(self, nic: str) -> None:
        """An interface, and its peer, are not there any more: what they were does not count."""
        names = [name for name in self.before if nic in name or name.startswith(("ip ", "tc "))]
        now = everything()
        for name in names:
            self.before.pop(name)
            if name in now:
                self.before[name] = now[name]

    def settle(self) -> None:
        """What the kernel does by itself when a link is back takes a moment."""
        deadline = time.monotonic() + 10
        while differences(self.before, everything()) and time.monotonic() < deadline:
            time.sleep(0.1)

    def states(self) -> list[str]:
        """Of all runs, the youngest first."""
        said = advisor("history", "--format", "json")
        assert said.code == 0, said
        found = read_json(said.out)
        assert found["damaged"] == []
        return [each["state"] for each in found["runs"]]


def story(lab: Space, folder: Path, act: Callable[[Bench], None], **more: Any) -> None:
    """What happens in the namespace; at its end everything is as before, and nothing waits."""

    def work() -> None:
        bench = Bench(folder, **more)
        act(bench)
        bench.is_as_before()
        assert set(bench.states()) <= {"rolled-back"}

    inside(lab, work)
