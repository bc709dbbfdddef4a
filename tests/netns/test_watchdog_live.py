"""The watchdog as processes: whatever ends or disappears, it fires, and only if it should.

They run from a copy of the package, in which undoing only leaves a note. Nothing here needs root,
apart from the test that really undoes something in a network namespace.
"""

from __future__ import annotations

import json
import os
import pty
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from advisor.changes import watchdog
from advisor.changes.journal import Journal, read_receipt
from advisor.changes.lock import acquire
from advisor.changes.processes import end, started
from advisor.changes.watchdog.carrier import ProcessCarrier
from advisor.changes.watchdog.deadline import boottime
from advisor.model.receipt import State
from tests.netns.spaces import needs_namespaces, space
from tests.netns.watchdogs import (
    LATE,
    SOON,
    armed,
    copy_package,
    guarded,
    probe,
    processes_of,
    surroundings,
    wait,
)
from tests.unit.changes.runs import begin, opened


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the package, to be removed, in which undoing leaves a note."""
    return copy_package(tmp_path)


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)


def test_it_fires_at_the_deadline_and_leaves_nothing(package: Path) -> None:
    with armed(package) as run:
        assert run.state() is State.APPLIED
        assert watchdog.alive(run.carrier) is True
        assert run.zips == [f"{run.run}.watchdog.zip"]
        assert run.fires()["pid"] == run.process.pid
        assert run.state() is State.ROLLED_BACK
        assert run.zips == []
        assert watchdog.alive(run.carrier) is False
        with opened(run.folder) as state:
            acquire(state, "test").release()


def test_arming_takes_no_noticeable_time(package: Path) -> None:
    with armed(package, 60) as run:
        assert run.took < 1.5, "0.12 s when nothing is to be compiled, on a quiet machine"


def test_it_has_nothing_of_the_process_that_armed_it(package: Path) -> None:
    with armed(package, 60, "hold") as run:
        own = Path(f"/proc/{run.process.pid}")
        files = {path.name: str(path.readlink()) for path in (own / "fd").iterdir()}
        assert files == dict.fromkeys("012", "/dev/null")
        assert (own / "cwd").readlink() == Path("/")
        assert os.getsid(run.process.pid) not in (os.getsid(0), os.getsid(run.apply))
        assert b"PYTHONPATH" not in (own / "environ").read_bytes()
        status = dict(
            line.split(":\t") for line in (own / "status").read_text().splitlines() if ":\t" in line
        )
        ignored = {
            number for number in signal.Signals if int(status["SigIgn"], 16) >> number - 1 & 1
        }
        assert {signal.SIGHUP, signal.SIGINT, signal.SIGPIPE} <= ignored
        assert signal.SIGTERM not in ignored
        assert int(status["SigBlk"], 16) == 0


def test_it_fires_when_the_process_that_armed_it_is_killed(package: Path) -> None:
    with armed(package, then="hold") as run:
        kill(run.apply)
        run.fires()


def test_it_fires_when_the_terminal_is_gone(package: Path) -> None:
    pid, terminal = pty.fork()
    if pid == 0:
        try:
            os.chdir(package)
            command = probe(package, SOON, "hold")
            os.execve(command[0], command, surroundings())
        finally:
            os._exit(1)
    try:
        text = b""
        while b"\n" not in text:
            text += os.read(terminal, 4096)
        with guarded(package.parent, text.decode(), pid) as run:
            os.close(terminal)  # hangs up: SIGHUP to the leader of the session, and its group
            status = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
            assert status is not None
            assert status.si_status == signal.SIGHUP
            run.fires()
    finally:
        end(pid, started(pid) or 0, 0)
        os.waitpid(pid, 0)


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT, signal.SIGPIPE])
def test_it_is_deaf_to_signals_of_sessions(package: Path, number: signal.Signals) -> None:
    with armed(package) as run:
        os.kill(run.process.pid, number)
        run.fires()


def test_it_fires_when_the_package_is_gone(package: Path) -> None:
    with armed(package, then="hold") as run:
        shutil.rmtree(package)
        run.fires()


def test_it_does_not_fire_when_the_run_is_confirmed(package: Path) -> None:
    with armed(package, 60) as run, opened(run.folder) as state:
        with acquire(state, "confirm") as lock, Journal(lock).reopen(run.run) as entry:
            entry.enter(State.CONFIRMED)
        watchdog.disarm(state, run.run, run.carrier)
        assert watchdog.alive(run.carrier) is False
        assert run.zips == []
        watchdog.disarm(state, run.run, run.carrier)


def test_it_looks_before_it_fires(package: Path) -> None:
    with armed(package) as run, opened(run.folder) as state:
        with acquire(state, "confirm") as lock, Journal(lock).reopen(run.run) as entry:
            entry.enter(State.CONFIRMED)
        run.stays_quiet()
        assert run.state() is State.CONFIRMED
        assert run.zips == []


@pytest.mark.parametrize(
    ("then", "by"),
    [
        ("hold", signal.SIGTERM),
        pytest.param("insist", signal.SIGKILL, marks=pytest.mark.slow),
    ],
)
def test_an_apply_that_is_stuck_is_ended(package: Path, then: str, by: int) -> None:
    with armed(package, SOON, then) as run:
        assert wait((run.folder / "fired").exists, run.deadline + LATE + 6)
        status = os.waitid(os.P_PID, run.apply, os.WEXITED | os.WNOWAIT)
        assert status is not None
        assert status.si_status == by
        assert run.state() is State.ROLLED_BACK


def test_another_command_is_waited_for(package: Path) -> None:
    with armed(package) as run, opened(run.folder) as state:
        with acquire(state, "confirm"):
            assert not wait((run.folder / "fired").exists, run.deadline + 0.8)
            assert watchdog.alive(run.carrier) is True
        assert wait((run.folder / "fired").exists, boottime() + LATE)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_its_own_death_can_be_seen(package: Path, number: signal.Signals) -> None:
    with armed(package, 60) as run:
        os.kill(run.process.pid, number)
        assert wait(lambda: watchdog.alive(run.carrier) is False, boottime() + 5)


def test_a_watchdog_that_started_at_another_time_is_another_one(package: Path) -> None:
    with armed(package, 60) as run, opened(run.folder) as state:
        other = str(ProcessCarrier(run.process.pid, run.process.start + 1))
        assert watchdog.alive(other) is False
        watchdog.disarm(state, run.run, other)
        watchdog.disarm(state, "000099-20251121T104501Z", run.carrier)
        assert watchdog.alive(run.carrier) is True


def test_another_process_of_its_number_is_not_taken_for_it(tmp_path: Path) -> None:
    start = started(os.getpid())
    assert start is not None
    carrier = str(ProcessCarrier(os.getpid(), start))
    assert watchdog.alive(carrier) is False, "not a watchdog"
    with opened(tmp_path) as state:
        watchdog.disarm(state, "000001-20251121T104501Z", carrier)


def test_without_its_state_directory_it_ends_quietly(package: Path) -> None:
    with armed(package) as run:
        shutil.rmtree(run.folder / "state")
        run.stays_quiet()
        assert not (run.folder / "state").exists()


def test_more_time_is_a_new_watchdog_instead_of_the_old_one(package: Path) -> None:
    with armed(package, 1.5) as run, opened(run.folder) as state:
        with acquire(state, "confirm"):
            former = run.carrier
            run.deadline = boottime() + 3600
            run.carrier = watchdog.rearm(state, run.run, former, 3600)
        try:
            assert watchdog.alive(former) is False
            assert watchdog.alive(run.carrier) is True
            assert run.zips == [f"{run.run}.watchdog.zip"]
        finally:
            watchdog.disarm(state, run.run, run.carrier)
        assert watchdog.alive(run.carrier) is False


@pytest.mark.parametrize("seconds", [0.0, -1.0, float("nan"), float("inf")])
def test_a_time_that_is_none_is_refused(tmp_path: Path, seconds: float) -> None:
    with opened(tmp_path) as state, pytest.raises(ValueError, match="not a time"):
        watchdog.arm(state, "000001-20251121T104501Z", seconds)


def test_what_is_not_a_run_is_refused(tmp_path: Path) -> None:
    with opened(tmp_path) as state, pytest.raises(ValueError, match="not a run"):
        watchdog.arm(state, "../x", 60)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import nonsense", "No module named 'nonsense'"),
        ("import yaml.nothing", "No module named 'yaml"),
        ("import os; os._exit(1)", "it said nothing"),
        ("import os; os.kill(os.getpid(), 9)", "it said nothing"),
    ],
)
def test_one_that_cannot_start_is_not_armed(package: Path, code: str, said: str) -> None:
    (package / "advisor/changes/rollback.py").write_text(code)
    done = subprocess.run(
        probe(package, 60, "exit"),
        capture_output=True,
        text=True,
        cwd=package,
        env=surroundings(),
        timeout=30,
    )
    assert said in json.loads(done.stdout)["problem"]
    assert [path.name for path in (package.parent / "state").glob("*.watchdog.*")] == []
    assert not processes_of(package.parent)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's timers can do it")
def test_the_command_of_the_timer_does_it(package: Path) -> None:
    """With a program in place of systemd-run that waits, and runs what systemd would run."""
    tools = package.parent / "tools"
    tools.mkdir()
    (tools / "systemd-run").write_text(
        '#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done; shift\n'
        '(sleep 0.7; exec "$@") </dev/null >/dev/null 2>&1 &\n'
    )
    (tools / "systemd-run").chmod(0o755)
    with armed(package, SOON, "exit", str(tools)) as run:
        assert run.carrier == f"systemd:advisor-watchdog-{run.run}"
        shutil.rmtree(package)
        assert wait((run.folder / "fired").exists, run.deadline + LATE + 1)
        assert wait(lambda: run.zips == [], boottime() + 1)
        assert run.state() is State.ROLLED_BACK


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's timers can do it")
def test_a_process_does_it_where_systemd_does_not(package: Path) -> None:
    tools = package.parent / "tools"
    tools.mkdir()
    (tools / "systemd-run").write_text("#!/bin/sh\nexit 1\n")
    (tools / "systemd-run").chmod(0o755)
    with armed(package, SOON, "exit", str(tools)) as run:
        run.fires()


def test_a_watchdog_that_was_left_over_is_cleared_away_by_the_next(
    package: Path, tmp_path: Path
) -> None:
    with armed(package, 60) as first:
        end(first.process.pid, first.process.start, 1)
        assert first.zips == [f"{first.run}.watchdog.zip"]
        with opened(tmp_path) as state, acquire(state, "test") as lock:
            with Journal(lock).reopen(first.run) as entry:
                entry.enter(State.CONFIRMED)
            with begin(Journal(lock)) as entry:
                run = entry.receipt.id
            carrier = watchdog.arm(state, run, 60)
            try:
                assert first.zips == [f"{run}.watchdog.zip"]
            finally:
                watchdog.disarm(state, run, carrier)


@needs_namespaces
def test_it_takes_back_what_was_changed_in_its_network_namespace(tmp_path: Path) -> None:
    script = f"""
