"""SIGKILL at every step of an apply, and at every step of the recovery after that.

Whatever the step, the next `recover` leaves the host exactly as before, or exactly as planned if
the run was confirmed by then; and the journal is whole.

Every case is a process that runs the real transaction in a real namespace. Only the watchdog's
process is a light one that waits forever: a case fires it by itself where it would have to.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from advisor.changes import watchdog
from advisor.changes.journal import Damaged, history
from advisor.changes.preflight import prepare
from advisor.changes.recover import recover
from advisor.changes.rollback import RolledBack, roll_back
from advisor.changes.session import session
from advisor.changes.state_dir import find_state_dir
from advisor.changes.transaction import Wishes, carry_through
from advisor.changes.watchdog import body
from advisor.model.plan import Change
from advisor.model.receipt import Receipt, State, Verdict
from advisor.settings.live import STATE, Live
from tests.netns.apply_lab import (
    address,
    assert_same,
    everything,
    lab_space,
    nic,
    use_state,
)
from tests.netns.inside import in_child, inside, watchdogs
from tests.netns.sabotage import light_watchdogs
from tests.netns.spaces import Space, needs_namespaces
from tests.netns.steps import Steps
from tests.unit.changes.runs import DIGEST

pytestmark = needs_namespaces

WANTED = {
    "net.ipv4.tcp_rmem": (8192, 99999, 16777216),
    "net.core.somaxconn": 1001,
    "net.ipv4.ip_forward": 1,
    "net.ipv4.conf.wide0.rp_filter": 2,
    "nic:wide0/channels.rx": 2,
    "nic:wide0/channels.tx": 2,
    "nic:wide0/queue.rx-0.rps_cpus": (0,),
    "nic:wide0/feature.tx-tcp-segmentation": False,
    "nic:wide0/mtu": 1400,
    "nic:wide0/txqueuelen": 500,
    "nic:wide0/gro_flush_timeout": 20000,
    "nic:wide0/napi_defer_hard_irqs": 2,
}
# What is lost with the channels, and has to come back with them.
PREPARED = {
    nic("wide0", "queue", "rx-3", "rps_cpus"): (0,),
    nic("wide0", "queue", "rx-2", "rps_flow_cnt"): 64,
}
ALL = os.environ.get("ADVISOR_ALL_FAULTS")


@pytest.fixture(scope="module")
def lab() -> Iterator[Space]:
    with lab_space() as made:
        yield made


def test_killed_at_any_step_it_is_as_before_or_as_planned(lab: Space, tmp_path: Path) -> None:
    tally = inside(lab, lambda: Matrix(use_state(tmp_path)).single())
    assert tally.violations == []
    assert tally.cases == tally.steps + 1
    assert {"as before", "as planned"} <= set(tally.ends), tally
    print(tally.text(), file=sys.stderr)


@pytest.mark.slow
def test_killed_at_any_step_and_again_while_recovering_it_is_as_before_or_as_planned(
    lab: Space, tmp_path: Path
) -> None:
    """A hundred pairs of steps; when ADVISOR_ALL_FAULTS is set, all of them."""
    stride = 1 if ALL else 37
    limit = 3600 if ALL else 120
    tally = inside(lab, lambda: Matrix(use_state(tmp_path)).double(stride), limit)
    assert tally.violations == []
    assert tally.cases > tally.steps
    print(tally.text(), file=sys.stderr)


def test_a_rollback_that_is_killed_at_any_step_is_finished_by_the_next_command(
    lab: Space, tmp_path: Path
) -> None:
    tally = inside(lab, lambda: Matrix(use_state(tmp_path)).rollback())
    assert tally.violations == []
    assert tally.cases > 30
    assert {"as before", "as planned"} == set(tally.ends), tally
    print(tally.text(), file=sys.stderr)


@dataclass
class Tally:
    """What came of all cases.

    Attributes:
        steps: How many steps an apply has that nothing interrupts.
        cases: How many cases there were.
        ends: How often they ended in which way.
        quiet: Cases after which a watchdog waited for its time, and had nothing to do then.
        violations: Cases after which the host or the journal was not as it has to be.
    """

    steps: int = 0
    cases: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    quiet: int = 0
    violations: list[str] = field(default_factory=list)

    def text(self) -> str:
        ends = ", ".join(f"{count} {end}" for end, count in sorted(self.ends.items()))
        return f"{self.cases} cases ({ends}; {self.quiet} left a watchdog), no violations"


class Matrix:
    """The cases, in the namespace that this process is in."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self._tally = Tally()
        light_watchdogs()
        with Live() as live:
            for setting, value in PREPARED.items():
                live.write(setting, value)
        self._seen = everything()
        self._before = look()
        self._changes = changes_now()
        self._case(apply_plan, None)
        self._planned = look()
        assert self._planned != self._before
        self._end_run()
        self._tally.steps = self._steps_of(apply_plan)
        self._end_run()

    def single(self) -> Tally:
        """A kill at each step of an apply."""
        for step in range(self._tally.steps + 1):
            self._case(apply_plan, step)
            self._judge(f"apply killed at {step}")
        assert_same(self._seen)
        return self._tally

    def double(self, stride: int) -> Tally:
        """And another one at each step of the recovery, or at some: other ones for each step."""
        for step in range(self._tally.steps + 1):
            second = step % stride
            going = True
            while going:
                self._case(apply_plan, step)
                going = self._case(recover_run, second)
                self._judge(f"apply killed at {step}, recovery at {second}")
                second += stride
        assert_same(self._seen)
        return self._tally

    def rollback(self) -> Tally:
        """A kill at each step of the rollback of a run that was confirmed."""
        step, going = 0, True
        while going:
            self._case(apply_plan, None)
            going = self._case(lambda _: undo_run(), step)
            self._judge(f"rollback killed at {step}")
            step += 1
        assert_same(self._seen)
        return self._tally

    def _case(self, action: Callable[[Sequence[Change]], object], step: int | None) -> bool:
        """Whether the action was killed."""

        def act() -> None:
            Steps(step).install()
            action(self._changes)

        code = in_child(act)
        if code not in (0, -9):
            self._tally.violations.append(f"{action.__name__} to {step} ended with {code}")
        return code == -9

    def _steps_of(self, action: Callable[[Sequence[Change]], object]) -> int:
        reader, writer = os.pipe()
        write = os.write

        def act() -> None:
            steps = Steps()
            steps.install()
            action(self._changes)
            write(writer, str(steps.count).encode())

        assert in_child(act) == 0
        os.close(writer)
        with os.fdopen(reader) as told:
            return int(told.read())

    def _judge(self, name: str) -> None:
        """Recovers, and notes what is not as it has to be."""
        self._tally.cases += 1
        assert in_child(lambda: recover_run(())) == 0, name
        run = self._run(name)
        if run is not None and run.state is State.APPLIED:
            # It waits for its watchdog, which is there: nobody can know that it need not.
            if not watchdogs(self._state):
                self._tally.violations.append(f"{name}: it waits, and has no watchdog")
            assert in_child(lambda: body.main(["now", str(self._state), run.id])) == 0
            run = self._run(name)
            end = "taken back by the watchdog"
        else:
            end = "as before"
        if run is not None and run.state is State.CONFIRMED:
            end = "as planned"
        elif run is not None and run.state is not State.ROLLED_BACK:
            self._tally.violations.append(f"{name}: it is {run.state.value}")
        self._tally.ends[end] += 1
        expected = self._planned if end == "as planned" else self._before
        found = look()
        if found != expected:
            wrong = {each: found[each] for each in found if found[each] != expected.get(each)}
            self._tally.violations.append(f"{name}: {end}, but {wrong}")
            pytest.fail("\n".join(self._tally.violations))  # what follows would start elsewhere
        self._no_use_for_watchdogs(name, run)
        if end == "as planned":
            assert in_child(undo_run) == 0
            assert look() == self._before, name
        self._forget()

    def _no_use_for_watchdogs(self, name: str, run: Receipt | None) -> None:
        """One that is left was not recorded yet, or not disarmed yet: it finds nothing to do."""
        if run is not None and watchdogs(self._state):
            self._tally.quiet += 1
            before = look()
            assert in_child(lambda: body.main(["now", str(self._state), run.id])) == 0
            if look() != before or self._run(name) != run:
                self._tally.violations.append(f"{name}: a watchdog did something afterwards")

    def _run(self, name: str) -> Receipt | None:
        found = find_state_dir()
        if found is None:
            return None
        with found as state:
            runs = list(history(state))
        for each in runs:
            if isinstance(each, Damaged):
                self._tally.violations.append(f"{name}: {each.problem}")
        receipts = [each for each in runs if isinstance(each, Receipt)]
        assert len(receipts) <= 1, name
        return receipts[0] if receipts else None

    def _end_run(self) -> None:
        """Undoes the run, and forgets it."""
        assert in_child(undo_run) == 0
        self._forget()

    def _forget(self) -> None:
        """Of a run that is decided, a watchdog would find nothing to do."""
        for pid in watchdogs(self._state):
            os.kill(pid, 9)
        shutil.rmtree(self._state, ignore_errors=True)


