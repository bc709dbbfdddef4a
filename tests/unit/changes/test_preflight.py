"""What is left to be done of a plan, by what the host has already."""

from __future__ import annotations

from pathlib import Path

import pytest

from advisor.changes.preflight import prepare
from advisor.model.address import SysctlAddress
from advisor.model.plan import Change
from advisor.model.receipt import Origin
from advisor.settings.live import Live
from tests.unit.facts.host_tree import host

BUCKETS = SysctlAddress(("net", "netfilter", "nf_conntrack_buckets"))


@pytest.mark.parametrize(
    ("now", "wanted", "is_to_do"),
    [
        (8192, 8192, False),
        (
            8192,
            4096,
            True,
        ),  # the kernel may make 8192 of 4096, or of what it has: it has to be asked
        (8192, 16384, True),
    ],
)
def test_only_a_value_that_is_there_exactly_is_not_asked_for(
    tmp_path: Path, now: int, wanted: int, is_to_do: bool
) -> None:
    files = host(
        tmp_path,
        {
            "/proc/sys/net/netfilter/nf_conntrack_buckets": f"{now}\n",
            "/sys/class/net/lo/ifindex": "1\n",
        },
    )
    change = Change(BUCKETS, now, wanted, ("TST001",), "low", "none", (), ())
    with Live(files) as live:
        prepared = prepare([change], live, (), Origin("a-boot", "a-host", 1))
    assert [each.after for each in prepared.operations] == [wanted] * is_to_do
    assert list(prepared.present) == [BUCKETS] * (not is_to_do)
