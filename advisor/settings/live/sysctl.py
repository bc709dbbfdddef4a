"""Kernel parameters below /proc/sys/net, of the calling thread's network namespace.

The kernel does not protect from half a value: it sets the first fields of a vector and refuses the
rest (EINVAL, all kernels before 7.2), takes a vector with too few fields silently, and reads "010"
as eight. So a value is written as a whole, in decimal, with one write(), and after any error the
key is read again.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from advisor.facts.files import Files, unreadable
from advisor.facts.sysctl import ROOT, SECRETS, parse_value
from advisor.model.address import SysctlAddress
from advisor.model.unavailable import Unavailable
from advisor.settings.live.exact_file import (
    check_writable,
    is_component,
    read_beneath,
    write_beneath,
)
from advisor.settings.live.kind import Value, WriteError, refusal, shown
from advisor.settings.live.sysctl_bounds import check_bounds, forbidden
from advisor.settings.live.values import normalised

_DIRECTORY = os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC
_NO_SUCH = "the kernel has nothing of that name, and no module that provides it"
_TEXT_MAX = 1 << 16  # a list of all ports


@dataclass(frozen=True, slots=True)
class SysctlSettings:
    """The sysctls of a host.

    Attributes:
        files: The host's files.
    """

    files: Files

    def read(self, address: SysctlAddress) -> Value | Unavailable:
        """The value as the facts have it: a number, a vector of numbers, or text."""
        key = _below_net(address)
        if isinstance(key, Unavailable):
            return key
        path = "/".join((ROOT, *key))
        try:
            with self._root() as root:
                text = read_beneath(root, key)
        except OSError as error:
            return unreadable(path, error)
        value = parse_value(text.encode(errors="surrogateescape").decode(errors="replace"), key[-1])
        if address.index is None:
            return value
        if isinstance(value, tuple) and address.index < len(value):
            return value[address.index]
        return Unavailable(f"{path} has no field {address.index}")

    def check(self, address: SysctlAddress, value: Value, current: Value) -> None:
        """Raises AdvisorError when the value is out of bounds, or cannot be written at all."""
        self._refuse(address, value)
        check_bounds(address, value, current)
        try:
            with self._root() as root:
                check_writable(root, address.key[1:])
        except OSError as error:
            raise WriteError(address, error) from error

    def write(self, address: SysctlAddress, value: Value) -> None:
        """Writes a whole value of the same shape as the one that is there."""
        self._refuse(address, value)
        before = self.read(address)
        if isinstance(before, Unavailable):
            raise WriteError(address, OSError(errno.ENOENT, before.reason))
        if not same_shape(before, value):
            error = OSError(errno.EINVAL, f"{shown(value)!r} has not the form of {shown(before)!r}")
            raise WriteError(address, error)
        try:
            with self._root() as root:
                write_beneath(root, address.key[1:], formatted(value))
        except OSError as error:
            raise self._failed(address, before, error) from error

    @contextmanager
    def _root(self) -> Iterator[int]:
        root = os.open(self.files.locate(ROOT), _DIRECTORY)
        try:
            yield root
        finally:
            os.close(root)

    def _refuse(self, address: SysctlAddress, value: Value) -> None:
        key = _below_net(address)
        if isinstance(key, Unavailable):
            raise refusal(address, value, key.reason)
        reason = forbidden(address)
        if reason is not None:
            raise refusal(address, value, reason)
        if address.index is not None:
            raise refusal(address, value, "a vector is written as a whole, not field by field")
        if not _is_plain(value):
            raise refusal(address, value, "it has to be a number, numbers, or one line of text")

    def _failed(self, address: SysctlAddress, before: Value, error: OSError) -> WriteError:
        """The error, with what is there now if that is not what was there before."""
        now = self.read(address)
        if isinstance(now, Unavailable) or normalised(address, now) == normalised(address, before):
            return WriteError(
                address, error, hint=_NO_SUCH if error.errno == errno.ENOENT else None
            )
        hint = "a part of it was written; the old value has to be written back"
        return WriteError(address, error, hint=hint, now=now)


def same_shape(current: Value, value: Value) -> bool:
    """Whether one value could stand in the other's place: as many numbers, or text for text."""
    if isinstance(current, str) or isinstance(value, str):
        return isinstance(current, str) == isinstance(value, str)
    return _width(current) == _width(value)


def formatted(value: Value) -> str:
    """A value as the kernel reads it: decimal numbers with a space between them, or the text."""
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _below_net(address: SysctlAddress) -> tuple[str, ...] | Unavailable:
    first, *rest = address.key or ("",)
    if first != "net" or not rest:
        return Unavailable("only parameters below net. are settings of the network")
    if not all(map(is_component, rest)):
        return Unavailable("that is not the name of a parameter")
    if rest[-1] in SECRETS:
        return Unavailable("a secret: never read or written")
    return tuple(rest)


def _width(value: Value) -> int:
    return len(value) if isinstance(value, tuple) else 1


def _is_plain(value: object) -> bool:
    if isinstance(value, str):
        return value.isascii() and value.isprintable() and len(value) <= _TEXT_MAX
    fields = value if isinstance(value, tuple) else (value,)
    return bool(fields) and all(type(field) is int for field in fields)
