"""What drivers answer, on the running kernel and from a device that answers everything.

What one request costs when it fails is in `test_failing_requests`.
"""

from __future__ import annotations

import dataclasses
import errno

import pytest

from advisor.facts.nics.device_settings import DeviceSettings, ask_devices, read_device_settings
from advisor.facts.nics.ethtool_ioctl import Driver
from advisor.facts.nics.links import Link, read_links
from advisor.model.nic_settings import (
    Channels,
    Coalesce,
    Feature,
    Fec,
    Moderation,
    Pause,
    Ring,
    Rss,
)
from advisor.model.unavailable import Unavailable
from tests.unit.facts.nics.fake_device import INDEXES, LINKS, FakeChannel, FakeIoctl

LINK_FIELDS = {
    "speed_mbps",
    "duplex",
    "autoneg",
    "speed_max_mbps",
    "speed_advertised_mbps",
    "speed_partner_mbps",
}
PARTS = {field.name for field in dataclasses.fields(DeviceSettings)} - LINK_FIELDS - {"driver"}

OVER_IOCTL = Coalesce(
    rx_usecs=10,
    rx_frames=11,
    rx_usecs_irq=12,
    rx_frames_irq=13,
    tx_usecs=14,
    tx_frames=15,
    tx_usecs_irq=16,
    tx_frames_irq=17,
    stats_block_usecs=0,
    adaptive_rx=True,
    adaptive_tx=False,
    pkt_rate_low=21,
    rx_usecs_low=22,
    rx_frames_low=23,
    tx_usecs_low=24,
    tx_frames_low=25,
    pkt_rate_high=26,
    rx_usecs_high=27,
    rx_frames_high=28,
    tx_usecs_high=29,
    tx_frames_high=30,
    rate_sample_interval=0,
)
WITHOUT_WHAT_IT_LACKS = dataclasses.replace(
    OVER_IOCTL, stats_block_usecs=None, adaptive_tx=None, rate_sample_interval=None
)
RSS = Rss(
    indirection=(0, 1, 2, 3, 0, 1, 2, 3),
    function="toeplitz",
    key=True,
    symmetric=True,
    hash_fields={"tcp4": "sdfn", "udp4": "sd", "tcp6": "sdfn", "udp6": ""},
)
OVER_BOTH = DeviceSettings(
    driver=Driver("fake", "1.0", "22.1", "0000:3b:00.0", private_flags=2, statistics=5000),
    speed_mbps=25000,
    duplex="full",
    autoneg=True,
    speed_max_mbps=100000,
    speed_advertised_mbps=25000,
    speed_partner_mbps=1000,
    channels=Channels(
        rx=0, tx=0, other=1, combined=4, rx_max=0, tx_max=0, other_max=1, combined_max=8
    ),
    ring=Ring(rx=1024, tx=512, rx_max=4096, tx_max=2048, rx_jumbo=2048, rx_jumbo_max=8192),
    coalesce=OVER_IOCTL,
    queue_coalesce={str(queue): OVER_IOCTL for queue in range(4)},
    features={
        "tx-scatter-gather": Feature(active=True, requested=True),
        "rx-gro": Feature(active=True),
        "rx-lro": Feature(active=False, requested=True),
    },
    pause=Pause(autoneg=True, rx=True, tx=False),
    rss=RSS,
    fec=Fec(active="rs", auto=True),
    private_flags={"rx_cqe_compress": True, "\ufffdodd": False},
    statistics=[(f"queue_{number}_packets", number) for number in range(5000)],
)


def loopback() -> Link:
    return next(link for link in read_links() if link.name == "lo")


@pytest.mark.parametrize("use_netlink", [True, False])
def test_the_loopback_has_features_and_nothing_else(use_netlink: bool) -> None:
    settings = read_device_settings([loopback()], use_netlink=use_netlink)[1]
    assert isinstance(settings.features, dict)
    assert settings.features["loopback"] == Feature(active=True, fixed=True, requested=True)
    for part in PARTS - {"features"}:
        assert isinstance(getattr(settings, part), Unavailable), part
    assert {getattr(settings, part) for part in LINK_FIELDS} == {None}
    assert settings.driver.name == ""


