"""Maps of the synthetic hosts, with findings that are made up to sit in certain places."""

from __future__ import annotations

from collections.abc import Iterable

from advisor.model.finding import Finding, Place
from advisor.model.host import Host
from advisor.model.report import Report
from advisor.model.rule import Scope, Severity
from advisor.report.map.build import picture_of
from advisor.report.map.choice import choose
from advisor.report.map.picture import Picture
from tests.unit.report.map.hosts import ASKED, HOSTS
from tests.unit.report.reports import failure

STARVED = failure(
    "CQ001",
    "shared-ring-starves-transmit",
    severity=Severity.ERROR,
    scope=Scope.NIC,
    target="eth0",
    active=True,
    message="completions wait behind received packets",
    places=(Place("completion"), Place("cpu", 2)),
)
TINY = failure(
    "SND001", "min-tso-segs-small", active=True, message="a flow is sent in frames of 2 segments"
)
SKEWED = failure(
    "NIC007",
    "receive-queue-skew",
    scope=Scope.NIC,
    target="eth0",
    message="the busiest queue gets 3 times the packets of an average one",
    places=(Place("rx", 2), Place("tx", 2), Place("irq", 102), Place("rss")),
)
RING = failure(
    "NIC014",
    "ring-latency",
    "nic:eth0/ring.rx",
    severity=Severity.INFO,
    scope=Scope.NIC,
    target="eth0",
    actual=1024,
    wanted=512,
    message="a full ring delays every packet",
    places=(Place("ring"),),
)
CHANNELS = failure(
    "NIC001",
    "channels-fewer-than-cores",
    "nic:eth0/channels.combined",
    scope=Scope.NIC,
    target="eth0",
    actual=8,
    wanted=16,
    message="cores are left over",
    places=(Place("completion"),),
)
IMBALANCE = failure(
    "SIQ001",
    "softirq-imbalance",
    message="CPU 2 is saturated",
    places=(Place("cpu", 2),),
)
QUIET = failure("SIQ006", "budget-below-tick", severity=Severity.INFO, message="a small budget")
STANDING = failure(
    "QDI001", "standing-backlog", scope=Scope.NIC, target="eth0", message="frames wait"
)
EVERYWHERE = (STARVED, TINY, SKEWED, RING, CHANNELS, IMBALANCE, QUIET, STANDING)
"""One finding for each kind of place, most urgent first."""

FINDINGS: dict[str, tuple[Finding, ...]] = {"eight": EVERYWHERE, "odd": (RING, TINY)}
"""Name of a host → what was found about it; nothing for the others."""


def picture(name: str) -> Picture:
    """The map of one of the hosts."""
    return draw(HOSTS[name], FINDINGS.get(name, ()), ASKED.get(name))


def draw(host: Host, findings: Iterable[Finding] = (), asked: str | None = None) -> Picture:
    """The map of a host and of findings about it."""
    found = tuple(findings)
    report = Report(
        collection=host.collection,
        kernel="6.12.0",
        profile="server",
        params={},
        rules=len(found),
        sample_s=None if host.sample is None else host.sample.seconds,
        findings=found,
    )
    return picture_of(host, report, choose(host, asked))
