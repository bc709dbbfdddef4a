"""Reads the running host, or one of its network namespaces, into a Host."""

from __future__ import annotations

import os
import struct
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TypeVar

from advisor import __version__
from advisor.errors import AdvisorError
from advisor.facts.config.read import read_config
from advisor.facts.conntrack import read_conntrack
from advisor.facts.cpu import read_cpu
from advisor.facts.files import Files
from advisor.facts.irqs import read_irqs
from advisor.facts.kernel import read_kernel
from advisor.facts.listeners import read_listeners
from advisor.facts.memory import read_memory
from advisor.facts.namespaces import run_apart
from advisor.facts.neighbours import read_neighbours
from advisor.facts.netns import read_netns
from advisor.facts.nics.interfaces import read_nics
from advisor.facts.nics.qdiscs import read_qdiscs
from advisor.facts.nstat import read_nstat
from advisor.facts.own_sysfs import shows_own_interfaces
from advisor.facts.platform import read_platform
from advisor.facts.privileges import may_administer_network
from advisor.facts.services import read_services
from advisor.facts.sockets import read_sockets
from advisor.facts.sockstat import read_sockstat
from advisor.facts.softnet import read_softnet
from advisor.facts.sysctl import read_sysctl
from advisor.facts.uptime import read_uptime
from advisor.model.config import Config
from advisor.model.host import Host, Sample
from advisor.model.nic import Nic
from advisor.model.stack import Qdisc
from advisor.model.system import Collection
from advisor.model.unavailable import Unavailable

_READING_S = 60.0
"""Longer than any reading takes; a driver that hangs must not hang advisor."""

_Fact = TypeVar("_Fact")


def collect(*, sample_seconds: float | None = None, netns: str | None = None) -> Host:
    """The facts of the running host. What cannot be read is `Unavailable` and says why.

    Where /sys shows another network namespace than the own one (after `nsenter -n`, `unshare -n`),
    they are read by a child process with a /sys of its own; without the privilege to make one, the
    sections say so.

    Args:
        sample_seconds: Read the counters, wait so long, then read everything: `Host.sample`.
        netns: Another network namespace to read: a name or the number of a process.

    Raises:
        AdvisorError: The namespace `netns` does not exist, or may not be entered.
    """
    files = Files()
    if netns is None and _section(partial(shows_own_interfaces, files)) is not False:
        return _read_host(files, sample_seconds, netns=None, own_sysfs=True)

    try:
        return _read_apart(files, sample_seconds, netns)
    except AdvisorError:
        if netns is not None:
            raise
    return _read_host(files, sample_seconds, netns=None, own_sysfs=False)


def _read_apart(files: Files, sample_seconds: float | None, netns: str | None) -> Host:
    """The facts as a child process reads them; they come back as a snapshot."""
    from advisor.facts import snapshot  # 5 ms that other readings need not spend

    def work() -> bytes:
        host = _read_host(files, sample_seconds, netns=netns, own_sysfs=True)
        return snapshot.encode(host).encode()

    document = run_apart(work, netns=netns, timeout_s=_READING_S + (sample_seconds or 0.0))
    return snapshot.decode(document, "the reader of the namespace")


def _read_host(
    files: Files, sample_seconds: float | None, *, netns: str | None, own_sysfs: bool
) -> Host:
    sample = None
    if sample_seconds is not None:
        started = time.monotonic()
        before = _read_counters(files, netns=netns, own_sysfs=own_sysfs)
        time.sleep(sample_seconds)
        sample = Sample(seconds=time.monotonic() - started, before=before)
    # Counters first here too, in the same order: so the time between two values is that between
    # the two readings.
    host = replace(
        _read_counters(files, netns=netns, own_sysfs=own_sysfs),
        kernel=_section(partial(read_kernel, files)),
        platform=_section(partial(read_platform, files)),
        memory=_section(partial(read_memory, files)),
        sysctl=_section(partial(read_sysctl, files)),
        sockets=_section(read_sockets),
        netns=_section(partial(read_netns, files, netns)),
        services=_section(partial(read_services, files)),
        sample=sample,
    )
    return replace(host, config=_section(partial(_read_config, files, host)))


def _read_config(files: Files, host: Host) -> Config | Unavailable:
    return read_config(
        files,
        sysctl=host.sysctl,
        kernel=host.kernel,
        services=host.services,
        netns=host.netns,
    )


def _read_counters(files: Files, *, netns: str | None, own_sysfs: bool) -> Host:
    """The sections that hold counters."""
    collection = _read_collection(files, netns)
    irqs = _section(partial(read_irqs, files))
    if not own_sysfs and isinstance(irqs, dict):
        # Their owners are known from /sys.
        irqs = {number: replace(irq, nic=None) for number, irq in irqs.items()}
    nics = _section(partial(read_nics, files, irqs, own_sysfs=own_sysfs))
    return Host(
        collection=collection,
        cpu=_section(partial(read_cpu, files)),
        nics=nics,
        irqs=irqs,
        softnet=_section(partial(read_softnet, files)),
        nstat=_section(partial(read_nstat, files)),
        sockstat=_section(partial(read_sockstat, files)),
        listeners=_section(partial(read_listeners, files)),
        conntrack=_section(partial(read_conntrack, files)),
        neighbours=_section(partial(read_neighbours, files)),
        qdiscs=nics if isinstance(nics, Unavailable) else _section(partial(_read_qdiscs, nics)),
    )


def _read_qdiscs(nics: dict[str, Nic]) -> dict[str, Qdisc] | Unavailable:
    return read_qdiscs({nic.index: nic.name for nic in nics.values()})


def _read_collection(files: Files, netns: str | None) -> Collection:
    uptime = read_uptime(files)
    return Collection(
        hostname=os.uname().nodename,
        at=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        source="live" if netns is None else f"netns {netns}",
        uptime_s=uptime if isinstance(uptime, float) else time.clock_gettime(time.CLOCK_BOOTTIME),
        privileged=may_administer_network(files),
        advisor=__version__,
    )


def _section(read: Callable[[], _Fact]) -> _Fact | Unavailable:
    """What `read` returns; what the kernel does to it becomes a reason.

    The readers say themselves why they cannot read. This is for what none of them foresaw, such as
    a file that another kernel writes differently: one section less, not no findings at all.
    """
    try:
        return read()
    except (OSError, ValueError, LookupError, OverflowError, struct.error) as error:
        return Unavailable(f"could not be read: {type(error).__name__}: {error}")
