"""The root queueing discipline of an interface, over rtnetlink: its kind, nothing of its options.

What the kernel attached itself has no handle ("0:"); it comes back when the root is deleted, and
with it the right kind for the device: mq with a default one below each queue, noqueue for software.
So going back to the kernel's own choice means deleting, and everything else means replacing.
"""

from __future__ import annotations

import errno
from dataclasses import dataclass

from advisor.facts.nics.qdiscs import QdiscMessage, read_qdiscs
from advisor.model.address import NicAddress
from advisor.model.stack import Qdisc
from advisor.model.unavailable import Unavailable
from advisor.settings.live.kernel import Interface, Kernel
from advisor.settings.live.kind import Value, WriteError, refusal, why_not

KINDS = ("fq", "fq_codel", "mq", "noqueue", "pfifo_fast")
"""Kinds whose defaults are what a host is meant to have."""

_RTM_NEWQDISC = 36
_RTM_DELQDISC = 37
_CREATE_OR_REPLACE = 0x400 | 0x100
_ROOT = 0xFFFFFFFF
_KERNELS_OWN = "0:"
_NO_QUEUE = "noqueue"
_INGRESS = "ffff:fff1"
_PER_QUEUE = ("mq", "mqprio")
_DEFAULT = "/proc/sys/net/core/default_qdisc"


@dataclass(frozen=True, slots=True)
class QdiscSettings:
    """The root qdiscs of interfaces.

    Attributes:
        kernel: The kernel.
    """

    kernel: Kernel

    def read(self, address: NicAddress) -> Value | Unavailable:
        """The kind; "noop" before an interface was set up for the first time."""
        try:
            kind = self._kind(self.kernel.interface(address.nic))
        except OSError as error:
            return why_not(error)
        return Unavailable("the kernel does not say") if kind is None else kind

    def check(self, address: NicAddress, value: Value, current: Value) -> None:
        """Raises AdvisorError when the kind is not for this device, or could not be taken back."""
        if value not in KINDS:
            raise refusal(address, value, f"it has to be one of {', '.join(KINDS)}")
        if value == current:
            return
        try:
            interface = self.kernel.interface(address.nic)
            link = self.kernel.link(interface)
            qdiscs = _qdiscs(interface)
        except OSError as error:
            raise refusal(address, value, why_not(error).reason) from error
        if value == _NO_QUEUE:
            why = "packets would be dropped where they now wait"
            raise refusal(address, value, why, "only the kernel gives it, to devices without rings")
        if value == "mq" and link.tx_queues < 2:
            raise refusal(address, value, "the interface has one transmit queue")
        if not link.up:
            raise refusal(address, value, "the interface is down, so that its qdisc is none yet")
        self._check_undoable(address, value, qdiscs)

    def write(self, address: NicAddress, value: Value) -> None:
        """Replaces the root, or deletes what was attached when the kernel's own is wanted."""
        if not isinstance(value, str) or value not in KINDS:
            raise refusal(address, value, f"it has to be one of {', '.join(KINDS)}")
        try:
            interface = self.kernel.interface(address.nic)
            self._write(interface, value)
            self.kernel.verify(interface)
        except OSError as error:
            raise WriteError(address, error) from error

    def _write(self, interface: Interface, kind: str) -> None:
        root = next((each for each in _qdiscs(interface) if each.parent == "root"), None)
        attached = root is not None and root.handle != _KERNELS_OWN
        if kind != _NO_QUEUE:
            self._replace(interface, kind)  # first, so that nothing is lost when it is refused
        elif not attached:
            return
        if attached:
            self.kernel.route.ask(_message(interface), _RTM_DELQDISC)
            own = self._kind(interface)
            if kind == _NO_QUEUE and own != kind:
                raise OSError(errno.EINVAL, f"the kernel gives this device {own}")
            if own != kind:
                self._replace(interface, kind)

    def _replace(self, interface: Interface, kind: str) -> None:
        message = _message(interface)
        message["attrs"] = [("kind", kind)]
        self.kernel.route.ask(message, _RTM_NEWQDISC, _CREATE_OR_REPLACE)

    def _kind(self, interface: Interface) -> str | None:
        return self.kernel.link(interface).qdisc

    def _check_undoable(self, address: NicAddress, value: Value, qdiscs: list[Qdisc]) -> None:
        hint = "advisor knows kinds, not their options, and could not put these back"
        attached = [each for each in qdiscs if each.handle != _KERNELS_OWN]
        if attached:
            why = f"somebody attached {attached[0].kind} {attached[0].handle}"
            raise refusal(address, value, why, hint)
        default = self.kernel.files.read_text(_DEFAULT)
        if isinstance(default, Unavailable):
            return  # only the initial namespace shows it: the kernel's own has to be trusted
        below = {each.kind for each in qdiscs if each.parent != "root"} - {default.strip()}
        if below:
            why = f"its queues have {min(below)}, but new ones would get {default.strip()}"
            raise refusal(address, value, why, hint)


def queue_qdiscs(interface: Interface) -> list[str]:
    """Kinds of the qdiscs that somebody attached to single queues, and that go with the queues.

    Raises:
        OSError: The kernel does not list qdiscs.
    """
    qdiscs = _qdiscs(interface)
    if not any(each.parent == "root" and each.kind in _PER_QUEUE for each in qdiscs):
        return []
    return [each.kind for each in qdiscs if each.parent != "root" and each.handle != _KERNELS_OWN]


def _qdiscs(interface: Interface) -> list[Qdisc]:
    """The qdiscs for what an interface sends."""
    found = read_qdiscs({interface.index: interface.name})
    if isinstance(found, Unavailable):
        raise OSError(errno.EIO, found.reason)
    return [each for each in found.values() if each.parent != _INGRESS]


def _message(interface: Interface) -> QdiscMessage:
    message = QdiscMessage()
    message["index"] = interface.index
    message["parent"] = _ROOT
    return message
