"""The messages that change something, read back by the declarations that read the kernel's."""

from __future__ import annotations

import pytest

from advisor.facts.netlink import Attributes, request
from advisor.facts.netlink_classes import genlmsg
from advisor.facts.netlink_decode import decode
from advisor.facts.nics import ethtool_messages as messages
from advisor.facts.nics import hardware_messages as hardware
from advisor.facts.nics.ethtool_parse import to_private_flags
from advisor.settings.live import ethtool_messages as changes


def sent(message: type[genlmsg], command: int, attributes: Attributes) -> bytes:
    """What goes to the kernel, without the netlink header."""
    made = request(message, command, [*changes.device(5), *attributes])
    made["header"] = {"type": 20, "flags": 5, "sequence_number": 1}
    made.data = bytearray()
    made.encode()
    assert made.data[16] == command
    return bytes(made.data[16:])


@pytest.mark.parametrize(
    ("message", "command", "fields"),
    [
        (messages.Channels, changes.CHANNELS_SET, {"rx": 2, "tx": 0}),
        (hardware.Rings, changes.RINGS_SET, {"rx": 1024, "tx_push": 1, "tcp_data_split": 2}),
        (hardware.Coalesce, changes.COALESCE_SET, {"rx_usecs": 8, "adaptive_rx": 0}),
        (messages.Pause, changes.PAUSE_SET, {"rx": 1}),
    ],
)
def test_a_message_holds_the_fields_that_change_and_no_others(
    message: type[genlmsg], command: int, fields: dict[str, int]
) -> None:
    found = decode(message, sent(message, command, list(fields.items())))
    device = found.pop("device")
    assert (device["index"], device["flags"]) == (5, changes.OMIT_REPLY)
    assert {name: value for name, value in found.items() if name in fields} == fields
    assert found.keys() - fields.keys() <= {"cmd", "version", "reserved"}


@pytest.mark.parametrize("name", ["rx_cqe_compress", "legacy.rx flag", "é"])
@pytest.mark.parametrize("on", [True, False])
def test_a_bit_goes_by_its_name(name: str, on: bool) -> None:
    payload = sent(changes.PrivateFlagChanges, changes.PRIVFLAGS_SET, changes.one_bit(name, on=on))
    assert to_private_flags(decode(messages.PrivateFlags, payload)) == {name: on}
    payload = sent(changes.FeatureChanges, changes.FEATURES_SET, changes.one_bit(name, on=on))
    (bit,) = decode(messages.Features, payload)["requested"]["bits"]
    assert (bit["name"], bit.get("on", False)) == (name, on)
