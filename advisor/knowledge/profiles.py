"""Reads profile files and merges a profile with its parents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from advisor.errors import AdvisorError
from advisor.expression import ExpressionError, parse
from advisor.expression.template import parse_template
from advisor.knowledge import compiled
from advisor.knowledge.document import Document
from advisor.model.profile import Param, Profile, Sign
from advisor.model.rule import Severity

_TYPES: dict[str, tuple[type, ...]] = {
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "string": (str,),
}


def profile_names(folder: Path) -> list[str]:
    """Names of the profiles in a folder."""
    return sorted(path.stem for path in folder.glob("*.yaml"))


def load_profile(folder: Path, name: str, *, trusted: bool = True) -> Profile:
    """A profile with its parents merged in: the child's values win.

    Raises:
        AdvisorError: It does not exist, is not valid, or extends itself.
    """
    return merge_chain(name, lambda wanted: _load_one(folder, wanted, trusted))


def merge_chain(name: str, load: Callable[[str], Profile]) -> Profile:
    """A profile with its parents merged in.

    Args:
        name: The profile.
        load: Gives the profile of a name, alone.

    Raises:
        AdvisorError: It extends itself, or changes what a parent says in a way that is not allowed.
    """
    chain: list[Profile] = []
    wanted: str | None = name
    while wanted is not None:
        if any(profile.name == wanted for profile in chain):
            names = " → ".join([*(profile.name for profile in chain), wanted])
            raise AdvisorError(f"{chain[-1].file}: profiles extend each other: {names}")
        chain.append(load(wanted))
        wanted = chain[-1].extends
    merged = chain.pop()
    while chain:
        merged = _merge(merged, chain.pop())
    return merged


def read_profiles(folder: Path, *, force: bool = False) -> dict[str, Any]:
    """The data of the profiles in a trusted folder (the shipped one), by file name."""
    return compiled.read_all(folder, sorted(folder.glob("*.yaml")), _read, force=force)


def check_param(name: str, param: Param, value: Any, where: str) -> Any:
    """The value of a parameter, if it is allowed.

    Raises:
        AdvisorError: Its type or size is wrong; `where` says who gave it.
    """
    wanted = _TYPES[param.type]
    fits = isinstance(value, wanted) and (param.type == "boolean" or not isinstance(value, bool))
    if not fits:
        raise AdvisorError(f"{where}: {name} has to be of type {param.type}, not {value!r}")
    if param.choices and value not in param.choices:
        raise AdvisorError(f"{where}: {name} has to be one of {', '.join(param.choices)}")
    if param.minimum is not None and value < param.minimum:
        raise AdvisorError(f"{where}: {name} has to be at least {param.minimum} {param.unit}")
    if param.maximum is not None and value > param.maximum:
        raise AdvisorError(f"{where}: {name} can be at most {param.maximum} {param.unit}")
    return value


def _load_one(folder: Path, name: str, trusted: bool) -> Profile:
    names = profile_names(folder)
    if name not in names:
        import difflib

        close = difflib.get_close_matches(name, names, 1)
        raise AdvisorError(
            f"there is no profile {name!r}",
            (f"did you mean {close[0]}? " if close else "") + "profiles: " + ", ".join(names),
        )
    if trusted:
        return load_shipped_profile(folder, name)
    path = folder / f"{name}.yaml"
    return build_profile(read_outside_profile(path), str(path))


def load_shipped_profile(folder: Path, name: str) -> Profile:
    """One profile of a trusted folder, without its parents."""
    file = f"{name}.yaml"
    return build_profile(read_profiles(folder)[file], file)


def read_outside_profile(path: Path) -> dict[str, Any]:
    """The data of a profile that anyone may have written: everything is checked.

    Raises:
        AdvisorError: With file, line and column.
    """
    from advisor.knowledge.yaml_reader import read_file

    document = read_file(path)
    _check(document)
    data: dict[str, Any] = document.data
    return data


def _read(path: Path) -> Any:
    from advisor.knowledge.yaml_reader import read_file

    return read_file(path, path.name).data


def _check(document: Document) -> None:
    if not isinstance(document.data, dict):
        raise document.error((), "a profile is a mapping of keys to values")
    from advisor.knowledge.schema import validate

    validate(document, "profile")
    if Path(document.file).stem != document.data["name"]:
        raise document.error(("name",), f"the file has to be called {document.data['name']}.yaml")
    for index, sign in enumerate(document.data.get("detect", [])):
        try:
            parse(sign["if"])
            parse_template(sign["because"])
        except ExpressionError as error:
            raise document.error(("detect", index), error.message, error.hint) from None


def build_profile(raw: dict[str, Any], file: str) -> Profile:
    """A profile from its data, which has been checked."""
    rules = raw.get("rules", {})
    return Profile(
        name=raw["name"],
        title=raw["title"],
        description=raw["description"].strip(),
        extends=raw.get("extends"),
        detect=tuple(Sign(item["if"], item["because"]) for item in raw.get("detect", [])),
        params={name: _param(item) for name, item in raw.get("params", {}).items()},
        select=tuple(rules.get("select", [])),
        ignore=tuple(rules.get("ignore", [])),
        severity={key: Severity(value) for key, value in rules.get("severity", {}).items()},
        origin=dict.fromkeys(raw.get("params", {}), raw["name"]),
        file=file,
    )


def _param(raw: dict[str, Any]) -> Param:
    return Param(
        type=raw.get("type", ""),
        help=" ".join(raw.get("help", "").split()),
        unit=raw.get("unit", ""),
        default=raw.get("default"),
        source=raw.get("from", ""),
        minimum=raw.get("minimum"),
        maximum=raw.get("maximum"),
        choices=tuple(raw.get("choices", [])),
    )


def _merge(parent: Profile, child: Profile) -> Profile:
    params = dict(parent.params)
    for name, param in child.params.items():
        if name in parent.params:
            param = _override(parent.params[name], param, name, child.file)
        elif not param.type:
            raise AdvisorError(f"{child.file}: {name} is new and needs a type")
        params[name] = param
    return replace(
        child,
        params=params,
        select=(*parent.select, *child.select),
        ignore=tuple(rule for rule in (*parent.ignore, *child.ignore) if rule not in child.select),
        severity={**parent.severity, **child.severity},
        origin={**parent.origin, **child.origin},
    )


def _override(parent: Param, child: Param, name: str, file: str) -> Param:
    if child.type and child.type != parent.type:
        raise AdvisorError(f"{file}: {name} is a {parent.type}; a child cannot change that")
    given = {
        field.name: getattr(child, field.name)
        for field in fields(Param)
        if getattr(child, field.name) not in ("", None, ())
    }
    if child.default is not None and not child.source:
        given["source"] = ""
    merged = replace(parent, **given)
    if merged.default is not None:
        check_param(name, merged, merged.default, file)
    return merged