def apply_plan(changes: Sequence[Change]) -> None:
    with session("apply") as here:
        prepared = prepare(changes, here.live, here.journal.receipts, here.here)
        wishes = Wishes("server", DIGEST, runtime_only=True)
        carry_through(here, prepared, wishes, lambda _: None)


def recover_run(_: Sequence[Change]) -> None:
    with session("recover") as here:
        done = recover(here, watchdog.alive)
        assert done is None or done.undone is None or done.undone.complete, left(done.undone)


def undo_run() -> None:
    with session("rollback") as here:
        for receipt in here.journal.receipts:
            if receipt.state is not State.ROLLED_BACK:
                done = roll_back(here.journal, here.live, receipt.id, here.here, note="test")
                assert done.complete, left(done)


def left(undone: RolledBack) -> list[object]:
    """What could not be put back."""
    return [each for each in undone.outcomes if each[1].verdict is not Verdict.DONE]


def changes_now() -> list[Change]:
    """The plan, from what there is now."""
    with Live() as live:
        return [
            Change(address(each), live.read(address(each)), value, (), "low", "none", (), ())
            for each, value in WANTED.items()
        ]


def look() -> dict[str, object]:
    """What the plan may move, and what could be lost with it."""
    found: dict[str, object] = {}
    for folder in ("/proc/sys/net/core", "/proc/sys/net/ipv4", "/sys/class/net/wide0/queues"):
        for directory, folders, names in os.walk(folder):
            folders[:] = [each for each in folders if each != "byte_queue_limits"]
            for name in names:
                if name not in ("tx_timeout", "traffic_class"):
                    found[f"{directory}/{name}"] = read(f"{directory}/{name}")
    with Live() as live:
        for setting in map(address, WANTED):
            found[str(setting)] = live.read(setting)
            for other in live.dependents(setting):
                if str(other) not in found:
                    found[str(other)] = live.read(other)
        for name in STATE:
            found[name] = live.read(nic("wide0", name))
    return {name: value for name, value in found.items() if not hasattr(value, "reason")}


def read(path: str) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return b""
    try:
        return os.read(descriptor, 65536)
    except OSError:
        return b""
    finally:
        os.close(descriptor)
