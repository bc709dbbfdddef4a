"""From values and means to files: a table, and what holds for all values and names."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advisor.changes.layers import persistent
from advisor.changes.persist import names
from advisor.changes.persist.boot_file import from_file
from advisor.changes.persist.model import Device, Settings, Source, Vector, Wanted
from advisor.changes.persist.plan import plan_files, sources
from advisor.changes.persist.seal import Kept, kept
from advisor.facts.config.assignments import dotted
from advisor.facts.config.boot_sysctl import read_boot_sysctl
from advisor.facts.config.ini import parse_ini
from advisor.model.address import Address, IrqAddress, NicAddress, SysctlAddress, parse_address
from advisor.model.receipt import Event, Operation, Receipt, State, Transaction, Value
from advisor.model.unavailable import NOT_READ
from tests.unit.changes.persist.means import means
from tests.unit.changes.runs import DIGEST, HERE
from tests.unit.facts.host_tree import host

CASES: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("cases.yaml").read_text())
SOMAXCONN = SysctlAddress(("net", "core", "somaxconn"))
RING = NicAddress("eth0", ("ring", "rx"))
IRQ = IrqAddress(45)
TIME = "2025-11-21T10:45:01.123Z"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_values_become_the_files_that_the_table_says(case: dict[str, Any]) -> None:
    values = {parse_address(text): _value(data) for text, data in case["values"].items()}
    wanted = plan_files(values, means(case.get("means", {})))
    assert _shown(wanted) == {
        path: sorted(lines) if path.startswith("unit") else lines
        for path, lines in case["files"].items()
    }
    reasons = {
        str(each.address): f"{each.reason} → {each.instead}" if each.instead else each.reason
        for each in wanted.left
    }
    expected = case.get("left", {})
    assert reasons.keys() == expected.keys()
    for setting, part in expected.items():
        assert part in reasons[setting]


def test_files_say_which_run_and_rules_a_value_is_from_and_nothing_else() -> None:
    source = Source("000042-20251121T104501Z", ("LSN008", "x\nnet.core.somaxconn = 1"), "b")
    text = _text(plan_files({SOMAXCONN: 4096}, means({}), {SOMAXCONN: source}), names.SYSCTL)
    assert "# LSN008, run 000042-20251121T104501Z\nnet.core.somaxconn = 4096\n" in text
    assert text.count("somaxconn") == 1


def test_every_file_is_known_as_advisors_and_an_edit_of_it_as_such() -> None:
    given = {"nics": {"eth0": {"link": "10-a.link", "managed": True}}}
    values: dict[Address, Value] = {
        SOMAXCONN: 4096,
        SysctlAddress(("net", "netfilter", "nf_conntrack_max")): 1048576,
        RING: 4096,
        NicAddress("eth0", ("qdisc",)): "fq",
    }
    wanted = plan_files(values, means(given))
    assert {each.path for each in wanted.files} > set(names.FIXED)
    for each in wanted.files:
        assert names.is_ours(each.path)
        if each.target is None:
            assert kept(each.content) is Kept.OURS
            assert kept(each.content.replace(b"4096", b"4097") + b"\n") is Kept.EDITED
            assert kept(each.content.replace(b"advisor", b"nobody")) is Kept.FOREIGN


def test_the_same_values_give_the_same_bytes_in_whatever_order_they_come() -> None:
    values: dict[Address, Value] = {SOMAXCONN: 4096, RING: 512, IRQ: (1,)}
    given = means({"vectors": {45: ["eth0", 0, 1, "eth0"]}})
    backwards = dict(reversed(values.items()))
    assert plan_files(values, given) == plan_files(backwards, given)


def test_what_runs_persisted_is_named_and_what_was_undone_is_not() -> None:
    runs = [
        _run(1, (Operation(SOMAXCONN, 128, 1024, ("LSN008",)), Operation(RING, 256, 512))),
        _run(2, (Operation(SOMAXCONN, 1024, 4096, ("LSN009",)),)),
        _run(3, (Operation(RING, 512, 4096),), State.ROLLED_BACK),
    ]
    assert persistent(runs).keys() == sources(runs).keys() == {SOMAXCONN, RING}
    assert sources(runs)[SOMAXCONN] == Source(runs[1].id, ("LSN009",), HERE.boot_id)
    text = _text(plan_files(persistent(runs), means({}), sources(runs)), names.SYSCTL)
    assert "# LSN009, run 000002" in text


def test_what_an_earlier_boot_called_an_interrupt_or_a_device_is_remembered() -> None:
    was = Vector("eth0", 1, 2, "eth0-rx-1")
    old, new = Device("52:54:00:00:00:01"), Device("52:54:00:00:00:02")
    given = means(
        {
            "nics": {"eth0": {"mac": new.mac}, "eth1": {"mac": new.mac}},
            "vectors": {45: ["eth1", 0, 9, "eth1"]},
            "kept": Settings({}, {45: (was, (1,))}, {"eth0": old, "eth1": old}),
        }
    )
    earlier, now = Source("000001-20251121T104501Z", (), "b"), Source("r", (), "this-boot")
    ring1 = NicAddress("eth1", ("ring", "rx"))
    values: dict[Address, Value] = {IRQ: (2,), RING: 512, ring1: 512, IrqAddress(46): (3,)}
    origins: dict[Address, Source] = {
        **dict.fromkeys((IRQ, IrqAddress(46), RING), earlier),
        ring1: now,
    }
    wanted = plan_files(values, given, origins)
    found = from_file(_content(wanted, names.SETTINGS))
    assert found.interrupts == {45: (was, (2,))}
    assert found.devices == {"eth0": old, "eth1": new}
    assert [(each.address, "not known any more" in each.reason) for each in wanted.left] == [
        (IrqAddress(46), True)
    ]


NUMBERS = st.integers(-(2**63), 2**63 - 1)
WORDS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=12)
VALUES = st.one_of(
    NUMBERS,
    st.lists(NUMBERS, min_size=2, max_size=4).map(tuple),
    st.lists(WORDS, min_size=1, max_size=3).map(" ".join),
    st.text(max_size=20),
)
# Whatever the kernel takes as a name, and more.
NICS = st.one_of(
    st.sampled_from(["eth0.100", "-x", "a;b", "$(id)", "a..b", "A*", "[x]", "a=b", 'a"b', "é"]),
    st.sampled_from(["a\\b", "a#b", "#a", "%n", "eth0@if3", "a b", "a\nb", "\udcff", "a?"]),
    st.text(st.characters(blacklist_characters="/\0"), min_size=1, max_size=15),
).filter(lambda name: name not in (".", ".."))
KEYS = st.one_of(
    st.sampled_from([("net", "core", "somaxconn"), ("net", "ipv4", "tcp_rmem")]),
    NICS.map(lambda nic: ("net", "ipv4", "conf", nic, "rp_filter")),
    NICS.map(lambda nic: ("net", "ipv6", "neigh", nic, "gc_stale_time")),
)


@pytest.mark.parametrize("reader", ["systemd", "procps"])
@given(values=st.dictionaries(KEYS, VALUES, max_size=6))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_written_is_what_the_next_boot_is_said_to_set(
    reader: str, values: dict[tuple[str, ...], Value], tmp_path: Path
) -> None:
    nics = {key[3]: {"bus": "0000:00:03.0/0"} for key in values if len(key) > 4}
    wanted = plan_files(
        {SysctlAddress(key): value for key, value in values.items()},
        means({"reader": reader, "nics": nics}),
    )
    left = {each.address for each in wanted.left}
    expected = {
        dotted(key): " ".join(map(str, value)) if isinstance(value, tuple) else str(value)
        for key, value in values.items()
        if SysctlAddress(key) not in left
    }
    content = {each.path: each.content for each in wanted.files}
    read = read_boot_sysctl(host(tmp_path, {**NONE, **content}), NOT_READ, tool=reader)
    assert {name: each.value for name, each in read.keys.items()} == expected
    assert not read.faulty
    assert all(each.pattern is None for each in read.keys.values())


NONE: dict[str, bytes] = {names.SYSCTL: b""}


@given(nic=NICS, value=st.one_of(st.integers(0, 1 << 20), st.booleans()))
def test_names_of_interfaces_break_no_file(nic: str, value: Value) -> None:
    addresses = [NicAddress(nic, ("ring", "rx")), NicAddress(nic, ("feature", nic))]
    given = means(
        {"nics": {nic: {"bus": "x/0", "managed": True}}, "vectors": {7: [nic, 0, 1, nic]}}
    )
    values: dict[Address, Value] = {**dict.fromkeys(addresses, value), IrqAddress(7): (1,)}
    wanted = plan_files(values, given)
    read = from_file(_content(wanted, names.SETTINGS))
    assert read.values == dict.fromkeys(addresses, value)
    assert read.interrupts == {7: (Vector(nic, 0, 1, nic), (1,))}
    other = plan_files({RING: 1}, means({"nics": {"eth0": {"managed": True}}}))
    for path in (names.UNIT, names.DISPATCHER):
        assert _content(wanted, path) == _content(other, path)


@pytest.mark.parametrize("state_dir", [None, "/srv/state"])
def test_unit_and_script_run_advisor(state_dir: str | None) -> None:
    given = means({"nics": {"eth0": {"managed": True}}, "state_dir": state_dir})
    wanted = plan_files({RING: 4096}, given)
    service = parse_ini(_text(wanted, names.UNIT))["Service"]
    assert service["ExecStart"] == "/usr/bin/python3 -I -m advisor boot"
    assert service.get("Environment") == (state_dir and f"ADVISOR_STATE_DIR={state_dir}")
    last = _text(wanted, names.DISPATCHER).splitlines()[-1]
    start = [f"ADVISOR_STATE_DIR={state_dir}"] if state_dir else []
    assert shlex.split(last) == [
        *start,
        "exec",
        *("/usr/bin/python3", "-I", "-m", "advisor", "boot", "--activated=$1"),
    ]


@pytest.mark.parametrize(
    ("event", "runs"),
    [(("-x; id", "up"), True), (("eth0", "down"), False), (("eth0", "dhcp4-change"), False)],
)
def test_the_script_runs_advisor_for_an_activated_interface_alone(
    tmp_path: Path, event: tuple[str, str], runs: bool
) -> None:
    given = means({"nics": {"eth0": {"managed": True}}, "command": ["/bin/echo", "advisor"]})
    script = tmp_path / "script"
    settings = tmp_path / "settings"
    settings.touch()
    text = _text(plan_files({RING: 4096}, given), names.DISPATCHER)
    script.write_text(text.replace(names.SETTINGS, str(settings)))
    done = subprocess.run(["sh", str(script), *event], capture_output=True, text=True, check=True)
    assert done.stdout == (f"advisor boot --activated={event[0]}\n" if runs else "")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    given = means({"command": ["/bin/true"], "state_dir": "/srv/state"})
    unit = tmp_path / names.UNIT_NAME
    unit.write_text(_text(plan_files({RING: 4096}, given), names.UNIT))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    own = [line for line in done.stderr.splitlines() if names.UNIT_NAME in line]
    assert not own


def _shown(wanted: Wanted) -> dict[str, list[str]]:
    """Path → lines that mean something; what runs advisor as what it then sets."""
    shown = {
        each.path: [
            line for line in each.content.decode().splitlines() if line and not line.startswith("#")
        ]
        for each in wanted.files
    }
    if names.SETTINGS in shown:
        del shown[names.SETTINGS], shown[names.UNIT], shown[names.WANTS]
        script = shown.pop(names.DISPATCHER, None)
        settings = from_file(_content(wanted, names.SETTINGS))
        shown["unit" if script is None else "unit and script"] = sorted(
            [
                *map(str, settings.values),
                *(
                    f"irq:{irq} {each.nic} {each.position}/{each.count}"
                    for irq, (each, _) in settings.interrupts.items()
                ),
            ]
        )
    return shown


def _content(wanted: Wanted, path: str) -> bytes:
    return next(each.content for each in wanted.files if each.path == path)


def _text(wanted: Wanted, path: str) -> str:
    return _content(wanted, path).decode("ascii")


def _value(data: Any) -> Value:
    return tuple(data) if isinstance(data, list) else data


def _run(number: int, operations: tuple[Operation, ...], state: State = State.PERSISTED) -> Receipt:
    run = f"{number:06}-20251121T104501Z"
    transaction = Transaction(run, "1", HERE, TIME, "server", DIGEST, operations)
    return Receipt(transaction, (Event(State.BEGUN, TIME), Event(state, TIME)))
