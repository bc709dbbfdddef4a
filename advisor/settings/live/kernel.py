"""The kernel that settings are read from and written to: its files, and sockets opened when used.

Everything belongs to the network namespace of the thread that uses it, so one `Kernel` is for one
thread that stays in one namespace.
"""

from __future__ import annotations

import errno
import os
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from types import TracebackType

from advisor.facts.files import Files
from advisor.facts.netlink import NETLINK_GENERIC, NETLINK_ROUTE, Channel
from advisor.facts.netlink_decode import decode
from advisor.facts.nics.ethtool_ioctl import EthtoolIoctl
from advisor.facts.nics.link_messages import RTM_GETLINK, LinkMessage
from advisor.facts.nics.links import Link, parse_link, read_links
from advisor.facts.nics.places import CLASS_NET
from advisor.facts.own_sysfs import shows_own_interfaces
from advisor.model.unavailable import Unavailable
from advisor.settings.live.exact_file import is_text

# A driver that takes its device down, frees its rings and starts again: some take seconds.
_PATIENCE_S = 60.0

_NAME_BYTES_MAX = 15  # IFNAMSIZ without the NUL


@dataclass(frozen=True, slots=True)
class Interface:
    """An interface under the name that it had when it was looked for.

    Attributes:
        name: Interface name.
        index: Interface index, by which it is changed: names can move.
    """

    name: str
    index: int


class Kernel:
    """The files of a host and the sockets to its kernel.

    Args:
        files: The host's files. Those of another directory than / are for tests: its interfaces are
            what its /sys says, and there is no socket to reach the running kernel by mistake.
        use_netlink: False changes interfaces over the ioctl where there is one, as on kernels
            before 5.6.
    """

    def __init__(self, files: Files | None = None, *, use_netlink: bool = True) -> None:
        self.files = Files() if files is None else files
        self._use_netlink = use_netlink
        self._opened = ExitStack()
        self._families: dict[str, int | None] = {}

    def __enter__(self) -> Kernel:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._opened.close()

    @cached_property
    def ioctl(self) -> EthtoolIoctl:
        """A socket for SIOCETHTOOL.

        Raises:
            OSError: There is none to be had.
        """
        self._has_sockets()
        return self._opened.enter_context(EthtoolIoctl())

    @cached_property
    def route(self) -> Channel:
        """A socket for rtnetlink.

        Raises:
            OSError: There is none to be had.
        """
        self._has_sockets()
        return self._opened.enter_context(Channel.open(NETLINK_ROUTE, _PATIENCE_S))

    @cached_property
    def generic(self) -> Channel | None:
        """A socket for generic netlink, None where there is none, or none is wanted."""
        if not self._use_netlink or not self.files.live:
            return None
        try:
            return self._opened.enter_context(Channel.open(NETLINK_GENERIC, _PATIENCE_S))
        except OSError:
            return None

    @cached_property
    def own_sysfs(self) -> bool:
        """Whether /sys shows this network namespace; its mount does not change while we run.

        Raises:
            OSError: Netlink refused.
        """
        return not self.files.live or shows_own_interfaces(self.files)

    def family(self, name: str) -> tuple[Channel, int] | None:
        """A generic netlink socket and the number of a family on it, None where there is none."""
        channel = self.generic
        if channel is None:
            return None
        if name not in self._families:
            self._families[name] = channel.family(name)
        number = self._families[name]
        return None if number is None else (channel, number)

    def interface(self, name: str) -> Interface:
        """The interface that has this name now.

        Raises:
            OSError: There is none (ENODEV), or that is no name of an interface (EINVAL).
        """
        if not is_interface_name(name):
            raise OSError(errno.EINVAL, "not a name of an interface")
        if self.files.live:
            index = self.ioctl.index(name)
        else:
            number = self.files.read_int(f"/sys/class/net/{name}/ifindex")
            index = number if isinstance(number, int) else None
        if index is None:
            raise _gone()
        return Interface(name, index)

    def interfaces(self) -> dict[str, int]:
        """Interface name → index, of all that there are now.

        Raises:
            OSError: The kernel does not list them.
        """
        if self.files.live:
            return {link.name: link.index for link in read_links()}
        names = self.files.list_dir(CLASS_NET)
        if isinstance(names, Unavailable):
            raise OSError(errno.ENOENT, names.reason)
        return {name: self.interface(name).index for name in names}

    def verify(self, interface: Interface) -> None:
        """Makes sure that the name still is that interface's.

        What was done by name while it moved may have met another interface.

        Raises:
            OSError: It is not, or it is not there any more (ENODEV).
        """
        if self.interface(interface.name) != interface:
            raise OSError(errno.ENODEV, "it was renamed or replaced meanwhile")

    def link(self, interface: Interface) -> Link:
        """What rtnetlink tells about it.

        Raises:
            OSError: It is not there any more, or has another name by now (ENODEV).
        """
        request = LinkMessage()
        request["index"] = interface.index
        link = parse_link(decode(LinkMessage, self.route.ask(request, RTM_GETLINK)))
        if link is None or link.name != interface.name:
            raise _gone()
        return link

    def _has_sockets(self) -> None:
        """Recorded files are not those of the kernel that a socket would reach."""
        if not self.files.live:
            raise OSError(errno.EXDEV, "these files belong to another host")


def is_interface_name(name: str) -> bool:
    """Whether the kernel would take it as one (dev_valid_name in net/core/dev.c).

    What is longer, or has a colon, the ioctls cut, and so find another interface.
    """
    data = os.fsencode(name) if is_text(name) else b""
    return (
        0 < len(data) <= _NAME_BYTES_MAX
        and name not in (".", "..")
        and not any(byte in b"/:\0" or bytes([byte]).isspace() for byte in data)
    )


def _gone() -> OSError:
    return OSError(errno.ENODEV, os.strerror(errno.ENODEV))
