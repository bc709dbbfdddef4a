"""Programs that set network settings on their own account."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.facts.config.defaults import DEFAULTS, default
from advisor.facts.config.ini import parse_ini
from advisor.facts.config.owners import read_owners
from advisor.facts.config.read import read_config
from advisor.knowledge.fixtures import build_host
from advisor.model.config import Config, Owner, RuntimeOnly
from advisor.model.system import Services
from advisor.model.unavailable import Unavailable
from tests.stories.kernels import sysctls
from tests.unit.facts.host_tree import Link, host

TUNED: dict[str, str | bytes | Link] = {
    "/etc/tuned/active_profile": "site\n",
    "/etc/tuned/site/tuned.conf": (
        "[main]\ninclude=network-latency\n[sysctl]\nnet.core.somaxconn = 2048\n"
    ),
    "/usr/lib/tuned/network-latency/tuned.conf": (
        "[main]\nsummary=x\n[sysctl]\nnet.core.somaxconn=1\nnet.ipv4.tcp_fastopen=3\nvm.x=1\n"
        "[my_nics]\ntype=net\ndevices=eth*\nring=rx 4096\n"
    ),
}


def test_a_profile_of_tuned_sets_what_it_and_those_it_includes_say(tmp_path: Path) -> None:
    owner = read_owners(host(tmp_path, TUNED), Services(running=("tuned",)))["tuned"]
    assert owner == Owner(
        name="tuned",
        running=True,
        detail="site",
        place="/etc/tuned/site/tuned.conf",
        keys={"net.core.somaxconn": "2048", "net.ipv4.tcp_fastopen": "3"},
        nic_settings={"eth*": ("ring rx 4096",)},
    )


def test_a_profile_that_includes_itself_ends(tmp_path: Path) -> None:
    files = host(
        tmp_path,
        {"/etc/tuned/active_profile": "a", "/etc/tuned/a/tuned.conf": "[main]\ninclude=a,b\n"},
    )
    assert read_owners(files, Services())["tuned"].running is False


def test_link_files_tune_with_their_drop_ins_and_the_nearest_counts(tmp_path: Path) -> None:
    files = host(
        tmp_path,
        {
            "/usr/lib/systemd/network/99-default.link": (
                "[Match]\nOriginalName=*\n[Link]\nNamePolicy=keep\n"
            ),
            "/etc/systemd/network/99-default.link.d/ring.conf": "[Link]\nRxBufferSize=max\n",
            "/etc/systemd/network/10-x.link": "[Match]\nDriver=ice\n[Link]\nMTUBytes=9000\n",
            "/usr/lib/systemd/network/10-x.link": "[Match]\nDriver=ice\n[Link]\nMTUBytes=1\n",
        },
    )
    assert read_owners(files, Services())["systemd.link"].nic_settings == {
        "Driver=ice": ("MTUBytes=9000",),
        "OriginalName=*": ("RxBufferSize=max",),
    }


def test_connections_of_networkmanager_tune_their_interface(tmp_path: Path) -> None:
    connection = (
        "[connection]\nid=x\ninterface-name=eth0\n[ethernet]\nmtu=9000\n[ethtool]\nring-rx=4096\n"
    )
    files = host(tmp_path, {"/etc/NetworkManager/system-connections/x.nmconnection": connection})
    owner = read_owners(files, Unavailable("hidden"))["NetworkManager"]
    assert owner.running is None
    assert owner.nic_settings == {"eth0": ("ethtool.ring-rx=4096", "ethernet.mtu=9000")}


def test_who_sets_a_configured_key_to_another_value_is_a_rival(tmp_path: Path) -> None:
    files = host(
        tmp_path,
        TUNED
        | {
            "/usr/lib/systemd/systemd-sysctl": "",
            "/etc/sysctl.d/a.conf": "net.core.somaxconn=9\nnet.ipv4.tcp_fastopen=3",
        },
    )
    facts = build_host(
        {
            "kernel": "6.1",
            "sysctl": {
                "net.core.somaxconn": 9,
                "net.ipv4.tcp_fastopen": 3,
                "net.ipv4.tcp_sack": 0,
                "net.ipv4.ip_forward": 1,
                "net.ipv4.tcp_fin_timeout": 60,
            },
            "netns": {"initial": True},
        }
    )
    config = read_config(
        files,
        sysctl=facts.sysctl,
        kernel=facts.kernel,
        services=Services(running=("dockerd", "tuned")),
        netns=facts.netns,
    )
    assert isinstance(config, Config)
    assert config.keys["net.core.somaxconn"].rivals == ("tuned (2048, /etc/tuned/site/tuned.conf)",)
    assert config.keys["net.ipv4.tcp_fastopen"].rivals == ()
    assert config.runtime_only == {
        "net.ipv4.ip_forward": RuntimeOnly("net.ipv4.ip_forward", "1", "0", ("dockerd",)),
        "net.ipv4.tcp_sack": RuntimeOnly("net.ipv4.tcp_sack", "0", "1"),
    }


def judged(
    tmp_path: Path,
    sysctl: dict[str, object],
    *,
    running: tuple[str, ...] = (),
    files: dict[str, str | bytes | Link] | None = None,
    kernel: str = "6.1",
) -> Config:
    facts = build_host({"kernel": kernel, "sysctl": sysctl, "netns": {"initial": True}})
    found = read_config(
        host(tmp_path, {"/usr/lib/systemd/systemd-sysctl": ""} | (files or {})),
        sysctl=facts.sysctl,
        kernel=facts.kernel,
        services=Services(running=running),
        netns=facts.netns,
    )
    assert isinstance(found, Config)
    return found


@pytest.mark.parametrize(
    ("value", "now", "program", "rivals"),
    [
        ("0", 1, "dockerd", ("dockerd (1, when it starts)",)),
        ("0", 1, "firewalld", ("firewalld (may set it, when it starts)",)),
        ("0", 0, "libvirtd", ()),
        ("1", 1, "dockerd", ()),
        ("0", 1, "irqbalance", ()),
    ],
)
def test_of_a_program_whose_files_are_not_read_the_running_value_tells(
    tmp_path: Path, value: str, now: int, program: str, rivals: tuple[str, ...]
) -> None:
    found = judged(
        tmp_path,
        {"net.ipv4.ip_forward": now},
        running=(program,),
        files={"/etc/sysctl.d/a.conf": f"net.ipv4.ip_forward = {value}"},
    )
    assert found.keys["net.ipv4.ip_forward"].rivals == rivals


@pytest.mark.parametrize(
    ("line", "is_rival"),
    [
        ('net.ipv4.tcp_rmem="4096 131072 16777216"', False),
        ("net.ipv4.tcp_rmem=4096\t131072 0x1000000", False),
        ("net.ipv4.tcp_rmem=>4096 131072 6291456", False),
        ("net.ipv4.tcp_rmem=${rmem}", False),
        ('net.ipv4.tcp_rmem="4096 131072 6291456"', True),
    ],
)
def test_a_value_of_tuned_is_compared_as_tuned_takes_it(
    tmp_path: Path, line: str, is_rival: bool
) -> None:
    found = judged(
        tmp_path,
        {"net.ipv4.tcp_rmem": [4096, 131072, 16777216]},
        running=("tuned",),
        files={
            "/etc/tuned/active_profile": "site",
            "/etc/tuned/site/tuned.conf": f"[sysctl]\n{line}\n",
            "/etc/sysctl.d/a.conf": "net.ipv4.tcp_rmem = 4096 131072 16777216",
        },
    )
    assert bool(found.keys["net.ipv4.tcp_rmem"].rivals) is is_rival


@pytest.mark.parametrize(("switch", "is_rival"), [("yes", True), ("no", False)])
def test_ufw_sets_its_own_file_after_the_others(
    tmp_path: Path, switch: str, is_rival: bool
) -> None:
    found = judged(
        tmp_path,
        {"net.ipv4.conf.all.log_martians": 0},
        files={
            "/etc/ufw/ufw.conf": f"# on at boot\nENABLED={switch}\n",
            "/etc/ufw/sysctl.conf": "#net/ipv4/ip_forward=1\nnet/ipv4/conf/all/log_martians=0\n",
            "/etc/sysctl.d/a.conf": "net.ipv4.conf.all.log_martians = 1",
        },
    )
    rivals = found.keys["net.ipv4.conf.all.log_martians"].rivals
    assert rivals == (("ufw (0, /etc/ufw/sysctl.conf)",) if is_rival else ())


@pytest.mark.parametrize(
    ("sysctl", "file", "text"),
    [
        ({"net.ipv4.ip_forward": 1}, "sysctl.d/a.conf", "net.ipv4.conf.all.forwarding = 1"),
        ({"net.core.somaxconn": 1024}, "sysctl.conf", "net.core.somaxconn = 1024"),
        ({"net.ipv4.tcp_notsent_lowat": 4294967295}, "sysctl.d/a.conf", ""),
        ({"net.ipv4.ip_local_port_range": [32768, 60999]}, "sysctl.d/a.conf", ""),
    ],
)
def test_what_a_file_names_or_the_kernel_starts_with_is_not_lost(
    tmp_path: Path, sysctl: dict[str, object], file: str, text: str
) -> None:
    found = judged(tmp_path, sysctl, files={f"/etc/{file}": text}, kernel="3.18")
    assert found.runtime_only == {}


@pytest.mark.parametrize("part", ["sysctl", "kernel"])
def test_what_is_lost_at_the_next_boot_is_unknown_where_it_cannot_be_read(
    tmp_path: Path, part: str
) -> None:
    facts = build_host({"sysctl": {"net.core.somaxconn": 4096}, "kernel": "6.1"})
    hidden = Unavailable("hidden")
    config = read_config(
        host(tmp_path, {"/etc/sysctl.d/a.conf": ""}),
        sysctl=hidden if part == "sysctl" else facts.sysctl,
        kernel=hidden if part == "kernel" else facts.kernel,
        services=Services(),
        netns=facts.netns,
    )
    assert isinstance(config, Config)
    assert config.runtime_only == hidden


def test_files_say_nothing_about_another_namespace(tmp_path: Path) -> None:
    facts = build_host({"kernel": "6.1", "sysctl": {}, "netns": {"initial": False}})
    found = read_config(
        host(tmp_path, {}),
        sysctl=facts.sysctl,
        kernel=facts.kernel,
        services=Services(),
        netns=facts.netns,
    )
    assert found == Config(reader="none of this namespace")


def test_defaults_are_those_of_the_kernels_sources() -> None:
    """Against the tables of whole kernels that the stories are made of."""
    for column, version in (("3.7", (3, 7)), ("5.6", (5, 6)), ("6.12", (6, 12)), ("6.18", (6, 18))):
        tree = sysctls(column, 8 << 30, {"lo": 65536}, {})
        for name in DEFAULTS:
            value: object = tree
            for part in name.split("."):
                value = value.get(part) if isinstance(value, dict) else None
            words = " ".join(map(str, value)) if isinstance(value, tuple) else str(value)
            if value is not None:
                assert default(name, version) == words, (column, name)


@given(st.text(max_size=300))
def test_any_text_is_read_as_sections(text: str) -> None:
    assert all(isinstance(values, dict) for values in parse_ini(text).values())
