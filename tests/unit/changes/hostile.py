"""What a stranger may write into a plan or a journal, and a host that must not suffer from it."""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from advisor.facts.files import Files
from tests.unit.facts.host_tree import Link, host

_NIC = "/sys/devices/pci0/net/eth0"

# What an address may lead to on this host. Everything else must stay as it is, whatever is asked.
OPEN = {
    "/proc/sys/net/core/somaxconn": "4096\n",
    "/proc/sys/net/ipv4/tcp_rmem": "4096\t131072\t6291456\n",
    "/proc/sys/net/ipv4/conf/eth0/rp_filter": "0\n",
    "/proc/sys/net/unlisted": "1 2\n",
    f"{_NIC}/queues/rx-0/rps_cpus": "0\n",
    f"{_NIC}/queues/rx-0/rps_flow_cnt": "0\n",
    f"{_NIC}/gro_flush_timeout": "0\n",
    f"{_NIC}/napi_defer_hard_irqs": "0\n",
    f"{_NIC}/threaded": "0\n",
    "/proc/irq/24/smp_affinity_list": "0-1\n",
}
_INTERRUPTS = """\
           CPU0       CPU1
 24:          1          1   PCI-MSI 1-edge      eth0-TxRx-0
 25:          1          1   PCI-MSI 2-edge      nvme0q0
"""
CLOSED = {
    "/proc/sys/net/ipv4/route/flush": "",
    "/proc/sys/net/ipv4/tcp_fastopen_key": "0-0-0-0\n",
    "/proc/sys/net/ipv6/conf/all/disable_ipv6": "0\n",
    "/proc/sys/net/core/bpf_jit_harden": "0\n",
    "/proc/sys/kernel/core_pattern": "core\n",
    "/proc/sysrq-trigger": "",
    "/proc/irq/25/smp_affinity_list": "0-1\n",
    "/proc/interrupts": _INTERRUPTS,
    f"{_NIC}/ifindex": "2\n",
    f"{_NIC}/operstate": "up\n",
    f"{_NIC}/mtu": "1500\n",
    f"{_NIC}/queues/rx-0/secret": "1\n",
    "/sys/kernel/uevent_helper": "\n",
    "/sys/devices/system/cpu/online": "0-1\n",
    "/etc/passwd": "root\n",
    "/moved": "1\n",
}

# Components and names that lead astray, or that something downstream may stumble over.
_NO_NAMES = [
    *("", ".", "..", "/", "../..", "../../etc/passwd", "a/b", "\0", "net\0x", "\n", "a\nb", " "),
    *("\ud800", "é", "\u202e", "٣", "$(id)", "`id`", "-x", "%n", "%s", "{0}", "'; id #", "*"),
    *("x" * 129, "x" * 5000, "/proc/sys/net/core/somaxconn", "rx-٣", "rx-0/..", "rx--1"),
]
_NASTY = [
    *_NO_NAMES,
    *("net", "core", "ipv4", "conf", "all", "default", "eth0", "lo", "somaxconn", "tcp_rmem"),
    *("flush", "route", "kernel", "core_pattern", "tcp_fastopen_key", "stable_secret"),
    *("queue", "rx-0", "rps_cpus", "ifindex", "mtu", "feature", "channels", "routes", "private"),
    *("000001-20251121T104640Z", "persisted", "process:1:1", "/etc/passwd", "/etc/../passwd"),
    *("none", "link", "reboot", "confirmed", "done", "apply", "undo", "begin", "state"),
]
_NUMBERS = [0, 1, -1, 2, 24, 1 << 31, 1 << 63, -(1 << 63), 1 << 64, 10**40, 0.0, 1.5, 1e308]

names = st.one_of(st.sampled_from(_NASTY), st.text(max_size=8))
leaves = st.one_of(names, st.sampled_from(_NUMBERS), st.booleans(), st.none())
anything = st.recursive(
    leaves,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(names, inner, max_size=3)),
    max_leaves=6,
)


@st.composite
def tampered(draw: st.DrawFn, original: Any) -> Any:
    """A document in which some places have become something else, or are gone, or new."""
    data = copy.deepcopy(original)
    for _ in range(draw(st.integers(1, 3))):
        places = list(_places(data))
        container, key = draw(st.sampled_from(places))
        if key not in (container if isinstance(container, dict) else range(len(container))):
            continue  # an earlier change has removed it
        what = draw(st.integers(0, 9))
        if what == 0:
            del container[key]
        elif what == 1 and isinstance(container, dict):
            container[draw(names)] = draw(anything)
        elif what == 2 and isinstance(container, list):
            container.insert(key, copy.deepcopy(container[key]))
        else:
            container[key] = draw(anything)
    return data


def astray() -> Iterator[dict[str, Any]]:
    """Addresses that are in order but for one component, with every one that is not in order."""
    for name in _NO_NAMES:
        for key in (["net", "core", "somaxconn"], ["net", "ipv4", "conf", "eth0", "rp_filter"]):
            for place in range(len(key)):
                yield {"sysctl": [*key[:place], name, *key[place + 1 :]]}
            yield {"sysctl": [*key, name]}
        for attribute in (["gro_flush_timeout"], ["queue", "rx-0", "rps_cpus"]):
            yield {"nic": name, "property": attribute}
            for place in range(len(attribute)):
                yield {
                    "nic": "eth0",
                    "property": [*attribute[:place], name, *attribute[place + 1 :]],
                }
            yield {"nic": "eth0", "property": [*attribute, name]}
        yield {"irq": name}
    yield from ({"irq": number} for number in _NUMBERS if number != 24)


def make_host(root: Path) -> Files:
    """The host."""
    return host(root, {**OPEN, **CLOSED, "/sys/class/net/eth0": Link(f"../..{_NIC[4:]}")})


def seen(root: Path) -> dict[str, str]:
    """All its files: path → contents."""
    found = {}
    for directory, _, files in os.walk(root):
        for name in files:
            path = Path(directory, name)
            found[str(path)[len(str(root)) :]] = path.read_text(errors="replace")
    return found


def put_back(root: Path) -> None:
    """The files as they were."""
    before = {**OPEN, **CLOSED}
    for path, text in seen(root).items():
        if before.get(path) != text:
            Path(f"{root}{path}").write_text(before[path])


def _places(data: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a document: what it is in, and its key or index."""
    entries = data.items() if isinstance(data, dict) else enumerate(data)
    for key, value in list(entries):
        yield data, key
        if isinstance(value, dict | list):
            yield from _places(value)
