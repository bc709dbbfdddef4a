"""The tables of neighbours as the running kernel keeps them: one for all network namespaces."""

from __future__ import annotations

import pytest

from advisor.facts.files import Files
from advisor.facts.neighbours import read_neighbours
from advisor.model.unavailable import Unavailable
from tests.netns.spaces import needs_namespaces, space

MADE = 40


@needs_namespaces
def test_a_neighbour_in_any_namespace_is_an_entry_of_the_one_table() -> None:
    before = read_neighbours(Files())
    if isinstance(before, Unavailable):
        pytest.skip(before.reason)
    with space() as inside:
        inside.run("ip", "link", "add", "one", "type", "veth", "peer", "name", "two")
        inside.run("ip", "link", "set", "one", "up")
        batch = "; ".join(
            f"ip neigh add 192.0.2.{number} lladdr 02:00:00:00:00:01 dev one nud permanent"
            for number in range(1, MADE + 1)
        )
        inside.run("sh", "-c", batch)
        now = read_neighbours(Files())
        assert isinstance(now, dict)
        assert now["ipv4"].entries >= before["ipv4"].entries + 0.9 * MADE
        assert isinstance(inside.read().neighbours, Unavailable)
