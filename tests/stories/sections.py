"""Small sections that every host of a story has."""

from __future__ import annotations

from advisor.model.stack import Counters, Qdisc
from advisor.model.unavailable import Unavailable
from tests.stories.devices import Flow
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


def leaf(at: Reading, kind: str, flow: Flow) -> Qdisc:
    """The qdisc of one transmit queue; `multiqueue` gives it its place."""
    return Qdisc(
        "", kind, "0:", "", bytes=at.count(flow.bytes), packets=at.count(flow.packets)
    )
