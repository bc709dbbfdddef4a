"""What is read of interfaces over netlink and over the ioctl, compared with each other and ethtool.

The interfaces are those of a namespace made for it, of every kind that this kernel has without
hardware, and, read only, those of this machine. What a driver does not support, ethtool refuses to
show; then there must be a reason instead of a value.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from advisor.facts.nics.device_settings import read_device_settings
from advisor.facts.nics.links import read_links
from advisor.facts.snapshot import plain
from tests.netns.spaces import Space, needs_namespaces, space
from tests.netns.test_nics_live import probe, set_up

pytestmark = needs_namespaces
needs_ethtool = pytest.mark.skipif(shutil.which("ethtool") is None, reason="needs ethtool")

# Kinds that a kernel may have beside those of the lab of test_nics_live.
MORE_KINDS = (
    ("vxlan", "id", "5", "dstport", "4789"),
    ("geneve", "id", "3", "remote", "192.0.2.1"),
    ("gretap", "local", "192.0.2.1", "remote", "192.0.2.2"),
    *((kind,) for kind in ("bond", "team", "dummy", "ifb", "wireguard", "netkit", "nlmon")),
)
ON_TOP = ("macvtap", "ipvlan", "macsec")

# What only netlink tells.
ONLY_NETLINK = {
    "ring": (
        *("rx_buf_len", "cqe_size", "tcp_data_split", "tx_push", "rx_push"),
        *("tx_push_buf_len", "tx_push_buf_len_max"),
    ),
    "coalesce": (
        *("cqe_mode_rx", "cqe_mode_tx", "rx_profile", "tx_profile"),
        *("tx_aggr_max_bytes", "tx_aggr_max_frames", "tx_aggr_time_usecs"),
    ),
    "pause": ("rx_frames", "tx_frames"),
    "fec": ("corrected_blocks", "uncorrectable_blocks"),
    "rss": ("contexts",),
}

Settings = dict[str, Any]


@dataclass(frozen=True)
class Subject:
    """The interfaces of a namespace: how to run a command there, and what was read that way."""

    run: Callable[..., str | None]
    over_netlink: Mapping[str, Settings]
    over_ioctl: Mapping[str, Settings]

    def each(self, option: str) -> Iterator[tuple[str, Settings, str | None]]:
        """Every interface, what we say of it and what `ethtool` says, None when it refuses."""
        for name, settings in self.over_netlink.items():
            yield name, settings, self.run("ethtool", *option.split(), name)


@pytest.fixture(scope="module")
def lab() -> Iterator[Subject]:
    with space() as made:
        set_up(made)
        for number, (kind, *options) in enumerate(MORE_KINDS):
            attempt(made, "ip", "link", "add", "name", f"more{number}", "type", kind, *options)
        for kind in ON_TOP:
            attempt(made, "ip", "link", "add", "link", "wide1", "name", kind, "type", kind)
        made.run("ip", "tuntap", "add", "tun0", "mode", "tun")
        # Segmentation needs scatter-gather: it stays requested and goes off.
        attempt(made, "ethtool", "-K", "veth0", "sg", "off")
        attempt(made, "ethtool", "-K", "wide0", "gro", "on")
        attempt(made, "ethtool", "-C", "tap0", "rx-frames", "16")
        attempt(made, "ethtool", "-s", "tap0", "speed", "2500", "duplex", "half")
        yield Subject(
            lambda *command: attempt(made, *command), probe(made, "netlink"), probe(made, "ioctl")
        )


@pytest.fixture(scope="module")
def machine() -> Subject:
    links = read_links()
    over_netlink = read_device_settings(links)
    over_ioctl = read_device_settings(links, use_netlink=False)
    return Subject(
        run,
        {link.name: plain(over_netlink[link.index]) for link in links},
        {link.name: plain(over_ioctl[link.index]) for link in links},
    )


@pytest.fixture(params=["lab", "machine"])
def subject(request: pytest.FixtureRequest) -> Subject:
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Subject)
    return found


def attempt(made: Space, *command: str) -> str | None:
    """The output of a command in the namespace, None when it fails."""
    return run("ip", "netns", "exec", made.name, *command)


def run(*command: str) -> str | None:
    done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    return None if done.returncode else os.fsdecode(done.stdout)


def test_netlink_and_the_ioctl_agree_on_every_interface(subject: Subject) -> None:
    assert subject.over_netlink.keys() == subject.over_ioctl.keys() >= {"lo"}
    for name, settings in subject.over_netlink.items():
        assert comparable(settings) == comparable(subject.over_ioctl[name]), name


def comparable(settings: Settings) -> Settings:
    """What both ways can tell, without what moves between two readings.

    The ioctl has 0 for a field of coalescing that the driver does not have, where netlink has none.
    """
    found = dict(settings)
    for part, fields in ONLY_NETLINK.items():
        if "unavailable" not in found[part]:
            found[part] = {
                field: value for field, value in found[part].items() if field not in fields
            }
    found["coalesce"] = without_zeros(found["coalesce"])
    if "unavailable" not in found["queue_coalesce"]:
        found["queue_coalesce"] = {
            queue: without_zeros(own) for queue, own in found["queue_coalesce"].items()
        }
    if isinstance(found["statistics"], list):
        found["statistics"] = [name for name, _value in found["statistics"]]
    return found


def without_zeros(fields: Settings) -> Settings:
    return {name: value for name, value in fields.items() if value}


def lines(text: str) -> dict[str, str]:
    """ "field: value" lines; of two blocks the last wins, which says what is now."""
    return dict(re.findall(r"^\s*([^:\n]+):[ \t]*(.*)$", text, re.MULTILINE))


def numbers(text: str, labels: Mapping[str, str]) -> dict[str, int]:
    """Our field → number behind its label, 0 where ethtool has none."""
    found = lines(text)
    return {
        field: 0 if found[label] == "n/a" else int(found[label]) for field, label in labels.items()
    }


def check_supported(part: str, name: str, settings: Settings, shown: str | None) -> bool:
    """Whether there is something to compare; if not, there has to be a reason."""
    if shown is None:
        assert settings[part].get("unavailable"), (name, part)
        return False
    return "unavailable" not in settings[part]


CHANNELS = {"rx": "RX", "tx": "TX", "other": "Other", "combined": "Combined"}
RINGS = {"rx": "RX", "tx": "TX"}


@needs_ethtool
@pytest.mark.parametrize(
    ("option", "part", "labels"), [("-l", "channels", CHANNELS), ("-g", "ring", RINGS)]
)
def test_counts_and_sizes_are_those_that_ethtool_shows(
    subject: Subject, option: str, part: str, labels: Mapping[str, str]
) -> None:
    for name, settings, shown in subject.each(option):
        if not check_supported(part, name, settings, shown) or shown is None:
            continue
        most, _, now = shown.partition("Current hardware settings")
        assert numbers(now, labels) == {field: settings[part][field] for field in labels}, name
        assert numbers(most, labels) == {
            field: settings[part][f"{field}_max"] for field in labels
        }, name


COALESCE = {
    "rx_usecs": "rx-usecs",
    "rx_frames": "rx-frames",
    "rx_usecs_irq": "rx-usecs-irq",
    "rx_frames_irq": "rx-frames-irq",
    "tx_usecs": "tx-usecs",
    "tx_frames": "tx-frames",
    "tx_usecs_irq": "tx-usecs-irq",
    "tx_frames_irq": "tx-frames-irq",
    "stats_block_usecs": "stats-block-usecs",
    "rate_sample_interval": "sample-interval",
    "pkt_rate_low": "pkt-rate-low",
    "pkt_rate_high": "pkt-rate-high",
    "rx_usecs_low": "rx-usecs-low",
    "rx_frames_low": "rx-frame-low",
    "tx_usecs_high": "tx-usecs-high",
    "tx_frames_high": "tx-frame-high",
}


@needs_ethtool
def test_coalescing_is_that_which_ethtool_shows(subject: Subject) -> None:
    for name, settings, shown in subject.each("-c"):
        if not check_supported("coalesce", name, settings, shown) or shown is None:
            continue
        theirs = lines(shown)
        assert {label: theirs[label] for label in COALESCE.values()} == {
            label: str(settings["coalesce"].get(field, "n/a")) for field, label in COALESCE.items()
        }, name
        switches = re.search(r"Adaptive RX: (\S+)\s+TX: (\S+)", shown)
        assert switches is not None
        assert switches.groups() == tuple(
            switch(settings["coalesce"].get(field)) for field in ("adaptive_rx", "adaptive_tx")
        ), name


def switch(value: bool | None) -> str:
    return "n/a" if value is None else "on" if value else "off"


@needs_ethtool
def test_coalescing_of_each_channel_is_that_which_ethtool_shows(subject: Subject) -> None:
    for name, settings, shown in subject.each("-Q"):
        del shown  # ethtool wants the queues named
        if "unavailable" in settings["queue_coalesce"]:
            continue
        for queue, own in settings["queue_coalesce"].items():
            mask = f"{1 << int(queue):#x}"
            of_one = subject.run("ethtool", "-Q", name, "queue_mask", mask, "--show-coalesce")
            assert of_one is not None, name
            theirs = lines(of_one)
            for field, label in COALESCE.items():
                if field in own:
                    assert int(theirs[label]) == own[field], (name, queue, field)


@needs_ethtool
def test_flow_control_is_that_which_ethtool_shows(subject: Subject) -> None:
    for name, settings, shown in subject.each("-a"):
        if check_supported("pause", name, settings, shown) and shown is not None:
            theirs = lines(shown)
            assert [theirs["Autonegotiate"], theirs["RX"], theirs["TX"]] == [
                switch(settings["pause"][field]) for field in ("autoneg", "rx", "tx")
            ], name


@needs_ethtool
def test_error_correction_is_that_which_ethtool_shows(subject: Subject) -> None:
    for name, settings, shown in subject.each("--show-fec"):
        if check_supported("fec", name, settings, shown) and shown is not None:
            active = lines(shown).get("Active FEC encoding", "None").lower()
            assert active == settings["fec"].get("active", "none"), name


# ethtool has names of its own for some features, and groups of which it shows the kernel's below.
ETHTOOL_NAMES = {
    "rx-checksumming": "rx-checksum",
    "generic-segmentation-offload": "tx-generic-segmentation",
    "generic-receive-offload": "rx-gro",
    "large-receive-offload": "rx-lro",
    "rx-vlan-offload": "rx-vlan-hw-parse",
    "tx-vlan-offload": "tx-vlan-hw-insert",
    "ntuple-filters": "rx-ntuple-filter",
    "receive-hashing": "rx-hashing",
}
ETHTOOL_GROUPS = {"tx-checksumming", "scatter-gather", "tcp-segmentation-offload", "Features for"}


@needs_ethtool
def test_features_are_those_that_ethtool_shows(subject: Subject) -> None:
    for name, settings, shown in subject.each("-k"):
        assert shown is not None, name
        theirs = {
            ETHTOOL_NAMES.get(label, label): state
            for label, state in lines(shown.partition("\n")[2]).items()
            if label not in ETHTOOL_GROUPS
        }
        assert theirs == {
            feature: as_ethtool_says(state) for feature, state in settings["features"].items()
        }, name


def as_ethtool_says(feature: Mapping[str, bool]) -> str:
    state = "on" if feature["active"] else "off"
    if feature["fixed"]:
        return f"{state} [fixed]"
    if feature["active"] != feature["requested"]:
        return f"{state} [requested {'on' if feature['requested'] else 'off'}]"
    return state


def test_a_feature_that_cannot_have_its_way_is_requested_and_off(lab: Subject) -> None:
    features = lab.over_netlink["veth0"]["features"]
    assert features["tx-tcp-segmentation"] == {"active": False, "fixed": False, "requested": True}
    assert features["tx-scatter-gather"] == {"active": False, "fixed": False, "requested": False}
    # veth can be asked for GRO; the value is what was asked for.
    gro = lab.over_netlink["wide0"]["features"]["rx-gro"]
    assert gro == {"active": True, "fixed": False, "requested": True}


@needs_ethtool
def test_the_link_is_as_ethtool_shows_it(subject: Subject) -> None:
    for name, settings, shown in subject.each(""):
        theirs = lines(shown or "")
        if "Speed" not in theirs:
            assert "speed_mbps" not in settings, name
            continue
        speed = re.match(r"(\d+)Mb/s", theirs["Speed"])
        assert (int(speed[1]) if speed else None) == settings.get("speed_mbps"), name
        duplex = theirs["Duplex"].lower()
        assert (duplex if duplex in ("full", "half") else None) == settings.get("duplex"), name
        for field, label in (
            ("speed_max_mbps", "Supported link modes"),
            ("speed_advertised_mbps", "Advertised link modes"),
            ("speed_partner_mbps", "Link partner advertised link modes"),
        ):
            assert fastest(shown or "", label) == settings.get(field), (name, field)
        if "speed_max_mbps" in settings:
            assert switch(settings["autoneg"]) == theirs["Auto-negotiation"], name


def fastest(shown: str, label: str) -> int | None:
    """The fastest mode of a list that goes on over lines without a label."""
    listed = re.search(rf"^\s*{label}:(.*(?:\n[^:\n]+$)*)", shown, re.MULTILINE)
    speeds = re.findall(r"(\d+)base", listed[1] if listed else "")
    return max(map(int, speeds), default=None)


def test_software_has_no_link_modes_and_nothing_to_negotiate(lab: Subject) -> None:
    modes = ("autoneg", "speed_max_mbps", "speed_advertised_mbps", "speed_partner_mbps")
    for name, settings in lab.over_netlink.items():
        assert not settings.keys() & set(modes), name
    assert lab.over_netlink["tap0"]["duplex"] == "half"


@needs_ethtool
def test_private_flags_and_counters_are_those_that_ethtool_shows(subject: Subject) -> None:
    for name, settings, shown in subject.each("--show-priv-flags"):
        if check_supported("private_flags", name, settings, shown) and shown is not None:
            theirs = {label.strip(): state for label, state in lines(shown).items()}
            ours = {flag: switch(on) for flag, on in settings["private_flags"].items()}
            assert ours.items() <= theirs.items(), name
    for name, settings, shown in subject.each("-S"):
        if isinstance(settings["statistics"], list):
            ours = [counter.strip() for counter, _value in settings["statistics"]]
            assert ours == re.findall(r"^ {5}\s*(.+): \d+$", shown or "", re.MULTILINE), name
        else:
            assert shown is None, name


# What `ethtool -n DEV rx-flow-hash` prints, and its letter.
HASHED = {
    "L2DA": "m",
    "VLAN tag": "v",
    "L3 proto": "t",
    "IP SA": "s",
    "IP DA": "d",
    "L4 bytes 0 & 1 [TCP/UDP src port]": "f",
    "L4 bytes 2 & 3 [TCP/UDP dst port]": "n",
}


@needs_ethtool
def test_rss_is_that_which_ethtool_shows(subject: Subject) -> None:
    for name, settings, shown in subject.each("-x"):
        table = re.findall(r"^\s+\d+:((?:\s+\d+)+)$", shown or "", re.MULTILINE)
        slots = [int(slot) for row in table for slot in row.split()]
        if "unavailable" in settings["rss"]:
            assert not slots, name
            continue
        assert list(settings["rss"]["indirection"]) == slots, name
        for flow_type, letters in settings["rss"]["hash_fields"].items():
            told = subject.run("ethtool", "-n", name, "rx-flow-hash", flow_type) or ""
            assert letters == "".join(HASHED.get(line, "") for line in told.splitlines()), name


@pytest.mark.parametrize("way", ["over_netlink", "over_ioctl"])
def test_the_answers_are_plain_values_or_reasons(subject: Subject, way: str) -> None:
    for name, settings in getattr(subject, way).items():
        for part, value in settings.items():
            if isinstance(value, dict) and "unavailable" in value:
                assert re.fullmatch(r"the driver.* (support this|its own)", value["unavailable"]), (
                    name,
                    part,
                )
