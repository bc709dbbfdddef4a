"""Settings written to the running kernel, in namespaces made for it, and put back as they were."""

from __future__ import annotations

import errno
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from advisor.model.address import Address, NicAddress, SysctlAddress, parse_address
from advisor.model.unavailable import Unavailable
from advisor.settings.live import STATE, outcome, same
from tests.netns.live_hand import Hand, Refused, hand, settings_of
from tests.netns.spaces import ROOT, Space, needs_namespaces, space
from tests.netns.test_nics_live import wait_until_up

pytestmark = needs_namespaces

ODD_NAMES = ("-x", "a..b", "$(id)", "é", "eth0.100")

# What the kernel makes of each: its value, or how it refuses.
SYSCTLS: list[tuple[str, Any, str]] = [
    ("net.core.somaxconn", 1001, "equal"),
    ("net.ipv4.tcp_rmem", (8192, 99999, 16777216), "equal"),
    ("net.ipv4.tcp_wmem", (8192, 16384, 16777216), "equal"),
    ("net.ipv4.udp_rmem_min", 8192, "equal"),
    ("net.ipv4.ip_local_port_range", (10240, 65000), "equal"),
    ("net.ipv4.ip_local_reserved_ports", "8080,443,8000-8005", "equal"),
    ("net.ipv4.tcp_congestion_control", "reno", "equal"),
    ("net.ipv4.tcp_notsent_lowat", 131072, "equal"),
    ("net.ipv4.conf.wide0.rp_filter", 2, "equal"),
    ("net.ipv4.conf.all.rp_filter", 1, "equal"),
]
FIELDS: list[tuple[str, Any, str]] = [
    ("nic:wide0/channels.rx", 2, "equal"),
    ("nic:wide0/channels.tx", 3, "equal"),
    ("nic:wide0/feature.tx-tcp-segmentation", False, "equal"),
    ("nic:wide0/feature.rx-gro", True, "equal"),
    ("nic:tap0/coalesce.rx-frames", 16, "equal"),
    ("nic:tap0/coalesce.rx-frames", 4096, "different"),  # the driver takes 64 and says nothing
]
NICS: list[tuple[str, Any, str]] = [
    *FIELDS,
    ("nic:wide0/mtu", 1400, "equal"),
    ("nic:wide0/txqueuelen", 500, "equal"),
    ("nic:wide0/qdisc", "pfifo_fast", "equal"),
    ("nic:wide0/qdisc", "mq", "equal"),
    ("nic:wide0/queue.rx-1.rps_cpus", (0,), "equal"),
    ("nic:wide0/queue.rx-1.rps_flow_cnt", 1000, "rounded"),
    ("nic:wide0/queue.tx-2.xps_cpus", (0,), "equal"),
    ("nic:wide0/queue.tx-2.xps_rxqs", (0, 3), "equal"),
    ("nic:wide0/gro_flush_timeout", 20000, "equal"),
    ("nic:wide0/napi_defer_hard_irqs", 2, "equal"),
    ("nic:polled/threaded", True, "equal"),
]


def sysctl(dotted: str) -> SysctlAddress:
    address = parse_address(f"sysctl:{dotted}")
    assert isinstance(address, SysctlAddress)
    return address


def nic(name: str, *attribute: str) -> NicAddress:
    return NicAddress(name, attribute)


def run(lab: Space, command: str) -> str:
    return lab.run(*command.split())


@pytest.fixture(scope="module")
def lab() -> Iterator[Space]:
    four = ("numrxqueues", "4", "numtxqueues", "4")
    with space() as made:
        made.run(
            *("ip", "link", "add", "wide0", *four, "type", "veth"),
            *("peer", "name", "wide1", *four),
        )
        made.run("ip", "link", "add", "polled", "type", "veth", "peer", "name", "other")
        made.run("ethtool", "-K", "polled", "gro", "on")
        made.run("ip", "tuntap", "add", "tap0", "mode", "tap")
        for name in ODD_NAMES:
            made.run("ip", "link", "add", "name", name, "type", "veth")
        for name in ("wide0", "wide1", "polled", "other"):
            made.run("ip", "link", "set", "dev", name, "up")
        wait_until_up(made, "wide0", "polled")
        yield made


@pytest.fixture(scope="module")
def live(lab: Space) -> Iterator[Hand]:
    with hand(lab) as made:
        yield made


@pytest.fixture(scope="module")
def by_ioctl(lab: Space) -> Iterator[Hand]:
    with hand(lab, "ioctl") as made:
        yield made


