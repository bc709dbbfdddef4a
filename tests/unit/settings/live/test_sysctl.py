"""Kernel parameters of a recorded /proc/sys/net: what is written there, and what never is."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.errors import AdvisorError
from advisor.facts.files import Files
from advisor.model.address import SysctlAddress
from advisor.model.unavailable import Unavailable
from advisor.settings.live import Live, WriteError
from advisor.settings.live.sysctl import formatted, same_shape

RMEM = ("net", "ipv4", "tcp_rmem")
SOMAXCONN = ("net", "core", "somaxconn")
PORTS = ("net", "ipv4", "ip_local_reserved_ports")
CONTROL = ("net", "ipv4", "tcp_congestion_control")
KEY = ("net", "ipv4", "tcp_fastopen_key")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    net = tmp_path / "proc/sys/net"
    for name, text in {
        "ipv4/tcp_rmem": "4096\t131072\t6291456\n",
        "core/somaxconn": "4096\n",
        "ipv4/ip_local_reserved_ports": "\n",
        "ipv4/tcp_congestion_control": "cubic\n",
        "ipv4/tcp_fastopen_key": "00000000-00000000\n",
        "ipv4/route/flush": "0\n",
        "ipv4/conf/eth0.100/rp_filter": "1\n",
        "ipv4/conf/a..b/rp_filter": "1\n",
        "ipv4/conf/é/rp_filter": "1\n",
        "core/bpf_jit_enable": "1\n",
    }.items():
        file = net / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (tmp_path / "proc/sys/vm").mkdir()
    (tmp_path / "proc/sys/vm/swappiness").write_text("60\n")
    (net / "core/link").symlink_to("somaxconn")
    return tmp_path


def live(root: Path) -> Live:
    return Live(Files(root))


def content(root: Path, key: tuple[str, ...]) -> str:
    return (root / "proc/sys").joinpath(*key).read_text()


@pytest.mark.parametrize(
    ("key", "index", "value"),
    [
        (SOMAXCONN, None, 4096),
        (RMEM, None, (4096, 131072, 6291456)),
        (RMEM, 2, 6291456),
        (PORTS, None, ""),
        (CONTROL, None, "cubic"),
        (("net", "ipv4", "conf", "eth0.100", "rp_filter"), None, 1),
        (("net", "ipv4", "conf", "é", "rp_filter"), None, 1),
    ],
)
def test_a_value_is_read_as_the_facts_have_it(
    root: Path, key: tuple[str, ...], index: int | None, value: Any
) -> None:
    assert live(root).read(SysctlAddress(key, index)) == value


@pytest.mark.parametrize(
    ("key", "index"),
    [
        (KEY, None),
        (RMEM, 3),
        (SOMAXCONN, 0),
        (("net", "core", "missing"), None),
        (("net",), None),
        ((), None),
        (("vm", "swappiness"), None),
        (("net", "..", "vm", "swappiness"), None),
        (("net", "../vm/swappiness"), None),
        (("net", "core", "link"), None),
        (("net", "core"), None),
        (("net", "core", "so\0maxconn"), None),
        (("net", "core", "\udcff"), None),
    ],
)
def test_what_cannot_be_read_says_why(root: Path, key: tuple[str, ...], index: int | None) -> None:
    found = live(root).read(SysctlAddress(key, index))
    assert isinstance(found, Unavailable)
    assert found.reason


@pytest.mark.parametrize(
    ("key", "value", "written"),
    [
        (SOMAXCONN, 8192, "8192\n"),
        (RMEM, (4096, 262144, 33554432), "4096 262144 33554432\n"),
        (PORTS, "80,443", "80,443\n"),
        (CONTROL, "reno_", "reno_\n"),
        (("net", "ipv4", "conf", "a..b", "rp_filter"), 2, "2\n"),
        (("net", "ipv4", "conf", "eth0.100", "rp_filter"), 2, "2\n"),
    ],
)
def test_a_value_is_written_whole_and_in_decimal(
    root: Path, key: tuple[str, ...], value: Any, written: str
) -> None:
    live(root).write(SysctlAddress(key), value)
    assert content(root, key).startswith(written)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (RMEM, (4096,)),
        (RMEM, (4096, 131072)),
        (RMEM, (4096, 131072, 6291456, 1)),
        (RMEM, 16384),
        (RMEM, "4096 131072 6291456"),
        (SOMAXCONN, (1, 2)),
        (SOMAXCONN, "0x10"),
        (PORTS, 80),
        (("net", "core", "missing"), 1),
    ],
)
def test_a_value_of_another_form_is_not_written(
    root: Path, key: tuple[str, ...], value: Any
) -> None:
    before = (root / "proc/sys").joinpath(*key).read_text() if key[-1] != "missing" else ""
    with pytest.raises(WriteError) as error:
        live(root).write(SysctlAddress(key), value)
    assert error.value.errno in (errno.EINVAL, errno.ENOENT)
    if before:
        assert content(root, key) == before


@pytest.mark.parametrize(
    ("key", "index", "value"),
    [
        (KEY, None, "1-1"),
        (("net", "ipv4", "route", "flush"), None, 1),
        (("net", "core", "bpf_jit_enable"), None, 0),
        (RMEM, 2, 33554432),
        (("vm", "swappiness"), None, 1),
        (("net", "..", "vm", "swappiness"), None, 1),
        (("net", "../vm/swappiness"), None, 1),
        (("net",), None, 1),
        (SOMAXCONN, None, True),
        (SOMAXCONN, None, 1.5),
        (SOMAXCONN, None, None),
        (RMEM, None, ()),
        (RMEM, None, (1, 2, True)),
        (CONTROL, None, "reno\nbbr"),
        (CONTROL, None, "ren\0o"),
        (CONTROL, None, "réno"),
        (PORTS, None, "1," * (1 << 16)),
    ],
)
def test_what_must_not_be_written_is_refused_before_and_after_a_check(
    root: Path, key: tuple[str, ...], index: int | None, value: Any
) -> None:
    files = sorted(path for path in root.rglob("*") if path.is_file())
    before = [path.read_bytes() for path in files]
    address = SysctlAddress(key, index)
    with pytest.raises(AdvisorError):
        live(root).check(address, value, 1)
    with pytest.raises(AdvisorError):
        live(root).write(address, value)
    assert [path.read_bytes() for path in files] == before


def test_a_link_below_proc_is_not_followed(root: Path) -> None:
    with pytest.raises(WriteError):
        live(root).write(SysctlAddress(("net", "core", "link")), 1)
    assert content(root, SOMAXCONN) == "4096\n"


WORDS = st.lists(st.integers(-(1 << 63), 1 << 63), min_size=1, max_size=5)


@given(numbers=WORDS)
def test_numbers_are_written_as_the_kernel_prints_them(numbers: list[int]) -> None:
    text = formatted(tuple(numbers))
    assert [int(word, 10) for word in text.split(" ")] == numbers
    assert same_shape(tuple(numbers), tuple(numbers))


@given(parts=st.lists(st.text(), max_size=4))
def test_no_key_leads_out_of_proc_sys_net(
    tmp_path_factory: pytest.TempPathFactory, parts: list[str]
) -> None:
    root = tmp_path_factory.mktemp("host")
    (root / "proc/sys/net").mkdir(parents=True)
    (root / "proc/sys/other").write_text("1\n")
    address = SysctlAddress(("net", *parts))
    assert isinstance(live(root).read(address), Unavailable)
    with pytest.raises(AdvisorError):
        live(root).write(address, 2)
    assert (root / "proc/sys/other").read_text() == "1\n"
