"""Ubuntu 24.04 on a server of its own: 16 cores, 32 threads, 25 Gbit/s (mlx5), Linux 6.8.

mlx5 takes a queue for each thread, and without irqbalance (no longer installed) each interrupt
stays where the driver has put it.
"""

from __future__ import annotations

from advisor.model.host import Host
from advisor.model.nic_settings import Channels, Coalesce, Fec, Pause, Pcie, Ring, Rss
from advisor.model.system import Kernel, Memory, NetNs, Platform, Services
from tests.stories.devices import hardware, loopback
from tests.stories.distribution import installed
from tests.stories.interrupts import interrupt, queue_interrupts
from tests.stories.light_load import LOCAL, Machine, flows, light_load
from tests.stories.readings import Reading, collection, sampled
from tests.stories.sections import NO_CONNTRACK, NO_QUEUE, leaf, multiqueue

COLUMN = "6.8"
CPUS, THREADS = 32, 2
MEMORY = 128 << 30
NIC, BUS = "enp65s0np0", "0000:41:00.0"
RX = flows(CPUS, 420, 320)
TX = flows(CPUS, 510, 980)


def default_ubuntu_24_04() -> Host:
    """The host after two months, counted over 10 s."""
    return sampled(_facts, seconds=10, uptime_s=58 * 86400.0, load=0.8)


def _facts(at: Reading) -> Host:
    kernel = Kernel("6.8.0-85-generic", (6, 8, 0), "x86_64", 250, 4096)
    netns = NetNs(inode=4026531840, initial=True)
    services = Services(running=("systemd-networkd",))
    installation = installed(
        "ubuntu-24.04",
        COLUMN,
        kernel,
        MEMORY,
        {"lo": 65536, NIC: 1500},
        services,
        netns,
        # systemd-networkd takes in router advertisements itself, and wants no temporary addresses
        # (link_set_ipv6_accept_ra, link_set_ipv6_privacy_extensions).
        by_programs={
            f"net.ipv6.conf.{NIC}.accept_ra": 0,
            f"net.ipv6.conf.{NIC}.use_tempaddr": 0,
        },
    )
    irqs = {
        **queue_interrupts(at, COLUMN, NIC, "mlx5_core", BUS, [14.0] * CPUS, first=161),
        "160": interrupt(at, COLUMN, 160, f"mlx5_async0@pci:{BUS}", NIC, 0.1, 0),
    }
    flow_types = ("tcp4", "tcp6", "udp4", "udp6")
    return Host(
        collection=collection(at, "metal-4", "2025-10-08"),
        kernel=kernel,
        platform=Platform("none", "none", "none", "Dell Inc.", "PowerEdge R6515"),
        memory=Memory(total=MEMORY, available=117 << 30, free=88 << 30),
        sysctl=installation.sysctl,
        nics={
            "lo": loopback(at, COLUMN, packets=LOCAL.packets, bytes=LOCAL.bytes),
            NIC: hardware(
                at,
                COLUMN,
                name=NIC,
                index=4,
                driver="mlx5_core",
                bus=BUS,
                rx=RX,
                tx=TX,
                irqs=irqs,
                errors={"rx_dropped": at.count(0.03), "multicast": at.count(0.5)},
                driver_stats={"rx_out_of_buffer": 0, "rx_discards_phy": 0},
                mtu=1500,
                txqueuelen=1000,
                mtu_min=68,
                mtu_max=9978,
                address="b8:3f:d2:14:0e:9a",
                speed_mbps=25_000,
                duplex="full",
                autoneg=True,
                speed_max_mbps=25_000,
                speed_advertised_mbps=25_000,
                carrier_changes=2,
                carrier_downs=1,
                driver_version="6.8.0-85-generic",
                firmware="26.41.1000 (MT_0000000531)",
                numa_node=0,
                local_cpus=tuple(range(CPUS)),
                gso_max_segs=65535,
                gro_max_size=65536,
                tso_max_size=262_144,
                channels=Channels(0, 0, 0, CPUS, 0, 0, 0, CPUS),
                ring=Ring(rx=1024, tx=1024, rx_max=8192, tx_max=8192),
                coalesce=Coalesce(
                    rx_usecs=8,
                    rx_frames=128,
                    tx_usecs=8,
                    tx_frames=128,
                    adaptive_rx=True,
                    adaptive_tx=True,
                    cqe_mode_rx=True,
                    cqe_mode_tx=False,
                ),
                pause=Pause(autoneg=False, rx=True, tx=True, rx_frames=0, tx_frames=0),
                rss=Rss(
                    tuple(slot % CPUS for slot in range(256)),
                    "toeplitz",
                    key=True,
                    hash_fields=dict.fromkeys(flow_types, "sdfn"),
                ),
                fec=Fec("rs", True, corrected_blocks=at.count(0.01), uncorrectable_blocks=0),
                pcie=Pcie(8.0, 8, 8.0, 8, 16.0, 16, "0000:41:00"),
                private_flags={"rx_cqe_moder": True, "rx_cqe_compress": False},
                qdisc="mq",
            ),
        },
        irqs=irqs,
        conntrack=NO_CONNTRACK,
        qdiscs=NO_QUEUE | multiqueue(NIC, [leaf(at, "fq_codel", flow) for flow in TX]),
        netns=netns,
        services=services,
        config=installation.config,
        **light_load(at, COLUMN, Machine(CPUS, range(CPUS), THREADS), RX, TX),
    )
