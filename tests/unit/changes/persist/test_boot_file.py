"""The file that decides what root writes at boot: read as if a stranger had written it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.changes.persist import names
from advisor.changes.persist.boot import read_settings
from advisor.changes.persist.boot_file import from_file, to_file
from advisor.changes.persist.model import Device, Settings, Vector
from advisor.changes.persist.seal import LINE, sealed
from advisor.changes.persist.tree import Tree
from advisor.errors import AdvisorError
from advisor.model.address import NicAddress

SETTINGS = Settings(
    {
        NicAddress("eth0", ("ring", "rx")): 4096,
        NicAddress("eth0", ("feature", "rx-gro")): True,
        NicAddress("eth0.100", ("queue", "rx-0", "rps_cpus")): (0, 1),
        NicAddress("eth0", ("qdisc",)): "fq",
    },
    {45: (Vector("eth0", 1, 2, "eth0-rx-0"), (3,))},
    {"eth0": Device("52:54:00:00:00:01", "0000:00:03.0/0"), "eth1": Device(None, "usb-1/0")},
)


def test_what_is_written_is_read_back_with_its_types_and_order() -> None:
    found = from_file(to_file(SETTINGS))
    assert found == SETTINGS
    assert list(found.values) == list(SETTINGS.values)
    assert [type(value) for value in found.values.values()] == [int, bool, tuple, str]


def _set(*path: Any) -> Callable[[Any], None]:
    *way, last, value = path

    def change(data: Any) -> None:
        for step in way:
            data = data[step]
        data[last] = value

    return change


def _entry(entry: Any) -> Callable[[Any], None]:
    return lambda data: data["settings"].append(entry)


def _irq(irq: int, position: int, name: Any) -> Callable[[Any], None]:
    interrupt = {"irq": irq, "nic": "eth0", "position": position, "count": 1, "name": name}
    return _entry({"interrupt": interrupt, "value": [1]})


WRONG = [
    _set("format", "advisor.persistent/v2"),
    _set("more", 1),
    _set("devices", []),
    _set("devices", "eth0", {"mac": "x", "bus": None}),
    _set("devices", "eth0", {"mac": None, "bus": None}),
    _set("devices", "eth0", {"mac": None, "bus": "../x/0"}),
    _set("devices", "a/b", {"mac": None, "bus": "x/0"}),
    _set("settings", {}),
    _set("settings", 0, "value", 1.5),
    _set("settings", 0, "value", {"a": 1}),
    _set("settings", 0, "more", 1),
    _entry({"setting": {"sysctl": ["net", "core", "somaxconn"]}, "value": 1}),
    _entry({"setting": {"irq": 45}, "value": [1]}),
    _entry({"setting": {"nic": "../..", "property": ["mtu"]}, "value": 1}),
    _entry({"setting": {"nic": "eth0", "property": ["rss", "key"]}, "value": "x"}),
    _entry({"setting": {"nic": "eth0", "property": ["ring", "rx"]}, "value": 1}),
    _entry({"interrupt": {"irq": 45}, "value": [1]}),
    _entry(
        {"interrupt": {"irq": -1, "nic": "e", "position": 0, "count": 1, "name": ""}, "value": 1}
    ),
    _entry(
        {"interrupt": {"irq": 1, "nic": "e", "position": -1, "count": 1, "name": ""}, "value": 1}
    ),
    _irq(1, 0, 5),
    _entry(
        {"interrupt": {"irq": 45, "nic": "e", "position": 0, "count": 1, "name": ""}, "value": 1}
    ),
    _entry(5),
]


@pytest.mark.parametrize("change", WRONG)
def test_anything_else_is_refused(change: Callable[[Any], None]) -> None:
    data = json.loads(to_file(SETTINGS))
    assert from_file(json.dumps(data).encode()) == SETTINGS
    change(data)
    with pytest.raises(ValueError, match=r"."):
        from_file(json.dumps(data).encode())


@given(st.binary(max_size=200))
def test_whatever_is_in_the_file_is_read_or_refused(data: bytes) -> None:
    for each in (data, b'{"about":' + data, b"[" * 100_000):
        with pytest.raises(ValueError, match=r"."):
            from_file(each)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
        max_leaves=10,
    )
)
def test_whatever_an_entry_is_it_is_read_or_refused(entry: Any) -> None:
    for where in ("settings", "devices"):
        data = {**json.loads(to_file(Settings())), where: entry}
        try:
            found = from_file(json.dumps(data).encode())
        except ValueError:
            continue
        assert found == Settings()


def test_no_file_is_no_settings(tmp_path: Path) -> None:
    with Tree(tmp_path) as tree:
        assert read_settings(tree) is None


@pytest.mark.parametrize(
    "content",
    [
        to_file(SETTINGS).replace(b"4096", b"8192"),
        b'{"settings":[]}',
        sealed('{"about":"' + LINE + '"}'),
        b"",
    ],
    ids=["edited", "somebody else's", "of another version", "empty"],
)
def test_a_file_that_is_not_as_written_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / names.SETTINGS[1:]
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    with Tree(tmp_path) as tree, pytest.raises(AdvisorError, match=names.SETTINGS):
        read_settings(tree)


def test_a_link_to_a_good_file_is_refused(tmp_path: Path) -> None:
    good = tmp_path / "good"
    good.write_bytes(to_file(SETTINGS))
    path = tmp_path / names.SETTINGS[1:]
    path.parent.mkdir(parents=True)
    path.symlink_to(good)
    with Tree(tmp_path) as tree, pytest.raises(AdvisorError, match="not as advisor wrote it"):
        read_settings(tree)
