"""One line of a host, as rows of tables; whatever it says, what comes out is short printable text.

Lines come from every host of a fleet and over whatever brings them, so nothing about them is
certain: not their length, their encoding, their types, nor that a name is a name.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from advisor.fleet.kinds import Kinds
from advisor.fleet.plain import Row, Unusable, text

SCHEMA = "advisor.line/v1"
MAX_BYTES = 1 << 18
"""Longest line that is looked at. advisor writes at most 32 KiB."""

_MAX_DRIVERS = 16
_COUNTS = ("unknown", "waived", "error", "warning", "info", "active")
_MOST = 1_000_000
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.\d+)?(?:Z|\+00(?::?00)?)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Line:
    """What a line says, in the order of the columns of `advisor.fleet.tables`.

    Attributes:
        run: About the check as a whole.
        drivers: Drivers of the host.
        findings: What failed, as numbers of kinds.
    """

    run: Row
    drivers: tuple[Row, ...]
    findings: tuple[Row, ...]


def parse(raw: bytes, number: int, at: str, by: str, kinds: Kinds) -> Line:
    """The line as rows.

    Args:
        raw: The line, with or without its end.
        number: What the rows are told apart by.
        at: Time that counts where the line has none.
        by: The label that is the group; the profile stands in for it.
        kinds: Numbers the findings.

    Raises:
        Unusable: It is no line, or one of another version.
    """
    data = _object(raw)
    schema = data.get("schema")
    if schema != SCHEMA:
        raise _other_schema(schema)
    host = text(data.get("host"))
    if not host:
        raise Unusable("no host name")
    labels = data.get("labels")
    labels = labels if isinstance(labels, dict) else {}
    profile = text(data.get("profile"))
    error = data.get("error")
    known: Row = (
        number,
        host,
        _time(data.get("at"), at),
        text(data.get("run")),
        text(labels.get(by)) or profile or "no group",
        text(labels.get("site")),
        profile,
        text(data.get("kernel")),
        text(data.get("platform")),
        text(data.get("advisor")),
    )
    rollout = _rollout(data.get("rollout"))
    if error is not None:
        away = int(data.get("unreachable") is True)
        return Line((*known, text(error) or "no reason given", away, *_NO_CHECK, *rollout), (), ())
    if not data.get("at"):
        raise Unusable("no time of the check")
    counts = _summary(data.get("summary"))
    drivers = data.get("drivers")
    named = {text(each) for each in drivers[:_MAX_DRIVERS]} if isinstance(drivers, list) else ()
    return Line(
        (*known, "", 0, *counts, *_runs(data.get("runs")), _count(data.get("more")), *rollout),
        tuple((number, each) for each in sorted(named) if each),
        tuple((number, kind) for kind in kinds.numbers(data.get("findings"))),
    )


# worst, unknown, waived, error, warning, info, active; waiting, drifted; more
_NO_CHECK = (0, 0, 0, 0, 0, 0, 0, "", 0, 0)


def _object(raw: bytes) -> dict[str, Any]:
    if len(raw) > MAX_BYTES:
        raise Unusable("line that is too long")
    try:
        data = json.loads(raw.decode("utf-8"))
    except UnicodeDecodeError:
        raise Unusable("not UTF-8") from None
    except (ValueError, RecursionError) as error:
        if not raw.strip(b" \t\r\n\0"):
            raise Unusable("empty line") from None
        broken = raw[:1] == b"{" and not raw.rstrip().endswith(b"}")
        if broken:
            raise Unusable("half-written line") from None
        raise Unusable("not JSON", text(str(error))) from None
    if not isinstance(data, dict):
        raise Unusable("not a JSON object")
    return data


def _other_schema(schema: Any) -> Unusable:
    if schema == "advisor.report/v1":
        return Unusable("a whole report instead of a line", "write it with: check -f line")
    if isinstance(schema, str) and schema.startswith("advisor.line/"):
        return Unusable("line of a version that is not known here", text(schema))
    return Unusable("not a line of advisor", text(schema))


def _time(value: Any, otherwise: str) -> str:
    """The time, such that times sort as text."""
    if value is None or value == "":
        return otherwise
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise Unusable("time that is not ISO 8601 in UTC", text(value))
    return f"{match[1]}T{match[2]}Z"


def _summary(value: Any) -> tuple[int, ...]:
    if not isinstance(value, dict):
        raise Unusable("no summary")
    unknown, waived, errors, warnings, infos, active = (_count(value.get(key)) for key in _COUNTS)
    worst = 3 if errors else 2 if warnings else 1 if infos else 0
    return worst, unknown, waived, errors, warnings, infos, active


def _runs(value: Any) -> tuple[str, int]:
    if not isinstance(value, dict):
        return "", 0
    return text(value.get("waiting")), _count(value.get("drifted"))


def _rollout(value: Any) -> tuple[str, str, int, int]:
    """What a rollout did: state, problem, changed settings, whether a reboot is required."""
    if not isinstance(value, dict):
        return "", "", 0, 0
    changes, reboot = _count(value.get("changes")), value.get("reboot_required") is True
    return text(value.get("state")), text(value.get("problem")), changes, int(reboot)


def _count(value: Any) -> int:
    if value is None:
        return 0
    if type(value) is not int or not 0 <= value <= _MOST:
        raise Unusable("a count that is none", text(value))
    return value
