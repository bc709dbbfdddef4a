"""What changed since the check before, on hosts that have two."""

from __future__ import annotations

from advisor.fleet.store import Store
from advisor.model.fleet import Change, ChangedHost, Drift

MOST = 500


def drift(store: Store) -> Drift:
    """The changes."""
    ((compared,),) = store.ask("SELECT count(*) FROM whole")
    if not compared:
        return Drift(0, 0, 0, (), ())
    ((changed, worse),) = store.ask(
        "SELECT count(*), sum(worse) FROM"
        " (SELECT no, max(new) AS worse FROM changed GROUP BY no) AS h"
    )
    rules = store.ask(
        "SELECT rule, sum(new), sum(1 - new) FROM changed GROUP BY rule"
        " ORDER BY sum(new) DESC, sum(1 - new) DESC, rule"
    )
    return Drift(
        int(compared),
        int(changed),
        int(worse or 0),
        tuple(Change(rule, int(new), int(gone)) for rule, new, gone in rules),
        _hosts(store),
    )


def _hosts(store: Store) -> tuple[ChangedHost, ...]:
    rows = store.ask(
        "WITH most AS (SELECT no, sum(new) AS new, count(*) AS things FROM changed"
        f" GROUP BY no ORDER BY sum(new) DESC, count(*) DESC, no LIMIT {MOST})"
        " SELECT p.host, p.grp, p.old_seen, p.seen, c.rule, c.new FROM changed AS c"
        " JOIN most ON most.no = c.no JOIN whole AS p ON p.no = c.no"
        " ORDER BY most.new DESC, most.things DESC, p.host, c.rule"
    )
    found: dict[tuple[str, str, str, str], tuple[list[str], list[str]]] = {}
    for host, group, before, at, rule, new in rows:
        appeared, gone = found.setdefault((host, group, before, at), ([], []))
        (appeared if new else gone).append(rule)
    return tuple(
        ChangedHost(*key, tuple(appeared), tuple(gone)) for key, (appeared, gone) in found.items()
    )
