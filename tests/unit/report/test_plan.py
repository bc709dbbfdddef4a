"""A plan for people."""

from __future__ import annotations

from advisor.report.plan import to_text
from advisor.report.style import TextStyle
from tests.unit.report.plans import ADDRESSES, change, plan


def test_the_text_tells_what_interrupts_traffic_and_what_is_left() -> None:
    shown = to_text(
        plan(change(ADDRESSES[0]), change(ADDRESSES[2], 256, 4096, "link")), TextStyle()
    )
    assert "nic:-x/ring.rx  256 → 4096" in shown
    assert "interrupts the link" in shown
    assert "2 changes, 1 of them more than harmless for traffic" in shown
    assert "CT002 host is left: find out why" in shown
