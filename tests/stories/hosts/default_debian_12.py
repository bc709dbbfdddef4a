"""Debian 12 on a small server of its own: 8 cores, 1 Gbit/s (igb), Linux 6.1, nothing changed.

No irqbalance, no program that owns interfaces (ifupdown sets them up and is gone), no firewall.
"""

from __future__ import annotations

from advisor.model.host import Host
from advisor.model.nic_settings import Channels, Coalesce, Pause, Pcie, Ring, Rss
from advisor.model.system import Kernel, Memory, NetNs, Platform, Services
from tests.stories.devices import hardware, loopback
from tests.stories.distribution import installed
from tests.stories.interrupts import interrupt, queue_interrupts
from tests.stories.light_load import LOCAL, Machine, flows, light_load
from tests.stories.readings import Reading, collection, sampled
from tests.stories.sections import NO_CONNTRACK, NO_QUEUE, leaf, multiqueue

COLUMN = "6.1"
CPUS = 8
MEMORY = 32 << 30
NIC, BUS = "eno1", "0000:04:00.0"
RX = flows(CPUS, 190, 310)
TX = flows(CPUS, 230, 900)


def default_debian_12() -> Host:
    """The host after six weeks, counted over 10 s."""
    return sampled(_facts, seconds=10, uptime_s=41 * 86400.0, load=0.8)


def _facts(at: Reading) -> Host:
    kernel = Kernel("6.1.0-40-amd64", (6, 1, 0), "x86_64", 250, 4096)
    netns = NetNs(inode=4026531840, initial=True)
    services = Services()
    installation = installed(
        "debian-12",
        COLUMN,
        kernel,
        MEMORY,
        {"lo": 65536, NIC: 1500},
        services,
        netns,
        # CONFIG_DEFAULT_NET_SCH="fq_codel" of Debian's kernels.
        by_kernel={"net.core.default_qdisc": "fq_codel"},
    )
    irqs = {
        # igb asks for no CPU: each interrupt may go to all, and the kernel deals them out.
        **queue_interrupts(
            at, COLUMN, NIC, "igb", BUS, [24.0] * CPUS, first=41, may_go_to=range(CPUS)
        ),
        "40": interrupt(at, COLUMN, 40, NIC, NIC, 0, 0),
    }
    return Host(
        collection=collection(at, "web-2", "2025-10-08"),
        kernel=kernel,
        platform=Platform("none", "none", "none", "Supermicro", "SYS-5018D-LN4T"),
        memory=Memory(total=MEMORY, available=26 << 30, free=9 << 30),
        sysctl=installation.sysctl,
        nics={
            "lo": loopback(at, COLUMN, packets=LOCAL.packets, bytes=LOCAL.bytes),
            NIC: hardware(
                at,
                COLUMN,
                name=NIC,
                index=2,
                driver="igb",
                bus=BUS,
                rx=RX,
                tx=TX,
                irqs=irqs,
                errors={"rx_dropped": at.count(0.03), "multicast": at.count(0.4)},
                driver_stats={"rx_long_byte_count": 0, "tx_timeout_count": 0},
                xps=False,
                mtu=1500,
                txqueuelen=1000,
                mtu_min=68,
                mtu_max=9216,
                address="ac:1f:6b:9d:20:44",
                speed_mbps=1000,
                duplex="full",
                autoneg=True,
                speed_max_mbps=1000,
                speed_advertised_mbps=1000,
                speed_partner_mbps=1000,
                carrier_changes=2,
                carrier_downs=1,
                driver_version="6.1.0-40-amd64",
                firmware="1.63, 0x800009fa",
                local_cpus=tuple(range(CPUS)),
                gso_max_segs=65535,
                gro_max_size=65536,
                tso_max_size=65536,
                channels=Channels(0, 0, 1, CPUS, 0, 0, 1, CPUS),
                ring=Ring(rx=256, tx=256, rx_max=4096, tx_max=4096),
                coalesce=Coalesce(rx_usecs=3, tx_usecs=0),
                pause=Pause(autoneg=True, rx=True, tx=False),
                rss=Rss(
                    tuple(slot * CPUS // 128 for slot in range(128)),
                    "toeplitz",
                    key=True,
                    hash_fields={"tcp4": "sdfn", "tcp6": "sdfn", "udp4": "sd", "udp6": "sd"},
                ),
                pcie=Pcie(5.0, 4, 5.0, 4, 8.0, 4, "0000:04:00"),
                private_flags={"legacy-rx": False},
                qdisc="mq",
            ),
        },
        irqs=irqs,
        conntrack=NO_CONNTRACK,
        qdiscs=NO_QUEUE | multiqueue(NIC, [leaf(at, "fq_codel", flow) for flow in TX]),
        netns=netns,
        services=services,
        config=installation.config,
        **light_load(at, COLUMN, Machine(CPUS, range(CPUS)), RX, TX),
    )
