"""Hosts to draw. All are synthetic: made up to have a certain number of queues, nodes or oddities.

Loads follow a fixed pattern, so that every run draws the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from advisor.knowledge.fixtures import build_host
from advisor.model.host import Host

SECONDS = 10
HOSTILE_NAMES = ("-x", "a..b", "$(id)", "é", "<script>", "]]>&\"'", "a\x1b[31mb", "fifteen_bytes_x")

Numbers = dict[str, Any]


def machine(
    cores: int, *, nodes: int = 1, threads: int = 1, softirq: Mapping[int, float] | None = None
) -> tuple[Numbers, Numbers]:
    """The CPUs of a machine, now and `SECONDS` earlier.

    CPUs are numbered as on most machines: the first threads of all cores of all nodes, then the
    second threads.

    Args:
        cores: Cores of each node.
        nodes: NUMA nodes.
        threads: Hardware threads of each core.
        softirq: CPU → part of the time in soft interrupts; a few percent for the others.
    """
    total = cores * nodes
    count = total * threads
    each: Numbers = {}
    before: Numbers = {}
    for cpu in range(count):
        core = cpu % total
        share = (softirq or {}).get(cpu, 0.01 + 0.01 * (cpu * 7 % 5))
        each[str(cpu)] = {
            "core": core % cores,
            "package": core // cores,
            "node": core // cores,
            "siblings": list(range(core, count, total)),
            "times": {"softirq": 500 + share * SECONDS},
        }
        before[str(cpu)] = {"times": {"softirq": 500}}
    by_node = {
        str(node): [cpu for cpu in range(count) if cpu % total // cores == node]
        for node in range(nodes)
    }
    now = {"count": count, "physical_cores": total, "nodes": by_node, "each": each}
    return now, {"each": before}


def device(
    queues: int,
    *,
    layout: str = "shared-napi",
    first: int = 100,
    to: Callable[[int], int] = lambda queue: queue,
    hot: Sequence[int] = (),
    bare: bool = False,
    **fields: Any,
) -> tuple[Numbers, Numbers, Numbers]:
    """An interface, its counters `SECONDS` earlier, and its interrupts.

    Args:
        queues: Receive queues, and transmit queues.
        layout: How completions are laid out; "separate" gives the transmit queues interrupts of
            their own.
        first: Number of the first interrupt.
        to: Queue → CPU that takes its interrupt.
        hot: Queues with five times the packets.
        bare: Whether it is not known which interrupts serve which queues.
        fields: Other facts of the interface.
    """
    apart = layout == "separate"
    irqs: Numbers = {}
    for index in range(queues * (2 if apart else 1)):
        cpu = to(index % queues)
        name = f"nic-{index}" if not apart else f"nic-{'rx' if index < queues else 'tx'}-{index}"
        irqs[str(first + index)] = {
            "name": name,
            "counts": {str(cpu): 90_000 + index},
            "total": 90_000 + index,
            "affinity": [cpu],
            "effective": [cpu],
        }
    rx: Numbers = {}
    tx: Numbers = {}
    earlier: dict[str, Numbers] = {"rx_queues": {}, "tx_queues": {}}
    for queue in range(queues):
        grown = (50_000 if queue in hot else 10_000) + queue * 37 % 1000
        rx[str(queue)] = {"packets": 7_000_000 + grown, "drops": 0}
        tx[str(queue)] = {
            "packets": 9_000_000 + grown * 2,
            "bql": {"limit": 60_000 + queue, "inflight": 0, "stall_cnt": 0, "stall_thrs": 0},
            "xps_cpus": [to(queue)] if queues > 1 else [],
        }
        if not bare:
            rx[str(queue)] |= {"irq": first + queue, "napi": 8193 + queue}
            own = queues if apart else 0
            tx[str(queue)] |= {"irq": first + queue + own, "napi": 8193 + queue + own}
        earlier["rx_queues"][str(queue)] = {"packets": 7_000_000, "drops": 0}
        earlier["tx_queues"][str(queue)] = {"packets": 9_000_000, "bql": {"stall_cnt": 0}}
    counts = {"rx": queues, "tx": queues} if apart else {"combined": queues}
    now = {
        "driver": "synthetic",
        "speed_mbps": 100_000,
        "duplex": "full",
        "bus": "0000:3b:00.0",
        "numa_node": 0,
        "rx_queues_count": queues,
        "tx_queues_count": queues,
        "rx_queues": rx,
        "tx_queues": tx,
        "irqs": [int(number) for number in irqs],
        "topology": {"layout": layout, "source": "interrupt names"},
        "channels": {**counts, **{f"{name}_max": number for name, number in counts.items()}},
        "ring": {"rx": 1024, "tx": 1024, "rx_max": 8192, "tx_max": 8192},
        "coalesce": {"adaptive_rx": True, "rx_usecs": 8, "tx_usecs": 16, "tx_frames": 32},
        "rss": {"indirection": [slot % queues for slot in range(max(128, queues))]},
        "stats": {"rx_packets": 9_000_000, "tx_packets": 9_000_000, "rx_bytes": 9 << 30},
        "qdisc": "mq",
        **fields,
    }
    earlier["stats"] = {"rx_packets": 8_000_000, "tx_packets": 7_000_000, "rx_bytes": 1 << 30}
    return now, earlier, irqs


def queueing(name: str, queues: int, backlog: Mapping[int, int] | None = None) -> Numbers:
    """The qdiscs of an interface: mq with one fq_codel for each transmit queue."""
    waiting = dict(backlog or {})
    packets = sum(waiting.values())
    root = {
        "kind": "mq",
        "handle": "8001:",
        "backlog_packets": packets,
        "backlog_bytes": packets * 1500,
    }
    leaves = {
        f"{name} 8001:{queue + 1:x}": {
            "kind": "fq_codel",
            "handle": "0:",
            "backlog_packets": waiting.get(queue, 0),
            "backlog_bytes": waiting.get(queue, 0) * 1500,
        }
        for queue in range(queues)
    }
    return {f"{name} root": root, **leaves}


def host(
    cpus: tuple[Numbers, Numbers],
    devices: Mapping[str, tuple[Numbers, Numbers, Numbers]],
    *,
    qdiscs: Numbers | None = None,
    sampled: bool = True,
    **sections: Any,
) -> Host:
    """A host of these parts."""
    irqs: Numbers = {}
    for name, (_, _, lines) in devices.items():
        irqs |= {number: {**line, "nic": name} for number, line in lines.items()}
    given = {
        "collection": {"hostname": "synthetic-1", "at": "2025-01-01T00:00:00Z"},
        "kernel": "6.12",
        "cpu": cpus[0],
        "irqs": irqs,
        "nics": {name: now for name, (now, _, _) in devices.items()},
        "qdiscs": qdiscs or {},
        **sections,
    }
    before = {"cpu": cpus[1], "nics": {name: earlier for name, (_, earlier, _) in devices.items()}}
    return build_host(given, before if sampled else None, SECONDS)


def _software(kind: str, **fields: Any) -> tuple[Numbers, Numbers, Numbers]:
    topology = {"layout": "unknown", "source": "software interface"}
    queue = {"rx_queues": {"0": {}}, "tx_queues": {"0": {}}}
    return {"kind": kind, "physical": False, "topology": topology, **queue, **fields}, {}, {}


def _eight() -> Host:
    """A shared ring on eight cores, of which one is saturated."""
    cpus = machine(8, softirq={2: 0.97, 3: 0.55})
    nic = device(8, layout="shared-ring", hot=(2,))
    nic[0]["topology"] |= {"can_split": True, "split_halves_queues": True}
    nic[0]["rx_queues"]["2"]["drops"] = 1200
    nic[0]["tx_queues"]["5"]["bql"] |= {"inflight": 60_005, "stall_cnt": 3}
    return host(cpus, {"eth0": nic}, qdiscs=queueing("eth0", 8, {2: 3120, 4: 7}))


def _sixty_four() -> Host:
    """64 channels on the cores of two nodes, the second threads with XPS alone."""
    nic = device(64, hot=(9, 40))
    for queue in range(64):
        nic[0]["tx_queues"][str(queue)]["xps_cpus"] = [queue, queue + 64]
    return host(
        machine(32, nodes=2, threads=2, softirq={9: 0.93, 40: 0.62}),
        {"eth0": nic},
        qdiscs=queueing("eth0", 64, {9: 512}),
    )


def _hundred_and_twenty_eight() -> Host:
    """128 channels on every thread of four nodes."""
    cpus = machine(16, nodes=4, threads=2, softirq={17: 0.95, 100: 0.5})
    return host(cpus, {"eth0": device(128, hot=(17,))}, qdiscs=queueing("eth0", 128))


def _crowded() -> Host:
    """128 channels on 64 CPUs."""
    return host(machine(64), {"eth0": device(128, to=lambda queue: queue % 64, hot=(70,))})


def _split() -> Host:
    """Separate channels, half of them on the other node, one core with both threads."""
    cpus = machine(4, nodes=2, threads=2)
    nic = device(8, layout="separate", to=lambda queue: (0, 8, 1, 2, 4, 5, 6, 7)[queue])
    nic[0]["tx_queues"]["3"]["xps_cpus"] = [6]
    return host(cpus, {"eth0": nic}, qdiscs=queueing("eth0", 8))


def _unknown() -> Host:
    """Interrupts that cannot be read, a driver that counts nothing per queue, no node."""
    nic = device(4, layout="unknown", numa_node=None, speed_mbps=None)
    nic[0]["topology"]["source"] = "driver table"
    for queue in (*nic[0]["rx_queues"].values(), *nic[0]["tx_queues"].values()):
        del queue["packets"]
    return host(
        machine(4),
        {"eth0": nic},
        irqs={"unavailable": "no permission to read /proc/interrupts"},
        qdiscs={"unavailable": "no permission"},
        sampled=False,
    )


def _blind() -> Host:
    """An interface of which next to nothing could be read, on CPUs that could not."""
    hidden = {"unavailable": "no permission"}
    sections = ("channels", "ring", "coalesce", "rss", "features", "rx_queues", "tx_queues")
    nic = device(2, **dict.fromkeys(sections, hidden))
    nic[0]["topology"] = {"layout": "unknown", "source": "not read"}
    return host(machine(1), {"eth0": nic}, cpu=hidden, irqs=hidden, qdiscs=hidden, sampled=False)


def _odd() -> Host:
    """Masks with CPUs that are offline, an interrupt for several CPUs, one that is not listed."""
    nic = device(4, layout="shared-napi")
    nic[2]["101"]["effective"] = [1, 2]
    nic[2]["102"]["effective"] = [9]
    nic[2]["102"]["affinity"] = [9]
    del nic[2]["103"]
    nic[0]["rx_queues"]["0"]["rps_cpus"] = [0, 3, 9]
    nic[0]["tx_queues"]["0"]["xps_cpus"] = [0, 12]
    nic[0]["threaded"] = True
    return host(machine(4), {"eth0": nic})


def _bond() -> Host:
    """A VLAN on a bond of two interfaces that share CPUs."""
    members = {
        name: device(2, first=first, master="bond0", layout="shared-napi")
        for name, first in (("eth0", 50), ("eth1", 60))
    }
    bond = _software("bond", bond={"mode": "802.3ad", "members": ["eth0", "eth1"]})
    vlan = _software("vlan", lower="bond0")
    return host(machine(2), {**members, "bond0": bond, "bond0.7": vlan})


def _software_only() -> Host:
    """Interfaces of software alone."""
    veth = _software("veth", driver="veth")
    veth[0]["rx_queues"] = {str(n): {"packets": 100 * n} for n in range(4)}
    veth[0]["tx_queues"] = {str(n): {"packets": 10 * n} for n in range(4)}
    veth[1]["rx_queues"] = {str(n): {"packets": 0} for n in range(4)}
    veth[0].update(rx_queues_count=4, tx_queues_count=4)
    return host(
        machine(2), {"lo": _software("loopback"), "veth0": veth, "br0": _software("bridge")}
    )


def _hostile() -> Host:
    """Names that mean something to a shell, a terminal, or a reader of XML."""
    devices = {
        name: device(1, first=20 + index, to=lambda queue: 0)
        for index, name in enumerate(HOSTILE_NAMES)
    }
    hostname = "<b>&\x1b[2J\ud800"
    return host(machine(1), devices, collection={"hostname": hostname, "at": "now"})


HOSTS: dict[str, Host] = {
    "one": host(machine(1), {"eth0": device(1, numa_node=None)}),
    "eight": _eight(),
    "sixty-four": _sixty_four(),
    "hundred-and-twenty-eight": _hundred_and_twenty_eight(),
    "crowded": _crowded(),
    "split": _split(),
    "unknown": _unknown(),
    "blind": _blind(),
    "odd": _odd(),
    "bond": _bond(),
    "software": _software_only(),
    "veth": _software_only(),
    "hostile": _hostile(),
}
"""Name → host."""

ASKED = {"bond": "bond0.7", "veth": "veth0"}
"""Name of a host → the interface to ask for, where not for all."""
