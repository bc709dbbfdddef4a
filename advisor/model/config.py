"""What the configuration files will make of the host at its next boot, and who else changes it."""

from __future__ import annotations

from dataclasses import dataclass, field

from advisor.model.record import Record
from advisor.model.unavailable import Unavailable


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Configured(Record):
    """A `net.*` key that a configuration file sets at boot.

    Attributes:
        key: As sysctl(8) writes it: "net.ipv4.tcp_rmem"; a dot inside a component is a slash.
        value: What it will be set to, words separated by single spaces; "(secret)" for a secret.
        place: File and line that decide it: "/etc/sysctl.d/90-net.conf:4".
        running: Its value now in the same form, None when the kernel does not have the key now.
        differs: Whether the two differ, None when that cannot be told.
        overridden: Earlier assignments of another value, each as "file:line (value)".
        pattern: The pattern that brought it ("net.ipv4.conf.*.rp_filter"), None for its own line.
        optional: Whether a failure to set it is ignored ("-" in front of the key).
        otherwise: Value with the other tool's order of files (procps reads /etc/sysctl.conf, and
            reads it last; systemd does not), None when that is the same.
        otherwise_place: File and line of that value.
        missing: Why the kernel does not have the key now: "module" (of a module that is not
            loaded), "interface" (of an interface that is not there), "typo" (much like a key that
            is there), "namespace" (not in this network namespace), "unknown"; None when it has.
        suggestion: The key that was probably meant, None when there is none.
        rivals: Others that set the key to another value, each as "name (value, file)".
        fits: Whether it has as many numbers as the key has now (a vector that is cut short is
            written in part); None when that cannot be told.
        module: Kernel module that provides the key and that nothing loads before the values are
            set, so that the line has no effect at boot; None when there is none.
    """

    key: str
    value: str
    place: str
    running: str | Unavailable | None = None
    differs: bool | None = None
    overridden: tuple[str, ...] = ()
    pattern: str | None = None
    optional: bool = False
    otherwise: str | None = None
    otherwise_place: str | None = None
    missing: str | None = None
    suggestion: str | None = None
    module: str | None = None
    rivals: tuple[str, ...] = ()
    fits: bool | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RuntimeOnly(Record):
    """A key that runs with another value than the kernel starts with, and that no file sets.

    Attributes:
        key: As sysctl(8) writes it.
        running: Its value now, words separated by single spaces.
        default: The value that this kernel starts with.
        set_by: Programs that are known to set it when they start.
    """

    key: str
    running: str
    default: str
    set_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class FaultyLine(Record):
    """A line of a sysctl.d file that does nothing.

    Attributes:
        place: File and line.
        text: The line.
        problem: Why it does nothing.
    """

    place: str
    text: str
    problem: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class HiddenFile(Record):
    """A sysctl.d file that is not read.

    Attributes:
        path: The file.
        by: The file of the same name that is read instead, "/dev/null" for none.
    """

    path: str
    by: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Owner(Record):
    """A program that sets network settings on its own account.

    Attributes:
        name: "tuned", "NetworkManager", "systemd-networkd", "kube-proxy", "cloud-init", …
        running: Whether it runs now, None when that cannot be told.
        detail: Its active profile or mode, "" where there is none.
        place: The file that says so, "" where there is none.
        keys: `net.*` key → value that it sets.
        nic_settings: Interface (or a pattern of it) → settings that it sets there, as text.
    """

    name: str
    running: bool | None = None
    detail: str = ""
    place: str = ""
    keys: dict[str, str] = field(default_factory=dict)
    nic_settings: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Config(Record):
    """The configuration as it stands in files.

    Attributes:
        reader: Who sets the values at boot: "systemd", "procps", "none"; "none of this namespace"
            where the files are about another network namespace.
        keys: Key → what it will be set to.
        runtime_only: Key → a value that the next boot will lose. Only keys whose default is the
            same on every machine are looked at.
        unread: Key → "value (file:line)" of lines in a file that people expect to be read and that
            nothing reads at boot (/etc/sysctl.conf with systemd).
        faulty: Lines that do nothing.
        hidden: Files that are not read.
        owners: Program → what it sets.
    """

    reader: str
    keys: dict[str, Configured] = field(default_factory=dict)
    runtime_only: dict[str, RuntimeOnly] | Unavailable = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)
    faulty: tuple[FaultyLine, ...] = ()
    hidden: tuple[HiddenFile, ...] = ()
    owners: dict[str, Owner] = field(default_factory=dict)
