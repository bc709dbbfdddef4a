"""The interfaces of a sosreport with their standard counters."""

from __future__ import annotations

from advisor.facts.nics.bonds import Bonding
from advisor.facts.nics.links import Link
from advisor.facts.nics.places import CLASS_NET
from advisor.facts.sosreport.commands import output
from advisor.facts.sosreport.link_text import CARRIER_CHANGES, LinkText, parse_links
from advisor.facts.sosreport.report_files import ReportFiles
from advisor.model.unavailable import Unavailable

_COMMANDS = (
    "ip -s -d link",
    "ip -s link",
    "ip -d address",
    "ip link",
    "ip address",
)
_OPERATING = ("UP", "UNKNOWN")
_HASHING = ("balance-xor", "802.3ad")

# `ip` without -d does not tell kinds (sos before 3.5); these drivers do.
_KINDS_OF_DRIVERS = {
    "802.1Q VLAN Support": "vlan",
    "bonding": "bond",
    "bridge": "bridge",
    "dummy": "dummy",
    "ipvlan": "ipvlan",
    "macvlan": "macvlan",
    "openvswitch": "openvswitch",
    "team": "team",
    "tun": "tun",
    "veth": "veth",
    "vxlan": "vxlan",
}
_PAIRS = ("veth", "netkit", "vxcan")


def read_link_texts(files: ReportFiles) -> list[LinkText] | Unavailable:
    """The interfaces of the namespace that the report was made in."""
    for command in _COMMANDS:
        text = output(files, command)
        links = [] if isinstance(text, Unavailable) else parse_links(text)
        if links:
            for link in links:
                link.counters.update(_counters_in_sysfs(files, link.name))
            return links
    missing = output(files, *_COMMANDS)
    return missing if isinstance(missing, Unavailable) else Unavailable("`ip` printed no links")


def to_link(text: LinkText, indexes: dict[str, int], driver: str) -> Link:
    """The interface as the readers of live hosts have it.

    Args:
        text: What `ip` printed.
        indexes: Interface name → index.
        driver: Its driver, "" when not known.
    """
    kind = text.kind if text.told_kind else _KINDS_OF_DRIVERS.get(driver, text.kind)
    number = {name: int(value) for name, value in text.details.items() if value.isdecimal()}
    up = "UP" in text.flags
    return Link(
        index=text.index,
        name=text.name,
        kind=kind,
        up=up,
        running=up
        and "LOWER_UP" in text.flags
        and text.words.get("state", "UNKNOWN") in _OPERATING,
        mtu=_number(text.words.get("mtu")) or 0,
        txqueuelen=_number(text.words.get("qlen")) or 0,
        mtu_min=number.get("minmtu"),
        mtu_max=number.get("maxmtu"),
        address=text.address,
        qdisc=text.words.get("qdisc"),
        master=indexes.get(text.words.get("master", "")),
        lower=_lower(text, kind, indexes),
        rx_queues=number.get("numrxqueues", 1),
        tx_queues=number.get("numtxqueues", 1),
        gso_max_size=number.get("gso_max_size"),
        gso_max_segs=number.get("gso_max_segs"),
        gro_max_size=number.get("gro_max_size"),
        tso_max_size=number.get("tso_max_size"),
        carrier_changes=text.counters.get(CARRIER_CHANGES),
        xdp=text.xdp,
        overhead=_overhead(kind, text.details),
        bonding=_bonding(kind, text.details, indexes),
        parent=text.details.get("parentdev"),
        parent_bus=text.details.get("parentbus"),
        stats={name: each for name, each in text.counters.items() if name != CARRIER_CHANGES},
    )


def _lower(text: LinkText, kind: str, indexes: dict[str, int]) -> int | None:
    if text.elsewhere or kind in _PAIRS:
        return None
    return indexes.get(text.details.get("dev", "") if kind == "vxlan" else text.below or "")


def _overhead(kind: str, details: dict[str, str]) -> int | None:
    """Bytes that a tunnel adds: see `advisor.facts.nics.tunnels`, where the sources are."""
    if kind == "wireguard":
        return 80
    if kind in ("vxlan", "geneve"):
        ends = (details.get("remote", ""), details.get("local", ""))
        inner = 0 if "gpe" in details else 14
        return (40 if any(":" in end for end in ends) else 20) + 8 + 8 + inner
    if kind in ("ipip", "sit") and "encap" not in details:
        return 20
    if kind in ("gre", "gretap") and "encap" not in details:
        options = sum(option in details for option in ("ocsum", "okey", "oseq", "key"))
        return 20 + 4 + 4 * options + (14 if kind == "gretap" else 0)
    return None


def _bonding(kind: str, details: dict[str, str], indexes: dict[str, int]) -> Bonding | None:
    if kind == "team":
        return Bonding(mode="team")
    mode = details.get("mode")
    if kind != "bond" or mode is None:
        return None
    hashing = mode in _HASHING or (mode == "balance-tlb" and details.get("tlb_dynamic_lb") == "0")
    return Bonding(
        mode=mode,
        active=indexes.get(details.get("active_slave", "")),
        hash_policy=details.get("xmit_hash_policy") if hashing else None,
        miimon=_number(details.get("miimon")),
    )


def _counters_in_sysfs(files: ReportFiles, name: str) -> dict[str, int]:
    """All the counters, where sos copies them (since 3.6): `ip` prints a part."""
    directory = f"{CLASS_NET}/{name}/statistics"
    names = files.list_dir(directory)
    found = {}
    for counter in [] if isinstance(names, Unavailable) else names:
        value = files.read_int(f"{directory}/{counter}")
        if isinstance(value, int) and value >= 0:
            found[counter] = value
    return found


def _number(word: str | None) -> int | None:
    return int(word) if word is not None and word.isdecimal() else None
