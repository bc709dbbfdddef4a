"""Snapshots come back as they were, and what is not one is refused with its place."""

from __future__ import annotations

import io
import json
import os
import threading
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advisor.errors import AdvisorError
from advisor.facts import snapshot
from advisor.model.host import Host, Sample
from advisor.model.nic import Nic
from advisor.model.nic_queues import RxQueue
from advisor.model.stack import Listener, SysctlTree
from advisor.model.system import Collection, Irq
from advisor.model.unavailable import Unavailable
from tests.unit.facts.hosts import hosts

COLLECTION = Collection(
    hostname="web-1",
    at="2025-05-04T03:02:01Z",
    source="live",
    uptime_s=12.5,
    privileged=True,
    advisor="0.1.0",
)
HOST = Host(
    collection=COLLECTION,
    sysctl={"net": {"ipv4": {"tcp_rmem": (4096, 131072, 6291456), "tcp_ecn": Unavailable("no")}}},
    nics={
        "eth0.100": Nic(
            name="eth0.100",
            index=2,
            kind="vlan",
            physical=False,
            up=True,
            running=True,
            mtu=1500,
            txqueuelen=1000,
            rx_queues={"0": RxQueue(queue=0, rps_cpus=(0, 2), rps_flow_cnt=0)},
        )
    },
    listeners={"0.0.0.0:80": Listener(address="0.0.0.0", port=80, accept_queue=3, backlog=128)},
)


def document(**changes: Any) -> dict[str, Any]:
    """The document of HOST, some of its top-level keys replaced."""
    return {**json.loads(snapshot.encode(HOST)), **changes}


def refusal(data: bytes | str | dict[str, Any]) -> AdvisorError:
    """The error that reading this gives."""
    text = json.dumps(data) if isinstance(data, dict) else data
    raw = text.encode() if isinstance(text, str) else text
    with pytest.raises(AdvisorError) as caught:
        snapshot.decode(raw, "s.json")
    return caught.value


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(hosts())
def test_every_host_comes_back_exactly(host: Host) -> None:
    once = snapshot.encode(host)
    back = snapshot.decode(once.encode(), "s.json")
    assert back == host
    # == takes True for 1 and 1 for 1.0, which a rule may not: the types have to survive too.
    assert repr(back) == repr(host)
    assert snapshot.encode(back) == once


def test_the_document_is_as_published() -> None:
    data = document()
    assert data["schema"] == "advisor.snapshot/v1"
    assert data["sysctl"]["net"]["ipv4"]["tcp_rmem"] == [4096, 131072, 6291456]
    assert data["sysctl"]["net"]["ipv4"]["tcp_ecn"] == {"unavailable": "no"}
    assert data["kernel"] == {"unavailable": "not read"}
    assert "sample" not in data
    assert "speed_mbps" not in data["nics"]["eth0.100"]


def test_indentation_changes_nothing() -> None:
    assert snapshot.decode(snapshot.encode(HOST, indent=2).encode(), "s.json") == HOST


def test_what_a_newer_advisor_adds_is_ignored() -> None:
    data = document(weather={"sun": True})
    data["nics"]["eth0.100"]["colour"] = "blue"
    data["kernel"]["since"] = 3
    assert snapshot.decode(json.dumps(data).encode(), "s.json") == HOST


def test_null_and_left_out_mean_the_same_for_an_optional_field() -> None:
    data = document(sample=None)
    data["nics"]["eth0.100"]["speed_mbps"] = None
    assert snapshot.decode(json.dumps(data).encode(), "s.json") == HOST


def test_an_optional_field_without_a_default_may_be_left_out() -> None:
    irq = Irq(irq=1, name="x", nic=None, counts={}, total=0, affinity=(), effective=())
    host = Host(collection=COLLECTION, irqs={"1": irq})
    text = snapshot.encode(host)
    assert "nic" not in json.loads(text)["irqs"]["1"]
    assert snapshot.decode(text.encode(), "s.json") == host


def test_an_integer_stands_for_a_real_number() -> None:
    back = snapshot.decode(snapshot.encode(HOST).replace("12.5", "12").encode(), "s.json")
    assert type(back.collection.uptime_s) is float


