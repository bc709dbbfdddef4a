"""The kernel's release, version and timer frequency."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from advisor.facts.files import Files
from advisor.facts.kernel import hz_of_tick, parse_config_hz, parse_version, read_kernel
from advisor.model.system import Kernel
from advisor.model.unavailable import Unavailable
from tests.unit.facts.host_tree import host

RELEASE = "6.1.0-18-amd64"
CONFIG = """\
#
# Linux/x86 6.1.76 Kernel Configuration
#
# CONFIG_HZ_PERIODIC is not set
# CONFIG_HZ_100 is not set
CONFIG_HZ_1000=y
CONFIG_HZ=1000
CONFIG_SCHED_HRTICK=y
"""


def kernel(root: Path, entries: dict[str, str | bytes]) -> Kernel:
    found = read_kernel(host(root, {"/proc/sys/kernel/osrelease": f"{RELEASE}\n", **entries}))
    assert isinstance(found, Kernel)
    return found


@pytest.mark.parametrize(
    ("release", "version"),
    [
        ("6.1.0-18-amd64", (6, 1, 0)),
        ("6.18.44-fc-v595", (6, 18, 44)),
        ("4.18.0-477.10.1.el8_8.x86_64", (4, 18, 0)),
        ("5.10-rc1", (5, 10)),
        ("7.0", (7, 0)),
        ("5.15.167.4-microsoft-standard-WSL2", (5, 15, 167, 4)),
        ("mainline", ()),
    ],
)
def test_the_version_is_the_leading_numbers(release: str, version: tuple[int, ...]) -> None:
    assert parse_version(release) == version


@pytest.mark.parametrize(
    ("tick", "hz"),
    [
        (0.004, 250),
        (0.01, 100),
        (0.001, 1000),
        (0.003333333, 300),
        (0.000999848, 1000),  # x86 before 3.8 rounded to its timer's frequency
        (1e-9, None),  # a kernel or sandbox whose coarse clock is a fine one
        (0.0, None),
        (1.0, None),
    ],
)
def test_the_tick_of_the_coarse_clock_gives_the_frequency(tick: float, hz: int | None) -> None:
    assert hz_of_tick(tick) == hz


def test_release_and_architecture_come_from_the_hosts_files(tmp_path: Path) -> None:
    found = kernel(tmp_path, {"/proc/sys/kernel/arch": "aarch64\n"})
    assert (found.release, found.version, found.machine) == (RELEASE, (6, 1, 0), "aarch64")


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("/proc/config.gz", gzip.compress(CONFIG.encode())),
        ("/proc/config.gz", gzip.compress((CONFIG + "# padding\n" * 100_000).encode())),
        ("/proc/config.gz", gzip.compress(("# padding\n" * 50_000 + CONFIG).encode())),
        (f"/boot/config-{RELEASE}", CONFIG),
        (f"/lib/modules/{RELEASE}/config", CONFIG),
    ],
)
def test_a_kernel_that_cannot_be_measured_declares_its_frequency(
    tmp_path: Path, path: str, content: str | bytes
) -> None:
    assert kernel(tmp_path, {path: content}).hz == 1000


@pytest.mark.parametrize(
    "entries",
    [
        {},
        {"/proc/config.gz": b"not gzip"},
        {"/proc/config.gz": gzip.compress(CONFIG.encode())[:40]},
        {"/proc/config.gz": gzip.compress(b"CONFIG_SMP=y\n")},
        {"/boot/config-5.10.0": CONFIG},
        {f"/boot/config-{RELEASE}": "CONFIG_HZ=\n# CONFIG_HZ=100\n"},
    ],
)
def test_an_unknowable_frequency_is_unavailable(
    tmp_path: Path, entries: dict[str, str | bytes]
) -> None:
    assert isinstance(kernel(tmp_path, entries).hz, Unavailable)


def test_the_configured_frequency_is_a_line_of_its_own() -> None:
    assert parse_config_hz(b"CONFIG_HZ_1000=y\nCONFIG_HZ=250\n") == 250
    assert parse_config_hz(b"CONFIG_HZ_1000=y\n") is None


def test_without_a_release_there_is_no_kernel(tmp_path: Path) -> None:
    assert isinstance(read_kernel(Files(tmp_path)), Unavailable)


def test_the_running_kernel_is_the_one_of_uname() -> None:
    found = read_kernel(Files())
    assert isinstance(found, Kernel)
    assert (found.release, found.machine) == (os.uname().release, os.uname().machine)
