"""Which boot, host and network namespace this is."""

from __future__ import annotations

import os
import re
from hashlib import sha256
from pathlib import Path

from advisor.errors import AdvisorError
from advisor.facts.files import Files
from advisor.model.receipt import Origin
from advisor.model.unavailable import Unavailable

_BOOT_ID = "/proc/sys/kernel/random/boot_id"
_MACHINE_ID = "/etc/machine-id"
_ID = re.compile(r"[0-9a-f]{32}")


def this_origin() -> Origin:
    """Where the calling thread would change settings.

    Raises:
        AdvisorError: It cannot be told, so nothing may be changed.
    """
    boot_id = Files().read_text(_BOOT_ID)
    if isinstance(boot_id, Unavailable):
        raise AdvisorError(f"which boot this is cannot be told: {boot_id.reason}")
    try:
        netns = Path("/proc/thread-self/ns/net").stat().st_ino
    except OSError as error:
        raise AdvisorError(
            f"which network namespace this is cannot be told: {error.strerror}"
        ) from None
    return Origin(boot_id.strip(), os.uname().nodename, netns, _machine(Files()))


def _machine(files: Files) -> str:
    """What stands for the machine id, which is not to be shown to others (machine-id(5))."""
    text = files.read_text(_MACHINE_ID)
    if isinstance(text, Unavailable) or not _ID.fullmatch(text.strip()):
        return ""
    return sha256(f"advisor {text.strip()}".encode()).hexdigest()[:16]
