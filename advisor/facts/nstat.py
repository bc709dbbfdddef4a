"""Protocol counters of the namespace, from /proc/net/snmp, netstat and snmp6."""

from __future__ import annotations

import re

from advisor.facts.files import Files, malformed
from advisor.model.stack import Counters
from advisor.model.unavailable import Unavailable

SNMP6 = "/proc/net/snmp6"

_SNMP6_NAME = re.compile(r"([A-Za-z]+6)(\w+)")


def read_nstat(files: Files) -> Counters | Unavailable:
    """Group → counter → value: ["TcpExt"]["ListenOverflows"], ["Udp6"]["InErrors"].

    Unavailable as a whole when one of the files is: a missing counter would otherwise look like
    one that this kernel does not have.
    """
    counters: Counters = {}
    for name in ("snmp", "netstat"):
        path = f"/proc/net/{name}"
        text = files.read_text(files.net(name))
        groups = text if isinstance(text, Unavailable) else parse_pairs(text, path)
        if isinstance(groups, Unavailable):
            return groups
        counters |= groups
    path6 = files.net("snmp6")
    # A kernel without IPv6 has no such file, hence no such counters.
    if not files.exists(path6):
        return counters
    text = files.read_text(path6)
    groups = text if isinstance(text, Unavailable) else parse_snmp6(text)
    return groups if isinstance(groups, Unavailable) else counters | groups


def parse_pairs(text: str, path: str = "/proc/net/netstat") -> Counters | Unavailable:
    """The counters of snmp or netstat: a line of names, then a line of values, for each group.

    A group may come in several pairs of lines. (snmp_seq_show, netstat_seq_show)
    """
    counters: Counters = {}
    lines = text.splitlines()
    if not lines:
        return Unavailable(f"{path} is empty")
    for index in range(0, len(lines), 2):
        group, colon, names = lines[index].partition(":")
        values_group, _, values = "".join(lines[index + 1 : index + 2]).partition(":")
        if not colon or values_group != group:
            return malformed(path, index + 1, "has no line of values")
        try:
            pairs = dict(zip(names.split(), map(int, values.split()), strict=True))
        except ValueError:
            return malformed(path, index + 2, "does not have a number for each name")
        counters.setdefault(group, {}).update(pairs)
    return counters


def parse_snmp6(text: str) -> Counters | Unavailable:
    """The counters of snmp6: "Udp6InErrors   3" on each line (snmp6_seq_show)."""
    counters: Counters = {}
    for number, line in enumerate(text.splitlines(), start=1):
        name, _, value = line.partition("\t")
        match = _SNMP6_NAME.fullmatch(name.rstrip())
        try:
            count = int(value)
        except ValueError:
            return malformed(SNMP6, number, "does not end in a number")
        if match is None:
            return malformed(SNMP6, number, "does not start with an IPv6 counter")
        counters.setdefault(match[1], {})[match[2]] = count
    return counters or Unavailable(f"{SNMP6} is empty")
