"""Recorded hosts, one directory for each driver and form, read and judged like the running one."""

from __future__ import annotations

import dataclasses
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import pytest

from advisor.cli.judge import choose_profile, judge, load_profiles, shipped_rules
from advisor.facts import snapshot
from advisor.facts.cpulist import format_cpu_list
from advisor.layout.build import layout_of
from advisor.model.host import Host
from advisor.model.layout import Layout, Vector
from advisor.model.nic import Nic
from advisor.model.unavailable import Unavailable
from advisor.report.json_report import to_data
from tests.drivers.recorded import Recording, recordings
from tests.drivers.tree import cpu_list
from tests.stories.expectations import Judged, complaints

RECORDINGS = recordings()
PROFILES = [profile.name for profile in load_profiles()]


@dataclass(frozen=True)
class Case:
    """A recording and the host that was read from it."""

    recording: Recording
    host: Host

    def nics(self) -> list[tuple[str, Nic, dict[str, Any]]]:
        """Each interface that something is expected of: name, interface, expectation."""
        assert isinstance(self.host.nics, dict)
        found = self.host.nics
        return [(name, found[name], want) for name, want in self.recording.expected["nics"].items()]

    def layout(self, nic: str) -> Layout:
        found = layout_of(self.host, nic)
        assert isinstance(found, Layout), found
        return found


@pytest.fixture(scope="module", params=RECORDINGS, ids=[each.name for each in RECORDINGS])
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    recording: Recording = request.param
    return Case(recording, recording.read(tmp_path_factory.mktemp(recording.name)))


def test_there_are_recordings_of_the_common_drivers() -> None:
    names = {recording.name.split("-")[0] for recording in RECORDINGS}
    assert {"bnxt", "mlx5", "ice", "i40e", "ixgbe", "ena", "gve", "virtio", "netvsc"} <= names
    assert "vmxnet3" in names


@pytest.mark.parametrize("recording", RECORDINGS, ids=[each.name for each in RECORDINGS])
def test_a_recording_says_where_it_comes_from_and_what_is_made_up(recording: Recording) -> None:
    source = recording.source
    assert re.search(r"\bLinux \d+\.\d+|https://", source)
    assert re.search(r"\b\w+\.[ch]\b|https://", source), "name a file, or an address"
    assert "made up" in source.lower()


def test_completions_are_laid_out_as_expected(case: Case) -> None:
    for name, nic, want in case.nics():
        topology = want["topology"]
        found = {key: getattr(nic.topology, key) for key in topology}
        assert (name, found) == (name, topology)


def test_queues_have_the_interrupts_and_cpus_that_are_expected(case: Case) -> None:
    for name, nic, want in case.nics():
        if "irqs" in want:
            assert list(nic.irqs) == _numbers(want["irqs"])
        vectors = _by_queue(case.layout(name))
        for way, queues in (("rx", nic.rx_queues), ("tx", nic.tx_queues)):
            assert isinstance(queues, dict)
            found = {
                f"{way}-{number}": {
                    "irq": queue.irq,
                    "cpus": format_cpu_list(vectors[f"{way}-{number}"].cpus),
                    "managed": vectors[f"{way}-{number}"].managed,
                    "packets": queue.packets,
                    "bytes": queue.bytes,
                }
                for number, queue in queues.items()
            }
            expected = {key: each for key, each in want["queues"].items() if key.startswith(way)}
            assert list(found) == list(expected)
            for key, each in expected.items():
                same = {field: found[key][field] for field in each}
                if "cpus" in each:
                    each["cpus"] = str(each["cpus"])
                assert (key, same) == (key, each)


def test_counters_mean_what_is_expected(case: Case) -> None:
    for name, nic, want in case.nics():
        assert (name, nic.rx_ring_full) == (name, want["rx_ring_full"])
        counted = want.get("counted", {})
        assert {key: getattr(nic.counted, key) for key in counted} == counted


def test_the_layout_has_the_facts_that_are_expected(case: Case) -> None:
    for name, _nic, want in case.nics():
        layout = case.layout(name)
        for fact, value in want.get("layout", {}).items():
            found = getattr(layout, fact)
            if isinstance(value, dict):
                assert isinstance(found, Unavailable), (fact, found)
                assert value["unavailable"] in found.reason
            elif isinstance(found, tuple) and all(type(item) is int for item in found):
                assert (fact, list(found)) == (fact, _numbers(value))
            else:
                assert (fact, found) == (fact, tuple(value) if isinstance(value, list) else value)


def test_the_findings_are_those_that_are_expected(case: Case) -> None:
    for each in case.recording.expected["judged"]:
        expected = Judged(**each)
        assert list(complaints(expected, _findings(case.host, expected.profile))) == []


@pytest.mark.parametrize("profile", PROFILES)
def test_whatever_it_is_judged_by_nothing_is_an_error(case: Case, profile: str) -> None:
    failed = [each for each in _findings(case.host, profile) if each["status"] == "fail"]
    assert [each["message"] for each in failed if each["severity"] == "error"] == []


def test_the_host_survives_its_snapshot(case: Case) -> None:
    again = snapshot.decode(snapshot.encode(case.host).encode(), "the test")
    different = [
        field.name
        for field in dataclasses.fields(Host)
        if getattr(again, field.name) != getattr(case.host, field.name)
    ]
    assert different == []


def _numbers(text: object) -> list[int]:
    """The numbers of a list such as "0-3,8"; none where nothing is written."""
    return [] if text is None else cpu_list(text)


def _by_queue(layout: Layout) -> dict[str, Vector]:
    """Queue ("rx-0") → its vector, one that goes nowhere where none is known."""
    found = defaultdict(lambda: Vector(None, None, (), (), (), None))
    for vector in layout.vectors.values():
        found.update(dict.fromkeys((f"rx-{queue}" for queue in vector.rx), vector))
        found.update(dict.fromkeys((f"tx-{queue}" for queue in vector.tx), vector))
    return found


def _findings(host: Host, profile: str) -> list[dict[str, Any]]:
    chosen = choose_profile(profile, host)
    found: list[dict[str, Any]] = to_data(judge(host, chosen, shipped_rules(chosen)))["findings"]
    return found
