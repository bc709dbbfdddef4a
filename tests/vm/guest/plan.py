"""In the guest: makes a plan by hand, of settings and the values that they are to get.

plan.py PLAN SETTING=JSON ...
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from advisor.model.address import NicAddress, parse_address
from advisor.model.plan import Change, Plan
from advisor.report.plan import to_json
from advisor.settings.live import Live


def main() -> None:
    path, *wanted = sys.argv[1:]
    with Live() as live:
        changes = [_change(live, *each.split("=", 1)) for each in wanted]
    plan = Plan(os.uname().nodename, "2025-01-01T00:00:00Z", "server", tuple(changes), (), ())
    Path(path).write_text(to_json(plan))


def _change(live: Live, setting: str, value: str) -> Change:
    address = parse_address(setting)
    after = json.loads(value)
    return Change(
        address=address,
        before=live.read(address),
        after=tuple(after) if isinstance(after, list) else after,
        rules=("TST001",),
        risk="low",
        disrupts="link" if isinstance(address, NicAddress) else "none",
        notes=(),
        commands=(),
    )


if __name__ == "__main__":
    main()
