"""Reads another network namespace, in a child process that enters it.

/proc/net and /proc/sys/net follow the reader's network namespace, but /sys shows the namespace of
whoever mounted it. So the child also gets a mount namespace of its own, makes all mounts in it
private, and mounts a fresh sysfs on /sys. The parent and the host's mounts stay as they are.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

from advisor.errors import AdvisorError
from advisor.facts.child import Lost, run_in_child

NAMED = ("/run/netns", "/var/run/netns")
"""Where `ip netns` keeps namespaces that have a name."""

_CLONE_NEWNS = 0x00020000
_CLONE_NEWNET = 0x40000000
_MS_NOSUID, _MS_NODEV, _MS_NOEXEC = 2, 4, 8
_MS_REC = 16384
_MS_PRIVATE = 1 << 18


def open_namespace(name: str) -> int:
    """A file descriptor of a network namespace.

    Args:
        name: A name that `ip netns` knows, or the number of a process.

    Raises:
        AdvisorError: There is none, or it may not be opened.
    """
    try:
        return os.open(_place(name), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        if name.isdecimal():
            message, hint = f"there is no process {name}", "name a running process of the container"
        else:
            message = f"there is no network namespace called {name!r}"
            hint = "`ip netns list` shows those with a name; others go by the number of a process"
        raise AdvisorError(message, hint) from None
    except PermissionError:
        raise _not_permitted(name) from None
    except OSError as error:
        raise AdvisorError(f"cannot open {error.filename}: {error.strerror}") from None


def run_apart(work: Callable[[], bytes], *, netns: str | None, timeout_s: float) -> bytes:
    """What `work` returns when it runs in a child with its own /sys.

    Args:
        work: Runs in the child; whatever else it does is lost.
        netns: Network namespace to enter, as for `open_namespace`; None for the own one.
        timeout_s: After this time the child is killed.

    Raises:
        AdvisorError: The namespace cannot be entered, `work` raised it, or the child died.
    """
    namespace = None if netns is None else open_namespace(netns)

    def inside() -> bytes:
        _enter(netns, namespace)
        return work()

    def explain(error: Exception) -> AdvisorError:
        reason = f"{type(error).__name__}: {error}"
        return AdvisorError(f"{_what(netns)} could not be read: {reason}")

    try:
        return run_in_child(inside, timeout_s, explain)
    except Lost as lost:
        if lost.late:
            raise AdvisorError(
                f"{_what(netns)} took longer than {timeout_s:.0f} s to read"
            ) from None
        raise AdvisorError(
            f"{_what(netns)} could not be read: its reader ended with {lost}"
        ) from None
    finally:
        if namespace is not None:
            os.close(namespace)


def _enter(netns: str | None, namespace: int | None) -> None:
    try:
        if namespace is not None:
            _call("setns", namespace, _CLONE_NEWNET)
        _call("unshare", _CLONE_NEWNS)
        # Or the mount on /sys would reach every process of the host.
        _call("mount", None, b"/", None, _MS_REC | _MS_PRIVATE, None)
        _mount_sysfs()
    except PermissionError:
        raise _not_permitted(netns) from None
    except OSError as error:
        if error.errno == errno.EINVAL and error.filename == "setns":
            raise AdvisorError(f"{netns!r} is not a network namespace") from None
        raise AdvisorError(
            f"{_what(netns)} cannot be entered: {error.filename}: {error.strerror}"
        ) from None


def _mount_sysfs() -> None:
    # Not read-only: that would hold for this namespace's sysfs wherever else it is mounted.
    try:
        _call("mount", b"sysfs", b"/sys", b"sysfs", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC, None)
    except OSError as error:
        if error.errno != errno.EBUSY:  # EBUSY: it is there already (do_add_mount in namespace.c)
            raise


def _call(function: str, *arguments: int | bytes | None) -> None:
    """Calls a function of the C library: before 3.12 Python has none of these.

    Raises:
        OSError: It failed; `filename` holds the function.
    """
    import ctypes

    library = ctypes.CDLL(None, use_errno=True)
    if getattr(library, function)(*arguments) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), function)


def _place(name: str) -> str:
    if name.isdecimal():
        return f"/proc/{name}/ns/net"
    if name in ("", ".", "..") or "/" in name or "\0" in name:
        raise AdvisorError(
            f"{name!r} is not the name of a network namespace",
            "give a name that `ip netns list` shows, or the number of a process",
        )
    places = [f"{directory}/{name}" for directory in NAMED]
    return next((place for place in places if Path(place).exists()), places[0])


def _what(netns: str | None) -> str:
    return "this network namespace" if netns is None else f"the network namespace {netns!r}"


def _not_permitted(netns: str | None) -> AdvisorError:
    return AdvisorError(f"no permission to enter {_what(netns)}", "run advisor as root")
