"""Records of a run as plain JSON data, and back.

`from_data` checks everything, as if a stranger had written it. The writer reads back what it is
about to write, and the reader compares with how it would have been written: so there is one form
of a record, and nothing is written that cannot be read.
"""

from __future__ import annotations

import re
from typing import Any

from advisor.changes import ids
from advisor.changes.fields import (
    ITEMS_MAX,
    as_object,
    digest,
    flag,
    items,
    natural,
    number,
    optional,
    present,
    short,
    text,
    time,
)
from advisor.changes.settings_data import (
    address_data,
    address_from,
    interface_name,
    value_data,
    value_from,
)
from advisor.model.receipt import (
    Device,
    Effect,
    Event,
    Figure,
    Held,
    JournalRecord,
    Operation,
    Origin,
    Outcome,
    PersistedFile,
    Phase,
    Result,
    State,
    Transaction,
    Trigger,
    Verdict,
)

VERSION = 1
OPERATIONS_MAX = 10_000
_HOST = "host"
# Below /etc, and no component that leads elsewhere or is invisible.
_PATH = re.compile(r"/etc(/(?!\.{1,2}(/|\Z))[^/\x00-\x1f\x7f]{1,255}){1,16}")


def to_data(record: JournalRecord) -> dict[str, Any]:
    """The record as plain data. Fields that are None or empty are left out."""
    if isinstance(record, Transaction):
        return {
            "record": "begin",
            "v": VERSION,
            "id": record.id,
            "advisor": record.advisor,
            "boot": record.origin.boot_id,
            "host": record.origin.hostname,
            "netns": record.origin.netns,
            **present(machine=record.origin.machine or None),
            "at": record.started,
            "profile": record.profile,
            "plan": record.plan,
            "operations": [_operation_data(each) for each in record.operations],
            **present(
                devices={each.name: each.index for each in record.devices} or None,
                runtime_only=record.runtime_only or None,
                trigger=None if record.trigger is Trigger.PERSON else record.trigger.value,
            ),
        }
    if isinstance(record, Event):
        return present(
            record="state",
            state=record.state.value,
            at=record.at,
            note=record.note,
            until=record.until,
            watchdog=record.watchdog,
            files=[_file_data(each) for each in record.files] or None,
            held=[_held_data(each) for each in record.held] or None,
        )
    if isinstance(record, Result):
        return present(
            record="result",
            operation=record.operation,
            phase=record.phase.value,
            verdict=record.verdict.value,
            read=value_data(record.read),
            problem=record.problem,
        )
    return {
        "record": "outcome",
        "seconds": float(record.seconds),
        "figures": [_figure_data(each) for each in record.figures],
    }


def from_data(data: Any) -> JournalRecord:
    """The record that `to_data` made the data of.

    Raises:
        ValueError: It is not a record, or tells what must not be recorded.
    """
    fields = as_object(data)
    kind = fields.get("record")
    if kind == "begin":
        return _transaction_from(fields)
    if kind == "state":
        return Event(
            state=State(text(fields, "state")),
            at=time(fields, "at"),
            note=optional(fields, "note", text),
            until=optional(fields, "until", time),
            watchdog=optional(fields, "watchdog", short),
            files=tuple(_file_from(each) for each in items(fields, "files")),
            held=tuple(_held_from(each, None) for each in items(fields, "held")),
        )
    if kind == "result":
        return Result(
            operation=natural(fields, "operation"),
            phase=Phase(text(fields, "phase")),
            verdict=Verdict(text(fields, "verdict")),
            read=value_from(fields.get("read")),
            problem=optional(fields, "problem", text),
        )
    if kind == "outcome":
        return Outcome(
            seconds=number(fields, "seconds"),
            figures=tuple(_figure_from(each) for each in items(fields, "figures")),
        )
    raise ValueError("a kind of record that this version of advisor does not know")


