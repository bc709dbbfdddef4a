"""Makes a map of a host and the findings about it."""

from __future__ import annotations

from collections.abc import Iterator

from advisor.layout.build import layout_of
from advisor.model.host import Host
from advisor.model.layout import Layout
from advisor.model.nic import Nic
from advisor.model.report import Report
from advisor.model.unavailable import Unavailable
from advisor.report.map import facts, flow
from advisor.report.map.choice import Choice, around
from advisor.report.map.counts import Counts
from advisor.report.map.lines import Queues, rx_queues, tx_queues
from advisor.report.map.marks import PARTS, Marking, NicMarks
from advisor.report.map.model import Drawn, Fact
from advisor.report.map.picture import Picture
from advisor.report.map.seats import apart_of, lines_of, nodes_of

_Said = str | Unavailable | None


def picture_of(host: Host, report: Report, choice: Choice) -> Picture:
    """The map.

    Args:
        host: The facts.
        report: What was found about the host.
        choice: The interfaces to draw.
    """
    nics = {} if isinstance(host.nics, Unavailable) else host.nics
    names = (*choice.brief, *choice.full)
    found = {name: layout_of(host, name) for name in names}
    layouts = {name: each for name, each in found.items() if isinstance(each, Layout)}
    whole = {name: nics[name] for name in names}
    marking = Marking(report.findings, whole, layouts, choice.brief)
    counts = Counts(host)
    return Picture(
        collection=report.collection,
        kernel=report.kernel,
        profile=report.profile,
        window=report.since if report.sample_s is None else f"over {report.sample_s:g} s",
        seconds=report.sample_s,
        intro=choice.intro,
        drawn=tuple(
            _drawn(host, nics[name], layouts[name], counts, marking.of(name), name in choice.brief)
            for name in names
        ),
        notes=marking.notes,
        marks=marking.host,
        elsewhere=marking.elsewhere,
    )


def _drawn(
    host: Host, nic: Nic, layout: Layout, counts: Counts, marks: NicMarks, brief: bool
) -> Drawn:
    nics = {} if isinstance(host.nics, Unavailable) else host.nics
    rx = rx_queues(nic, counts, marks)
    tx = tx_queues(host, nic, layout, counts, marks)
    lines = [] if brief else lines_of(host, layout, rx, tx, counts, marks)
    said = _brief(host, nic, layout, rx, tx, counts) if brief else None
    return Drawn(
        name=nic.name,
        title=facts.title(nic, around(nics, nic)),
        physical=nic.physical,
        topology=nic.topology,
        facts=tuple(_facts(said or _full(host, nic, layout, rx, tx, counts), marks)),
        nodes=() if brief or not nic.physical
        else nodes_of(host, nic, layout, lines, counts, marks),
        apart=apart_of(host, nic, lines),
        brief=brief,
        marks=marks.whole(),
    )  # fmt: skip


def _full(
    host: Host, nic: Nic, layout: Layout, rx: Queues, tx: Queues, counts: Counts
) -> Iterator[tuple[str, str, _Said]]:
    """Label, part that findings name, and what is said about it; None leaves it out."""
    hardware = nic.physical
    hidden = nic.rx_queues if isinstance(nic.rx_queues, Unavailable) else nic.tx_queues
    yield "queues", "", hidden if isinstance(hidden, Unavailable) else None
    yield "completion", "completion", facts.completion(nic)
    yield "channels", "channels", facts.channels(nic)
    yield "interrupts", "interrupts", facts.interrupts(host, nic, layout) if hardware else None
    yield "coalescing", "", facts.coalescing(nic) if hardware else None
    yield "rings", "ring", facts.rings(nic) if hardware else None
    yield "RSS", "rss", flow.rss(nic, layout) if hardware else None
    yield "RPS", "rps", flow.rps(nic)
    yield "XPS", "xps", flow.xps(nic, layout)
    yield "qdisc", "qdisc", flow.qdisc(host, nic, tx, counts)
    yield "BQL", "", flow.bql(tx)
    yield "offloads", "offload", facts.offloads(nic)
    yield "link", "link", flow.link(nic, counts)
    yield "PCIe", "pcie", facts.pcie(nic) if hardware else None
    yield "traffic", "", flow.traffic(nic, counts)
    yield "lost", "", flow.losses(nic, counts) or "nothing at the device or its driver"


def _brief(
    host: Host, nic: Nic, layout: Layout, rx: Queues, tx: Queues, counts: Counts
) -> Iterator[tuple[str, str, _Said]]:
    yield "queues", "", f"{nic.rx_queues_count} rx, {nic.tx_queues_count} tx"
    yield "RPS", "rps", flow.rps(nic)
    yield "XPS", "xps", flow.xps(nic, layout)
    yield "qdisc", "qdisc", flow.qdisc(host, nic, tx, counts)
    yield "link", "link", flow.link(nic, counts)
    yield "traffic", "", flow.traffic(nic, counts)
    yield "lost", "", flow.losses(nic, counts) or None


def _facts(said: Iterator[tuple[str, str, _Said]], marks: NicMarks) -> Iterator[Fact]:
    """The lines. One that is left out appears all the same where findings sit."""
    unsaid = list(PARTS)
    for label, part, text in said:
        sitting = marks.at(part) if part else ()
        if part:
            unsaid.remove(part)
        if isinstance(text, Unavailable):
            yield Fact(part, label, f"unknown: {text.reason}", known=False, marks=sitting)
        elif text is not None or sitting:
            yield Fact(part, label, text or "see below", marks=sitting)
    for part in unsaid:
        if marks.at(part):
            yield Fact(part, part, "see below", marks=marks.at(part))
