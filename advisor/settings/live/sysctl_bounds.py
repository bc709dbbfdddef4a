"""What may be written to which kernel parameter.

The kernel takes nonsense: somaxconn 0, tcp_rmem with its smallest above its largest, negative
backlogs, rp_filter 9. These bounds are wider than anything a rule asks for, and narrower than what
breaks a host. A parameter that is not listed may get a value of the form that it has.
"""

from __future__ import annotations

import re

from advisor.model.address import SysctlAddress
from advisor.settings.live.kind import Value, numbers, refusal, shown, whole_number

_INT_MAX = (1 << 31) - 1
_UINT_MAX = (1 << 32) - 1
_DAY = 86400

# One line per bound; "*" stands for one interface, or for "all" and "default".
_NUMBERS: dict[str, tuple[int, int]] = {
    "net.core.busy_poll": (0, 10_000),
    "net.core.busy_read": (0, 10_000),
    "net.core.dev_weight": (8, 4096),
    "net.core.flow_limit_table_len": (64, 1 << 20),
    "net.core.netdev_budget": (16, 100_000),
    "net.core.netdev_budget_usecs": (100, 1_000_000),
    "net.core.netdev_max_backlog": (100, 10_000_000),
    "net.core.optmem_max": (4096, 1 << 26),
    "net.core.rmem_default": (4608, 1 << 30),
    "net.core.rmem_max": (4608, _INT_MAX),
    "net.core.rps_sock_flow_entries": (0, 1 << 24),
    "net.core.somaxconn": (16, 1 << 20),
    "net.core.wmem_default": (4608, 1 << 30),
    "net.core.wmem_max": (4608, _INT_MAX),
    "net.ipv4.conf.*.accept_redirects": (0, 1),
    "net.ipv4.conf.*.accept_source_route": (0, 1),
    "net.ipv4.conf.*.arp_announce": (0, 2),
    "net.ipv4.conf.*.arp_filter": (0, 1),
    "net.ipv4.conf.*.arp_ignore": (0, 8),
    "net.ipv4.conf.*.forwarding": (0, 1),
    "net.ipv4.conf.*.rp_filter": (0, 2),
    "net.ipv4.ip_early_demux": (0, 1),
    "net.ipv4.ip_forward": (0, 1),
    "net.ipv4.ip_no_pmtu_disc": (0, 3),
    "net.ipv4.ip_unprivileged_port_start": (0, 65_535),
    "net.ipv4.ipfrag_high_thresh": (1 << 16, 1 << 34),
    "net.ipv4.ipfrag_low_thresh": (0, 1 << 34),
    "net.ipv4.neigh.*.gc_thresh1": (0, 1 << 24),
    "net.ipv4.neigh.*.gc_thresh2": (16, 1 << 24),
    "net.ipv4.neigh.*.gc_thresh3": (16, 1 << 24),
    "net.ipv4.tcp_abort_on_overflow": (0, 1),
    "net.ipv4.tcp_adv_win_scale": (-8, 8),
    "net.ipv4.tcp_autocorking": (0, 1),
    "net.ipv4.tcp_base_mss": (512, 9000),
    "net.ipv4.tcp_early_retrans": (0, 4),
    "net.ipv4.tcp_ecn": (0, 5),
    "net.ipv4.tcp_ecn_fallback": (0, 1),
    "net.ipv4.tcp_fastopen": (0, 0x7FF),
    "net.ipv4.tcp_fin_timeout": (5, 600),
    "net.ipv4.tcp_keepalive_intvl": (1, 3600),
    "net.ipv4.tcp_keepalive_probes": (1, 50),
    "net.ipv4.tcp_keepalive_time": (10, 7 * _DAY),
    "net.ipv4.tcp_limit_output_bytes": (1 << 14, 1 << 30),
    "net.ipv4.tcp_max_orphans": (256, 1 << 24),
    "net.ipv4.tcp_max_syn_backlog": (16, 1 << 22),
    "net.ipv4.tcp_max_tw_buckets": (256, 1 << 24),
    "net.ipv4.tcp_min_tso_segs": (1, 64),
    "net.ipv4.tcp_moderate_rcvbuf": (0, 1),
    "net.ipv4.tcp_mtu_probing": (0, 2),
    "net.ipv4.tcp_no_metrics_save": (0, 1),
    "net.ipv4.tcp_notsent_lowat": (4096, _UINT_MAX),
    "net.ipv4.tcp_orphan_retries": (0, 20),
    "net.ipv4.tcp_recovery": (0, 7),
    "net.ipv4.tcp_retries1": (1, 20),
    "net.ipv4.tcp_retries2": (3, 50),
    "net.ipv4.tcp_rfc1337": (0, 1),
    "net.ipv4.tcp_sack": (0, 1),
    "net.ipv4.tcp_slow_start_after_idle": (0, 1),
    "net.ipv4.tcp_syn_retries": (1, 20),
    "net.ipv4.tcp_synack_retries": (1, 20),
    "net.ipv4.tcp_syncookies": (0, 2),
    "net.ipv4.tcp_timestamps": (0, 2),
    "net.ipv4.tcp_tso_rtt_log": (0, 31),
    "net.ipv4.tcp_tw_recycle": (0, 1),
    "net.ipv4.tcp_tw_reuse": (0, 2),
    "net.ipv4.tcp_window_scaling": (0, 1),
    "net.ipv4.udp_rmem_min": (2304, 1 << 26),
    "net.ipv4.udp_wmem_min": (2304, 1 << 26),
    "net.ipv6.conf.*.accept_ra": (0, 2),
    "net.ipv6.conf.*.accept_redirects": (0, 1),
    "net.ipv6.conf.*.mtu": (1280, 1 << 16),
    "net.ipv6.ip6frag_high_thresh": (1 << 16, 1 << 34),
    "net.ipv6.ip6frag_low_thresh": (0, 1 << 34),
    "net.ipv6.neigh.*.gc_thresh1": (0, 1 << 24),
    "net.ipv6.neigh.*.gc_thresh2": (16, 1 << 24),
    "net.ipv6.neigh.*.gc_thresh3": (16, 1 << 24),
    "net.ipv6.route.max_size": (1024, _INT_MAX),
    "net.netfilter.nf_conntrack_buckets": (1024, 1 << 26),
    "net.netfilter.nf_conntrack_max": (1024, 1 << 28),
    "net.netfilter.nf_conntrack_tcp_timeout_established": (60, 30 * _DAY),
    "net.netfilter.nf_conntrack_tcp_timeout_time_wait": (1, _DAY),
    "net.nf_conntrack_max": (1024, 1 << 28),
    "net.unix.max_dgram_qlen": (1, 1 << 16),
}

