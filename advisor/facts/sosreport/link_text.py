"""The interfaces as `ip -s -d link` prints them (iproute2 3.x to 6.x)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

CARRIER_CHANGES = "carrier_changes"
"""Name among the counters for what `ip -s -s` prints with them."""

_HEAD = re.compile(
    r"(?P<index>\d{1,10}): (?P<name>[^\s:@]+)(?:@(?P<below>[^\s:]+))?: <(?P<rest>.*)"
)
_ADDRESS = re.compile(r"(?:[0-9a-f]{2}:)+[0-9a-f]{2}")
_HARDWARE = {"ether": "ethernet", "loopback": "loopback", "infiniband": "infiniband"}
_ELSEWHERE = (" link-netnsid ", " link-netns ")

# What starts a line of details and is not the interface's kind.
_NOT_KINDS = re.compile(r"link/|alias|altname|vf$|prog/xdp|[RT]X:?$|\w+_slave$|\W|\d")
_VIRTUAL_FUNCTION = re.compile(r"    vf \d+ ")

# Column of a table → counter, for the four tables.
_COLUMNS: dict[str, dict[str, str]] = {
    "RX": {
        "bytes": "rx_bytes",
        "packets": "rx_packets",
        "errors": "rx_errors",
        "dropped": "rx_dropped",
        "overrun": "rx_over_errors",
        "missed": "rx_missed_errors",  # instead of overrun since iproute2 5.13
        "mcast": "multicast",
        "compressed": "rx_compressed",
    },
    "TX": {
        "bytes": "tx_bytes",
        "packets": "tx_packets",
        "errors": "tx_errors",
        "dropped": "tx_dropped",
        "carrier": "tx_carrier_errors",
        "collsns": "collisions",
        "compressed": "tx_compressed",
    },
    "RX errors": {
        "length": "rx_length_errors",
        "crc": "rx_crc_errors",
        "frame": "rx_frame_errors",
        "fifo": "rx_fifo_errors",
        "missed": "rx_missed_errors",
        "overrun": "rx_over_errors",
        "nohandler": "rx_nohandler",
    },
    "TX errors": {
        "aborted": "tx_aborted_errors",
        "fifo": "tx_fifo_errors",
        "window": "tx_window_errors",
        "heartbeat": "tx_heartbeat_errors",
        "heartbt": "tx_heartbeat_errors",
        "transns": CARRIER_CHANGES,
    },
}
_TABLE = re.compile(r"    (?P<table>[RT]X(?: errors)?):(?P<columns>(?: +[a-z]+)+) *")


@dataclass(slots=True)
class LinkText:
    """One interface.

    Attributes:
        index: Interface index.
        name: Interface name.
        below: What follows the "@": the interface below, or the other end of a pair.
        elsewhere: Whether that is in another network namespace.
        flags: "UP", "LOWER_UP", …
        words: Word of the first line → the word after it: mtu, qdisc, master, state, qlen.
        xdp: Whether an XDP program is attached.
        kind: As `advisor.model.nic.Nic.kind`.
        told_kind: Whether the kind is told; `ip` without -d tells that of hardware alone.
        address: Hardware address, "" for none.
        details: Word of the other lines → the word after it: numtxqueues, parentdev, mode, …
        virtual_functions: Lines about virtual functions.
        counters: The standard counters that are printed.
    """

    index: int
    name: str
    below: str | None
    elsewhere: bool = False
    flags: frozenset[str] = frozenset()
    words: dict[str, str] = field(default_factory=dict)
    xdp: bool = False
    kind: str = "other"
    told_kind: bool = False
    address: str = ""
    details: dict[str, str] = field(default_factory=dict)
    virtual_functions: int = 0
    counters: dict[str, int] = field(default_factory=dict)


def parse_links(text: str) -> list[LinkText]:
    """The interfaces in the order in which they are printed."""
    return [_parse(lines) for lines in _blocks(text)]


def _blocks(text: str) -> Iterator[list[str]]:
    block: list[str] = []
    for line in text.splitlines():
        if _HEAD.match(line):
            if block:
                yield block
            block = [line]
        elif block:
            block.append(line)
    if block:
        yield block


def _parse(lines: list[str]) -> LinkText:
    head = _HEAD.match(lines[0])
    assert head is not None  # that is how blocks begin
    flags, _, rest = head["rest"].partition("> ")
    words = rest.split()
    link = LinkText(
        index=int(head["index"]),
        name=head["name"],
        below=head["below"],
        elsewhere=any(mark in f"{line} " for line in lines for mark in _ELSEWHERE),
        flags=frozenset(flags.split(",")),
        words=dict(pairwise(words)),
        xdp=any(word.startswith("xdp") for word in words),
    )
    rows = iter(lines[1:])
    for line in rows:
        table = _TABLE.fullmatch(line)
        if table is not None:
            _add_counters(link, table["table"], table["columns"].split(), next(rows, "").split())
        elif _VIRTUAL_FUNCTION.match(line):
            link.virtual_functions += 1
        else:
            _add_details(link, line.split())
    return link


def _add_counters(link: LinkText, table: str, columns: list[str], values: list[str]) -> None:
    for column, value in zip(columns, values, strict=False):
        counter = _COLUMNS[table].get(column)
        if counter is not None and value.isdecimal():
            link.counters[counter] = int(value)


def _add_details(link: LinkText, words: list[str]) -> None:
    if not words or words[0] in ("alias", "altname"):
        return  # somebody's own words
    if words[0].startswith("link/"):
        link.kind = link.kind if link.told_kind else _HARDWARE.get(words[0][5:], "other")
        if len(words) > 1 and _ADDRESS.fullmatch(words[1]):
            link.address = words[1]
    elif not link.told_kind and not _NOT_KINDS.match(words[0]):
        link.kind, link.told_kind = words[0], True
    for word, following in pairwise(words):
        link.details.setdefault(word, following)
