"""Fedora 43 Server: a KVM guest as libvirt makes it, one queue (virtio_net), Linux 6.18."""

from __future__ import annotations

from dataclasses import replace

from advisor.model.host import Host
from advisor.model.nic_settings import Channels, Coalesce, Ring
from advisor.model.system import Kernel, Memory, NetNs, Platform, Services
from tests.stories.devices import VIRTIO_FEATURES, hardware, loopback
from tests.stories.distribution import installed
from tests.stories.interrupts import virtio_interrupts
from tests.stories.light_load import LOCAL, Machine, flows, light_load, tracked
from tests.stories.readings import Reading, collection, sampled
from tests.stories.sections import NO_QUEUE, leaf

COLUMN = "6.18"
CPUS = 2
MEMORY = 4 << 30
# Of a machine with more than 1 GiB, and not more than 4 (nf_conntrack_init_start).
TRACKED = 65_536
NIC = "enp1s0"
RX = flows(1, 140, 300)
TX = flows(1, 180, 990)


def default_fedora() -> Host:
    """The guest after two weeks, counted over 10 s."""
    return sampled(_facts, seconds=10, uptime_s=15 * 86400.0, load=0.8)


def _facts(at: Reading) -> Host:
    kernel = Kernel("6.18.8-200.fc43.x86_64", (6, 18, 8), "x86_64", 1000, 4096)
    netns = NetNs(inode=4026531840, initial=True)
    services = Services(running=("NetworkManager", "firewalld"))
    installation = installed(
        "fedora",
        COLUMN,
        kernel,
        MEMORY,
        {"lo": 65536, NIC: 1500},
        services,
        netns,
        # NetworkManager takes in router advertisements itself, and makes the addresses.
        by_programs={
            f"net.ipv6.conf.{NIC}.accept_ra": 0,
            f"net.ipv6.conf.{NIC}.addr_gen_mode": 1,
        },
        conntrack={"count": 79, "max": TRACKED, "buckets": TRACKED},
    )
    irqs = virtio_interrupts(at, COLUMN, NIC, "virtio0", [(90.0, 20.0)], first=25, cpus=CPUS)
    one_queue = replace(leaf(at, "fq_codel", TX[0]), nic=NIC, parent="root")
    return Host(
        collection=collection(at, "build-3", "2026-02-10"),
        kernel=kernel,
        platform=Platform("kvm", "none", "none", "QEMU", "Standard PC (Q35 + ICH9, 2009)"),
        memory=Memory(total=MEMORY, available=3 << 30, free=1 << 30),
        sysctl=installation.sysctl,
        nics={
            "lo": loopback(at, COLUMN, packets=LOCAL.packets, bytes=LOCAL.bytes),
            NIC: hardware(
                at,
                COLUMN,
                name=NIC,
                index=2,
                driver="virtio_net",
                bus="0000:01:00.0",
                rx=RX,
                tx=TX,
                irqs=irqs,
                kinds=VIRTIO_FEATURES,
                mtu=1500,
                txqueuelen=1000,
                mtu_min=68,
                mtu_max=65535,
                address="52:54:00:8e:31:07",
                carrier_changes=2,
                carrier_downs=1,
                driver_version="1.0.0",
                local_cpus=tuple(range(CPUS)),
                gso_max_segs=65535,
                gro_max_size=65536,
                tso_max_size=65536,
                channels=Channels(0, 0, 0, 1, 0, 0, 0, 1),
                ring=Ring(rx=256, tx=256, rx_max=256, tx_max=256),
                # What virtnet_get_coalesce() says of a device that has no coalescing.
                coalesce=Coalesce(
                    rx_usecs=0, rx_frames=1, tx_usecs=0, tx_frames=1, adaptive_rx=False
                ),
                qdisc="fq_codel",
            ),
        },
        irqs=irqs,
        conntrack=tracked(79, TRACKED),
        qdiscs=NO_QUEUE | {f"{NIC} root": one_queue},
        netns=netns,
        services=services,
        config=installation.config,
        **light_load(at, COLUMN, Machine(CPUS, (0,), steal=0.003), RX, TX),
    )
