"""Plans from strangers: they can name settings of this host within bounds, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from advisor.changes.plan_file import read_plan
from advisor.changes.preflight import Prepared, prepare
from advisor.changes.scope import choose
from advisor.errors import AdvisorError, Exit
from advisor.facts.files import Files
from advisor.model.address import address_data, parse_address
from advisor.model.plan import SCHEMA, digest
from advisor.settings.live import Live
from tests.unit.changes.hostile import (
    CLOSED,
    OPEN,
    anything,
    astray,
    make_host,
    put_back,
    seen,
    tampered,
)
from tests.unit.changes.runs import HERE


def change(setting: dict[str, Any], before: Any, after: Any, **more: Any) -> dict[str, Any]:
    return {
        "setting": setting,
        "before": before,
        "after": after,
        "rules": ["TST001"],
        "risk": "low",
        "disrupts": "none",
        "notes": [],
        "commands": [],
        **more,
    }


def document(*changes: Any) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "advisor": "1",
        "host": "web-1",
        "at": "2025-11-21T10:45:01Z",
        "profile": "server",
        "changes": list(changes),
        "solved": ["TST001"],
        "left": [{"rule": "TST002", "target": "host", "message": "m", "advice": ""}],
    }


PLAN = document(
    change({"sysctl": ["net", "core", "somaxconn"]}, 4096, 8192),
    change(
        {"sysctl": ["net", "ipv4", "tcp_rmem"]}, [4096, 131072, 6291456], [4096, 65536, 1 << 23]
    ),
    change({"sysctl": ["net", "ipv4", "conf", "eth0", "rp_filter"]}, 0, 2),
    change({"nic": "eth0", "property": ["queue", "rx-0", "rps_cpus"]}, [], [0]),
    change({"nic": "eth0", "property": ["gro_flush_timeout"]}, 0, 20000),
    change({"irq": 24}, [0, 1], [0]),
)


def signed(data: Any) -> bytes:
    """As a forger writes it: the digest fits."""
    if isinstance(data, dict):
        data = {**data, "digest": digest(data.get("host"), data.get("changes"))}  # type: ignore[arg-type]
    return json.dumps(data).encode()


def prepared(root: Path, data: bytes) -> Prepared | None:
    """What becomes of a plan, up to the first write; None when it is refused as it should be."""
    try:
        plan = read_plan(data, "plan.json")
        scope = choose(plan.changes, {"link"}, [], lambda nic: False, guarded=False)
        with Live(Files(root)) as live:
            return prepare(scope.changes, live, (), HERE)
    except AdvisorError as error:
        assert error.exit_code in (Exit.ERROR, Exit.REFUSED)
        assert error.message
        return None


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The host that plans are tried on."""
    made = tmp_path_factory.mktemp("host")
    make_host(made)
    return made


def stays_within(root: Path, data: bytes) -> Prepared | None:
    """Nothing is written before it is prepared, and nothing that is not open afterwards."""
    before = seen(root)
    found = prepared(root, data)
    assert seen(root) == before
    if found is None:
        return None
    with Live(Files(root)) as live:
        for operation in found.operations:
            assert operation.after is not None
            with suppress(AdvisorError):
                live.write(operation.address, operation.after)
    after = seen(root)
    put_back(root)
    assert {name for name in before if after[name] != before[name]} <= set(OPEN)
    assert set(after) == set(before)
    return found


def test_a_plan_in_order_is_taken(root: Path) -> None:
    found = stays_within(root, signed(PLAN))
    assert found is not None
    assert len(found.operations) == len(PLAN["changes"])


