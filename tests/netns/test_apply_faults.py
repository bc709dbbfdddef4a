"""Whatever goes wrong while settings are changed: the host is as before, and the answer says so."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from advisor.changes.state_dir import VARIABLE
from tests.netns import sabotage
from tests.netns.apply_bench import FLAGS, WANTED, Bench, story
from tests.netns.apply_lab import address, lab_space, values
from tests.netns.inside import advisor
from tests.netns.spaces import Space, needs_namespaces

pytestmark = needs_namespaces

WRITES = len(WANTED) - 1  # both channels with one request
RECORDS = 1 + 1 + len(WANTED) + 2  # begun, armed, what came of each, applied, confirmed
LAST = WRITES - 1


@pytest.fixture
def lab() -> Iterator[Space]:
    with lab_space() as made:
        yield made


ERRORS = ("EPERM", "EACCES", "EOPNOTSUPP", "ENOENT", "ENOMEM", "EBUSY", "EINVAL")


@pytest.mark.parametrize("name", ERRORS)
def test_a_write_that_fails_undoes_all_that_came_before(
    lab: Space, tmp_path: Path, name: str
) -> None:
    def act(bench: Bench) -> None:
        for number in range(WRITES):
            done = bench.apply(first=sabotage.failing(getattr(errno, name), number))
            assert done.code == 4, done
            assert f"({name})" in done.out
            assert "read as before" in done.out
            bench.reads_as_before()
        assert bench.states() == ["rolled-back"] * WRITES

    story(lab, tmp_path, act)


SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_stops_it_between_two_writes_and_undoes_it(
    lab: Space, tmp_path: Path, number: signal.Signals
) -> None:
    def act(bench: Bench) -> None:
        for write in (0, 3, LAST):
            done = bench.apply(first=sabotage.send(write, signals=(number,)))
            assert done.code == 130, done
            assert f"stopped by {number.name}" in done.out
            assert "read as before" in done.out
            bench.reads_as_before()

    story(lab, tmp_path, act)


def test_more_signals_do_not_stop_what_undoes_it(lab: Space, tmp_path: Path) -> None:
    def act(bench: Bench) -> None:
        done = bench.apply(first=sabotage.send(3, 4, 5, 6, signals=(*SIGNALS, signal.SIGINT)))
        assert done.code == 130, done
        assert "read as before" in done.out
        bench.is_as_before()
        bench.applied()
        again = advisor("rollback", first=sabotage.send(0, 1, 2, signals=SIGNALS))
        assert again.code == 0, again

    story(lab, tmp_path, act)


def test_a_vector_that_is_half_written_is_put_back(lab: Space, tmp_path: Path) -> None:
    half = (8192, 99999, 33554432)

    def act(bench: Bench) -> None:
        done = bench.apply(first=sabotage.half_written("net.ipv4.tcp_rmem", half))
        assert done.code == 4, done
        assert "(EINVAL)" in done.out

    story(lab, tmp_path, act)


def test_what_cannot_be_put_back_is_named_and_can_be_tried_again(
    lab: Space, tmp_path: Path
) -> None:
    half = (8192, 99999, 33554432)

    def act(bench: Bench) -> None:
        stuck = sabotage.half_written("net.ipv4.tcp_rmem", half, for_good=True)
        done = bench.apply(first=stuck)
        assert done.code == 5, done
        assert "sysctl:net.ipv4.tcp_rmem  failed" in done.out
        assert values(list(bench.wanted))[address("net.ipv4.tcp_rmem")] == half
        assert bench.states() == ["failed"]
        again = advisor("rollback")
        assert again.code == 0, again

    story(lab, tmp_path, act)


KERNELS_OWN: list[tuple[str, dict[str, Any], str]] = [
    # The kernel refuses what is within our bounds, or takes another value and says nothing.
    ("another value", {"nic:tap0/coalesce.rx-frames": 4096}, "it is 64 after it was written"),
    ("no such name", {"net.ipv4.tcp_congestion_control": "nix"}, "ENOENT"),
    ("above another", {"net.ipv4.ipfrag_high_thresh": 70000}, "EINVAL"),
]


@pytest.mark.parametrize(("what", "wanted", "says"), KERNELS_OWN)
def test_what_the_kernel_does_not_take_is_noticed(
    lab: Space, tmp_path: Path, what: str, wanted: dict[str, Any], says: str
) -> None:
    def act(bench: Bench) -> None:
        done = bench.apply()
        assert done.code == 4, done
        assert says in done.out
        assert "read as before" in done.out

    story(lab, tmp_path, act, wanted={"net.core.somaxconn": 1001, **wanted})


def test_what_the_kernel_rounds_is_no_failure(lab: Space, tmp_path: Path) -> None:
    def act(bench: Bench) -> None:
        done = bench.apply()
        assert done.code == 0, done
        assert list(values(list(bench.wanted)).values()) == [1024]
        assert advisor("rollback").code == 0

    story(lab, tmp_path, act, wanted={"nic:wide0/queue.rx-0.rps_flow_cnt": 1000})


def test_a_value_that_is_taken_in_part_is_put_back(lab: Space, tmp_path: Path) -> None:
    def act(bench: Bench) -> None:
        done = bench.apply(first=sabotage.short_write("somaxconn", 2))
        assert done.code == 4, done
        assert "only 2 of 5 bytes were taken" in done.out

    story(lab, tmp_path, act)


@pytest.mark.parametrize("name", ["ENOSPC", "EROFS"])
def test_a_journal_that_takes_no_more_stops_the_run_and_not_what_undoes_it(
    lab: Space, tmp_path: Path, name: str
) -> None:
    code = getattr(errno, name)

    def act(bench: Bench) -> None:
        for record in range(RECORDS):
            done = bench.apply(first=sabotage.full_disk(record, code))
            assert done.code == (6 if record == 0 else 4), (record, done)
            assert os.strerror(code) in done.out + done.err
            bench.reads_as_before()
            found = advisor("recover")
            assert found.code == 0, found
        assert bench.states() == ["rolled-back"] * (RECORDS - 1)
        for record in range(0, RECORDS, 3):
            bench.applied()
            done = advisor("rollback", first=sabotage.full_disk(record, code))
            assert ("this could not be recorded" in done.out) is (record < 2 + len(WANTED))
            bench.reads_as_before()
            assert advisor("recover").code == 0
            if bench.states()[0] != "rolled-back":
                assert advisor("rollback").code == 0

    story(lab, tmp_path, act)


def test_a_disk_without_space_or_for_reading_only_refuses_before_anything_is_changed(
    lab: Space, tmp_path: Path
) -> None:
    def act(bench: Bench) -> None:
        small = tmp_path / "small"
        small.mkdir(mode=0o700)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(small)], check=True)
        os.environ[VARIABLE] = str(small / "state")
        assert advisor("recover").code == 0
        (small / "filler").write_bytes(bytes(60 << 10))
        done = bench.apply()
        assert done.code == 6, done
        assert "No space left on device" in done.err
        bench.is_as_before()
        (small / "filler").unlink()
        bench.applied()
        subprocess.run(["mount", "-o", "remount,ro", str(small)], check=True)
        for command in (["apply", str(bench.plan), *FLAGS], ["rollback"]):
            refused = advisor(*command)
            assert refused.code == 6, refused
            assert "Read-only file system" in refused.err
        assert values(list(bench.wanted)) == bench.wanted
        assert advisor("status").code == 0
        subprocess.run(["mount", "-o", "remount,rw", str(small)], check=True)
        assert advisor("rollback").code == 0

    story(lab, tmp_path, act)
