"""What this host has to make settings last."""

from __future__ import annotations

import os
import re
import stat
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from advisor.changes.persist import names
from advisor.changes.persist.boot_file import SIZE_MAX, from_file
from advisor.changes.persist.devices import read_devices, vectors
from advisor.changes.persist.link_files import Matched, matched, own_link_file
from advisor.changes.persist.model import Means, NicMeans, Settings
from advisor.changes.persist.seal import Kept, kept
from advisor.changes.state_dir import DEFAULT, VARIABLE
from advisor.facts.config.assignments import Assignment, parse_assignments
from advisor.facts.config.boot_files import LAST_OF_PROCPS, boot_files, reader
from advisor.facts.config.ini import read_ini
from advisor.facts.config.modules import loaded_before, module_of, provider
from advisor.facts.config.tuned import ACTIVE
from advisor.facts.files import Files
from advisor.model.config import Config
from advisor.model.host import Host
from advisor.model.unavailable import Unavailable

_BOOTED = "/run/systemd/system"  # sd_booted(3)
_PROCPS = ("/usr/sbin/sysctl", "/sbin/sysctl")
_SHARED = re.compile(r"libsystemd-shared-(\d{3})(?:[.-].*)?\.so")
# Directories of keys that come with a module.
_OF_MODULES = (
    *(("net", "netfilter", "nf_conntrack_max"), ("net", "bridge"), ("net", "ipv4", "vs")),
    *(("net", "sctp"), ("net", "rds"), ("net", "mpls"), ("net", "smc")),
)
_PACKAGE = "nettune-advisor"
_BOOT_ID = "/proc/sys/kernel/random/boot_id"
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


@dataclass(frozen=True, slots=True)
class _WithoutOurs(Files):
    """The files as if advisor had written none of them."""

    def list_dir(self, path: str) -> list[str] | Unavailable:
        # A dataclass with slots is another class than the one whose body this is: no bare super().
        found = Files.list_dir(self, path)
        if isinstance(found, Unavailable):
            return found
        return [name for name in found if f"{path}/{name}" not in names.FIXED]


def read_means(files: Files, host: Host) -> Means:
    """The means of a host.

    Args:
        files: Its files.
        host: Its facts: configuration, services, interrupts, namespace.
    """
    config = host.config
    booted = files.exists(_BOOTED)
    state_dir = os.environ.get(VARIABLE) or DEFAULT
    command, no_command = boot_command(files)
    irqs = host.irqs
    return Means(
        boot=_boot(files),
        nowhere=_nowhere(host),
        reader=sysctl_reader(files),
        later=tuple(_later(files)),
        loaded=_loaded(_WithoutOurs(files.root)),
        systemd=booted,
        udev=_udev_version(files),
        command=command,
        no_command=no_command,
        state_dir=None if state_dir == DEFAULT else state_dir,
        irqbalance=_irqbalance(config),
        nics=_nics(files),
        profiles=_profiles(config),
        vectors={} if isinstance(irqs, Unavailable) else vectors(irqs),
        kept=_kept(files),
    )


def sysctl_reader(files: Files) -> str:
    """Who sets sysctls at boot: "systemd", "procps" or "none".

    systemd's program may be installed where another init runs; its scripts then call sysctl(8).
    """
    found = reader(files)
    if found != "systemd" or files.exists(_BOOTED):
        return found
    return "procps" if any(files.exists(path) for path in _PROCPS) else "none"


def boot_command(files: Files) -> tuple[tuple[str, ...], str | None]:
    """What runs advisor, isolated from the environment, and why it must not be run at boot.

    Whoever can change the interpreter or the package could become root at the next boot.
    """
    command = (sys.executable, "-I", "-m", "advisor")
    if not files.live:
        return command, None
    from importlib.metadata import PackageNotFoundError, distribution
    from sysconfig import get_paths

    try:
        distribution(_PACKAGE)
    except PackageNotFoundError:
        return command, f"advisor is not installed for {sys.executable}, which would run it at boot"
    libraries = [Path(get_paths()[name]) for name in ("stdlib", "purelib", "platlib")]
    for path in (Path(sys.executable), Path(__file__), *libraries):
        loose = next(filter(_is_loose, _on_the_way(path)), None)
        if loose is not None:
            return command, (
                f"{loose} can be changed by others than root, so that nothing in it must be run "
                "as root at boot: install advisor for the whole system"
            )
    return command, None


