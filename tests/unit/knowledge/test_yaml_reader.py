"""The strict YAML subset."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from advisor.errors import AdvisorError
from advisor.knowledge.yaml_reader import MAX_BYTES, parse, read_file

BAD = {
    "duplicate key": ("a: 1\nb: 2\na: 3", "f.yaml:3:1: the key 'a' is already set in line 1"),
    "alias": ("a: &x [1]\nb: *x", "f.yaml:1:4: anchors are not allowed"),
    "alias alone": ("b: *x", "f.yaml:1:4: aliases are not allowed"),
    "alias bomb": (
        "a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nd: [*c,*c]",
        "f.yaml:1:4: anchors are not allowed",
    ),
    "merge": ("a: {<<: {b: 1}}", "f.yaml:1:5: merge keys are not allowed"),
    "merge bomb": ("<<: [{<<: [{a: 1}, {b: 1}]}]", "f.yaml:1:1: merge keys are not allowed"),
    "tag": ("a: !!python/object/apply:os.system ['true']", "f.yaml:1:4: tags are not allowed"),
    "octal": ("a: 010", "f.yaml:1:4: '010' could be read as different numbers: quote it"),
    "sexagesimal": ("a: 1:30", "f.yaml:1:4: '1:30' could be read as different numbers: quote it"),
    "underscores": ("a: 1_000", "f.yaml:1:4: '1_000' could be read as different numbers: quote it"),
    "hexadecimal": ("a: 0x1f", "f.yaml:1:4: '0x1f' could be read as different numbers: quote it"),
    "exponent": ("a: 1e3", "f.yaml:1:4: '1e3' could be read as different numbers: quote it"),
    "infinity": ("a: .inf", "f.yaml:1:4: '.inf' could be read as different numbers: quote it"),
    "overflow": ("a: 1e999", "f.yaml:1:4: '1e999' could be read as different numbers: quote it"),
    "flow nesting": ("[" * 50_000, "f.yaml:1:33: nested more than 32 deep"),
    "block nesting": ("- " * 50_000, "f.yaml:1:65: nested more than 32 deep"),
    "mapping nesting": ("{a: " * 50_000, "f.yaml:1:129: nested more than 32 deep"),
    "list as key": ("? [a]\n: 1", "f.yaml:1:3: a key must be a plain word"),
    "two documents": ("--- 1\n--- 2", "f.yaml:2:1: more than one document in the file"),
    "not YAML": ("a: b: c", "f.yaml:1:5: mapping values are not allowed in this context"),
}

GOOD: dict[str, Any] = {
    "a: on\nb: no\nc: y": {"a": "on", "b": "no", "c": "y"},
    "a: true\nb: false\nc: null\nd:": {"a": True, "b": False, "c": None, "d": None},
    "a: '010'\nb: \"1:30\"": {"a": "010", "b": "1:30"},
    "a: 10.0.0.0/8\nb: 1.2.3": {"a": "10.0.0.0/8", "b": "1.2.3"},
    "a: 2026-01-01": {"a": "2026-01-01"},
    "a: -5\nb: 2.5\nc: 1.0e3": {"a": -5, "b": 2.5, "c": 1000.0},
    "1: x": {"1": "x"},
    "a: 128 * KiB": {"a": "128 * KiB"},
    "a: |\n  two\n  lines\n": {"a": "two\nlines\n"},
    "": None,
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_not_in_the_subset_is_an_error_with_its_place(name: str) -> None:
    text, message = BAD[name]
    with pytest.raises(AdvisorError) as caught:
        parse(text, "f.yaml")
    assert caught.value.message == message


@pytest.mark.parametrize("text", GOOD, ids=repr)
def test_scalars_are_what_they_look_like(text: str) -> None:
    assert parse(text, "f.yaml").data == GOOD[text]


def test_a_syntax_error_names_its_place() -> None:
    with pytest.raises(AdvisorError, match=r"^f\.yaml:2:\d+: "):
        parse("a: 1\nb: [1, }", "f.yaml")


def test_values_remember_their_place() -> None:
    document = parse("a: 1\nb:\n  - x\n  - y: 2\n", "f.yaml")
    assert document.marks["b", 1, "y"] == (4, 8)
    assert document.error(("b", 1, "y", "beyond"), "wrong").message == "f.yaml:4:8: wrong"


def test_too_many_values_are_refused() -> None:
    with pytest.raises(AdvisorError, match="more than 20000 values"):
        parse("[" + "1," * 30_000 + "]", "f.yaml")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"x" * (MAX_BYTES + 1), "larger than 256 KiB"),
        (b"a: \xff\xfe", "not UTF-8 text"),
        (b"a: \x00", "not valid YAML"),
    ],
)
def test_files_that_are_not_text_are_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "f.yaml"
    path.write_bytes(content)
    with pytest.raises(AdvisorError, match=message):
        read_file(path)


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(AdvisorError, match="cannot be read: No such file"):
        read_file(tmp_path / "absent.yaml")


@given(st.text(max_size=200))
def test_arbitrary_text_ends_in_data_or_in_an_error(text: str) -> None:
    try:
        parse(text, "f.yaml")
    except AdvisorError as error:
        assert error.message.startswith("f.yaml")


SCALARS = st.one_of(
    st.booleans(),
    st.none(),
    st.integers(-(10**18), 10**18),
    st.floats(allow_nan=False, allow_infinity=False).map(lambda x: round(x, 3)),
    st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), max_size=20),
)
TREES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.text("abcxyz_", min_size=1, max_size=8), inner, max_size=4),
    ),
    max_leaves=20,
)


@given(TREES)
def test_what_a_yaml_writer_writes_is_read_back(tree: Any) -> None:
    text = yaml.safe_dump(tree, allow_unicode=True, default_style='"' if tree == "" else None)
    if "!!" in text or any(mark in text for mark in ("&id", "*id")):
        return
    try:
        assert parse(text, "f.yaml").data == tree
    except AdvisorError as error:
        assert "quote it" in error.message
