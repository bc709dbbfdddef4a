"""What different versions of ethtool print for the same things."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.facts.nics.link_speeds import LinkMode
from advisor.facts.sosreport import ethtool_text as text
from advisor.facts.sosreport.ethtool_link import parse_fec, parse_link_mode
from advisor.model.nic_settings import Channels, Coalesce, Feature, Fec, Pause, Ring, Rss
from advisor.model.unavailable import Unavailable
from tests.unit.facts.sosreport.reports import bundle

NEW, OLD = bundle("sos4"), bundle("sos3")


def printed(entries: dict[str, Any], options: str, name: str) -> str:
    return str(entries[f"sos_commands/networking/ethtool_{options}_{name}".replace("__", "_")])


def test_channels_over_netlink_and_over_the_ioctl() -> None:
    assert text.parse_channels(printed(NEW, "-l", "ens1f0")) == Channels(0, 0, 1, 4, 0, 0, 1, 8)
    assert text.parse_channels(printed(OLD, "-l", "eth0")) == Channels(0, 0, 0, 1, 0, 0, 0, 1)


def test_rings_over_netlink_and_over_the_ioctl() -> None:
    assert text.parse_ring(printed(NEW, "-g", "ens1f0")) == Ring(
        rx=512, tx=1024, rx_max=4096, tx_max=4096, rx_buf_len=2048, tx_push=False, rx_push=False
    )
    assert text.parse_ring(printed(OLD, "-g", "eth0")) == Ring(256, 256, 256, 256)


def test_a_ring_for_jumbo_frames_is_there_when_it_has_a_maximum() -> None:
    old = printed(OLD, "-g", "eth0").replace("RX Jumbo:	0", "RX Jumbo:	8192")
    ring = text.parse_ring(old)
    assert ring is not None
    assert (ring.rx_jumbo, ring.rx_jumbo_max) == (8192, 8192)


def test_coalescing_leaves_out_what_the_driver_does_not_have() -> None:
    assert text.parse_coalesce(printed(NEW, "-c", "ens1f0")) == Coalesce(
        rx_usecs=50,
        rx_frames_irq=256,
        tx_usecs=51,
        tx_frames_irq=257,
        adaptive_rx=True,
        adaptive_tx=False,
        rx_usecs_high=0,
        tx_usecs_high=1,
    )


def test_coalescing_over_the_ioctl_has_every_field() -> None:
    # dump_coalesce() in ethtool 4.8
    names = [
        "stats-block-usecs",
        "sample-interval",
        "pkt-rate-low",
        "pkt-rate-high",
        "rx-usecs",
        "rx-frames",
        "rx-usecs-irq",
        "rx-frames-irq",
        "tx-usecs",
        "tx-frames",
        "tx-usecs-irq",
        "tx-frames-irq",
        "rx-usecs-low",
        "rx-frame-low",
        "tx-usecs-low",
        "tx-frame-low",
        "rx-usecs-high",
        "rx-frame-high",
        "tx-usecs-high",
        "tx-frame-high",
    ]
    lines = [f"{name}: {number}" for number, name in enumerate(names)]
    found = text.parse_coalesce("\n".join(["Adaptive RX: off  TX: off", *lines]))
    assert found is not None
    assert (found.stats_block_usecs, found.rate_sample_interval, found.rx_usecs) == (0, 1, 4)
    assert (found.rx_frames_low, found.tx_frames_high, found.adaptive_rx) == (13, 19, False)
    assert found.cqe_mode_rx is None


def test_flow_control() -> None:
    assert text.parse_pause(printed(NEW, "-a", "ens1f0")) == Pause(autoneg=True, rx=False, tx=True)
    counted = (
        printed(NEW, "-a", "ens1f0") + "Statistics:\n  tx_pause_frames: 7\n  rx_pause_frames: 8\n"
    )
    assert text.parse_pause(counted) == Pause(True, False, True, 8, 7)


def test_features_have_the_kernels_names() -> None:
    found = text.parse_features(printed(NEW, "-k", "ens1f0"))
    assert found is not None
    assert found["rx-gro"] == Feature(active=False, fixed=False, requested=False)
    assert found["rx-lro"] == Feature(active=False, fixed=True, requested=False)
    assert found["tx-tcp6-segmentation"] == Feature(active=False, fixed=False, requested=True)
    assert found["rx-vlan-hw-parse"] == Feature(active=True, fixed=False, requested=False)
    assert found.keys().isdisjoint(
        {"tx-checksumming", "scatter-gather", "tcp-segmentation-offload"}
    )


def test_an_error_in_front_of_an_answer_does_not_hide_it() -> None:
    found = text.answer(printed(OLD, "-k", "eth0"), "virtio_net", text.parse_features)
    assert isinstance(found, dict)
    assert found["tx-udp-fragmentation"].active


def test_private_flags_and_statistics() -> None:
    flags = text.parse_private_flags(printed(NEW, "--show-priv-flags", "ens1f0"))
    assert flags == {"MFP": False, "link-down-on-close": True}
    statistics = text.parse_statistics(printed(NEW, "-S", "ens1f0"))
    assert statistics is not None
    assert statistics[:2] == [("rx_packets", 1000000), ("port.rx_discards", 11)]


def test_names_of_counters_keep_what_means_something() -> None:
    # "%*s: %llu" with five spaces in front: vmxnet3 indents its names, bnxt_en's hold colons.
    printed_text = (
        "NIC statistics:\n     Rx Queue#: 0\n       ucast pkts rx: 5\n     [0]: rx_x: 7\n"
    )
    assert text.parse_statistics(printed_text) == [
        ("Rx Queue#", 0),
        ("  ucast pkts rx", 5),
        ("[0]: rx_x", 7),
    ]


def test_the_link_and_its_modes() -> None:
    assert parse_link_mode(printed(NEW, "", "ens1f0")) == LinkMode(
        10000, "full", True, 25000, 10000, 10000
    )
    assert parse_link_mode(printed(OLD, "", "eth0")) == LinkMode()
    unknown = (
        "Settings for eth0:\n\tSpeed: Unknown!\n\tDuplex: Unknown! (255)\n\tAuto-negotiation: off\n"
    )
    assert parse_link_mode(unknown) == LinkMode(autoneg=False)


@pytest.mark.parametrize(
    ("output", "fec"),
    [
        (
            "FEC parameters for x:\nSupported/Configured FEC encodings: Auto RS BaseR\n"
            "Active FEC encoding: RS\nStatistics:\n  corrected_blocks: 5\n    Lane 0: 3\n"
            "  uncorrectable_blocks: 1\n",
            Fec(active="rs", auto=True, corrected_blocks=5, uncorrectable_blocks=1),
        ),
        ("Configured FEC encodings: Off\nActive FEC encoding: Off\n", Fec("off", False)),
        ("Configured FEC encodings: None\nActive FEC encoding: None\n", Fec(None, False)),
        ("Cannot get FEC settings: Operation not supported\n", None),
    ],
)
def test_forward_error_correction(output: str, fec: Fec | None) -> None:
    assert parse_fec(output) == fec


def test_an_indirection_table_that_somebody_added() -> None:
    # print_indir_table() and do_grxfh() in ethtool 6.1
    output = (
        "RX flow hash indirection table for eth0 with 4 RX ring(s):\n"
        "    0:      0     1     2     3     0     1     2     3\n"
        "    8:      0     1     2     3     0     1     2     3\n"
        "RSS hash key:\n00:11:22\nRSS hash function:\n    toeplitz: on\n    xor: off\n"
    )
    assert text.parse_rss(output) == Rss((0, 1, 2, 3) * 4, "toeplitz", True)


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        ("netlink error: Operation not supported\n", "the driver (x) does not support this"),
        (
            "Cannot get device channel parameters\n: Operation not supported\n"
            "Channel parameters for y:\n",
            "the driver (x) does not support this",
        ),
        ("no stats available\n", "the driver (x) does not support this"),
        ("netlink error: No such device\n", "the driver (x) answered: No such device"),
        ("Cannot get device settings: No such device\n", "the driver (x) answered: No such device"),
        ("", "`ethtool` printed nothing"),
        (Unavailable("not there"), "not there"),
    ],
)
def test_an_error_becomes_a_reason(output: str | Unavailable, reason: str) -> None:
    for parse in (text.parse_channels, text.parse_ring, text.parse_statistics):
        absent = reason.endswith("does not support this")
        assert text.answer(output, "x", parse) == Unavailable(reason, absent)


PARSERS: list[Callable[[str], object]] = [
    text.parse_driver,
    text.parse_channels,
    text.parse_ring,
    text.parse_coalesce,
    text.parse_pause,
    text.parse_features,
    text.parse_private_flags,
    text.parse_statistics,
    text.parse_rss,
    parse_link_mode,
    parse_fec,
]


@given(st.sampled_from(PARSERS), st.text(alphabet="RX: 0-9\n\tonf[]raCurethdws", max_size=120))
def test_no_text_is_too_odd(parse: Callable[[str], object], odd: str) -> None:
    parse(odd)
    parse(f"Settings for x:\nCurrent hardware settings:\n{odd}")
