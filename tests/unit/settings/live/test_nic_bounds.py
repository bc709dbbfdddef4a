"""What may be written to channels, rings, coalescing and flow control."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from advisor.errors import AdvisorError
from advisor.model.address import NicAddress
from advisor.model.nic_settings import Channels, Coalesce, Pause, Ring
from advisor.settings.live.nic_bounds import Record, check_fields

COMBINED = Channels(0, 0, 1, 4, 0, 0, 1, 8)
SEPARATE = Channels(4, 4, 0, 0, 8, 8, 0, 0)
BOTH = Channels(0, 0, 0, 4, 8, 8, 0, 8)
RING = Ring(rx=512, tx=512, rx_max=4096, tx_max=4096, tx_push=False, tcp_data_split="off")
SMALL = Ring(rx=16, tx=16, rx_max=32, tx_max=32)
COALESCE = Coalesce(rx_usecs=8, rx_frames=32, tx_usecs=8, tx_frames=0, adaptive_rx=True)
TIME_ONLY = Coalesce(rx_usecs=8, tx_usecs=8)
FRAMES_ONLY = Coalesce(rx_frames=0)
PAUSE = Pause(autoneg=True, rx=True, tx=True)


def wanted(values: dict[str, Any]) -> dict[str, tuple[NicAddress, Any]]:
    return {field: (NicAddress("eth0", ("group", field)), each) for field, each in values.items()}


@pytest.mark.parametrize(
    ("now", "values"),
    [
        (COMBINED, {"combined": 8}),
        (COMBINED, {"combined": 1}),
        (SEPARATE, {"rx": 1}),
        (SEPARATE, {"rx": 8, "tx": 1}),
        (BOTH, {"combined": 0, "rx": 2, "tx": 2}),
        (RING, {"rx": 4096, "tx": 64}),
        (RING, {"tx_push": True, "tcp_data_split": "on"}),
        (SMALL, {"rx": 32}),
        (COALESCE, {"rx_usecs": 0}),
        (COALESCE, {"rx_usecs": 25, "adaptive_rx": False}),
        (TIME_ONLY, {"rx_usecs": 0}),
        (FRAMES_ONLY, {"rx_frames": 16}),
        (replace(COALESCE, tx_usecs=0), {"tx_usecs": 0}),
        (PAUSE, {"rx": False}),
    ],
)
def test_what_makes_sense_may_be_written(now: Record, values: dict[str, Any]) -> None:
    check_fields(now, wanted(values))


@pytest.mark.parametrize(
    ("now", "values", "why"),
    [
        (COMBINED, {"combined": 9}, "from 0 to 8"),
        (COMBINED, {"combined": 0}, "without rx channels"),
        (COMBINED, {"combined": True}, "number"),
        (COMBINED, {"combined": "4"}, "number"),
        (COMBINED, {"combined": -1}, "from 0 to 8"),
        (COMBINED, {"rx": 1}, "from 0 to 0"),
        (SEPARATE, {"rx": 0}, "without rx channels"),
        (SEPARATE, {"tx": 0}, "without tx channels"),
        (BOTH, {"combined": 0}, "without rx channels"),
        (BOTH, {"combined": 0, "rx": 2}, "without tx channels"),
        (RING, {"rx": 8192}, "from 64 to 4096"),
        (RING, {"rx": 1}, "from 64 to 4096"),
        (RING, {"rx_jumbo": 512}, "does not have it"),
        (RING, {"tx_push": 1}, "true or false"),
        (RING, {"tcp_data_split": "unknown"}, "on or off"),
        (RING, {"rx_buf_len": 2048}, "does not have it"),
        (COALESCE, {"rx_usecs": 10_001}, "from 0 to 10000"),
        (COALESCE, {"rx_usecs": -1}, "from 0"),
        (COALESCE, {"rx_frames": 1 << 20}, "from 0"),
        (COALESCE, {"adaptive_rx": 1}, "true or false"),
        (COALESCE, {"adaptive_tx": True}, "does not have it"),
        (COALESCE, {"tx_usecs": 0}, "tx-usecs and tx-frames both 0"),
        (COALESCE, {"rx_usecs": 0, "rx_frames": 0}, "rx-usecs and rx-frames both 0"),
        (PAUSE, {"rx": 1}, "true or false"),
    ],
)
def test_nonsense_that_a_driver_may_take_is_refused(
    now: Record, values: dict[str, Any], why: str
) -> None:
    with pytest.raises(AdvisorError, match=why):
        check_fields(now, wanted(values))
