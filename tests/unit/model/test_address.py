"""Setting addresses: what is one, and that writing and reading agree."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.model.address import (
    Address,
    IrqAddress,
    NicAddress,
    SysctlAddress,
    parse_address,
)

# Interface names that the kernel accepts, beside everyday ones: no "/", no white space, not "."
# or "..", at most 15 bytes.
ODD_NAMES = ["eth0.100", "-x", "--", "a..b", "...", "$(id)", "a;b", "A*", "[x]", "x[1]", "a=b"]
ODD_NAMES += ['a"b', "é", "a\\b", "{nic}", "a:b", "sysctl:x", "@", "~", "\x01", "\udc80"]

_names = st.sampled_from(ODD_NAMES) | st.text(
    st.characters(exclude_characters="/", exclude_categories=["Z", "Cc"]), min_size=1, max_size=15
).filter(lambda name: name not in (".", ".."))
_words = st.from_regex(r"[a-z0-9_-]{1,12}", fullmatch=True)
_addresses: st.SearchStrategy[Address] = st.one_of(
    st.builds(
        SysctlAddress,
        st.tuples(st.just("net"), st.sampled_from(["ipv4", "ipv6"]), _words),
        st.none() | st.integers(0, 9),
    ),
    st.builds(
        SysctlAddress, st.tuples(st.just("net"), st.just("ipv4"), st.just("conf"), _names, _words)
    ),
    st.builds(NicAddress, _names, st.lists(_words, min_size=1, max_size=3).map(tuple)),
    st.builds(IrqAddress, st.integers(0, 10**6)),
)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("sysctl:net.ipv4.tcp_rmem", SysctlAddress(("net", "ipv4", "tcp_rmem"))),
        ("sysctl:net.ipv4.tcp_rmem[2]", SysctlAddress(("net", "ipv4", "tcp_rmem"), 2)),
        ("sysctl:net.core.somaxconn", SysctlAddress(("net", "core", "somaxconn"))),
        (
            "sysctl:net.ipv4.conf.eth0/100.rp_filter",
            SysctlAddress(("net", "ipv4", "conf", "eth0.100", "rp_filter")),
        ),
        (
            "sysctl:net.ipv4.conf.a//b.rp_filter",
            SysctlAddress(("net", "ipv4", "conf", "a..b", "rp_filter")),
        ),
        (
            "sysctl:net.ipv4.conf.-x.rp_filter",
            SysctlAddress(("net", "ipv4", "conf", "-x", "rp_filter")),
        ),
        (
            "sysctl:net.ipv4.conf.[x].rp_filter",
            SysctlAddress(("net", "ipv4", "conf", "[x]", "rp_filter")),
        ),
        (
            "sysctl:net.ipv4.conf.{nic}.rp_filter",
            SysctlAddress(("net", "ipv4", "conf", "{nic}", "rp_filter")),
        ),
        ("nic:eth0/ring.rx", NicAddress("eth0", ("ring", "rx"))),
        ("nic:eth0/mtu", NicAddress("eth0", ("mtu",))),
        ("nic:eth0.100/mtu", NicAddress("eth0.100", ("mtu",))),
        ("nic:-x/mtu", NicAddress("-x", ("mtu",))),
        ("nic:a..b/mtu", NicAddress("a..b", ("mtu",))),
        ("nic:{nic}/channels.combined", NicAddress("{nic}", ("channels", "combined"))),
        ("nic:eth0/queue.rx-0.rps_cpus", NicAddress("eth0", ("queue", "rx-0", "rps_cpus"))),
        (
            "nic:eth0/feature.tx-tcp-segmentation",
            NicAddress("eth0", ("feature", "tx-tcp-segmentation")),
        ),
        ("irq:45/affinity", IrqAddress(45)),
    ],
)
def test_an_address_is_read_and_written_the_same_way(text: str, address: Address) -> None:
    assert parse_address(text) == address
    assert str(address) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "net.ipv4.tcp_rmem",
        "sysctl:",
        "sysctl:net..core",
        "sysctl:.net",
        "sysctl:net.",
        "sysctl:net.ipv4.conf./.rp_filter",
        "sysctl:net.ipv4.conf.//.rp_filter",
        "sysctl:net.ipv4.tcp_rmem[10]",
        "sysctl:net.ipv4.tcp_rmem[-1]",
        "sysctl:net.ipv4.tcp_rmem[x]",
        "sysctl:net.ipv4.tcp_rmem[]",
        "sysctl:net.ipv4.tcp_rmem[1",
        "sysctl:net.ipv4.tcp rmem",
        "sysctl:net.ipv4.tcp_rmem\n",
        "nic:",
        "nic:eth0",
        "nic:eth0/",
        "nic:/mtu",
        "nic:./mtu",
        "nic:../mtu",
        "nic:../../etc/mtu",
        "nic:a/b/mtu",
        "nic:eth 0/mtu",
        "nic:eth0/ring..rx",
        "nic:eth0/.rx",
        "nic:eth0/ring.",
        "irq:/affinity",
        "irq:x/affinity",
        "irq:-1/affinity",
        "irq:\N{ARABIC-INDIC DIGIT FOUR}/affinity",
        "irq:45",
        "irq:45/smp_affinity",
        "irq:" + "9" * 5000 + "/affinity",
        "module:x/y",
        " sysctl:net.core.somaxconn",
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not"):
        parse_address(text)


@given(_addresses)
def test_every_address_survives_being_written(address: Address) -> None:
    assert parse_address(str(address)) == address


@given(
    st.text()
    | st.builds("{}{}{}".format, st.sampled_from(["sysctl:", "nic:", "irq:"]), st.text(), st.text())
    | st.text("sysctlnicirq:./[]0123 -affinity", max_size=30)
)
def test_any_text_is_an_address_or_a_value_error(text: str) -> None:
    try:
        address = parse_address(text)
    except ValueError:
        return
    assert parse_address(str(address)) == address


@given(_addresses)
def test_no_component_can_leave_the_tree_it_stands_in(address: Address) -> None:
    parsed = parse_address(str(address))
    components: tuple[str, ...] = ()
    if isinstance(parsed, SysctlAddress):
        components = parsed.key
    elif isinstance(parsed, NicAddress):
        components = (parsed.nic, *parsed.attribute)
    assert not {"", ".", ".."} & set(components)
    assert not any("/" in component for component in components)
