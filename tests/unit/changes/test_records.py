"""Records: whatever is written comes back the same, and nothing else is taken."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.changes.lines import canonical
from advisor.changes.records import from_data, to_data
from advisor.changes.settings_data import address_data, address_from, value_data, value_from
from advisor.errors import AdvisorError
from advisor.facts.sysctl import SECRETS
from advisor.model.address import Address, IrqAddress, NicAddress, SysctlAddress
from advisor.model.receipt import (
    Device,
    Effect,
    Event,
    Figure,
    Held,
    JournalRecord,
    Operation,
    Origin,
    Outcome,
    PersistedFile,
    Phase,
    Result,
    State,
    Transaction,
    Trigger,
    Value,
    Verdict,
)
from tests.unit.changes.runs import DIGEST, HERE, OPERATIONS, OUTCOME, begin, journal_in

RUN = "000002-20251121T104500Z"
OLDER = "000001-20251121T104500Z"
AT = "2025-11-21T10:45:00.000Z"
TRANSACTION = Transaction(RUN, "1.0", HERE, AT, "server", DIGEST, OPERATIONS)
RECORDS: list[JournalRecord] = [
    TRANSACTION,
    Event(State.ARMED, AT, "a note", AT),
    Event(State.PERSISTING, AT, files=(PersistedFile("/etc/sysctl.d/a.conf", DIGEST, DIGEST),)),
    Result(1, Phase.UNDO, Verdict.CONFLICT, (1, "two"), "somebody has set it"),
    OUTCOME,
]


def _sorted(devices: list[Device]) -> tuple[Device, ...]:
    return tuple(sorted(devices, key=lambda each: each.name))


# Interface names that the kernel takes, surrogates for bytes that are no UTF-8 among them.
_names = st.text(
    st.characters(exclude_characters="/\0", min_codepoint=1), min_size=1, max_size=15
).filter(lambda name: name not in (".", ".."))
_words = st.from_regex(r"[a-z0-9_.-]{1,12}", fullmatch=True).filter(
    lambda word: word not in (".", "..") and not {"key", "hkey", "sopass"} & set(word.split("-"))
)
_addresses: st.SearchStrategy[Address] = st.one_of(
    st.builds(lambda *key: SysctlAddress(("net", *key)), _words, _names, _words),
    st.builds(NicAddress, _names, st.lists(_words, min_size=1, max_size=3).map(tuple)),
    st.builds(IrqAddress, st.integers(0, 10**9 - 1)),
)
_texts = st.text(max_size=40)
_integers = st.integers(-(1 << 63), (1 << 64) - 1)
_values: st.SearchStrategy[Value] = st.one_of(
    st.none(),
    st.booleans(),
    _integers,
    _texts,
    st.lists(_integers | _texts, max_size=5).map(tuple),
)
_devices = st.builds(Device, _names, st.integers(0, 1 << 31))
_times = st.datetimes().map(lambda time: f"{time:%Y-%m-%dT%H:%M:%S}.000Z".zfill(24))
_over = st.none() | st.just(OLDER)
_digests = st.none() | st.just(DIGEST)
_operations = st.builds(
    Operation,
    _addresses,
    _values,
    _values,
    st.lists(st.just("RCV001"), max_size=3).map(tuple),
    _over,
    st.booleans(),
    st.lists(st.builds(Held, _addresses, _values, _over), max_size=3).map(tuple),
)
_numbers = st.floats(allow_nan=False, allow_infinity=False)
_figures = st.builds(
    Figure,
    _texts,
    _texts,
    _texts,
    _numbers,
    _numbers,
    st.sampled_from(Effect),
    st.just("host") | _texts,
    st.none() | _texts,
)
_files = st.builds(
    PersistedFile, st.sampled_from(["/etc/a", "/etc/sysctl.d/é..conf"]), _digests, _digests
)
_records: st.SearchStrategy[JournalRecord] = st.one_of(
    st.builds(
        Transaction,
        st.just(RUN),
        st.just("1.0"),
        st.builds(
            Origin,
            st.just(HERE.boot_id),
            _texts,
            st.integers(0, (1 << 63) - 1),
            st.sampled_from(["", "0123456789abcdef"]),
        ),
        _times,
        _texts,
        st.just(DIGEST),
        st.lists(_operations, max_size=4, unique_by=lambda each: each.address).map(tuple),
        st.lists(_devices, max_size=3, unique_by=lambda each: each.name).map(_sorted),
        st.booleans(),
        st.sampled_from(Trigger),
    ),
    st.builds(
        Event,
        st.sampled_from(State),
        _times,
        st.none() | _texts,
        st.none() | _times,
        st.none() | st.from_regex(r"[!-~]{1,40}", fullmatch=True),
        st.lists(_files, max_size=2).map(tuple),
        st.lists(st.builds(Held, _addresses, _values), max_size=2).map(tuple),
    ),
    st.builds(
        Result,
        st.integers(0, 99),
        st.sampled_from(Phase),
        st.sampled_from(Verdict),
        _values,
        st.none() | _texts,
    ),
    st.builds(
        Outcome, st.floats(0, 1e9, allow_nan=False), st.lists(_figures, max_size=3).map(tuple)
    ),
)


@given(_records)
def test_what_is_written_comes_back_the_same(record: JournalRecord) -> None:
    written = canonical(to_data(record))
    assert written.isascii()
    assert b"\n" not in written
    assert from_data(json.loads(written)) == record
    assert canonical(to_data(from_data(json.loads(written)))) == written


@given(_addresses, _values)
def test_an_address_and_a_value_come_back_the_same(address: Address, value: Value) -> None:
    assert address_from(address_data(address)) == address
    back = value_from(value_data(value))
    assert (back, type(back)) == (value, type(value))


SECRET = [
    *(SysctlAddress(("net", "ipv6", "conf", "eth0", name)) for name in sorted(SECRETS)),
    SysctlAddress(("net", "ipv4", "tcp_fastopen_key")),
    NicAddress("eth0", ("rss", "key")),
    NicAddress("eth0", ("rss", "contexts", "1", "hkey")),
    NicAddress("eth0", ("rss", "hash-key")),
    NicAddress("eth0", ("wol", "sopass")),
]


@pytest.mark.parametrize("address", SECRET, ids=str)
def test_a_secret_is_not_recorded_in_any_place(tmp_path: Path, address: Address) -> None:
    secret = "0badc0de-0badc0de"
    harmless = Operation(SysctlAddress(("net", "core", "somaxconn")), 1, 2)
    for operation in (
        Operation(address, secret, secret),
        replace(harmless, dependent=(Held(address, secret),)),
    ):
        with journal_in(tmp_path) as journal:
            with pytest.raises(AdvisorError, match="holds a secret, which is never recorded"):
                begin(journal, [harmless, operation])
            assert journal.receipts == ()
    texts = [path.read_text() for path in (tmp_path / "state").iterdir()]
    assert texts, "not even the lock was written"
    assert not any(secret in text for text in texts)


@pytest.mark.parametrize(
    "address",
    [
        SysctlAddress(("net", "ipv6", "conf", "stable_secret", "mtu")),
        NicAddress("key", ("ring", "rx")),
        NicAddress("eth0", ("private", "monkey")),
    ],
    ids=str,
)
def test_a_name_that_only_looks_like_a_secret_is_recorded(address: Address) -> None:
    assert address_from(address_data(address)) == address


@pytest.mark.parametrize(
    "operation",
    [
        Operation(SysctlAddress(("net", "ipv4", "tcp_rmem"), 2), 1, 2),
        Operation(SysctlAddress(("kernel", "core_pattern")), "x", "|y"),
        Operation(SysctlAddress(("net", "..", "..", "kernel", "core_pattern")), "x", "|y"),
        Operation(SysctlAddress(("net", "ipv4/../../kernel/x")), 1, 2),
        Operation(SysctlAddress(("net", "")), 1, 2),
        Operation(SysctlAddress(("net",)), 1, 2),
        Operation(NicAddress("..", ("mtu",)), 1, 2),
        Operation(NicAddress("a/b", ("mtu",)), 1, 2),
        Operation(NicAddress("a\0b", ("mtu",)), 1, 2),
        Operation(NicAddress("eth0", ()), 1, 2),
        Operation(IrqAddress(-1), 1, 2),
        Operation(IrqAddress(10**9), 1, 2),
        Operation(IrqAddress(1), 1 << 64, 2),
        Operation(IrqAddress(1), 1.5, 2),  # type: ignore[arg-type]
        Operation(IrqAddress(1), [1], 2),  # type: ignore[arg-type]
        Operation(IrqAddress(1), (1, (2,)), 2),  # type: ignore[arg-type]
        Operation(IrqAddress(1), "x" * 70_000, 2),
        Operation(IrqAddress(1), tuple(range(70_000)), 2),
        Operation(IrqAddress(1), 1, 2, over="000009-20251121T104500Z"),
        Operation(IrqAddress(1), 1, 2, over="../../etc/passwd"),
        Operation(IrqAddress(1), 1, 2, dependent=(Held(IrqAddress(2), 3, over=RUN),)),
    ],
    ids=lambda operation: f"{operation.address} {str(operation.before)[:20]}",
)
def test_what_no_setting_is_cannot_be_written(tmp_path: Path, operation: Operation) -> None:
    with journal_in(tmp_path) as journal:
        with pytest.raises(AdvisorError, match="cannot be recorded"):
            begin(journal, [operation])
        assert journal.receipts == ()


def test_a_setting_is_changed_once_in_a_run(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal, pytest.raises(AdvisorError, match="changed twice"):
        begin(journal, [OPERATIONS[0], OPERATIONS[1], OPERATIONS[0]])


@pytest.mark.parametrize(
    "path",
    [
        "/etc/../root/.ssh/authorized_keys",
        "/etc/./x",
        "/etc//x",
        "/etc/x/",
        "/etc/x/..",
        "/etc",
        "/usr/lib/x",
        "etc/x",
        "/etc/a\nb",
        "/etc/a\x1b[2J",
        "/etc/" + "x" * 256,
    ],
)
def test_only_plain_files_below_etc_are_persisted(path: str) -> None:
    event = Event(State.PERSISTING, AT, files=(PersistedFile(path, None, DIGEST),))
    with pytest.raises(ValueError, match="a file that advisor does not write"):
        from_data(to_data(event))


def _damaged(data: Any) -> Iterator[Any]:
    """The same data with one part of it left out, added, or of another kind."""
    if isinstance(data, dict):
        for key in data:
            yield {name: value for name, value in data.items() if name != key}
            for other in _damaged(data[key]):
                yield {**data, key: other}
        yield {**data, "surprise": 1}
    elif isinstance(data, list):
        yield [*data, *data]
        for index, item in enumerate(data):
            for other in _damaged(item):
                yield [*data[:index], other, *data[index + 1 :]]
    for other in (None, True, 7, -1, 1.5, "", "x", [], {}, [[]], 1 << 70):
        if other != data or type(other) is not type(data):
            yield other


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: type(record).__name__)
def test_of_two_forms_at_most_one_is_taken(record: JournalRecord) -> None:
    """What is not refused at once is a record that would be written in exactly this form."""
    original = to_data(record)
    seen = 0
    for data in _damaged(copy.deepcopy(original)):
        seen += 1
        try:
            other = from_data(data)
        except ValueError:
            continue
        if canonical(to_data(other)) == canonical(data):
            assert other != record, data
    assert seen > 30
