"""Which files of a sosreport are read, how large each may be, and what came of it.

Everything else in a report (logs, configuration, other people's secrets) is passed over unread.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from advisor.facts.files import MiB
from advisor.facts.platform import DMI_FIELDS
from advisor.facts.sysctl import SECRETS
from advisor.model.unavailable import Unavailable

KEPT_MAX = 64 * MiB
"""Bytes that are kept of one report."""

SYSCTL_FILES_MAX = 20_000
"""Files below /proc/sys/net that are kept: a host with a thousand interfaces has more. Beyond that
`sysctl -a` has to do."""

DEPTH_MAX = 40
"""Components of a name; devices behind several PCI bridges come to twenty."""

_NAME_MAX = 4096
_LINK_MAX = 1024
_SMALLEST = 512
"""What a kept file costs at least, with its name."""

KERNEL_KEYS = frozenset(f"proc/sys/kernel/{key}" for key in ("osrelease", "arch", "hostname"))
"""Files of /proc/sys/kernel that are read."""

_SYSCTL = "proc/sys/net/"
_INTERFACE = r"sys/(?:class/net/[^/]+|devices/.+/net/[^/]+)"
_DEVICE = r"sys/devices/(?!virtual/).+"

# Pattern, and the size up to which a file is kept. The first that matches counts.
_WANTED: tuple[tuple[str, int], ...] = (
    (r"proc/(?:meminfo|softirqs|stat|cpuinfo)", 8 * MiB),
    # A column of eleven characters for each CPU, a line for each vector: 512 CPUs make 23 MB.
    (r"proc/interrupts", 32 * MiB),
    (r"proc/(?:uptime|cmdline|zoneinfo|sysinfo|config\.gz|self|net|1/mountinfo)", MiB),
    (r"proc/device-tree/hypervisor/compatible", MiB),
    (r"proc/(?:\d+/)?net/tcp6?", 32 * MiB),
    (
        r"proc/(?:\d+/)?net/(?:snmp6?|netstat|sockstat6?|softnet_stat"
        r"|stat/(?:nf_conntrack|arp_cache|ndisc_cache))",
        4 * MiB,
    ),
    (r"proc/irq/\d+/(?:effective_affinity_list|smp_affinity_list|affinity_hint)", MiB),
    (r"proc/sys/net/.+", MiB),
    *((name, MiB) for name in sorted(KERNEL_KEYS)),
    (r"sys/devices/system/cpu/(?:online|isolated|cpu\d+/node\d+)", MiB),
    (
        r"sys/devices/system/cpu/cpu\d+/topology/"
        r"(?:thread_siblings_list|core_id|physical_package_id)",
        MiB,
    ),
    (r"sys/devices/system/node/(?:online|node\d+/cpulist)", MiB),
    (r"sys/devices/system/clocksource/clocksource0/available_clocksource", MiB),
    (r"sys/class/net/[^/]+", MiB),
    (
        rf"{_INTERFACE}/(?:device|master|ifindex|dev_port|threaded|napi_defer_hard_irqs"
        r"|gro_flush_timeout|statistics/\w+)",
        MiB,
    ),
    (rf"{_INTERFACE}/queues/[rt]x-\d+/(?:\w+|byte_queue_limits/\w+)", MiB),
    (
        rf"{_DEVICE}/(?:numa_node|local_cpulist|device|msi_irqs/\d+|physfn|sriov_numvfs"
        r"|power/runtime_status|(?:current|max)_link_(?:speed|width))",
        MiB,
    ),
    (rf"sys/(?:class|devices/virtual)/dmi/id/(?:{'|'.join(DMI_FIELDS)})", MiB),
    (r"sys/class/dmi/id", MiB),
    (r"sys/hypervisor/(?:type|uuid)", MiB),
    (r"boot/config-[^/]+", MiB),
    (r"run/(?:cloud-init/cloud-id|systemd/container|host/container-manager)", MiB),
    (r"etc/tuned/active_profile", MiB),
    # Several thousand interfaces, half a kilobyte each; sockets take as much.
    (r"sos_commands/networking/ss_-peaonmi", 32 * MiB),
    (r"sos_commands/networking/(?:ip_(?:-[ds]_)+(?:link|address)|ip_-o_addr)", 16 * MiB),
    (r"sos_commands/networking/(?:ip_(?:link|address)|tc_-s_qdisc_show)", 16 * MiB),
    (r"sos_commands/kernel/sysctl_-a", 16 * MiB),
    (r"sos_commands/networking/ethtool_-[acgiklSx]_.+", 4 * MiB),
    (r"sos_commands/networking/ethtool_--show-(?:priv-flags|fec)_.+", MiB),
    (r"sos_commands/networking/ethtool_[^-].*", MiB),
    (r"sos_commands/networking/nstat_-zas", MiB),
    (r"sos_commands/\w+/conntrack_-S", MiB),
    (r"sos_commands/\w+/(?:uname_-a|lscpu|lscpu_-a?e|hostname|uptime|date|date_--utc)", MiB),
    (r"sos_commands/\w+/(?:timedatectl|hostnamectl_status|dmidecode|numactl_--hardware)", MiB),
    (r"sos_commands/\w+/(?:systemctl_list-units(?:_--all)?|tuned-adm_active)", 4 * MiB),
    (r"sos_commands/process/ps_(?:aux|axo_pid)\w*", 16 * MiB),
)
_OF_PROCESS = re.compile(r"^/proc/\d+/net/")
_PATTERNS = re.compile("|".join(f"({pattern})" for pattern, _ in _WANTED))
_PLACES = ("proc/", "sys/", "sos_commands/", "boot/", "run/", "etc/tuned/")
_SIZES = tuple(size for _, size in _WANTED)

MARKS = ("sos_commands/", "sos_reports/", "sos_logs/")
"""Directories that tell a sosreport from any other tree."""


@dataclass(slots=True)
class Members:
    """What was kept of a report. Names have no leading slash: "proc/meminfo".

    Attributes:
        files: Name → content.
        links: Name → where the symbolic link points, as it is written there.
        left_out: Name → why a file that is there was not kept.
        marked: Whether there is anything that tells a sosreport from any other tree.
        size: Bytes that all this takes, about.
        full: Whether something was not kept for want of room.
        sysctl_cut: Whether files below /proc/sys/net were not kept because of their number.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    marked: bool = False
    size: int = 0
    full: bool = False
    sysctl_cut: bool = False
    _sysctl_files: int = 0

    def room_for(self, name: str, size: int) -> bool:
        """Whether to read a file that is there. What is wanted and too large is noted."""
        most = wanted_size(name)
        if not most or name in self.files or name in self.links:
            return False
        if name.startswith(_SYSCTL):
            if name.rpartition("/")[2] in SECRETS:
                self.leave_out(name, "a secret: never read")
                return False
            if self._sysctl_files == SYSCTL_FILES_MAX:
                self.sysctl_cut = True
                return False
        if size > most:
            reason = (
                f"/{name} has {size} bytes in this sosreport, more than the {most} that are read"
            )
            self.leave_out(name, reason)
            return False
        return self._has_room(size)

    def keep(self, name: str, content: bytes) -> None:
        """Keeps a file for which there was room."""
        self.files[name] = content
        self.size += max(_SMALLEST, len(content))
        self._sysctl_files += name.startswith(_SYSCTL)

    def link(self, name: str, target: str) -> None:
        """Keeps a symbolic link, if somebody wants to follow it."""
        wanted = wanted_size(name) and name not in self.files and len(target) <= _LINK_MAX
        if wanted and self._has_room(len(target)):
            self.links.setdefault(name, target)
            self.size += _SMALLEST

    def leave_out(self, name: str, reason: str) -> None:
        """Notes why a file that somebody wants to be read is not kept."""
        if wanted_size(name) and self._has_room(len(reason)):
            self.left_out.setdefault(name, reason)
            self.size += _SMALLEST

    def missing(self, path: str) -> Unavailable:
        """Why a file is not here. `path` has a leading slash, as on the host."""
        reason = self.left_out.get(path.lstrip("/"))
        if reason is not None:
            return Unavailable(reason)
        if self.full:
            return Unavailable(f"more than {KEPT_MAX // MiB} MiB to read in this sosreport")
        return Unavailable(f"{_OF_PROCESS.sub('/proc/net/', path)} is not in this sosreport")

    def _has_room(self, size: int) -> bool:
        if self.size + max(_SMALLEST, size) > KEPT_MAX:
            self.full = True
        return not self.full


def wanted_size(name: str) -> int:
    """How large a file of this name may be to be read; 0 when it is not read at all."""
    if not name.startswith(_PLACES):
        return 0
    match = _PATTERNS.fullmatch(name)
    return 0 if match is None or match.lastindex is None else _SIZES[match.lastindex - 1]


def plain_name(name: str) -> str | None:
    """A member's name without "./" and doubled slashes; None for one that leads elsewhere.

    Absolute names and ".." are nothing that sos writes: what has them is ignored, not repaired.
    """
    if len(name) > _NAME_MAX or name.startswith("/") or "\0" in name:
        return None
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if not parts or ".." in parts or len(parts) > DEPTH_MAX:
        return None
    return "/".join(parts)
