"""Which hardware carries the packets of an interface."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from advisor.layout.carriers import carriers
from advisor.model.host import Host
from tests.unit.layout.hosts import NAMES, host, hosts

HARD: dict[str, Any] = {"physical": True}
SOFT: dict[str, Any] = {"physical": False}

# What is asked, the interfaces, the answer.
CASES: list[tuple[str, str, dict[str, dict[str, Any]], tuple[str, ...]]] = [
    ("hardware carries itself", "eth0", {"eth0": HARD, "eth1": HARD}, ("eth0",)),
    ("nothing carries a dummy", "dummy0", {"dummy0": SOFT, "eth0": HARD}, ()),
    ("nothing carries what is not there", "gone", {"eth0": HARD}, ()),
    (
        "both members carry a bond",
        "bond0",
        {
            "bond0": SOFT,
            "eth0": HARD | {"master": "bond0"},
            "eth1": HARD | {"master": "bond0"},
            "eth2": HARD,
        },
        ("eth0", "eth1"),
    ),
    (
        "a VLAN on a bond is carried by the members",
        "bond0.7",
        {
            "bond0.7": SOFT | {"lower": "bond0"},
            "bond0": SOFT,
            "eth0": HARD | {"master": "bond0"},
            "eth1": HARD | {"master": "bond0"},
        },
        ("eth0", "eth1"),
    ),
    (
        "a bond's member is carried by itself alone",
        "eth0",
        {"bond0": SOFT, "eth0": HARD | {"master": "bond0"}, "eth1": HARD | {"master": "bond0"}},
        ("eth0",),
    ),
    (
        "of a bridge's ports the hardware counts, also below a VLAN",
        "br0",
        {
            "br0": SOFT,
            "veth1": SOFT | {"master": "br0"},
            "tap0": SOFT | {"master": "br0"},
            "eth0": HARD | {"master": "br0"},
            "eth1.5": SOFT | {"master": "br0", "lower": "eth1"},
            "eth1": HARD,
        },
        ("eth0", "eth1"),
    ),
    (
        "a port of a bridge is not carried by the other ports",
        "veth1",
        {"br0": SOFT, "veth1": SOFT | {"master": "br0"}, "eth0": HARD | {"master": "br0"}},
        (),
    ),
    ("macvlan", "macvlan0", {"macvlan0": SOFT | {"lower": "eth0"}, "eth0": HARD}, ("eth0",)),
    (
        "VXLAN over a VLAN on a bridge over a bond",
        "vxlan9",
        {
            "vxlan9": SOFT | {"lower": "br0.3"},
            "br0.3": SOFT | {"lower": "br0"},
            "br0": SOFT,
            "bond0": SOFT | {"master": "br0"},
            "eth0": HARD | {"master": "bond0"},
            "eth1": HARD | {"master": "bond0"},
        },
        ("eth0", "eth1"),
    ),
    (
        "what is below in another namespace is not seen",
        "eth0.4",
        {"eth0.4": SOFT | {"lower": "elsewhere"}},
        (),
    ),
    (
        "netvsc is carried by itself and its virtual function",
        "eth0",
        {"eth0": HARD, "enP1s1": HARD | {"master": "eth0"}},
        ("enP1s1", "eth0"),
    ),
    (
        "a macvlan on netvsc too",
        "macvlan0",
        {
            "macvlan0": SOFT | {"lower": "eth0"},
            "eth0": HARD,
            "enP1s1": HARD | {"master": "eth0"},
        },
        ("enP1s1", "eth0"),
    ),
    (
        "what is below, and members",
        "vlan3",
        {"vlan3": SOFT | {"lower": "eth0"}, "eth0": HARD, "eth1": HARD | {"master": "vlan3"}},
        ("eth0", "eth1"),
    ),
    (
        "eight layers, as many as the kernel allows",
        "l0",
        {f"l{n}": SOFT | {"lower": f"l{n + 1}"} for n in range(8)} | {"l8": HARD},
        ("l8",),
    ),
    (
        "a circle of lower interfaces ends",
        "a",
        {"a": SOFT | {"lower": "b"}, "b": SOFT | {"lower": "a"}},
        (),
    ),
    (
        "a circle of masters ends",
        "a",
        {"a": HARD | {"master": "b"}, "b": HARD | {"master": "a"}},
        ("a", "b"),
    ),
    ("its own master", "a", {"a": HARD | {"master": "a", "lower": "a"}}, ("a",)),
]


@pytest.mark.parametrize(
    ("name", "nics", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_packets_are_carried_by_the_hardware_below(
    name: str, nics: dict[str, Any], expected: tuple[str, ...]
) -> None:
    found = host(nics=nics).nics
    assert isinstance(found, dict)
    assert carriers(found, name) == expected


@given(hosts())
def test_carriers_are_hardware_of_the_host(host: Host) -> None:
    nics = host.nics if isinstance(host.nics, dict) else {}
    for name in NAMES:
        found = carriers(nics, name)
        assert all(nics[each].physical for each in found)
        assert (name in found) == (name in nics and nics[name].physical)
        assert list(found) == sorted(set(found))