def there_and_back(live: Hand, address: Address, value: Any, expected: str) -> None:
    before = live.read(address)
    assert not isinstance(before, Unavailable), address
    assert not same(address, value, before)
    live.check(address, value, before)
    live.write(address, value)
    assert outcome(address, value, live.read(address)) == expected, address
    live.write(address, before)
    assert same(address, before, live.read(address), exact=True), address


@pytest.mark.parametrize(("way", "cases"), [("live", SYSCTLS + NICS), ("by_ioctl", FIELDS)])
def test_everything_is_written_read_back_and_put_back_as_it_was(
    lab: Space,
    request: pytest.FixtureRequest,
    way: str,
    cases: list[tuple[str, Any, str]],
) -> None:
    made = request.getfixturevalue(way)
    before = settings_of(lab)
    for text, value, expected in cases:
        address = sysctl(text) if text.startswith("net.") else parse_address(text)
        there_and_back(made, address, value, expected)
    assert settings_of(lab) == before


@pytest.mark.parametrize("name", ODD_NAMES)
def test_an_interface_can_have_any_name(lab: Space, live: Hand, name: str) -> None:
    before = settings_of(lab)
    for attribute, value in (
        (("mtu",), 1400),
        (("feature", "tx-tcp-segmentation"), False),
        (("queue", "rx-0", "rps_cpus"), (0,)),
        (("gro_flush_timeout",), 20000),
    ):
        there_and_back(live, nic(name, *attribute), value, "equal")
    there_and_back(live, SysctlAddress(("net", "ipv4", "conf", name, "rp_filter")), 2, "equal")
    assert settings_of(lab) == before


REFUSED: list[tuple[str, Any, int, str | None]] = [
    ("sysctl:net.core.somaxconn", -1, errno.EINVAL, None),
    ("sysctl:net.core.rmem_max", 1 << 26, errno.EACCES, None),
    ("sysctl:net.ipv4.tcp_congestion_control", "nix", errno.ENOENT, None),
    ("sysctl:net.ipv4.tcp_rmem", (16384,), errno.EINVAL, "form"),
    ("sysctl:net.ipv4.ip_local_port_range", (2000,), errno.EINVAL, "form"),
    ("sysctl:net.ipv4.nothing_such", 1, errno.ENOENT, "does not exist"),
    ("nic:wide0/channels.rx", 9, errno.EINVAL, "requested channel count exceeds maximum"),
    ("nic:wide0/channels.rx", 0, errno.EINVAL, ""),
    ("nic:wide0/ring.rx", 512, errno.EOPNOTSUPP, None),
    ("nic:wide0/pause.rx", True, errno.EOPNOTSUPP, None),
    ("nic:wide0/private.nix", True, errno.EOPNOTSUPP, None),
    ("nic:wide0/rss.indirection", (0,), errno.EOPNOTSUPP, None),
    ("nic:wide0/coalesce.rx-usecs", 8, errno.EOPNOTSUPP, None),
    ("nic:tap0/coalesce.rx-usecs", 8, errno.EINVAL, "unsupported parameter"),
    ("nic:wide0/feature.nix", True, errno.EOPNOTSUPP, "bit name not found"),
    ("nic:wide0/mtu", 70000, errno.EINVAL, "mtu greater than device maximum"),
    ("nic:wide0/qdisc", "fq", errno.ENOENT, "qdisc kind is unknown"),
    ("nic:wide0/queue.rx-9.rps_cpus", (0,), errno.ENOENT, "no such queue"),
    ("nic:tap0/queue.tx-0.xps_cpus", (0,), errno.ENOENT, "only one"),
    ("nic:wide0/threaded", True, errno.EOPNOTSUPP, None),
    ("nic:gone/mtu", 1400, errno.ENODEV, None),
    ("nic:gone/channels.rx", 1, errno.ENODEV, None),
    ("nic:gone/threaded", True, errno.ENODEV, None),
    ("nic:gone/routes", (), errno.ENODEV, None),
]


@pytest.mark.parametrize(("text", "value", "number", "says"), REFUSED)
def test_the_kernels_refusal_changes_nothing_and_is_told_in_its_words(
    live: Hand, text: str, value: Any, number: int, says: str | None
) -> None:
    address = parse_address(text)
    before = live.read(address)
    with pytest.raises(Refused) as refused:
        live.write(address, value)
    assert refused.value.answer["errno"] == number
    if says is None:
        assert refused.value.answer["text"] is None
    else:
        assert says in (refused.value.answer["text"] or "")
    assert live.read(address) == before


