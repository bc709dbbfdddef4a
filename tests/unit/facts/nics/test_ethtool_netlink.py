"""Answers of drivers over the ethtool family, with a kernel that answers from a script."""

from __future__ import annotations

import errno
import struct
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.facts.netlink import Silence
from advisor.facts.nics.ethtool_netlink import EthtoolNetlink
from advisor.facts.nics.link_speeds import LinkMode
from advisor.model.nic_settings import (
    Channels,
    Coalesce,
    Feature,
    Fec,
    Moderation,
    Pause,
    Ring,
)
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


def test_a_driver_that_times_out_does_not_hide_the_interfaces_behind_it() -> None:
    datagrams = [
        FAMILY,
        done(2, errno.ETIMEDOUT),
        refusal(3, errno.ETIMEDOUT),
        message(combined(2, 4), sequence=4, flags=0) + refusal(4),
        message(combined(3, 8), sequence=5, flags=0) + refusal(5),
    ]
    assert channels(datagrams) == {1: errno.ETIMEDOUT, 2: as_channels(4), 3: as_channels(8)}


def test_a_kernel_that_falls_silent_later_is_not_asked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("advisor.facts.netlink._TIMEOUT_S", 0.01)
    datagrams = [FAMILY, message(combined(1, 4), sequence=2) + done(2, errno.EIO)]
    channel, kernel = scripted_channel(datagrams)
    with kernel, channel:
        found = EthtoolNetlink(channel).channels(INDEXES)
        kernel.setblocking(False)
        asked = [kernel.recv(4096) for _ in range(3)]  # the family, the dump, one interface
        with pytest.raises(BlockingIOError):
            kernel.recv(4096)
    assert len(asked) == 3
    assert found is not None
    assert [type(found[index]) for index in (2, 3)] == [Silence, Silence]


def test_an_answer_about_another_interface_does_not_count() -> None:
    datagrams = [
        FAMILY,
        done(2, errno.EIO),
        *(message(combined(9, 4), sequence=sequence) + refusal(sequence) for sequence in (3, 4)),
        refusal(5),
    ]
    assert channels(datagrams) == dict.fromkeys(INDEXES, errno.EBADMSG)


def test_a_kernel_without_the_request_leaves_it_to_the_ioctl() -> None:
    assert channels([FAMILY, refusal(2, errno.EOPNOTSUPP)]) is None


def test_a_kernel_without_the_family_leaves_everything_to_the_ioctl() -> None:
    assert channels([NO_FAMILY]) is None
    reader = EthtoolNetlink(None)
    assert reader.features(INDEXES) is None
    assert reader.pause(INDEXES) is None
    assert reader.coalesce(INDEXES) is None
    assert reader.rss_contexts(1) == {}


def test_an_interface_that_appears_meanwhile_is_not_asked_for() -> None:
    dump = message(combined(9, 4), sequence=2) + done(2)
    assert channels([FAMILY, dump]) == dict.fromkeys(INDEXES, errno.EOPNOTSUPP)


def u8(number: int, value: int) -> bytes:
    """One attribute that holds a byte."""
    return attribute(number, bytes([value]))


def test_rings_leave_out_what_the_driver_lacks() -> None:
    small = answer(1, u32(2, 4096), u32(6, 512), u8(11, 0), u8(13, 0), u8(14, 0))
    large = answer(2, u32(5, 64), u32(9, 32), u32(4, 8192), u32(8, 0), u8(11, 1), u8(13, 1))
    dump = message(small, sequence=2) + message(large, sequence=2) + done(2)
    channel, kernel = scripted_channel([FAMILY, dump])
    with kernel, channel:
        found = EthtoolNetlink(channel).rings([1, 2])
    assert found == {
        1: Ring(rx=512, tx=0, rx_max=4096, tx_max=0, tx_push=False, rx_push=False),
        2: Ring(
            rx=0,
            tx=32,
            rx_max=0,
            tx_max=64,
            rx_jumbo=0,
            rx_jumbo_max=8192,
            tcp_data_split="off",
            tx_push=True,
        ),
    }


def test_coalescing_keeps_apart_what_the_driver_lacks_and_what_is_off() -> None:
    payload = answer(1, u32(2, 0), u8(25, 0), u8(24, 1))
    channel, kernel = scripted_channel([FAMILY, message(payload, sequence=2) + done(2)])
    with kernel, channel:
        found = EthtoolNetlink(channel).coalesce([1])
    assert found == {1: Coalesce(rx_usecs=0, cqe_mode_rx=False, cqe_mode_tx=True)}


def test_only_a_driver_that_can_adapt_is_asked_for_its_profiles() -> None:
    steps = attribute(1, u32(1, 2) + u32(2, 256)) + attribute(1, u32(1, 8) + u32(3, 64))
    adapts, fixed = answer(1, u8(11, 0)), answer(2, u32(2, 8))
    alone = answer(1, u8(11, 0), attribute(29, steps), attribute(30, b""))
    dump = message(adapts, sequence=2) + message(fixed, sequence=2) + done(2)
    datagrams = [FAMILY, dump, message(alone, sequence=3, flags=0) + refusal(3)]
    channel, kernel = scripted_channel(datagrams)
    with kernel, channel:
        found = EthtoolNetlink(channel).coalesce([1, 2])
    assert found == {
        1: Coalesce(
            adaptive_rx=False,
            rx_profile=(Moderation(usecs=2, pkts=256), Moderation(usecs=8, comps=64)),
            tx_profile=(),
        ),
        2: Coalesce(rx_usecs=8),
    }


