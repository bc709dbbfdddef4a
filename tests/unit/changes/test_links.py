"""Links that changes interrupt: one member of a bond at a time, not the last, until they are back.

The kernel's messages are built here: bonds of every mode, without a kernel that has them.
"""

from __future__ import annotations

import errno
import struct
from collections.abc import Sequence

import pytest

from advisor.changes.links import (
    POLL_S,
    read_links_now,
    resets_link,
    split_by_bond,
    wait_for_link,
    would_cut,
)
from advisor.facts.nics.link_state import LinkState, Membership, read_link_states
from advisor.model.address import parse_address
from tests.unit.facts.netlink_bytes import (
    attribute,
    done,
    message,
    refusal,
    scripted_channel,
    text,
    u32,
)

UP, GOING_DOWN, DOWN, COMING_BACK = range(4)
ACTIVE, BACKUP = range(2)
LACP = 5
IFF_UP = 1
OPER_UNKNOWN, OPER_DOWN, OPER_DORMANT, OPER_UP = 0, 2, 5, 6


def member(state: int, link: int, aggregator: int | None = None) -> bytes:
    """IFLA_LINKINFO of a bond's member."""
    data = attribute(1, bytes([state])) + attribute(2, bytes([link])) + u32(3, 7)
    if aggregator is not None:
        data += attribute(6, struct.pack("=H", aggregator))
    return attribute(18, text(4, "bond") + attribute(5, data))


def link(
    *attributes: bytes,
    index: int = 2,
    name: str = "eth0",
    up: bool = True,
    carrier: int | None = 1,
    operating: int = OPER_UP,
) -> bytes:
    """RTM_NEWLINK."""
    head = struct.pack("=BxHiII", 0, 1, index, IFF_UP if up else 0, 0)
    body = text(3, name) + attribute(16, bytes([operating]))
    if carrier is not None:
        body += attribute(33, bytes([carrier]))
    return head + body + b"".join(attributes)


def waited(
    answers: Sequence[bytes],
    timeout_s: float = 5.0,
    *,
    had_carrier: bool = True,
    active: bool = False,
) -> str | None:
    """What `wait_for_link` returns when the kernel gives these answers, one per question."""
    datagrams = [
        message(answer, sequence=number, flags=0) + refusal(number)
        for number, answer in enumerate(answers, start=1)
    ]
    channel, kernel = scripted_channel(datagrams, timeout_s=1.0)
    with kernel:
        return wait_for_link("eth0", had_carrier, timeout_s, was_active=active, channel=channel)


RUNNING = link()
NO_CARRIER = link(carrier=0, operating=OPER_DOWN)


@pytest.mark.parametrize(
    "answers",
    [
        [RUNNING, RUNNING],
        [link(operating=OPER_UNKNOWN)] * 2,
        [link(carrier=None)] * 2,
        [NO_CARRIER, NO_CARRIER, RUNNING, RUNNING],
        [RUNNING, NO_CARRIER, RUNNING, RUNNING],
        [link(operating=OPER_DORMANT), RUNNING, RUNNING],
        [link(up=False), RUNNING, RUNNING],
        [link(member(BACKUP, UP))] * 2,
        [link(member(ACTIVE, DOWN)), link(member(ACTIVE, COMING_BACK))]
        + [link(member(ACTIVE, UP))] * 2,
        [link(attribute(18, text(4, "team")))] * 2,
        [link(attribute(18, text(4, "bridge")))] * 2,
    ],
)
def test_a_link_is_back_when_it_runs_twice_and_its_bond_has_taken_it(
    answers: list[bytes],
) -> None:
    assert waited(answers) is None
    # One answer fewer, and it would have asked once more.
    assert "cannot be told" in str(waited(answers[:-1]))


