"""The whole way on a real kernel: plan, apply, roll back; nothing is left, byte for byte."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.netns.apply_lab import (
    ODD_NAMES,
    assert_same,
    differences,
    everything,
    lab_space,
    nic,
    of_conf,
    read_json,
    use_state,
    values,
    write_plan,
)
from tests.netns.apply_lab import address as address_of
from tests.netns.inside import advisor, inside, watchdogs
from tests.netns.spaces import Space, needs_namespaces
from tests.netns.test_findings_live import BROKEN

pytestmark = needs_namespaces

WANTED = {
    "net.core.somaxconn": 1001,
    "net.ipv4.tcp_rmem": (8192, 99999, 16777216),
    "net.ipv4.tcp_wmem": (8192, 16384, 16777216),
    "net.ipv4.udp_rmem_min": 8192,
    "net.ipv4.ip_local_port_range": (10240, 65000),
    "net.ipv4.ip_local_reserved_ports": "8000-8005,8080",
    "net.ipv4.tcp_congestion_control": "reno",
    "net.ipv4.tcp_notsent_lowat": 131072,
    "net.ipv4.tcp_sack": 0,
    "net.ipv4.tcp_fin_timeout": 30,
    "net.ipv4.tcp_max_syn_backlog": 8192,
    "net.ipv4.tcp_slow_start_after_idle": 0,
    "net.ipv4.tcp_mtu_probing": 1,
    "net.ipv4.ip_forward": 1,
    "net.ipv4.conf.all.rp_filter": 1,
    "net.ipv4.conf.wide0.rp_filter": 2,
    "net.ipv4.conf.wide0.arp_ignore": 1,
    "net.ipv6.conf.wide0.accept_ra": 0,
    "net.ipv4.neigh.wide0.ucast_solicit": 5,
    "net.unix.max_dgram_qlen": 64,
    "nic:wide0/channels.rx": 2,
    "nic:wide0/channels.tx": 3,
    "nic:wide0/queue.rx-0.rps_cpus": (0,),
    "nic:wide0/queue.rx-0.rps_flow_cnt": 1000,
    "nic:wide0/queue.tx-1.xps_cpus": (0,),
    "nic:wide0/feature.tx-tcp-segmentation": False,
    "nic:wide0/feature.rx-gro": True,
    "nic:wide0/mtu": 1400,
    "nic:wide0/txqueuelen": 500,
    "nic:wide0/qdisc": "pfifo_fast",
    "nic:wide0/gro_flush_timeout": 20000,
    "nic:wide0/napi_defer_hard_irqs": 2,
    "nic:tap0/coalesce.rx-frames": 16,
    **{nic(name, "mtu"): 1400 for name in ODD_NAMES},
    **{nic(name, "feature", "tx-tcp-segmentation"): False for name in ODD_NAMES},
    **{nic(name, "queue", "rx-0", "rps_cpus"): (0,) for name in ODD_NAMES},
    **{of_conf(name, "rp_filter"): 2 for name in ODD_NAMES},
}
ROUNDED = {"nic:wide0/queue.rx-0.rps_flow_cnt": 1024}


@pytest.fixture(scope="module")
def lab() -> Iterator[Space]:
    with lab_space() as made:
        yield made


def test_what_is_rolled_back_is_as_before_byte_for_byte(lab: Space, tmp_path: Path) -> None:
    def story() -> None:
        state = use_state(tmp_path)
        plan = write_plan(tmp_path / "plan.json", WANTED)
        before = everything()
        done = advisor("apply", str(plan), "--yes", "--runtime-only", "--allow", "link")
        assert done.code == 0, done
        assert f"{len(WANTED)} settings changed and read back" in done.out
        expected = {address_of(each): value for each, value in {**WANTED, **ROUNDED}.items()}
        assert values(list(expected)) == expected
        changed = differences(before, everything())
        assert len(changed) > len(WANTED), "dependent state moves, too"
        assert watchdogs(state) == []
        again = advisor("rollback")
        assert again.code == 0, again
        assert f"{len(WANTED)} settings read as before" in again.out
        assert_same(before)
        assert sorted(path.suffix for path in state.iterdir()) == ["", ".journal"]

    inside(lab, story)


def test_after_check_plan_and_apply_a_check_fails_nothing_that_a_setting_mends(
    lab: Space, tmp_path: Path
) -> None:
    def story() -> None:
        use_state(tmp_path)
        fresh = everything()
        for setting in (*BROKEN.values(), "net.ipv4.conf.wide0.rp_filter=1"):
            key, _, value = setting.partition("=")
            Path("/proc/sys", *key.split(".")).write_text(value)
        before = everything()
        assert set(BROKEN) <= set(failures("edge-proxy"))
        path = str(tmp_path / "plan.json")
        assert advisor("plan", "-p", "edge-proxy", "-o", path).code in (0, 1)
        done = advisor("apply", path, "--yes", "--runtime-only", "--allow", "link")
        assert done.code == 0, done
        left = failures("edge-proxy")
        assert [rule for rule, setting in left.items() if setting is not None] == []
        undone = advisor("rollback")
        assert undone.code == 0, undone
        assert_same(before)
        for path_of, text in fresh.items():
            if path_of.startswith("/proc/sys") and text != before[path_of]:
                Path(path_of).write_text(text)
        assert_same(fresh)

    inside(lab, story)


def failures(profile: str) -> dict[str, str | None]:
    """Rules that fail → the setting that each is about."""
    said = advisor("check", "-p", profile, "--format", "json", "--exit-zero")
    assert said.code == 0, said
    findings = read_json(said.out)["findings"]
    return {each["rule"]: each.get("setting") for each in findings if each["status"] == "fail"}