@pytest.mark.parametrize("use_netlink", [True, False])
def test_an_interface_that_has_gone_does_not_disturb_the_others(use_netlink: bool) -> None:
    gone = dataclasses.replace(loopback(), index=0x7FFFFFFF, name="went-away")
    settings = read_device_settings([gone, loopback()], use_netlink=use_netlink)
    for part in PARTS:
        reason = getattr(settings[gone.index], part)
        assert isinstance(reason, Unavailable)
        assert "not there any more" in reason.reason
    assert isinstance(settings[1].features, dict)


def test_the_ioctl_alone_tells_everything_that_it_can() -> None:
    assert ask_devices(LINKS, FakeIoctl(), None)[INDEXES["eth0"]] == OVER_BOTH


def test_netlink_tells_the_same_and_more() -> None:
    settings = ask_devices(LINKS, FakeIoctl(), FakeChannel())[INDEXES["eth0"]]
    assert settings == dataclasses.replace(
        OVER_BOTH,
        ring=dataclasses.replace(
            OVER_BOTH.ring,
            rx_buf_len=2048,
            cqe_size=64,
            tcp_data_split="on",
            tx_push=True,
            rx_push=False,
            tx_push_buf_len=96,
            tx_push_buf_len_max=128,
        ),
        coalesce=dataclasses.replace(
            WITHOUT_WHAT_IT_LACKS,
            cqe_mode_rx=False,
            cqe_mode_tx=True,
            tx_aggr_max_bytes=4096,
            tx_aggr_max_frames=32,
            tx_aggr_time_usecs=100,
            rx_profile=tuple(Moderation(usecs=step, pkts=2 * step) for step in (1, 8, 64)),
        ),
        queue_coalesce={str(queue): WITHOUT_WHAT_IT_LACKS for queue in range(4)},
        pause=dataclasses.replace(OVER_BOTH.pause, rx_frames=9, tx_frames=7),
        rss=dataclasses.replace(RSS, contexts={"3": (6, 7)}),
        fec=dataclasses.replace(OVER_BOTH.fec, corrected_blocks=42),
    )


def test_the_hash_key_is_nowhere() -> None:
    # The kernel of the fake sends one along with its RSS context, as the real one does.
    settings = ask_devices(LINKS, FakeIoctl(), FakeChannel())
    assert "SECRET" not in repr(settings)


@pytest.mark.parametrize(
    "indexes",
    [
        pytest.param({"eth1": 3}, id="removed"),
        pytest.param({"eth7": 2, "eth1": 3}, id="renamed"),
        pytest.param({"eth7": 2, "eth0": 9, "eth1": 3}, id="renamed, and another has its name"),
    ],
)
def test_answers_to_a_name_that_is_not_its_own_any_more_do_not_count(
    indexes: dict[str, int],
) -> None:
    settings = ask_devices(LINKS, FakeIoctl(indexes=indexes), FakeChannel())
    eth0 = settings[INDEXES["eth0"]]
    for part in PARTS:
        assert "not there any more" in getattr(eth0, part).reason, part
    assert {getattr(eth0, part) for part in LINK_FIELDS} == {None}
    assert settings[INDEXES["eth1"]].speed_mbps == 25000


def test_channels_without_coalescing_of_their_own_cost_one_request() -> None:
    ioctl = FakeIoctl({"queue_coalesce": errno.EOPNOTSUPP})
    settings = ask_devices(LINKS[:1], ioctl, FakeChannel())[INDEXES["eth0"]]
    assert settings.queue_coalesce == Unavailable(
        "the driver (fake) does not support this", absent=True
    )
    assert [name for name, _request in ioctl.asked].count("queue_coalesce") == 1


def test_nothing_is_asked_of_the_channels_of_a_driver_without_coalescing() -> None:
    ioctl = FakeIoctl()
    channel = FakeChannel({"coalesce": errno.EOPNOTSUPP})
    settings = ask_devices(LINKS[:1], ioctl, channel)[INDEXES["eth0"]]
    assert settings.queue_coalesce == settings.coalesce
    assert "queue_coalesce" not in [name for name, _request in ioctl.asked]


def test_fields_hashed_and_contexts_are_asked_for_only_where_there_is_rss() -> None:
    ioctl = FakeIoctl({"rss": errno.EOPNOTSUPP})
    channel = FakeChannel({"contexts": lambda answer: pytest.fail("asked for contexts")})
    settings = ask_devices(LINKS[:1], ioctl, channel)[INDEXES["eth0"]]
    assert settings.rss == Unavailable("the driver (fake) does not support this", absent=True)
    assert "hash_fields" not in [name for name, _request in ioctl.asked]
