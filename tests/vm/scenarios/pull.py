"""Pull mode, with the drop-ins of docs/fleet-scale.md: a line in the journal, and its report."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.vm.machine import Machine
from tests.vm.steps import Checks, apply, eventually

PAGE = Path(__file__).resolve().parents[3] / "docs" / "fleet-scale.md"
DROP_INS = re.findall(r"^# (/etc/systemd/system/\S+)\n(.*?)^```", PAGE.read_text(), re.M | re.S)
ONE_LINE = "journalctl -t advisor-line -o cat | advisor fleet report -"


def run(vm: Machine, check: Checks) -> None:
    check(len(DROP_INS) == 2 and ONE_LINE in PAGE.read_text(), "the page has what is tried here")
    for path, text in DROP_INS:
        vm.sh(f"mkdir -p {Path(path).parent} /etc/advisor")
        vm.write(path, text)
    vm.write("/etc/advisor/config.yaml", "labels: {group: edge, site: fra}\n")
    vm.sh("systemctl daemon-reload")
    changed = apply(vm, {"sysctl:net.core.netdev_max_backlog": 4321}, "--runtime-only")
    check(changed.code == 0, "there has been a run", changed)

    started = vm.run("systemctl start advisor-check.service", timeout=120)
    log = vm.sh("journalctl --no-pager -b -o cat -u advisor-check.service")
    check(started.code == 0, "the service runs with its drop-in", log)
    lines = vm.sh("journalctl --no-pager -t advisor-line -o cat").splitlines()
    check(len(lines) == 1, "it leaves one line in the journal", "\n".join(lines)[:500])
    line = json.loads(lines[0])
    check(line["schema"] == "advisor.line/v1", "which is a line of advisor", lines[0][:200])
    check(line["labels"] == {"group": "edge", "site": "fra"}, "with its labels", line["labels"])
    check(line["runs"] is None, "and without the run, which only root may read", line["runs"])
    check(line["summary"]["pass"] > 50, "most could be judged", line["summary"])

    found = json.loads(vm.sh(f"{ONE_LINE} -f json"))
    check(found["intake"]["used"] == 1, "the report reads it from the journal", found["intake"])
    check([each["name"] for each in found["groups"]] == ["edge"], "in its group", found["groups"])

    vm.sh("systemctl start advisor-check.timer")
    spread = vm.sh("systemctl show -P RandomizedDelayUSec,FixedRandomDelay advisor-check.timer")
    check(spread.split() == ["1d", "yes"], "the timer is spread over a day", spread)
    property = "systemctl show -P NextElapseUSecRealtime advisor-check.timer"
    check(eventually(lambda: bool(vm.sh(property).strip()), 10), "and will run", vm.sh(property))
    times = {vm.sh(f"systemctl restart advisor-check.timer && {property}") for _ in range(3)}
    check(len(times) == 1, "always at the same time of this host", times)
