"""The watchdog as a timer of systemd: at the deadline, after a kill, across a reload, disarmed."""

from __future__ import annotations

import time

from tests.vm.machine import Machine
from tests.vm.steps import Checks, apply, carrier, eventually, leave_no_trace, plan, read, receipt

KEY = "net.core.netdev_max_backlog"
WANTED = {f"sysctl:{KEY}": 4321}
_ALIVE = (
    "/opt/advisor/bin/python -c 'import sys; from advisor.changes.watchdog import alive;"
    " print(alive(sys.argv[1]))' {}"
)
_OWN = """
import sys
from advisor.changes.watchdog.carrier import TimerCarrier
from advisor.changes.watchdog.timer import SYSTEMD, stop
stop(TimerCarrier(sys.argv[1]), SYSTEMD)
open('/run/outlived', 'w')
"""


def run(vm: Machine, check: Checks) -> None:
    before = read(vm, KEY)
    _at_the_deadline(vm, check, before)
    _confirmed(vm, check)
    _by_hand(vm, check, before)
    _killed(vm, check, before)
    _of_its_own(vm, check)


def _at_the_deadline(vm: Machine, check: Checks, before: str) -> None:
    done = apply(vm, WANTED, "--confirm-within 15s")
    start = time.monotonic()
    check(done.code == 0, "apply with a time to confirm returns 0", done)
    check(read(vm, KEY) == "4321", "the value is set")
    by = carrier(vm)
    check(by.startswith("systemd:"), "a systemd timer carries the watchdog", by)
    timers = vm.sh("systemctl list-timers --no-pager")
    check("advisor-watchdog-" in timers, "systemctl list-timers shows it", timers)
    alive = vm.sh(_ALIVE.format(by))
    check(alive == "True", "it is alive", alive)
    vm.sh("systemctl daemon-reload; systemctl daemon-reexec")
    timers = vm.sh("systemctl list-timers --no-pager")
    check("advisor-watchdog-" in timers, "it outlives daemon-reload and daemon-reexec", timers)
    took = eventually(lambda: read(vm, KEY) == before, 40)
    check(
        took is not None and time.monotonic() - start < 25,
        "the value is back at the deadline",
        f"{took} after {time.monotonic() - start:.1f} s",
    )
    eventually(lambda: receipt(vm)["state"] == "rolled-back", 10)
    check(receipt(vm)["state"] == "rolled-back", "the run is rolled back", receipt(vm)["state"])
    eventually(lambda: vm.sh(_ALIVE.format(by)) == "False", 10)
    alive = vm.sh(_ALIVE.format(by))
    check(alive == "False", "units that do not exist any more are not alive", alive)
    log = vm.sh(f"journalctl --no-pager -o cat -u {by.removeprefix('systemd:')}.service")
    check("everything is as before" in log, "the service says so in the log", log)
    check("Deactivated successfully" in log, "the service has ended well", log)
    leave_no_trace(vm, check)


def _confirmed(vm: Machine, check: Checks) -> None:
    apply(vm, WANTED, "--confirm-within 40s --runtime-only")
    start = time.monotonic()
    second = vm.run("advisor apply /run/plan.json --yes")
    check(second.code == 6, "a second apply is refused while one waits", second)
    done = vm.run("advisor confirm")
    check(done.code == 0, "confirm returns 0", done)
    time.sleep(max(0.0, 45 - (time.monotonic() - start)))
    check(read(vm, KEY) == "4321", "the value stays after the deadline")
    leave_no_trace(vm, check)


def _by_hand(vm: Machine, check: Checks, before: str) -> None:
    done = vm.run("advisor rollback")
    check(done.code == 0 and read(vm, KEY) == before, "rollback of a confirmed run", done)
    apply(vm, WANTED, "--confirm-within 60s")
    done = vm.run("advisor rollback")
    check(done.code == 0 and read(vm, KEY) == before, "rollback of a run that waits", done)
    leave_no_trace(vm, check)


def _killed(vm: Machine, check: Checks, before: str) -> None:
    """Killed in the middle: the watchdog has the time that the run itself may take."""
    plan(vm, WANTED)
    vm.sh("nohup advisor apply /run/plan.json --yes --observe 20s >/run/apply.log 2>&1 &")
    written = eventually(lambda: read(vm, KEY) == "4321", 60)
    check(written is not None, "apply has written", vm.sh("cat /run/apply.log"))
    vm.sh("pkill -KILL -f 'advisor apply'")
    check(read(vm, KEY) == "4321", "apply is killed, the value stands")
    by = carrier(vm)
    check(vm.sh(_ALIVE.format(by)) == "True", "the watchdog is alive", by)
    took = eventually(lambda: read(vm, KEY) == before, 90)
    check(took is not None, "the watchdog takes the run back", receipt(vm))
    eventually(lambda: receipt(vm)["state"] == "rolled-back", 10)
    leave_no_trace(vm, check)


def _of_its_own(vm: Machine, check: Checks) -> None:
    """Called by what the timer has started, disarming must not end the caller."""
    run = "000099-20250101T000000Z"
    vm.write("/run/own.py", _OWN)
    python = "/opt/advisor/bin/python"
    vm.sh(f"systemd-run --quiet --unit=advisor-watchdog-{run} {python} /run/own.py {run}")
    found = eventually(lambda: vm.run("test -e /run/outlived").code == 0, 15)
    check(found is not None, "the service is not ended by disarming its own watchdog")
