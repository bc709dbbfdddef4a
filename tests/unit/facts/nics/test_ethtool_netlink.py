"""Answers of drivers over the ethtool family, with a kernel that answers from a script."""

from __future__ import annotations

import errno
import struct
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.facts.nics.ethtool_netlink import EthtoolNetlink
from advisor.model.nic_settings import Channels, Coalesce, Feature, Pause
from tests.unit.facts.netlink_bytes import (
    attribute,
    done,
    generic,
    message,
    refusal,
    scripted_channel,
    text,
    u32,
)

FAMILY = message(generic(attribute(1, struct.pack("=H", 21))), sequence=1, flags=0) + refusal(1)
NO_FAMILY = refusal(1, errno.ENOENT)
INDEXES = (1, 2, 3)


def answer(index: int, *attributes: bytes) -> bytes:
    """The payload of an answer about an interface."""
    return generic(attribute(1, u32(1, index)), *attributes)


def combined(index: int, count: int) -> bytes:
    """Channel counts of a driver with combined channels."""
    return answer(index, u32(5, 8), u32(9, count))


def as_channels(count: int) -> Channels:
    """What `combined` means."""
    return Channels(
        rx=0, tx=0, other=0, combined=count, rx_max=0, tx_max=0, other_max=0, combined_max=8
    )


def channels(datagrams: Sequence[bytes]) -> dict[int, Channels | int | None] | None:
    """The channels of interfaces 1 to 3; errors by their number."""
    channel, kernel = scripted_channel(datagrams)
    with kernel, channel:
        found = EthtoolNetlink(channel).channels(INDEXES)
    if found is None:
        return None
    return {
        index: value.errno if isinstance(value, OSError) else value
        for index, value in found.items()
    }


def test_one_dump_answers_for_all_interfaces() -> None:
    dump = message(combined(1, 4), sequence=2) + message(combined(3, 8), sequence=2) + done(2)
    assert channels([FAMILY, dump]) == {
        1: as_channels(4),
        2: errno.EOPNOTSUPP,
        3: as_channels(8),
    }


def test_a_driver_that_fails_does_not_hide_the_interfaces_behind_it() -> None:
    datagrams = [
        FAMILY,
        message(combined(1, 4), sequence=2),
        done(2, errno.EIO),
        refusal(3, errno.EIO),
        message(combined(3, 8), sequence=4, flags=0),
        refusal(4),
    ]
    assert channels(datagrams) == {1: as_channels(4), 2: errno.EIO, 3: as_channels(8)}


def test_a_kernel_that_falls_silent_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("advisor.facts.netlink._TIMEOUT_S", 0.01)
    assert channels([FAMILY, message(combined(1, 4), sequence=2)]) == {
        1: as_channels(4),
        2: errno.ETIMEDOUT,
        3: errno.ETIMEDOUT,
    }


def test_a_kernel_without_the_request_leaves_it_to_the_ioctl() -> None:
    assert channels([FAMILY, refusal(2, errno.EOPNOTSUPP)]) is None


def test_a_kernel_without_the_family_leaves_everything_to_the_ioctl() -> None:
    assert channels([NO_FAMILY]) is None
    reader = EthtoolNetlink(None)
    assert reader.features(INDEXES) is None
    assert reader.pause(INDEXES) is None


def test_an_interface_that_appears_meanwhile_is_not_asked_for() -> None:
    dump = message(combined(9, 4), sequence=2) + done(2)
    assert channels([FAMILY, dump]) == dict.fromkeys(INDEXES, errno.EOPNOTSUPP)


def test_coalescing_keeps_apart_what_the_driver_lacks_and_what_is_off() -> None:
    payload = answer(1, u32(2, 0), attribute(11, b"\1"), attribute(25, b"\0"))
    channel, kernel = scripted_channel([FAMILY, message(payload, sequence=2) + done(2)])
    with kernel, channel:
        found = EthtoolNetlink(channel).coalesce([1])
    assert found == {1: Coalesce(rx_usecs=0, adaptive_rx=True, cqe_mode_rx=False)}


def test_pause_has_counters_only_when_the_driver_counts() -> None:
    counted = attribute(5, attribute(2, struct.pack("=Q", 7)))
    dump = message(answer(1, attribute(3, b"\1"), counted), sequence=2)
    dump += message(answer(2, attribute(2, b"\1")), sequence=2) + done(2)
    channel, kernel = scripted_channel([FAMILY, dump])
    with kernel, channel:
        found = EthtoolNetlink(channel).pause([1, 2])
    assert found == {
        1: Pause(autoneg=False, rx=True, tx=False, tx_frames=7),
        2: Pause(autoneg=True, rx=False, tx=False),
    }


def test_private_flags_come_with_their_names() -> None:
    bits = attribute(1, u32(1, 0) + text(2, "rx_cqe_moder") + attribute(3, b""))
    bits += attribute(1, u32(1, 1) + text(2, "rx_striding_rq"))
    payload = answer(1, attribute(2, u32(2, 2) + attribute(3, bits)))
    channel, kernel = scripted_channel([FAMILY, message(payload, sequence=2) + done(2)])
    with kernel, channel:
        found = EthtoolNetlink(channel).private_flags([1])
    assert found == {1: {"rx_cqe_moder": True, "rx_striding_rq": False}}


def test_features_have_the_kernels_names_and_know_what_is_fixed() -> None:
    names = ["tx-checksum-ipv4", "", "rx-gro", "highdma"]
    strings = [attribute(1, u32(1, bit) + text(2, name)) for bit, name in enumerate(names)] + [
        attribute(1, u32(1, 33) + text(2, "rx-gro-list"))
    ]
    sets = attribute(1, u32(1, 4) + attribute(3, b"".join(strings)))
    string_sets = message(generic(attribute(2, sets)), sequence=2, flags=0) + refusal(2)

    def bit_set(number: int, *words: int) -> bytes:
        return attribute(number, attribute(4, struct.pack(f"={len(words)}I", *words)))

    payload = answer(1, bit_set(2, 0b1101, 0b10), bit_set(4, 0b1100, 0b10), bit_set(5, 0b1000, 0))
    dump = message(payload, sequence=3) + done(3)
    channel, kernel = scripted_channel([FAMILY, string_sets, dump])
    with kernel, channel:
        found = EthtoolNetlink(channel).features([1])
    assert found == {
        1: {
            "tx-checksum-ipv4": Feature(active=False, fixed=False),
            "rx-gro": Feature(active=True, fixed=False),
            "highdma": Feature(active=True, fixed=True),
            "rx-gro-list": Feature(active=True, fixed=False),
        }
    }


@pytest.mark.parametrize(
    "part", ["channels", "rings", "coalesce", "pause", "link_modes", "private_flags"]
)
@given(garbage=st.binary(max_size=120))
def test_garbage_from_a_driver_becomes_a_value_or_an_error(part: str, garbage: bytes) -> None:
    dump = message(answer(1) + garbage, sequence=2) + done(2)
    channel, kernel = scripted_channel([FAMILY, dump])
    with kernel, channel:
        found = getattr(EthtoolNetlink(channel), part)([1])
    assert found is not None
    assert found.keys() == {1}


@given(garbage=st.binary(max_size=200))
def test_garbage_as_feature_names_is_bounded(garbage: bytes) -> None:
    string_sets = message(generic(garbage), sequence=2, flags=0) + refusal(2)
    dump = message(answer(1), sequence=3) + done(3)
    channel, kernel = scripted_channel([FAMILY, string_sets, dump])
    with kernel, channel:
        found = EthtoolNetlink(channel).features([1])
    assert found is None or found.keys() == {1}
