"""The model says what each of its fields is; docs/facts.md repeats it."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil

import pytest

import advisor.model
from scripts.facts_reference import PAGE, attributes, render

CLASSES = [
    cls
    for module in pkgutil.iter_modules(advisor.model.__path__, "advisor.model.")
    for cls in vars(importlib.import_module(module.name)).values()
    if isinstance(cls, type) and dataclasses.is_dataclass(cls) and cls.__module__ == module.name
]


def test_the_model_is_found() -> None:
    assert len(CLASSES) > 30


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_every_field_is_described_and_nothing_else_is(cls: type) -> None:
    assert set(attributes(cls)) == {field.name for field in dataclasses.fields(cls)}


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_a_description_is_a_sentence(cls: type) -> None:
    for name, text in attributes(cls).items():
        assert len(text) > 5, name
        assert not text[0].islower(), f"{name}: {text}"
        assert text.endswith((".", "…")), f"{name}: {text}"


def test_the_page_of_facts_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == render(), "run: python scripts/facts_reference.py"


def test_the_page_names_facts_of_every_shape() -> None:
    page = render()
    for path in (
        "kernel.version",
        "cpu.each[…].times.softirq",
        "nics[…].rx_queues[…].rps_cpus",
        "sysctl.net.….KEY",
        "conntrack.stats",
    ):
        assert f"| `{path}` |" in page
