"""`advisor schema`: the JSON Schemas of what advisor reads and writes."""

from __future__ import annotations

from typing import Annotated

import typer

from advisor.cli import completions, options


def schema(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[NAME]",
            help="rule, profile, snapshot, report, map; none lists them.",
            autocompletion=completions.schemas,
        ),
    ] = None,
) -> None:
    """Print a JSON Schema."""
    import json

    from advisor.knowledge.schema import load_schema, schema_names

    if name is None:
        options.say("\n".join(schema_names()))
    else:
        options.say(json.dumps(load_schema(name), indent=2))
