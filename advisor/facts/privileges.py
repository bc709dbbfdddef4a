"""Whether this process may administer the network namespace that it reads."""

from __future__ import annotations

import errno
import fcntl
import os
import re

from advisor.facts.files import Files
from advisor.model.unavailable import Unavailable

_STATUS = "/proc/thread-self/status"
_NAMESPACE = "/proc/thread-self/ns/net"
_EFFECTIVE = re.compile(r"^CapEff:\s*([0-9a-f]{1,16})$", re.MULTILINE)
_CAP_NET_ADMIN = 12
_NS_GET_USERNS = 0xB701


def may_administer_network(files: Files) -> bool:
    """Whether the process has CAP_NET_ADMIN where it counts.

    A capability is worth something only in its own user namespace and those below. Root of a
    container that shares the host's network has CAP_NET_ADMIN, but not over that network.
    """
    status = files.read_text(_STATUS)
    if isinstance(status, Unavailable):
        return False
    effective = _EFFECTIVE.search(status)
    if effective is None or not int(effective[1], 16) >> _CAP_NET_ADMIN & 1:
        return False
    return _is_below_own_user_namespace()


def _is_below_own_user_namespace() -> bool:
    """Whether the user namespace that owns the network is the own one or one below it.

    Elsewhere the kernel does not show the owner: EPERM (ns_get_owner in kernel/user_namespace.c).
    """
    try:
        namespace = os.open(_NAMESPACE, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return True  # without /proc there is nothing to judge by but the capability
    try:
        os.close(fcntl.ioctl(namespace, _NS_GET_USERNS))
    except OSError as error:
        return error.errno != errno.EPERM  # ENOTTY: before 4.9
    finally:
        os.close(namespace)
    return True
