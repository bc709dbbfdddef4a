"""The lines about one interface that stand over its layout: what it is and how it is set."""

from __future__ import annotations

from collections.abc import Mapping

from advisor.model.host import Host
from advisor.model.layout import Layout
from advisor.model.nic import Nic
from advisor.model.nic_settings import Channels, Coalesce
from advisor.model.system import Services
from advisor.model.unavailable import Unavailable
from advisor.report.map.words import cpus_text, listed, several
from advisor.units import format_value

_TOPOLOGIES = {
    "shared-ring": "one ring: receive and transmit completions of a channel share a ring and the "
    "NAPI instance that polls it",
    "shared-napi": "own rings, one NAPI: receive and transmit completions of a channel have rings "
    "of their own, polled by one NAPI instance",
    "separate": "separate: receive and transmit completions have rings and NAPI instances of their "
    "own",
}
_OFFLOADS = {
    "TSO": ("tx-tcp-segmentation",),
    "GSO": ("tx-generic-segmentation",),
    "GRO": ("rx-gro",),
    "hardware GRO": ("rx-gro-hw",),
    "LRO": ("rx-lro",),
    "scatter-gather": ("tx-scatter-gather",),
    "rx checksum": ("rx-checksum",),
    "tx checksum": ("tx-checksum-ip-generic", "tx-checksum-ipv4"),
}


def title(nic: Nic, around: str) -> tuple[str, ...]:
    """What the interface is, in a few words each.

    Args:
        nic: The interface.
        around: What it is part of or what it carries, "" for nothing.
    """
    node = "no NUMA node" if nic.numa_node is None else f"NUMA node {nic.numa_node}"
    what = nic.driver or nic.kind
    parts = (
        what if nic.physical else f"software ({what})",
        speed(nic),
        state(nic),
        node if nic.physical else "",
        nic.bus if nic.physical else "",
        f"virtual function of {nic.physical_function}" if nic.physical_function else "",
        around,
    )
    return tuple(part for part in parts if part)


def state(nic: Nic) -> str:
    """Whether it can carry packets."""
    if not nic.up:
        return "down"
    return "up" if nic.running else "up, no carrier"


def speed(nic: Nic) -> str:
    """Its speed; "" for software."""
    if nic.speed_mbps is None:
        return "speed not reported" if nic.physical else ""
    duplex = "" if nic.duplex in (None, "full") else f" {nic.duplex} duplex"
    return format_value(nic.speed_mbps, "mbit") + duplex


def pcie(nic: Nic) -> str | Unavailable:
    """Its PCI Express link, and what that could be."""
    port = nic.pcie
    if isinstance(port, Unavailable):
        return port
    text = f"{port.speed:g} GT/s x{port.width}"
    if (port.speed, port.width) != (port.speed_max, port.width_max):
        text += f" of {port.speed_max:g} GT/s x{port.width_max}"
    return text


def channels(nic: Nic) -> str | Unavailable:
    """Channel counts now and at most, as `ethtool -L` takes them."""
    found = nic.channels
    if isinstance(found, Unavailable):
        return found
    counts = (
        ("combined", found.combined, found.combined_max),
        ("rx", found.rx, found.rx_max),
        ("tx", found.tx, found.tx_max),
        ("other", found.other, found.other_max),
    )
    shown = [f"{name} {now} (max {most})" for name, now, most in counts if now or most]
    return listed(shown) or "none can be set"


def completion(nic: Nic) -> str | Unavailable:
    """How completions are laid out, how that was found, and whether it can be had otherwise."""
    topology = nic.topology
    if topology.source == "software interface":
        return "a software interface has no completions"
    if topology.layout not in _TOPOLOGIES:
        told = {
            "not read": "not read",
            "driver table": f"not known of the driver {nic.driver}",
        }.get(topology.source, f"the {topology.source} do not tell for the driver {nic.driver}")
        return Unavailable(told)
    words = f"{_TOPOLOGIES[topology.layout]} (source: {topology.source})"
    return listed((words, _split(nic)))


