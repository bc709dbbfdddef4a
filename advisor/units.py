"""Numbers for people: bytes, rates, shares, durations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def format_value(value: Any, unit: str = "") -> str:
    """Write a value of an expression for people, in a unit of `FORMATS` ("" picks by type).

    Raises:
        KeyError: There is no such unit.
    """
    if unit and type(value) in (int, float):
        try:
            return FORMATS[unit](value)
        except OverflowError:
            return str(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return _short(value)
    if isinstance(value, (tuple, list)):
        if unit:
            return " ".join(format_value(item, unit) for item in value)
        return " ".join(str(item) for item in value)
    return str(value)


def _short(value: float) -> str:
    if value == 0 or abs(value) >= 1000:
        return f"{value:.0f}"
    if abs(value) >= 10:
        return f"{value:.1f}".removesuffix(".0")
    if abs(value) >= 0.01:
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return f"{value:.2g}"


def _bytes(value: float) -> str:
    if abs(value) < 1024:
        return f"{_short(value)} B"
    for unit in ("KiB", "MiB", "GiB"):
        value /= 1024
        if abs(value) < 1024:
            return f"{_short(round(value, 2))} {unit}"
    return f"{_short(value / 1024)} TiB"


def _scaled(value: float, units: tuple[str, ...]) -> str:
    for unit in units[:-1]:
        if abs(value) < 1000:
            return f"{_short(float(value))} {unit}"
        value /= 1000
    return f"{_short(float(value))} {units[-1]}"


def _bitrate(value: float) -> str:
    return _scaled(value, ("bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s"))


def _count(value: float) -> str:
    if isinstance(value, float) and not value.is_integer():
        return _short(value)
    # Up to five digits as they are: people type these numbers into configuration files.
    return str(int(value)) if abs(value) < 100_000 else f"{int(value):,}".replace(",", "\u202f")


def _seconds(value: float) -> str:
    if abs(value) < 1e-3:
        return f"{_short(value * 1e6)} µs"
    if abs(value) < 1:
        return f"{_short(value * 1e3)} ms"
    if abs(value) < 120:
        return f"{_short(float(value))} s"
    for unit, size in (("min", 60), ("h", 3600), ("days", 86400)):
        if abs(value) < size * 120 or unit == "days":
            return f"{_short(value / size)} {unit}"
    raise AssertionError("unreachable")


FORMATS: dict[str, Callable[[float], str]] = {
    "bytes": _bytes,
    "bitrate": _bitrate,
    "count": _count,
    "percent": lambda value: f"{_short(value * 100)} %",
    "rate": lambda value: f"{_short(float(value))}/s",
    "s": _seconds,
    "ms": lambda value: _seconds(value / 1e3),
    "us": lambda value: _seconds(value / 1e6),
    "mbit": lambda value: _bitrate(value * 1e6),
}
"""Unit name → how a number in that unit is written. Rates are per second, shares 0 to 1."""