import sys
from advisor.changes import watchdog
from advisor.changes.journal import Journal
from advisor.changes.lock import acquire
from advisor.changes.origin import this_origin
from advisor.changes.state_dir import create_state_dir
from advisor.model.address import SysctlAddress
from advisor.model.receipt import Operation, State, Verdict
from advisor.settings.live import Live

address = SysctlAddress(("net", "core", "somaxconn"))
where = {{"ADVISOR_STATE_DIR": {str(tmp_path / "state")!r}}}
with create_state_dir(where) as state, Live() as live:
    with acquire(state, "apply") as lock:
        before = live.read(address)
        operations = (Operation(address, before, 1234, ("LSN008",)),)
        with Journal(lock).begin(this_origin(), "server", "0" * 64, operations) as entry:
            carrier = watchdog.arm(state, entry.receipt.id, 1.0)
            entry.enter(State.ARMED, watchdog=carrier)
            live.write(address, 1234)
            entry.did(0, Verdict.DONE, 1234)
            entry.enter(State.APPLIED)
print(before, live.read(address), carrier, entry.receipt.id, flush=True)
sys.stdin.read()
"""
    with space() as here, here.running(script) as process:
        # The line that `running` has read was the only one: what it said is in the journal.
        del process
        somaxconn = "cat /proc/sys/net/core/somaxconn"
        assert here.run("sh", "-c", somaxconn).strip() == "1234"
        deadline = boottime() + 1 + LATE
        assert wait(lambda: here.run("sh", "-c", somaxconn).strip() != "1234", deadline)
        with opened(tmp_path) as state:
            [journal] = [name for name in state.names() if name.endswith(".journal")]
            run = journal.removesuffix(".journal")
            receipt = read_receipt(state, run)
            assert receipt is not None
            assert wait(lambda: f"{run}.watchdog.zip" not in state.names(), deadline)
            receipt = read_receipt(state, run)
            assert receipt is not None
            assert receipt.state is State.ROLLED_BACK
            assert "watchdog" in (receipt.events[-2].note or "")
            restored = receipt.transaction.operations[0].before
        assert here.run("sh", "-c", somaxconn).strip() == str(restored)
