"""What ethtool can be asked of every interface: over netlink, else over the ioctl.

Each answer stands for itself: a driver that refuses one request, or answers nonsense, costs that
one field, which then says why.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial

from advisor.facts.netlink import NETLINK_GENERIC, Channel
from advisor.facts.nics import ethtool_ioctl_link as link_ioctl
from advisor.facts.nics import ethtool_ioctl_settings as settings_ioctl
from advisor.facts.nics.device_questions import NOT_THERE, Questions, the_driver
from advisor.facts.nics.ethtool_ioctl import (
    Driver,
    EthtoolIoctl,
    read_private_flags,
    read_statistics,
)
from advisor.facts.nics.ethtool_netlink import EthtoolNetlink
from advisor.facts.nics.ethtool_rss import read_rss
from advisor.facts.nics.link_speeds import LinkMode
from advisor.facts.nics.links import Link
from advisor.model.nic_settings import Channels, Coalesce, Feature, Fec, Pause, Ring, Rss
from advisor.model.record import Record
from advisor.model.unavailable import NOT_READ, Unavailable

_NO_DRIVER = Driver(name="")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class DeviceSettings(Record):
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


_GONE = DeviceSettings(
    channels=NOT_THERE,
    ring=NOT_THERE,
    coalesce=NOT_THERE,
    queue_coalesce=NOT_THERE,
    features=NOT_THERE,
    pause=NOT_THERE,
    rss=NOT_THERE,
    fec=NOT_THERE,
    private_flags=NOT_THERE,
    statistics=NOT_THERE,
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
        return ask_devices(links, ioctl, channel)


def ask_devices(
    links: Sequence[Link], ioctl: EthtoolIoctl, channel: Channel | None
) -> dict[int, DeviceSettings]:
    """The same over sockets that are open; without a channel over the ioctl alone."""
    netlink = EthtoolNetlink(channel)
    questions = Questions(links, ioctl)
    indexes, ask = [link.index for link in links], questions.everyone
    modes = ask(netlink.link_modes(indexes), link_ioctl.read_link_mode)
    channels = ask(netlink.channels(indexes), settings_ioctl.read_channels)
    rings = ask(netlink.rings(indexes), settings_ioctl.read_ring)
    coalesce = ask(netlink.coalesce(indexes), settings_ioctl.read_coalesce)
    features = ask(netlink.features(indexes), settings_ioctl.read_features)
    pause = ask(netlink.pause(indexes), settings_ioctl.read_pause)
    fec = ask(netlink.fec(indexes), link_ioctl.read_fec)
    private_flags = ask(netlink.private_flags(indexes), read_private_flags)
    rss = ask(None, read_rss)
    settings = {}
    for link in links:
        index = link.index
        found = modes[index]
        mode = LinkMode() if isinstance(found, Unavailable) else found
        settings[index] = DeviceSettings(
            driver=questions.drivers[index],
            speed_mbps=mode.speed_mbps,
            duplex=mode.duplex,
            autoneg=mode.autoneg,
            speed_max_mbps=mode.speed_max_mbps,
            speed_advertised_mbps=mode.speed_advertised_mbps,
            speed_partner_mbps=mode.speed_partner_mbps,
            channels=channels[index],
            ring=rings[index],
            coalesce=coalesce[index],
            queue_coalesce=_queue_coalesce(questions, link, channels[index], coalesce[index]),
            features=features[index],
            pause=pause[index],
            rss=_with_contexts(rss[index], netlink, index),
            fec=fec[index],
            private_flags=private_flags[index],
            statistics=_statistics(questions, link),
        )
    # The ioctl asks by name: under the name of one that was renamed or removed meanwhile, another
    # interface may have answered.
    gone = [link.index for link in links if ioctl.index(link.name) != link.index]
    return settings | dict.fromkeys(gone, _GONE)


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


def _with_contexts(
    rss: Rss | Unavailable, netlink: EthtoolNetlink, index: int
) -> Rss | Unavailable:
    """With the additional contexts, of which only a device with RSS is asked."""
    if isinstance(rss, Unavailable):
        return rss
    return replace(rss, contexts=netlink.rss_contexts(index))


def _queue_coalesce(
    questions: Questions,
    link: Link,
    channels: Channels | Unavailable,
    coalesce: Coalesce | Unavailable,
) -> dict[str, Coalesce] | Unavailable:
    """Asked for only where the interface as a whole has coalescing, and for its channels only."""
    if isinstance(coalesce, Unavailable):
        return coalesce
    if isinstance(channels, Unavailable):
        return channels
    count = channels.combined + max(channels.rx, channels.tx)
    found = questions.one(link, partial(settings_ioctl.read_queue_coalesce, count=count))
    if isinstance(found, Unavailable):
        return found
    return {queue: settings_ioctl.only_supported(own, coalesce) for queue, own in found.items()}


def _statistics(questions: Questions, link: Link) -> list[tuple[str, int]] | Unavailable:
    driver = questions.drivers[link.index]
    if link.index in questions.silent_drivers:
        return questions.silent_drivers[link.index]
    if not driver.statistics:
        return Unavailable(f"{the_driver(driver)} has no counters of its own", absent=True)
    return questions.one(link, partial(read_statistics, count=driver.statistics))
