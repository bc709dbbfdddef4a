"""What `ethtool` prints about an interface: text of versions 3.x to 6.x.

Versions differ in what they print for a value that the driver does not have: 0 over the ioctl,
"n/a" over netlink (since 5.7). Errors are text too, as sos merges both streams.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from advisor.facts.nics.ethtool_ioctl import Driver
from advisor.model.nic_settings import Channels, Coalesce, Feature, Pause, Ring, Rss
from advisor.model.unavailable import Unavailable

_Fact = TypeVar("_Fact")

_NOT_SUPPORTED = ("Operation not supported", "no stats available", "No private flags defined")
_ERROR = re.compile(r"^(?:netlink error|Cannot get [^:]*|ethtool):(?P<reason>.*)", re.M)
_PAIR = re.compile(r"(?P<label>[^:]+):\s*(?P<value>\S+)$")
_NUMBERED_PAIR = re.compile(r"     (?P<name>.+?): (?P<value>-?\d+)$")
_ADAPTIVE = re.compile(r"^(?P<what>Adaptive|CQE mode) RX: (?P<rx>\S+)\s+TX: (?P<tx>\S+)", re.M)
_FEATURE = re.compile(r"\t*(?P<name>[\w-]+): (?P<state>on|off)(?P<more> \[.*\])?$")
_RSS_ROW = re.compile(r"\s*\d+:((?:\s+\d+)+)\s*$", re.M)
_RSS_FUNCTION = re.compile(r"^\s+(\w+): on$", re.M)
_KEY = re.compile(r"^(?:[0-9a-f]{2}:)+[0-9a-f]{2}$", re.M)

_SWITCH = {"on": True, "off": False}
_INT_MAX = 2**63 - 1

# What `ethtool -k` calls features that have names of their own in the kernel (off_flag_def in its
# common.c). Groups of several features have the same form and are none.
_FEATURE_NAMES = {
    "rx-checksumming": "rx-checksum",
    "udp-fragmentation-offload": "tx-udp-fragmentation",
    "generic-segmentation-offload": "tx-generic-segmentation",
    "generic-receive-offload": "rx-gro",
    "large-receive-offload": "rx-lro",
    "rx-vlan-offload": "rx-vlan-hw-parse",
    "tx-vlan-offload": "tx-vlan-hw-insert",
    "ntuple-filters": "rx-ntuple-filter",
    "receive-hashing": "rx-hashing",
}
_FEATURE_GROUPS = ("tx-checksumming", "scatter-gather", "tcp-segmentation-offload")

_COALESCE = {
    "stats-block-usecs": "stats_block_usecs",
    "sample-interval": "rate_sample_interval",
    "pkt-rate-low": "pkt_rate_low",
    "pkt-rate-high": "pkt_rate_high",
    **{
        f"{way}-{unit}{suffix}": f"{way}_{field}{suffix.replace('-', '_')}"
        for way in ("rx", "tx")
        for unit, field in (("usecs", "usecs"), ("frames", "frames"), ("frame", "frames"))
        for suffix in ("", "-irq", "-low", "-high")
    },
    "tx-aggr-max-bytes": "tx_aggr_max_bytes",
    "tx-aggr-max-frames": "tx_aggr_max_frames",
    "tx-aggr-time-usecs": "tx_aggr_time_usecs",
}


def answer(
    text: str | Unavailable, driver: str, parse: Callable[[str], _Fact | None]
) -> _Fact | Unavailable:
    """What `parse` finds in an output, or why there is nothing in it.

    Args:
        text: The output.
        driver: The interface's driver, for the reason.
        parse: Returns None for what it does not understand.
    """
    if isinstance(text, Unavailable):
        return text
    found = parse(text)
    if found is not None:  # an error in front of it was about something else
        return found
    the_driver = f"the driver ({driver})" if driver else "the driver"
    if any(phrase in text for phrase in _NOT_SUPPORTED):
        return Unavailable(f"{the_driver} does not support this", absent=True)
    error = _ERROR.search(text)
    reason = error["reason"].strip() if error else ""
    return Unavailable(
        f"{the_driver} answered: {reason}" if reason else "`ethtool` printed nothing"
    )


def parse_driver(text: str) -> Driver | None:
    """The output of `ethtool -i`."""
    pairs = {name: value.strip() for name, _, value in _split(text)}
    if "driver" not in pairs:
        return None
    return Driver(
        name=pairs["driver"],
        version=pairs.get("version", ""),
        firmware=pairs.get("firmware-version", ""),
        bus=pairs.get("bus-info", ""),
    )


def parse_channels(text: str) -> Channels | None:
    """The output of `ethtool -l`."""
    most, now = _maximums_and_current(text)
    if not now:
        return None
    names = (("rx", "RX"), ("tx", "TX"), ("other", "Other"), ("combined", "Combined"))
    return Channels(
        **{field: _number(now.get(label)) or 0 for field, label in names},
        **{f"{field}_max": _number(most.get(label)) or 0 for field, label in names},
    )


def parse_ring(text: str) -> Ring | None:
    """The output of `ethtool -g`."""
    most, now = _maximums_and_current(text)
    if not now:
        return None
    jumbo_max = _number(most.get("RX Jumbo")) or None  # 0: there is no such ring
    split = now.get("TCP data split")
    return Ring(
        rx=_number(now.get("RX")) or 0,
        tx=_number(now.get("TX")) or 0,
        rx_max=_number(most.get("RX")) or 0,
        tx_max=_number(most.get("TX")) or 0,
        rx_jumbo=_number(now.get("RX Jumbo")) if jumbo_max else None,
        rx_jumbo_max=jumbo_max,
        rx_buf_len=_number(now.get("RX Buf Len")),
        cqe_size=_number(now.get("CQE Size")),
        tcp_data_split=split if split in _SWITCH else None,
        tx_push=_SWITCH.get(now.get("TX Push", "")),
        rx_push=_SWITCH.get(now.get("RX Push", "")),
        tx_push_buf_len=_number(now.get("TX push buff len")),
        tx_push_buf_len_max=_number(most.get("TX push buff len")),
    )


def parse_coalesce(text: str) -> Coalesce | None:
    """The output of `ethtool -c`."""
    numbers = {
        _COALESCE[label]: _number(value) for label, value in _pairs(text) if label in _COALESCE
    }
    switches: dict[str, bool | None] = {}
    for match in _ADAPTIVE.finditer(text):
        what = "adaptive" if match["what"] == "Adaptive" else "cqe_mode"
        switches[f"{what}_rx"] = _SWITCH.get(match["rx"])
        switches[f"{what}_tx"] = _SWITCH.get(match["tx"])
    if not numbers and not switches:
        return None
    fields: dict[str, int | bool | None] = {**numbers, **switches}
    return Coalesce(**fields)  # type: ignore[arg-type]  # numbers and switches have names apart


def parse_pause(text: str) -> Pause | None:
    """The output of `ethtool -a`."""
    pairs = dict(_pairs(text))
    rx, tx = _SWITCH.get(pairs.get("RX", "")), _SWITCH.get(pairs.get("TX", ""))
    if rx is None or tx is None:
        return None
    return Pause(
        autoneg=pairs.get("Autonegotiate") == "on",
        rx=rx,
        tx=tx,
        rx_frames=_number(pairs.get("rx_pause_frames")),
        tx_frames=_number(pairs.get("tx_pause_frames")),
    )


def parse_features(text: str) -> dict[str, Feature] | None:
    """The output of `ethtool -k`, under the kernel's names."""
    found = {}
    for match in filter(None, map(_FEATURE.fullmatch, text.splitlines())):
        if match["name"] not in _FEATURE_GROUPS:
            active, more = match["state"] == "on", match["more"] or ""
            requested = "[requested on]" in more or (active and "[requested off]" not in more)
            found[_FEATURE_NAMES.get(match["name"], match["name"])] = Feature(
                active=active, fixed="[fixed]" in more, requested=requested
            )
    return found or None


