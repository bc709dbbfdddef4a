"""What is to be put into files, the host's means for it, and what there are none for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from advisor.facts.config.assignments import Assignment
from advisor.model.address import Address, NicAddress
from advisor.model.receipt import Value


@dataclass(frozen=True, slots=True)
class WantedFile:
    """A file as it should be.

    Attributes:
        path: Absolute path, one of those in `names`.
        content: Its bytes; of a symbolic link what `seal.link_text` makes of the target.
        target: Where it points if it is a symbolic link, None for a regular file.
    """

    path: str
    content: bytes
    target: str | None = None


@dataclass(frozen=True, slots=True)
class NotPersistable:
    """A setting that the next boot will lose.

    Attributes:
        address: The setting.
        reason: Why no file of advisor's can bring it.
        instead: A command that makes its owner bring it, None where there is none.
    """

    address: Address
    reason: str
    instead: str | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """All of advisor's files as they should be: those that are not named should not be there.

    Attributes:
        files: The files, in the order in which they are to be written.
        left: What they do not hold.
    """

    files: tuple[WantedFile, ...] = ()
    left: tuple[NotPersistable, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value comes from.

    Attributes:
        run: Id of the run that persisted it.
        rules: Ids of the rules that want it.
        boot: Boot that the run was made in: numbers of interrupts mean nothing in another one.
    """

    run: str
    rules: tuple[str, ...]
    boot: str


@dataclass(frozen=True, slots=True)
class Device:
    """What tells an interface's device from others, across boots and renaming.

    Attributes:
        mac: Its own hardware address, None for software and devices that make one up.
        bus: Its place ("0000:00:03.0/0", with the number of the port), None for software.
    """

    mac: str | None = None
    bus: str | None = None


@dataclass(frozen=True, slots=True)
class Vector:
    """An interrupt by what does not change at boot.

    Attributes:
        nic: The interface.
        position: Its place among the interface's interrupts by number, from 0.
        count: How many the interface has.
        name: What the driver calls it.
    """

    nic: str
    position: int
    count: int
    name: str


@dataclass(frozen=True, slots=True)
class Settings:
    """What `names.SETTINGS` holds.

    Attributes:
        values: Settings of interfaces → value, in the order of changing them.
        interrupts: Number when it was written → (interrupt, CPUs).
        devices: Interface name → its device, for those that have one.
    """

    values: Mapping[NicAddress, Value] = field(default_factory=dict)
    interrupts: Mapping[int, tuple[Vector, Value]] = field(default_factory=dict)
    devices: Mapping[str, Device] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LinkFile:
    """The .link file that udev has matched an interface by, if it is about this one alone.

    Attributes:
        name: Its file name.
        taken: [Link] option → drop-in that sets it and is read after advisor's.
    """

    name: str
    taken: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NicMeans:
    """What the host has for one interface.

    Attributes:
        device: Its device.
        link: Its own .link file, None when there is none or other interfaces share it.
        managed: Whether NetworkManager manages it.
    """

    device: Device = field(default_factory=Device)
    link: LinkFile | None = None
    managed: bool = False


@dataclass(frozen=True, slots=True)
class Means:
    """What a host has to make settings last.

    Attributes:
        boot: Id of this boot.
        nowhere: Why nothing at all can be persisted here, None if something can.
        reader: Who sets sysctls at boot: "systemd", "procps" or "none".
        later: Lines of sysctl files that are read after advisor's.
        loaded: Kernel modules that are loaded before sysctls are set, or built in.
        systemd: Whether systemd runs the host.
        udev: Version of udev as far as it reads .link files, None where it is not known.
        command: What runs advisor at boot, to be followed by a command of its own.
        no_command: Why there is none to be run as root at boot, None if there is.
        state_dir: The state directory if it is not the default one.
        irqbalance: Whether irqbalance places interrupts.
        nics: Interface name → means.
        profiles: Interface name or "*" → what connections of NetworkManager set there
            ("ethtool.ring-rx=4096").
        vectors: Number of an interrupt → what it is, for those of interfaces.
        kept: What advisor's own file holds now.
    """

    boot: str = ""
    nowhere: str | None = None
    reader: str = "systemd"
    later: tuple[Assignment, ...] = ()
    loaded: frozenset[str] = frozenset()
    systemd: bool = True
    udev: int | None = None
    command: tuple[str, ...] = ()
    no_command: str | None = None
    state_dir: str | None = None
    irqbalance: bool = False
    nics: Mapping[str, NicMeans] = field(default_factory=dict)
    profiles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    vectors: Mapping[int, Vector] = field(default_factory=dict)
    kept: Settings = field(default_factory=Settings)