def test_a_vector_that_was_written_in_part_is_told_and_put_back(live: Hand) -> None:
    # Before 7.2 the kernel sets the first fields and then refuses the third.
    address = sysctl("net.ipv4.tcp_rmem")
    before = live.read(address)
    with pytest.raises(Refused) as refused:
        live.write(address, (8192, 99999, 1 << 31))
    assert refused.value.answer["errno"] == errno.EINVAL
    now = live.read(address)
    if now == before:
        assert refused.value.answer["now"] is None
    else:
        assert tuple(refused.value.answer["now"]) == now
        assert "8192 99999" in str(refused.value)
        assert "written back" in refused.value.answer["hint"]
    live.write(address, before)
    assert live.read(address) == before


def test_no_second_way_leads_past_the_denied_keys(live: Hand) -> None:
    for key in (
        ("net", "ipv4", "tcp_fastopen_key"),
        ("net", "ipv6", "conf", "wide0", "stable_secret"),
        ("net", "ipv4", "route", "flush"),
        ("net", "ipv6", "conf", "all", "disable_ipv6"),
        ("net", "ipv4", "..", "..", "vm", "swappiness"),
    ):
        with pytest.raises(Refused, match="refused"):
            live.write(SysctlAddress(key), 1)


def test_fields_of_one_group_are_written_with_one_request(lab: Space, live: Hand) -> None:
    before = settings_of(lab)
    both: dict[Address, Any] = {nic("wide0", "channels", way): 2 for way in ("rx", "tx")}
    live.check_together(both)
    live.write_together(both)
    assert {address: live.read(address) for address in both} == both
    with pytest.raises(Refused, match="without rx channels"):
        live.check_together(dict.fromkeys(both, 0))
    live.write_together(dict.fromkeys(both, 4))
    assert settings_of(lab) == before


def test_an_unprivileged_user_is_told_what_is_missing(lab: Space) -> None:
    before = settings_of(lab)
    cases: list[tuple[Address, Any]] = [
        (sysctl("net.core.somaxconn"), 1001),
        (nic("wide0", "mtu"), 1400),
        (nic("wide0", "channels", "rx"), 2),
        (nic("wide0", "feature", "rx-gro"), True),
        (nic("wide0", "qdisc"), "pfifo_fast"),
        (nic("wide0", "queue", "rx-0", "rps_cpus"), (0,)),
        (nic("tap0", "coalesce", "rx-frames"), 16),
    ]
    with hand(lab, "nobody") as nobody:
        for address, value in cases:
            assert not isinstance(nobody.read(address), Unavailable)
            with pytest.raises(Refused) as refused:
                nobody.write(address, value)
            assert refused.value.answer["errno"] in (errno.EPERM, errno.EACCES), address
            assert "root" in refused.value.answer["hint"]
    assert settings_of(lab) == before


def test_files_of_another_namespace_are_left_alone(lab: Space) -> None:
    # /sys is that of this machine here: lo is in both, and must not be confused.
    with hand(lab, own_sysfs=False) as blind:
        for name in ("lo", "wide0"):
            address = nic(name, "gro_flush_timeout")
            found = blind.read(address)
            assert isinstance(found, Unavailable)
            assert "another network namespace" in found.reason
            with pytest.raises(Refused, match="another network namespace"):
                blind.write(address, 20000)
        there_and_back(blind, nic("wide0", "mtu"), 1400, "equal")


def test_an_interface_that_goes_away_or_is_renamed_is_not_there(lab: Space, live: Hand) -> None:
    lab.run("ip", "link", "add", "brief", "type", "veth", "peer", "name", "brief1")
    mtu, rps = nic("brief", "mtu"), nic("brief", "queue", "rx-0", "rps_cpus")
    assert live.read(mtu) == 1500
    assert live.read(rps) == ()
    lab.run("ip", "link", "set", "dev", "brief", "name", "renamed")
    try:
        for address, value in ((mtu, 1400), (rps, (0,))):
            assert isinstance(live.read(address), Unavailable)
            with pytest.raises(Refused) as refused:
                live.write(address, value)
            assert refused.value.answer["errno"] == errno.ENODEV
        assert live.read(nic("renamed", "mtu")) == 1500
    finally:
        lab.run("ip", "link", "delete", "renamed")


