"""What may be written to channels, rings, coalescing and flow control.

Drivers differ in what they refuse: some take a ring of one descriptor, or no receive channel at
all. What a driver says it can have at most, and a least of our own, bound the rest.
"""

from __future__ import annotations

from collections.abc import Mapping

from advisor.model.address import NicAddress
from advisor.model.nic_settings import Channels, Coalesce, Pause, Ring
from advisor.settings.live.kind import Value, refusal, switch, whole_number

Record = Channels | Ring | Coalesce | Pause

Wanted = Mapping[str, tuple[NicAddress, Value]]
"""Field → its address, for messages, and the value that it would get."""

_DESCRIPTORS_MIN = 64
_USECS_MAX = 10_000
_FRAMES_MAX = 1 << 16
_OTHER_MAX = 1 << 24
_BUFFER = (64, 1 << 20)

_SIZES = {"rx": "rx_max", "tx": "tx_max", "rx_jumbo": "rx_jumbo_max"}


def check_fields(now: Record, wanted: Wanted) -> None:
    """Raises AdvisorError for the first value that must not be written.

    Args:
        now: All fields of the group.
        wanted: The fields that are changed at once.
    """
    for field, (address, value) in wanted.items():
        if getattr(now, field) is None:
            raise refusal(address, value, "the driver does not have it")
    if isinstance(now, Channels):
        _check_channels(now, wanted)
    elif isinstance(now, Ring):
        _check_ring(now, wanted)
    elif isinstance(now, Coalesce):
        _check_coalesce(now, wanted)
    else:
        for address, value in wanted.values():
            switch(address, value)


def _check_channels(now: Channels, wanted: Wanted) -> None:
    counts = {"rx": now.rx, "tx": now.tx, "combined": now.combined}
    for field, (address, value) in wanted.items():
        counts[field] = whole_number(address, value, 0, getattr(now, f"{field}_max"))
    for way in ("rx", "tx"):
        if counts["combined"] + counts[way] == 0:
            address, value = next(iter(wanted.values()))
            raise refusal(address, value, f"the interface would be left without {way} channels")


def _check_ring(now: Ring, wanted: Wanted) -> None:
    for field, (address, value) in wanted.items():
        if field in _SIZES:
            most = getattr(now, _SIZES[field]) or 0
            whole_number(address, value, min(_DESCRIPTORS_MIN, most), most)
        elif field == "tcp_data_split":
            if value not in ("on", "off"):
                raise refusal(address, value, "it has to be on or off")
        elif field in ("tx_push", "rx_push"):
            switch(address, value)
        elif field == "tx_push_buf_len":
            whole_number(address, value, 0, now.tx_push_buf_len_max or 0)
        else:
            whole_number(address, value, *_BUFFER)


def _check_coalesce(now: Coalesce, wanted: Wanted) -> None:
    for field, (address, value) in wanted.items():
        if field.startswith(("adaptive_", "cqe_mode_")):
            switch(address, value)
        elif "_usecs" in field and not field.startswith(("stats_", "tx_aggr_")):
            whole_number(address, value, 0, _USECS_MAX)
        elif "_frames" in field and not field.startswith("tx_aggr_"):
            whole_number(address, value, 0, _FRAMES_MAX)
        else:
            whole_number(address, value, 0, _OTHER_MAX)
    for way in ("rx", "tx"):
        _check_some_interrupt(now, wanted, f"{way}_usecs", f"{way}_frames")


def _check_some_interrupt(now: Coalesce, wanted: Wanted, usecs: str, frames: str) -> None:
    """Neither a time nor a number of packets: no interrupt ever (include/uapi/linux/ethtool.h)."""
    before = getattr(now, usecs), getattr(now, frames)
    changed = [wanted[field] for field in (usecs, frames) if field in wanted]
    after = [
        wanted[field][1] if field in wanted else value
        for field, value in zip((usecs, frames), before, strict=True)
    ]
    if changed and after == [0, 0] and before != (0, 0):
        address, value = changed[0]
        why = f"with {usecs} and {frames} both 0 there may be no interrupt at all"
        raise refusal(address, value, why.replace("_", "-"))
