"""Tables of neighbours, from /proc/net/stat/arp_cache and ndisc_cache."""

from __future__ import annotations

import re

from advisor.facts.files import Files, malformed
from advisor.model.stack import NeighbourTable
from advisor.model.unavailable import Unavailable

_TABLES = {"ipv4": "stat/arp_cache", "ipv6": "stat/ndisc_cache"}
_HEXADECIMAL = re.compile(r"[0-9a-f]{1,16}")
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
        words = line.split()
        if len(words) != len(names) or not all(map(_HEXADECIMAL.fullmatch, words)):
            return malformed(path, number, "does not have a hexadecimal number for each name")
        rows.append({name: int(word, 16) for name, word in zip(names, words, strict=True)})
    return NeighbourTable(
        entries=rows[0]["entries"],
        **{name: sum(row[name] for row in rows) for name in _COUNTERS if name in names},
    )
