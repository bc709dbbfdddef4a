"""Socket counts, from /proc/net/sockstat and sockstat6."""

from __future__ import annotations

from advisor.facts.files import Files, malformed
from advisor.model.stack import Counters
from advisor.model.unavailable import Unavailable

SOCKSTAT = "/proc/net/sockstat"
SOCKSTAT6 = "/proc/net/sockstat6"


def read_sockstat(files: Files) -> Counters | Unavailable:
    """Protocol → count → value: ["TCP"]["tw"], ["TCP6"]["inuse"].

    TCP.inuse, orphan and tw are those of the namespace; TCP.mem and alloc are the machine's.
    """
    text = files.read_text(files.net("sockstat"))
    counts = text if isinstance(text, Unavailable) else parse_sockstat(text, SOCKSTAT)
    path6 = files.net("sockstat6")
    # A kernel without IPv6 has no such file, hence no such sockets.
    if isinstance(counts, Unavailable) or not files.exists(path6):
        return counts
    text6 = files.read_text(path6)
    counts6 = text6 if isinstance(text6, Unavailable) else parse_sockstat(text6, SOCKSTAT6)
    return counts6 if isinstance(counts6, Unavailable) else counts | counts6


def parse_sockstat(text: str, path: str = SOCKSTAT) -> Counters | Unavailable:
    """The pairs of each line: "TCP: inuse 1 orphan 0 tw 0 alloc 1 mem 224" (sockstat_seq_show)."""
    counts: Counters = {}
    for number, line in enumerate(text.splitlines(), start=1):
        group, colon, rest = line.partition(":")
        words = rest.split()
        try:
            pairs = dict(zip(words[::2], map(int, words[1::2]), strict=True))
        except ValueError:
            return malformed(path, number, "is not a list of names with numbers")
        if not colon:
            return malformed(path, number, "does not name a protocol")
        counts[group] = pairs
    return counts or Unavailable(f"{path} is empty")
