"""The table of RSS when channels change: whose it is decides whether it is put back at once."""

from __future__ import annotations

import pytest

from advisor.changes.dependence import lost
from advisor.model.address import NicAddress
from advisor.model.receipt import Held, Operation

TABLE = NicAddress("eth0", ("rss", "indirection"))


def _blocks(queues: int) -> tuple[int, ...]:
    return tuple(slot * queues // 128 for slot in range(128))


def _in_turn(queues: int) -> tuple[int, ...]:
    return tuple(slot % queues for slot in range(128))


@pytest.mark.parametrize(
    ("table", "before", "after", "is_put_back"),
    [
        (_in_turn(4), 4, 2, False),
        (_blocks(4), 4, 2, False),
        (_blocks(3), 3, 4, False),
        (_in_turn(16), 63, 8, False),  # ixgbe spreads over 16 queues, however many it has
        (_in_turn(2), 4, 8, True),  # somebody keeps queues 2 and 3 for something else
        ((0,) * 32 + (1,) * 96, 4, 2, True),  # weights
        ((0,) * 32 + (1,) * 96, 2, 4, True),
    ],
    ids=[
        *["in turn", "in blocks", "in blocks of unequal size", "not over all queues, with fewer"],
        *["not over all queues, with more", "weights, with fewer", "weights, with more"],
    ],
)
def test_a_table_that_somebody_has_made_is_put_back_and_a_drivers_own_is_not(
    table: tuple[int, ...], before: int, after: int, is_put_back: bool
) -> None:
    held = Held(TABLE, table)
    channels = NicAddress("eth0", ("channels", "combined"))
    operation = Operation(channels, before, after, ("TST001",), dependent=(held,))
    assert lost([operation]) == (held,) * is_put_back
