"""Whether the reader may administer the network, by its capabilities."""

from __future__ import annotations

from pathlib import Path

import pytest

from advisor.facts.privileges import may_administer_network
from tests.unit.facts.host_tree import host

STATUS = "/proc/thread-self/status"


@pytest.mark.parametrize(
    "effective",
    [
        "0000000000000000",
        "000001ffffffefff",  # everything but CAP_NET_ADMIN
        "",
    ],
)
def test_without_the_capability_it_may_not(tmp_path: Path, effective: str) -> None:
    status = f"Name:\tadvisor\nCapPrm:\t000001ffffffffff\nCapEff:\t{effective}\n"
    assert may_administer_network(host(tmp_path, {STATUS: status})) is False


@pytest.mark.parametrize("entries", [{}, {STATUS: ""}, {STATUS: "CapEff:\tmany\n"}])
def test_a_status_that_tells_nothing_means_that_it_may_not(
    tmp_path: Path, entries: dict[str, str]
) -> None:
    assert may_administer_network(host(tmp_path, entries)) is False
