"""Others at work while settings are changed: other tools, other runs, devices that come and go."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from advisor.changes import session
from advisor.model.address import NicAddress
from advisor.settings.live import Live
from tests.netns import sabotage
from tests.netns.apply_bench import FLAGS, Bench, story
from tests.netns.apply_lab import address, lab_space, of_conf, values, write_plan
from tests.netns.inside import advisor, finish, start
from tests.netns.nic_probe import become_nobody
from tests.netns.spaces import Space, needs_namespaces

pytestmark = needs_namespaces

SOMAXCONN = Path("/proc/sys/net/core/somaxconn")
BRIEF: dict[Any, Any] = {
    "net.core.somaxconn": 1001,
    "nic:brief/mtu": 1400,
    "nic:brief/feature.tx-tcp-segmentation": False,
    of_conf("brief", "rp_filter"): 2,
    "net.ipv4.tcp_fin_timeout": 30,
}


@pytest.fixture
def lab() -> Iterator[Space]:
    with lab_space() as made:
        made.run("ip", "link", "add", "brief", "type", "veth", "peer", "name", "brief1")
        made.run("ip", "link", "set", "dev", "brief", "up")
        yield made


def ip(*words: str) -> None:
    sabotage.run("ip", *words)()


def wait(until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not until():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_another_value_than_when_the_plan_was_made_makes_it_stale(
    lab: Space, tmp_path: Path
) -> None:
    def act(bench: Bench) -> None:
        former = SOMAXCONN.read_text()
        SOMAXCONN.write_text("777")
        done = bench.apply()
        assert done.code == 6, done
        assert "the plan is stale: sysctl:net.core.somaxconn is 777" in done.err
        assert bench.states() == []
        SOMAXCONN.write_text(former)

    story(lab, tmp_path, act)


def test_a_value_that_somebody_has_set_since_is_left_alone_and_named(
    lab: Space, tmp_path: Path
) -> None:
    def act(bench: Bench) -> None:
        bench.applied()
        SOMAXCONN.write_text("777")
        assert "net.core.somaxconn: run" in bench.status()
        done = advisor("rollback")
        assert done.code == 5, done
        assert "1 of 9 settings still differ" in done.out
        assert "sysctl:net.core.somaxconn  conflict: it is 777 now" in done.out
        now = values(list(bench.wanted))
        assert now.pop(address("net.core.somaxconn")) == 777
        before = bench.found
        assert now == {each: before[each] for each in now}
        assert bench.states() == ["failed"]
        forced = advisor("rollback", "--force")
        assert forced.code == 0, forced

    story(lab, tmp_path, act)


def test_a_value_that_somebody_sets_during_the_apply_is_noticed(lab: Space, tmp_path: Path) -> None:
    def act(bench: Bench) -> None:
        done = bench.apply(first=sabotage.at_write(5, lambda: SOMAXCONN.write_text("777")))
        assert done.code == 5, done
        assert "it did not stay as it was written: sysctl:net.core.somaxconn" in done.out
        assert "conflict: it is 777 now" in done.out
        assert SOMAXCONN.read_text() == "777\n"
        assert advisor("rollback", "--force").code == 0

    story(lab, tmp_path, act)


def test_what_somebody_has_changed_beside_the_run_outlives_its_undoing(
    lab: Space, tmp_path: Path
) -> None:
    """A value that is lost when the channels change, but that the run itself did not set."""
    rps = NicAddress("wide0", ("queue", "rx-0", "rps_cpus"))

    def act(bench: Bench) -> None:
        bench.applied()
        with Live() as live:
            live.write(rps, (1,))
        done = advisor("rollback")
        assert done.code == 0, done
        assert values([rps]) == {rps: (1,)}
        with Live() as live:
            live.write(rps, ())

    story(lab, tmp_path, act, wanted={"nic:wide0/channels.rx": 2, "nic:wide0/mtu": 1400})


@pytest.mark.parametrize(("queue", "goes"), [("rx-1", False), ("rx-2", True), ("tx-3", False)])
def test_what_goes_away_with_the_channels_is_not_set_in_the_same_run(
    lab: Space, tmp_path: Path, queue: str, goes: bool
) -> None:
    masks = "rps_cpus" if queue.startswith("rx") else "xps_cpus"

    def act(bench: Bench) -> None:
        done = bench.apply()
        if goes:
            assert done.code == 6, done
            setting = f"nic:wide0/queue.{queue}.{masks}"
            assert f"{setting} may be gone when nic:wide0/channels.rx is 2" in done.err
            assert bench.states() == []
            return
        assert done.code == 0, done
        assert advisor("rollback").code == 0

    wanted = {"nic:wide0/channels.rx": 2, f"nic:wide0/queue.{queue}.{masks}": (0,)}
    story(lab, tmp_path, act, wanted=wanted)


def test_two_runs_at_once_are_one_too_many(lab: Space, tmp_path: Path) -> None:
    def act(bench: Bench) -> None:
        going = bench.state / "going"

        def hold() -> None:
            going.touch()
            wait(lambda: not going.exists())

        first = start("apply", str(bench.plan), *FLAGS, first=sabotage.at_write(1, hold))
        wait(going.exists)
        for command in (("apply", str(bench.plan), *FLAGS), ("rollback",), ("recover",)):
            second = advisor(*command)
            assert second.code == 6, second
            assert f"another advisor is at work: process {first.pid} (apply)" in second.err
        assert advisor("status").code == 0
        going.unlink()
        done = finish(first)
        assert done.code == 0, done
        assert values(list(bench.wanted)) == bench.wanted
        assert advisor("rollback").code == 0

    story(lab, tmp_path, act)


def test_an_interface_that_vanishes_midway_does_not_keep_the_rest_from_being_put_back(
    lab: Space, tmp_path: Path
) -> None:
    def act(bench: Bench) -> None:
        done = bench.apply(first=sabotage.at_write(3, lambda: ip("link", "delete", "brief")))
        assert done.code == 4, done
        assert "read as before" in done.out
        bench.without("brief")

    story(lab, tmp_path, act, wanted=BRIEF)


def test_an_interface_that_is_renamed_midway_is_put_back_under_its_new_name(
    lab: Space, tmp_path: Path
) -> None:
    def rename(old: str, new: str) -> None:
        ip("link", "set", "dev", old, "name", new)

    def act(bench: Bench) -> None:
        for write in range(len(BRIEF)):
            after = write % 2 == 1  # the value is there, and nobody can verify it
            renamed = sabotage.at_write(write, lambda: rename("brief", "other"), after=after)
            done = bench.apply(first=renamed)
            assert done.code == 4, done
            assert "read as before" in done.out
            rename("other", "brief")
            bench.reads_as_before()

    story(lab, tmp_path, act, wanted=BRIEF)


def test_an_interface_that_was_renamed_since_is_put_back_under_its_new_name(
    lab: Space, tmp_path: Path
) -> None:
    def act(bench: Bench) -> None:
        bench.applied()
        ip("link", "set", "dev", "brief", "name", "other")
        done = advisor("rollback")
        assert done.code == 0, done
        ip("link", "set", "dev", "other", "name", "brief")

    story(lab, tmp_path, act, wanted=BRIEF)


def test_another_interface_of_the_same_name_is_left_alone(lab: Space, tmp_path: Path) -> None:
    def act(bench: Bench) -> None:
        bench.applied()
        ip("link", "delete", "brief")
        ip("link", "add", "brief", "mtu", "1400", "type", "veth", "peer", "name", "brief1")
        done = advisor("rollback")
        assert done.code == 0, done
        assert values([NicAddress("brief", ("mtu",))]) == {NicAddress("brief", ("mtu",)): 1400}
        ip("link", "delete", "brief")
        bench.without("brief")

    story(lab, tmp_path, act, wanted=BRIEF)


def test_runs_on_one_setting_can_be_undone_in_any_order(lab: Space, tmp_path: Path) -> None:
    def act(bench: Bench) -> None:
        def both() -> None:
            bench.applied()
            assert advisor("apply", str(second), *FLAGS).code == 0
            assert SOMAXCONN.read_text() == "2002\n"

        assert bench.apply("--dry-run").code == 0
        bench.applied()
        second = write_plan(tmp_path / "second.json", {"net.core.somaxconn": 2002})
        assert advisor("rollback").code == 0
        for order in (("2", "3"), ("5", "4")):
            both()
            for number, value in zip(order, ("2002", "4096"), strict=True):
                if order == ("5", "4"):
                    value = {"5": "1001"}.get(number, value)
                done = advisor("rollback", number)
                assert done.code == 0, done
                assert SOMAXCONN.read_text() == f"{value}\n"
            bench.reads_as_before()

    story(lab, tmp_path, act, wanted={"net.core.somaxconn": 1001, "net.ipv4.tcp_sack": 0})


def damage(journal: Path, how: str) -> None:
    data = journal.read_bytes()
    if how == "a bit":
        at = len(data) // 2
        journal.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
    elif how == "its first line":
        journal.write_bytes(data[data.index(b"\n") + 1 :])
    elif how == "its owner":
        os.chown(journal, 65534, 65534)
    elif how == "its mode":
        journal.chmod(0o666)
    elif how == "a link":
        journal.rename(journal.parent.parent / "moved")
        journal.symlink_to(journal.parent.parent / "moved")


@pytest.mark.parametrize("how", ["a bit", "its first line", "its owner", "its mode", "a link"])
def test_a_journal_that_cannot_be_trusted_is_refused_and_kept(
    lab: Space, tmp_path: Path, how: str
) -> None:
    def act(bench: Bench) -> None:
        bench.applied()
        (journal,) = bench.state.glob("*.journal")
        whole = journal.read_bytes()
        damage(journal, how)
        found = (journal.readlink() if journal.is_symlink() else journal).read_bytes()
        another = write_plan(tmp_path / "second.json", {"net.ipv4.tcp_sack": 0})
        for command in (("apply", str(another), *FLAGS), ("rollback", "1"), ("confirm",)):
            done = advisor(*command)
            assert done.code == 6, (command, done)
        assert (journal.readlink() if journal.is_symlink() else journal).read_bytes() == found
        assert values(list(bench.wanted)) == bench.wanted
        assert "is damaged" in bench.status()
        journal.unlink()
        journal.write_bytes(whole)
        journal.chmod(0o600)
        assert advisor("rollback").code == 0

    story(lab, tmp_path, act, wanted={"net.core.somaxconn": 1001})


def test_a_journal_whose_end_is_lost_still_leads_back_to_where_the_run_began(
    lab: Space, tmp_path: Path
) -> None:
    def act(bench: Bench) -> None:
        records = 2
        lost = 0
        while lost < records - 1:
            bench.applied()
            (journal,) = bench.state.glob("*.journal")
            lines = journal.read_bytes().splitlines(keepends=True)
            records, lost = len(lines), lost + 1
            journal.write_bytes(b"".join([*lines[:-lost], lines[-lost][: len(lines[-lost]) // 2]]))
            assert advisor("recover").code == 0
            if bench.states() != ["rolled-back"]:
                assert advisor("rollback").code == 0
            assert values(list(bench.wanted)) == bench.found
            journal.unlink()

    story(lab, tmp_path, act, wanted={"net.core.somaxconn": 1001, "net.ipv4.tcp_sack": 0})


def test_a_run_of_an_earlier_boot_is_forgotten_by_the_kernel_and_left_alone(
    lab: Space, tmp_path: Path
) -> None:
    def act(bench: Bench) -> None:
        def earlier() -> None:
            then = replace(session.this_origin(), boot_id="00000000-0000-4000-8000-000000000000")
            session.this_origin = lambda: then
            sabotage.at_write(3, lambda: os.kill(os.getpid(), signal.SIGKILL))()

        assert bench.apply(first=earlier).code == -9
        SOMAXCONN.write_text("1234")
        done = advisor("recover")
        assert done.code == 0, done
        assert "was not finished before the host was booted again" in done.out
        assert SOMAXCONN.read_text() == "1234\n"
        for setting, value in bench.found.items():
            with Live() as live:
                live.write(setting, value)
        sabotage.kill_watchdog(bench.state)()

    story(lab, tmp_path, act)


def test_a_run_of_another_namespace_is_left_to_those_who_are_there(
    lab: Space, tmp_path: Path
) -> None:
    def act(bench: Bench) -> None:
        really = session.this_origin

        def elsewhere() -> None:
            there = replace(really(), netns=really().netns + 1)
            session.this_origin = lambda: there

        done = bench.apply("--confirm-within", "60s")
        assert done.code == 0, done
        found = advisor("recover", first=elsewhere)
        assert "belongs to another network namespace: left alone" in found.out
        for command in (("apply", str(bench.plan), *FLAGS), ("rollback",), ("confirm",)):
            refused = advisor(*command, first=elsewhere)
            assert refused.code == 6, refused
        assert values(list(bench.wanted)) == bench.wanted
        assert advisor("rollback").code == 0

    story(lab, tmp_path, act)


def test_nobody_but_root_changes_anything(lab: Space, tmp_path: Path) -> None:
    def act(bench: Bench) -> None:
        bench.applied()
        for command in (("apply", *FLAGS), ("rollback",), ("recover",), ("confirm",)):
            refused = advisor(*command, first=become_nobody)
            assert refused.code == 6, refused
            assert "run it as root" in refused.err
        assert values(list(bench.wanted)) == bench.wanted
        assert advisor("rollback").code == 0

    story(lab, tmp_path, act)


CLOCKS: list[tuple[str, float]] = [("1970", 0.0), ("2100", 4_102_444_800.0)]


@pytest.mark.parametrize(("year", "now"), CLOCKS)
def test_a_clock_that_jumps_decides_nothing(
    lab: Space, tmp_path: Path, year: str, now: float
) -> None:
    def act(bench: Bench) -> None:
        jumped = sabotage.clock(now)
        bench.applied()
        done = advisor("rollback", first=jumped)
        assert done.code == 0, done
        assert bench.apply("--confirm-within", "60s", first=jumped).code == 0
        assert "waits to be confirmed" in bench.status()
        found = advisor("recover", first=sabotage.clock(time.time()))
        assert "left alone" in found.out, "its watchdog knows the time"
        assert advisor("confirm").code == 0
        assert values(list(bench.wanted)) == bench.wanted
        done = advisor("rollback")
        assert done.code == 0, done
        assert bench.states() == ["rolled-back"] * 2

    story(lab, tmp_path, act)


def test_what_the_plan_says_it_disrupts_is_not_believed(lab: Space, tmp_path: Path) -> None:
    def act(bench: Bench) -> None:
        done = advisor("apply", str(bench.plan), "--yes", "--runtime-only")
        assert done.code == 0, done
        assert "left out: nic:wide0/channels.rx: it interrupts a link (--allow link)" in done.err
        channels = NicAddress("wide0", ("channels", "rx"))
        assert values([channels]) == {channels: 4}
        assert advisor("rollback").code == 0

    story(lab, tmp_path, act)