# (smallest, largest) of every field; no field may be smaller than the one before it.
_RISING: dict[str, tuple[int, int]] = {
    "net.ipv4.tcp_mem": (128, 1 << 40),  # pages; the kernel's own start is no smaller
    "net.ipv4.tcp_rmem": (1024, _INT_MAX),
    "net.ipv4.tcp_wmem": (1024, _INT_MAX),
    "net.ipv4.udp_mem": (128, 1 << 40),
    "net.ipv4.ip_local_port_range": (1024, 65_535),
    "net.ipv4.ping_group_range": (0, _UINT_MAX),
}
_PORTS_MIN = 1000

_NAME = re.compile(r"[a-z0-9_-]{1,15}")
_TEXTS: dict[str, re.Pattern[str]] = {
    "net.core.default_qdisc": _NAME,
    "net.core.flow_limit_cpu_bitmap": re.compile(r"[0-9a-f]{1,8}(,[0-9a-f]{1,8})*"),
    "net.core.rps_default_mask": re.compile(r"[0-9a-f]{1,8}(,[0-9a-f]{1,8})*"),
    "net.ipv4.ip_local_reserved_ports": re.compile(r"([0-9]{1,5}(-[0-9]{1,5})?(,(?!$)|$))*"),
    "net.ipv4.tcp_allowed_congestion_control": re.compile(r"[a-z0-9_-]+( [a-z0-9_-]+)*"),
    "net.ipv4.tcp_congestion_control": _NAME,
}

_NEVER = (
    (re.compile(r".*\.(stable_secret|tcp_fastopen_key|netdev_rss_key)"), "it is a secret"),
    (re.compile(r".*\.flush"), "it is a command, which cannot be undone"),
    (re.compile(r"net\.core\.bpf_jit_.*"), "it decides how the kernel runs programs"),
    (
        re.compile(r"net\.ipv6\.conf\.\*\.(disable_ipv6|addr_gen_mode)"),
        "the kernel then removes or renews addresses, which cannot be undone",
    ),
    (
        re.compile(r"net\.ipv6\.conf\.\*\.forwarding"),
        "the kernel then removes routes that routers advertised, which cannot be undone",
    ),
)


def forbidden(address: SysctlAddress) -> str | None:
    """Why a key is never written, None for those that may be."""
    name = general_name(address)
    return next((why for pattern, why in _NEVER if pattern.fullmatch(name)), None)


def general_name(address: SysctlAddress) -> str:
    """The key with "*" for the interface: net.ipv4.conf.*.rp_filter."""
    key = address.key
    if len(key) > 4 and key[2] in ("conf", "neigh"):
        key = (*key[:3], "*", *key[4:])
    return ".".join(key)


def check_bounds(address: SysctlAddress, value: Value, current: Value) -> None:
    """Raises AdvisorError for what must not be written.

    Args:
        address: The key, as a whole.
        value: The new value.
        current: The value now, which says what form the value of an unlisted key has.
    """
    name = general_name(address)
    if name in _NUMBERS:
        whole_number(address, value, *_NUMBERS[name])
    elif name in _RISING:
        _check_rising(address, name, value, current)
    elif name in _TEXTS:
        if not isinstance(value, str) or not _TEXTS[name].fullmatch(value):
            raise refusal(address, value, "it has not the form of such a value")
    else:
        _check_form(address, value, current)


def _check_rising(address: SysctlAddress, name: str, value: Value, current: Value) -> None:
    fields = numbers(address, value)
    if not isinstance(current, tuple) or len(fields) != len(current):
        raise refusal(address, value, f"it has to have as many fields as {shown(current)!r}")
    low, high = _RISING[name]
    for field in fields:
        whole_number(address, field, low, high)
    if list(fields) != sorted(fields):
        raise refusal(address, value, "no field may be smaller than the one before it")
    if name == "net.ipv4.ip_local_port_range" and fields[1] - fields[0] < _PORTS_MIN:
        raise refusal(address, value, f"fewer than {_PORTS_MIN} ports are too few")


def _check_form(address: SysctlAddress, value: Value, current: Value) -> None:
    """An unlisted key: numbers for numbers, as many; negative only where one is; text for text."""
    if isinstance(current, str):
        if not isinstance(value, str) or not value:
            raise refusal(address, value, f"it has to be text, as {shown(current)!r} is")
        return
    before = current if isinstance(current, tuple) else (current,)
    after = value if isinstance(value, tuple) else (value,)
    if len(before) != len(after):
        raise refusal(address, value, f"it has to have the form of {shown(current)!r}")
    low = -_INT_MAX - 1 if any(isinstance(field, int) and field < 0 for field in before) else 0
    high = max([_INT_MAX, *(field for field in before if isinstance(field, int))])
    for field in after:
        whole_number(address, field, low, high)
