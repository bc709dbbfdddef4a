"""What else a change may destroy: to be read before it, and put back after it where it differs.

Measured: `ethtool -L` 4→2→4 loses RPS, XPS, interrupt affinities and a custom indirection table, in
a different selection for each driver; a driver that takes its device down loses routes. Sysctls
have such effects too: `ip_forward` sets the forwarding of every interface and turns LRO off.
"""

from __future__ import annotations

from collections.abc import Iterator

from advisor.facts.irqs import read_irqs
from advisor.facts.nics.links import read_links
from advisor.facts.nics.queues import list_queues
from advisor.model.address import Address, IrqAddress, NicAddress, SysctlAddress
from advisor.model.unavailable import Unavailable
from advisor.settings.live.kernel import Kernel
from advisor.settings.live.nic_fields import FieldSettings
from advisor.settings.live.nic_flags import FeatureSettings
from advisor.settings.live.sysctl_bounds import general_name
from advisor.settings.live.values import STATE
from advisor.settings.paths import fact_path

_RESETS_DEVICE = ("channels", "ring", "mtu", "private")
_RESETS_LINK = (*_RESETS_DEVICE, "pause")
_IPV4_CONF, _IPV6_CONF = ("net", "ipv4", "conf"), ("net", "ipv6", "conf")
_FORWARDING = ("net.ipv4.ip_forward", "net.ipv4.conf.*.forwarding")
_CONGESTION = ("net", "ipv4", "tcp_congestion_control")


def dependents(kernel: Kernel, address: Address) -> list[Address]:
    """The settings that a change of this one may change too, in the order to put them back in.

    Some cannot be read (a driver without RSS): those have nothing to lose.

    Raises:
        OSError: The kernel does not list the interfaces.
    """
    if isinstance(address, SysctlAddress):
        found = _of_sysctl(kernel, address)
    elif isinstance(address, NicAddress):
        found = _of_nic(kernel, address)
    else:
        found = iter(())
    return [each for each in dict.fromkeys(found) if each != address]


def _of_nic(kernel: Kernel, address: NicAddress) -> Iterator[Address]:
    nic, group = address.nic, address.attribute[0]
    if group == "mtu":
        yield from _mtus(nic)
    if group in (*_RESETS_DEVICE, "feature"):
        yield from _features(kernel, nic)
    if group in (*_RESETS_DEVICE, "coalesce"):
        yield from _coalescing(kernel, nic)
    if group in _RESETS_DEVICE:
        yield NicAddress(nic, ("rss", "indirection"))
        yield from _interrupts(kernel, nic)
        yield from _queues(kernel, nic)
    if group in _RESETS_LINK:
        yield from (NicAddress(nic, (name,)) for name in STATE)


def _mtus(nic: str) -> Iterator[Address]:
    """An interface takes along those on top of it (VLANs, bridges) and the members of a bond.

    IPv6 follows the device's MTU, whatever it was set to (addrconf_notify in net/ipv6/addrconf.c).
    """
    links = read_links()
    moved = {link.index for link in links if link.name == nic}
    moved |= {link.index for link in links if link.master in moved}
    for _ in links:
        above = {link.index for link in links if link.lower in moved}
        above |= {link.master for link in links if link.index in moved and link.master is not None}
        if above <= moved:
            break
        moved |= above
    names = [link.name for link in links if link.index in moved]
    yield from (NicAddress(name, ("mtu",)) for name in names)
    yield from (SysctlAddress((*_IPV6_CONF, name, "mtu")) for name in names)


def _features(kernel: Kernel, nic: str) -> Iterator[Address]:
    features = FeatureSettings(kernel).features(nic)
    if not isinstance(features, Unavailable):
        for name, feature in features.items():
            if not feature.fixed:
                yield NicAddress(nic, ("feature", name))


def _coalescing(kernel: Kernel, nic: str) -> Iterator[Address]:
    coalesce = FieldSettings(kernel).record(nic, "coalesce")
    if not isinstance(coalesce, Unavailable):
        for field in coalesce.__dataclass_fields__:
            address = NicAddress(nic, ("coalesce", field.replace("_", "-")))
            if getattr(coalesce, field) is not None and _is_setting(address):
                yield address


def _interrupts(kernel: Kernel, nic: str) -> Iterator[Address]:
    irqs = read_irqs(kernel.files) if kernel.own_sysfs else {}
    if not isinstance(irqs, Unavailable):
        yield from (IrqAddress(irq.irq) for irq in irqs.values() if irq.nic == nic)


def _queues(kernel: Kernel, nic: str) -> Iterator[Address]:
    queues = list_queues(kernel.files, nic) if kernel.own_sysfs else Unavailable("not ours")
    if isinstance(queues, Unavailable):
        return
    for number in queues.rx:
        yield NicAddress(nic, ("queue", f"rx-{number}", "rps_flow_cnt"))
        yield NicAddress(nic, ("queue", f"rx-{number}", "rps_cpus"))
    for number in queues.tx if len(queues.tx) > 1 else ():
        yield NicAddress(nic, ("queue", f"tx-{number}", "xps_cpus"))
        yield NicAddress(nic, ("queue", f"tx-{number}", "xps_rxqs"))


def _of_sysctl(kernel: Kernel, address: SysctlAddress) -> Iterator[Address]:
    if address.key == _CONGESTION:
        # The default is always allowed to everybody (tcp_set_default_congestion_control).
        yield SysctlAddress(("net", "ipv4", "tcp_allowed_congestion_control"))
    if general_name(address) not in _FORWARDING:
        return
    if address.key[-2] in ("ipv4", "all"):  # inet_forward_change() in net/ipv4/devinet.c
        yield SysctlAddress(("net", "ipv4", "ip_forward"))
        yield SysctlAddress((*_IPV4_CONF, "all", "accept_redirects"))
        names = kernel.files.list_dir("/".join(("/proc/sys", *_IPV4_CONF)))
        for name in [] if isinstance(names, Unavailable) else names:
            yield SysctlAddress((*_IPV4_CONF, name, "forwarding"))
    if address.key[-2] != "default":
        yield from (NicAddress(link.name, ("feature", "rx-lro")) for link in read_links())


def _is_setting(address: NicAddress) -> bool:
    try:
        fact_path(address)
    except ValueError:
        return False
    return True
