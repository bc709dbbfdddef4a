"""What a .link file of systemd can hold: setting → option, and the version that brought it.

From systemd.link(5) of version 262 ("Added in version"). Drop-ins are in systemd.link(5) of
version 249, and not in that of 247.
"""

from __future__ import annotations

from advisor.model.address import NicAddress
from advisor.model.receipt import Value

DROP_INS = 249
"""The first version whose documentation has drop-ins for .link files."""

_NUMBERS: dict[tuple[str, ...], tuple[str, int]] = {
    ("mtu",): ("MTUBytes", 211),
    ("txqueuelen",): ("TransmitQueueLength", 248),
    ("channels", "rx"): ("RxChannels", 239),
    ("channels", "tx"): ("TxChannels", 239),
    ("channels", "other"): ("OtherChannels", 239),
    ("channels", "combined"): ("CombinedChannels", 239),
    ("ring", "rx"): ("RxBufferSize", 244),
    ("ring", "tx"): ("TxBufferSize", 244),
    ("ring", "rx-jumbo"): ("RxJumboBufferSize", 244),
    **{
        ("coalesce", f"{way}-frames{rate}"): (f"{Way}MaxCoalesced{Rate}Frames", 250)
        for way, Way in (("rx", "Rx"), ("tx", "Tx"))
        for rate, Rate in (("", ""), ("-irq", "Irq"), ("-low", "Low"), ("-high", "High"))
    },
    ("coalesce", "pkt-rate-low"): ("CoalescePacketRateLow", 250),
    ("coalesce", "pkt-rate-high"): ("CoalescePacketRateHigh", 250),
}
_MICROSECONDS: dict[tuple[str, ...], tuple[str, int]] = {
    **{
        ("coalesce", f"{way}-usecs{rate}"): (f"{Way}Coalesce{Rate}Sec", 250)
        for way, Way in (("rx", "Rx"), ("tx", "Tx"))
        for rate, Rate in (("", ""), ("-irq", "Irq"), ("-low", "Low"), ("-high", "High"))
    },
    ("coalesce", "stats-block-usecs"): ("StatisticsBlockCoalesceSec", 250),
}
_SWITCHES: dict[tuple[str, ...], tuple[str, int]] = {
    ("pause", "rx"): ("RxFlowControl", 246),
    ("pause", "tx"): ("TxFlowControl", 246),
    ("pause", "autoneg"): ("AutoNegotiationFlowControl", 246),
    ("coalesce", "adaptive-rx"): ("UseAdaptiveRxCoalesce", 250),
    ("coalesce", "adaptive-tx"): ("UseAdaptiveTxCoalesce", 250),
    ("feature", "rx-gro"): ("GenericReceiveOffload", 232),
    ("feature", "tx-generic-segmentation"): ("GenericSegmentationOffload", 232),
    ("feature", "rx-lro"): ("LargeReceiveOffload", 232),
    ("feature", "tx-tcp-segmentation"): ("TCPSegmentationOffload", 232),
    ("feature", "tx-tcp6-segmentation"): ("TCP6SegmentationOffload", 235),
    ("feature", "rx-checksum"): ("ReceiveChecksumOffload", 245),
    ("feature", "rx-gro-hw"): ("GenericReceiveOffloadHardware", 250),
    ("feature", "rx-ntuple-filter"): ("NTupleFilter", 250),
    ("feature", "rx-vlan-hw-parse"): ("ReceiveVLANCTAGHardwareAcceleration", 250),
    ("feature", "rx-vlan-filter"): ("ReceiveVLANCTAGFilter", 250),
    ("feature", "tx-vlan-hw-insert"): ("TransmitVLANCTAGHardwareAcceleration", 250),
    ("feature", "tx-vlan-stag-hw-insert"): ("TransmitVLANSTAGHardwareAcceleration", 250),
    ("feature", "rx-gro-list"): ("GenericReceiveOffloadList", 260),
    ("feature", "rx-udp-gro-forwarding"): ("GenericReceiveOffloadUDPForwarding", 260),
}


def link_option(address: NicAddress, value: Value, version: int) -> tuple[str, str] | None:
    """The option and what it is set to, None where that version of systemd has none.

    Zeros are none either: it ignores them where they would turn something off.
    """
    attribute = address.attribute
    if type(value) is bool:
        found, text = _SWITCHES.get(attribute), "yes" if value else "no"
    elif type(value) is int and 0 < value < 1 << 31:
        number = _NUMBERS.get(attribute)
        found = _MICROSECONDS.get(attribute) if number is None else number
        text = str(value) if number is not None else f"{value}us"
    else:
        return None
    if found is None or version < max(found[1], DROP_INS):
        return None
    return found[0], text
