"""Everything that a sosreport tells of its host, as a Host."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TypeVar

from advisor.facts.conntrack import read_conntrack
from advisor.facts.irqs import read_irqs
from advisor.facts.memory import read_memory
from advisor.facts.neighbours import read_neighbours
from advisor.facts.netns import ONLY_INITIAL
from advisor.facts.sockstat import read_sockstat
from advisor.facts.softnet import read_softnet
from advisor.facts.sosreport.commands import output
from advisor.facts.sosreport.identity import read_collection
from advisor.facts.sosreport.kernel import read_report_kernel
from advisor.facts.sosreport.links import read_link_texts
from advisor.facts.sosreport.members import Members
from advisor.facts.sosreport.nics import read_report_nics, with_device_links
from advisor.facts.sosreport.nstat import read_report_nstat
from advisor.facts.sosreport.platform import read_report_platform
from advisor.facts.sosreport.processors import read_report_cpu
from advisor.facts.sosreport.qdiscs import read_report_qdiscs
from advisor.facts.sosreport.report_files import ReportFiles
from advisor.facts.sosreport.services import read_report_services
from advisor.facts.sosreport.sockets import read_report_sockets
from advisor.facts.sosreport.sysctl import read_sysctl, with_sysctl_files
from advisor.model.host import Host
from advisor.model.stack import Conntrack, NeighbourTable, SysctlTree
from advisor.model.system import Kernel, NetNs, Platform
from advisor.model.unavailable import Unavailable

_Fact = TypeVar("_Fact")

_CONNTRACK_WORD = re.compile(r"(?P<name>\w+)=(?P<value>\d+)")
# sos copies a part of the directories and of what else sets keys: a key that no copied file sets
# may well be set at boot.
_NO_CONFIG = Unavailable("a sosreport does not hold all that sets keys at boot")
_NO_INODE = Unavailable("sos does not record it")
# `conntrack -S` has names of its own for some columns of /proc/net/stat/nf_conntrack.
_CONNTRACK_NAMES = {"clash_resolve": "clashres", "error": "icmp_error"}


def read_host(members: Members, name: str) -> Host:
    """The facts of a report. What is not in it is Unavailable and says so.

    Args:
        members: What was kept of the report.
        name: What to call it.
    """
    files = with_sysctl_files(ReportFiles(members=members))
    texts = _section(partial(read_link_texts, files))
    if not isinstance(texts, Unavailable):
        files = with_device_links(files, texts)
    kernel = _section(partial(read_report_kernel, files))
    platform = _section(partial(read_report_platform, files))
    container = platform.container if isinstance(platform, Platform) else platform
    cpu = _section(partial(read_report_cpu, files))
    irqs = _section(partial(read_irqs, files))
    sysctl = _section(partial(read_sysctl, files))
    sockets = _section(
        partial(read_report_sockets, files, kernel.machine if isinstance(kernel, Kernel) else "")
    )
    return Host(
        collection=read_collection(files, name),
        kernel=kernel,
        platform=platform,
        memory=_section(partial(read_memory, files)),
        cpu=cpu,
        sysctl=sysctl,
        nics=(
            texts
            if isinstance(texts, Unavailable)
            else _section(partial(read_report_nics, files, texts, irqs, cpu))
        ),
        irqs=irqs,
        softnet=_section(partial(read_softnet, files)),
        nstat=_section(partial(read_report_nstat, files)),
        sockstat=_section(partial(read_sockstat, files)),
        listeners=sockets if isinstance(sockets, Unavailable) else sockets[0],
        sockets=sockets if isinstance(sockets, Unavailable) else sockets[1],
        conntrack=_section(partial(_read_conntrack, files)),
        neighbours=_section(partial(_read_neighbours, files, sysctl)),
        qdiscs=_section(partial(read_report_qdiscs, files)),
        netns=_netns(sysctl),
        services=_section(partial(read_report_services, files, container)),
        config=_NO_CONFIG,
    )


def parse_conntrack(text: str) -> dict[str, int]:
    """The sums of `conntrack -S`: "cpu=0  found=0 invalid=6 … chaintoolong=0" for each CPU."""
    totals: dict[str, int] = {}
    for line in text.splitlines():
        if line.startswith("cpu="):
            for match in _CONNTRACK_WORD.finditer(line.partition(" ")[2]):
                name = _CONNTRACK_NAMES.get(match["name"], match["name"])
                totals[name] = totals.get(name, 0) + int(match["value"])
    return totals


def _read_conntrack(files: ReportFiles) -> Conntrack | Unavailable:
    conntrack = read_conntrack(files)
    if isinstance(conntrack, Unavailable) or not isinstance(conntrack.stats, Unavailable):
        return conntrack
    text = output(files, "conntrack -S")
    stats = {} if isinstance(text, Unavailable) else parse_conntrack(text)
    return replace(conntrack, stats=stats or conntrack.stats)


def _read_neighbours(
    files: ReportFiles, sysctl: SysctlTree | Unavailable
) -> dict[str, NeighbourTable] | Unavailable:
    """The tables; without them it depends on the namespace whether they could be there."""
    found = read_neighbours(files)
    if isinstance(found, Unavailable) and _netns(sysctl).initial is not False:
        return files.members.missing(files.net("stat/arp_cache"))
    return found


def _netns(sysctl: SysctlTree | Unavailable) -> NetNs:
    """Whether it was the initial one: see `advisor.facts.netns`. Other namespaces that sos looks
    into are not read."""
    if isinstance(sysctl, Unavailable):
        return NetNs(inode=_NO_INODE, initial=sysctl)
    net = sysctl["net"]
    core = net.get("core", {}) if isinstance(net, dict) else {}
    return NetNs(inode=_NO_INODE, initial=isinstance(core, dict) and ONLY_INITIAL in core)


def _section(read: Callable[[], _Fact]) -> _Fact | Unavailable:
    """What `read` returns; a file that nobody foresaw costs one section, not all findings."""
    try:
        return read()
    except (OSError, ValueError, LookupError, OverflowError, struct.error) as error:
        return Unavailable(f"could not be read: {type(error).__name__}: {error}")