def _on_the_way(path: Path) -> list[Path]:
    real = path.resolve()
    return [path, *path.parents, real, *real.parents]


def _is_loose(path: Path) -> bool:
    try:
        found = path.lstat()
    except OSError:
        return False  # one of the directories that there need not be
    if found.st_uid != 0:
        return True
    return bool(found.st_mode & _OTHERS_WRITE) and not (
        stat.S_ISLNK(found.st_mode) or found.st_mode & stat.S_ISVTX
    )


def _nowhere(host: Host) -> str | None:
    initial = None if isinstance(host.netns, Unavailable) else host.netns.initial
    if initial is False:
        return "files are about the host's first network namespace, and this is another one"
    return None


def _boot(files: Files) -> str:
    text = files.read_text(_BOOT_ID)
    return "" if isinstance(text, Unavailable) else text.strip()


def _loaded(files: Files) -> frozenset[str]:
    """The modules that somebody else takes care of, as far as sysctls are theirs."""
    before = loaded_before(files)
    present = {module_of(key) for key in _OF_MODULES if provider(files, key, before) is None}
    return before | {module for module in present if module is not None}


def _later(files: Files) -> list[Assignment]:
    """The lines that are read after advisor's file."""
    ours = names.SYSCTL.rpartition("/")[2]
    paths = [each.path for each in boot_files(files) if each.hidden_by is None and each.name > ours]
    # TuneD sets its profile's keys first and then those of the files, in the order of sysctl(8).
    if sysctl_reader(files) == "procps" or files.exists(ACTIVE):
        paths.append(LAST_OF_PROCPS)
    found = []
    for path in paths:
        text = files.read_text(path)
        if isinstance(text, str):
            found += parse_assignments(text, path)[0]
    return found


def _udev_version(files: Files) -> int | None:
    """Version of the library that udevd comes with, from its file name."""
    directories = ["/usr/lib/systemd", "/lib/systemd", "/usr/lib64/systemd"]
    libraries = files.list_dir("/usr/lib")
    directories += [
        f"/usr/lib/{name}/systemd"
        for name in ([] if isinstance(libraries, Unavailable) else libraries)
        if name.endswith(("-linux-gnu", "-linux-gnueabihf"))
    ]
    versions = set()
    for directory in directories:
        found = files.list_dir(directory)
        for name in [] if isinstance(found, Unavailable) else found:
            match = _SHARED.fullmatch(name)
            if match is not None:
                versions.add(int(match[1]))
    # During an upgrade there may be two: what the older one knows, both do.
    return min(versions, default=None)


def _irqbalance(config: Config | Unavailable) -> bool:
    owner = None if isinstance(config, Unavailable) else config.owners.get("irqbalance")
    return owner is not None and owner.running is not False


def _profiles(config: Config | Unavailable) -> dict[str, tuple[str, ...]]:
    owner = None if isinstance(config, Unavailable) else config.owners.get("NetworkManager")
    return {} if owner is None else dict(owner.nic_settings)


def _nics(files: Files) -> dict[str, NicMeans]:
    devices = read_devices(files)
    by_udev: dict[str, Matched] = {}
    for name in devices:
        found = matched(files, name)
        if found is not None:
            by_udev[name] = found
    shared = Counter(each.path for each in by_udev.values())
    return {
        name: NicMeans(
            device=device,
            link=own_link_file(files, by_udev[name])
            if name in by_udev and shared[by_udev[name].path] == 1
            else None,
            managed=_managed(files, name),
        )
        for name, device in devices.items()
    }


def _managed(files: Files, nic: str) -> bool:
    """Whether NetworkManager manages it (nm_config_device_state_write in its nm-config.c)."""
    index = files.read_int(f"/sys/class/net/{nic}/ifindex")
    state = read_ini(files, f"/run/NetworkManager/devices/{index}")
    return not isinstance(state, Unavailable) and state.get("device", {}).get("managed") == "true"


def _kept(files: Files) -> Settings:
    data = files.read_bytes(names.SETTINGS, SIZE_MAX)
    if isinstance(data, Unavailable) or kept(data) is not Kept.OURS:
        return Settings()
    try:
        return from_file(data)
    except ValueError:
        return Settings()
