"""One interface from plain data: what belongs together, and which hardware carries it."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from advisor.facts.files import Files
from advisor.facts.netlink_decode import decode
from advisor.facts.nics.assemble import assemble, surroundings_of
from advisor.facts.nics.device_settings import DeviceSettings
from advisor.facts.nics.ethtool_ioctl import Driver
from advisor.facts.nics.interfaces import is_hardware, names_moved
from advisor.facts.nics.link_messages import LinkMessage
from advisor.facts.nics.links import Link, parse_link
from advisor.facts.nics.napis import DeviceQueues
from advisor.layout.carriers import carriers
from advisor.model.nic import Nic
from advisor.model.nic_settings import Bond, Pause
from advisor.model.unavailable import Unavailable
from tests.unit.facts.host_tree import host
from tests.unit.facts.netlink_bytes import attribute, text, u32

ETHER, RAW = 1, 65534


def link(
    index: int,
    name: str,
    kind: str = "",
    data: bytes = b"",
    *,
    master: int | None = None,
    below: int | None = None,
    bus: str | None = None,
    elsewhere: bool = False,
) -> Link:
    """A link as rtnetlink tells of it."""
    attributes = text(3, name)
    attributes += b"" if not kind else attribute(18, text(1, kind) + attribute(2, data))
    attributes += b"" if master is None else u32(10, master)
    attributes += b"" if below is None else u32(5, below)
    attributes += u32(37, 1) if elsewhere else b""
    attributes += b"" if bus is None else text(56, "0000:3b:00.0") + text(57, bus)
    fixed = struct.pack("=BBHiII", 0, 0, ETHER, index, 1, 0)
    parsed = parse_link(decode(LinkMessage, fixed + attributes))
    assert parsed is not None
    return parsed


def read(
    links: list[Link], drivers: Mapping[str, str] | None = None, files: Files | None = None
) -> dict[str, Nic]:
    """The interfaces; those on a bus are hardware."""
    names = drivers or {}
    hardware = {
        each.index
        for each in links
        if is_hardware(each, names.get(each.name, ""), Files(Path("/nowhere")), own_sysfs=True)
    }
    surroundings = surroundings_of(
        files or Files(Path("/nowhere")),
        links,
        {},
        hardware,
        queues={},
        own_sysfs=files is not None,
    )
    return {
        each.name: assemble(
            each,
            DeviceSettings(driver=Driver(name=names.get(each.name, "")), speed_mbps=10_000),
            surroundings,
            hardware=each.index in hardware,
        )
        for each in links
    }


ACTIVE_BACKUP = attribute(1, bytes([1])) + u32(2, 3)
IPV4 = bytes([192, 0, 2, 1])

# What there is; interface → what carries it.
RELATIONS: list[tuple[str, list[Link], dict[str, str], dict[str, tuple[str, ...]]]] = [
    (
        "a VLAN on a bond",
        [
            link(2, "eth0", bus="pci", master=4),
            link(3, "eth1", bus="pci", master=4),
            link(4, "bond0", "bond", ACTIVE_BACKUP),
            link(5, "bond0.7", "vlan", below=4),
        ],
        {},
        {"eth0": ("eth0",), "bond0": ("eth0", "eth1"), "bond0.7": ("eth0", "eth1")},
    ),
    (
        "a team",
        [link(2, "eth0", bus="pci", master=4), link(4, "team0", "team")],
        {},
        {"team0": ("eth0",)},
    ),
    (
        "a bridge with a NIC and a container",
        [
            link(2, "eth0", bus="pci", master=4),
            link(3, "veth1", "veth", master=4, below=9, elsewhere=True),
            link(4, "br0", "bridge"),
        ],
        {},
        {"br0": ("eth0",), "veth1": ()},
    ),
    (
        "macvlan and ipvlan on hardware, and one whose lower interface is in another namespace",
        [
            link(2, "eth0", bus="pci"),
            link(3, "mv0", "macvlan", below=2),
            link(4, "iv0", "ipvlan", below=2),
            link(5, "mv1", "macvlan", below=2, elsewhere=True),
        ],
        {},
        {"mv0": ("eth0",), "iv0": ("eth0",), "mv1": ()},
    ),
    (
        "tunnels bound to an interface, and not",
        [
            link(2, "eth0", bus="pci"),
            link(3, "vx0", "vxlan", attribute(4, IPV4) + u32(3, 2)),
            link(4, "gre1", "gre", below=2),
            link(5, "gen0", "geneve"),
            link(6, "wg0", "wireguard"),
        ],
        {},
        {"vx0": ("eth0",), "gre1": ("eth0",), "gen0": (), "wg0": ()},
    ),
    (
        "netvsc with its virtual function",
        [link(2, "eth0", bus="vmbus"), link(3, "enP1s1", bus="pci", master=2)],
        {"eth0": "hv_netvsc", "enP1s1": "mlx5_core"},
        {"eth0": ("enP1s1", "eth0"), "enP1s1": ("enP1s1",)},
    ),
    (
        "a failover pair",
        [
            link(2, "eth0", bus="virtio"),
            link(3, "eth0nsby", bus="virtio", master=2),
            link(4, "ens4", bus="pci", master=2),
        ],
        {"eth0": "net_failover", "eth0nsby": "virtio_net", "ens4": "iavf"},
        {"eth0": ("ens4", "eth0nsby"), "ens4": ("ens4",)},
    ),
    (
        "a VRF",
        [link(2, "eth0", bus="pci", master=3), link(3, "red", "vrf")],
        {},
        {"red": ("eth0",)},
    ),
    ("software alone", [link(2, "tun0", "tun"), link(3, "br0", "bridge")], {}, {"br0": ()}),
]


@pytest.mark.parametrize(
    ("links", "drivers", "expected"),
    [case[1:] for case in RELATIONS],
    ids=[case[0] for case in RELATIONS],
)
def test_every_interface_leads_to_the_hardware_that_carries_it(
    links: list[Link], drivers: dict[str, str], expected: dict[str, tuple[str, ...]]
) -> None:
    nics = read(links, drivers)
    assert {name: carriers(nics, name) for name in expected} == expected


def test_masters_members_and_what_is_below_have_names() -> None:
    nics = read(RELATIONS[0][1])
    assert nics["eth0"].master == nics["eth1"].master == "bond0"
    assert nics["bond0"].bond == Bond("active-backup", ("eth0", "eth1"), active="eth1")
    assert nics["bond0.7"].lower == "bond0"
    assert nics["eth0"].bond is None


def test_the_master_of_a_failover_pair_is_software_although_it_has_a_device() -> None:
    nics = read(RELATIONS[6][1], RELATIONS[6][2])
    assert [nics[name].physical for name in ("eth0", "eth0nsby", "ens4")] == [False, True, True]


def test_a_tunnel_says_what_it_adds_and_others_do_not() -> None:
    nics = read(RELATIONS[4][1])
    overheads = {name: nic.overhead for name, nic in nics.items()}
    assert overheads == {"eth0": None, "vx0": 50, "gre1": 24, "gen0": 50, "wg0": 80}


@pytest.mark.parametrize("name", ["-x", "a..b", "$(id)", "é", "fifteen-bytes-n", "eth0.100"])
def test_files_of_oddly_named_interfaces_are_found(tmp_path: Path, name: str) -> None:
    queues = f"/sys/class/net/{name}/queues"
    files = host(tmp_path, {f"{queues}/rx-0/rps_cpus": "3\n", f"{queues}/tx-0/tx_timeout": "0\n"})
    nic = read([link(2, name, "veth")], files=files)[name]
    assert isinstance(nic.rx_queues, dict)
    assert nic.rx_queues["0"].rps_cpus == (0, 1)


def test_a_software_interface_is_not_judged_by_what_hardware_counts(tmp_path: Path) -> None:
    queues = "/sys/class/net/veth0/queues"
    files = host(tmp_path, {f"{queues}/rx-0/rps_cpus": "0\n", f"{queues}/tx-0/tx_timeout": "5\n"})
    nic = read([link(2, "veth0", "veth")], {"veth0": "veth"}, files)["veth0"]
    assert (nic.rx_ring_full, nic.counted.tx_timeouts, nic.speed_mbps) == (None, None, None)
    assert nic.pcie == Unavailable("a software interface has no device", absent=True)


def test_hardware_counts_what_the_watchdog_saw(tmp_path: Path) -> None:
    queues = "/sys/class/net/eth0/queues"
    files = host(tmp_path, {f"{queues}/rx-0/rps_cpus": "0\n", f"{queues}/tx-0/tx_timeout": "5\n"})
    nic = read([link(2, "eth0", bus="pci")], {"eth0": "bnxt_en"}, files)["eth0"]
    assert nic.counted.tx_timeouts == 5
    assert nic.speed_mbps == 10_000


def test_plain_data_is_enough_for_one_interface() -> None:
    this = replace(link(2, "eth0", bus="pci"), stats={"rx_missed_errors": 3, "rx_crc_errors": 4})
    settings = DeviceSettings(
        driver=Driver(name="bnxt_en"),
        pause=Pause(autoneg=True, rx=True, tx=True, rx_frames=5, tx_frames=6),
        statistics=[("rx_total_oom_discards", 7)],
    )
    surroundings = surroundings_of(
        Files(Path("/nowhere")), [this], {}, {2}, {2: DeviceQueues(tx_stopped=8)}
    )
    nic = assemble(this, settings, surroundings, hardware=True)
    assert nic.rx_ring_full == 3
    counted = nic.counted
    assert (counted.rx_bad_link, counted.rx_pause, counted.tx_pause) == (4, 5, 6)
    assert (counted.rx_no_buffer, counted.tx_stopped) == (7, 8)
    assert isinstance(nic.rx_queues, Unavailable)


@pytest.mark.parametrize(
    ("now", "moved"),
    [
        ({1: "lo", 2: "eth0"}, False),
        ({1: "lo", 2: "eth0", 3: "new"}, False),
        ({1: "lo"}, False),  # gone, and nothing in its place
        ({1: "lo", 2: "renamed"}, True),
        ({1: "lo", 3: "eth0"}, True),  # removed, and another has its name
        ({1: "eth0", 2: "lo"}, True),
    ],
)
def test_a_name_that_passes_to_another_interface_is_noticed(
    now: dict[int, str], moved: bool
) -> None:
    assert names_moved([link(1, "lo"), link(2, "eth0")], now) is moved
