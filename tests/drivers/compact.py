"""Short form of the recorded texts: a line for many queues at once.

`{0..7}` in a line stands for 0, 1, … 7, one line for each. Several of them in a line count together
(they must have as many numbers), so that `rx{0..3}: irq {40..43}` is four lines, not sixteen.
`{0..6..2}` counts by twos.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from advisor.knowledge.yaml_reader import parse

_RANGE = re.compile(r"\{(\d+)\.\.(\d+)(?:\.\.(\d+))?\}")


def expand(text: str) -> list[str]:
    """The lines of `text`, written out; empty ones and comments ("# ") are left out.

    Raises:
        ValueError: The ranges of a line differ in length.
    """
    lines = (line for line in text.splitlines() if line.strip() and not line.startswith("# "))
    return [each for line in lines for each in _written_out(line)]


def read_lines(file: Path) -> list[str]:
    """The lines of a file, written out."""
    return expand(file.read_text(encoding="utf-8"))


def read_yaml(file: Path) -> Any:
    """What a YAML file holds, its lines written out before it is parsed."""
    return parse("\n".join(read_lines(file)) + "\n", str(file)).data


def _written_out(line: str) -> list[str]:
    ranges = [
        range(int(match[1]), int(match[2]) + 1, int(match[3] or 1))
        for match in _RANGE.finditer(line)
    ]
    if not ranges:
        return [line]
    if len({len(numbers) for numbers in ranges}) > 1:
        raise ValueError(f"the ranges differ in length: {line}")
    texts = _RANGE.split(line)[:: _RANGE.groups + 1]
    return [
        "".join(f"{text}{value}" for text, value in zip(texts, (*values, ""), strict=True))
        for values in zip(*ranges, strict=True)
    ]
