"""Link modes and their speeds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.facts.nics.ethtool_ioctl import ETH_SS_LINK_MODES, EthtoolIoctl, read_strings
from advisor.facts.nics.link_speeds import LinkMode, link_mode, mode_speeds

NAMES = ["10baseT/Half", "Autoneg", "1000baseT/Full", "TP", "100000baseLR4_ER4/Full", "RS", ""]
OFF = {"speed": None, "duplex": None, "autoneg": None, "supported": 0, "advertised": 0}


def mode(**numbers: int | None) -> LinkMode:
    """What the numbers mean where the bits have these names."""
    given_numbers = {**OFF, "partners": 0, **numbers}
    return link_mode(**given_numbers, speeds=lambda: mode_speeds(NAMES))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ({}, LinkMode()),
        ({"speed": 25000, "duplex": 1}, LinkMode(speed_mbps=25000, duplex="full")),
        ({"speed": 10, "duplex": 0}, LinkMode(speed_mbps=10, duplex="half")),
        ({"speed": 0xFFFFFFFF, "duplex": 0xFF}, LinkMode()),
        ({"speed": 0xFFFF, "duplex": 0xFF}, LinkMode()),
        ({"speed": 0, "duplex": 2}, LinkMode()),
        # Without any mode there is nothing to negotiate, whatever the driver leaves in the field.
        ({"autoneg": 0}, LinkMode()),
        ({"autoneg": 1}, LinkMode()),
        ({"autoneg": 1, "supported": 0b010}, LinkMode(autoneg=True)),
        ({"autoneg": 0, "supported": 0b100}, LinkMode(autoneg=False, speed_max_mbps=1000)),
        ({"supported": 0b0010101}, LinkMode(speed_max_mbps=100000)),
        ({"supported": 0b0101010}, LinkMode()),
        ({"supported": 1 << 100}, LinkMode()),
        (
            {"supported": 0b10101, "advertised": 0b00111, "partners": 0b00001},
            LinkMode(speed_max_mbps=100000, speed_advertised_mbps=1000, speed_partner_mbps=10),
        ),
    ],
)
def test_numbers_of_the_kernel_become_facts(
    numbers: dict[str, int | None], expected: LinkMode
) -> None:
    assert mode(**numbers) == expected


def test_names_are_not_asked_for_where_there_is_no_mode() -> None:
    def never() -> list[int]:
        pytest.fail("asked for the names")

    found = link_mode(
        speed=1000, duplex=1, autoneg=0, supported=0, advertised=0, partners=0, speeds=never
    )
    assert found.speed_mbps == 1000


def test_the_modes_that_older_kernels_do_not_name_have_the_speeds_of_todays_names() -> None:
    with EthtoolIoctl() as ioctl:
        names = read_strings(ioctl, "lo", ETH_SS_LINK_MODES, 1024)
    without_names = mode_speeds([])
    assert without_names == mode_speeds(names)[: len(without_names)]


@given(st.lists(st.text(max_size=32), max_size=200))
def test_every_bit_has_a_speed_or_none(names: list[str]) -> None:
    speeds = mode_speeds(names)
    assert len(speeds) in (len(names), 74)
    assert all(speed >= 0 for speed in speeds)
