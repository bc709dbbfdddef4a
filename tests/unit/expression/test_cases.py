"""Every operator, function and kind of absence, as a table: cases.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from advisor.expression import ExpressionError, Unknown, parse
from advisor.expression.functions import FUNCTIONS, OF_PATH, OVER_GENERATOR
from advisor.model.unavailable import Unavailable
from tests.unit.expression.frames import frame_of

GROUPS = yaml.safe_load((Path(__file__).parent / "cases.yaml").read_text("utf-8"))
CASES = [(group, case) for group in GROUPS for case in group["cases"]]
KEYS = {"of", "is", "unknown", "at", "absent", "error"}


@pytest.mark.parametrize(("group", "case"), CASES, ids=[case["of"] for _, case in CASES])
def test_an_expression_gives_what_the_table_says(
    group: dict[str, Any], case: dict[str, Any]
) -> None:
    assert case.keys() <= KEYS
    if "error" in case:
        with pytest.raises(ExpressionError) as raised:
            parse(case["of"])
        assert case["error"] in raised.value.message
        return
    before = _facts(group["before"]) if "before" in group else None
    value = parse(case["of"]).evaluate(
        frame_of(_facts(group["facts"]), before, group.get("seconds", 0.0))
    )
    if "unknown" in case:
        assert isinstance(value, Unknown)
        assert case["unknown"] in value.reason
        assert value.path == case.get("at", value.path)
        assert value.absent is case.get("absent", value.absent)
    else:
        wanted = _facts(case["is"])
        assert value == wanted
        assert type(value) is type(wanted)


def test_the_table_uses_every_function() -> None:
    text = " ".join(case["of"] for _, case in CASES)
    missing = [name for name in (*FUNCTIONS, *OVER_GENERATOR, *OF_PATH) if f"{name}(" not in text]
    assert missing == []


def _facts(value: Any) -> Any:
    """The facts that a piece of YAML stands for: see the head of cases.yaml."""
    if isinstance(value, dict):
        if "unavailable" in value:
            return Unavailable(value["unavailable"], value.get("absent", False))
        return {key: _facts(item) for key, item in value.items()}
    return tuple(map(_facts, value)) if isinstance(value, list) else value
