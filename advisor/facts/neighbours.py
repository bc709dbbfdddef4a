"""Tables of neighbours, from /proc/net/stat/arp_cache and ndisc_cache."""

from __future__ import annotations

from advisor.facts.files import Files, malformed
from advisor.model.stack import NeighbourTable
from advisor.model.unavailable import Unavailable

_TABLES = {"ipv4": "stat/arp_cache", "ipv6": "stat/ndisc_cache"}
_COUNTERS = ("table_fulls", "forced_gc_runs", "unresolved_discards", "res_failed")


def read_neighbours(files: Files) -> dict[str, NeighbourTable] | Unavailable:
    """The tables of "ipv4" (ARP) and "ipv6" (NDP); a kernel without IPv6 has no second one.

    One table of each protocol serves the whole machine, and only the host's first network namespace
    shows it (neigh_table_init() in net/core/neighbour.c).
    """
    tables: dict[str, NeighbourTable] = {}
    for family, name in _TABLES.items():
        path = files.net(name)
        if not files.exists(path):
            continue
        text = files.read_text(path)
        table = text if isinstance(text, Unavailable) else parse_table(text, f"/proc/net/{name}")
        if isinstance(table, Unavailable):
            return table
        tables[family] = table
    return tables or Unavailable("only the host's first network namespace shows its neighbours")


def parse_table(text: str, path: str = "/proc/net/stat/arp_cache") -> NeighbourTable | Unavailable:
    """A table of neigh_stat_seq_show(): a line of names, then a line for each possible CPU.

    Values are hexadecimal. "entries" is the size of the table, repeated on every line; the others
    are counters of that CPU, and kernels append to them (table_fulls since 4.3).
    """
    header, *lines = text.splitlines() or [""]
    names = header.split()
    if "entries" not in names:
        return malformed(path, 1, "does not name the counters")
    if not lines:
        return malformed(path, 1, "no CPU follows")
    rows: list[dict[str, int]] = []
    for number, line in enumerate(lines, start=2):
        try:
            values = [int(word, 16) for word in line.split()]
            rows.append(dict(zip(names, values, strict=True)))
        except ValueError:
            return malformed(path, number, "does not have a hexadecimal number for each name")
    return NeighbourTable(
        entries=rows[0]["entries"],
        **{name: sum(row[name] for row in rows) for name in _COUNTERS if name in names},
    )
