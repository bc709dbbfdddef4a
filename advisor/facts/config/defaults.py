"""Values that the kernel starts with, for keys where every machine starts with the same.

From the kernel's sources: net/core/sysctl_net_core.c and net_namespace.c, net/ipv4/tcp_ipv4.c
(tcp_sk_init), net/ipv4/af_inet.c (inet_init_net), net/ipv4/sysctl_net_ipv4.c,
net/netfilter/nf_conntrack_proto_tcp.c (tcp_timeouts), Documentation/networking/ip-sysctl.rst.
Values that depend on memory, CPUs, HZ or the configuration of the kernel are left out.
"""

from __future__ import annotations

from collections.abc import Mapping

Since = tuple[int, int]

DEFAULTS: Mapping[str, tuple[tuple[Since, str], ...]] = {
    "net.core.busy_poll": (((3, 11), "0"),),
    "net.core.busy_read": (((3, 11), "0"),),
    "net.core.dev_weight": (((2, 6), "64"),),
    "net.core.netdev_budget": (((2, 6), "300"),),
    "net.core.netdev_max_backlog": (((2, 6), "1000"),),
    "net.core.rps_sock_flow_entries": (((2, 6), "0"),),
    "net.core.somaxconn": (((2, 6), "128"), ((5, 4), "4096")),
    "net.ipv4.ip_forward": (((2, 6), "0"),),
    "net.ipv4.ip_local_port_range": (((3, 2), "32768 61000"), ((4, 2), "32768 60999")),
    "net.ipv4.tcp_abort_on_overflow": (((2, 6), "0"),),
    "net.ipv4.tcp_autocorking": (((3, 14), "1"),),
    "net.ipv4.tcp_ecn": (((2, 6), "2"),),
    "net.ipv4.tcp_fastopen": (((3, 6), "0"), ((3, 13), "1")),
    "net.ipv4.tcp_fin_timeout": (((2, 6), "60"),),
    "net.ipv4.tcp_keepalive_intvl": (((2, 6), "75"),),
    "net.ipv4.tcp_keepalive_probes": (((2, 6), "9"),),
    "net.ipv4.tcp_keepalive_time": (((2, 6), "7200"),),
    "net.ipv4.tcp_min_tso_segs": (((3, 12), "2"),),
    "net.ipv4.tcp_moderate_rcvbuf": (((2, 6), "1"),),
    "net.ipv4.tcp_mtu_probing": (((2, 6), "0"),),
    "net.ipv4.tcp_no_metrics_save": (((2, 6), "0"),),
    "net.ipv4.tcp_notsent_lowat": (((3, 12), "-1"), ((5, 6), "4294967295")),
    "net.ipv4.tcp_pacing_ca_ratio": (((4, 4), "120"),),
    "net.ipv4.tcp_pacing_ss_ratio": (((4, 4), "200"),),
    "net.ipv4.tcp_retries2": (((2, 6), "15"),),
    "net.ipv4.tcp_sack": (((2, 6), "1"),),
    "net.ipv4.tcp_shrink_window": (((6, 5), "0"),),
    "net.ipv4.tcp_slow_start_after_idle": (((2, 6), "1"),),
    "net.ipv4.tcp_syn_retries": (((2, 6), "5"), ((3, 7), "6")),
    "net.ipv4.tcp_synack_retries": (((2, 6), "5"),),
    "net.ipv4.tcp_timestamps": (((2, 6), "1"),),
    "net.ipv4.tcp_tso_rtt_log": (((5, 18), "9"),),
    "net.ipv4.tcp_window_scaling": (((2, 6), "1"),),
    "net.netfilter.nf_conntrack_tcp_loose": (((2, 6), "1"),),
    "net.netfilter.nf_conntrack_tcp_timeout_close_wait": (((2, 6), "60"),),
    "net.netfilter.nf_conntrack_tcp_timeout_established": (((2, 6), "432000"),),
    "net.netfilter.nf_conntrack_tcp_timeout_time_wait": (((2, 6), "120"),),
}


# The first release of those looked at (3.7, 3.13, 4.12) that does not have the key any more.
_REMOVED: Mapping[str, Since] = {
    "net.ipv4.tcp_abc": (3, 13),
    "net.ipv4.tcp_cookie_size": (3, 13),
    "net.ipv4.tcp_frto_response": (3, 13),
    "net.ipv4.tcp_max_ssthresh": (3, 13),
    "net.ipv4.tcp_tw_recycle": (4, 12),  # commit 4396e46187ca
}


ALIASES: Mapping[str, str] = {"net.ipv4.ip_forward": "net.ipv4.conf.all.forwarding"}
"""Key → another name of the same value."""

_EITHER: Mapping[str, tuple[str, ...]] = {
    # Distributions brought the later values to older kernels.
    "net.ipv4.ip_local_port_range": ("32768 61000", "32768 60999"),
    "net.ipv4.tcp_notsent_lowat": ("-1", "4294967295"),
}


def is_default(key: str, running: str, start: str) -> bool:
    """Whether the running value is the kernel's own.

    Args:
        key: As sysctl(8) writes it.
        running: Its value now.
        start: The value that the kernel starts with.
    """
    return running in (" ".join(start.split()), *_EITHER.get(key, ()))


def removed(version: tuple[int, ...]) -> tuple[str, ...]:
    """Keys that older kernels had and this one has no more."""
    return tuple(name for name, since in _REMOVED.items() if version >= since)


def default(key: str, version: tuple[int, ...]) -> str | None:
    """The value that a kernel starts with, None when that is not known for every machine.

    Args:
        key: As sysctl(8) writes it.
        version: The kernel's version.
    """
    found = None
    for since, value in DEFAULTS.get(key, ()):
        if version >= since:
            found = value
    return found
