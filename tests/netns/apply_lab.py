"""A namespace whose settings are changed and put back, and everything that can be seen of them."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from advisor.changes.state_dir import VARIABLE
from advisor.facts.nics.ethtool_ioctl import EthtoolIoctl
from advisor.facts.nics.ethtool_ioctl_settings import read_features
from advisor.model.address import Address, NicAddress, SysctlAddress, parse_address
from advisor.model.plan import Change, Plan
from advisor.report.plan import to_json
from advisor.settings.live import Live
from tests.netns.spaces import Space, space
from tests.netns.test_nics_live import wait_until_up

ODD_NAMES = ("-x", "a..b", "$(id)", "é", "eth0.100")
FOUR = ("numrxqueues", "4", "numtxqueues", "4")

# What the kernel counts there, or tells about its work.
_COUNTERS = ("nf_conntrack_count",)
_FILES = ("gro_flush_timeout", "napi_defer_hard_irqs", "threaded", "flags", "operstate")
_TOOLS = (
    ("ip", "-d", "-j", "link"),
    ("ip", "-d", "-j", "address"),
    ("ip", "-d", "-j", "route", "show", "table", "all"),
    ("ip", "-6", "-d", "-j", "route", "show", "table", "all"),
    ("ip", "-d", "-j", "neigh", "show", "nud", "permanent"),
    ("tc", "-d", "-j", "qdisc", "show"),
)
_ETHTOOL = ("-l", "-g", "-c", "-a", "-x", "--show-priv-flags")


@contextmanager
def lab_space() -> Iterator[Space]:
    """A namespace with interfaces of all sorts, addresses and routes that a change may destroy."""
    with space() as made:
        for name in ("all", "default"):  # an address is there at once, or not at all
            made.run("sysctl", "-q", "-w", f"net.ipv6.conf.{name}.accept_dad=0")
        made.run(
            *("ip", "link", "add", "wide0", *FOUR, "type", "veth"),
            *("peer", "name", "wide1", *FOUR),
        )
        made.run("ip", "tuntap", "add", "tap0", "mode", "tap")
        for name in ODD_NAMES:
            made.run("ip", "link", "add", "name", name, "type", "veth")
        for name in ("wide0", "wide1", *ODD_NAMES):
            made.run("ip", "link", "set", "dev", name, "up")
        wait_until_up(made, "wide0", "wide1")
        for command in (
            "ip addr add 198.51.100.1/24 dev wide0",
            "ip addr add 2001:db8::1/64 dev wide0 nodad",
            "ip route add 203.0.113.0/26 via 198.51.100.2 metric 7 mtu 1400",
            "ip -6 route add 2001:db8:5::/48 via 2001:db8::2 metric 5",
            "ip neigh add 198.51.100.2 lladdr 02:00:00:00:00:05 dev wide0",
        ):
            made.run(*command.split())
        yield made


def everything() -> dict[str, str]:
    """All that can be seen of the settings of the namespace that this runs in, by what it is."""
    found = {}
    for path in _below(Path("/proc/sys/net")):
        try:
            found[str(path)] = os.fsdecode(path.read_bytes())
        except OSError as error:
            found[str(path)] = f"errno {error.errno}"
    for nic in sorted(Path("/sys/class/net").iterdir()):
        for path in (*_below(nic / "queues"), *(nic / name for name in _FILES)):
            if path.parent.name not in ("byte_queue_limits",) and path.name not in _QUEUE_COUNTERS:
                found[str(path)] = _text(path)
    for command in _TOOLS:
        found[" ".join(command)] = _said(*command)
    with EthtoolIoctl() as ioctl:
        for nic in sorted(path.name for path in Path("/sys/class/net").iterdir()):
            for name, feature in read_features(ioctl, nic).items():
                found[f"feature {name} of {nic}"] = repr(feature)
    for nic in ("wide0", "wide1", "tap0"):  # whose settings tests change, beside all features
        for option in _ETHTOOL:
            found[f"ethtool {option} {nic}"] = _said("ethtool", option, nic)
    return found


_QUEUE_COUNTERS = ("traffic_class", "tx_timeout")


def differences(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """What is not the same."""
    return [
        f"{name}: {_without(before.get(name), after.get(name))} became "
        f"{_without(after.get(name), before.get(name))}"
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    ]


def _without(one: str | None, other: str | None) -> str:
    """The entries of a list that the other one does not have, or that are in another place."""
    if one is None or other is None or "},{" not in one + other:
        return repr(one)
    ours, theirs = (text.split("},{") for text in (one, other))
    return repr([each for each in ours if each not in theirs] or "the same in another order")


def assert_same(before: Mapping[str, str]) -> None:
    """Everything is as it was."""
    found = differences(before, everything())
    assert not found, "\n".join(found)


def values(addresses: Sequence[Address]) -> dict[Address, Any]:
    """What settings read now."""
    with Live() as live:
        return {address: live.read(address) for address in addresses}


def address(text: str | Address) -> Address:
    """An address, "net.…" for a sysctl's."""
    if not isinstance(text, str):
        return text
    return parse_address(f"sysctl:{text}" if text.startswith("net.") else text)


def nic(name: str, *attribute: str) -> NicAddress:
    return NicAddress(name, attribute)


def of_conf(name: str, key: str) -> SysctlAddress:
    return SysctlAddress(("net", "ipv4", "conf", name, key))


def write_plan(path: Path, wanted: Mapping[Any, Any], *, disrupts: str = "none") -> Path:
    """A plan of this namespace, as `advisor plan -o` would save it."""
    found = values([address(each) for each in wanted])
    changes = [
        Change(each, before, after, ("TST001",), "low", disrupts, (), ())
        for (each, before), after in zip(found.items(), wanted.values(), strict=True)
    ]
    plan = Plan(os.uname().nodename, "2025-11-21T10:45:01Z", "server", tuple(changes), (), ())
    path.write_text(to_json(plan))
    return path


def use_state(folder: Path) -> Path:
    """Has this process keep its journal in a folder of the test; returns where.

    In memory, and seen by this process and its children only: a busy disk would take its time.
    """
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=0700", "none", str(folder)], check=True)
    os.environ[VARIABLE] = str(folder / "state")
    return folder / "state"


def read_json(text: str) -> Any:
    """A document that a command has printed."""
    return json.loads(text)


def _below(folder: Path) -> list[Path]:
    return sorted(
        Path(directory) / name
        for directory, _, names in os.walk(folder)
        for name in names
        if name not in _COUNTERS
    )


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError as error:
        return f"errno {error.errno}"


def _said(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    return f"{done.returncode} {done.stdout} {done.stderr}"
