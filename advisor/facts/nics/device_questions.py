"""Asking every interface one thing: what answers, and why the others do not."""

from __future__ import annotations

import errno
import struct
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from advisor.facts.nics.ethtool_ioctl import Driver, EthtoolIoctl, malformed, read_driver
from advisor.facts.nics.links import Link
from advisor.model.unavailable import Unavailable

T = TypeVar("T")

NOT_THERE = Unavailable("the interface is not there any more, or its device is suspended")

_NO_DRIVER = Driver(name="")


class Questions:
    """Turns answers and errors into values and reasons, and asks over the ioctl what is left.

    Args:
        links: The interfaces.
        ioctl: The socket.

    Attributes:
        drivers: Interface index → its driver; `name` is "" when it has none.
        silent_drivers: Interface index → why its driver could not be asked who it is.
    """

    def __init__(self, links: Sequence[Link], ioctl: EthtoolIoctl) -> None:
        self._links = links
        self._ioctl = ioctl
        answers = {link.index: self._answer(link, read_driver) for link in links}
        self.drivers: Mapping[int, Driver] = {
            index: _NO_DRIVER if isinstance(answer, OSError) else answer
            for index, answer in answers.items()
        }
        self.silent_drivers: Mapping[int, Unavailable] = {
            index: _reason(answer, _NO_DRIVER)
            for index, answer in answers.items()
            if isinstance(answer, OSError)
        }

    def everyone(
        self,
        by_netlink: Mapping[int, T | OSError] | None,
        by_ioctl: Callable[[EthtoolIoctl, str], T],
    ) -> dict[int, T | Unavailable]:
        """Interface index → value.

        Args:
            by_netlink: What netlink answered, None where this kernel has no such request.
            by_ioctl: The reader to use instead.
        """
        if by_netlink is None:
            return {link.index: self.one(link, by_ioctl) for link in self._links}
        return {link.index: self._value(link, by_netlink[link.index]) for link in self._links}

    def one(self, link: Link, read: Callable[[EthtoolIoctl, str], T]) -> T | Unavailable:
        """What a reader gets from one interface."""
        return self._value(link, self._answer(link, read))

    def _answer(self, link: Link, read: Callable[[EthtoolIoctl, str], T]) -> T | OSError:
        try:
            return read(self._ioctl, link.name)
        except OSError as error:
            return error
        except struct.error:
            return malformed("less than it was asked for")

    def _value(self, link: Link, answer: T | OSError) -> T | Unavailable:
        return _reason(answer, self.drivers[link.index]) if isinstance(answer, OSError) else answer


def the_driver(driver: Driver) -> str:
    """The driver as the subject of a sentence."""
    return f"the driver ({driver.name})" if driver.name else "the driver"


def _reason(error: OSError, driver: Driver) -> Unavailable:
    if error.errno == errno.EOPNOTSUPP:
        return Unavailable(f"{the_driver(driver)} does not support this", absent=True)
    if error.errno in (errno.ENODEV, errno.ENXIO):
        return NOT_THERE
    if error.errno in (errno.EPERM, errno.EACCES):
        return Unavailable("no permission to ask the driver")
    return Unavailable(f"{the_driver(driver)} answered: {error.strerror}")
