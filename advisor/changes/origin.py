"""Which boot, host and network namespace this is."""

from __future__ import annotations

import os
from pathlib import Path

from advisor.errors import AdvisorError
from advisor.facts.files import Files
from advisor.model.receipt import Origin
from advisor.model.unavailable import Unavailable

_BOOT_ID = "/proc/sys/kernel/random/boot_id"


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
    return Origin(boot_id.strip(), os.uname().nodename, netns)