def test_changing_channels_and_back_loses_what_dependents_bring_back(
    lab: Space, live: Hand
) -> None:
    address = nic("wide0", "channels", "rx")
    own: dict[Address, Any] = {
        nic("wide0", "queue", "rx-3", "rps_cpus"): (0,),
        nic("wide0", "queue", "rx-2", "rps_flow_cnt"): 64,
        nic("wide0", "queue", "rx-0", "rps_cpus"): (0,),
    }
    as_found = live.capture(list(own))
    for setting, value in own.items():
        live.write(setting, value)
    before = settings_of(lab)
    kept = live.capture(live.dependents(address))
    live.write(address, 2)
    live.write(address, 4)
    assert settings_of(lab) != before, "nothing was lost: this test shows nothing"
    assert set(live.put_back(kept)) == {
        nic("wide0", "queue", "rx-3", "rps_cpus"),
        nic("wide0", "queue", "rx-2", "rps_flow_cnt"),
    }
    assert settings_of(lab) == before
    live.put_back(as_found)


def test_changing_the_mtu_and_back_moves_what_is_on_top(lab: Space, live: Hand) -> None:
    lab.run("ip", "link", "add", "link", "wide0", "name", "top", "type", "macvlan")
    try:
        lab.run("ip", "link", "set", "dev", "top", "up")
        address = nic("wide0", "mtu")
        live.write(sysctl("net.ipv6.conf.wide0.mtu"), 1450)
        before = settings_of(lab)
        kept = live.capture(live.dependents(address))
        live.write(address, 1400)
        live.write(address, 1500)
        moved = live.put_back(kept)
        assert nic("top", "mtu") in moved
        assert sysctl("net.ipv6.conf.wide0.mtu") in moved
        assert settings_of(lab) == before
    finally:
        lab.run("ip", "link", "delete", "top")
        live.write(sysctl("net.ipv6.conf.wide0.mtu"), 1500)


def test_forwarding_and_back_changes_every_interface(lab: Space, live: Hand) -> None:
    address = sysctl("net.ipv4.ip_forward")
    own = [sysctl(f"net.ipv4.conf.{name}.forwarding") for name in ("wide0", "default")]
    as_found = live.capture([address, *own, sysctl("net.ipv4.conf.all.accept_redirects")])
    for setting in own:
        live.write(setting, 1)
    before = settings_of(lab)
    kept = live.capture(live.dependents(address))
    live.write(address, 1)
    live.write(address, 0)
    assert set(own) <= set(live.put_back(kept))
    assert settings_of(lab) == before
    live.put_back(as_found)


def test_what_a_link_that_goes_down_loses_is_put_back(lab: Space, live: Hand) -> None:
    for command in (
        "ip addr add 198.51.100.1/24 dev polled",
        "ip addr add 2001:db8::1/64 dev polled nodad",
        "ip route add 203.0.113.0/26 via 198.51.100.2 metric 7 mtu 1400",
        "ip route add 203.0.113.64/26 nexthop via 198.51.100.2 weight 3 nexthop via 198.51.100.3",
        "ip route add 203.0.113.128/26 dev polled table 1000 proto static",
        "ip route add default via 203.0.113.130 dev polled onlink table 1000",
        "ip -6 route add 2001:db8:5::/48 via 2001:db8::2 metric 5",
        "ip neigh add 198.51.100.2 lladdr 02:00:00:00:00:05 dev polled",
    ):
        run(lab, command)
    before = shown(lab)
    assert "2001:db8:5::/48" in before
    kept = live.capture([nic("polled", name) for name in STATE])
    assert [len(kept[nic("polled", name)]) for name in STATE] == [3, 1, 5]
    lab.run("ip", "link", "set", "dev", "polled", "down")
    lab.run("ip", "link", "set", "dev", "polled", "up")
    wait_until_up(lab, "polled")
    assert shown(lab) != before, "nothing was lost: this test shows nothing"
    live.put_back(kept)
    assert shown(lab) == before
    assert live.put_back(kept) == []
    with pytest.raises(Refused, match="only puts back"):
        live.check(nic("polled", "routes"), (), ())
    for bad in ("2,0,0,0,254,4,0,1,0 gateway=0a000001 nix=00", 5):
        with pytest.raises(Refused, match="refused"):
            live.write(nic("polled", "routes"), (bad,))


def shown(lab: Space) -> str:
    """Addresses, routes and permanent neighbours of an interface, as ip prints them."""
    parts = [
        run(lab, f"ip -{family} -o {thing}")
        for family in (4, 6)
        for thing in (
            "route show table all proto boot",
            "route show table all proto static",
            "neigh show dev polled nud permanent",
        )
    ]
    # A duplicate of an address that came back is looked for again, for a second.
    addresses = run(lab, "ip -o addr show dev polled").replace("tentative", "")
    return "\n".join(
        [*parts, *sorted(" ".join(line.split()[2:8]) for line in addresses.splitlines())]
    )


