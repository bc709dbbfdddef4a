"""A strict reader for the YAML subset that rules and profiles use.

No anchors, aliases, merge keys, tags or duplicate keys; scalars are decimal integers, floats,
true/false, null and strings. Anything else that YAML 1.1 would silently turn into a number (`010`,
`1:30`, `0x1f`, `1_000`) is an error; words such as `on` and `no` are strings. Documents are bounded
in size, depth and number of nodes, and nothing here recurses, so hostile input ends in an error.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from advisor.errors import AdvisorError
from advisor.knowledge.document import Document, Place

MAX_BYTES = 256 * 1024
MAX_DEPTH = 32
MAX_NODES = 20_000

_INT = re.compile(r"[-+]?(0|[1-9][0-9]{0,18})")
_FLOAT = re.compile(r"[-+]?[0-9]+\.[0-9]*([eE][-+]?[0-9]{1,3})?")
_LOOKS_NUMERIC = re.compile(
    r"[-+]?(0[0-9_xob]|[0-9][0-9_:]*$|\.[0-9]|\.(inf|nan)$|[0-9.]+e[-+]?[0-9]+$)", re.I
)
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "": None, "~": None}


def read_file(path: Path, shown: str | None = None) -> Document:
    """Read and parse a file.

    Raises:
        AdvisorError: It cannot be read, or is not in the subset.
    """
    name = shown or str(path)
    try:
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise AdvisorError(f"{name}: cannot be read: {error.strerror}") from None
    if len(raw) > MAX_BYTES:
        raise AdvisorError(f"{name}: larger than {MAX_BYTES // 1024} KiB")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise AdvisorError(f"{name}: not UTF-8 text (byte {error.start})") from None
    return parse(text, name)


def parse(text: str, file: str) -> Document:
    """Parse `text`; `file` is its name in messages.

    Raises:
        AdvisorError: It is not in the subset.
    """
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise AdvisorError(f"{file}: larger than {MAX_BYTES // 1024} KiB")
    builder = _Builder(file)
    try:
        for event in _events(text):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        problem = error.problem or "not valid YAML"
        raise AdvisorError(f"{file}:{line}:{column}: {problem}") from None
    except (yaml.YAMLError, ValueError) as error:
        message = " ".join(str(error).split())
        raise AdvisorError(f"{file}:1:1: not valid YAML: {message}") from None
    return Document(file, builder.result, builder.marks)


def _events(text: str) -> Iterator[Any]:
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return iter(yaml.parse(text, Loader=loader))


class _Builder:
    """Builds data from parser events with an explicit stack."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.result: Any = None
        self.marks: dict[Place, tuple[int, int]] = {}
        self._stack: list[tuple[dict[str, Any] | list[Any], Place]] = []
        self._key: list[str | None] = []
        self._nodes = 0
        self._documents = 0

    def take(self, event: Any) -> None:
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise self._error(event, "more than one document in the file")
        elif isinstance(event, yaml.AliasEvent):
            raise self._error(event, "aliases are not allowed")
        elif isinstance(event, yaml.NodeEvent):
            self._node(event)
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            self._stack.pop()
            self._key.pop()

    def _node(self, event: Any) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise self._error(event, f"more than {MAX_NODES} values")
        if event.anchor is not None:
            raise self._error(event, "anchors are not allowed")
        if event.tag is not None:
            raise self._error(event, "tags are not allowed")
        if isinstance(event, yaml.ScalarEvent):
            if self._awaits_key():
                self._take_key(event)
            else:
                self._place(event, self._scalar(event))
            return
        if self._awaits_key():
            raise self._error(event, "a key must be a plain word")
        if len(self._stack) >= MAX_DEPTH:
            raise self._error(event, f"nested more than {MAX_DEPTH} deep")
        empty: dict[str, Any] | list[Any] = {} if isinstance(event, yaml.MappingStartEvent) else []
        place = self._place(event, empty)
        self._stack.append((empty, place))
        self._key.append(None)

    def _awaits_key(self) -> bool:
        return bool(self._stack) and isinstance(self._stack[-1][0], dict) and self._key[-1] is None

    def _take_key(self, event: Any) -> None:
        container, place = self._stack[-1]
        key: str = event.value
        if key == "<<" and event.implicit[0]:
            raise self._error(event, "merge keys are not allowed")
        if key in container:
            there = (*place, key)
            line = self.marks[there][0]
            raise self._error(event, f"the key {key!r} is already set in line {line}")
        self._key[-1] = key

    def _place(self, event: Any, value: Any) -> Place:
        place: Place = ()
        if self._stack:
            container, outer = self._stack[-1]
            if isinstance(container, dict):
                key = self._key[-1]
                assert key is not None
                container[key] = value
                self._key[-1] = None
                place = (*outer, key)
            else:
                container.append(value)
                place = (*outer, len(container) - 1)
        else:
            self.result = value
        self.marks[place] = (event.start_mark.line + 1, event.start_mark.column + 1)
        return place

    def _scalar(self, event: Any) -> Any:
        text: str = event.value
        if not event.implicit[0]:
            return text
        if text in _WORDS:
            return _WORDS[text]
        if _INT.fullmatch(text):
            return int(text)
        if _FLOAT.fullmatch(text) and math.isfinite(float(text)):
            return float(text)
        if _LOOKS_NUMERIC.match(text) or _FLOAT.fullmatch(text):
            raise self._error(event, f"{text!r} could be read as different numbers: quote it")
        return text

    def _error(self, event: Any, message: str) -> AdvisorError:
        mark = event.start_mark
        return AdvisorError(f"{self.file}:{mark.line + 1}:{mark.column + 1}: {message}")
