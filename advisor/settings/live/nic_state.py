"""Addresses, routes and permanent neighbours of an interface: kept, and put back when gone.

Nobody asks advisor to change these. But when a driver takes its device down to change something,
the kernel removes static routes, IPv6 addresses and neighbours, and does not bring them back.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from advisor.facts.netlink_decode import decode
from advisor.model.address import NicAddress
from advisor.model.unavailable import Unavailable
from advisor.settings.live.kernel import Interface, Kernel
from advisor.settings.live.kind import Value, WriteError, refusal, why_not
from advisor.settings.live.state_entries import (
    FAMILIES,
    TABLES,
    UNWATCHED,
    Entry,
    Table,
    from_text,
    kept,
    on_interface,
    to_text,
)

_NLM_F_EXCL, _NLM_F_CREATE, _NLM_F_APPEND = 0x200, 0x400, 0x800
_ENTRIES_MAX = 4096
_PROTOCOL_AT = 5  # in struct rtmsg
_AF_INET = 2


@dataclass(frozen=True, slots=True)
class StateSettings:
    """What interfaces have beside their settings.

    Attributes:
        kernel: The kernel.
    """

    kernel: Kernel

    def read(self, address: NicAddress) -> Value | Unavailable:
        """The entries as text, in the kernel's order."""
        try:
            interface = self.kernel.interface(address.nic)
            found = tuple(self._entries(TABLES[address.attribute[0]], interface))
            self.kernel.verify(interface)
        except OSError as error:
            return why_not(error)
        if len(found) > _ENTRIES_MAX:
            return Unavailable(f"more than {_ENTRIES_MAX}: too many to put back")
        return found

    def check(self, address: NicAddress, value: Value, current: Value) -> None:
        """Raises AdvisorError: nothing new may be written."""
        del current
        raise refusal(address, value, "advisor only puts back what was there")

    def write(self, address: NicAddress, value: Value) -> None:
        """Adds what is missing, and removes nothing."""
        table = TABLES[address.attribute[0]]
        try:
            interface = self.kernel.interface(address.nic)
            wanted = _parsed(address, table, value, interface)
            there = set(self._entries(table, interface))
            self._add(table, [entry for text, entry in wanted.items() if text not in there])
            self.kernel.verify(interface)
        except OSError as error:
            raise WriteError(address, error) from error

    def _entries(self, table: Table, interface: Interface) -> Iterator[str]:
        for family in FAMILIES:
            request = table.message()
            request["family"] = family
            answers = self.kernel.route.dump(request, table.get)
            if answers.error is not None:
                raise answers.error
            for payload in answers.messages:
                # A router has a million routes that are not to be decoded one by one.
                if table is TABLES["routes"] and payload[_PROTOCOL_AT] not in UNWATCHED:
                    continue
                entry = kept(table, decode(table.message, payload), interface.index)
                if entry is not None and entry["family"] == family:
                    yield to_text(table, entry)

    def _add(self, table: Table, missing: Sequence[Entry]) -> None:
        """Adds entries; those that are refused again as long as others succeed.

        A route can need the one to its gateway, or an address, that comes after it.
        """
        while missing:
            refused: list[Entry] = []
            for entry in missing:
                try:
                    self._add_one(table, entry)
                except OSError as error:
                    refused.append(entry)
                    reason = error
            if len(refused) == len(missing):
                raise reason
            missing = refused

    def _add_one(self, table: Table, entry: Entry) -> None:
        message = table.message()
        for name, _form in table.message.fields:
            message[name] = entry[name]
        message["attrs"] = [
            (name, entry[name]) for _, name, _ in table.message.nla_map if name in entry
        ]
        # IPv4 has several routes to one destination in an order, IPv6 would join them into one.
        ordered = table is TABLES["routes"] and entry["family"] == _AF_INET
        flags = _NLM_F_CREATE | (_NLM_F_APPEND if ordered else _NLM_F_EXCL)
        try:
            self.kernel.route.ask(message, table.new, flags)
        except OSError as error:
            if error.errno != errno.EEXIST:
                raise


def _parsed(
    address: NicAddress, table: Table, value: Value, interface: Interface
) -> dict[str, Entry]:
    """Text → entry as it is sent for the interface."""
    if not isinstance(value, tuple):
        raise refusal(address, value, "it has to be a list of entries")
    found = {}
    for text in value:
        try:
            if not isinstance(text, str):
                raise ValueError("not text")
            entry = from_text(table, text, interface.index)
        except ValueError as error:
            raise refusal(address, text, str(error)) from error
        found[text] = on_interface(table, entry, interface.index)
    return found
