"""Journals from strangers, with sums that fit: refused, or undone within this host's settings."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.changes.journal import Journal, read_receipt
from advisor.changes.lines import to_line
from advisor.changes.lock import acquire
from advisor.changes.overview import overview
from advisor.changes.rollback import roll_back
from advisor.changes.state_dir import VARIABLE
from advisor.errors import AdvisorError, Exit
from advisor.facts.files import Files
from advisor.model.address import IrqAddress, NicAddress, SysctlAddress
from advisor.model.receipt import Device, Held, Operation, State, Verdict
from advisor.settings.live import Live
from tests.unit.changes.hostile import OPEN, anything, astray, make_host, put_back, seen, tampered
from tests.unit.changes.runs import HERE, journal_in, opened

RPS = NicAddress("eth0", ("queue", "rx-0", "rps_cpus"))
OPERATIONS = (
    Operation(SysctlAddress(("net", "core", "somaxconn")), 128, 4096, ("TST001",)),
    Operation(
        SysctlAddress(("net", "ipv4", "tcp_rmem")), (4096, 65536, 1 << 22), (4096, 131072, 6291456)
    ),
    Operation(NicAddress("eth0", ("gro_flush_timeout",)), 5, 0, dependent=(Held(RPS, (1,)),)),
    Operation(IrqAddress(24), (0,), (0, 1)),
)


def whole() -> tuple[str, list[Any]]:
    """The id of a run that ended midway, and its records."""
    with tempfile.TemporaryDirectory() as folder, journal_in(Path(folder)) as journal:
        with journal.begin(
            HERE, "server", "0" * 64, OPERATIONS, devices=(Device("eth0", 2),)
        ) as entry:
            entry.enter(State.ARMED, until=1.0, watchdog="process:1:1")
            for number, operation in enumerate(OPERATIONS[:3]):
                entry.did(number, Verdict.DONE, operation.after)
            run = entry.receipt.id
        lines = Path(folder, "state", f"{run}.journal").read_bytes().splitlines()
    return run, [json.loads(line[17:]) for line in lines]


RUN, RECORDS = whole()


def signed(records: list[Any]) -> bytes:
    """As a forger writes it."""
    digits, data = RUN, b""
    for record in records:
        payload = json.dumps(record, sort_keys=True, separators=(",", ":")).encode()
        line, digits = to_line(payload, digits)
        data += line
    return data


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The host whose journals they are."""
    made = tmp_path_factory.mktemp("host")
    make_host(made)
    return made


def undone(root: Path, data: bytes) -> bool:
    """Whether the run was taken for one; what then came of undoing it stays within what is open."""
    before = seen(root)
    with opened(root.parent) as state:
        path = Path(state.locate(f"{RUN}.journal"))
        path.write_bytes(data)
        path.chmod(0o600)
        taken = True
        try:
            read_receipt(state, RUN)
        except AdvisorError as error:
            assert error.exit_code is Exit.REFUSED
            taken = False
        with acquire(state, "test") as lock, Live(Files(root)) as live:
            journal = Journal(lock)
            assert bool(journal.damaged) is not taken
            try:
                roll_back(journal, live, RUN, HERE, note="test", force=True)
            except AdvisorError as error:
                assert error.exit_code in (Exit.ERROR, Exit.REFUSED)
        path.unlink()
    after = seen(root)
    put_back(root)
    assert {name for name in before if after[name] != before[name]} <= set(OPEN)
    assert set(after) == set(before)
    return taken


def test_a_journal_in_order_is_taken(root: Path) -> None:
    assert undone(root, signed(RECORDS))


@settings(max_examples=300, deadline=None)
@given(tampered(RECORDS))
def test_whatever_is_put_into_a_journal_it_stays_within_the_settings_of_this_host(
    root: Path, records: list[Any]
) -> None:
    undone(root, signed(records))


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(st.sampled_from(["sysctl", "nic", "property", "irq"]), anything),
    anything,
    st.sampled_from(["operation", "dependent"]),
)
def test_no_address_or_value_leads_elsewhere(
    root: Path, setting: Any, value: Any, where: str
) -> None:
    records = json.loads(json.dumps(RECORDS))
    operations = records[0]["operations"]
    if where == "operation":
        operations[0] |= {"setting": setting, "before": value}
    else:
        operations[2]["dependent"] = [{"setting": setting, "value": value}]
    undone(root, signed(records))


@settings(max_examples=150, deadline=None)
@given(st.lists(anything, max_size=4))
def test_records_that_are_none_are_refused(root: Path, records: list[Any]) -> None:
    assert not undone(root, signed(records))


@pytest.mark.parametrize("where", ["operation", "dependent"])
def test_no_component_of_an_address_leads_astray(root: Path, where: str) -> None:
    taken = 0
    for setting in astray():
        records = json.loads(json.dumps(RECORDS))
        operations = records[0]["operations"]
        if where == "operation":
            operations[3] |= {"setting": setting, "before": 1}
        else:
            operations[2]["dependent"] = [{"setting": setting, "value": 1}]
        taken += undone(root, signed(records))
    assert taken > 0


LEADING_ELSEWHERE: list[dict[str, Any]] = [
    {"sysctl": ["net", "..", "kernel", "core_pattern"]},
    {"sysctl": ["net", "../kernel", "core_pattern"]},
    {"sysctl": ["kernel", "core_pattern"]},
    {"sysctl": ["net", "ipv4", "tcp_fastopen_key"]},
    {"sysctl": ["net", "ipv4", "route", "flush"]},
    {"nic": "..", "property": ["gro_flush_timeout"]},
    {"nic": "../../../moved", "property": ["mtu"]},
    {"nic": "eth0", "property": ["queue", "../../../..", "moved"]},
    {"nic": "eth0", "property": ["queue", "rx-0", "secret"]},
    {"nic": "eth0", "property": ["ifindex"]},
    {"irq": "../../moved"},
    {"irq": -1},
]


@pytest.mark.parametrize("setting", LEADING_ELSEWHERE, ids=str)
@pytest.mark.parametrize("where", ["operation", "dependent"])
def test_an_address_that_leads_elsewhere_is_not_followed(
    root: Path, setting: dict[str, Any], where: str
) -> None:
    records = json.loads(json.dumps(RECORDS))
    operations = records[0]["operations"]
    if where == "operation":
        operations[0] |= {"setting": setting, "before": 1}
    else:
        operations[2]["dependent"] = [{"setting": setting, "value": 1}]
    undone(root, signed(records))


def test_status_and_history_bear_any_file_in_the_state_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(tmp_path) as state:
        folder = Path(state.path)
        monkeypatch.setenv(VARIABLE, state.path)
        for name in ("x.journal", "\n.journal", f"{RUN}.journal", "000002-x.journal", ".journal"):
            (folder / name).write_bytes(b"\xff" * 100)
        (folder / "000003-20251121T104640Z.journal").mkdir()
        (folder / "000004-20251121T104640Z.journal").symlink_to("/etc/passwd")
        found = overview()
    assert set(found.damaged) >= {RUN, "000003-20251121T104640Z", "000004-20251121T104640Z"}
