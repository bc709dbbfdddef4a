"""Reports to write: a host in trouble, a quiet one, many interfaces, and hostile names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from advisor.knowledge.fixtures import build_host
from advisor.model.address import Address, parse_address
from advisor.model.finding import Evidence, Finding, Status
from advisor.model.report import Report
from advisor.model.rule import Fix, Rule, Scope, Severity
from advisor.settings import commands
from tests.unit.engine.rules import rule

_HOST = build_host({"sysctl": {"net.ipv4.tcp_rmem": [4096, 5242880, 33554432]}})
_FIX = Fix("low", "none", "At once, for new packets.")


def failure(
    identifier: str,
    name: str,
    setting: str | None = None,
    *,
    severity: Severity = Severity.WARNING,
    scope: Scope = Scope.HOST,
    **keys: Any,
) -> Finding:
    """A failure; its command is made from its address and `wanted`."""
    judged: Rule = rule(
        setting,
        id=identifier,
        name=name,
        scope=scope,
        severity=severity,
        **({"at_least": "1"} if setting else {"expr": "false"}),
    )
    address = parse_address(setting) if setting else None
    fix = keys.pop("fix", _FIX if setting else None)
    target = keys.pop("target", "host")
    run = _commands(address, keys["wanted"]) if address else ()
    return Finding(
        judged,
        Status.FAIL,
        severity,
        target,
        setting=address,
        fix=fix,
        commands=run,
        **keys,
    )


def other(
    status: Status, identifier: str, name: str, reason: str = "", target: str = "host", **keys: Any
) -> Finding:
    """A finding that is no failure."""
    judged = rule(id=identifier, name=name, expr="true")
    return Finding(judged, status, judged.severity, target, reason=reason, **keys)


def report(
    findings: Iterable[Finding], *, sample_s: float | None = None, **collection: Any
) -> Report:
    """A report about a host called web-1."""
    found = tuple(findings)
    host = build_host(
        {
            "collection": {
                "hostname": "web-1",
                "at": "2025-05-04T03:02:01Z",
                "uptime_s": 777600.0,
                "advisor": "0.1.0",
                **collection,
            }
        }
    )
    return Report(
        collection=host.collection,
        kernel="6.1.0-18-amd64",
        profile="edge-proxy",
        params={"rtt_ms": (40, "--param"), "link_mbps": (None, "profile server")},
        rules=len({finding.rule.id for finding in found}),
        sample_s=sample_s,
        findings=found,
    )


def _commands(address: Address, wanted: Any) -> tuple[str, ...]:
    return commands(_HOST, {address: wanted})[address]


OVERFLOW = failure(
    "LSN001",
    "accept-queue-overflow",
    severity=Severity.ERROR,
    active=True,
    message="full accept queues dropped 6\u202f000 handshake packets (600/s) while 300\u202f000 "
    "connections were accepted: the application does not call accept() often enough",
    advice="LSN003 to LSN007 say which listener it is and what limits it (ss -lnt). More "
    "acceptors, or SO_REUSEPORT with one queue for each, help where accept() is the bottleneck.",
    cleared=("LSN002", "LSN015"),
    evidence=(
        Evidence("dropped, accept queue full (ListenOverflows)", 6000, "6\u202f000", "over 10 s"),
        Evidence("connections accepted (PassiveOpens)", 300000, "300\u202f000", "over 10 s"),
        Evidence("listeners that are full now", 1, "1"),
    ),
)
STALL = failure(
    "RCV001",
    "rmem-initial-huge",
    "sysctl:net.ipv4.tcp_rmem[1]",
    active=True,
    actual=5242880,
    wanted=262144,
    message="every connection starts with a 5 MiB receive buffer; when small packets fill it, one "
    "tcp_collapse() holds a CPU in softirq for about 14.5 ms",
    fix=Fix("low", "none", "For new sockets; restart listeners, which keep theirs."),
    evidence=(
        Evidence("rate(nstat.TcpExt.PruneCalled)", 400.0, "400/s", "over 10 s"),
        Evidence("rate(nstat.TcpExt.TCPRcvCollapsed)", 9000.0, "9000/s", "over 10 s"),
        Evidence("params.latency_sensitive", True, "yes"),
    ),
)
RING = failure(
    "NIC011",
    "receive-ring-too-short",
    "nic:eth0/ring.rx",
    scope=Scope.NIC,
    severity=Severity.INFO,
    target="eth0",
    actual=512,
    wanted=4096,
    message="eth0 lost 0.25 % of its packets because no descriptor was free",
    fix=Fix("medium", "link", "The link goes down for a moment."),
    evidence=(Evidence("nics.eth0.rx_ring_full", 5000, "5000", "since boot"),),
)
OTHERS = (
    other(Status.UNKNOWN, "CT001", "table-nearly-full", "conntrack: no permission to read it"),
    other(Status.PASS, "LSN002", "syn-queue-overflow"),
    other(
        Status.PASS,
        "SRV001",
        "somaxconn",
        setting=parse_address("sysctl:net.core.somaxconn"),
        actual=4096,
        wanted=1024,
    ),
    other(Status.NOT_APPLICABLE, "MTU001", "loopback", "no traffic crosses the loopback interface"),
)

_LONG_TABLE = failure(
    "NIC008",
    "rss-table-misses-queues",
    "nic:enp129s0f0np0/rss.indirection",
    scope=Scope.NIC,
    target="enp129s0f0np0",
    actual=tuple(slot % 3 for slot in range(128)),
    wanted=tuple((slot * 7) % 16 for slot in range(128)),
    message="only 3 of 16 queues receive packets",
)
_LONG_SETTING = failure(
    "HYG001",
    "a-long-setting",
    "sysctl:net.ipv4.conf.a-long-name/100.accept_source_route",
    actual=1,
    wanted=0,
    message="a message " * 12,
    evidence=(
        Evidence("a fact that has a very long name, longer than the line may be " * 2, 1, "1"),
        Evidence("sysctl." + "long." * 30 + "key", 2, "2", "since boot"),
        Evidence("short", 3, "a value that goes on for longer than any column " * 3, "over 10 s"),
    ),
)
_OFF = failure(
    "OFF001",
    "offload-off",
    "nic:eth0/feature.tx-tcp-segmentation",
    scope=Scope.NIC,
    target="eth0",
    actual=False,
    wanted=True,
    message="eth0 cuts segments on the CPU",
)
_RPS = failure(
    "NIC004",
    "one-queue-without-rps",
    "nic:eth0/queue.rx-0.rps_cpus",
    scope=Scope.NIC,
    target="eth0",
    actual=(),
    wanted=tuple(range(40)),
    message="one CPU receives everything",
)


def _mtu(name: str) -> Finding:
    return failure(
        "MTU002",
        "mtu-below-path",
        f"nic:{name}/mtu",
        scope=Scope.NIC,
        target=name,
        actual=1400,
        wanted=1500,
        message=f"{name} takes 1400 bytes",
    )


HOSTILE_NAMES = (
    "a\x1b[31mb",
    "\x1b]0;title\x07",
    "rtl\u202egnp",
    "\x9b2J",
    "not\udcffutf8",
    "$(id)",
)


def _hostile(name: str) -> Finding:
    evidence = Evidence(f'nics["{name}"].mtu', name, f"{name}\r\nRCV001 error")
    return failure(
        "MTU002",
        "mtu-below-path",
        f"nic:{name}/mtu",
        scope=Scope.NIC,
        target=name,
        actual=name,
        wanted=1500,
        message=f"{name} is odd",
        advice=f"rename {name}",
        evidence=(evidence,),
    )


REPORTS = {
    "trouble": report((OVERFLOW, STALL, RING, *OTHERS), sample_s=10.0),
    "quiet": report(OTHERS[1:]),
    "nothing": report(()),
    "interfaces": report(
        (
            *(_mtu(f"eth{number}") for number in range(14)),
            *(
                other(
                    Status.NOT_APPLICABLE, "NIC001", "one-queue", "it is not hardware", f"veth{n}"
                )
                for n in range(40)
            ),
            other(Status.UNKNOWN, "NIC001", "one-queue", "not supported", "eth0"),
        ),
        source="netns blue",
    ),
    "long": report((_LONG_TABLE, _LONG_SETTING, _OFF, _RPS)),
    "hostile": report(
        (
            *map(_hostile, HOSTILE_NAMES),
            *(other(Status.UNKNOWN, "NIC001", "odd", f"{n}: no", n) for n in HOSTILE_NAMES),
        ),
        hostname="web\x1b[2J\n-1",
        source="netns \x1b[31mred",
    ),
}
