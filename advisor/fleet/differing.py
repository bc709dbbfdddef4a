"""In what hosts differ from their group, as SQL: what hardly any other has, or nearly all have."""

from __future__ import annotations

MIN_GROUP = 5
"""In smaller groups nothing is usual."""

RARE = 50
"""Rare is what one host of a group has, or at most one of so many."""

_ATTRIBUTES = ("profile", "kernel", "advisor")
_IS_RARE = f"(n.hosts = 1 OR n.hosts * {RARE} <= sizes.hosts) AND sizes.hosts >= {MIN_GROUP}"


def differing() -> str:
    """The query: number of the line, kind, name, and how many hosts of the group are alike."""
    return " UNION ALL ".join([_fails(), _passes(), *map(_attribute, _ATTRIBUTES), _driver()])


def _fails() -> str:
    return (
        "SELECT fails.no AS no, 'fails' AS kind, fails.rule AS name, n.hosts AS alike"
        " FROM fails JOIN spread AS n ON n.grp = fails.grp AND n.rule = fails.rule"
        f" JOIN sizes ON sizes.grp = n.grp WHERE {_IS_RARE}"
    )


def _passes() -> str:
    usual = (
        "SELECT spread.grp AS grp, spread.rule AS rule, sizes.hosts - spread.hosts AS hosts"
        " FROM spread JOIN sizes ON sizes.grp = spread.grp WHERE spread.hosts < sizes.hosts"
    )
    # One group's hosts of different profiles are judged by different rules.
    return (
        "SELECT now.no AS no, 'passes' AS kind, n.rule AS name, n.hosts AS alike"
        f" FROM ({usual}) AS n JOIN sizes ON sizes.grp = n.grp JOIN now ON now.grp = n.grp"
        " LEFT JOIN fails ON fails.no = now.no AND fails.rule = n.rule"
        f" WHERE {_IS_RARE} AND now.more = 0 AND fails.no IS NULL"
    )


def _attribute(column: str) -> str:
    shared = f"SELECT grp, {column} AS name, count(*) AS hosts FROM now GROUP BY grp, {column}"
    return (
        f"SELECT now.no AS no, '{column}' AS kind, n.name AS name, n.hosts AS alike"
        f" FROM ({shared}) AS n JOIN sizes ON sizes.grp = n.grp {_usual(shared)}"
        f" JOIN now ON now.grp = n.grp AND now.{column} = n.name WHERE {_IS_RARE}"
    )


def _driver() -> str:
    shared = (
        "SELECT now.grp AS grp, driver AS name, count(*) AS hosts"
        " FROM now JOIN drivers ON drivers.no = now.no GROUP BY now.grp, driver"
    )
    return (
        "SELECT now.no AS no, 'driver' AS kind, n.name AS name, n.hosts AS alike"
        f" FROM ({shared}) AS n JOIN sizes ON sizes.grp = n.grp {_usual(shared)}"
        " JOIN now ON now.grp = n.grp"
        " JOIN drivers ON drivers.no = now.no AND drivers.driver = n.name"
        f" WHERE {_IS_RARE}"
    )


def _usual(shared: str) -> str:
    """Only of groups that have a usual value: one that at least half of the hosts have."""
    return (
        f"JOIN (SELECT grp, max(hosts) AS hosts FROM ({shared}) AS s GROUP BY grp) AS u"
        " ON u.grp = n.grp AND u.hosts * 2 >= sizes.hosts"
    )
