"""Settings of an interface that are files below /sys/class/net/NAME: RPS, XPS, NAPI.

sysfs shows the network namespace of whoever mounted it, which need not be ours. So nothing is read
or written unless it shows the same interfaces as netlink; then the interface's directory is opened
once, has to hold the index that the name has, and stays that interface's when it is renamed.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from advisor.facts.cpulist import format_cpu_mask, parse_cpu_mask
from advisor.facts.nics import netdev_messages
from advisor.facts.nics.napis import napis_of
from advisor.facts.nics.places import CLASS_NET
from advisor.facts.nics.queues import list_queues
from advisor.model.address import NicAddress
from advisor.model.unavailable import Unavailable
from advisor.settings.live.cpus import check_cpus
from advisor.settings.live.exact_file import check_writable, read_beneath, write_beneath
from advisor.settings.live.kernel import Interface, Kernel
from advisor.settings.live.kind import (
    Value,
    WriteError,
    numbers,
    refusal,
    switch,
    whole_number,
    why_not,
)

PLAIN = ("threaded", "gro_flush_timeout", "napi_defer_hard_irqs")
"""Properties of the interface as a whole that are files."""

_MASKS = ("rps_cpus", "xps_cpus", "xps_rxqs")
_FILE_MAX = (1 << 63) - 1

# Bounds of our own: an interrupt that is held back for a second is a network that stands still.
_MOST = {
    "rps_flow_cnt": 1 << 20,
    "gro_flush_timeout": 10_000_000,  # ns; the kernel's documentation uses 20,000 to 200,000
    "napi_defer_hard_irqs": 1000,
}
# Writing the interface's file overwrites what its NAPI instances have of their own (since 6.13).
_OF_NAPI = {
    "threaded": "threaded",
    "gro_flush_timeout": "gro_flush_timeout",
    "napi_defer_hard_irqs": "defer_hard_irqs",
}
_DIRECTORY = os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class FileSettings:
    """The settings of interfaces that are files.

    Attributes:
        kernel: The kernel.
    """

    kernel: Kernel

    def read(self, address: NicAddress) -> Value | Unavailable:
        """The value as the facts have it: CPUs, a number, or a switch."""
        try:
            with self._directory(address.nic) as (_interface, directory):
                text = read_beneath(directory, _path(address)).strip()
        except FileNotFoundError:
            return Unavailable(_missing(address))
        except OSError as error:
            return why_not(error)
        return _parsed(address, text)

    def check(self, address: NicAddress, value: Value, current: Value) -> None:
        """Raises AdvisorError when the value is out of bounds, would overwrite more, or cannot be
        written at all."""
        name = address.attribute[-1]
        if name in ("rps_cpus", "xps_cpus"):
            check_cpus(self.kernel.files, address, value)
        elif name == "xps_rxqs":
            self._check_queues(address, value)
        elif name == "threaded":
            switch(address, value)
        else:
            whole_number(address, value, 0, _MOST[name])
        if name in _OF_NAPI:
            self._check_napis(address, value, current)
        try:
            with self._directory(address.nic) as (_interface, directory):
                check_writable(directory, _path(address))
        except OSError as error:
            raise WriteError(address, error) from error

    def write(self, address: NicAddress, value: Value) -> None:
        """Writes the file of the interface that has the name now."""
        text = _formatted(address, value)
        try:
            with self._directory(address.nic) as (interface, directory):
                write_beneath(directory, _path(address), text)
                self.kernel.verify(interface)
        except FileNotFoundError as error:
            missing = OSError(errno.ENOENT, _missing(address))
            raise WriteError(address, missing) from error
        except OSError as error:
            raise WriteError(address, error) from error

    @contextmanager
    def _directory(self, name: str) -> Iterator[tuple[Interface, int]]:
        """The interface's directory, as long as it is the one of this namespace.

        Raises:
            OSError: There is none.
        """
        interface = self.kernel.interface(name)
        if not self.kernel.own_sysfs:
            raise OSError(errno.EXDEV, "/sys shows the interfaces of another network namespace")
        try:
            directory = os.open(self.kernel.files.locate(f"{CLASS_NET}/{name}"), _DIRECTORY)
        except FileNotFoundError as error:
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV)) from error
        try:
            if read_beneath(directory, ("ifindex",)).strip() != str(interface.index):
                raise OSError(errno.ENODEV, "/sys shows another interface under this name")
            yield interface, directory
        finally:
            os.close(directory)

    def _check_queues(self, address: NicAddress, value: Value) -> None:
        queues = list_queues(self.kernel.files, address.nic)
        if isinstance(queues, Unavailable):
            raise refusal(address, value, queues.reason)
        unknown = sorted(set(numbers(address, value)) - set(queues.rx))
        if unknown:
            raise refusal(address, value, f"there is no receive queue {unknown[0]}")

    def _check_napis(self, address: NicAddress, value: Value, current: Value) -> None:
        family = self.kernel.family(netdev_messages.FAMILY)
        if family is None:
            return
        try:
            index = self.kernel.interface(address.nic).index
        except OSError as error:
            raise refusal(address, value, why_not(error).reason) from error
        for napi in napis_of(*family).get(index, {}).values():
            own = getattr(napi, _OF_NAPI[address.attribute[0]])
            if own is not None and own != current:
                why = f"NAPI instance {napi.napi} has {own} of its own, which would be lost"
                raise refusal(address, value, why)


def _path(address: NicAddress) -> Sequence[str]:
    if address.attribute[0] == "queue":
        _, queue, name = address.attribute
        return ("queues", queue, name)
    return address.attribute


def _missing(address: NicAddress) -> str:
    if address.attribute[-1] in ("xps_cpus", "xps_rxqs"):
        return "there is no such queue, or only one to choose from"
    if address.attribute[0] == "queue":
        return "there is no such queue, or this kernel does not have the file"
    return "this kernel does not have it"


def _parsed(address: NicAddress, text: str) -> Value | Unavailable:
    name = address.attribute[-1]
    if name in _MASKS:
        return parse_cpu_mask(text)
    if not text.isdecimal():
        return Unavailable(f"{text[:40]!r} is not understood")
    if name != "threaded":
        return int(text)
    # 2, since 6.19, is a thread that never sleeps: neither on nor off.
    return {"0": False, "1": True}.get(text, Unavailable(f"it is {text}, which is not understood"))


def _formatted(address: NicAddress, value: Value) -> str:
    name = address.attribute[-1]
    if name in _MASKS:
        return format_cpu_mask(numbers(address, value))
    if name == "threaded":
        return str(int(switch(address, value)))
    return str(whole_number(address, value, 0, _FILE_MAX))
