"""The link of an interface as plain `ethtool DEV` and `ethtool --show-fec DEV` print it."""

from __future__ import annotations

import re

from advisor.facts.nics.link_speeds import LinkMode
from advisor.model.nic_settings import Fec

_SPEED = re.compile(r"^\tSpeed: (\d{1,9})Mb/s", re.M)
_DUPLEX = re.compile(r"^\tDuplex: (Full|Half)", re.M)
_AUTONEG = re.compile(r"^\tAuto-negotiation: (on|off)", re.M)
_MODE = re.compile(r"\b(\d{1,9})base")

_SUPPORTED = "Supported link modes"
_ADVERTISED = "Advertised link modes"
_PARTNER = "Link partner advertised link modes"

_FEC_CONFIGURED = re.compile(r"^(?:Supported/)?Configured FEC encodings?: *(.*)$", re.M)
_FEC_ACTIVE = re.compile(r"^Active FEC encodings?: *(\S+)", re.M)
_FEC_CODES = {"off": "off", "rs": "rs", "baser": "baser", "llrs": "llrs"}
_FEC_COUNTER = re.compile(r"^\s+(\w+): (\d{1,19})$", re.M)


def parse_link_mode(text: str) -> LinkMode | None:
    """How fast the link is and could be. None when `ethtool` printed no settings at all."""
    if "Settings for " not in text:
        return None
    speed, duplex, autoneg = (pattern.search(text) for pattern in (_SPEED, _DUPLEX, _AUTONEG))
    return LinkMode(
        speed_mbps=int(speed[1]) if speed else None,
        duplex=duplex[1].lower() if duplex else None,
        autoneg=autoneg[1] == "on" if autoneg else None,
        speed_max_mbps=_fastest(text, _SUPPORTED),
        speed_advertised_mbps=_fastest(text, _ADVERTISED),
        speed_partner_mbps=_fastest(text, _PARTNER),
    )


def parse_fec(text: str) -> Fec | None:
    """Forward error correction (`--show-fec`, since sos 4.9)."""
    configured, active = _FEC_CONFIGURED.search(text), _FEC_ACTIVE.search(text)
    if configured is None and active is None:
        return None
    counters = dict(_FEC_COUNTER.findall(text))
    corrected = counters.get("corrected_blocks")
    lost = counters.get("uncorrectable_blocks")
    return Fec(
        active=_FEC_CODES.get(active[1].lower()) if active else None,
        auto=configured is not None and "auto" in configured[1].lower(),
        corrected_blocks=None if corrected is None else int(corrected),
        uncorrectable_blocks=None if lost is None else int(lost),
    )


def _fastest(text: str, label: str) -> int | None:
    """The fastest of a list that goes on in lines without a label, indented further."""
    speeds: list[int] = []
    inside = False
    for line in text.splitlines():
        name, colon, rest = line.strip().partition(":")
        if colon:
            inside = name == label
        speeds += [int(speed) for speed in _MODE.findall(rest if colon else line) if inside]
    return max(speeds, default=None)