@settings(max_examples=300, deadline=None)
@given(tampered(PLAN))
def test_whatever_is_put_into_a_plan_it_stays_within_the_settings_of_this_host(
    root: Path, data: Any
) -> None:
    stays_within(root, signed(data))


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(["sysctl", "nic", "property", "irq"]), anything), anything)
def test_no_address_or_value_leads_elsewhere(
    root: Path, setting: dict[str, Any], value: Any
) -> None:
    stays_within(root, signed(document(change(setting, value, value), change(setting, 0, value))))


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4000), st.binary(max_size=3)), min_size=1, max_size=4))
def test_bytes_that_are_changed_are_refused(root: Path, places: list[tuple[int, bytes]]) -> None:
    data = bytearray(signed(PLAN))
    for place, instead in places:
        place %= len(data)
        data[place : place + len(instead)] = instead
    stays_within(root, bytes(data))


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.binary(max_size=200), anything.map(lambda data: json.dumps(data).encode())))
@example(b"")
@example(b"null")
@example(b"[" * 100_000)
@example(b'{"a":' * 100_000)
@example(b"1" * 10_000)
@example(b"NaN")
@example(b'"\\ud800"')
@example(b"\xff\xfe{}")
def test_what_is_no_plan_is_refused(data: bytes) -> None:
    with pytest.raises(AdvisorError) as refused:
        read_plan(data, "plan.json")
    assert refused.value.exit_code is Exit.ERROR


def test_no_component_of_an_address_leads_astray(root: Path) -> None:
    for setting in astray():
        queue = "rps_cpus" in setting.get("property", ())
        before, after = ([], [0]) if queue or "irq" in setting else (0, 1)
        assert stays_within(root, signed(document(change(setting, before, after)))) is None


OUT_OF_BOUNDS: list[tuple[str, Any, Any]] = [
    ("sysctl:net.core.somaxconn", 4096, 0),
    ("sysctl:net.core.somaxconn", 4096, 1 << 40),
    ("sysctl:net.core.somaxconn", 4096, True),
    ("sysctl:net.core.somaxconn", 4096, "8192"),
    ("sysctl:net.core.somaxconn", 4096, None),
    ("sysctl:net.core.somaxconn", 4096, [8192]),
    ("sysctl:net.ipv4.tcp_rmem", [4096, 131072, 6291456], [4096, 65536]),
    ("sysctl:net.ipv4.tcp_rmem", [4096, 131072, 6291456], [4096, 65536, 1 << 31]),
    ("sysctl:net.ipv4.tcp_rmem", [4096, 131072, 6291456], "4096 65536 1"),
    ("sysctl:net.unlisted", [1, 2], "1 2\n3"),
    ("sysctl:net.unlisted", [1, 2], [1, 2, 3]),
    ("nic:eth0/gro_flush_timeout", 0, 1 << 62),
    ("nic:eth0/queue.rx-0.rps_cpus", [], [100_000]),
    ("nic:eth0/queue.rx-0.rps_cpus", [], "3"),
    ("nic:eth0/threaded", False, 2),
    ("nic:eth1/gro_flush_timeout", 0, 20000),
    ("nic:eth0/mtu", 1500, 9000),
    ("irq:24/affinity", [0, 1], [99]),
]


@pytest.mark.parametrize(("address", "before", "after"), OUT_OF_BOUNDS)
def test_what_is_out_of_bounds_or_not_there_is_refused(
    root: Path, address: str, before: Any, after: Any
) -> None:
    setting = address_data(parse_address(address))
    assert stays_within(root, signed(document(change(setting, before, after)))) is None


@pytest.mark.parametrize("path", sorted(each for each in CLOSED if "/sys/net/" in each))
def test_a_key_that_is_never_written_is_refused(root: Path, path: str) -> None:
    key = path.split("/")[3:]
    text = CLOSED[path].strip()
    before: Any = int(text) if text.isdecimal() else text
    assert stays_within(root, signed(document(change({"sysctl": key}, before, 1)))) is None


@pytest.mark.parametrize("group", ["channels", "ring", "private", "pause"])
def test_what_a_plan_says_it_disrupts_is_not_believed(group: str) -> None:
    data = signed(document(change({"nic": "eth0", "property": [group, "rx"]}, 4, 2)))
    plan = read_plan(data, "plan.json")
    nothing: Callable[[str], bool] = lambda nic: False  # noqa: E731
    assert choose(plan.changes, (), [], nothing, guarded=True).changes == ()
    assert len(choose(plan.changes, {"link"}, [], nothing, guarded=True).changes) == 1
