"""What may be written to which kernel parameter."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.errors import AdvisorError
from advisor.knowledge.locations import rules_dir
from advisor.knowledge.rules import load_rule
from advisor.model.address import SysctlAddress, parse_address
from advisor.model.rule import Rule
from advisor.settings.live.sysctl_bounds import check_bounds, forbidden, general_name

RMEM_NOW = (4096, 131072, 6291456)


def key(dotted: str) -> SysctlAddress:
    address = parse_address(f"sysctl:{dotted}")
    assert isinstance(address, SysctlAddress)
    return address


ACCEPTED = [
    ("net.core.somaxconn", 65535, 4096),
    ("net.ipv4.tcp_rmem", (4096, 262144, 33554432), RMEM_NOW),
    ("net.ipv4.tcp_mem", (1000, 2000, 3000), (1, 2, 3)),
    ("net.ipv4.ip_local_port_range", (1024, 65535), (32768, 60999)),
    ("net.ipv4.tcp_congestion_control", "bbr", "cubic"),
    ("net.core.default_qdisc", "fq_codel", "pfifo_fast"),
    ("net.ipv4.ip_local_reserved_ports", "", "80"),
    ("net.ipv4.ip_local_reserved_ports", "80,8000-8010", ""),
    ("net.core.flow_limit_cpu_bitmap", "ff,00000001", "0"),
    ("net.ipv4.conf.eth0/100.rp_filter", 2, 1),
    ("net.ipv4.conf.all.rp_filter", 0, 1),
    ("net.ipv4.tcp_adv_win_scale", -2, 1),
    ("net.ipv4.tcp_notsent_lowat", 4294967295, 131072),
    ("net.netfilter.nf_conntrack_buckets", 262144, 65536),
    # Unlisted ones: of the form that they have.
    ("net.ipv4.tcp_somewhat_new", 7, 3),
    ("net.ipv4.tcp_somewhat_new", -7, -1),
    ("net.ipv4.tcp_somewhat_new", 1 << 40, 1 << 40),
    ("net.ipv4.tcp_three_new", (1, 2, 3), (3, 2, 1)),
    ("net.ipv4.tcp_name_new", "this", "that"),
]
REFUSED = [
    ("net.core.somaxconn", 0, 4096, "from 16"),
    ("net.core.somaxconn", True, 4096, "number"),
    ("net.core.somaxconn", "4096", 4096, "number"),
    ("net.core.somaxconn", 4096.5, 4096, "number"),
    ("net.core.somaxconn", (4096,), 4096, "number"),
    ("net.core.netdev_max_backlog", -5, 1000, "from 100"),
    ("net.ipv4.tcp_sack", 7, 1, "from 0 to 1"),
    ("net.ipv4.tcp_fin_timeout", 0, 60, "from 5"),
    ("net.ipv4.conf.eth0.rp_filter", 9, 1, "from 0 to 2"),
    ("net.ipv4.tcp_rmem", (8192, 4096, 1 << 20), RMEM_NOW, "before it"),
    ("net.ipv4.tcp_rmem", (4096, 131072, 1 << 31), RMEM_NOW, "2147483647"),
    ("net.ipv4.tcp_rmem", (0, 131072, 1 << 20), RMEM_NOW, "1024"),
    ("net.ipv4.tcp_rmem", (4096, 131072), RMEM_NOW, "as many fields"),
    ("net.ipv4.tcp_rmem", (4096, 131072, 1 << 20, 1), RMEM_NOW, "as many fields"),
    ("net.ipv4.tcp_rmem", 16384, RMEM_NOW, "list"),
    ("net.ipv4.tcp_rmem", "4096 131072 6291456", RMEM_NOW, "list"),
    ("net.ipv4.tcp_rmem", (4096, True, 1 << 20), RMEM_NOW, "list"),
    ("net.ipv4.tcp_mem", (1, 2, 3), (1000, 2000, 3000), "128"),
    ("net.ipv4.ip_local_port_range", (80, 65535), (32768, 60999), "1024"),
    ("net.ipv4.ip_local_port_range", (32768, 70000), (32768, 60999), "65535"),
    ("net.ipv4.ip_local_port_range", (60000, 60010), (32768, 60999), "too few"),
    ("net.ipv4.ping_group_range", (5, 1), (1, 0), "before it"),
    ("net.ipv4.tcp_congestion_control", "../bbr", "cubic", "form"),
    ("net.ipv4.tcp_congestion_control", "a" * 16, "cubic", "form"),
    ("net.ipv4.tcp_congestion_control", "", "cubic", "form"),
    ("net.ipv4.tcp_congestion_control", "bbr\nreno", "cubic", "form"),
    ("net.ipv4.ip_local_reserved_ports", "80,", "", "form"),
    ("net.ipv4.ip_local_reserved_ports", "80;443", "", "form"),
    ("net.ipv4.ip_local_reserved_ports", 80, "", "form"),
    ("net.core.rps_default_mask", "0x3", "0", "form"),
    ("net.ipv4.tcp_somewhat_new", -1, 3, "from 0"),
    ("net.ipv4.tcp_somewhat_new", 1 << 31, 3, "from 0"),
    ("net.ipv4.tcp_somewhat_new", (1, 2), 3, "form"),
    ("net.ipv4.tcp_somewhat_new", "3", 3, "number"),
    ("net.ipv4.tcp_three_new", (1, 2), (3, 2, 1), "form"),
    ("net.ipv4.tcp_three_new", (1, 2, "3"), (3, 2, 1), "number"),
    ("net.ipv4.tcp_name_new", 3, "that", "text"),
    ("net.ipv4.tcp_name_new", "", "that", "text"),
]


@pytest.mark.parametrize(("dotted", "value", "current"), ACCEPTED)
def test_what_makes_sense_may_be_written(dotted: str, value: Any, current: Any) -> None:
    check_bounds(key(dotted), value, current)
    assert forbidden(key(dotted)) is None


@pytest.mark.parametrize(("dotted", "value", "current", "why"), REFUSED)
def test_nonsense_that_the_kernel_would_take_is_refused(
    dotted: str, value: Any, current: Any, why: str
) -> None:
    with pytest.raises(AdvisorError, match=why) as refused:
        check_bounds(key(dotted), value, current)
    assert str(key(dotted)) in refused.value.message


@pytest.mark.parametrize(
    "dotted",
    [
        "net.ipv4.tcp_fastopen_key",
        "net.ipv6.conf.eth0.stable_secret",
        "net.ipv6.conf.a//b.stable_secret",
        "net.core.netdev_rss_key",
        "net.ipv4.route.flush",
        "net.ipv6.route.flush",
        "net.core.bpf_jit_enable",
        "net.core.bpf_jit_harden",
        "net.ipv6.conf.eth0.disable_ipv6",
        "net.ipv6.conf.all.forwarding",
        "net.ipv6.conf.default.addr_gen_mode",
    ],
)
def test_secrets_commands_and_what_cannot_be_undone_are_never_written(dotted: str) -> None:
    assert forbidden(key(dotted))


def test_an_interface_can_have_any_name_in_a_key() -> None:
    for name in ("eth0.100", "conf", "all", "-x", "a..b", "*", "stable_secret", "é"):
        address = SysctlAddress(("net", "ipv4", "conf", name, "rp_filter"))
        assert general_name(address) == "net.ipv4.conf.*.rp_filter"
        assert forbidden(address) is None


def asked_for() -> list[tuple[Rule, SysctlAddress, Any]]:
    rules = [load_rule(file) for file in rules_dir().glob("*/*.yaml")]
    return [
        (rule, rule.check.setting, case.want)
        for rule in rules
        for case in rule.tests
        if isinstance(rule.check.setting, SysctlAddress) and case.want is not None
    ]


def test_what_the_rules_ask_for_is_within_the_bounds() -> None:
    asked = asked_for()
    assert len(asked) > 50
    for _rule, address, want in asked:
        whole = SysctlAddress(address.key)
        if address.index is None:
            value = tuple(want) if isinstance(want, list) else want
        elif address.key[-1] == "ip_local_port_range":
            value = (want, 65535) if address.index == 0 else (1024, want)
        else:
            value = (want, want, want)
        check_bounds(whole, value, value)


@given(
    value=st.one_of(
        st.none(), st.floats(), st.binary(), st.text(), st.integers(), st.tuples(st.integers())
    ),
    dotted=st.sampled_from(
        ["net.core.somaxconn", "net.ipv4.tcp_rmem", "net.core.default_qdisc", "net.x.y"]
    ),
    current=st.sampled_from([1, -1, "text", RMEM_NOW]),
)
def test_any_value_is_accepted_or_refused_with_a_reason(
    value: Any, dotted: str, current: Any
) -> None:
    try:
        check_bounds(key(dotted), value, current)
    except AdvisorError as error:
        assert "is refused: " in error.message
        assert error.message.isprintable()
