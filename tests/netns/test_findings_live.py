"""The whole way on a real kernel: break, read, judge, run what is proposed, judge again."""

from __future__ import annotations

import contextlib

import pytest

from advisor.engine.evaluate import evaluate
from advisor.engine.params import resolve, values
from advisor.knowledge.locations import profiles_dir, rules_dir
from advisor.knowledge.profiles import load_profile
from advisor.knowledge.rules import load_rules
from advisor.model.finding import Finding, Status
from advisor.model.host import Host
from tests.netns.spaces import needs_namespaces, space

pytestmark = needs_namespaces

BROKEN = {
    "RCV001": "net.ipv4.tcp_rmem=4096 5242880 33554432",
    "RCV010": "net.ipv4.tcp_moderate_rcvbuf=0",
    "RCV013": "net.ipv4.tcp_window_scaling=0",
    "SND005": "net.ipv4.tcp_limit_output_bytes=-1",
    "SND012": "net.ipv4.tcp_sack=0",
    "SND013": "net.ipv4.tcp_timestamps=0",
    "LSN012": "net.ipv4.tcp_abort_on_overflow=1",
    "LSN013": "net.ipv4.tcp_syncookies=0",
    "HYG003": "net.core.somaxconn=0",
    "PRT002": "net.ipv4.ip_local_port_range=50000 50100",
    "PRT006": "net.ipv4.tcp_max_tw_buckets=4",
}
"""What a rule has to notice: rule id → the sysctl that breaks it."""


def judge(host: Host, profile: str) -> list[Finding]:
    chosen = load_profile(profiles_dir(), profile)
    return evaluate(host, load_rules(rules_dir()), values(resolve(chosen, host)))


def failed(findings: list[Finding]) -> dict[str, Finding]:
    return {finding.rule.id: finding for finding in findings if finding.status is Status.FAIL}


def serious(findings: list[Finding]) -> list[str]:
    return [name for name, finding in failed(findings).items() if finding.severity.rank > 0]


def test_a_fresh_namespace_has_nothing_wrong() -> None:
    with space() as fresh:
        assert serious(judge(fresh.read(), "server")) == []


def test_what_is_broken_is_found_and_the_proposed_commands_mend_it() -> None:
    with space() as broken:
        for setting in BROKEN.values():
            broken.run("sysctl", "-q", "-w", setting)
        broken.run("ip", "link", "set", "lo", "mtu", "16384")
        found = failed(judge(broken.read(), "edge-proxy"))
        assert {*BROKEN, "LO001"} <= set(found)

        commands = {command for finding in found.values() for command in finding.commands}
        for command in sorted(commands):
            broken.run("sh", "-e", "-c", command)
        after = failed(judge(broken.read(), "edge-proxy"))
        assert {*BROKEN, "LO001"} & set(after) == set()
        assert [finding for finding in after.values() if finding.setting is not None] == []


def test_an_overflowing_accept_queue_is_active_during_a_sample() -> None:
    with space() as busy, busy.running(OVERFLOW):
        findings = judge(busy.read(sample_seconds=3), "service-mesh")
    found = failed(findings)
    assert found["LSN003"].active
    assert found["LSN001"].active
    assert found["LSN001"].evidence[0].value >= 10
    assert {findings[0].rule.id, findings[1].rule.id} == {"LSN001", "LSN003"}


OVERFLOW = """
import socket, sys, threading, time
listener = socket.create_server(("127.0.0.1", 7000), backlog=2)
clients = [socket.create_connection(("127.0.0.1", 7000)) for _ in range(3)]
def knock():
    for _ in range(200):
        late = socket.socket()
        late.setblocking(False)
        late.connect_ex(("127.0.0.1", 7000))
        clients.append(late)
        time.sleep(0.02)
threading.Thread(target=knock, daemon=True).start()
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("congestion", ["reno", "bbr"])
def test_the_minimum_of_tso_is_judged_by_the_congestion_control_in_use(congestion: str) -> None:
    with space() as sender:
        with contextlib.suppress(AssertionError):
            sender.run("sysctl", "-q", "-w", f"net.ipv4.tcp_congestion_control={congestion}")
        if sender.run("sysctl", "-n", "net.ipv4.tcp_congestion_control").strip() != congestion:
            pytest.skip(f"this kernel does not let a namespace use {congestion}")
        sender.run("sysctl", "-q", "-w", "net.ipv4.tcp_min_tso_segs=16")
        found = failed(judge(sender.read(), "datacenter-storage"))
        assert ("SND003" in found) is (congestion == "bbr")
