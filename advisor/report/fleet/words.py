"""What a report about a fleet says in every format that is read by people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from advisor.model.fleet import (
    SEVERITIES,
    Difference,
    Fleet,
    HostRow,
    Outlier,
    Rollout,
    RuleRow,
    Share,
)

SHARES = {
    "group": "by group",
    "profile": "by profile",
    "kernel": "by kernel",
    "driver": "by driver",
    "platform": "by platform",
    "site": "by site",
    "advisor": "by version of advisor",
}
"""Names of divisions of the hosts → headings."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table for people.

    Attributes:
        heading: What it is about.
        columns: Headings of the columns; those that end with "#" hold numbers.
        rows: The cells.
        note: What is left out, and what has to be known to read it; "" for nothing.
        marks: For each row, "error", "warning" or "" for how bad it is.
    """

    heading: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    marks: tuple[str, ...] = ()


def verdict(fleet: Fleet) -> list[str]:
    """The fleet in a few phrases, the most important first."""
    totals = fleet.totals
    none, info, warning, error = totals.worst
    parts = [
        plural(totals.hosts, "host"),
        f"{totals.checked:,} checked",
        *_some(totals.unreachable, "unreachable"),
        *_some(totals.failed, "failed"),
        *_some(totals.silent, "silent"),
        f"worst finding: error on {error:,}, warning on {warning:,}, info on {info:,},"
        f" none on {none:,}",
        *_some(totals.active, "with a failure that is ACTIVE"),
        *_some(totals.waived, "with waivers"),
        *_some(totals.unknown, "where something is unknown"),
        *_some(totals.waiting, "with a run that is not finished"),
        *_some(totals.drifted, "with settings that changed after a run"),
        *_some(totals.cut, "with findings left out of the line"),
        *_rolled_out(fleet.rollout),
    ]
    return [*parts, f"lines of {totals.first} to {totals.last}"]


def intake_lines(fleet: Fleet, examples: int) -> list[str]:
    """What was read, and what of it could not be used."""
    intake = fleet.intake
    files = plural(intake.files, "file")
    lines = [f"{plural(intake.lines, 'line')} in {files}, {intake.used:,} of them used"]
    for kind, count in intake.problems.items():
        places = [each for each in intake.examples if each.kind == kind][:examples]
        more = f" and {count - len(places):,} more" if count > len(places) else ""
        shown = ", ".join(f"{each.place}{_detail(each.detail)}" for each in places)
        lines.append(f"{count:,} {kind}: {shown}{more}")
    return lines


def tables(fleet: Fleet, most: int) -> Iterator[Table]:
    """The parts of the report as tables of at most so many rows."""
    yield _hosts(fleet, most)
    yield _rules(fleet, most)
    yield _outliers(fleet, most)
    yield from _drift(fleet, most)
    yield _missing(fleet, most)
    yield _rollout(fleet, most)
    for name, shares in {"group": fleet.groups, **fleet.shares}.items():
        yield _shares(name, shares, most)


def worth_showing(table: Table) -> bool:
    """Whether there is anything in it; one row that all hosts share tells nothing."""
    return len(table.rows) > (table.heading in SHARES.values())


def counts_text(host: HostRow) -> str:
    """How many failures of which severity a host has: "1 error, 3 warnings"."""
    parts = [
        plural(count, word) if word != "info" else f"{count} info"
        for count, word in (
            (host.errors, "error"),
            (host.warnings, "warning"),
            (host.infos, "info"),
        )
        if count
    ]
    return ", ".join(parts)


def difference_text(difference: Difference, outlier: Outlier) -> str:
    """One difference: "fails RCV001 (1 of 40)"."""
    verb = {"fails": "fails ", "passes": "passes "}.get(difference.kind, f"{difference.kind} ")
    return f"{verb}{difference.name} ({difference.alike:,} of {outlier.size:,})"


def value_text(rule: RuleRow) -> str:
    """The most frequent value of the setting of a rule."""
    return f"{rule.setting} {rule.actual} → {rule.wanted}" if rule.setting else rule.title


def plural(count: int, word: str) -> str:
    """A number of things."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def _some(count: int, what: str) -> list[str]:
    return [f"{count:,} {what}"] if count else []


def _detail(detail: str) -> str:
    return f" ({detail})" if detail else ""