def test_a_qdisc_that_somebody_attached_is_not_replaced(lab: Space, live: Hand) -> None:
    address = nic("wide0", "qdisc")
    run(lab, "tc qdisc add dev wide0 root handle 7: pfifo limit 9")
    try:
        assert live.read(address) == "pfifo"
        with pytest.raises(Refused, match="somebody attached pfifo 7:"):
            live.check(address, "mq", "pfifo")
    finally:
        run(lab, "tc qdisc delete dev wide0 root")
    run(lab, "tc qdisc add dev wide0 root handle 8: mq")
    try:
        run(lab, "tc qdisc replace dev wide0 parent 8:2 handle 9: pfifo limit 9")
        with pytest.raises(Refused, match=r"would lose qdiscs of its queues \(pfifo\)"):
            live.check(nic("wide0", "channels", "tx"), 2, 4)
    finally:
        run(lab, "tc qdisc delete dev wide0 root")
    for value, name, why in (
        ("htb", "wide0", "one of"),
        ("noqueue", "wide0", "only the kernel|dropped"),
        ("mq", "tap0", "one transmit queue"),
        ("pfifo_fast", "tap0", "is down"),
    ):
        with pytest.raises(Refused, match=why):
            live.check(
                nic(name, "qdisc"), value, live.read(address) if value != "noqueue" else "mq"
            )


def test_a_write_that_fails_leaves_the_qdisc_that_is_there(lab: Space, live: Hand) -> None:
    address = nic("wide0", "qdisc")
    before = settings_of(lab)
    live.write(address, "pfifo_fast")
    with pytest.raises(Refused, match="unknown"):
        live.write(address, "fq")
    assert live.read(address) == "pfifo_fast"
    live.write(address, "noqueue")
    assert settings_of(lab) == before


def test_a_feature_that_cannot_have_its_way_is_refused_and_not_taken_for_done(
    lab: Space, live: Hand
) -> None:
    sg, tso = (
        nic("wide0", "feature", f"tx-{name}") for name in ("scatter-gather", "tcp-segmentation")
    )
    before = settings_of(lab)
    kept = live.capture(live.dependents(sg))
    live.write(sg, False)
    assert live.read(tso) is False
    with pytest.raises(Refused, match="asked for already"):
        live.check(tso, True, False)
    live.write(tso, True)
    assert not same(tso, True, live.read(tso))
    live.write(sg, True)
    assert live.put_back(kept) == []
    assert settings_of(lab) == before
    for name, value, why in (
        ("tx-checksum-ipv4", True, "no such|does not let"),
        ("loopback", True, "come back"),
        ("rx-gro", 1, "true or false"),
    ):
        with pytest.raises(Refused, match=why):
            live.check(nic("wide0", "feature", name), value, False)


def test_an_mtu_that_would_take_ipv6_off_is_refused(live: Hand) -> None:
    address = nic("wide0", "mtu")
    for value in (68, 1279, 65536, True):
        with pytest.raises(Refused):
            live.check(address, value, 1500)
    live.check(address, 9000, 1500)
    live.check(address, 1000, 1000)


def test_napi_instances_with_values_of_their_own_keep_them(lab: Space, live: Hand) -> None:
    address = nic("polled", "napi_defer_hard_irqs")
    before = live.read(address)
    if not sets_of_napi(lab):
        pytest.skip("this kernel has no settings of single NAPI instances")
    with pytest.raises(Refused, match="has 7 of its own"):
        live.check(address, 2, before)
    live.write(address, before)
    live.check(address, 2, before)


# Sets napi_defer_hard_irqs of an interface's NAPI instances alone: NETDEV_CMD_NAPI_SET, 6.13.
SET_OF_NAPI = """
import socket, sys
from advisor.facts.netlink import NETLINK_GENERIC, Channel, request
from advisor.facts.nics.napis import napis_of
from advisor.facts.nics.netdev_messages import FAMILY, NapiMessage
with Channel.open(NETLINK_GENERIC) as channel:
    family = channel.family(FAMILY) or sys.exit("no family")
    for napi in napis_of(channel, family)[socket.if_nametoindex("polled")]:
        change = [("napi", int(napi)), ("defer_hard_irqs", 7)]
        try:
            channel.ask(request(NapiMessage, 14, change), family)
        except OSError:
            sys.exit("no such request")
"""


def sets_of_napi(lab: Space) -> bool:
    """Whether the kernel gave the NAPI instances of an interface a value of their own."""
    command = ["ip", "netns", "exec", lab.name, sys.executable, "-c", SET_OF_NAPI]
    return subprocess.run(command, cwd=ROOT, timeout=60, check=False).returncode == 0
