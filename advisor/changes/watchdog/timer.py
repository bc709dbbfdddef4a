"""A watchdog that systemd starts at the deadline, by a transient timer.

systemd-run talks to the manager over its private socket, so this needs no D-Bus daemon; `--wait`
and `--pipe` would (systemd 252). The timer survives daemon-reload and daemon-reexec, and is gone
at the next boot. Its options are known from systemd 236 on.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from advisor.changes.state_dir import StateDir
from advisor.changes.watchdog.carrier import TimerCarrier
from advisor.changes.watchdog.launch import ENVIRONMENT, command
from advisor.model.unavailable import Unavailable

_TIMEOUT_S = 5.0
_SHARED = ("net", "mnt")
# Of arguments systemd expands $ and %, so only those go there that leave no doubt.
_PLAIN = re.compile(r"[A-Za-z0-9/._+=:,@-]+", re.ASCII)
_ACTIVE = frozenset({"active", "activating", "reloading", "deactivating"})
_NOT_ACTIVE = frozenset({"inactive", "failed", "unknown"})


@dataclass(frozen=True, slots=True)
class Systemd:
    """Where systemd is; another place is for tests.

    Attributes:
        booted: There if systemd is PID 1 (sd_booted(3)).
        init: The namespaces of PID 1.
        tools: Where systemd-run and systemctl are.
    """

    booted: str = "/run/systemd/system"
    init: str = "/proc/1/ns"
    tools: tuple[str, ...] = ("/usr/bin", "/bin")

    def tool(self, name: str) -> str | None:
        """The path of a tool, None if there is none."""
        paths = [f"{folder}/{name}" for folder in self.tools]
        return next((path for path in paths if os.access(path, os.X_OK)), None)


SYSTEMD = Systemd()


def can_carry(systemd: Systemd) -> bool:
    """Whether what systemd starts sees the same interfaces and files as the calling thread."""
    if os.geteuid() != 0 or not Path(systemd.booted).is_dir():
        return False
    try:
        return all(
            Path(f"/proc/thread-self/ns/{kind}").samefile(f"{systemd.init}/{kind}")
            for kind in _SHARED
        )
    except OSError:
        return False


def start(
    state: StateDir, run: str, turn: int, seconds: float, systemd: Systemd
) -> TimerCarrier | None:
    """Start the timer, None if systemd does not; then nothing of it is left.

    Args:
        state: The state directory, with the run's zip.
        run: Id of the run.
        turn: See `TimerCarrier`.
        seconds: Until it takes the run back.
        systemd: Where systemd is.
    """
    tool = systemd.tool("systemd-run")
    body = command(state, run, "now")
    if tool is None or not all(map(_PLAIN.fullmatch, body)):
        return None
    carrier = TimerCarrier(run, turn)
    arguments = [
        tool,
        "--quiet",
        "--collect",
        "--no-ask-password",
        f"--unit={carrier.unit}",
        f"--description=advisor: takes back run {run} unless it is confirmed",
        f"--on-active={max(round(seconds * 1000), 1)}ms",
        "--timer-property=AccuracySec=100ms",
        "--",
        *body,
    ]
    code, _ = _run(arguments)
    if code == 0:
        return carrier
    if code is None:  # it may have come that far
        stop(carrier, systemd)
    return None


def alive(carrier: TimerCarrier, systemd: Systemd) -> bool | Unavailable:
    """Whether the timer waits, or what it starts runs."""
    tool = systemd.tool("systemctl")
    if tool is None:
        return Unavailable("there is no systemctl")
    _, output = _run([tool, "is-active", "--", *_units(carrier)])
    states = output.split()
    if len(states) != len(_units(carrier)) or not set(states) <= _ACTIVE | _NOT_ACTIVE:
        return Unavailable("systemctl does not tell")
    return not _ACTIVE.isdisjoint(states)


def stop(carrier: TimerCarrier, systemd: Systemd) -> None:
    """Stop the timer, and what it has started, if that is not the caller."""
    tool = systemd.tool("systemctl")
    if tool is None:
        return
    timer, service = _units(carrier)
    groups = Path("/proc/self/cgroup").read_text().splitlines()
    own = any(group.endswith(f"/{service}") for group in groups)
    _run([tool, "--quiet", "--no-ask-password", "stop", "--", timer, *([] if own else [service])])


def _units(carrier: TimerCarrier) -> tuple[str, str]:
    return f"{carrier.unit}.timer", f"{carrier.unit}.service"


def _run(arguments: list[str]) -> tuple[int | None, str]:
    """Exit code and output of a tool; no code if it could not be started or took too long."""
    import subprocess

    try:
        done = subprocess.run(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env=ENVIRONMENT,
            timeout=_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None, ""
    return done.returncode, done.stdout.decode(errors="replace")
