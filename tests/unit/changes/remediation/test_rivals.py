"""Who else sets a setting: programs, files, and nobody."""

from __future__ import annotations

import pytest

from advisor.changes.remediation.rivals import rivals
from advisor.model.address import parse_address
from advisor.model.config import Config, Configured, Owner
from advisor.model.unavailable import Unavailable

RMEM = "net.ipv4.tcp_rmem"
CONFIG = Config(
    "systemd",
    keys={
        RMEM: Configured(RMEM, "4096 1 2", "/etc/sysctl.d/90-net.conf:4"),
        "net.core.rmem_max": Configured(
            "net.core.rmem_max", "1", "/etc/sysctl.d/99-z-advisor.conf:4"
        ),
    },
    owners={
        "ufw": Owner("ufw", None, place="/etc/ufw/sysctl.conf", keys={RMEM: "4096 3 4"}),
        "tuned": Owner(
            *("tuned", True, "a-profile", "/etc/tuned/x/tuned.conf"),
            keys={RMEM: "4096 87380 16777216"},
            nic_settings={"eth*": ("ring rx 1024", "coalesce adaptive-rx off")},
        ),
        "systemd.link": Owner(
            "systemd.link", None, nic_settings={"Driver=ixgbe": ("RxBufferSize=512",)}
        ),
        "irqbalance": Owner("irqbalance", True, place="/usr/sbin/irqbalance"),
    },
)


@pytest.mark.parametrize(
    ("address", "names"),
    [
        (
            f"sysctl:{RMEM}",
            (
                "tuned (a-profile, 4096 87380 16777216, /etc/tuned/x/tuned.conf)",
                "ufw (4096 3 4, /etc/ufw/sysctl.conf)",
                "/etc/sysctl.d/90-net.conf:4 (4096 1 2)",
            ),
        ),
        ("sysctl:net.core.rmem_max", None),
        ("sysctl:net.core.somaxconn", None),
        (
            "nic:eth0/ring.rx",
            (
                "tuned (a-profile, ring rx 1024 for eth*, /etc/tuned/x/tuned.conf)",
                "systemd.link (RxBufferSize=512 for Driver=ixgbe)",
            ),
        ),
        ("nic:wan0/coalesce.adaptive-rx", None),
        ("nic:eth0/queue.rx-0.rps_cpus", None),
        ("irq:45/affinity", ("irqbalance (/usr/sbin/irqbalance)",)),
    ],
)
def test_who_sets_it_is_named_with_value_and_place(
    address: str, names: tuple[str, ...] | None
) -> None:
    assert rivals(CONFIG, [parse_address(address)]).get(parse_address(address)) == names


def test_an_unknown_configuration_names_nobody() -> None:
    assert rivals(Unavailable("no permission"), [parse_address(f"sysctl:{RMEM}")]) == {}