def interrupts(host: Host, nic: Nic, layout: Layout) -> str | Unavailable:
    """How many there are, where they go, and when they come."""
    vectors = [each for each in layout.vectors.values() if each.irq is not None]
    placed = sorted({cpu for vector in vectors for cpu in vector.cpus})
    if not vectors and isinstance(host.irqs, Unavailable) and nic.physical:
        return host.irqs
    parts = []
    if vectors:
        parts.append(f"{len(vectors)} on {cpus_text(placed, 24)}" if placed else f"{len(vectors)}")
    parts += _placement(layout)
    if any(vector.managed for vector in vectors):
        parts.append("placed by the kernel, cannot be moved (managed)")
    if isinstance(host.services, Services) and "irqbalance" in host.services.running and vectors:
        parts.append("irqbalance runs")
    parts += _polling(nic)
    if isinstance(nic.coalesce, Coalesce):
        parts.append(_coalescing(nic.coalesce))
    return listed(parts) or Unavailable("none of its interrupts is known")


def coalescing(nic: Nic) -> Unavailable | None:
    """Why the coalescing is not known; None when it is."""
    return nic.coalesce if isinstance(nic.coalesce, Unavailable) else None


def rings(nic: Nic) -> str | Unavailable:
    """Ring sizes now and at most, in descriptors."""
    ring = nic.ring
    if isinstance(ring, Unavailable):
        return ring
    split = f"header split {ring.tcp_data_split}" if ring.tcp_data_split else ""
    size = f"completion entries of {ring.cqe_size} B" if ring.cqe_size else ""
    rx, tx = f"rx {ring.rx} (max {ring.rx_max})", f"tx {ring.tx} (max {ring.tx_max})"
    return listed((rx, tx, size, split))


def offloads(nic: Nic) -> str | Unavailable:
    """The offloads that matter most, by whether they are on."""
    features = nic.features
    if isinstance(features, Unavailable):
        return features
    states: dict[bool, list[str]] = {True: [], False: []}
    for label, names in _OFFLOADS.items():
        have = [features[name] for name in names if name in features]
        if have:
            states[any(feature.active for feature in have)].append(label)
    return listed(
        (
            f"on: {', '.join(states[True])}" if states[True] else "",
            f"off: {', '.join(states[False])}" if states[False] else "",
            "XDP program attached" if nic.xdp else "",
        )
    ) or Unavailable("the device reports none")


def _split(nic: Nic) -> str:
    topology, found = nic.topology, nic.channels
    if topology.layout == "separate":
        if topology.can_split and isinstance(found, Channels) and found.combined_max:
            return f"can be combined again (at most {found.combined_max})"
        return ""
    if not topology.can_split:
        return "this driver cannot separate them"
    text = "can be separated (-L combined 0 rx N tx N)"
    if not topology.split_halves_queues:
        return text
    if isinstance(found, Channels) and found.combined_max:
        pairs = min(found.rx_max, found.tx_max) or found.combined_max // 2
        return f"{text}, which leaves {pairs} pairs of {found.combined_max}"
    return f"{text}, which halves the number of queues"


def _placement(layout: Layout) -> list[str]:
    """What is unusual about where they go."""
    parts = []
    for queues, words in (
        (layout.rx_remote, "rx on a remote node"),
        (layout.tx_remote, "tx on a remote node"),
        (layout.rx_on_siblings, "rx on threads of one core"),
    ):
        if not isinstance(queues, Unavailable) and queues:
            way, _, where = words.partition(" ")
            parts.append(f"{several(len(queues), f'{way} queue')} {where}")
    return parts


def _polling(nic: Nic) -> list[str]:
    parts = []
    if nic.threaded:
        parts.append("NAPI runs in kernel threads, wherever they are scheduled")
    if nic.napi_defer_hard_irqs:
        parts.append(f"{nic.napi_defer_hard_irqs} polls before an interrupt")
    if nic.gro_flush_timeout:
        parts.append(f"flushed after {format_value(nic.gro_flush_timeout / 1e9, 's')}")
    return parts


def _coalescing(found: Coalesce) -> str:
    sides: Mapping[str, tuple[bool | None, int | None, int | None, bool | None]] = {
        "rx": (found.adaptive_rx, found.rx_usecs, found.rx_frames, found.cqe_mode_rx),
        "tx": (found.adaptive_tx, found.tx_usecs, found.tx_frames, found.cqe_mode_tx),
    }
    texts = []
    for way, (adaptive, usecs, frames, cqe) in sides.items():
        waits = [] if usecs is None else [format_value(usecs, "us")]
        if frames:
            waits.append(several(frames, "frame"))
        words = [" or ".join(waits), "adaptive" if adaptive else "", "CQE mode" if cqe else ""]
        shown = ", ".join(word for word in words if word)
        if shown:
            texts.append(f"{way} after {shown}" if waits else f"{way} {shown}")
    return "; ".join(texts)
