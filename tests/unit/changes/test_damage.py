"""Damage: a journal that is not what was written is refused and kept, and never misread."""

from __future__ import annotations

import itertools
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from advisor.changes.journal import Damaged, history, read_receipt
from advisor.changes.lines import LINE_LIMIT, canonical, to_line
from advisor.changes.records import to_data
from advisor.changes.state_dir import VARIABLE, StateDir, create_state_dir
from advisor.errors import AdvisorError, Exit
from advisor.model.receipt import Receipt, State, Transaction
from tests.unit.changes.runs import (
    DIGEST,
    FILES,
    HERE,
    begin,
    confirmed,
    journal_in,
    opened,
    roll_back,
    whole_life,
)

RUN = "000001-20251121T104640Z"


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StateDir]:
    with opened(tmp_path_factory.mktemp("damage")) as opened_state:
        yield opened_state


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The file of a run with records of every kind."""
    folder = tmp_path_factory.mktemp("whole")
    with journal_in(folder) as made:
        assert whole_life(made) == RUN
    return (folder / "state" / f"{RUN}.journal").read_bytes()


def read(state: StateDir, data: bytes, run: str = RUN) -> Receipt | None:
    """What is read of a file with this content; None if it is refused, as it should be then."""
    path = Path(state.locate(f"{run}.journal"))
    # A new file each time: some file systems wait for the disk when one is emptied and rewritten.
    path.unlink(missing_ok=True)
    path.write_bytes(data)
    path.chmod(0o600)
    try:
        return read_receipt(state, run)
    except AdvisorError as error:
        assert error.exit_code is Exit.REFUSED
        assert str(path) in error.message
        assert error.hint is not None
        assert path.read_bytes() == data, "a damaged file was changed"
        return None


def prefixes(state: StateDir, journal: bytes) -> list[Receipt]:
    """The receipt after each record."""
    lines = journal.splitlines(keepends=True)
    receipts = [read(state, b"".join(lines[:count])) for count in range(1, len(lines) + 1)]
    assert len(receipts) > 10
    return [receipt for receipt in receipts if receipt is not None]


def test_cut_off_at_any_byte_it_is_what_was_complete_by_then(
    state: StateDir, journal: bytes
) -> None:
    receipts = prefixes(state, journal)
    for length in range(len(journal)):
        complete = journal[:length].count(b"\n")
        expected = receipts[complete - 1] if complete else None
        assert read(state, journal[:length]) == expected, length


def test_cut_off_at_any_byte_and_filled_with_zeros_it_is_no_more_than_that(
    state: StateDir, journal: bytes
) -> None:
    """As after a power cut, where the file system knew the length and not yet the data."""
    receipts = prefixes(state, journal)
    refused = 0
    for length in range(len(journal)):
        complete = journal[:length].count(b"\n")
        expected = receipts[complete - 1] if complete else None
        receipt = read(state, journal[:length] + bytes(40))
        refused += receipt is None and complete > 0
        assert receipt in (expected, None), length
    # Where only the end of the line is missing, a zero may as well stand for an overwritten one.
    assert refused < 2 * len(receipts)


def test_one_wrong_bit_anywhere_is_noticed(state: StateDir, journal: bytes) -> None:
    misread = []
    for offset, bit in itertools.product(range(len(journal)), range(8)):
        bad = bytearray(journal)
        bad[offset] ^= 1 << bit
        if read(state, bytes(bad)) is not None:
            misread.append((offset, bit))
    assert misread == []


def test_one_wrong_byte_anywhere_is_noticed(state: StateDir, journal: bytes) -> None:
    for offset in range(len(journal)):
        for byte in (0, 10, 32, 48, 123, 125, 255):
            if journal[offset] != byte:
                bad = journal[:offset] + bytes([byte]) + journal[offset + 1 :]
                assert read(state, bad) is None, (offset, byte)


def test_one_byte_too_many_or_too_few_inside_is_noticed(state: StateDir, journal: bytes) -> None:
    whole = read(state, journal)
    for offset in range(len(journal) - 1):
        assert read(state, journal[:offset] + journal[offset + 1 :]) is None, offset
        for byte in (b"\n", b" ", b"0", b"\0"):
            bad = journal[:offset] + byte + journal[offset:]
            assert read(state, bad) is None, (offset, byte)
    assert read(state, journal) == whole


def test_lines_that_are_lost_doubled_or_moved_are_noticed(state: StateDir, journal: bytes) -> None:
    lines = journal.splitlines(keepends=True)
    for first, second in itertools.combinations(range(len(lines)), 2):
        swapped = list(lines)
        swapped[first], swapped[second] = swapped[second], swapped[first]
        assert read(state, b"".join(swapped)) is None
    for index in range(len(lines)):
        assert read(state, b"".join([*lines[: index + 1], *lines[index:]])) is None
        if index < len(lines) - 1:  # the last one: as if it had never been written
            assert read(state, b"".join([*lines[:index], *lines[index + 1 :]])) is None


def test_lines_of_another_run_are_noticed(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal:
        first, second = whole_life(journal), whole_life(journal)
    files = [tmp_path / "state" / f"{run}.journal" for run in (first, second)]
    one, two = (file.read_bytes().splitlines(keepends=True) for file in files)
    with opened(tmp_path) as state:
        for index in range(1, len(one)):
            assert read(state, b"".join([*one[:index], *two[index:]]), first) is None
        assert read(state, b"".join(two), first) is None, "a file under another name is taken"
        third = "000003-20251121T104640Z"
        assert read(state, b"".join(two), third) is None


def test_damage_says_where_it_is_and_what_to_do(state: StateDir, journal: bytes) -> None:
    lines = journal.splitlines(keepends=True)
    offset = sum(map(len, lines[:3]))
    Path(state.locate(f"{RUN}.journal")).write_bytes(
        b"".join([*lines[:3], lines[3].replace(b"done", b"Done"), *lines[4:]])
    )
    with pytest.raises(AdvisorError) as raised:
        read_receipt(state, RUN)
    assert f"line 4 (byte {offset}) does not match its checksum" in raised.value.message
    assert f"mv {state.path}/{RUN}.journal" in str(raised.value.hint)


def test_with_a_damaged_run_nothing_new_begins_but_the_others_are_shown(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal:
        made = [confirmed(journal) for _ in range(3)]
    _damage(tmp_path, made[1])
    with opened(tmp_path) as state:
        shown = list(history(state))
    assert [type(each) for each in shown] == [Receipt, Damaged, Receipt]
    assert [each.id for each in shown] == made[::-1]
    before = _files(tmp_path)
    with journal_in(tmp_path) as journal:
        for action in (
            lambda: begin(journal),
            lambda: journal.reopen(made[0]),
            lambda: journal.reopen(made[1]),
            lambda: journal.reopen(made[2]),
        ):
            with pytest.raises(AdvisorError, match="damaged") as raised:
                action()
            assert raised.value.exit_code is Exit.REFUSED
        assert journal.prune(1) == ()
    assert _files(tmp_path) == before


def test_a_damaged_run_does_not_keep_an_unfinished_one_from_being_undone(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal:
        old = confirmed(journal)
        with begin(journal) as entry:
            unfinished = entry.receipt.id
    _damage(tmp_path, old)
    with journal_in(tmp_path) as journal:
        assert journal.unfinished is not None
        with journal.reopen(unfinished) as entry:
            roll_back(entry)
        with pytest.raises(AdvisorError, match=old):
            begin(journal)


def test_a_damaged_run_that_is_moved_away_is_no_longer_in_the_way(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal:
        made = [confirmed(journal) for _ in range(2)]
    _damage(tmp_path, made[1])
    with journal_in(tmp_path) as journal:
        assert journal.damaged[0].hint is not None
    _, _, command = journal.damaged[0].hint.partition("mv ")
    old, _, new = command.partition(" ")
    Path(old).rename(new)
    with journal_in(tmp_path) as journal:
        assert [each.id for each in journal.receipts] == made[:1]
        assert confirmed(journal).startswith("000003-")


def test_an_end_that_is_cut_off_is_removed_when_the_run_goes_on(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal, begin(journal) as entry:
        run, expected = entry.receipt.id, entry.receipt
    path = tmp_path / "state" / f"{run}.journal"
    whole = path.read_bytes()
    for torn in (b"0", b"0123456789abcdef", b'0123456789abcdef {"at', bytes(9), b"01\0\0"):
        path.write_bytes(whole + torn)
        with journal_in(tmp_path) as journal, journal.reopen(run) as entry:
            assert entry.receipt == expected
            entry.enter(State.ARMED)
            expected = entry.receipt
        whole = path.read_bytes()
    with opened(tmp_path) as state:
        assert read_receipt(state, run) == expected


def test_a_file_beyond_all_measure_is_refused_without_being_read(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal:
        run = confirmed(journal)
    with (tmp_path / "state" / f"{run}.journal").open("r+b") as file:
        file.truncate(1 << 40)
    with journal_in(tmp_path) as journal:
        assert "longer than" in journal.damaged[0].problem


def chained(payloads: list[bytes], run: str = RUN) -> bytes:
    """A file whose checksums are right, whatever it says."""
    lines, digits = [], run
    for payload in payloads:
        line, digits = to_line(payload, digits)
        lines.append(line)
    return b"".join(lines)


BEGUN = canonical(
    to_data(Transaction(RUN, "1", HERE, "2025-11-21T10:46:40.250Z", "server", DIGEST, ()))
)
EVENT = b'{"at":"2025-11-21T10:46:40.250Z","record":"state","state":"armed"}'


@pytest.mark.parametrize(
    "payloads",
    [
        [EVENT],
        [BEGUN, BEGUN],
        [BEGUN.replace(b'"v":1', b'"v":2')],
        [BEGUN.replace(b'"v":1', b'"v":1.0')],
        [BEGUN.replace(b'"v":1', b'"v":true')],
        [BEGUN.replace(b'"v":1', b'"v":1,"v":1')],
        [BEGUN.replace(b'"v":1', b'"v":1,"w":1')],
        [BEGUN.replace(b'"v":1', b'"v": 1')],
        [BEGUN.replace(RUN.encode(), b"000002-20251121T104640Z")],
        [BEGUN.replace(b"web-1", "wéb".encode())],
        [BEGUN.replace(b"web-1", b"w\\u0065b")],
        [BEGUN.replace(b"web-1", b"\xff")],
        [BEGUN, EVENT.replace(b"armed", b"begun")],
        [BEGUN, EVENT.replace(b"armed", b"retired")],
        [BEGUN, EVENT.replace(b"armed", b"persisted")],
        [BEGUN, EVENT.replace(b"2025", b"99999")],
        [BEGUN, EVENT.replace(b"state", b"hint", 1)],
        [BEGUN, b""],
        [BEGUN, b"null"],
        [BEGUN, b"{}"],
        [BEGUN, b"[" * 100_000],
        [BEGUN, b'{"a":' * 100_000],
        [BEGUN, b"9" * 100_000],
        [BEGUN, b'{"record":"outcome","figures":[],"seconds":1e999}'],
        [BEGUN, b'{"figures":[],"record":"outcome","seconds":NaN}'],
        [BEGUN, b"x" * (LINE_LIMIT + 1)],
    ],
    ids=lambda payloads: payloads[-1][:60].decode("ascii", "replace"),
)
def test_right_checksums_do_not_make_a_run(state: StateDir, payloads: list[bytes]) -> None:
    assert read(state, chained([BEGUN])) is not None
    assert read(state, chained([BEGUN, EVENT])) is not None
    assert read(state, chained(payloads)) is None


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
_fields = st.fixed_dictionaries(
    {"record": st.sampled_from(["begin", "state", "result", "outcome", "x"])},
    optional={
        name: _json | st.sampled_from(values)
        for name, values in {
            "at": ["2025-11-21T10:46:40.250Z"],
            "state": [state.value for state in State],
            "files": [[{"path": FILES[0].path}], []],
            "operation": [0, 1],
            "phase": ["apply", "undo"],
            "verdict": ["done", "failed"],
            "read": [1, [1, 2]],
            "seconds": [1.0],
            "figures": [[]],
        }.items()
    },
)
_payloads = st.binary(max_size=60) | (_fields | _json).map(lambda data: json.dumps(data).encode())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=400)
@given(st.binary(max_size=300), st.integers(0, 3))
@example(b"\n", 0)
@example(b"", 1)
def test_any_bytes_are_refused_or_begin_with_whole_records(
    state: StateDir, journal: bytes, junk: bytes, keep: int
) -> None:
    lines = journal.splitlines(keepends=True)[:keep]
    receipt = read(state, b"".join(lines) + junk)
    if receipt is not None:
        assert receipt == read(state, b"".join(lines))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=400)
@given(st.lists(_payloads, max_size=4), st.binary(max_size=20))
def test_any_records_are_refused_or_make_a_run(
    state: StateDir, payloads: list[bytes], torn: bytes
) -> None:
    receipt = read(state, chained([BEGUN, EVENT, *payloads]) + torn)
    if receipt is not None:
        assert receipt.id == RUN
        assert receipt.events[1].state is State.ARMED


@settings(max_examples=200)
@given(st.binary(max_size=200))
def test_any_file_of_a_run_is_refused_or_none(data: bytes) -> None:
    """Without the records of any run at its beginning."""
    with (
        tempfile.TemporaryDirectory() as folder,
        create_state_dir({VARIABLE: f"{folder}/state"}) as made,
    ):
        assert read(made, data) is None


def _damage(folder: Path, run: str) -> None:
    path = folder / "state" / f"{run}.journal"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 4
    path.write_bytes(data)


def _files(folder: Path) -> dict[str, bytes]:
    found = {path.name: path.read_bytes() for path in (folder / "state").iterdir()}
    return {name: data for name, data in found.items() if name != "lock"}