def _transaction_from(fields: dict[str, Any]) -> Transaction:
    if fields.get("v") != VERSION:
        raise ValueError("written by a version of advisor that this one does not understand")
    run = text(fields, "id")
    if not ids.is_id(run):
        raise ValueError("the run has no proper id")
    operations = tuple(_operation_from(each, run) for each in items(fields, "operations"))
    if len(operations) > OPERATIONS_MAX:
        raise ValueError(f"more than {OPERATIONS_MAX} operations")
    seen = set()
    for each in operations:
        if each.address in seen:
            raise ValueError(f"{each.address} is changed twice in one run")
        seen.add(each.address)
    return Transaction(
        id=run,
        advisor=short(fields, "advisor"),
        origin=Origin(
            boot_id=short(fields, "boot"),
            hostname=text(fields, "host"),
            netns=natural(fields, "netns"),
            machine=optional(fields, "machine", short) or "",
        ),
        started=time(fields, "at"),
        profile=text(fields, "profile"),
        plan=digest(fields, "plan"),
        operations=operations,
        devices=_devices_from(fields),
        runtime_only=optional(fields, "runtime_only", flag) or False,
        trigger=Trigger(optional(fields, "trigger", text) or Trigger.PERSON.value),
    )


def _devices_from(fields: dict[str, Any]) -> tuple[Device, ...]:
    data = as_object(fields.get("devices", {}))
    if len(data) > ITEMS_MAX:
        raise ValueError(f"more than {ITEMS_MAX} interfaces")
    return tuple(Device(interface_name(name), natural(data, name)) for name in data)


def _operation_data(operation: Operation) -> dict[str, Any]:
    return {
        "setting": address_data(operation.address),
        "before": value_data(operation.before),
        "after": value_data(operation.after),
        **present(
            rules=list(operation.rules) or None,
            over=operation.over,
            joined=operation.joined or None,
            dependent=[_held_data(each) for each in operation.dependent] or None,
        ),
    }


def _operation_from(data: Any, run: str) -> Operation:
    fields = as_object(data)
    return Operation(
        address=address_from(fields.get("setting")),
        before=value_from(fields.get("before")),
        after=value_from(fields.get("after")),
        rules=tuple(text({"rules": each}, "rules") for each in items(fields, "rules")),
        over=_over(fields, run),
        joined=optional(fields, "joined", flag) or False,
        dependent=tuple(_held_from(each, run) for each in items(fields, "dependent")),
    )


def _held_data(held: Held) -> dict[str, Any]:
    data = {"setting": address_data(held.address), "value": value_data(held.value)}
    return data if held.over is None else {**data, "over": held.over}


def _held_from(data: Any, run: str | None) -> Held:
    fields = as_object(data)
    value = value_from(fields.get("value"))
    return Held(address_from(fields.get("setting")), value, _over(fields, run))


def _over(fields: dict[str, Any], run: str | None) -> str | None:
    """Ids only lead to older runs, so that following them comes to an end."""
    over = optional(fields, "over", text)
    if over is None:
        return None
    if run is None or not (ids.is_id(over) and ids.order(over) < ids.order(run)):
        raise ValueError("a value is said to be that of a run that is not older")
    return over


def _file_data(file: PersistedFile) -> dict[str, Any]:
    return present(path=file.path, before=file.before, after=file.after)


def _file_from(data: Any) -> PersistedFile:
    fields = as_object(data)
    path = text(fields, "path")
    if not _PATH.fullmatch(path):
        raise ValueError("a file that advisor does not write")
    return PersistedFile(path, *(optional(fields, name, digest) for name in ("before", "after")))


def _figure_data(figure: Figure) -> dict[str, Any]:
    return present(
        rule=figure.rule,
        label=figure.label,
        unit=figure.unit,
        before=float(figure.before),
        after=float(figure.after),
        effect=figure.effect.value,
        target=None if figure.target == _HOST else figure.target,
        note=figure.note,
    )


def _figure_from(data: Any) -> Figure:
    fields = as_object(data)
    return Figure(
        rule=text(fields, "rule"),
        label=text(fields, "label"),
        unit=text(fields, "unit"),
        before=number(fields, "before"),
        after=number(fields, "after"),
        effect=Effect(text(fields, "effect")),
        target=text(fields, "target") if "target" in fields else _HOST,
        note=optional(fields, "note", text),
    )
