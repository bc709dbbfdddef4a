"""What an unattended run does, for people and for programs."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

from jsonschema import Draft202012Validator

from advisor.knowledge.schema import load_schema
from advisor.model.address import SysctlAddress
from advisor.model.plan import Plan
from advisor.model.remediation import Decision, Drift, Policy, Reason, Skipped
from advisor.model.unavailable import Unavailable
from advisor.report.remediation import Remediation, policy_text, to_json, to_text
from advisor.report.style import TextStyle
from tests.unit.report.test_plan import ADDRESSES, change

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=timezone.utc)
POLICY = Policy("/etc/advisor/remediation.yaml", enabled=True)
SOMAXCONN = SysctlAddress(("net", "core", "somaxconn"))
RUN = "000001-20261121T104500Z"


def made(**keys: Any) -> Remediation:
    changes = [change(address) for address in ADDRESSES]
    decision: dict[str, Any] = {
        "changes": (changes[0],),
        "skipped": (
            Skipped(changes[1], Reason.RISK, "high risk; the policy allows low"),
            Skipped(changes[2], Reason.RISK, "high risk; the policy allows low"),
            Skipped(changes[3], Reason.TOGETHER, "it goes together with \x1b[2J"),
        ),
        "stopped": None,
        "next_window": None,
        "left_today": 19,
        "drifts": (
            Drift(SOMAXCONN, RUN, 4096, 128, 2),
            Drift(ADDRESSES[0], RUN, (1, 2, 3), Unavailable("no permission"), 0),
        ),
        **keys,
    }
    plan = Plan("web-1", "2026-11-21T11:59:00Z", "server", tuple(changes), (), ())
    return Remediation(POLICY, plan, Decision(**decision))


def test_people_read_what_is_done_and_why_not_the_rest() -> None:
    text = to_text(made(), TextStyle(width=120))
    assert "  1  sysctl:net.ipv4.tcp_rmem  1 → 2\n" in text
    assert (
        "  high risk; the policy allows low: sysctl:net.ipv4.conf.eth0/100.rp_filter, nic" in text
    )
    assert f"sysctl:net.core.somaxconn: run {RUN} has left 4096; is 128, changed 2 times" in text
    assert "cannot be read: no permission" in text
    assert text.endswith("1 change to make now, 3 not; 19 more within 24 hours\n")


def test_nothing_reaches_the_terminal_unescaped() -> None:
    text = to_text(made(stopped="\x1b[2J"), TextStyle())
    assert "\x1b" not in text
    assert "\x1b" not in policy_text(Policy("\x1b[2J", enabled=True), 1, 2, NOW)


def test_the_next_window_is_told() -> None:
    text = to_text(made(changes=(), next_window=NOW), TextStyle())
    assert text.endswith("the next window begins at 2026-11-21 12:00 UTC\n")
    assert "nothing to change now" in text


def test_the_document_fits_its_schema_and_says_the_same() -> None:
    for each in (made(), made(stopped="why", changes=(), next_window=NOW, drifts=())):
        data = json.loads(to_json(each, NOW))
        Draft202012Validator(load_schema("remediation-report")).validate(data)
        decision = each.decision
        assert [entry["setting"] for entry in data["changes"]] == [
            str(change.address) for change in decision.changes
        ]
        assert [entry["reason"] for entry in data["skipped"]] == ["risk", "risk", "together"]
        assert data["stopped"] == decision.stopped
        assert len(data["drift"]) == len(decision.drifts)
