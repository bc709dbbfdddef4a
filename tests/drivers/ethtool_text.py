"""Reads what `ethtool` prints for one interface: the answers that its driver gave.

Of each form only what the fixtures need; what is not in the text, the driver does not support.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, TypeVar

from advisor.facts.nics.device_settings import DeviceSettings
from advisor.facts.nics.ethtool_ioctl import Driver
from advisor.model.nic_settings import Channels, Coalesce, Pause, Ring, Rss
from advisor.model.unavailable import Unavailable

T = TypeVar("T")

_SUMMARY = "Settings for "
_DRIVER = "driver: "
_CHANNELS = "Channel parameters for "
_RINGS = "Ring parameters for "
_COALESCE = "Coalesce parameters for "
_TABLE = "RX flow hash indirection table for "
_PAUSE = "Pause parameters for "
_FLAGS = "Private flags for "
_STATISTICS = "NIC statistics"
_HEADINGS = (
    *(_SUMMARY, _DRIVER, _CHANNELS, _RINGS, _COALESCE, _TABLE, _PAUSE, _FLAGS, _STATISTICS),
)
_INDENT = 5  # before each counter

_RINGS_NAMED = {
    "RX": "rx",
    "TX": "tx",
    "RX Jumbo": "rx_jumbo",
    "RX Buf Len": "rx_buf_len",
    "CQE Size": "cqe_size",
    "TX Push": "tx_push",
    "RX Push": "rx_push",
    "TCP data split": "tcp_data_split",
}


def parse_ethtool(lines: Iterable[str]) -> DeviceSettings:
    """The settings of an interface, from what `ethtool`, `ethtool -i`, `-l`, … print of it."""
    parts = _parts(lines)
    driver = _driver(parts.get(_DRIVER, []))
    why = Unavailable(f"the driver ({driver.name}) does not support this", absent=True)

    def read(heading: str, parse: Callable[[list[str]], T]) -> T | Unavailable:
        return parse(parts[heading]) if heading in parts else why

    summary = _pairs(parts.get(_SUMMARY, []))
    speed = re.fullmatch(r"(\d+)Mb/s", summary.get("Speed", ""))
    duplex = summary.get("Duplex", "").lower()
    return replace(
        DeviceSettings(
            channels=read(_CHANNELS, _channels),
            ring=read(_RINGS, _ring),
            coalesce=read(_COALESCE, _coalesce),
            queue_coalesce=why,
            pause=read(_PAUSE, _pause),
            rss=read(_TABLE, _rss),
            fec=why,
            private_flags=read(_FLAGS, _flags),
            statistics=read(_STATISTICS, _statistics),
        ),
        driver=driver,
        speed_mbps=int(speed[1]) if speed else None,
        duplex=duplex if duplex in ("full", "half") else None,
        autoneg={"on": True, "off": False}.get(summary.get("Auto-negotiation", "")),
    )


def _parts(lines: Iterable[str]) -> dict[str, list[str]]:
    """Heading → the lines below it. That of `ethtool -i` is a line of its own content."""
    parts: dict[str, list[str]] = {}
    current: list[str] = []
    for line in lines:
        heading = next((each for each in _HEADINGS if line.startswith(each)), None)
        if heading is not None:
            current = parts.setdefault(heading, [])
        current.append(line)
    return parts


def _pairs(lines: Iterable[str]) -> dict[str, str]:
    split = (line.partition(":") for line in lines)
    return {key.strip(): value.strip() for key, _colon, value in split}


def _driver(lines: list[str]) -> Driver:
    found = _pairs(lines)
    return Driver(
        name=found.get("driver", ""),
        version=found.get("version", ""),
        firmware=found.get("firmware-version", ""),
        bus=found.get("bus-info", ""),
    )


def _maximum_and_current(lines: list[str]) -> tuple[dict[str, str], dict[str, str]]:
    """What stands below "Pre-set maximums:" and "Current hardware settings:"."""
    at = next(n for n, line in enumerate(lines) if line.startswith("Current hardware settings"))
    return _pairs(lines[:at]), _pairs(lines[at:])


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() else None


def _channels(lines: list[str]) -> Channels:
    limits, now = _maximum_and_current(lines)
    names = {"rx": "RX", "tx": "TX", "other": "Other", "combined": "Combined"}
    counts = {name: _number(now.get(shown)) or 0 for name, shown in names.items()}
    most = {f"{name}_max": _number(limits.get(shown)) or 0 for name, shown in names.items()}
    return Channels(**counts, **most)


def _ring(lines: list[str]) -> Ring:
    limits, now = _maximum_and_current(lines)
    fields: dict[str, Any] = {}
    for shown, name in _RINGS_NAMED.items():
        word = now.get(shown)
        if word in ("on", "off"):
            fields[name] = word if name == "tcp_data_split" else word == "on"
        else:
            fields[name] = _number(word)
    jumbo = _number(limits.get("RX Jumbo"))
    most = {name: _number(limits.get(shown)) or 0 for shown, name in (("RX", "rx"), ("TX", "tx"))}
    return Ring(
        **fields | {"rx": fields["rx"] or 0, "tx": fields["tx"] or 0},
        rx_max=most["rx"],
        tx_max=most["tx"],
        rx_jumbo_max=jumbo,
    )


def _coalesce(lines: list[str]) -> Coalesce:
    text = "\n".join(lines)
    fields: dict[str, bool | int | None] = {}
    for name, words in (("adaptive", "Adaptive"), ("cqe_mode", "CQE mode")):
        found = re.search(rf"^{words} RX: (\S+)\s+TX: (\S+)", text, re.M)
        for way, word in zip(("rx", "tx"), found.groups() if found else (), strict=bool(found)):
            fields[f"{name}_{way}"] = {"on": True, "off": False}.get(word)
    for key, value in _pairs(lines).items():
        name = key.replace("-", "_")
        if name in Coalesce.__dataclass_fields__:
            fields[name] = _number(value)
    return Coalesce(**fields)  # type: ignore[arg-type]


def _rss(lines: list[str]) -> Rss:
    """The table and the function. A recording does not hold the key: "(left out)" stands for it."""
    table: list[int] = []
    function = "unknown"
    for line in lines:
        key, _colon, rest = line.partition(":")
        if key.strip().isdecimal():
            table += [int(word) for word in rest.split()]
        elif rest.strip() == "on":
            function = key.strip()
    return Rss(tuple(table), function, key="(left out)" in lines)


def _pause(lines: list[str]) -> Pause:
    on = {name: value == "on" for name, value in _pairs(lines[1:]).items()}
    return Pause(autoneg=on["Autonegotiate"], rx=on["RX"], tx=on["TX"])


def _flags(lines: list[str]) -> dict[str, bool]:
    return {name: value == "on" for name, value in _pairs(lines[1:]).items()}


def _statistics(lines: list[str]) -> list[tuple[str, int]]:
    pairs = (line[_INDENT:].rpartition(": ") for line in lines[1:])
    return [(name, int(value)) for name, _colon, value in pairs]