@pytest.mark.parametrize(
    ("answer", "missing"),
    [
        (NO_CARRIER, "has no link"),
        (link(operating=OPER_DORMANT), "has no link"),
        (link(up=False), "is set down"),
        (link(member(ACTIVE, DOWN)), "takes its link for down"),
        (link(member(ACTIVE, GOING_DOWN)), "takes its link for going down"),
        (link(member(ACTIVE, COMING_BACK)), "takes its link for coming back"),
    ],
)
def test_a_link_that_does_not_come_back_says_what_it_lacks(answer: bytes, missing: str) -> None:
    problem = waited([answer] * 10, 3 * POLL_S)
    assert problem is not None and missing in problem and problem.startswith("eth0: ")


def test_with_802_3ad_the_other_side_has_to_agree_again() -> None:
    lost, agreed = link(member(BACKUP, UP, LACP)), link(member(ACTIVE, UP, LACP))
    assert waited([lost, lost, agreed, agreed], active=True) is None
    assert "has not agreed" in str(waited([lost] * 10, 3 * POLL_S, active=True))
    assert waited([lost, lost], active=False) is None


def test_in_active_backup_another_member_may_have_taken_over() -> None:
    assert waited([link(member(BACKUP, UP))] * 2, active=True) is None


def test_a_link_that_was_away_before_is_not_waited_for() -> None:
    assert waited([NO_CARRIER], had_carrier=False) is None


def test_an_interface_that_has_gone_says_so() -> None:
    channel, kernel = scripted_channel([refusal(1, errno.ENODEV)])
    with kernel:
        problem = wait_for_link("eth0", True, 1.0, channel=channel)
    assert problem is not None and "No such device" in problem
    assert "cannot be told" in str(wait_for_link("no-such-nic", True, 1.0))


def test_links_are_read_with_what_their_bonds_make_of_them() -> None:
    answers = [
        link(index=1, name="lo", operating=OPER_UNKNOWN),
        link(u32(10, 9), member(BACKUP, COMING_BACK, LACP), index=2, name="eth0"),
        link(u32(10, 9), attribute(18, text(4, "bond")), index=3, name="eth1"),
        link(u32(10, 8), attribute(18, text(4, "team")), index=4, name="a;b"),
        link(attribute(18, text(1, "bond")), index=9, name="bond0", carrier=0),
        b"\0" * 3,
    ]
    whole = b"".join(message(answer, sequence=1) for answer in answers)
    channel, kernel = scripted_channel([whole, done(1)])
    with kernel, channel:
        found = read_link_states(channel)
    assert found == [
        LinkState(1, "lo", "", True, True),
        LinkState(2, "eth0", "", True, True, 9, Membership("bond", "coming back", False, True)),
        LinkState(3, "eth1", "", True, True, 9, Membership("bond", None, None, False)),
        LinkState(4, "a;b", "", True, True, 8, Membership("team", None, None, False)),
        LinkState(9, "bond0", "bond", True, False),
        LinkState(0, "", "", False, False),
    ]


def test_the_own_interfaces_can_be_read() -> None:
    assert "lo" in [each.name for each in read_links_now()]


def of(
    index: int,
    name: str,
    master: int | None = None,
    *,
    running: bool = True,
    link: str | None = "up",
    active: bool | None = True,
    negotiated: bool = False,
    kind: str = "",
) -> LinkState:
    """An interface, in a bond when it has a master."""
    membership = None if master is None else Membership("bond", link, active, negotiated)
    return LinkState(index, name, kind, True, running, master, membership)


BOND, OTHER_BOND, BRIDGE = 9, 8, 7
BONDS = [of(BOND, "bond0", kind="bond"), of(OTHER_BOND, "bond1", kind="bond")]
PORT = LinkState(6, "eth6", "", True, True, BRIDGE)
EMPTY = of(5, "bond2", kind="bond")


