"""A reboot while a run waits to be confirmed: recovered by hand, and by advisor-recover.service."""

from __future__ import annotations

from tests.vm.machine import Machine
from tests.vm.steps import Checks, apply, leave_no_trace, read, receipt

KEY, VNET = "net.core.netdev_max_backlog", "nic:vnet/ring.rx"


def run(vm: Machine, check: Checks) -> None:
    before, files = read(vm, KEY), _files(vm)
    _applied(vm, check)
    vm.reboot("reboot -f")
    check(read(vm, KEY) == before, "the boot has brought the former value", read(vm, KEY))
    status = vm.run("advisor status")
    check("booted" in status.text, "status says what has happened", status)
    _refused(vm, check)
    done = vm.run("advisor recover")
    check(done.code == 0 and "boot" in done.text, "recover says what has happened", done)
    _nothing_left(vm, check, before, files)

    vm.sh("systemctl enable advisor-recover.service")
    _applied(vm, check)
    vm.reboot("systemctl reboot")
    result = vm.sh("systemctl show -P Result,ActiveState,ConditionResult advisor-recover.service")
    log = vm.sh("journalctl --no-pager -b -o cat -u advisor-recover.service")
    check("success" in result, "advisor-recover.service has run at boot", f"{result}\n{log}")
    check("boot" in log, "and says what has happened", log)
    _nothing_left(vm, check, before, files)


def _applied(vm: Machine, check: Checks) -> None:
    wanted = {f"sysctl:{KEY}": 4321, VNET: 128}
    done = apply(vm, wanted, "--allow link --confirm-within 600s")
    check(done.code == 0 and read(vm, KEY) == "4321", "a run waits to be confirmed", done)


def _refused(vm: Machine, check: Checks) -> None:
    done = vm.run("advisor confirm")
    check(done.code == 6, "what an earlier boot had cannot be confirmed", done)


def _nothing_left(vm: Machine, check: Checks, before: str, files: str) -> None:
    found = receipt(vm)
    check(found["state"] == "rolled-back", "the run is rolled back", found["state"])
    check(read(vm, KEY) == before, "the value is the one before")
    check(_files(vm) == files, "the files below /etc are as before", _files(vm))
    status = vm.run("advisor status")
    check(status.code == 0 and "nothing waits" in status.text, "status: nothing waits", status)
    leave_no_trace(vm, check)


def _files(vm: Machine) -> str:
    return vm.sh("find /etc -newermt '2 days ago' -type f -name '*advisor*' | sort")
