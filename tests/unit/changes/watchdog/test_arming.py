"""Which carrier is chosen, and whose is ended. Real processes are in tests/netns."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from advisor.changes.state_dir import StateDir
from advisor.changes.watchdog import alive, arm, disarm, rearm
from advisor.changes.watchdog.timer import Systemd
from advisor.errors import AdvisorError
from advisor.model.unavailable import Unavailable
from tests.unit.changes.runs import opened

RUN = "000042-20251121T104501Z"
OTHER = "000041-20251121T104501Z"
UNIT = f"advisor-watchdog-{RUN}"

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root's timers can do it")


@pytest.fixture
def state(tmp_path: Path) -> Iterator[StateDir]:
    with opened(tmp_path) as state:
        yield state


@pytest.fixture
def systemd(tmp_path: Path) -> Systemd:
    """Tools in place of systemd's, which note what they get and are content with it."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("systemd-run", "systemctl"):
        (tools / name).write_text(f'#!/bin/sh\necho {name} "$@" >>{tmp_path}/notes\n')
        (tools / name).chmod(0o755)
    return Systemd(str(tmp_path), "/proc/self/ns", (str(tools),))


def notes(tmp_path: Path) -> list[str]:
    return (tmp_path / "notes").read_text().splitlines()


@needs_root
def test_a_timer_is_armed_given_more_time_and_disarmed(
    state: StateDir, systemd: Systemd, tmp_path: Path
) -> None:
    carrier = arm(state, RUN, 60, systemd=systemd)
    assert carrier == f"systemd:{UNIT}"
    assert state.names() == [f"{RUN}.watchdog.zip"]
    carrier = rearm(state, RUN, carrier, 300, systemd=systemd)
    assert carrier == f"systemd:{UNIT}-2"
    assert state.names() == [f"{RUN}.watchdog.zip"]
    disarm(state, RUN, carrier, systemd=systemd)
    assert state.names() == []
    first, second, stopped, last = notes(tmp_path)
    assert f"--unit={UNIT} " in first
    assert "--on-active=59" in first, "what arming takes is a part of the time"
    assert f"--unit={UNIT}-2 " in second
    assert stopped.endswith(f"stop -- {UNIT}.timer {UNIT}.service"), "only after the new one runs"
    assert last.endswith(f"stop -- {UNIT}-2.timer {UNIT}-2.service")


@needs_root
def test_a_zip_that_does_not_work_is_known_before_the_timer_runs(
    state: StateDir, systemd: Systemd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("advisor.changes.watchdog.bundle._pyroute2_modules", lambda: [])
    monkeypatch.setattr("advisor.changes.watchdog.bundle._extension_directories", lambda: [])
    with pytest.raises(AdvisorError, match=r"does not work: .*pyroute2"):
        arm(state, RUN, 60, systemd=systemd)
    assert not (tmp_path / "notes").exists()
    assert state.names() == []


@needs_root
def test_when_more_time_cannot_be_given_the_watchdog_before_stays(
    state: StateDir, systemd: Systemd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    carrier = arm(state, RUN, 60, systemd=systemd)
    monkeypatch.setattr("sys.executable", None)
    with pytest.raises(AdvisorError):
        rearm(state, RUN, carrier, 60, systemd=systemd)
    assert state.names() == [f"{RUN}.watchdog.zip"]
    assert len(notes(tmp_path)) == 1


def test_the_watchdog_of_another_run_is_not_disarmed(
    state: StateDir, systemd: Systemd, tmp_path: Path
) -> None:
    disarm(state, OTHER, f"systemd:{UNIT}", systemd=systemd)
    assert not (tmp_path / "notes").exists()


@pytest.mark.parametrize("carrier", ["", "process:1:0 ", "systemd:sshd"])
def test_what_is_not_a_carrier_is_left_alone(
    state: StateDir, systemd: Systemd, tmp_path: Path, carrier: str
) -> None:
    assert isinstance(alive(carrier, systemd=systemd), Unavailable)
    disarm(state, RUN, carrier, systemd=systemd)
    assert not (tmp_path / "notes").exists()
