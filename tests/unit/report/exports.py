"""Plans to be exported: an ordinary one, and one whose names try to be more than names."""

from __future__ import annotations

from typing import Any

from advisor.model.address import Address, IrqAddress, NicAddress, SysctlAddress
from advisor.model.plan import Change, Plan


def sysctl(name: str) -> SysctlAddress:
    return SysctlAddress(tuple(name.split(".")))


def change(
    address: Address, before: Any, after: Any, rule: str = "TST001", disrupts: str = "none"
) -> Change:
    # The commands are for people: no export may take them from a plan, which may be anybody's.
    return Change(address, before, after, (rule,), "low", disrupts, ("note",), ("touch /owned",))


def plan(*changes: Change, host: str = "web-1") -> Plan:
    return Plan(host, "2026-11-21T10:00:00Z", "edge-proxy", changes, (), ())


def nic(name: str, *attribute: str) -> NicAddress:
    return NicAddress(name, attribute)


ORDINARY = plan(
    change(sysctl("net.core.somaxconn"), 4096, 16384, "LSN009"),
    change(sysctl("net.ipv4.tcp_rmem"), (4096, 5242880, 33554432), (4096, 131072, 4194304)),
    change(sysctl("net.ipv4.tcp_congestion_control"), "cubic", "bbr"),
    change(sysctl("net.netfilter.nf_conntrack_buckets"), 65536, 262144, "CT004"),
    change(SysctlAddress(("net", "ipv4", "conf", "eth0.100", "rp_filter")), 1, 2),
    change(nic("eth0", "feature", "rx-lro"), True, False),
    change(nic("eth0", "feature", "tx-tcp-segmentation"), False, True),
    change(nic("eth0", "private", "rx_cqe_compress"), False, True),
    change(nic("eth0", "mtu"), 1500, 9000, disrupts="link"),
    change(nic("eth0", "ring", "rx"), 512, 4096, disrupts="link"),
    change(nic("eth0", "channels", "combined"), 4, 8, disrupts="link"),
    change(nic("eth0", "channels", "rx"), 1, 0, disrupts="link"),
    change(nic("eth0", "rss", "indirection"), (0, 1) * 8, tuple(range(8)) * 2),
    change(nic("eth0", "rss", "hash", "udp4"), "sd", "sdfn"),
    change(nic("eth0", "coalesce", "adaptive-rx"), True, False),
    change(nic("eth0", "coalesce", "rx-usecs"), 3, 50),
    change(nic("eth0", "coalesce", "cqe-mode-rx"), False, True),
    change(nic("eth0", "pause", "tx"), True, False, disrupts="link"),
    change(nic("eth0", "qdisc"), "pfifo_fast", "fq"),
    change(nic("eth1", "txqueuelen"), 1000, 2000),
    change(nic("eth1", "threaded"), None, True),
    change(IrqAddress(45), (0,), (2, 3)),
    change(nic("eth0", "queue", "rx-0", "rps_cpus"), (), (0, 1, 2, 3)),
    change(nic("eth0", "queue", "rx-0", "rps_flow_cnt"), 0, 4096),
    change(nic("eth0", "queue", "tx-1", "xps_cpus"), (0, 1), (1, 33)),
    change(nic("eth0", "gro_flush_timeout"), 0, 20000),
)
"""One of everything that a plan can change."""

NAMES = (
    *("eth0.100", "-x", "--help", "a..b", ".a", "a;b", "$(id)", "`id`", "$HOME", "${x}", "~"),
    *("a'b", 'a"b', "a=b", "a&b", "a\\b", "a#b", "#", "a%b", "%n", "{{x}}", "{%x%}", "[x]", "A*"),
    *("!x", "é", "a,b", "a|b", "a>b", "a\x1b[31mb", "not\udcffutf8", "x\u2028y", "dev", "all"),
)
"""Legal names of interfaces, and some with a percent sign, which only a plan may claim."""


def odd(name: str) -> Plan:
    """Changes of an interface of that name."""
    return plan(
        change(SysctlAddress(("net", "ipv4", "conf", name, "rp_filter")), 0, 2),
        change(nic(name, "mtu"), 1500, 1400),
        change(nic(name, "ring", "rx"), 512, 1024),
        change(nic(name, "qdisc"), "noqueue", "pfifo_fast"),
        change(nic(name, "private", name), False, True),
        change(nic(name, "queue", "rx-0", "rps_cpus"), (), (0,)),
        change(nic(name, "gro_flush_timeout"), 0, 20000),
        host=name,
    )
