"""Reads a host that is not running: what its files say it will be after boot."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path

from advisor import __version__
from advisor.errors import AdvisorError
from advisor.facts.config.assignments import Key, dotted, parse_key
from advisor.facts.config.boot_sysctl import read_boot_sysctl
from advisor.facts.config.defaults import DEFAULTS, default, removed
from advisor.facts.config.misspelt import meant
from advisor.facts.config.owners import read_owners
from advisor.facts.config.read import with_rivals
from advisor.facts.image_files import ImageFiles
from advisor.facts.kernel import parse_config_hz, parse_version
from advisor.facts.sysctl import SECRETS, parse_value
from advisor.model.config import Config
from advisor.model.host import Host
from advisor.model.stack import SysctlTree, SysctlValue
from advisor.model.system import Collection, Kernel
from advisor.model.unavailable import Unavailable

NOT_RUNNING = Unavailable("only a running kernel knows (this is an image)")
_PAGE = 4096
_LARGE_PAGES = re.compile(rb"^CONFIG_(?:ARM64_64K_PAGES|PPC_64K_PAGES)=y$", re.M)


def read_image(root: Path, keys: Sequence[Key] = ()) -> Host:
    """The host in a directory: its kernel, its configuration, and the keys as they will be.

    A key has the value that the files set at boot, else the kernel's own value where that is the
    same on every machine, else it is unavailable. Everything else is unavailable.

    Args:
        root: The directory that is its "/".
        keys: Keys that kernels are known to have, so that they are not taken for absent; "*"
            stands for any characters of a component.

    Raises:
        AdvisorError: There is no such directory, or nothing in it looks like a host.
    """
    files = ImageFiles(root)
    if not root.is_dir():
        raise AdvisorError(f"{root}: not a directory", "the root of an image: a mounted disk")
    if not any(files.exists(path) for path in ("/etc", "/usr")):
        raise AdvisorError(f"{root}: neither etc nor usr is in it: not the root of a host")
    kernel = _kernel(files)
    config = _without_removed(read_boot_sysctl(files, NOT_RUNNING), kernel)
    config = _with_typos(config, keys)
    owners = read_owners(files, NOT_RUNNING)
    return Host(
        collection=Collection(
            hostname=_hostname(files),
            at=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            source=f"image {root}",
            uptime_s=0.0,
            privileged=False,
            advisor=__version__,
        ),
        kernel=kernel,
        platform=NOT_RUNNING,
        memory=NOT_RUNNING,
        cpu=NOT_RUNNING,
        sysctl=_after_boot(config, kernel, keys),
        nics=NOT_RUNNING,
        irqs=NOT_RUNNING,
        softnet=NOT_RUNNING,
        nstat=NOT_RUNNING,
        sockstat=NOT_RUNNING,
        listeners=NOT_RUNNING,
        sockets=NOT_RUNNING,
        conntrack=NOT_RUNNING,
        qdiscs=NOT_RUNNING,
        netns=NOT_RUNNING,
        services=NOT_RUNNING,
        config=with_rivals(config, owners),
    )


def _after_boot(config: Config, kernel: Kernel | Unavailable, keys: Iterable[Key]) -> SysctlTree:
    tree: SysctlTree = {}
    for key in keys:
        if not any("*" in part for part in key):
            _put(tree, key, NOT_RUNNING)
    version = () if isinstance(kernel, Unavailable) else kernel.version
    for name in DEFAULTS:
        value = default(name, version)
        known = parse_key(name)
        if value is not None and known is not None:
            _put(tree, known, parse_value(value, known[-1]))
    for configured in config.keys.values():
        named = parse_key(configured.key)
        # Skipped at boot, or of interfaces that are not known here.
        skipped = configured.module or configured.pattern or configured.missing
        if named is not None and not skipped:
            secret = named[-1] in SECRETS
            _put(tree, named, NOT_RUNNING if secret else parse_value(configured.value, named[-1]))
    for name in removed(version):
        gone = parse_key(name)
        if gone is not None:
            _remove(tree, gone)
    return tree


def _without_removed(config: Config, kernel: Kernel | Unavailable) -> Config:
    """The configuration, with the keys that this kernel has no more marked as missing."""
    gone = () if isinstance(kernel, Unavailable) else removed(kernel.version)
    keys = {
        name: replace(each, missing="unknown") if name in gone else each
        for name, each in config.keys.items()
    }
    return replace(config, keys=keys)


def _with_typos(config: Config, keys: Sequence[Key]) -> Config:
    """The configuration, with keys that no kernel has and that resemble one marked as misspelt."""
    marked = {}
    for name, each in config.keys.items():
        key = parse_key(name)
        known = key is None or any(_matches(key, pattern) for pattern in keys)
        found = None if key is None or known or each.missing else meant(key, keys)
        marked[name] = (
            each if found is None else replace(each, missing="typo", suggestion=dotted(found))
        )
    return replace(config, keys=marked)


def _matches(key: Key, pattern: Key) -> bool:
    return len(key) == len(pattern) and all(map(fnmatchcase, key, pattern))


def _remove(tree: SysctlTree, key: Key) -> None:
    place = tree
    for part in key[:-1]:
        below = place.get(part)
        if not isinstance(below, dict):
            return
        place = below
    place.pop(key[-1], None)


def _put(tree: SysctlTree, key: Key, value: SysctlValue | Unavailable) -> None:
    place = tree
    for part in key[:-1]:
        below = place.setdefault(part, {})
        if not isinstance(below, dict):
            return
        place = below
    if not isinstance(place.get(key[-1]), dict):
        place[key[-1]] = value


def _kernel(files: ImageFiles) -> Kernel | Unavailable:
    """The newest kernel whose modules are installed: the one that boots, unless someone chose."""
    releases = files.list_dir("/lib/modules")
    found = [] if isinstance(releases, Unavailable) else releases
    dated = [(version, name) for name in found if (version := parse_version(name))]
    if not dated:
        return Unavailable("no kernel is installed in this image")
    version, release = max(dated)
    options = files.read_bytes(f"/boot/config-{release}")
    if isinstance(options, Unavailable):
        options = files.read_bytes(f"/lib/modules/{release}/config")
    text = b"" if isinstance(options, Unavailable) else options
    hz = parse_config_hz(text)
    return Kernel(
        release=release,
        version=version,
        machine="",
        hz=hz or Unavailable("the kernel's configuration is not in this image"),
        page_size=65536 if _LARGE_PAGES.search(text) else _PAGE,
    )


def _hostname(files: ImageFiles) -> str:
    text = files.read_text("/etc/hostname")
    return "image" if isinstance(text, Unavailable) else text.strip() or "image"
