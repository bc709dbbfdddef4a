"""`advisor schema`: the JSON Schemas of what advisor reads and writes."""

from __future__ import annotations

from typing import Annotated

import typer


def schema(
    name: Annotated[
        str | None, typer.Argument(help="rule, profile, snapshot, report; none lists them.")
    ] = None,
) -> None:
    """Print a JSON Schema."""
    import json

    from advisor.knowledge.schema import load_schema, schema_names

    if name is None:
        typer.echo("\n".join(schema_names()))
    else:
        typer.echo(json.dumps(load_schema(name), indent=2, ensure_ascii=False))
