"""Settings that are files of an interface, in a recorded /sys: what is written, and where never."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from advisor.errors import AdvisorError
from advisor.facts.files import Files
from advisor.model.address import NicAddress
from advisor.model.unavailable import Unavailable
from advisor.settings.live import Live, WriteError

NAMES = ("eth0", "eth0.100", "-x", "a..b", "$(id)", "é")
DIRECTORY = {
    "ifindex": "2\n",
    "threaded": "0\n",
    "gro_flush_timeout": "0     \n",
    "napi_defer_hard_irqs": "0     \n",
    "queues/rx-0/rps_cpus": "00       \n",
    "queues/rx-0/rps_flow_cnt": "0     \n",
    "queues/rx-1/rps_cpus": "00       \n",
    "queues/tx-0/xps_cpus": "00       \n",
    "queues/tx-0/xps_rxqs": "00       \n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for interface in NAMES:
        for name, text in DIRECTORY.items():
            file = tmp_path / "sys/class/net" / interface / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
    online = tmp_path / "sys/devices/system/cpu/online"
    online.parent.mkdir(parents=True)
    online.write_text("0-39\n")
    return tmp_path


SETTINGS = [
    (("threaded",), False, True, "1\n"),
    (("gro_flush_timeout",), 0, 20000, "20000\n"),
    (("napi_defer_hard_irqs",), 0, 2, "2\n"),
    (("queue", "rx-0", "rps_cpus"), (), (0, 1, 36), "10,00000003\n"),
    (("queue", "rx-0", "rps_flow_cnt"), 0, 1024, "1024\n"),
    (("queue", "tx-0", "xps_cpus"), (), (3,), "8\n"),
    (("queue", "tx-0", "xps_rxqs"), (), (1,), "2\n"),
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("attribute", "before", "value", "written"), SETTINGS)
def test_a_value_is_read_checked_and_written(
    root: Path, name: str, attribute: tuple[str, ...], before: Any, value: Any, written: str
) -> None:
    live, address = Live(Files(root), use_netlink=False), NicAddress(name, attribute)
    assert live.read(address) == before
    live.check(address, value, before)
    live.write(address, value)
    path = ("queues", *attribute[1:]) if attribute[0] == "queue" else attribute
    assert (root / "sys/class/net" / name).joinpath(*path).read_text().startswith(written)


@pytest.mark.parametrize(
    ("attribute", "value", "why"),
    [
        (("threaded",), 1, "true or false"),
        (("gro_flush_timeout",), 10**9, "from 0 to"),
        (("gro_flush_timeout",), -1, "from 0 to"),
        (("napi_defer_hard_irqs",), 1 << 31, "from 0 to"),
        (("napi_defer_hard_irqs",), True, "number"),
        (("queue", "rx-0", "rps_cpus"), (40,), "CPU 40 is not online"),
        (("queue", "rx-0", "rps_cpus"), "3", "list of numbers"),
        (("queue", "rx-0", "rps_flow_cnt"), 1 << 40, "from 0 to"),
        (("queue", "tx-0", "xps_rxqs"), (2,), "no receive queue 2"),
    ],
)
def test_what_is_out_of_bounds_is_refused(
    root: Path, attribute: tuple[str, ...], value: Any, why: str
) -> None:
    live, address = Live(Files(root), use_netlink=False), NicAddress("eth0", attribute)
    with pytest.raises(AdvisorError, match=why):
        live.check(address, value, live.read(address))  # type: ignore[arg-type]  # a value


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "a/b", "../eth0", "a:b", "eth0\0", "a b", "a\n", "x" * 16, "é" * 8, "gone"],
)
def test_what_is_no_interface_is_neither_read_nor_written(root: Path, name: str) -> None:
    live, address = Live(Files(root), use_netlink=False), NicAddress(name, ("threaded",))
    assert isinstance(live.read(address), Unavailable)
    with pytest.raises(WriteError):
        live.write(address, True)


def test_a_link_instead_of_a_file_is_not_written_through(root: Path) -> None:
    target = root / "target"
    target.write_text("0\n")
    for path in ("threaded", "queues/rx-0/rps_flow_cnt"):
        file = root / "sys/class/net/eth0" / path
        file.unlink()
        file.symlink_to(target)
    live = Live(Files(root), use_netlink=False)
    for attribute in (("threaded",), ("queue", "rx-0", "rps_flow_cnt")):
        address = NicAddress("eth0", attribute)
        assert isinstance(live.read(address), Unavailable)
        with pytest.raises(WriteError):
            live.write(address, 1 if len(attribute) > 1 else True)
    assert target.read_text() == "0\n"


@pytest.mark.parametrize(("text", "says"), [("2\n", "it is 2"), ("x\n", "'x'"), ("", "''")])
def test_a_state_that_is_not_known_is_not_a_value(root: Path, text: str, says: str) -> None:
    (root / "sys/class/net/eth0/threaded").write_text(text)
    found = Live(Files(root)).read(NicAddress("eth0", ("threaded",)))
    assert isinstance(found, Unavailable)
    assert says in found.reason


def test_a_queue_or_file_that_is_missing_says_so(root: Path) -> None:
    live = Live(Files(root))
    for attribute in (("queue", "rx-7", "rps_cpus"), ("queue", "tx-7", "xps_cpus")):
        found = live.read(NicAddress("eth0", attribute))
        assert isinstance(found, Unavailable)
        assert "queue" in found.reason