def test_an_interface_or_file_may_have_any_name() -> None:
    odd = '\udcff "]:é\n'
    sysctl: SysctlTree = {"net": {"ipv4": {"conf": {odd: {"forwarding": 1}}}}}
    host = Host(collection=COLLECTION, sysctl=sysctl, nstat={odd: {odd: 1}})
    assert snapshot.decode(snapshot.encode(host).encode(), "s.json") == host


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        (
            ("nics", "eth0.100", "mtu"),
            "big",
            'nics["eth0.100"].mtu: expected an integer, got a string',
        ),
        (
            ("nics", "eth0.100", "mtu"),
            True,
            'nics["eth0.100"].mtu: expected an integer, got a boolean',
        ),
        (("nics", "eth0.100", "mtu"), 1.5, "expected an integer, got a number with a fraction"),
        (("nics", "eth0.100", "mtu"), 2**64, "the integer does not fit 64 bits"),
        (("nics", "eth0.100", "up"), 1, "expected true or false, got an integer"),
        (("nics", "eth0.100", "name"), None, "expected a string, got null"),
        (("nics", "eth0.100", "speed_mbps"), "x", "expected an integer or null, got a string"),
        (
            ("nics", "eth0.100", "rx_queues", "0", "rps_cpus"),
            [0, "1"],
            'nics["eth0.100"].rx_queues["0"].rps_cpus[1]: expected an integer, got a string',
        ),
        (("nics", "eth0.100", "stats"), {"a": {}}, ".stats.a: expected an integer, got an object"),
        (("nics", "eth0.100"), [], 'nics["eth0.100"]: expected an object, got an array'),
        (("nics",), 3, "nics: expected an object, got an integer"),
        (("kernel",), {"release": "6.1"}, 'kernel: the key "version" is missing'),
        (("kernel",), {"unavailable": 3}, 'kernel: the key "release" is missing'),
        (("collection", "uptime_s"), "1", "collection.uptime_s: expected a number, got a string"),
        (("collection", "uptime_s"), 2**70, "collection.uptime_s: the number is too large"),
        (
            ("collection", "privileged"),
            {"unavailable": "x"},
            "expected true or false, got an object",
        ),
        (("sysctl", "net", "x"), 1.5, "sysctl.net.x: expected an integer, a string, an array"),
        (("sysctl", "net", "x"), [1, None], "sysctl.net.x[1]: expected an integer, got null"),
        (("sysctl", "net", "x"), -(2**63) - 1, "sysctl.net.x: the integer does not fit 64 bits"),
        (("sample",), {"seconds": 1}, 'sample: the key "before" is missing'),
        (
            ("sample",),
            {"seconds": 1, "before": {}},
            'sample.before: the key "collection" is missing',
        ),
        (("collection",), None, "collection: expected an object, got null"),
    ],
)
def test_a_wrong_value_is_refused_with_its_place(
    place: tuple[str, ...], value: object, message: str
) -> None:
    data = document()
    inner = data
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    error = refusal(data)
    assert error.message.startswith("s.json: ")
    assert message in error.message


def test_a_snapshot_without_collection_is_refused() -> None:
    data = document()
    del data["collection"]
    assert 'the key "collection" is missing' in refusal(data).message


@pytest.mark.parametrize(
    ("data", "message", "hint"),
    [
        ("", "s.json: the snapshot is empty", "advisor snapshot -o FILE"),
        (" \n\t", "s.json: the snapshot is empty", "advisor snapshot -o FILE"),
        ("{}", 's.json: not a snapshot: the key "schema" is missing', "advisor snapshot -o FILE"),
        ("[]", "s.json: not a snapshot: the document is not an object", "advisor snapshot"),
        ('"x"', "s.json: not a snapshot: the document is not an object", "advisor snapshot"),
        (
            '{"schema": "advisor.report/v1"}',
            'its schema is "advisor.report/v1"',
            "advisor snapshot",
        ),
        ('{"schema": 1}', "its schema is 1, not advisor.snapshot/v1", "advisor snapshot"),
        ('{"schema": "advisor.snapshot/v2"}', 'snapshot version "v2" is not known', "version of"),
        ('{"schema": "advisor.snapshot"}', 'snapshot version "" is not known', "version of"),
        ("eth0: up", "s.json:1:1: not JSON: Expecting value", "advisor snapshot"),
        ("{'a': 1}", "s.json:1:2: not JSON", "advisor snapshot"),
        ('{"a": 1,\n "b" 2}', "s.json:2:6: not JSON", "advisor snapshot"),
        (b"\x1f\x8b\x08\x00\x99", "byte 1 is not text", "decompress it first"),
        (b"\x7fELF\xff", "byte 4 is not text", "advisor snapshot -o FILE"),
        ('{"a": {"mtu": 1, "mtu": 1}}', 'the key "mtu" is there twice in one object', None),
        ('{"a": NaN}', "NaN is not a number in JSON", None),
        ('{"a": -Infinity}', "-Infinity is not a number in JSON", None),
        ('{"a": ' + "9" * 5000 + "}", "a number in it has too many digits", None),
        ("[" * 200_000, "nested too deeply", None),
        ('{"schema": "advisor.snapshot/v1", "a": ' + '{"a":' * 200_000, "nested too deeply", None),
    ],
)
def test_what_is_not_a_snapshot_is_refused(
    data: str | bytes, message: str, hint: str | None
) -> None:
    error = refusal(data)
    assert message in error.message
    assert (error.hint is None) if hint is None else (error.hint and hint in error.hint)


