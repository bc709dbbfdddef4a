"""What the kernels of the stories have: sysctls with their defaults, counters, features.

The tables in kernels/ were taken from the sources of those kernels. A snapshot therefore has what a
host with that kernel has, and lacks what it lacks: rules have to cope with both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from advisor.facts.sysctl import SECRETS, parse_value
from advisor.model.nic_settings import Feature
from advisor.model.stack import Counters, SysctlTree, SysctlValue
from advisor.model.unavailable import Unavailable

_TABLES = Path(__file__).parent / "kernels"
_PAGE = 4096
_ABSENT, _OF_MACHINE, _NEVER_READ = "-", "@", "!"


def version(kernel: str) -> tuple[int, ...]:
    """(3, 18) for "3.18", (5, 14) for "5.14-el9"."""
    return tuple(int(number) for number in kernel.partition("-")[0].split("."))


def sysctls(
    kernel: str,
    memory: int,
    interfaces: Mapping[str, int],
    changed: Mapping[str, SysctlValue],
    *,
    conntrack: Mapping[str, int] | None = None,
    hz: int = 250,
) -> SysctlTree:
    """The net.* tree of a host: the kernel's defaults, and what its administrators changed.

    Args:
        kernel: A column of the tables.
        memory: Bytes of memory, which many defaults follow.
        interfaces: Interface name → MTU.
        changed: Dotted key → value.
        conntrack: "count", "max" and "buckets" of the tracking table; None when it is not loaded.
        hz: Ticks per second of the kernel's timer.

    Raises:
        KeyError: `changed` names what this kernel does not have.
    """
    of_machine = _of_machine(version(kernel), memory, hz)
    of_machine |= {f"net.ipv6.conf.{name}.mtu": mtu for name, mtu in interfaces.items()}
    of_machine |= dict.fromkeys(("net.ipv6.conf.all.mtu", "net.ipv6.conf.default.mtu"), 1280)
    if conntrack is not None:
        of_machine |= {f"net.netfilter.nf_conntrack_{key}": n for key, n in conntrack.items()}
        of_machine["net.netfilter.nf_conntrack_expect_max"] = conntrack["buckets"] // 256 * 4
        of_machine["net.nf_conntrack_max"] = conntrack["max"]
    left = dict(changed)
    tree: SysctlTree = {}
    for row, text in _column("sysctls.txt", kernel):
        if conntrack is None and "nf_conntrack" in row:
            continue
        for name in ("all", "default", *interfaces) if "*" in row else ("",):
            key = row.replace("*", name)
            value = of_machine[key] if text == _OF_MACHINE else _value(key, text)
            _set(tree, key.split("."), left.pop(key, value))
    if left:
        raise KeyError(f"Linux {kernel} does not have {', '.join(left)}")
    return tree


def counters(kernel: str, counted: Mapping[str, int]) -> Counters:
    """The protocol counters: all that the kernel has, 0 where `counted` says nothing.

    Raises:
        KeyError: `counted` names what this kernel does not count.
    """
    left = {
        "Ip.Forwarding": 2,
        "Ip.DefaultTTL": 64,
        "Tcp.RtoAlgorithm": 1,
        "Tcp.RtoMin": 200,
        "Tcp.RtoMax": 120000,
        "Tcp.MaxConn": -1,
        **counted,
    }
    groups: Counters = {}
    for name, _ in _column("counters.txt", kernel):
        group, _, counter = name.partition(".")
        groups.setdefault(group, {})[counter] = left.pop(name, 0)
    if left:
        raise KeyError(f"Linux {kernel} does not count {', '.join(left)}")
    return groups


def features(
    kernel: str, on: Iterable[str], fixed_on: Iterable[str] = (), off: Iterable[str] = ()
) -> dict[str, Feature]:
    """The features of an interface that the kernel knows of; the rest of them is off and fixed.

    Args:
        kernel: A column of the tables.
        on: Features that are on, and could be switched off.
        fixed_on: Features that are always on.
        off: Features that are off, and could be switched on.
    """
    states = dict.fromkeys(on, Feature(active=True, requested=True))
    states |= dict.fromkeys(fixed_on, Feature(active=True, fixed=True, requested=True))
    states |= dict.fromkeys(off, Feature(active=False))
    lacking = Feature(active=False, fixed=True)
    return {name: states.get(name, lacking) for name, _ in _column("features.txt", kernel)}


def _of_machine(kernel: tuple[int, ...], memory: int, hz: int) -> dict[str, SysctlValue]:
    """Defaults that follow the machine's memory (tcp_init, udp_init) or its timer."""
    pages = memory // _PAGE
    tcp = pages // (16 if kernel >= (4, 0) else 8)
    udp = pages // 8
    connections = min(524288, _power_of_two(memory >> 17))
    ceiling = (32 << 20) if kernel >= (6, 16) else (6 << 20)
    initial = 131072 if kernel >= (4, 20) else 87380
    half_open = connections // (128 if kernel >= (5, 5) else 256)
    return {
        "net.core.netdev_budget_usecs": 2_000_000 // hz,
        "net.ipv4.route.error_burst": 5 * hz,
        "net.ipv4.route.error_cost": hz,
        "net.ipv4.route.redirect_load": hz // 50,
        "net.ipv4.route.redirect_silence": hz // 50 << 10,
        "net.ipv6.neigh.default.retrans_time": hz,
        "net.ipv4.tcp_mem": (tcp // 4 * 3, tcp, tcp // 4 * 6),
        "net.ipv4.udp_mem": (udp // 4 * 3, udp, udp // 4 * 6),
        "net.ipv4.tcp_rmem": (4096, initial, max(initial, min(ceiling, memory // 128))),
        "net.ipv4.tcp_wmem": (4096, 16384, max(65536, min(4 << 20, memory // 128))),
        "net.ipv4.tcp_ehash_entries": connections,
        "net.ipv4.udp_hash_entries": min(65536, _power_of_two(memory >> 21)),
        "net.ipv4.tcp_max_orphans": connections // 2,
        "net.ipv4.tcp_max_tw_buckets": connections // 2,
        "net.ipv4.tcp_max_syn_backlog": max(128, half_open),
    }


def _power_of_two(number: int) -> int:
    """The next one, as hash tables are sized (alloc_large_system_hash)."""
    return 1 << (number - 1).bit_length()


def _value(key: str, text: str) -> SysctlValue | Unavailable:
    name = key.rpartition(".")[2]
    if text == _NEVER_READ:
        return Unavailable("a secret: never read" if name in SECRETS else "write-only")
    if text.startswith('"'):
        return text.strip('"')
    return parse_value(text.replace(",", " ").replace("~", " "), name)


def _set(tree: SysctlTree, place: list[str], value: SysctlValue | Unavailable) -> None:
    for part in place[:-1]:
        branch = tree.setdefault(part, {})
        assert isinstance(branch, dict)
        tree = branch
    tree[place[-1]] = value


def _column(table: str, kernel: str) -> Iterator[tuple[str, str]]:
    """Name and value of each row that the kernel has."""
    columns, *rows = _rows(table)
    index = columns.index(kernel)
    for row in rows:
        if row[index] != _ABSENT:
            yield row[0], row[index]


@cache
def _rows(table: str) -> tuple[list[str], ...]:
    lines = (_TABLES / table).read_text().splitlines()
    return tuple(line.split() for line in lines if not line.startswith("#"))
