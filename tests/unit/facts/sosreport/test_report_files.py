"""A report's files behave as the host's would, and nothing leads out of them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.facts.sosreport.members import Members
from advisor.facts.sosreport.report_files import ReportFiles
from advisor.model.unavailable import Unavailable
from tests.unit.facts.host_tree import Link
from tests.unit.facts.sosreport.reports import report

SYSFS = {
    "sys/class/net/eth0": Link("../../devices/pci0/virtio0/net/eth0"),
    "sys/devices/pci0/virtio0/net/eth0/device": Link("../../../virtio0"),
    "sys/devices/pci0/virtio0/net/eth0/statistics/rx_packets": "5\n",
    "sys/devices/pci0/numa_node": "1\n",
}


def test_files_are_found_over_links() -> None:
    files = report(SYSFS)
    assert files.read_int("/sys/class/net/eth0/statistics/rx_packets") == 5
    assert files.read_int("/sys/class/net/eth0/device/../numa_node") == 1
    assert files.read_link("/sys/class/net/eth0") == "../../devices/pci0/virtio0/net/eth0"
    assert files.list_dir("/sys/class/net") == ["eth0"]
    assert files.list_dir("/sys/class/net/eth0") == ["device", "statistics"]
    assert files.exists("/sys/class/net/eth0/device")
    assert not files.exists("/sys/class/net/eth1")


def test_what_is_missing_says_so() -> None:
    files = report({})
    missing = Unavailable("/proc/meminfo is not in this sosreport")
    assert files.read_text("/proc/meminfo") == missing
    assert files.read_bytes("/proc/meminfo") == missing
    assert files.read_head("/proc/meminfo", 10) == missing
    assert files.read_int("/proc/meminfo") == missing
    assert isinstance(files.list_dir("/proc"), Unavailable)
    assert isinstance(files.read_link("/proc/self"), Unavailable)


@pytest.mark.parametrize(
    "target",
    ["../../../../etc/passwd", "../../../../../../etc/passwd", "eth0", "../net/eth0", "../.."],
)
def test_links_that_lead_out_or_in_circles_end_nowhere(target: str) -> None:
    files = report({"sys/class/net/eth0": Link(target)})
    assert isinstance(files.read_text("/sys/class/net/eth0"), Unavailable)
    assert isinstance(files.read_text("/sys/class/net/eth0/mtu"), Unavailable)


def test_absolute_links_begin_at_the_root_of_the_report() -> None:
    files = report(
        {"proc/net": Link("/proc/self/net"), "proc/self": Link("/proc/7"), "proc/7/net/snmp": "x"}
    )
    assert files.read_text("/proc/net/snmp") == "x"
    assert isinstance(report({"proc/net": Link("/etc")}).read_text("/proc/net/passwd"), Unavailable)


def test_the_machine_that_reads_the_report_cannot_be_reached() -> None:
    files = report({})
    assert not files.live
    assert not Path(files.locate("/proc/version")).exists()
    assert not os.path.lexists(files.locate("/etc/passwd"))


@pytest.mark.parametrize(
    ("entries", "path"),
    [
        ({"proc/net/snmp": "x"}, "/proc/net/snmp"),
        (
            {"proc/net": Link("self/net"), "proc/self": Link("12"), "proc/12/net/snmp": "x"},
            "/proc/net/snmp",
        ),
        (
            {"proc/net": Link("self/net"), "proc/12/net/snmp": "x", "proc/sys/net/a": "1"},
            "/proc/12/net/snmp",
        ),
        (
            {"proc/net": Link("self/net"), "proc/12/net/snmp": "x", "proc/13/net/snmp": "y"},
            "/proc/net/snmp",
        ),
        ({}, "/proc/net/snmp"),
    ],
)
def test_proc_net_is_that_of_the_process_that_copied_it(
    entries: dict[str, str | bytes | Link], path: str
) -> None:
    assert report(entries).net("snmp") == path


NAMES = st.sampled_from(["a", "b", "..", ".", ""])
PATHS = st.lists(NAMES, max_size=6).map("/".join)


@given(st.dictionaries(st.sampled_from(["a", "b", "a/b", "b/a", "a/b/a"]), PATHS), PATHS)
def test_resolving_always_ends_within_the_report(links: dict[str, str], path: str) -> None:
    files = ReportFiles(members=Members(links=links))
    name = files.resolve(path)
    assert name is None or ".." not in name.split("/")