@pytest.mark.parametrize(
    ("nic", "members", "cuts"),
    [
        ("eth0", [of(2, "eth0", BOND), of(3, "eth1", BOND)], None),
        ("eth0", [of(2, "eth0", BOND)], "only member"),
        ("eth0", [of(2, "eth0", BOND), of(3, "eth1", BOND, running=False)], "only member"),
        ("eth0", [of(2, "eth0", BOND), of(3, "eth1", BOND, link="down")], "only member"),
        ("eth0", [of(2, "eth0", BOND), of(3, "eth1", BOND, link="coming back")], "only member"),
        ("eth0", [of(2, "eth0", BOND), of(3, "eth1", OTHER_BOND)], "only member"),
        ("eth0", [of(2, "eth0", BOND), of(3, "eth1", BOND, active=False)], None),
        (
            "eth0",
            [of(2, "eth0", BOND), of(3, "eth1", BOND, active=False, negotiated=True)],
            "only member",
        ),
        ("eth0", [of(2, "eth0", BOND, running=False), of(3, "eth1", BOND)], None),
        ("eth0", [of(2, "eth0", BOND, link="down")], None),
        (
            "eth0",
            [of(2, "eth0", BOND, link=None, active=None), of(3, "eth1", BOND, link=None)],
            None,
        ),
        ("bond0", [of(2, "eth0", BOND), of(3, "eth1", BOND)], "all its members"),
        ("bond2", [], None),
        ("eth6", [], None),
        ("gone", [], None),
    ],
)
def test_the_last_usable_member_of_a_bond_is_not_to_be_reset(
    nic: str, members: list[LinkState], cuts: str | None
) -> None:
    reason = would_cut(nic, [*BONDS, PORT, EMPTY, *members])
    assert (reason is None) == (cuts is None), reason
    assert cuts is None or cuts in str(reason)


LINKS = [
    *BONDS,
    PORT,
    of(2, "eth0", BOND),
    of(3, "eth1", BOND),
    of(4, "eth2", OTHER_BOND),
    of(10, "a;b", OTHER_BOND),
]


@pytest.mark.parametrize(
    "rounds",
    [
        [],
        [["sysctl:net.core.somaxconn", "nic:eth6/ring.rx", "irq:7/affinity"]],
        [["nic:eth0/ring.rx", "nic:eth0/channels.combined"], ["nic:eth1/ring.rx"]],
        [["nic:eth0/ring.rx", "nic:eth2/ring.rx"], ["nic:eth1/ring.rx", "nic:a;b/ring.rx"]],
        [
            ["nic:eth0/ring.rx", "nic:eth1/queue.rx-0.rps_cpus", "nic:eth1/qdisc"],
            ["nic:eth1/mtu", "nic:eth0/queue.rx-0.rps_cpus"],
            ["nic:eth0/ring.tx"],
        ],
        [["nic:eth0/queue.rx-0.rps_cpus", "nic:eth1/queue.rx-0.rps_cpus"]],
    ],
)
def test_a_round_interrupts_one_member_of_each_bond_and_the_order_stays(
    rounds: list[list[str]],
) -> None:
    addresses = [[parse_address(text) for text in each] for each in rounds]
    flat = [address for each in addresses for address in each]
    assert split_by_bond(flat, LINKS) == [tuple(each) for each in addresses]


@pytest.mark.parametrize(
    ("setting", "resets"),
    [
        ("nic:eth0/ring.rx", True),
        ("nic:eth0/channels.combined", True),
        ("nic:eth0/mtu", True),
        ("nic:eth0/feature.rx-lro", True),
        ("nic:eth0/private.legacy-rx", True),
        ("nic:eth0/pause.rx", True),
        ("nic:eth0/queue.tx-0.xps_cpus", False),
        ("nic:eth0/qdisc", False),
        ("nic:eth0/gro_flush_timeout", False),
        ("sysctl:net.core.somaxconn", False),
        ("irq:7/affinity", False),
    ],
)
def test_what_may_take_a_link_down_is_known(setting: str, resets: bool) -> None:
    assert resets_link(parse_address(setting)) is resets
