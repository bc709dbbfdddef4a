"""Main memory, from /proc/meminfo."""

from __future__ import annotations

from advisor.facts.files import Files
from advisor.model.system import Memory
from advisor.model.unavailable import Unavailable

MEMINFO = "/proc/meminfo"
_KIB = 1024


def read_memory(files: Files) -> Memory | Unavailable:
    """How much memory there is and how much of it could be had.

    In a container this is the host's: kernel limits such as tcp_mem are derived from it too.
    """
    text = files.read_text(MEMINFO)
    return text if isinstance(text, Unavailable) else parse_meminfo(text)


def parse_meminfo(text: str) -> Memory | Unavailable:
    """The three amounts, from lines "MemTotal:   24684096 kB" (meminfo_proc_show)."""
    kib: dict[str, int] = {}
    for line in text.splitlines():
        name, _, rest = line.partition(":")
        try:
            kib[name] = int(rest.removesuffix("kB"))
        except ValueError:
            continue
    try:
        return Memory(
            total=kib["MemTotal"] * _KIB,
            available=kib["MemAvailable"] * _KIB,
            free=kib["MemFree"] * _KIB,
        )
    except KeyError as missing:
        return Unavailable(f"{MEMINFO} has no {missing.args[0]}")