def test_what_a_dump_told_stands_when_the_profiles_cannot_be_had() -> None:
    dump = message(answer(1, u32(2, 8), u8(11, 1)), sequence=2) + done(2)
    channel, kernel = scripted_channel([FAMILY, dump, refusal(3, errno.EBUSY)])
    with kernel, channel:
        found = EthtoolNetlink(channel).coalesce([1])
    assert found == {1: Coalesce(rx_usecs=8, adaptive_rx=True)}


def test_error_correction_counts_the_total_of_all_lanes() -> None:
    lanes = attribute(2, struct.pack("=3Q", 42, 40, 2)) + attribute(3, struct.pack("=Q", 7))
    payloads = [
        answer(1, u8(3, 0), u32(4, 50), attribute(5, lanes)),
        answer(2, u8(3, 1), u32(4, 49), attribute(5, attribute(2, b"") + attribute(3, b""))),
        answer(3, u8(3, 0)),
    ]
    dump = b"".join(message(payload, sequence=2) for payload in payloads) + done(2)
    channel, kernel = scripted_channel([FAMILY, dump])
    with kernel, channel:
        found = EthtoolNetlink(channel).fec(INDEXES)
    assert found == {
        1: Fec(active="rs", auto=False, corrected_blocks=42, uncorrectable_blocks=7),
        2: Fec(active="off", auto=True),
        3: Fec(active=None, auto=False),
    }


def named(names: dict[int, str], sequence: int) -> bytes:
    """A string set as the kernel answers it."""
    strings = [attribute(1, u32(1, bit) + text(2, name)) for bit, name in names.items()]
    sets = attribute(1, u32(1, 9) + attribute(3, b"".join(strings)))
    return message(generic(attribute(2, sets)), sequence=sequence, flags=0) + refusal(sequence)


def modes_of(advertised: int, supported: int) -> bytes:
    """A compact set of link modes with its mask."""
    words = [
        attribute(kind, struct.pack("=3I", value, 0, 0))
        for kind, value in ((4, advertised), (5, supported))
    ]
    return attribute(3, b"".join(words))


def test_link_modes_are_asked_for_their_names_once_and_only_if_there_are_any() -> None:
    payloads = [
        answer(1, u8(2, 0), modes_of(0, 0), u32(5, 10000), u8(6, 1)),
        answer(2, u8(2, 1), modes_of(0b010, 0b110), u32(5, 0xFFFFFFFF), u8(6, 0xFF)),
        answer(3, u8(2, 0), modes_of(0b110, 0b110), attribute(4, attribute(4, b"\4\0\0\0"))),
    ]
    dump = b"".join(message(payload, sequence=2) for payload in payloads) + done(2)
    names = named({0: "Autoneg", 1: "25000baseCR/Full", 2: "200000baseCR4/Full"}, 3)
    channel, kernel = scripted_channel([FAMILY, dump, names])
    with kernel, channel:
        found = EthtoolNetlink(channel).link_modes(INDEXES)
    assert found == {
        1: LinkMode(speed_mbps=10000, duplex="full"),
        2: LinkMode(autoneg=True, speed_max_mbps=200000, speed_advertised_mbps=25000),
        3: LinkMode(
            autoneg=False,
            speed_max_mbps=200000,
            speed_advertised_mbps=200000,
            speed_partner_mbps=200000,
        ),
    }


@pytest.mark.parametrize(
    ("datagrams", "expected"),
    [
        (
            [
                message(answer(1, u32(2, 1), attribute(4, struct.pack("=2I", 4, 5))), sequence=2),
                message(answer(1, u32(2, 7), attribute(5, b"key")), sequence=2) + done(2),
            ],
            {"1": (4, 5), "7": ()},
        ),
        ([done(2)], {}),
        ([message(answer(1, attribute(4, b"....")), sequence=2) + done(2)], {}),
        ([message(answer(2, u32(2, 1)), sequence=2) + done(2)], {}),
        ([refusal(2, errno.EOPNOTSUPP)], {}),
        ([refusal(2, errno.EINVAL)], {}),
    ],
    ids=["two", "none", "context 0", "another interface", "before 6.11", "refused"],
)
def test_additional_rss_contexts_have_their_tables(
    datagrams: list[bytes], expected: dict[str, tuple[int, ...]]
) -> None:
    channel, kernel = scripted_channel([FAMILY, *datagrams])
    with kernel, channel:
        assert EthtoolNetlink(channel).rss_contexts(1) == expected


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

    payload = answer(
        1,
        bit_set(2, 0b1101, 0b10),
        bit_set(3, 0b1001, 0b10),
        bit_set(4, 0b1100, 0b10),
        bit_set(5, 0b1000, 0),
    )
    dump = message(payload, sequence=3) + done(3)
    channel, kernel = scripted_channel([FAMILY, string_sets, dump])
    with kernel, channel:
        found = EthtoolNetlink(channel).features([1])
    assert found == {
        1: {
            "tx-checksum-ipv4": Feature(active=False, fixed=False, requested=True),
            "rx-gro": Feature(active=True, fixed=False, requested=False),
            "highdma": Feature(active=True, fixed=True, requested=True),
            "rx-gro-list": Feature(active=True, fixed=False, requested=True),
        }
    }


@pytest.mark.parametrize(
    "part", ["channels", "rings", "coalesce", "pause", "fec", "link_modes", "private_flags"]
)
@given(garbage=st.binary(max_size=120))
def test_garbage_from_a_driver_becomes_a_value_or_an_error(part: str, garbage: bytes) -> None:
    dump = message(answer(1) + garbage, sequence=2) + done(2)
    # Garbage can look like something about which there is more to ask.
    channel, kernel = scripted_channel([FAMILY, dump, refusal(3, errno.EIO)])
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
