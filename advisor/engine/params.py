"""Gives a profile's parameters their values, and says where each came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from advisor.engine.frames import View
from advisor.errors import AdvisorError
from advisor.expression import Unknown, parse
from advisor.knowledge.profiles import check_param
from advisor.model.host import Host
from advisor.model.profile import Param, Profile

_WORDS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


@dataclass(frozen=True, slots=True)
class Resolved:
    """A parameter's value.

    Attributes:
        value: The value.
        origin: Who set it: "--param", "ADVISOR_PARAM_RTT_MS", "profile edge-proxy", or
            "facts (…)" with the expression that gave it.
    """

    value: Any
    origin: str


def resolve(
    profile: Profile,
    host: Host,
    command_line: Mapping[str, str] | None = None,
    environment: Mapping[str, str] | None = None,
    site: Mapping[str, tuple[Any, str]] | None = None,
) -> dict[str, Resolved]:
    """Every parameter of a profile with its value.

    Precedence: command line, environment (`ADVISOR_PARAM_<NAME>`), the site's configuration, facts,
    profile, parents. A parameter's `from:` expression may use the parameters declared before it.

    Args:
        profile: The profile.
        host: The facts.
        command_line: Parameter → text.
        environment: The environment.
        site: Parameter → (value, file that gives it).

    Raises:
        AdvisorError: A name is unknown, or a value is not allowed.
    """
    given = dict(command_line or {})
    for name in (*given, *(site or ())):
        if name not in profile.params:
            import difflib

            close = difflib.get_close_matches(name, profile.params, 1)
            raise AdvisorError(
                f"profile {profile.name} has no parameter {name!r}",
                f"did you mean {close[0]}?"
                if close
                else f"see: advisor profile show {profile.name}",
            )
    so_far: dict[str, Any] = {}
    view = View(host, so_far)
    result = {}
    for name, param in profile.params.items():
        variable = f"ADVISOR_PARAM_{name.upper()}"
        if name in given:
            result[name] = Resolved(from_text(name, param, given[name], "--param"), "--param")
        elif environment and variable in environment:
            value = from_text(name, param, environment[variable], variable)
            result[name] = Resolved(value, variable)
        elif site and name in site:
            value, file = site[name]
            result[name] = Resolved(check_param(name, param, value, file), file)
        else:
            result[name] = _from_profile(name, param, profile, view)
        so_far[name] = result[name].value
    return result


def values(resolved: Mapping[str, Resolved]) -> dict[str, Any]:
    """Only the values: what rules see as `params`."""
    return {name: item.value for name, item in resolved.items()}


def as_text(value: Any) -> str:
    """A parameter's value as `--param` takes it; "unknown" for none."""
    if value is None:
        return "unknown"
    return str(value).lower() if isinstance(value, bool) else str(value)


def from_text(name: str, param: Param, text: str, where: str) -> Any:
    """A parameter's value as given on a command line.

    Raises:
        AdvisorError: It is not of the parameter's type, or out of range.
    """
    value: Any = text
    if param.type == "boolean":
        value = _WORDS.get(text.lower(), text)
    elif param.type in ("number", "integer"):
        try:
            value = int(text)
        except ValueError:
            value = _float(text) if param.type == "number" else text
    return check_param(name, param, value, where)


def _float(text: str) -> float | str:
    try:
        value = float(text)
    except ValueError:
        return text
    return value if abs(value) < 1e18 else text


def _from_profile(name: str, param: Param, profile: Profile, view: View) -> Resolved:
    if param.source:
        value = parse(param.source).evaluate(view.frame())
        if not isinstance(value, Unknown):
            bounded = _bounded(param, value)
            return Resolved(bounded, f"facts ({param.source})")
    return Resolved(param.default, f"profile {profile.origin[name]}")


def _bounded(param: Param, value: Any) -> Any:
    """A value found among the facts, moved into the parameter's range."""
    if param.type in ("number", "integer"):
        if param.minimum is not None:
            value = max(value, param.minimum)
        if param.maximum is not None:
            value = min(value, param.maximum)
    return value