def parse_private_flags(text: str) -> dict[str, bool] | None:
    """The output of `ethtool --show-priv-flags`: "link-down-on-close     : off"."""
    found = {}
    for label, _, value in _split(text):
        if value.strip() in _SWITCH:
            found[label] = _SWITCH[value.strip()]
    return found or None


def parse_statistics(text: str) -> list[tuple[str, int]] | None:
    """The output of `ethtool -S`, in its order and with spaces in front of names (vmxnet3)."""
    matches = filter(None, map(_NUMBERED_PAIR.fullmatch, text.splitlines()))
    found = [(match["name"], int(match["value"])) for match in matches]
    return [pair for pair in found if abs(pair[1]) <= _INT_MAX] or None


def parse_rss(text: str) -> Rss | None:
    """The output of `ethtool -x`, which sos does not ask for and people add; not the key."""
    table = tuple(int(word) for row in _RSS_ROW.findall(text) for word in row.split())
    if not table:
        return None
    function = _RSS_FUNCTION.search(text)
    return Rss(
        indirection=table,
        function=function[1] if function else "unknown",
        key=True if _KEY.search(text) else None,
    )


def _maximums_and_current(text: str) -> tuple[dict[str, str], dict[str, str]]:
    before, found, after = text.partition("Current hardware settings:")
    return dict(_pairs(before)), dict(_pairs(after)) if found else {}


def _pairs(text: str) -> list[tuple[str, str]]:
    matches = (_PAIR.match(line.strip()) for line in text.splitlines())
    return [(match["label"].strip(), match["value"]) for match in matches if match]


def _split(text: str) -> list[tuple[str, str, str]]:
    parts = (line.partition(":") for line in text.splitlines())
    return [(name.strip(), colon, value) for name, colon, value in parts]


def _number(word: str | None) -> int | None:
    return int(word) if word is not None and word.isdecimal() else None
