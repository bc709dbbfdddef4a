"""What ethtool can be asked of every interface: over netlink, else over the ioctl."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from advisor.facts.netlink import NETLINK_GENERIC, Channel
from advisor.facts.nics import ethtool_ioctl
from advisor.facts.nics.ethtool_ioctl import Driver, EthtoolIoctl
from advisor.facts.nics.ethtool_netlink import EthtoolNetlink
from advisor.facts.nics.links import Link
from advisor.model.nic_settings import Channels, Coalesce, Feature, Fec, Pause, Ring, Rss
from advisor.model.unavailable import NOT_READ, Unavailable

T = TypeVar("T")

_NO_DRIVER = Driver(name="")


@dataclass(frozen=True, slots=True)
class DeviceSettings:
    """The answers of one interface. See `Nic` for the fields.

    Attributes:
        driver: Its driver; `name` is "" when it has none.
        speed_mbps: Link speed, None when unknown; software drivers make one up.
        duplex: "full", "half" or None.
        autoneg: Whether they are negotiated.
        speed_max_mbps: Fastest mode that device and module support.
        speed_advertised_mbps: Fastest mode that is offered to the link partner.
        speed_partner_mbps: Fastest mode that the link partner offers.
        channels: Channel counts.
        ring: Ring sizes.
        coalesce: Interrupt coalescing.
        queue_coalesce: The same of each channel, where the driver has it.
        features: Offloads.
        pause: Flow control.
        rss: Indirection table.
        fec: Forward error correction.
        private_flags: The driver's own flags.
        statistics: The driver's counters in its order; names may repeat.
    """

    driver: Driver = _NO_DRIVER
    speed_mbps: int | None = None
    duplex: str | None = None
    autoneg: bool | None = None
    speed_max_mbps: int | None = None
    speed_advertised_mbps: int | None = None
    speed_partner_mbps: int | None = None
    channels: Channels | Unavailable = NOT_READ
    ring: Ring | Unavailable = NOT_READ
    coalesce: Coalesce | Unavailable = NOT_READ
    queue_coalesce: dict[str, Coalesce] | Unavailable = NOT_READ
    features: dict[str, Feature] | Unavailable = NOT_READ
    pause: Pause | Unavailable = NOT_READ
    rss: Rss | Unavailable = NOT_READ
    fec: Fec | Unavailable = NOT_READ
    private_flags: dict[str, bool] | Unavailable = NOT_READ
    statistics: list[tuple[str, int]] | Unavailable = NOT_READ


_NOT_THERE = Unavailable("the interface is not there any more, or its device is suspended")
_GONE = DeviceSettings(
    channels=_NOT_THERE,
    ring=_NOT_THERE,
    coalesce=_NOT_THERE,
    queue_coalesce=_NOT_THERE,
    features=_NOT_THERE,
    pause=_NOT_THERE,
    rss=_NOT_THERE,
    fec=_NOT_THERE,
    private_flags=_NOT_THERE,
    statistics=_NOT_THERE,
)


def read_device_settings(
    links: Sequence[Link], *, use_netlink: bool = True
) -> dict[int, DeviceSettings]:
    """Interface index → answers of its driver.

    Args:
        links: The interfaces of the calling thread's network namespace.
        use_netlink: False asks over the ioctl alone, as on kernels before 5.6.

    Raises:
        OSError: No socket could be opened.
    """
    with EthtoolIoctl() as ioctl, _generic_netlink(use_netlink) as channel:
        netlink = EthtoolNetlink(channel)
        drivers = _drivers(ioctl, links)
        present = [link for link in links if link.index in drivers]
        indexes = [link.index for link in present]
        ask = _Questions(present, drivers, ioctl)
        modes = ask(netlink.link_modes(indexes), ethtool_ioctl.read_link_mode)
        channels = ask(netlink.channels(indexes), ethtool_ioctl.read_channels)
        rings = ask(netlink.rings(indexes), ethtool_ioctl.read_ring)
        coalesce = ask(netlink.coalesce(indexes), ethtool_ioctl.read_coalesce)
        features = ask(netlink.features(indexes), ethtool_ioctl.read_features)
        pause = ask(netlink.pause(indexes), ethtool_ioctl.read_pause)
        private_flags = ask(netlink.private_flags(indexes), ethtool_ioctl.read_private_flags)
        rss = ask(None, ethtool_ioctl.read_rss)
        settings = {link.index: _GONE for link in links}
        for link in present:
            index = link.index
            mode = modes[index]
            speed, duplex = (None, None) if isinstance(mode, Unavailable) else mode
            settings[index] = DeviceSettings(
                driver=drivers[index],
                speed_mbps=speed,
                duplex=duplex,
                channels=channels[index],
                ring=rings[index],
                coalesce=coalesce[index],
                features=features[index],
                pause=pause[index],
                rss=rss[index],
                private_flags=private_flags[index],
                statistics=_statistics(ioctl, link, drivers[index]),
            )
        return settings


@dataclass(frozen=True, slots=True)
class _Questions:
    """Turns answers and errors into values and reasons, and asks over the ioctl what is left."""

    links: Sequence[Link]
    drivers: Mapping[int, Driver]
    ioctl: EthtoolIoctl

    def __call__(
        self,
        by_netlink: Mapping[int, T | OSError] | None,
        by_ioctl: Callable[[EthtoolIoctl, str], T],
    ) -> dict[int, T | Unavailable]:
        found: dict[int, T | Unavailable] = {}
        for link in self.links:
            driver = self.drivers[link.index]
            if by_netlink is None:
                answer = _answer(by_ioctl, self.ioctl, link.name)
            else:
                answer = by_netlink[link.index]
            found[link.index] = _reason(answer, driver) if isinstance(answer, OSError) else answer
        return found


@contextmanager
def _generic_netlink(wanted: bool) -> Iterator[Channel | None]:
    """A generic netlink socket, None where there is none (some sandboxes)."""
    if not wanted:
        yield None
        return
    try:
        channel = Channel.open(NETLINK_GENERIC)
    except OSError:
        yield None
        return
    with channel:
        yield channel


def _answer(
    by_ioctl: Callable[[EthtoolIoctl, str], T], ioctl: EthtoolIoctl, name: str
) -> T | OSError:
    try:
        return by_ioctl(ioctl, name)
    except OSError as error:
        return error


def _drivers(ioctl: EthtoolIoctl, links: Sequence[Link]) -> dict[int, Driver]:
    """The driver of each interface that is still there under its name."""
    drivers = {}
    for link in links:
        answer = _answer(ethtool_ioctl.read_driver, ioctl, link.name)
        if not isinstance(answer, OSError):
            drivers[link.index] = answer
        elif answer.errno != errno.ENODEV:
            drivers[link.index] = _NO_DRIVER
    return drivers


def _statistics(
    ioctl: EthtoolIoctl, link: Link, driver: Driver
) -> list[tuple[str, int]] | Unavailable:
    if not driver.statistics:
        return Unavailable(f"{_the_driver(driver)} has no counters of its own")
    try:
        return ethtool_ioctl.read_statistics(ioctl, link.name, driver.statistics)
    except OSError as error:
        return _reason(error, driver)


def _reason(error: OSError, driver: Driver) -> Unavailable:
    if error.errno == errno.EOPNOTSUPP:
        return Unavailable(f"{_the_driver(driver)} does not support this")
    if error.errno in (errno.ENODEV, errno.ENXIO):
        return _NOT_THERE
    if error.errno in (errno.EPERM, errno.EACCES):
        return Unavailable("no permission to ask the driver")
    return Unavailable(f"{_the_driver(driver)} answered: {error.strerror}")


def _the_driver(driver: Driver) -> str:
    return f"the driver ({driver.name})" if driver.name else "the driver"
