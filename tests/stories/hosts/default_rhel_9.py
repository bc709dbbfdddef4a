"""RHEL 9 on a server of its own: two packages of 8 cores, 25 Gbit/s (bnxt_en), Linux 5.14.

As the installer leaves it: NetworkManager, firewalld (which tracks connections), irqbalance, and
TuneD with the profile that it recommends for servers.
"""

from __future__ import annotations

from advisor.model.host import Host
from advisor.model.nic_settings import Channels, Coalesce, Fec, Pause, Pcie, Ring, Rss
from advisor.model.system import Kernel, Memory, NetNs, Platform, Services
from tests.stories.devices import hardware, loopback
from tests.stories.distribution import installed
from tests.stories.interrupts import queue_interrupts
from tests.stories.light_load import LOCAL, Machine, flows, light_load, tracked
from tests.stories.readings import Reading, collection, sampled
from tests.stories.sections import NO_QUEUE, leaf, multiqueue

COLUMN = "5.14-el9"
CPUS, THREADS, NODES = 32, 2, 2
NEAR = (*range(8), *range(16, 24))
# netif_get_num_default_rss_queues(): half of the cores since 5.18, and at most 8 before.
QUEUES = 8
MEMORY = 256 << 30
TRACKED = 262_144
NIC, BUS = "ens2np0", "0000:17:00.0"
RX = flows(QUEUES, 380, 300)
TX = flows(QUEUES, 450, 1_010)


def default_rhel_9() -> Host:
    """The host after a month, counted over 10 s."""
    return sampled(_facts, seconds=10, uptime_s=33 * 86400.0, load=0.8)


def _facts(at: Reading) -> Host:
    kernel = Kernel("5.14.0-570.52.1.el9_6.x86_64", (5, 14, 0), "x86_64", 1000, 4096)
    netns = NetNs(inode=4026531840, initial=True)
    services = Services(
        running=("NetworkManager", "firewalld", "irqbalance", "tuned"),
        tuned_profile="throughput-performance",
    )
    installation = installed(
        "rhel-9",
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
        # One entry for each bucket since 5.15 (nf_conntrack_init_start), which RHEL 9 has.
        conntrack={"count": 83, "max": TRACKED, "buckets": TRACKED},
    )
    irqs = queue_interrupts(at, COLUMN, NIC, "bnxt_en", BUS, [46.0] * QUEUES, first=301)
    flow_types = ("tcp4", "tcp6", "udp4", "udp6")
    return Host(
        collection=collection(at, "db-1", "2025-10-08"),
        kernel=kernel,
        platform=Platform("none", "none", "none", "HPE", "ProLiant DL380 Gen10"),
        memory=Memory(total=MEMORY, available=231 << 30, free=140 << 30),
        sysctl=installation.sysctl,
        nics={
            "lo": loopback(at, COLUMN, packets=LOCAL.packets, bytes=LOCAL.bytes),
            NIC: hardware(
                at,
                COLUMN,
                name=NIC,
                index=2,
                driver="bnxt_en",
                device_id="0x16d7",
                bus=BUS,
                rx=RX,
                tx=TX,
                irqs=irqs,
                errors={"rx_dropped": at.count(0.03), "multicast": at.count(0.5)},
                mtu=1500,
                txqueuelen=1000,
                mtu_min=60,
                mtu_max=9500,
                address="bc:97:e1:48:70:d2",
                speed_mbps=25_000,
                duplex="full",
                autoneg=True,
                speed_max_mbps=25_000,
                speed_advertised_mbps=25_000,
                carrier_changes=2,
                carrier_downs=1,
                driver_version="5.14.0-570.52.1.el9_6.x86_64",
                firmware="228.0.128.0/pkg 228.1.111.0",
                numa_node=0,
                local_cpus=NEAR,
                gso_max_segs=65535,
                gro_max_size=65536,
                tso_max_size=65536,
                channels=Channels(0, 0, 0, QUEUES, 37, 37, 0, 74),
                ring=Ring(
                    rx=511, tx=511, rx_max=8191, tx_max=2047, rx_jumbo=2044, rx_jumbo_max=8191
                ),
                coalesce=Coalesce(
                    rx_usecs=10,
                    rx_frames=15,
                    rx_usecs_irq=1,
                    rx_frames_irq=1,
                    tx_usecs=28,
                    tx_frames=30,
                    tx_usecs_irq=2,
                    tx_frames_irq=2,
                    stats_block_usecs=1_000_000,
                    adaptive_rx=True,
                    adaptive_tx=False,
                ),
                pause=Pause(autoneg=True, rx=False, tx=False, rx_frames=0, tx_frames=0),
                rss=Rss(
                    tuple(slot % QUEUES for slot in range(128)),
                    "toeplitz",
                    key=True,
                    hash_fields=dict.fromkeys(flow_types, "sdfn"),
                ),
                fec=Fec("rs", True, corrected_blocks=at.count(0.02), uncorrectable_blocks=0),
                pcie=Pcie(8.0, 8, 8.0, 8, 8.0, 16, "0000:17:00"),
                qdisc="mq",
            ),
        },
        irqs=irqs,
        conntrack=tracked(83, TRACKED),
        qdiscs=NO_QUEUE | multiqueue(NIC, [leaf(at, "fq_codel", flow) for flow in TX]),
        netns=netns,
        services=services,
        config=installation.config,
        **light_load(at, COLUMN, Machine(CPUS, range(QUEUES), THREADS, NODES), RX, TX),
    )
