"""JSON Schemas of everything that advisor reads and writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from advisor.errors import AdvisorError
from advisor.knowledge.document import Document, Place

_FOLDER = Path(__file__).parent / "schemas"


def schema_names() -> list[str]:
    """Names that `load_schema` takes."""
    return sorted(path.name.removesuffix(".schema.json") for path in _FOLDER.glob("*.schema.json"))


def load_schema(name: str) -> dict[str, Any]:
    """The JSON Schema called `name`.

    Raises:
        AdvisorError: There is none.
    """
    if name not in schema_names():
        raise AdvisorError(f"there is no schema {name!r}", "schemas: " + ", ".join(schema_names()))
    loaded: dict[str, Any] = json.loads((_FOLDER / f"{name}.schema.json").read_text("utf-8"))
    return loaded


def validate(document: Document, name: str) -> None:
    """Check a document against a schema.

    Raises:
        AdvisorError: With file, line and column of the most telling problem.
    """
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    problems = list(Draft202012Validator(load_schema(name)).iter_errors(document.data))
    problem = best_match(problems)
    if problem is None:
        return
    more = len(problems) - 1
    place: Place = tuple(problem.absolute_path)
    where = ".".join(str(part) for part in place)
    raise document.error(
        place,
        (f"{where}: " if where else "") + problem.message[:300],
        f"{more} more problem{'s' if more > 1 else ''} in this file" if more else None,
    )
