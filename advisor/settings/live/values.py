"""Whether the value that was read back is the one that was wanted.

The kernel prints a value its own way (a list of ports, a mask), and it rounds: table sizes to
powers of two, ring sizes to what the hardware takes. A comparison with the request alone would call
those failed.
"""

from __future__ import annotations

from typing import Any, Literal

from advisor.facts.cpulist import parse_cpu_mask
from advisor.facts.sysctl import parse_value
from advisor.model.address import Address, IrqAddress, NicAddress, SysctlAddress
from advisor.model.unavailable import Unavailable

Outcome = Literal["equal", "rounded", "clamped", "different"]

STATE = ("addresses", "neighbours", "routes")
"""What an interface has beside settings, and a reset of its link may take away: only put back."""

_PORTS, _WORDS = "ip_local_reserved_ports", "tcp_allowed_congestion_control"
_MASKS = ("flow_limit_cpu_bitmap", "rps_default_mask")
_SETS = ("rps_cpus", "xps_cpus", "xps_rxqs")
_RINGS = ("rx", "tx", "rx-jumbo")
_PORTS_MAX = 1 << 16

# nf_ct_alloc_hashtable() fills pages: 512 buckets in one of 4 KiB.
_BUCKETS_OF_A_PAGE = 8192
# Drivers have a smallest ring (e1000: 80, igb: 64), and round up to multiples or powers of two.
_SMALLEST_RING = 128


def outcome(address: Address, wanted: Any, got: Any) -> Outcome:
    """What became of a value.

    "equal"; "rounded", when the kernel or the driver made it the next value that it can have;
    "clamped", when it kept the part of a set of CPUs that it may use (RPS leaves isolated ones
    out); "different".
    """
    if isinstance(got, Unavailable):
        return "different"
    ours, theirs = normalised(address, wanted), normalised(address, got)
    if ours == theirs:
        return "equal"
    if isinstance(ours, int) and isinstance(theirs, int) and _rounded(address, ours, theirs):
        return "rounded"
    if isinstance(ours, frozenset) and isinstance(theirs, frozenset):
        if _last(address) in STATE and ours < theirs:
            return "equal"  # more than there was is no loss
        if _last(address) == "rps_cpus" and theirs and theirs < ours:
            return "clamped"
    return "different"


def same(address: Address, wanted: Any, got: Any, *, exact: bool = False) -> bool:
    """Whether a setting has the value that was wanted, as far as it can have it.

    Args:
        address: The setting.
        wanted: The value that was written.
        got: The value that was read, or why it could not be.
        exact: Nothing but the value itself counts: for values that the kernel had before.
    """
    result = outcome(address, wanted, got)
    return result == "equal" or (not exact and result != "different")


def normalised(address: Address, value: Any) -> Any:
    """A value in the form in which it can be compared."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(address, SysctlAddress):
        return _sysctl(address.key[-1], value)
    if isinstance(address, IrqAddress) or _last(address) in (*_SETS, *STATE):
        return frozenset(value) if isinstance(value, tuple) else value
    letters = isinstance(address, NicAddress) and address.attribute[:2] == ("rss", "hash")
    return frozenset(value) if letters and isinstance(value, str) else value


def _sysctl(name: str, value: Any) -> Any:
    if isinstance(value, str):
        value = parse_value(value, name)
    if isinstance(value, tuple):
        return value[0] if len(value) == 1 else value
    if not isinstance(value, str):
        return value
    if name == _PORTS:
        return _ports(value)
    if name in _MASKS:
        cpus = parse_cpu_mask(value)
        return value if isinstance(cpus, Unavailable) else cpus
    words = value.split()
    return frozenset(words) if name == _WORDS else " ".join(words)


def _ports(text: str) -> frozenset[int] | str:
    """The ports of a list such as "80,8000-8010"; the text itself where it is none."""
    found: set[int] = set()
    for part in filter(None, text.split(",")):
        first, dash, last = part.strip().partition("-")
        low, high = (first, last) if dash else (first, first)
        if not (_is_port(low) and _is_port(high)):
            return text
        found.update(range(int(low), int(high) + 1))
    return frozenset(found)


def _is_port(text: str) -> bool:
    return text.isdecimal() and len(text) <= len(str(_PORTS_MAX)) and int(text) < _PORTS_MAX


def _rounded(address: Address, wanted: int, got: int) -> bool:
    name = _last(address)
    if isinstance(address, SysctlAddress):
        if name == "rps_sock_flow_entries":
            return _power_of_two(wanted) == got
        return name == "nf_conntrack_buckets" and wanted < got < wanted + _BUCKETS_OF_A_PAGE
    if not isinstance(address, NicAddress):
        return False
    kind = address.attribute[0]
    if kind == "ring" and name in _RINGS:
        return wanted < got <= max(2 * wanted, _SMALLEST_RING)
    if kind == "coalesce" and name.endswith(("usecs", "usecs-irq", "usecs-low", "usecs-high")):
        # In steps of the hardware's timer: of 2 µs (ice, i40e), or through interrupts per second.
        return wanted > 0 < got and abs(got - wanted) <= max(2, wanted // 10)
    return name == "rps_flow_cnt" and _power_of_two(wanted) == got


def _power_of_two(number: int) -> int:
    """The next power of two that is not smaller; 0 stays."""
    return 1 << (number - 1).bit_length() if number > 0 else number


def _last(address: Address) -> str:
    if isinstance(address, SysctlAddress):
        return address.key[-1]
    return address.attribute[-1] if isinstance(address, NicAddress) else "affinity"
