"""Changes of an interface that would destroy what advisor does not put back: refused beforehand."""

from __future__ import annotations

import errno
from collections.abc import Collection, Mapping

from advisor.errors import AdvisorError
from advisor.facts.nics.ethtool_ioctl_settings import read_channels, read_queue_coalesce
from advisor.facts.nics.ethtool_netlink import EthtoolNetlink
from advisor.model.address import NicAddress
from advisor.settings.live.kernel import Interface, Kernel
from advisor.settings.live.kind import Value, refusal, why_not
from advisor.settings.live.nic_qdisc import queue_qdiscs
from advisor.settings.live.nic_rss import steering_rules

_PER_CHANNEL = ("rx_usecs", "rx_frames", "tx_usecs", "tx_frames")


def check_undoable(kernel: Kernel, group: str, values: Mapping[NicAddress, Value]) -> None:
    """Raises AdvisorError when a change would lose what nobody puts back.

    What is kept and put back is what `advisor.settings.live.dependents` lists.

    Args:
        kernel: The kernel.
        group: "channels", "ring", "coalesce" or "pause".
        values: The fields that are changed.
    """
    address, value = next(iter(values.items()))
    try:
        interface = kernel.interface(address.nic)
        if group == "channels":
            lost = _lost_with_channels(kernel, interface)
        elif group == "coalesce":
            fields = {each.attribute[1].replace("-", "_") for each in values}
            lost = _uneven_channels(kernel, interface, fields)
        else:
            lost = None
    except OSError as error:
        raise refusal(address, value, why_not(error).reason) from error
    if lost is not None:
        raise _would_lose(address, value, lost)


def _would_lose(address: NicAddress, value: Value, lost: str) -> AdvisorError:
    hint = "advisor could not undo this; make the change by hand, or remove what is in its way"
    return refusal(address, value, f"it would lose {lost}", hint)


def _lost_with_channels(kernel: Kernel, interface: Interface) -> str | None:
    contexts = EthtoolNetlink(kernel.generic).rss_contexts(interface.index)
    if contexts:
        return f"{len(contexts)} additional RSS contexts"
    rules = steering_rules(kernel.ioctl, interface.name)
    if rules:
        return f"{rules} rules that steer flows to queues"
    qdiscs = queue_qdiscs(interface)
    if qdiscs:
        return f"qdiscs of its queues ({', '.join(qdiscs)})"
    return _uneven_channels(kernel, interface, _PER_CHANNEL)


def _uneven_channels(kernel: Kernel, interface: Interface, fields: Collection[str]) -> str | None:
    """Whether channels have coalescing of their own, leaving out what the driver adapts itself."""
    try:
        channels = read_channels(kernel.ioctl, interface.name)
        count = channels.combined + max(channels.rx, channels.tx)
        queues = read_queue_coalesce(kernel.ioctl, interface.name, count)
    except OSError as error:
        if error.errno == errno.EOPNOTSUPP:
            return None  # no channels, or no values of their own
        raise
    for field in fields:
        adaptive = f"adaptive_{field[:2]}"
        found = {
            getattr(queue, field)
            for queue in queues.values()
            if field in _PER_CHANNEL and not getattr(queue, adaptive)
        }
        if len(found) > 1:
            return f"the {field.replace('_', '-')} that channels have of their own"
    return None
