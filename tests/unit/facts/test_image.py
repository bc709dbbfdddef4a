"""Hosts that do not run: what their files say, and that nothing of the own host leaks in."""

from __future__ import annotations

from pathlib import Path

import pytest

from advisor.errors import AdvisorError
from advisor.expression.values import Unknown, walk
from advisor.facts.image import NOT_RUNNING, read_image
from advisor.facts.image_files import ImageFiles
from advisor.model.config import Config
from advisor.model.system import Kernel
from advisor.model.unavailable import Unavailable
from tests.unit.facts.host_tree import Link, host

KEYS = [("net", "ipv4", "tcp_rmem"), ("net", "core", "somaxconn"), ("net", "ipv4", "tcp_sack")]
IMAGE: dict[str, str | bytes | Link] = {
    "/etc/hostname": "golden\n",
    "/usr/lib/systemd/systemd-sysctl": "",
    "/lib/modules/5.10.0-28-amd64/modules.builtin": "",
    "/lib/modules/6.1.0-18-amd64/modules.builtin": "",
    "/boot/config-6.1.0-18-amd64": "CONFIG_HZ=250\n",
    "/etc/sysctl.d/90-net.conf": (
        "net.ipv4.tcp_sack = 0\nnet.ipv4.tcp_tw_recycle = 1\n"
        "net.netfilter.nf_conntrack_max = 1048576\n"
    ),
}


def test_an_image_has_its_newest_kernel_and_its_name(tmp_path: Path) -> None:
    host(tmp_path, IMAGE)
    found = read_image(tmp_path)
    assert found.collection.hostname == "golden"
    assert found.kernel == Kernel("6.1.0-18-amd64", (6, 1, 0), "", 250, 4096)
    assert found.nics == found.nstat == found.netns == NOT_RUNNING


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (("net", "ipv4", "tcp_sack"), 0),  # from the file
        (("net", "core", "somaxconn"), 4096),  # the kernel's own
        (("net", "ipv4", "ip_local_port_range"), (32768, 60999)),
        (("net", "ipv4", "tcp_rmem"), None),  # depends on the machine
        (("net", "netfilter", "nf_conntrack_max"), None),  # skipped: its module is loaded later
    ],
)
def test_keys_are_as_they_will_be_after_boot(
    tmp_path: Path, key: tuple[str, ...], value: object
) -> None:
    host(tmp_path, IMAGE)
    sysctl = read_image(tmp_path, KEYS).sysctl
    found = walk({"sysctl": sysctl}, ("sysctl", *key))
    if value is None:
        assert isinstance(found, Unknown)
    else:
        assert found == value


def test_a_key_that_the_image_s_kernel_has_no_more_is_missing(tmp_path: Path) -> None:
    host(tmp_path, IMAGE)
    found = read_image(tmp_path, [("net", "ipv4", "tcp_tw_recycle")])
    assert isinstance(found.config, Config)
    assert found.config.keys["net.ipv4.tcp_tw_recycle"].missing == "unknown"
    absent = walk({"sysctl": found.sysctl}, ("sysctl", "net", "ipv4", "tcp_tw_recycle"))
    assert isinstance(absent, Unknown)
    assert absent.absent


@pytest.mark.parametrize(
    ("key", "missing"),
    [
        ("net.core.somaxcon", "typo"),
        ("net.core.somaxconn", None),
        ("net.ipv4.conf.eth0.rp_filter", None),
        ("net.site.of_our_own", None),
    ],
)
def test_a_key_that_resembles_a_known_one_is_misspelt(
    tmp_path: Path, key: str, missing: str | None
) -> None:
    host(tmp_path, {**IMAGE, "/etc/sysctl.d/99.conf": f"{key} = 1"})
    known = [*KEYS, ("net", "ipv4", "conf", "*", "rp_filter")]
    config = read_image(tmp_path, known).config
    assert isinstance(config, Config)
    assert config.keys[key].missing == missing


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/usr/share/net.conf", "net.ipv4.tcp_sack = 0"),
        ("../../usr/share/net.conf", "net.ipv4.tcp_sack = 0"),
        ("../../../../../../usr/share/net.conf", "net.ipv4.tcp_sack = 0"),
        ("/missing", None),
        ("90-net.conf", None),  # a link to itself
    ],
)
def test_links_are_followed_within_the_image(
    tmp_path: Path, target: str, expected: str | None
) -> None:
    host(
        tmp_path,
        {
            "/usr/share/net.conf": "net.ipv4.tcp_sack = 0",
            "/etc/sysctl.d/90-net.conf": Link(target),
        },
    )
    found = ImageFiles(tmp_path).read_text("/etc/sysctl.d/90-net.conf")
    assert found == expected if expected else isinstance(found, Unavailable)


def test_a_directory_that_is_a_link_is_followed_within_the_image(tmp_path: Path) -> None:
    host(tmp_path, {"/usr/lib/sysctl.d/a.conf": "x", "/lib": Link("/usr/lib")})
    files = ImageFiles(tmp_path)
    assert files.list_dir("/lib/sysctl.d") == ["a.conf"]
    assert files.read_link("/lib") == "/usr/lib"
    assert not files.live


@pytest.mark.parametrize("name", ["missing", "file", "empty"])
def test_what_is_no_image_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "empty").mkdir()
    with pytest.raises(AdvisorError, match=name):
        read_image(tmp_path / name)
