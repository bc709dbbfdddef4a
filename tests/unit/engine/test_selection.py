"""Choosing rules."""

from __future__ import annotations

import pytest

from advisor.engine.selection import select
from advisor.errors import AdvisorError
from tests.unit.engine.rules import rule

RULES = [
    rule(expr="true", id="RCV001", name="one", tags=("tcp",)),
    rule(expr="true", id="RCV002", name="two", tags=("udp",)),
    rule(expr="true", id="NIC001", name="three", tags=("tcp", "folklore")),
]


@pytest.mark.parametrize(
    ("wanted", "unwanted", "chosen"),
    [
        ([], [], ["RCV001", "RCV002", "NIC001"]),
        (["RCV"], [], ["RCV001", "RCV002"]),
        (["rcv002"], [], ["RCV002"]),
        (["three"], [], ["NIC001"]),
        (["folklore"], [], ["NIC001"]),
        ([], ["RCV"], ["NIC001"]),
        (["RCV"], ["RCV001"], ["RCV002"]),
        (["RCV001"], ["RCV"], ["RCV001"]),
        (["tcp"], ["NIC"], ["RCV001"]),
        (["RCV"], ["RCV"], []),
    ],
)
def test_the_longer_selector_wins(
    wanted: list[str], unwanted: list[str], chosen: list[str]
) -> None:
    assert [rule.id for rule in select(RULES, wanted, unwanted)] == chosen


@pytest.mark.parametrize(
    ("selector", "hint"), [("RCV0O1", "did you mean RCV001?"), ("zz", "advisor rules list")]
)
def test_a_selector_that_matches_nothing_is_an_error(selector: str, hint: str) -> None:
    with pytest.raises(AdvisorError) as caught:
        select(RULES, [selector])
    assert hint in str(caught.value.hint)
