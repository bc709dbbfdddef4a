"""Whether a namespace tracks connections, on the running kernel."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from advisor.model.stack import Conntrack
from advisor.model.unavailable import Unavailable
from tests.netns.spaces import Space, needs_namespaces, space

pytestmark = [
    needs_namespaces,
    pytest.mark.skipif(shutil.which("nft") is None, reason="needs nft"),
    pytest.mark.skipif(
        not Path("/proc/sys/net/netfilter/nf_conntrack_count").exists(),
        reason="connection tracking is not loaded",
    ),
]

SEND = "import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9))"


def read(place: Space) -> Conntrack:
    found = place.read().conntrack
    assert isinstance(found, Conntrack), found
    return found


def send(place: Space) -> None:
    place.run(sys.executable, "-c", SEND)


def test_a_namespace_tracks_from_the_first_rule_that_needs_it() -> None:
    with space() as place:
        send(place)
        before = read(place)
        place.run("nft", "add table inet t")
        place.run("nft", "add chain inet t o { type filter hook output priority 0; }")
        place.run("nft", "add rule inet t o meta l4proto udp counter")
        send(place)
        counting = read(place)
        place.run("nft", "add rule inet t o ct state invalid counter")
        send(place)
        tracking = read(place)
    for found in (before, counting):
        assert found.count == 0
        # Kernels that list netfilter hooks know; others leave it open, and say why.
        known = found.active_source == "netfilter hooks"
        assert found.active is False if known else isinstance(found.active, Unavailable)
    assert tracking.count > 0
    assert tracking.active is True
    assert tracking.active_source in ("netfilter hooks", "entries in the table")


def test_the_table_of_a_namespace_has_limits_and_counters() -> None:
    with space() as place:
        found = read(place)
    assert found.max > 0
    assert found.buckets > 0
    assert isinstance(found.stats, dict)
    assert {
        "drop",
        "early_drop",
        "insert_failed",
        "invalid",
        "search_restart",
    } <= found.stats.keys()
