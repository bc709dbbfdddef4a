"""Asks the tables what a report tells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from advisor.fleet.changes import drift
from advisor.fleet.outliers import outliers
from advisor.fleet.rollouts import rollout
from advisor.fleet.store import Store
from advisor.model.fleet import (
    Fleet,
    HeatMap,
    HostRow,
    Intake,
    Missing,
    RuleRow,
    Share,
    Totals,
)

MOST_HOSTS = 2000
"""Hosts that are listed one by one; the totals count all."""

MOST_MISSING = 500
SILENT_DAYS = 2
"""A check that is so much older than the newest line: the host does not report any more."""

_MOST_SHARES = 50
_MOST_GROUPS = 40
_MOST_RULES = 60
_SHARES = ("profile", "kernel", "platform", "site", "advisor")

_WORST_FIRST = "worst DESC, active DESC, errors DESC, warnings DESC, infos DESC, host"


def picture(store: Store, intake: Intake, by: str, titles: Mapping[str, str]) -> Fleet:
    """Everything that a report tells.

    Args:
        store: The tables, summed up.
        intake: What was read.
        by: The label that makes groups.
        titles: Rule id → title, of the rules that are known here.
    """
    silent_before = _silent_before(store)
    found, count = outliers(store)
    return Fleet(
        intake=intake,
        by=by,
        totals=_totals(store, silent_before),
        hosts=_hosts(store),
        rules=_rules(store, titles),
        groups=_shares(store, "grp"),
        shares={name: _shares(store, name) for name in _SHARES[:2]}
        | {"driver": _drivers(store)}
        | {name: _shares(store, name) for name in _SHARES[2:]},
        heat=_heat(store),
        outliers=found,
        outlier_hosts=count,
        drift=drift(store),
        missing=_missing(store, silent_before),
        rollout=rollout(store),
    )


def _silent_before(store: Store) -> str:
    """Checks before this time are those of silent hosts; "" if there is no check."""
    from datetime import datetime, timedelta

    ((last,),) = store.ask("SELECT max(seen) FROM hosts")
    try:
        newest = datetime.strptime(last, "%Y-%m-%dT%H:%M:%SZ")
        return (newest - timedelta(days=SILENT_DAYS)).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, TypeError, ValueError):  # a line may claim any time
        return ""


def _totals(store: Store, silent_before: str) -> Totals:
    ((hosts, unreachable, failed, first, last),) = store.ask(
        "SELECT count(*), sum(unreachable), sum(failed) - sum(unreachable), min(seen), max(seen)"
        " FROM hosts"
    )
    (numbers,) = store.ask(
        "SELECT count(*), "
        + ", ".join(f"sum(CASE WHEN worst = {rank} THEN 1 ELSE 0 END)" for rank in range(4))
        + "".join(
            f", sum(CASE WHEN {test} THEN 1 ELSE 0 END)"
            for test in (
                "active > 0",
                "waived > 0",
                "unknown > 0",
                "waiting <> ''",
                "drifted > 0",
                "more > 0",
                "seen < ?",
            )
        )
        + " FROM now",
        [silent_before],
    )
    counts = [int(each or 0) for each in numbers]
    return Totals(
        hosts=int(hosts),
        checked=counts[0],
        failed=int(failed),
        unreachable=int(unreachable),
        worst=(counts[1], counts[2], counts[3], counts[4]),
        active=counts[5],
        waived=counts[6],
        unknown=counts[7],
        waiting=counts[8],
        drifted=counts[9],
        cut=counts[10],
        silent=counts[11],
        first=first,
        last=last,
    )


def _hosts(store: Store) -> tuple[HostRow, ...]:
    wanted = f"SELECT * FROM now WHERE worst > 0 ORDER BY {_WORST_FIRST} LIMIT {MOST_HOSTS}"
    rules: dict[int, list[str]] = {}
    for number, rule in store.ask(
        f"SELECT fails.no, rule FROM fails JOIN (SELECT no FROM ({wanted}) AS w) AS few"
        " ON few.no = fails.no ORDER BY severity DESC, fails.active DESC, rule"
    ):
        rules.setdefault(number, []).append(rule)
    rows = store.ask(
        "SELECT no, host, seen, grp, site, profile, kernel, platform, advisor, worst, errors,"
        f" warnings, infos, active, waived, unknown, waiting, drifted FROM ({wanted}) AS w"
        f" ORDER BY {_WORST_FIRST}"
    )
    return tuple(HostRow(*(*values, tuple(rules.get(number, ())))) for number, *values in rows)


def _rules(store: Store, titles: Mapping[str, str]) -> tuple[RuleRow, ...]:
    waived = dict(
        store.ask(
            "SELECT rule, count(DISTINCT f.no) FROM kinds AS k JOIN findings AS f"
            " ON f.kind = k.kind JOIN now ON now.no = f.no WHERE k.waived = 1 GROUP BY rule"
        )
    )
    failing = {
        rule: (int(severity), int(hosts), int(active), int(groups), host)
        for rule, severity, hosts, active, groups, host in store.ask(
            "SELECT rule, max(severity), count(*), sum(fails.active), count(DISTINCT fails.grp),"
            " min(now.host) FROM fails JOIN now ON now.no = fails.no GROUP BY rule"
        )
    }
    values: dict[str, tuple[str, str, str]] = {}
    for rule, setting, actual, wanted in store.ask(
        "SELECT rule, setting, actual, wanted FROM (SELECT f.kind AS kind, count(*) AS hosts"
        " FROM findings AS f JOIN now ON now.no = f.no GROUP BY f.kind) AS n"
        " JOIN kinds AS k ON k.kind = n.kind WHERE k.waived = 0 AND setting <> ''"
        " GROUP BY rule, setting, actual, wanted"
        " ORDER BY rule, sum(hosts) DESC, setting, actual, wanted"
    ):
        values.setdefault(rule, (setting, actual, wanted))
    nowhere = (0, 0, 0, 0, "")
    rows = [
        RuleRow(
            rule,
            titles.get(rule, ""),
            severity,
            hosts,
            active,
            int(waived.get(rule, 0)),
            groups,
            *values.get(rule, ("", "", "")),
            example=host,
        )
        for rule in sorted(failing.keys() | waived.keys())
        for severity, hosts, active, groups, host in (failing.get(rule, nowhere),)
    ]
    return tuple(sorted(rows, key=lambda row: (-row.hosts, -row.severity, row.rule)))


def _shares(store: Store, column: str) -> tuple[Share, ...]:
    return _read_shares(store, column, "now")


def _drivers(store: Store) -> tuple[Share, ...]:
    return _read_shares(store, "driver", "now JOIN drivers ON drivers.no = now.no")


def _read_shares(store: Store, column: str, table: str) -> tuple[Share, ...]:
    rows = store.ask(
        f"SELECT {column}, count(*), sum(CASE WHEN worst = 3 THEN 1 ELSE 0 END),"
        " sum(CASE WHEN worst = 2 THEN 1 ELSE 0 END), sum(CASE WHEN active > 0 THEN 1 ELSE 0 END),"
        f" sum(errors + warnings + infos) FROM {table} WHERE {column} <> ''"
        f" GROUP BY {column} ORDER BY count(*) DESC, {column} LIMIT {_MOST_SHARES}"
    )
    return tuple(Share(name, *map(int, counts)) for name, *counts in rows)


def _heat(store: Store) -> HeatMap:
    sizes = store.ask("SELECT grp, hosts FROM sizes ORDER BY hosts DESC, grp")
    rules = store.ask(
        "SELECT rule FROM spread GROUP BY rule ORDER BY sum(hosts) DESC, max(hosts) DESC, rule"
    )
    groups = tuple((name, int(hosts)) for name, hosts in sizes[:_MOST_GROUPS])
    names = tuple(rule for (rule,) in rules[:_MOST_RULES])
    known: dict[tuple[Any, Any], int] = {
        (rule, group): int(hosts)
        for rule, group, hosts in store.ask("SELECT rule, grp, hosts FROM spread")
    }
    cells = tuple(tuple(known.get((rule, group), 0) for group, _ in groups) for rule in names)
    return HeatMap(groups, names, cells, len(sizes) - len(groups), len(rules) - len(names))


def _missing(store: Store, silent_before: str) -> tuple[Missing, ...]:
    rows = store.ask(
        "SELECT h.host, h.grp, h.seen, CASE WHEN h.unreachable = 1 THEN 'unreachable'"
        " WHEN h.failed = 1 THEN 'failed' ELSE 'silent' END, h.error, c.seen, c.grp"
        " FROM hosts AS h LEFT JOIN aged AS c"
        " ON c.host = h.host AND c.failed = 0 AND c.age_alike = 1"
        " WHERE h.failed = 1 OR h.seen < ?"
        f" ORDER BY h.unreachable DESC, h.failed DESC, h.seen, h.host LIMIT {MOST_MISSING}",
        [silent_before],
    )
    # An unreachable host's own line may not know the group.
    return tuple(
        Missing(
            host,
            (last_group or group) if state != "silent" else group,
            at,
            state,
            error,
            last or "",
        )
        for host, group, at, state, error, last, last_group in rows
    )
