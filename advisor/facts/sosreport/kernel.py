"""The kernel of a sosreport: what `uname -a` printed, and files that the report may have."""

from __future__ import annotations

from dataclasses import replace

from advisor.facts.kernel import OSRELEASE, parse_version, read_kernel
from advisor.facts.sosreport.commands import output
from advisor.facts.sosreport.report_files import ReportFiles
from advisor.model.system import Kernel
from advisor.model.unavailable import Unavailable

_KIB = 1024
_MANAGED = "managed"
_NO_HZ = Unavailable("the kernel's configuration (/boot/config-…) is not in this sosreport")


def read_report_kernel(files: ReportFiles) -> Kernel | Unavailable:
    """Which kernel ran."""
    text = output(files, "uname -a")
    words = [] if isinstance(text, Unavailable) else text.split()
    # "Linux HOST RELEASE #VERSION … MACHINE [PROCESSOR [PLATFORM]] GNU/Linux"
    named = len(words) > 4 and words[0] == "Linux"
    kernel = read_kernel(files)
    if isinstance(kernel, Unavailable):
        if not named:
            return Unavailable(f"neither `uname -a` nor {OSRELEASE} is in this sosreport")
        release = words[2]
        kernel = Kernel(release, parse_version(release), "", _NO_HZ, 0)
    machine = kernel.machine or (words[-2] if named else "")
    return replace(
        kernel,
        machine=machine,
        hz=_NO_HZ if isinstance(kernel.hz, Unavailable) else kernel.hz,
        page_size=page_size(files, kernel.release, machine),
    )


def page_size(files: ReportFiles, release: str, machine: str) -> int:
    """Bytes in a page: by the zones' pages, which together are MemTotal, else as distributions
    build for that machine."""
    zones = files.read_text("/proc/zoneinfo")
    meminfo = files.read_text("/proc/meminfo")
    if isinstance(zones, str) and isinstance(meminfo, str):
        size = _measured(zones, meminfo)
        if size is not None:
            return size
    large = machine.startswith("ppc64") or (machine == "aarch64" and _has_64k(release))
    return 64 * _KIB if large else 4 * _KIB


def _measured(zones: str, meminfo: str) -> int | None:
    try:
        pages = sum(int(line.split()[1]) for line in zones.splitlines() if _MANAGED in line)
        total = next(line for line in meminfo.splitlines() if line.startswith("MemTotal:"))
        found = int(total.split()[1]) * _KIB / pages
    except (StopIteration, ValueError, IndexError, ZeroDivisionError):
        return None
    # What the kernel has freed of itself since is in one of the numbers and not in the other; a
    # container's MemTotal is its limit.
    near = [size * _KIB for size in (4, 8, 16, 64) if abs(found / (size * _KIB) - 1) < 0.05]
    return near[0] if near else None


def _has_64k(release: str) -> bool:
    # RHEL 7 and 8 for ARM, and the "64k" flavours of RHEL, Fedora and Ubuntu.
    return "64k" in release or ".el7" in release or ".el8" in release