def test_infinity_by_exponent_is_refused() -> None:
    text = snapshot.encode(HOST).replace("12.5", "1e999")
    assert "collection.uptime_s: the number is too large" in refusal(text).message


def test_a_sysctl_tree_deeper_than_the_kernel_makes_them_is_refused() -> None:
    tree: dict[str, Any] = {}
    for _ in range(50):
        tree = {"a": tree}
    assert "too many levels" in refusal(document(sysctl=tree)).message


def test_samples_within_samples_without_end_are_refused() -> None:
    before = '{"sample": {"seconds": 1, "before": '
    start = f'{{"schema": "{snapshot.SCHEMA}", "sample": {{"seconds": 1, "before": '
    assert "nested too deeply" in refusal(start + before * 400 + "{}" + "}}" * 401).message


@pytest.mark.parametrize("part", [0.001, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_snapshot_is_refused_with_line_and_column(part: float) -> None:
    text = snapshot.encode(HOST, indent=1).rstrip()
    cut = text[: max(1, int(len(text) * part))]
    message = refusal(cut).message
    place, _, problem = message.removeprefix("s.json:").partition(": ")
    line, column = (int(number) for number in place.split(":"))
    assert 1 <= line <= cut.count("\n") + 1
    assert column >= 1
    assert problem


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200))
def test_random_bytes_are_refused_and_nothing_worse(data: bytes) -> None:
    refusal(data)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_snapshot_with_one_byte_changed_is_read_or_refused_and_nothing_worse(
    data: st.DataObject,
) -> None:
    raw = bytearray(snapshot.encode(HOST).encode())
    raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        assert isinstance(snapshot.decode(bytes(raw), "s.json"), Host)
    except AdvisorError as error:
        assert error.message.startswith("s.json")


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    path.write_text(snapshot.encode(HOST))
    assert snapshot.load(str(path)) == HOST


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    path.write_text(snapshot.encode(HOST), encoding="utf-8-sig")
    assert snapshot.load(str(path)) == HOST


def test_standard_input_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO(snapshot.encode(HOST).encode()))
    monkeypatch.setattr("sys.stdin", stream)
    assert snapshot.load("-") == HOST


def test_errors_of_standard_input_name_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"")))
    with pytest.raises(AdvisorError, match="standard input: the snapshot is empty"):
        snapshot.load("-")


@pytest.mark.parametrize(
    ("name", "reason"),
    [("missing.json", "No such file or directory"), ("", "Is a directory"), ("\0", "null")],
)
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, name: str, reason: str) -> None:
    with pytest.raises(AdvisorError, match=reason):
        snapshot.load(f"{tmp_path}/{name}")


def test_a_hundred_megabytes_are_refused_without_being_read(tmp_path: Path) -> None:
    path = tmp_path / "big.json"
    with path.open("wb") as file:
        file.truncate(100 << 20)
    with pytest.raises(AdvisorError, match="larger than 64 MiB"):
        snapshot.load(str(path))


def test_an_endless_pipe_is_read_only_up_to_the_limit(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    written = 0

    def feed() -> None:
        nonlocal written
        chunk = b" " * (1 << 20)
        with pipe.open("wb", buffering=0) as file:
            try:
                while written < 200 << 20:
                    written += file.write(chunk) or 0
            except BrokenPipeError:
                return

    feeder = threading.Thread(target=feed, daemon=True)
    feeder.start()
    with pytest.raises(AdvisorError, match="larger than 64 MiB"):
        snapshot.load(str(pipe))
    feeder.join(timeout=20)
    assert written < 80 << 20


def test_compressed_snapshots_are_not_guessed_at(tmp_path: Path) -> None:
    path = tmp_path / "s.json.gz"
    compressor = zlib.compressobj(wbits=31)
    path.write_bytes(compressor.compress(snapshot.encode(HOST).encode()) + compressor.flush())
    with pytest.raises(AdvisorError, match="not a snapshot") as caught:
        snapshot.load(str(path))
    assert caught.value.hint == "decompress it first"


def test_a_sample_keeps_its_earlier_reading() -> None:
    host = Host(collection=COLLECTION, sample=Sample(seconds=5.0, before=HOST))
    back = snapshot.decode(snapshot.encode(host).encode(), "s.json")
    assert back.sample is not None
    assert back.sample.before == HOST
