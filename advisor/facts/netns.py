"""The network namespace that the facts describe."""

from __future__ import annotations

from advisor.facts.files import Files
from advisor.model.system import NetNs
from advisor.model.unavailable import Unavailable

_LINK = "/proc/thread-self/ns/net"
_CORE = "/proc/sys/net/core"
ONLY_INITIAL = "netdev_max_backlog"
"""Key of net.core that exists in the initial namespace alone: see `read_netns`."""


def read_netns(files: Files, name: str | None = None) -> NetNs:
    """The namespace of the calling thread.

    Whether it is the initial one shows in its sysctls: net.core.netdev_max_backlog is registered
    for that one alone (sysctl_core_init in net/core/sysctl_net_core.c, every kernel since 2.6.26).
    Neither the inode number (it differs between kernels) nor process 1 (in a container it is the
    container's) would tell.

    Args:
        files: Where to read.
        name: What the namespace was asked for by, None for the own one.
    """
    return NetNs(inode=_inode(files), initial=_initial(files), name=name)


def _inode(files: Files) -> int | Unavailable:
    link = files.read_link(_LINK)
    if isinstance(link, Unavailable):
        return link
    digits = link.removeprefix("net:[").removesuffix("]")
    return int(digits) if digits.isdecimal() else Unavailable(f"{_LINK} is {link!r}")


def _initial(files: Files) -> bool | Unavailable:
    names = files.list_dir(_CORE)
    return names if isinstance(names, Unavailable) else ONLY_INITIAL in names
