"""Replaces what identifies a host in its facts, so that they can be shown to others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

from advisor.facts.decoding import decode_host
from advisor.facts.snapshot import plain
from advisor.model.host import Host
from advisor.model.unavailable import Unavailable

# For benchmarks (RFC 2544), as documentation has but 762 IPv4 addresses; and for documentation.
_FIRST_V4 = IPv4Address("198.18.0.0")
_FIRST_V6 = IPv6Address("2001:db8::")
_HOSTNAME = "host-1"

_HARDWARE_ADDRESS = re.compile(r"[0-9a-f]{2}(?::[0-9a-f]{2})+")
_TELLS_NOTHING = re.compile(r"(?:00|ff)(?::(?:00|ff))*")


def redact(host: Host) -> Host:
    """The same facts with other names: addresses of all kinds and the host's name are replaced.

    Equal addresses stay equal, everywhere in one Host and its sample; two Hosts that are redacted
    apart have nothing in common. Loopback and wildcard addresses stay, since findings depend on
    them; so do names of interfaces, except that a hardware address in one ("enx001122334455") is
    replaced with the address itself. User numbers and inode numbers stay: they name nobody.
    """
    replacements = _replacements(host)
    data = plain(host)
    if replacements:
        longest_first = sorted(replacements, key=len, reverse=True)
        data = _replaced(data, re.compile("|".join(map(_whole, longest_first))), replacements)
    redacted = decode_host(data)
    if redacted.sample is not None:
        before = _renamed(redacted.sample.before)
        redacted = replace(redacted, sample=replace(redacted.sample, before=before))
    return _renamed(redacted)


def _renamed(host: Host) -> Host:
    # A field of its own: as a text to be searched for, a host called "kvm" or "none" would change
    # facts that have that value.
    return replace(host, collection=replace(host.collection, hostname=_HOSTNAME))


def _replacements(host: Host) -> dict[str, str]:
    """Text that identifies the host → what stands for it, numbered in order of appearance."""
    texts: dict[str, str] = {}
    v4 = v6 = hardware = 0
    for text in _identifying(host):
        if text in texts:
            continue
        if _HARDWARE_ADDRESS.fullmatch(text):
            if not _TELLS_NOTHING.fullmatch(text):
                hardware += 1
                texts[text] = _hardware_address(hardware, text.count(":") + 1)
                texts[_in_name(text)] = _in_name(texts[text])
            continue
        try:
            address = ip_address(text)
        except ValueError:
            continue  # not an address, so it is nobody's
        if address.is_loopback or address.is_unspecified:
            continue
        if address.version == 4:
            v4 += 1
            texts[text] = str(_FIRST_V4 + v4)
        else:
            v6 += 1
            texts[text] = str(_FIRST_V6 + v6)
    return texts


def _identifying(host: Host) -> Iterator[str]:
    """The addresses in the facts and in their sample, as they are written there."""
    if not isinstance(host.nics, Unavailable):
        yield from (nic.address for nic in host.nics.values() if nic.address)
    if not isinstance(host.listeners, Unavailable):
        yield from (listener.address for listener in host.listeners.values())
    if not isinstance(host.sockets, Unavailable) and host.sockets.ports_most_used_to:
        yield host.sockets.ports_most_used_to.rpartition(":")[0].strip("[]")
    if host.sample is not None:
        yield from _identifying(host.sample.before)


def _whole(address: str) -> str:
    """A pattern for the address where it is not part of a longer one."""
    if ":" in address:
        return rf"(?<![\w:.]){re.escape(address)}(?!:?\w|::)"
    return rf"(?<![\w.]){re.escape(address)}(?!\w|\.\d)"


def _hardware_address(number: int, size: int) -> str:
    """One that no vendor has (locally administered), of `size` bytes."""
    return (b"\x02" + number.to_bytes(size - 1, "big")).hex(":")


def _in_name(address: str) -> str:
    """How systemd's predictable interface names hold a hardware address."""
    return "enx" + address.replace(":", "")


def _replaced(data: Any, pattern: re.Pattern[str], replacements: dict[str, str]) -> Any:
    def renew(text: str) -> str:
        return pattern.sub(lambda match: replacements[match[0]], text)

    if isinstance(data, str):
        return renew(data)
    if isinstance(data, list):
        return [_replaced(each, pattern, replacements) for each in data]
    if isinstance(data, dict):
        return {renew(key): _replaced(each, pattern, replacements) for key, each in data.items()}
    return data
