"""Groups: every change is in one, and what has something in common is in the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.changes.remediation.together import together
from advisor.model.plan import Change
from tests.unit.changes.remediation.situations import change


def made(text: str) -> Change:
    """A change from "ADDRESS RULE…"."""
    address, *rules = text.split()
    return change({"set": address, "rules": rules})


@pytest.mark.parametrize(
    ("given_changes", "groups"),
    [
        ([], []),
        (["sysctl:net.a.b A", "sysctl:net.a.c B"], [[0], [1]]),
        (["sysctl:net.a.b A", "sysctl:net.a.c B", "sysctl:net.a.d A B"], [[0, 1, 2]]),
        (["sysctl:net.a.b A", "sysctl:net.a.c B", "sysctl:net.a.d A"], [[0, 2], [1]]),
        (
            [
                "sysctl:net.ipv4.conf.eth0.rp_filter A",
                "sysctl:net.ipv4.conf.eth1.rp_filter A",
                "nic:eth0/mtu A",
            ],
            [[0, 2], [1]],
        ),
        (["nic:eth0/ring.rx A", "nic:eth1/ring.tx B", "nic:eth0/ring.tx C"], [[0, 2], [1]]),
        (["irq:45/affinity A", "irq:46/affinity A", "irq:47/affinity B"], [[0, 1], [2]]),
        (
            [
                "sysctl:net.core.rps_sock_flow_entries A",
                "nic:eth0/queue.rx-0.rps_flow_cnt B",
                "nic:eth1/queue.rx-0.rps_flow_cnt C",
            ],
            [[0, 1, 2]],
        ),
        (
            [
                "sysctl:net.ipv4.ip_unprivileged_port_start A",
                "sysctl:net.core.somaxconn B",
                "sysctl:net.ipv4.ip_local_port_range C",
            ],
            [[0, 2], [1]],
        ),
    ],
)
def test_what_belongs_together_is_in_one_group(
    given_changes: list[str], groups: list[list[int]]
) -> None:
    changes = [made(text) for text in given_changes]
    found = [[changes.index(each) for each in group] for group in together(changes)]
    assert found == groups


@given(
    st.lists(
        st.tuples(st.integers(0, 99), st.lists(st.integers(0, 9).map(str), min_size=1, max_size=3)),
        max_size=12,
        unique_by=lambda each: each[0],
    )
)
def test_groups_are_those_that_rules_connect(given_changes: list[tuple[int, list[str]]]) -> None:
    changes = [made(" ".join([f"sysctl:net.a.b{n}", *rules])) for n, rules in given_changes]
    groups = together(changes)
    assert sorted(str(each.address) for group in groups for each in group) == sorted(
        str(each.address) for each in changes
    )
    of_group = [{rule for each in group for rule in each.rules} for group in groups]
    for place, rules in enumerate(of_group):
        assert not any(rules & other for other in of_group[place + 1 :])
    # And no larger than that: from any change of a group every other is reached.
    for group in groups:
        reached, rest = [group[0]], list(group[1:])
        while near := [
            each for each in rest if any(set(each.rules) & set(r.rules) for r in reached)
        ]:
            reached += near
            rest = [each for each in rest if each not in near]
        assert rest == []
