"""Programs that set network settings on their own account."""

from __future__ import annotations

from pathlib import Path

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
