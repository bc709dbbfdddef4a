"""What can go wrong while settings are changed, done to this process at a given moment."""

from __future__ import annotations

import errno
import functools
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from advisor.changes import interruption, links, session, transaction
from advisor.changes.journal import Journal
from advisor.changes.processes import started
from advisor.changes.watchdog import bundle, detached
from advisor.changes.watchdog.carrier import ProcessCarrier
from advisor.settings.live import Live, WriteError

Action = Callable[[], object]


def light_watchdogs() -> None:
    """Watchdogs take a tenth of a second to start: these only wait until this process ends."""
    reader, _writer = os.pipe()

    def start(state: Any, run: str, deadline: float) -> ProcessCarrier:
        path = state.locate(bundle.name_of(run))
        process = subprocess.Popen(["sh", "-c", "read x", path], stdin=reader)
        start = started(process.pid)
        assert start is not None
        carrier = ProcessCarrier(process.pid, start)
        while detached.alive(carrier) is not True:  # it is still being made
            time.sleep(0.001)
        return carrier

    detached.start = start
    bundle._zip = lambda: b"not a zip"
    links.POLL_S = 0.002


def short_of_time(seconds: float) -> None:
    """The watchdog of an apply fires after this time; links are not waited for longer."""
    transaction._WORK_S = seconds
    transaction._LINK_S = 0.0
    interruption.wait_for_link = functools.partial(links.wait_for_link, timeout_s=seconds)


def at_write(number: int, action: Action, *, after: bool = False) -> Action:
    """Does something before, or after, a write to the kernel's settings, from 0."""

    def instead(really: Action) -> None:
        if not after:
            action()
        really()
        if after:
            action()

    return _at(number, instead)


def failing(code: int, *numbers: int) -> Action:
    """Writes that the kernel refuses."""

    def instead(really: Callable[[], object], address: Any) -> None:
        raise WriteError(address, OSError(code, os.strerror(code)))

    return _from(numbers, instead)


def send(*numbers: int, signals: tuple[signal.Signals, ...]) -> Action:
    """A signal comes within each of these writes."""
    each = iter(signals)

    def instead(really: Callable[[], object], address: Any) -> None:
        os.kill(os.getpid(), next(each))
        really()

    return _from(numbers, instead)


def half_written(key: str, value: tuple[int, ...], *, for_good: bool = False) -> Action:
    """The kernel sets the first fields of a vector, and then refuses the rest."""

    def install() -> None:
        really = Live.write

        def write(self: Live, address: Any, wanted: Any) -> None:
            if str(address) == f"sysctl:{key}" and (for_good or wanted != self.read(address)):
                really(self, address, value)
                if not for_good:
                    Live.write = really  # type: ignore[method-assign]
                raise WriteError(address, OSError(errno.EINVAL, os.strerror(errno.EINVAL)))
            really(self, address, wanted)

        Live.write = write  # type: ignore[method-assign]

    return install


def short_write(key: str, taken: int) -> Action:
    """The kernel takes only the first bytes of a value, once."""

    def install() -> None:
        really = os.write
        left = [True]

        def write(descriptor: int, data: Any) -> int:
            if left and _place(descriptor).endswith(key):
                left.clear()
                return really(descriptor, data[:taken])
            return really(descriptor, data)

        os.write = write

    return install


def full_disk(record: int, code: int) -> Action:
    """From the given record on, from 0, nothing more can be written to the journal."""

    def install() -> None:
        really = os.write
        count = [0]

        def write(descriptor: int, data: Any) -> int:
            place = _place(descriptor)
            if place.endswith((".journal", ".new")) and ".watchdog" not in place:
                count[0] += 1
                if count[0] > record:
                    raise OSError(code, os.strerror(code))
            return really(descriptor, data)

        os.write = write

    return install


def clock(now: float) -> Action:
    """The host's clock says this."""

    def install() -> None:
        session.Journal = functools.partial(Journal, clock=lambda: now)  # type: ignore[misc, assignment]

    return install


def kill_watchdog(state: Any) -> Action:
    """The watchdogs of a state directory are killed, and gone."""

    def act() -> None:
        from tests.netns.inside import watchdogs

        for pid in watchdogs(state):
            os.kill(pid, signal.SIGKILL)
            start = started(pid)
            while start is not None and started(pid) == start:
                pass

    return act


def run(*command: str) -> Action:
    """A command of somebody else."""
    return lambda: subprocess.run(command, check=True, capture_output=True)


def _place(descriptor: int) -> str:
    """The path of an open file."""
    return str(Path(f"/proc/self/fd/{descriptor}").readlink())


def _at(number: int, instead: Callable[[Action], None]) -> Action:
    return _from((number,), lambda really, _: instead(really))


def _from(numbers: tuple[int, ...], instead: Callable[[Action, Any], None]) -> Action:
    def install() -> None:
        count = [-1]

        def around(really: Callable[..., None]) -> Callable[..., None]:
            def call(self: Live, *arguments: Any) -> None:
                count[0] += 1
                if count[0] in numbers:
                    first = arguments[0]
                    address = next(iter(first)) if isinstance(first, Mapping) else first
                    instead(lambda: really(self, *arguments), address)
                else:
                    really(self, *arguments)

            return call

        Live.write = around(Live.write)  # type: ignore[method-assign]
        Live.write_together = around(Live.write_together)  # type: ignore[method-assign]

    return install
