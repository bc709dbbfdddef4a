"""From findings to an ordered list of changes that remove them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from advisor import settings
from advisor.engine.order import in_order
from advisor.engine.targets import merge
from advisor.errors import AdvisorError
from advisor.expression import Unknown
from advisor.model.address import Address, SysctlAddress
from advisor.model.finding import Finding, Status
from advisor.model.host import Host
from advisor.model.plan import Change, Left, Plan

_RISKS = ("low", "medium", "high")
_DISRUPTIONS = ("none", "link", "reboot")


def make_plan(
    host: Host,
    findings: Sequence[Finding],
    judge: Callable[[Host], Sequence[Finding]],
    profile: str,
) -> Plan:
    """The plan that removes the failures which a setting can remove.

    Args:
        host: The facts.
        findings: What the rules say about it; waived failures are not changed.
        judge: What the rules say about a host, to simulate the plan.
        profile: Name of the profile, for the record.

    Raises:
        AdvisorError: Two rules contradict each other, or the simulation shows that a change does
            not remove the failure it is for: then there is no plan.
    """
    wanted = merge([each for each in findings if each.status is not Status.WAIVED])
    whole = _whole_vectors(host, wanted)
    after = simulated(host, {address: value for address, (_, value) in whole.items()})
    later = list(judge(after))
    unsolved = [each for each in later if each.status is Status.FAIL and each.setting in wanted]
    if unsolved:
        first = unsolved[0]
        raise AdvisorError(
            f"rule {first.rule.id} still fails after {first.setting} is set to "
            f"{wanted[first.setting] if first.setting else ''!r}: this is a fault of the rules",
            f"leave it out with --ignore {first.rule.id}",
        )
    failed = [each for each in findings if each.status is Status.FAIL]
    still = {(each.rule.id, each.target) for each in later if each.status is Status.FAIL}
    gone = {each.rule.id for each in failed if (each.rule.id, each.target) not in still}
    commands = settings.commands(host, wanted)
    return Plan(
        hostname=host.collection.hostname,
        at=host.collection.at,
        profile=profile,
        changes=tuple(
            _change(address, *whole[address], _wanting(address, failed), commands)
            for address in in_order(whole)
        ),
        solved=tuple(sorted(gone)),
        left=tuple(
            Left(each.rule.id, each.target, each.message, each.advice)
            for each in failed
            if (each.rule.id, each.target) in still
        ),
    )


def simulated(host: Host, values: dict[Address, Any]) -> Host:
    """The host as it would be with other values: nothing is written."""
    for address, value in values.items():
        host = settings.replaced(host, address, value)
    return host


def _whole_vectors(host: Host, wanted: dict[Address, Any]) -> dict[Address, tuple[Any, Any]]:
    """Setting → value before and after, the fields of a vector put together."""
    fields: dict[SysctlAddress, dict[int, Any]] = defaultdict(dict)
    result: dict[Address, tuple[Any, Any]] = {}
    for address, value in wanted.items():
        if isinstance(address, SysctlAddress) and address.index is not None:
            fields[SysctlAddress(address.key)][address.index] = value
        else:
            result[address] = (_known(host, address), value)
    for whole, changed in fields.items():
        before, start = _known(host, whole), result.get(whole, (None, None))[1]
        after = list(before if start is None else start)
        for index, value in changed.items():
            after[index] = value
        result[whole] = (before, tuple(after))
    return result


def _known(host: Host, address: Address) -> Any:
    value = settings.read(host, address)
    if isinstance(value, Unknown):
        raise AdvisorError(f"{address}: its value is not known: {value.reason}")
    return value


def _wanting(address: Address, failed: Iterable[Finding]) -> list[Finding]:
    """The failures that a change is for."""
    return [each for each in failed if each.setting is not None and _covers(address, each.setting)]


def _covers(address: Address, setting: Address) -> bool:
    if isinstance(address, SysctlAddress) and isinstance(setting, SysctlAddress):
        return address.key == setting.key
    return address == setting


def _change(
    address: Address,
    before: Any,
    after: Any,
    wanting: Sequence[Finding],
    commands: dict[Address, tuple[str, ...]],
) -> Change:
    fixes = [each.fix for each in wanting if each.fix is not None]
    lines = [commands[each.setting] for each in wanting if each.setting in commands]
    return Change(
        address=address,
        before=before,
        after=after,
        rules=tuple(sorted({each.rule.id for each in wanting})),
        risk=_worst(_RISKS, (fix.risk for fix in fixes)),
        disrupts=_worst(_DISRUPTIONS, (fix.disrupts for fix in fixes)),
        notes=tuple(dict.fromkeys(fix.note for fix in fixes if fix.note)),
        commands=lines[0] if lines else (),
    )


def _worst(scale: tuple[str, ...], given: Iterable[str]) -> str:
    return max(given, key=scale.index, default=scale[0])
