"""The power fails, again and again, while a run is applied and written to files."""

from __future__ import annotations

import json
from collections.abc import Iterator

from tests.vm.machine import Machine
from tests.vm.steps import Checks, Value, apply, leave_no_trace, plan, read

KEYS = {
    "net.core.netdev_max_backlog": 4321,
    "net.core.somaxconn": 2048,
    "net.ipv4.tcp_max_syn_backlog": 3210,
    "net.core.netdev_budget": 654,
}
WANTED: dict[str, Value] = {
    **{f"sysctl:{key}": value for key, value in KEYS.items()},
    "nic:e1000e/txqueuelen": 777,  # for the unit that runs at boot
    "nic:vnet/txqueuelen": 777,  # for udev
}
NICS = ("vnet", "e1000e")
FILES = (
    "/etc/sysctl.d/99-z-advisor.conf",
    "/etc/advisor/persistent.json",
    "/etc/systemd/system/advisor-settings.service",
    "/etc/systemd/network/10-vnet.link.d/50-advisor.conf",
)


def run(vm: Machine, check: Checks) -> None:
    before = _values(vm)
    done = apply(vm, WANTED, "--allow link")
    written = len(_files(vm).split()) == len(FILES)
    check(done.code == 0 and written, "apply, undisturbed, writes files", f"{done} {_files(vm)}")
    records = int(vm.sh("cat /var/lib/advisor/*.journal | wc -l"))
    done = vm.run("advisor rollback")
    check(done.code == 0 and _files(vm) == "", "rollback removes them", f"{done} {_files(vm)}")
    for number, later in _moments(records):
        plan(vm, WANTED)
        vm.reboot(f"bash /opt/guest/cut.sh {number} {later}")
        print(f"  cut {later} s after record {number} of {records}", flush=True)
        _look(vm, check, before)


def _moments(records: int) -> Iterator[tuple[int, float]]:
    """After how many records, and how many seconds later. The last two are around the files."""
    yield 1, 0
    yield 4, 0
    for later in (0, 0.1, 0.3):
        yield records - 1, later
    yield records, 0


def _look(vm: Machine, check: Checks, before: dict[str, str]) -> None:
    history = vm.run("advisor history -f json")
    check(history.code == 0, "the history can be read", history)
    found = json.loads(history.text)
    check(not found["damaged"], "no journal is damaged", found["damaged"])
    state, files = found["runs"][0]["state"], _files(vm)
    print(f"        the run was {state}; {len(files.split())} files", flush=True)
    done = vm.run("advisor recover")
    check(done.code == 0, f"recover: {' '.join(done.text.split())}", done)
    leave_no_trace(vm, check)
    if state == "persisted":
        lasting = {key: str(value) for key, value in KEYS.items()} | dict.fromkeys(NICS, "777")
        check(_values(vm) == lasting, "it lasts", _values(vm))
        check(len(files.split()) == len(FILES), "all files are there", files)
        done = vm.run("advisor rollback")
        check(done.code == 0, "rollback returns 0", done)
    check(_files(vm) == "", "no files are left", _files(vm))
    if files:
        # What was there may have come into force at this boot, but not at the next one.
        vm.reboot("reboot -f")
    check(_values(vm) == before, "the values are the former ones", _values(vm))


def _values(vm: Machine) -> dict[str, str]:
    values = {key: read(vm, key) for key in KEYS}
    lengths = vm.sh("cat /sys/class/net/{vnet,e1000e}/tx_queue_len").split()
    return values | {"vnet": lengths[0], "e1000e": lengths[1]}


def _files(vm: Machine) -> str:
    return vm.sh("find " + " ".join(FILES) + " -type f 2>/dev/null; true")