def _hosts(fleet: Fleet, most: int) -> Table:
    rows = fleet.hosts[:most]
    failing = fleet.totals.checked - fleet.totals.worst[0]
    return Table(
        "hosts by worst finding",
        ("worst", "host", "group", "failures", "rules"),
        tuple(
            (
                SEVERITIES[row.worst] + (" ACTIVE" if row.active else ""),
                row.host,
                row.group,
                counts_text(row),
                _some_of(row.rules, 6),
            )
            for row in rows
        ),
        _left_out(len(rows), failing),
        tuple(SEVERITIES[row.worst] for row in rows),
    )


def _rules(fleet: Fleet, most: int) -> Table:
    rows = fleet.rules[:most]
    return Table(
        "findings by number of hosts",
        ("rule", "severity", "hosts#", "active#", "waived#", "groups#", "mostly"),
        tuple(
            (
                row.rule,
                SEVERITIES[row.severity],
                f"{row.hosts:,}",
                f"{row.active:,}",
                f"{row.waived:,}",
                f"{row.groups:,}",
                value_text(row),
            )
            for row in rows
        ),
        _left_out(len(rows), len(fleet.rules)),
        tuple(SEVERITIES[row.severity] for row in rows),
    )


def _outliers(fleet: Fleet, most: int) -> Table:
    rows = fleet.outliers[:most]
    return Table(
        "hosts that differ from their group",
        ("host", "group", "differences#", "in"),
        tuple(
            (
                row.host,
                row.group,
                f"{row.count:,}",
                _some_of([difference_text(each, row) for each in row.differences], 3, row.count),
            )
            for row in rows
        ),
        _left_out(len(rows), fleet.outlier_hosts),
    )


def _drift(fleet: Fleet, most: int) -> Iterator[Table]:
    drift = fleet.drift
    if not drift.compared:
        return
    note = (
        f"{plural(drift.compared, 'host')} compared with the check before,"
        f" {drift.changed:,} changed, {drift.worse:,} with new failures"
    )
    rules, hosts = drift.rules[:most], drift.hosts[:most]
    yield Table(
        "since the check before, by rule",
        ("rule", "new on#", "gone from#"),
        tuple((row.rule, f"{row.appeared:,}", f"{row.gone:,}") for row in rules),
        "; ".join(filter(None, [note, _left_out(len(rules), len(drift.rules))])),
    )
    yield Table(
        "since the check before, by host",
        ("host", "group", "since", "new", "gone"),
        tuple(
            (row.host, row.group, row.before, _some_of(row.appeared, 4), _some_of(row.gone, 4))
            for row in hosts
        ),
        _left_out(len(hosts), drift.changed),
    )


def _missing(fleet: Fleet, most: int) -> Table:
    rows = fleet.missing[:most]
    totals = fleet.totals
    return Table(
        "failed, unreachable and silent hosts",
        ("state", "host", "group", "at", "last check", "why"),
        tuple(
            (row.state, row.host, row.group, row.at, row.checked or "never", row.error)
            for row in rows
        ),
        _left_out(len(rows), totals.failed + totals.unreachable + totals.silent),
    )


def _rolled_out(rollout: Rollout) -> list[str]:
    settings = plural(rollout.settings, "setting")
    return [
        *_some(rollout.applied, f"changed by a rollout ({settings})"),
        *_some(rollout.rolled_back, "rolled back"),
        *_some(rollout.failed, "where the rollout failed"),
        *_some(rollout.reboot, "that need a reboot"),
    ]


def _rollout(fleet: Fleet, most: int) -> Table:
    rows = fleet.rollout.hosts[:most]
    return Table(
        "hosts on which a rollout went wrong",
        ("state", "host", "group", "at", "settings#", "why"),
        tuple(
            (row.state, row.host, row.group, row.at, f"{row.changes:,}", row.problem)
            for row in rows
        ),
        _left_out(len(rows), fleet.rollout.rolled_back + fleet.rollout.failed),
    )


def _shares(name: str, shares: Sequence[Share], most: int) -> Table:
    rows = shares[:most]
    return Table(
        SHARES[name],
        (name, "hosts#", "errors#", "warnings#", "active#", "failures per host#"),
        tuple(
            (
                row.name,
                f"{row.hosts:,}",
                f"{row.errors:,}",
                f"{row.warnings:,}",
                f"{row.active:,}",
                f"{row.failures / row.hosts:.1f}",
            )
            for row in rows
        ),
        _left_out(len(rows), len(shares)),
    )


def _some_of(items: Sequence[str], most: int, count: int | None = None) -> str:
    more = (len(items) if count is None else count) - most
    return ", ".join(items[:most]) + (f" and {more:,} more" if more > 0 else "")


def _left_out(shown: int, count: int) -> str:
    return f"{shown:,} of {count:,} shown" if count > shown else ""
