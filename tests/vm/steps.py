"""What scenarios are made of: checks that are told, and steps that several of them take."""

from __future__ import annotations

import json
import shlex
import time
from collections.abc import Callable, Mapping
from typing import Any

from tests.vm.machine import Done, Machine

Value = int | str | bool | list[int]
_PYTHON = "/opt/advisor/bin/python"
_PLAN = "/run/plan.json"


class Checks:
    """Says what is checked, and counts what is not as it should be."""

    def __init__(self) -> None:
        self.failed = 0
        self.made = 0

    def __call__(self, holds: object, sentence: str, seen: object = "") -> None:
        """One thing that has to hold, and what was seen, to be told if it does not."""
        self.made += 1
        self.failed += not holds
        print(f"  {'ok  ' if holds else 'FAIL'}  {sentence}", flush=True)
        if not holds and seen != "":
            print("\n".join(f"          {line}" for line in str(seen).splitlines()), flush=True)

    def same(self, before: list[str], after: list[str], sentence: str) -> None:
        """Two lists of facts are the same, in whatever order."""
        gone = [f"- {line}" for line in before if line not in after]
        come = [f"+ {line}" for line in after if line not in before]
        self(not gone and not come, sentence, "\n".join(gone + come))


def plan(vm: Machine, wanted: Mapping[str, Value], path: str = _PLAN) -> None:
    """Makes a plan: setting → its new value."""
    settings = [shlex.quote(f"{name}={json.dumps(value)}") for name, value in wanted.items()]
    vm.sh(f"{_PYTHON} /opt/guest/plan.py {path} {' '.join(settings)}")


def apply(vm: Machine, wanted: Mapping[str, Value], options: str) -> Done:
    """Applies a plan that is made for it."""
    plan(vm, wanted)
    return vm.run(f"advisor apply {_PLAN} --yes {options}", 180)


def receipt(vm: Machine) -> dict[str, Any]:
    """The last run."""
    return json.loads(vm.sh("advisor history show -f json"))  # type: ignore[no-any-return]


def carrier(vm: Machine) -> str:
    """What carries the watchdog that was armed last, as the journal has it."""
    found = vm.sh("grep -ohE '(systemd|process):[A-Za-z0-9:-]+' /var/lib/advisor/*.journal")
    return found.splitlines()[-1]


def read(vm: Machine, key: str) -> str:
    """A sysctl."""
    return vm.sh(f"sysctl -n {key}")


def state(vm: Machine, nic: str) -> list[str]:
    """Everything about an interface that a change might destroy."""
    return vm.sh(f"bash /opt/guest/state.sh {nic}").splitlines()


def like(line: str, lines: list[str]) -> str:
    """Of an interface's facts, those that begin as one that was expected."""
    return "\n".join(each for each in lines if each.startswith(line.rpartition(" ")[0]))


def eventually(holds: Callable[[], bool], seconds: float) -> float | None:
    """After how many seconds something held; None if it did not."""
    start = time.monotonic()
    while not holds():
        if time.monotonic() - start > seconds:
            return None
        time.sleep(0.3)
    return time.monotonic() - start


def leave_no_trace(vm: Machine, check: Checks) -> None:
    """Nothing waits, no watchdog is there, and none of its files."""
    units = vm.sh("systemctl list-units --all --plain --no-legend 'advisor-watchdog-*'")
    check(not units, "no unit of a watchdog is left", units)
    files = vm.sh("ls /var/lib/advisor")
    check("watchdog" not in files, "no file of a watchdog is left", files)
    found = vm.run("advisor recover")
    check(
        found.code == 0 and "nothing to recover" in found.text,
        "there is nothing to recover",
        found,
    )
