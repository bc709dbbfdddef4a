"""The timer carrier, with programs in place of systemd-run and systemctl that note what they get.

Whether systemd does what it is told so can only be seen where it is PID 1.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from advisor.changes.state_dir import VARIABLE, StateDir, create_state_dir
from advisor.changes.watchdog import timer
from advisor.changes.watchdog.carrier import TimerCarrier
from advisor.changes.watchdog.timer import Systemd, can_carry
from advisor.model.unavailable import Unavailable
from tests.unit.changes.runs import opened

RUN = "000042-20251121T104501Z"
UNIT = f"advisor-watchdog-{RUN}"


@pytest.fixture
def state(tmp_path: Path) -> Iterator[StateDir]:
    with opened(tmp_path) as state:
        yield state


@pytest.fixture
def systemd(tmp_path: Path) -> Systemd:
    """Systemd as far as files go: booted, with the namespaces of this process."""
    (tmp_path / "tools").mkdir()
    (tmp_path / "booted").mkdir()
    return Systemd(str(tmp_path / "booted"), "/proc/self/ns", (str(tmp_path / "tools"),))


def tool(systemd: Systemd, name: str, *, code: int = 0, says: str = "") -> Path:
    """A program that notes its arguments and environment in the file that is returned."""
    path = Path(systemd.tools[0], name)
    notes = path.with_suffix(".notes")
    path.write_text(
        f"#!/bin/sh\nfor each; do printf '%s\\n' \"$each\" >>{notes}; done\n"
        f"env >{notes}.env\nprintf '{says}'\nexit {code}\n"
    )
    path.chmod(0o755)
    return notes


def test_the_timer_is_told_everything_without_anything_to_expand(
    state: StateDir, systemd: Systemd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", "hunter2")
    notes = tool(systemd, "systemd-run")
    carrier = timer.start(state, RUN, 1, 90.5, systemd)
    assert str(carrier) == f"systemd:{UNIT}"
    assert notes.read_text().splitlines() == [
        "--quiet",
        "--collect",
        "--no-ask-password",
        f"--unit={UNIT}",
        f"--description=advisor: takes back run {RUN} unless it is confirmed",
        "--on-active=90500ms",
        "--timer-property=AccuracySec=100ms",
        "--",
        os.path.realpath(sys.executable),
        "-I",
        "-S",
        f"{state.path}/{RUN}.watchdog.zip",
        "now",
        state.path,
        RUN,
    ]
    assert "hunter2" not in Path(f"{notes}.env").read_text()


def test_a_later_timer_of_a_run_has_another_name(state: StateDir, systemd: Systemd) -> None:
    notes = tool(systemd, "systemd-run")
    assert str(timer.start(state, RUN, 3, 0.0001, systemd)) == f"systemd:{UNIT}-3"
    lines = notes.read_text().splitlines()
    assert f"--unit={UNIT}-3" in lines
    assert "--on-active=1ms" in lines


def test_without_systemd_run_or_when_it_fails_there_is_no_timer(
    state: StateDir, systemd: Systemd
) -> None:
    assert timer.start(state, RUN, 1, 60, systemd) is None
    tool(systemd, "systemd-run", code=1)
    assert timer.start(state, RUN, 1, 60, systemd) is None


def test_one_that_takes_too_long_may_have_come_so_far_and_is_stopped(
    state: StateDir, systemd: Systemd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timer, "_TIMEOUT_S", 0.2)
    slow = Path(systemd.tools[0], "systemd-run")
    slow.write_text("#!/bin/sh\nexec sleep 30\n")
    slow.chmod(0o755)
    notes = tool(systemd, "systemctl")
    assert timer.start(state, RUN, 1, 60, systemd) is None
    assert f"{UNIT}.timer" in notes.read_text().splitlines()


@pytest.mark.parametrize("name", ["with space", "do$lar", "per%cent", "quo'te", "ünicode"])
def test_paths_that_systemd_might_read_differently_are_not_given_to_it(
    tmp_path: Path, systemd: Systemd, name: str
) -> None:
    notes = tool(systemd, "systemd-run")
    with create_state_dir({VARIABLE: str(tmp_path / name)}) as state:
        assert timer.start(state, RUN, 1, 60, systemd) is None
    assert not notes.exists()


@pytest.mark.parametrize(
    ("says", "code", "alive"),
    [
        ("active\\ninactive\\n", 0, True),
        ("inactive\\nactive\\n", 0, True),
        ("inactive\\nactivating\\n", 3, True),
        ("inactive\\ninactive\\n", 3, False),
        ("inactive\\nfailed\\n", 3, False),
        ("unknown\\nunknown\\n", 4, False),
        ("", 1, None),
        ("active\\n", 0, None),
        ("Failed to connect to bus\\n", 1, None),
    ],
)
def test_whether_it_is_alive_is_what_systemctl_says(
    systemd: Systemd, says: str, code: int, alive: bool | None
) -> None:
    notes = tool(systemd, "systemctl", says=says, code=code)
    told = timer.alive(TimerCarrier(RUN), systemd)
    assert (None if isinstance(told, Unavailable) else told) is alive
    assert notes.read_text().splitlines() == [
        *("is-active", "--", f"{UNIT}.timer", f"{UNIT}.service")
    ]


def test_without_systemctl_nothing_can_be_told_or_stopped(systemd: Systemd) -> None:
    assert isinstance(timer.alive(TimerCarrier(RUN), systemd), Unavailable)
    timer.stop(TimerCarrier(RUN), systemd)


def test_the_timer_is_stopped_and_what_it_has_started(systemd: Systemd) -> None:
    notes = tool(systemd, "systemctl", code=5)
    timer.stop(TimerCarrier(RUN, 2), systemd)
    assert notes.read_text().splitlines() == [
        *("--quiet", "--no-ask-password", "stop", "--"),
        *(f"{UNIT}-2.timer", f"{UNIT}-2.service"),
    ]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's timers can do it")
def test_systemd_carries_it_only_where_it_sees_the_same(systemd: Systemd, tmp_path: Path) -> None:
    assert can_carry(systemd)
    assert not can_carry(Systemd(str(tmp_path / "nothing"), systemd.init, systemd.tools))
    others = tmp_path / "ns"
    others.mkdir()
    assert not can_carry(Systemd(systemd.booted, str(others), systemd.tools)), "cannot be told"
    for other, same in (("net", "mnt"), ("mnt", "net")):
        for path in others.iterdir():
            path.unlink()
        (others / other).write_text("")
        (others / same).symlink_to(Path("/proc/self/ns", same))
        assert not can_carry(Systemd(systemd.booted, str(others), systemd.tools)), other


def test_a_caller_without_privileges_has_no_timer(
    systemd: Systemd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert not can_carry(systemd)
