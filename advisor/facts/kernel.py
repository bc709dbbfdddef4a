"""The running kernel: release, architecture, timer frequency."""

from __future__ import annotations

import os
import re
import time
import zlib

from advisor.facts.files import Files, MiB
from advisor.model.system import Kernel
from advisor.model.unavailable import Unavailable

OSRELEASE = "/proc/sys/kernel/osrelease"

_CLOCK_MONOTONIC_COARSE = 6  # linux/time.h; the time module does not name it
_CONFIG_HZ = re.compile(rb"^CONFIG_HZ=(\d+)$", re.MULTILINE)
_CONFIG_PART = 1 << 14


def read_kernel(files: Files) -> Kernel | Unavailable:
    """Which kernel runs, and how often its timer ticks."""
    release = files.read_text(OSRELEASE)
    if isinstance(release, Unavailable):
        return release
    release = release.strip()
    machine = files.read_text("/proc/sys/kernel/arch")  # since 6.1
    if isinstance(machine, Unavailable):
        machine = os.uname().machine if files.live else ""
    return Kernel(
        release=release,
        version=parse_version(release),
        machine=machine.strip(),
        hz=_hz(files, release),
        page_size=os.sysconf("SC_PAGE_SIZE"),
    )


def parse_version(release: str) -> tuple[int, ...]:
    """The leading numbers: (6, 1, 0) for "6.1.0-18-amd64", () where there is none."""
    match = re.match(r"[0-9]{1,9}(?:\.[0-9]{1,9})*", release)
    return tuple(map(int, match[0].split("."))) if match else ()


def hz_of_tick(seconds: float) -> int | None:
    """The timer frequency whose tick is `seconds` long, None when that is not a tick.

    Coarse clocks advance once a tick, so their resolution is TICK_NSEC (hrtimer_get_res and
    posix_get_coarse_res), which is 1/CONFIG_HZ rounded to nanoseconds.
    """
    if seconds <= 0:
        return None
    hz = round(1 / seconds)
    return hz if 12 <= hz <= 12_000 else None  # asm/param.h: beyond that jiffies do not work


def parse_config_hz(config: bytes) -> int | None:
    """CONFIG_HZ of a kernel configuration; None when it (or the part that is there) has none."""
    match = _CONFIG_HZ.search(config)
    return int(match[1][:9]) if match else None


def _hz(files: Files, release: str) -> int | Unavailable:
    """Measured with the clock, else as the configuration of this kernel declares it.

    USER_HZ (sysconf SC_CLK_TCK) is 100 whatever CONFIG_HZ is: it tells nothing.
    """
    hz = None
    if files.live:
        try:
            hz = hz_of_tick(time.clock_getres(_CLOCK_MONOTONIC_COARSE))
        except OSError:
            hz = None
    hz = hz or _config_hz(files, release)
    return hz or Unavailable("the clock's resolution and the kernel's configuration do not tell")


def _config_hz(files: Files, release: str) -> int | None:
    packed = files.read_bytes("/proc/config.gz")
    if isinstance(packed, bytes):
        return _unpacked_config_hz(packed)
    for path in (f"/boot/config-{release}", f"/lib/modules/{release}/config"):
        config = files.read_bytes(path)
        if isinstance(config, bytes):
            return parse_config_hz(config)
    return None


def _unpacked_config_hz(packed: bytes) -> int | None:
    """Unpacks only as far as the setting: it stands in the first quarter."""
    unpack = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    config = b""
    try:
        while packed and len(config) < MiB:
            config += unpack.decompress(packed, _CONFIG_PART)
            packed = unpack.unconsumed_tail
            hz = parse_config_hz(config[: config.rfind(b"\n") + 1])
            if hz is not None:
                return hz
    except zlib.error:
        return None
    return parse_config_hz(config)
