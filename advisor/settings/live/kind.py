"""What every kind of setting can do, and how a write fails."""

from __future__ import annotations

import errno
import os
from typing import Protocol, TypeVar

from advisor.errors import AdvisorError
from advisor.facts.netlink import Silence
from advisor.model.address import Address
from advisor.model.unavailable import Unavailable

Value = int | str | tuple[int | str, ...]
"""A setting's value as the facts have it; a switch is True or False."""

A = TypeVar("A", bound=Address, contravariant=True)

GONE = "the interface is not there any more, or its device is suspended"

_SHOWN_MAX = 120

_NAMES = {**errno.errorcode, errno.EOPNOTSUPP: "EOPNOTSUPP"}  # not ENOTSUP, its other name
_HINTS = {
    errno.EPERM: "changing settings needs root, or CAP_NET_ADMIN in the owning user namespace",
    errno.EACCES: "run as root; a key that is read-only for root too belongs to the host, not to "
    "this network namespace",
    errno.EROFS: "/proc/sys or /sys is mounted read-only: a container, or a service with "
    "ProtectKernelTunables=yes",
    errno.EOPNOTSUPP: "the driver does not support this change",
    errno.EBUSY: "something else uses it: XDP, a bond or a bridge above it, or another change",
    errno.ENOMEM: "the driver could not get the memory; it may have kept the old value",
}


class Kind(Protocol[A]):
    """A kind of setting: how its values are read from the running kernel, judged and written."""

    def read(self, address: A) -> Value | Unavailable:
        """The value now, or why it cannot be told."""

    def check(self, address: A, value: Value, current: Value) -> None:
        """Raises AdvisorError when `value` is out of bounds, or could not be undone.

        For new values. What was read before a change may be written back unchecked.
        """

    def write(self, address: A, value: Value) -> None:
        """Writes the value. What the kernel made of it has to be read afterwards.

        Raises:
            WriteError: It was not written; parts of a vector may have been.
        """


class WriteError(AdvisorError):
    """The kernel did not take a value, or may not have.

    Attributes:
        errno: What it said; ETIMEDOUT when it did not answer in time, so that it may still happen.
        text: Its own words (extended acknowledgement), None when it gave none.
        now: The value found afterwards, None when it was not looked for.
    """

    def __init__(
        self,
        address: Address,
        error: OSError,
        *,
        hint: str | None = None,
        now: Value | Unavailable | None = None,
    ) -> None:
        number = error.errno or errno.EIO
        name = _NAMES.get(number, str(number))
        if isinstance(error, Silence):
            what = "the kernel did not answer in time, so whether it was changed is not known"
        else:
            what = f"it could not be changed: {error.strerror or os.strerror(number)} ({name})"
        if now is not None and not isinstance(now, Unavailable):
            what += f"; it is {shown(now)} now"
        super().__init__(f"{address}: {what}", hint or _HINTS.get(number))
        self.errno = number
        self.text = None if error.strerror == os.strerror(number) else error.strerror
        self.now = now


def refusal(address: Address, value: object, why: str, hint: str | None = None) -> AdvisorError:
    """The error for a value that advisor does not write."""
    what = shown(value) if isinstance(value, int | str | tuple) else repr(value)
    return AdvisorError(f"{address}: {what} is refused: {why}", hint)


def shown(value: Value) -> str:
    """A value for people, cut where it is long."""
    text = " ".join(map(str, value)) if isinstance(value, tuple) else str(value)
    text = text if text.isprintable() else repr(text)
    return text if len(text) <= _SHOWN_MAX else f"{text[:_SHOWN_MAX]}…"


def why_not(error: OSError) -> Unavailable:
    """Why a setting could not be read."""
    if error.errno == errno.EOPNOTSUPP:
        return Unavailable("the driver does not support this")
    if error.errno in (errno.ENODEV, errno.ENXIO):
        return Unavailable(GONE)
    if error.errno in (errno.EPERM, errno.EACCES):
        return Unavailable("no permission to read it")
    return Unavailable(f"it cannot be read: {error.strerror}")


def is_unknown(error: OSError) -> bool:
    """Whether the kernel may not know a netlink request at all, so that the ioctl is worth a try.

    To an unknown one it says EOPNOTSUPP and no more. A driver that lacks something may say the
    same; over the ioctl it does so again.
    """
    return error.errno == errno.EOPNOTSUPP and error.strerror == os.strerror(errno.EOPNOTSUPP)


def whole_number(address: Address, value: object, low: int, high: int) -> int:
    """The value, a number within bounds.

    Raises:
        AdvisorError: It is not.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        raise refusal(address, value, "it has to be a number")
    if not low <= value <= high:
        raise refusal(address, value, f"it has to be from {low} to {high}")
    return value


def switch(address: Address, value: object) -> bool:
    """The value, True or False.

    Raises:
        AdvisorError: It is not.
    """
    if not isinstance(value, bool):
        raise refusal(address, value, "it has to be true or false")
    return value


def numbers(address: Address, value: object) -> tuple[int, ...]:
    """The value, a set or list of numbers that are not negative.

    Raises:
        AdvisorError: It is not.
    """
    if not isinstance(value, tuple):
        raise refusal(address, value, "it has to be a list of numbers")
    if any(isinstance(each, bool) or not isinstance(each, int) or each < 0 for each in value):
        raise refusal(address, value, "it has to be a list of numbers, none of them negative")
    return tuple(each for each in value if isinstance(each, int))
