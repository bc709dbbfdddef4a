"""Connection tracking: how full the table is, what failed, and whether this namespace tracks."""

from __future__ import annotations

import re
import socket
import struct

from advisor.facts.files import Files, malformed
from advisor.facts.netlink_dump import Message, attributes, dump
from advisor.model.stack import Conntrack
from advisor.model.unavailable import Unavailable

_SYSCTL = "/proc/sys/net/netfilter/nf_conntrack_"
_STATS = "/proc/net/stat/nf_conntrack"
_HEXADECIMAL = re.compile(r"[0-9a-f]{1,8}")

# "entries" is the size of the table, repeated on every line. "chainlength" (5.15) counts insertions
# refused because a hash chain was too long; `conntrack -S` calls it chaintoolong.
_NOT_COUNTERS = ("entries",)
_RENAMED = {"chainlength": "chaintoolong"}

_NETLINK_NETFILTER = 12
_HOOK_GET = 12 << 8  # NFNL_SUBSYS_HOOK, NFNL_MSG_HOOK_GET
_NFGENMSG = struct.Struct("!BBH")
_HOOKNUM = struct.Struct("=HH")
_NFNLA_HOOK_HOOKNUM = 1
_NFNLA_HOOK_FUNCTION_NAME = 4
_NF_INET_PRE_ROUTING = 0
_TRACKING_FUNCTIONS = (b"ipv4_conntrack_in", b"ipv6_conntrack_in")


def read_conntrack(files: Files) -> Conntrack | Unavailable:
    """Connection tracking as this namespace sees it.

    The table and its limit exist as soon as the module is loaded; packets are tracked only where
    a rule needs it. That is why `active` is a fact of its own.
    """
    if not files.exists(f"{_SYSCTL}count"):
        above = files.list_dir("/proc/sys/net")
        if isinstance(above, Unavailable):
            return above
        return Unavailable("connection tracking is not loaded")
    count = files.read_int(f"{_SYSCTL}count")
    maximum = files.read_int(f"{_SYSCTL}max")
    buckets = files.read_int(f"{_SYSCTL}buckets")
    if isinstance(count, Unavailable):
        return count
    if isinstance(maximum, Unavailable):
        return maximum
    if isinstance(buckets, Unavailable):
        return buckets
    active, source = _active(count, files.live)
    stats = files.read_text(files.net(_STATS.removeprefix("/proc/net/")))
    return Conntrack(
        count=count,
        max=maximum,
        buckets=buckets,
        active=active,
        active_source=source,
        stats=stats if isinstance(stats, Unavailable) else parse_stats(stats),
    )


def parse_stats(text: str) -> dict[str, int] | Unavailable:
    """The per-CPU counters of /proc/net/stat/nf_conntrack, summed.

    Columns differ between kernels; the header line names them. Values are hexadecimal
    (ct_cpu_seq_show in net/netfilter/nf_conntrack_standalone.c).
    """
    header, *lines = text.splitlines() or [""]
    names = [_RENAMED.get(name, name) for name in header.split()]
    if "drop" not in names:
        return malformed(_STATS, 1, "does not name the counters")
    if not lines:
        return malformed(_STATS, 1, "no CPU follows")
    totals = dict.fromkeys((name for name in names if name not in _NOT_COUNTERS), 0)
    for number, line in enumerate(lines, start=2):
        for name, value in zip(names, line.split(), strict=False):
            if name in totals:
                if not _HEXADECIMAL.fullmatch(value):
                    return malformed(_STATS, number, f"{value[:20]!r} is not a counter")
                totals[name] += int(value, 16)
    return totals


def _active(count: int, live: bool) -> tuple[bool | Unavailable, str]:
    """Whether tracking hooks are registered in this namespace, and how that was found."""
    hooked = _hooked() if live else Unavailable("recorded files do not show netfilter hooks")
    if isinstance(hooked, bool):
        return hooked, "netfilter hooks"
    if count > 0:
        return True, "entries in the table"
    return Unavailable(f"the table is empty, and {hooked.reason}"), ""


def _hooked() -> bool | Unavailable:
    """Whether a function of conntrack sees incoming IPv4 or IPv6 packets.

    The kernel loads nfnetlink_hook for this where it is a module, as for `nft list hooks`.
    """
    try:
        hooks = [
            _function_name(each)
            for family in (socket.AF_INET, socket.AF_INET6)
            for each in dump(_NETLINK_NETFILTER, _HOOK_GET, _hook_request(family))
        ]
    except PermissionError:
        return Unavailable("listing netfilter hooks needs CAP_NET_ADMIN")
    except OSError as error:
        # EINVAL stands for "no such subsystem" here: the kernel is older than 5.14, or built
        # without CONFIG_NETFILTER_NETLINK_HOOK, as Debian's is up to 6.1.
        return Unavailable(f"this kernel does not list netfilter hooks ({error.strerror})")
    if any(name in _TRACKING_FUNCTIONS for name in hooks):
        return True
    # Without CONFIG_KALLSYMS hooks have no names.
    return Unavailable("this kernel does not name netfilter hooks") if b"" in hooks else False


def _function_name(hook: Message) -> bytes:
    buffer, start, end = hook
    for kind, first, last in attributes(buffer, start + _NFGENMSG.size, end):
        if kind == _NFNLA_HOOK_FUNCTION_NAME:
            return buffer[first:last].rstrip(b"\0")
    return b""


def _hook_request(family: int) -> bytes:
    hook = _NF_INET_PRE_ROUTING.to_bytes(4, "big")
    attribute = _HOOKNUM.pack(_HOOKNUM.size + len(hook), _NFNLA_HOOK_HOOKNUM)
    return _NFGENMSG.pack(family, 0, 0) + attribute + hook
