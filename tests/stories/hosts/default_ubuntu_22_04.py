"""Ubuntu 22.04 from a cloud image: a KVM guest of 4 CPUs, 4 queues (virtio_net), Linux 5.15."""

from __future__ import annotations

from advisor.model.host import Host
from advisor.model.nic_settings import Channels, Coalesce, Ring
from advisor.model.system import Kernel, Memory, NetNs, Platform, Services
from tests.stories.devices import VIRTIO_FEATURES, hardware, loopback
from tests.stories.distribution import installed
from tests.stories.interrupts import virtio_interrupts
from tests.stories.light_load import LOCAL, Machine, flows, light_load
from tests.stories.readings import Reading, collection, sampled
from tests.stories.sections import NO_CONNTRACK, NO_QUEUE, leaf, multiqueue

COLUMN = "5.15"
CPUS = 4
MEMORY = 8 << 30
NIC = "ens3"
RX = flows(CPUS, 160, 290)
TX = flows(CPUS, 200, 1_050)


def default_ubuntu_22_04() -> Host:
    """The guest after three weeks, counted over 10 s."""
    return sampled(_facts, seconds=10, uptime_s=22 * 86400.0, load=0.8)


def _facts(at: Reading) -> Host:
    kernel = Kernel("5.15.0-157-generic", (5, 15, 0), "x86_64", 250, 4096)
    netns = NetNs(inode=4026531840, initial=True)
    services = Services(running=("irqbalance", "systemd-networkd"))
    installation = installed(
        "ubuntu-22.04",
        COLUMN,
        kernel,
        MEMORY,
        {"lo": 65536, NIC: 1500},
        services,
        netns,
        # systemd-networkd takes in router advertisements itself (link_set_ipv6_accept_ra).
        by_programs={f"net.ipv6.conf.{NIC}.accept_ra": 0},
    )
    irqs = virtio_interrupts(at, COLUMN, NIC, "virtio0", [(38.0, 6.0)] * CPUS, first=25, cpus=CPUS)
    return Host(
        collection=collection(at, "app-7", "2025-10-08"),
        kernel=kernel,
        platform=Platform("kvm", "none", "none", "OpenStack Foundation", "OpenStack Nova"),
        memory=Memory(total=MEMORY, available=6 << 30, free=1 << 30),
        sysctl=installation.sysctl,
        nics={
            "lo": loopback(at, COLUMN, packets=LOCAL.packets, bytes=LOCAL.bytes),
            NIC: hardware(
                at,
                COLUMN,
                name=NIC,
                index=2,
                driver="virtio_net",
                bus="0000:00:03.0",
                rx=RX,
                tx=TX,
                irqs=irqs,
                kinds=VIRTIO_FEATURES,
                # No byte queue limits before 6.11; the directory is there all the same.
                bql_limit=0,
                mtu=1500,
                txqueuelen=1000,
                mtu_min=68,
                mtu_max=65535,
                address="fa:16:3e:5b:c2:19",
                carrier_changes=2,
                carrier_downs=1,
                driver_version="1.0.0",
                local_cpus=tuple(range(CPUS)),
                gso_max_segs=65535,
                channels=Channels(0, 0, 0, CPUS, 0, 0, 0, CPUS),
                ring=Ring(rx=256, tx=256, rx_max=256, tx_max=256),
                # What virtnet_get_coalesce() says of a device that has no coalescing.
                coalesce=Coalesce(rx_frames=1, tx_frames=1),
                qdisc="mq",
            ),
        },
        irqs=irqs,
        conntrack=NO_CONNTRACK,
        qdiscs=NO_QUEUE | multiqueue(NIC, [leaf(at, "fq_codel", flow) for flow in TX]),
        netns=netns,
        services=services,
        config=installation.config,
        **light_load(at, COLUMN, Machine(CPUS, range(CPUS), steal=0.002), RX, TX),
    )
