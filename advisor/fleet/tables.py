"""The tables that lines are put into, in SQL that SQLite and DuckDB both understand.

There is no NULL: "" and 0 stand for "none".
"""

from __future__ import annotations

from collections.abc import Mapping

from advisor.fleet.differing import differing

COLUMNS: Mapping[str, str] = {
    "runs": "no INTEGER, host TEXT, seen TEXT, run TEXT, grp TEXT, site TEXT, profile TEXT,"
    " kernel TEXT, platform TEXT, advisor TEXT, error TEXT, unreachable INTEGER, worst INTEGER,"
    " unknown INTEGER, waived INTEGER, errors INTEGER, warnings INTEGER, infos INTEGER,"
    " active INTEGER, waiting TEXT, drifted INTEGER, more INTEGER, rollout TEXT, problem TEXT,"
    " changes INTEGER, reboot INTEGER, file INTEGER, line INTEGER",
    "drivers": "no INTEGER, driver TEXT",
    "findings": "no INTEGER, kind INTEGER",
    "kinds": "kind INTEGER, rule TEXT, target TEXT, severity INTEGER, waived INTEGER,"
    " active INTEGER, setting TEXT, actual TEXT, wanted TEXT",
}
"""What is filled from lines; `no` is the number of the line."""

SUMMED_UP = (
    # A line that has arrived twice counts once; without an id, what it says makes it the same.
    """
    CREATE TABLE kept AS
    SELECT *, CASE WHEN error = '' THEN 0 ELSE 1 END AS failed,
        row_number() OVER (PARTITION BY host, CASE WHEN run = '' THEN seen || error ELSE run END
            ORDER BY no) AS copy
    FROM runs
    """,
    """
    CREATE TABLE aged AS
    SELECT *, row_number() OVER (PARTITION BY host ORDER BY seen DESC, no DESC) AS age,
        row_number() OVER (PARTITION BY host, failed ORDER BY seen DESC, no DESC) AS age_alike
    FROM kept WHERE copy = 1
    """,
    # A host by its newest line.
    "CREATE TABLE hosts AS SELECT * FROM aged WHERE age = 1",
    "CREATE TABLE now AS SELECT * FROM hosts WHERE failed = 0",
    """
    CREATE TABLE pairs AS
    SELECT now.no AS no, aged.no AS old, now.host AS host, now.grp AS grp, now.seen AS seen,
        aged.seen AS old_seen
    FROM now JOIN aged ON aged.host = now.host AND aged.failed = 0 AND aged.age_alike = 2
    """,
    # A rule once for each host, however many interfaces it fails for.
    """
    CREATE TABLE held AS
    SELECT f.no AS no, k.rule AS rule, max(k.severity) AS severity, max(k.active) AS active
    FROM findings AS f JOIN (SELECT no FROM now UNION SELECT old FROM pairs) AS w ON w.no = f.no
    JOIN kinds AS k ON k.kind = f.kind
    WHERE k.waived = 0 GROUP BY f.no, k.rule
    """,
    """
    CREATE TABLE fails AS
    SELECT held.no AS no, now.grp AS grp, held.rule AS rule, held.severity AS severity,
        held.active AS active
    FROM held JOIN now ON now.no = held.no
    """,
    """
    CREATE TABLE sizes AS
    SELECT grp, count(*) AS hosts FROM now GROUP BY grp
    """,
    "CREATE TABLE spread AS SELECT grp, rule, count(*) AS hosts FROM fails GROUP BY grp, rule",
    f"CREATE TABLE differ AS {differing()}",
    # A line that was cut says nothing about what it leaves out.
    """
    CREATE TABLE whole AS
    SELECT pairs.* FROM pairs JOIN aged AS a ON a.no = pairs.no AND a.more = 0
    JOIN aged AS b ON b.no = pairs.old AND b.more = 0
    """,
    """
    CREATE TABLE changed AS
    SELECT p.no AS no, held.rule AS rule, 1 AS new FROM whole AS p JOIN held ON held.no = p.no
    LEFT JOIN held AS was ON was.no = p.old AND was.rule = held.rule WHERE was.no IS NULL
    UNION ALL
    SELECT p.no AS no, held.rule AS rule, 0 AS new FROM whole AS p JOIN held ON held.no = p.old
    LEFT JOIN held AS still ON still.no = p.no AND still.rule = held.rule WHERE still.no IS NULL
    """,
)
"""What is worked out once, after all lines are in."""
