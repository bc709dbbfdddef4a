"""One way to every setting of the running kernel, by its address."""

from __future__ import annotations

import errno
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from advisor.errors import AdvisorError
from advisor.facts.files import Files
from advisor.facts.nics.places import CLASS_NET
from advisor.model.address import Address, IrqAddress, NicAddress, SysctlAddress
from advisor.model.unavailable import Unavailable
from advisor.settings.live import nic_fields, nic_files, nic_link
from advisor.settings.live.dependents import dependents
from advisor.settings.live.irq import IrqSettings
from advisor.settings.live.kernel import Kernel
from advisor.settings.live.kind import Kind, Value
from advisor.settings.live.nic_fields import FieldSettings
from advisor.settings.live.nic_files import FileSettings
from advisor.settings.live.nic_flags import FeatureSettings, PrivateFlagSettings
from advisor.settings.live.nic_link import LinkSettings
from advisor.settings.live.nic_qdisc import QdiscSettings
from advisor.settings.live.nic_rss import RssSettings
from advisor.settings.live.nic_state import StateSettings
from advisor.settings.live.sysctl import SysctlSettings
from advisor.settings.live.values import STATE
from advisor.settings.paths import fact_path


class Live:
    """The settings of the calling thread's network namespace.

    Leave it (`with Live() as live:`) to close its sockets. It is for one thread, which stays in
    one namespace and sees one /sys while it lives.

    Args:
        files: The host's files; other roots than / are for tests.
        use_netlink: False changes interfaces over the ioctl, as on kernels before 5.6.
    """

    def __init__(self, files: Files | None = None, *, use_netlink: bool = True) -> None:
        self._kernel = kernel = Kernel(files, use_netlink=use_netlink)
        self._sysctl = SysctlSettings(kernel.files)
        self._irq = IrqSettings(kernel.files)
        self._fields = FieldSettings(kernel)
        link, state, file = LinkSettings(kernel), StateSettings(kernel), FileSettings(kernel)
        self._nic: dict[str, Kind[NicAddress]] = {
            **dict.fromkeys(nic_fields.GROUPS, self._fields),
            **dict.fromkeys(nic_link.NAMES, link),
            **dict.fromkeys((*nic_files.PLAIN, "queue"), file),
            **dict.fromkeys(STATE, state),
            "feature": FeatureSettings(kernel),
            "private": PrivateFlagSettings(kernel),
            "rss": RssSettings(kernel),
            "qdisc": QdiscSettings(kernel),
        }

    def __enter__(self) -> Live:
        self._kernel.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._kernel.__exit__(kind, error, traceback)

    def read(self, address: Address) -> Value | Unavailable:
        """The value now, in the form of the facts, or why it cannot be told.

        Raises:
            AdvisorError: There is no such setting.
        """
        return self._kind(address).read(address)

    def check(self, address: Address, value: Value, current: Value) -> None:
        """Makes sure that a new value is within advisor's own bounds, and can be undone.

        Not for values that were read before a change: those may be written back as they are.

        Args:
            address: The setting.
            value: The new value.
            current: The value now.

        Raises:
            AdvisorError: It is out of bounds, the setting does not have it, or the change would
                destroy what cannot be put back.
        """
        self._kind(address).check(address, value, current)

    def write(self, address: Address, value: Value) -> None:
        """Writes a value. What became of it has to be read: see `same`.

        Raises:
            WriteError: The kernel did not take it. A vector may be half written then.
            AdvisorError: That cannot be a value of this setting; nothing was written.
        """
        self._kind(address).write(address, value)

    def check_together(self, values: Mapping[Address, Value]) -> None:
        """`check` for settings of one `batch`, judged as they will be all together."""
        self._fields.check_together(_one_batch(values))

    def write_together(self, values: Mapping[Address, Value]) -> None:
        """`write` for settings of one `batch`, with one request: the device is reset once."""
        self._fields.write_together(_one_batch(values))

    def dependents(self, address: Address) -> list[Address]:
        """What a change of this setting may change too, in the order to put it back in.

        To be read before the change; afterwards what differs is written back. What cannot be read
        (a driver that does not have it) has nothing to lose.

        Raises:
            AdvisorError: There is no such setting, or the interfaces cannot be listed.
        """
        self._kind(address)
        try:
            return dependents(self._kernel, address)
        except OSError as error:
            raise AdvisorError(f"{address}: {error.strerror}") from error

    def is_gone(self, address: Address) -> bool:
        """Whether there is no such setting any more: its interface, queue, module or interrupt.

        Raises:
            AdvisorError: It cannot be told.
        """
        files = self._kernel.files
        if isinstance(address, SysctlAddress):
            return not files.exists("/".join(("/proc/sys", *address.key)))
        if isinstance(address, IrqAddress):
            return not files.exists(f"/proc/irq/{address.irq}")
        try:
            self._kernel.interface(address.nic)
        except OSError as error:
            if error.errno in (errno.ENODEV, errno.EINVAL):
                return True
            raise AdvisorError(f"{address}: {error.strerror}") from error
        group, *names = address.attribute
        queue = "/".join((CLASS_NET, address.nic, "queues", *names[:1]))
        return group == "queue" and not files.exists(queue)

    def interfaces(self) -> dict[str, int]:
        """Interface name → index, of all that there are now.

        Raises:
            AdvisorError: The kernel does not list them.
        """
        try:
            return self._kernel.interfaces()
        except OSError as error:
            raise AdvisorError(f"the interfaces cannot be listed: {error.strerror}") from error

    def _kind(self, address: Address) -> Kind[Any]:
        if isinstance(address, SysctlAddress):
            return self._sysctl
        if isinstance(address, IrqAddress):
            return self._irq
        if len(address.attribute) == 1 and address.attribute[0] in STATE:
            return self._nic[address.attribute[0]]
        try:
            fact_path(address)
        except ValueError as error:
            raise AdvisorError(f"{address}: {error}") from error
        return self._nic[address.attribute[0]]


def batch(address: Address) -> tuple[str, str] | None:
    """What settings that can be written with one request have in common, None for the others."""
    if isinstance(address, NicAddress) and address.attribute[0] in nic_fields.GROUPS:
        return address.nic, address.attribute[0]
    return None


def _one_batch(values: Mapping[Address, Value]) -> dict[NicAddress, Value]:
    batches = {batch(address) for address in values}
    if len(batches) != 1 or None in batches:
        raise ValueError("these settings are not written with one request")
    return {address: value for address, value in values.items() if isinstance(address, NicAddress)}
