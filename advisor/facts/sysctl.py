"""Every `net.*` kernel parameter, from /proc/sys/net."""

from __future__ import annotations

import os

from advisor.facts.files import OPEN_FLAGS, Files, MiB, unreadable
from advisor.model.stack import SysctlTree, SysctlValue
from advisor.model.unavailable import Unavailable

ROOT = "/proc/sys/net"

SECRETS = frozenset({"tcp_fastopen_key", "stable_secret", "netdev_rss_key"})
"""Keys that must not leave the host, so they are not even read."""

TEXTS = frozenset({"ip_local_reserved_ports", "flow_limit_cpu_bitmap", "rps_default_mask"})
"""Keys that hold a list or a mask: "10" is a port, or the fifth CPU, and never the number ten."""

_ACTIONS = frozenset({"flush"})  # net.ipv4.route.flush: writing does something, nothing to read

# The kernel allocates and clears what a read() asks for, so the usual read is small. Values that
# fill it (ip_local_reserved_ports) are read again: a second part cannot be asked for.
_SMALL, _LARGE = 1023, MiB

# Deeper than the kernel's five; a foreign directory must not exhaust stack and descriptors.
_DEPTH_MAX = 8

_SECRET = Unavailable("a secret: never read")
_WRITE_ONLY = Unavailable("write-only")


def read_sysctl(files: Files) -> SysctlTree | Unavailable:
    """The keys of the calling thread's network namespace, nested by component.

    Components are names of directories, so an interface name may hold dots:
    ["net"]["ipv4"]["conf"]["eth0.100"]["rp_filter"]. What exists but is not read (no permission,
    write-only, secret) is Unavailable under its key; what is missing does not exist.
    """
    try:
        directory = os.open(files.locate(ROOT), OPEN_FLAGS | os.O_DIRECTORY)
    except OSError as error:
        return unreadable(ROOT, error)
    try:
        return {"net": _read_dir(directory, ROOT, 1)}
    except OSError as error:
        return unreadable(ROOT, error)
    finally:
        os.close(directory)


def parse_value(text: str, name: str = "") -> SysctlValue:
    """A number, a vector of numbers, or the text where it is neither or `name` is one of TEXTS.

    A number is what prints as it was read: "007" and "00000003" (a mask) stay text.
    """
    text = text.strip()
    if name in TEXTS:
        return text
    words = text.split()
    try:
        numbers = tuple(map(int, words))
    except ValueError:
        return text
    if not words or list(map(str, numbers)) != words:
        return text
    return numbers[0] if len(numbers) == 1 else numbers


def _read_dir(directory: int, path: str, depth: int) -> SysctlTree:
    """Reads relative to open directories: with thousands of keys, shorter paths are faster."""
    tree: SysctlTree = {}
    with os.scandir(directory) as entries:
        for entry in entries:
            name = entry.name
            value: SysctlTree | SysctlValue | Unavailable | None
            if entry.is_dir(follow_symlinks=False):
                value = _enter_dir(directory, name, path, depth)
            elif name in SECRETS:
                value = _SECRET
            elif name in _ACTIONS:
                value = _WRITE_ONLY
            else:
                value = _read_value(directory, name, path)
            # An interface that goes away takes its keys along: what vanished does not exist.
            if value is not None:
                tree[name] = value
    return tree


def _enter_dir(parent: int, name: str, path: str, depth: int) -> SysctlTree | Unavailable | None:
    path = f"{path}/{name}"
    if depth == _DEPTH_MAX:
        return Unavailable(f"{path} is nested too deeply")
    try:
        directory = os.open(name, OPEN_FLAGS | os.O_DIRECTORY, dir_fd=parent)
    except FileNotFoundError:
        return None
    except OSError as error:
        return unreadable(path, error)
    try:
        return _read_dir(directory, path, depth + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        return unreadable(path, error)
    finally:
        os.close(directory)


def _read_value(directory: int, name: str, path: str) -> SysctlValue | Unavailable | None:
    try:
        descriptor = os.open(name, OPEN_FLAGS, dir_fd=directory)
    except FileNotFoundError:
        return None
    except OSError as error:
        return _denied(directory, name, path, error)
    try:
        raw = os.read(descriptor, _SMALL)
        if len(raw) == _SMALL:
            raw = os.pread(descriptor, _LARGE, 0)
    except FileNotFoundError:
        return None
    except OSError as error:
        return unreadable(f"{path}/{name}", error)
    finally:
        os.close(descriptor)
    return parse_value(raw.decode(errors="replace"), name)


def _denied(directory: int, name: str, path: str, error: OSError) -> Unavailable:
    try:
        readable = os.stat(name, dir_fd=directory).st_mode & 0o444
    except OSError:
        readable = 0o444
    return unreadable(f"{path}/{name}", error) if readable else _WRITE_ONLY
