"""Small sections that every host of a story has: qdiscs, softnet, socket counts, neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from advisor.model.stack import Counters, NeighbourTable, Qdisc, Softnet
from advisor.model.unavailable import Unavailable
from tests.stories.devices import Flow
from tests.stories.kernels import version
from tests.stories.readings import Reading

NO_CONNTRACK = Unavailable("connection tracking is not loaded")
NO_QUEUE = {"lo root": Qdisc("lo", "noqueue", "0:", "root")}
"""What tc shows of lo since Linux 4.2; older kernels leave it out."""


def absent(path: str) -> Unavailable:
    """A file that the kernel does not have."""
    return Unavailable(f"{path} does not exist (not in this kernel, or hidden by a container)")


def sockstat(in_use: int, *, pages: int, time_wait: int = 0, orphans: int = 0) -> Counters:
    """/proc/net/sockstat of a host with so many TCP sockets, which hold so many pages."""
    return {
        "sockets": {"used": in_use + 180},
        "TCP": {
            "inuse": in_use,
            "orphan": orphans,
            "tw": time_wait,
            "alloc": in_use + orphans + 9,
            "mem": pages,
        },
        "UDP": {"inuse": 6, "mem": 3},
        "UDPLITE": {"inuse": 0},
        "RAW": {"inuse": 0},
        "FRAG": {"inuse": 0, "memory": 0},
        "TCP6": {"inuse": 4},
        "UDP6": {"inuse": 3},
        "UDPLITE6": {"inuse": 0},
        "RAW6": {"inuse": 0},
        "FRAG6": {"inuse": 0, "memory": 0},
    }


def neighbours(at: Reading, kernel: str, ipv4: int, ipv6: int) -> dict[str, NeighbourTable]:
    """The tables of a host on a quiet network: so many entries, and a question without an answer
    now and then."""
    full = 0 if version(kernel) >= (4, 3) else None
    return {
        family: NeighbourTable(
            entries=entries,
            table_fulls=full,
            forced_gc_runs=0,
            unresolved_discards=at.count(0.0001),
            res_failed=at.count(0.001),
        )
        for family, entries in (("ipv4", ipv4), ("ipv6", ipv6))
    }


def leaf(at: Reading, kind: str, flow: Flow) -> Qdisc:
    """The qdisc of one transmit queue; `multiqueue` gives it its place."""
    return Qdisc("", kind, "0:", "", bytes=at.count(flow.bytes), packets=at.count(flow.packets))


def multiqueue(nic: str, leaves: Sequence[Qdisc], handle: str = "0:") -> dict[str, Qdisc]:
    """An mq root over one leaf for each transmit queue; it shows their sums (mq_dump)."""
    parent = "" if handle == "0:" else handle.removesuffix(":")
    placed = [
        replace(leaf, nic=nic, parent=f"{parent}:{queue:x}") for queue, leaf in enumerate(leaves, 1)
    ]
    root = Qdisc(
        nic=nic,
        kind="mq",
        handle=handle,
        parent="root",
        **{
            name: sum(getattr(leaf, name) for leaf in leaves)
            for name in ("bytes", "packets", "drops", "overlimits", "requeues")
        },
        backlog_packets=sum(leaf.backlog_packets for leaf in leaves),
        backlog_bytes=sum(leaf.backlog_bytes for leaf in leaves),
    )
    return {f"{nic} {qdisc.parent}": qdisc for qdisc in (root, *placed)}


def softnet(
    at: Reading, kernel: str, processed: Sequence[float], **others: Sequence[float]
) -> dict[str, Softnet]:
    """The softnet line of each CPU.

    Args:
        at: The reading.
        kernel: A column of the kernels' tables.
        processed: Packets per second of each CPU.
        others: The other counters (dropped, time_squeeze, …), per second of each CPU.
    """
    quiet = [0.0] * len(processed)
    names = ("dropped", "time_squeeze", "received_rps", "flow_limit_count")
    return {
        str(cpu): Softnet(
            cpu=cpu,
            processed=at.count(rate),
            **{name: at.count(others.get(name, quiet)[cpu]) for name in names},
            backlog_len=0 if version(kernel) >= (5, 10) else None,
        )
        for cpu, rate in enumerate(processed)
    }
