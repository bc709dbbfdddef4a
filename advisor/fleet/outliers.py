"""The hosts that differ most from their group."""

from __future__ import annotations

from advisor.fleet.store import Store
from advisor.model.fleet import Difference, Outlier

MOST = 200
_SHOWN = 8


def outliers(store: Store) -> tuple[tuple[Outlier, ...], int]:
    """The hosts that differ in most things, and how many differ at all."""
    ((count,),) = store.ask("SELECT count(DISTINCT no) FROM differ")
    rows = store.ask(
        "WITH most AS (SELECT no, count(*) AS things FROM differ GROUP BY no"
        f" ORDER BY count(*) DESC, min(alike), no LIMIT {MOST})"
        " SELECT now.host, now.grp, sizes.hosts, most.things, d.kind, d.name, d.alike"
        " FROM differ AS d JOIN most ON most.no = d.no JOIN now ON now.no = d.no"
        " JOIN sizes ON sizes.grp = now.grp"
        " ORDER BY most.things DESC, now.host, d.alike, d.kind, d.name"
    )
    found: dict[tuple[str, str, int, int], list[Difference]] = {}
    for host, group, size, things, kind, name, alike in rows:
        listed = found.setdefault((host, group, int(size), int(things)), [])
        if len(listed) < _SHOWN:
            listed.append(Difference(kind, name, int(alike)))
    return tuple(Outlier(*key, tuple(listed)) for key, listed in found.items()), int(count)
