"""Settings as the shell commands that change them, for people to read and paste."""

from __future__ import annotations

import shlex
from typing import Any

from advisor.model import Host
from advisor.model.address import Address, IrqAddress, NicAddress, SysctlAddress
from advisor.settings.paths import read


def commands(host: Host, wanted: dict[Address, Any]) -> dict[Address, tuple[str, ...]]:
    """The commands for each setting.

    Fields of one vector share a command that writes the whole vector: the kernel takes a short
    vector silently and changes only the first fields.
    """
    return {address: _command(host, address, value, wanted) for address, value in wanted.items()}


def _command(
    host: Host, address: Address, value: Any, wanted: dict[Address, Any]
) -> tuple[str, ...]:
    if isinstance(address, SysctlAddress):
        return (_sysctl(host, address, value, wanted),)
    if isinstance(address, IrqAddress):
        return (f"echo {_cpu_list(value)} > /proc/irq/{address.irq}/smp_affinity_list",)
    return _nic(address, value)


def _sysctl(host: Host, address: SysctlAddress, value: Any, wanted: dict[Address, Any]) -> str:
    if address.index is not None:
        whole = SysctlAddress(address.key)
        fields = list(read(host, whole))
        for index in range(len(fields)):
            fields[index] = wanted.get(SysctlAddress(address.key, index), fields[index])
        value = tuple(fields)
    shown = " ".join(str(field) for field in value) if isinstance(value, tuple) else str(value)
    return f"sysctl -w {shlex.quote(f'{address.dotted}={shown}')}"


def _nic(address: NicAddress, value: Any) -> tuple[str, ...]:
    nic = shlex.quote(address.nic)
    kind, *rest = address.attribute
    name = ".".join(rest)
    if kind == "queue":
        path = shlex.quote(f"/sys/class/net/{address.nic}/queues/{rest[0]}/{rest[1]}")
        shown = _cpu_mask(value) if rest[1] in ("rps_cpus", "xps_cpus") else str(value)
        return (f"echo {shown} > {path}",)
    if kind in ("napi_defer_hard_irqs", "gro_flush_timeout", "threaded"):
        path = shlex.quote(f"/sys/class/net/{address.nic}/{kind}")
        return (f"echo {int(value)} > {path}",)
    if kind in ("mtu", "txqueuelen"):
        return (f"ip link set dev {nic} {kind} {value}",)
    if kind == "qdisc":
        return (f"tc qdisc replace dev {nic} root {shlex.quote(str(value))}",)
    if kind == "rss":
        return (f"ethtool -X {nic} equal {max(value) + 1}",)
    if kind == "private":
        return (f"ethtool --set-priv-flags {nic} {shlex.quote(name)} {_on_off(value)}",)
    option = {"channels": "-L", "ring": "-G", "coalesce": "-C", "feature": "-K", "pause": "-A"}
    name = {"adaptive_rx": "adaptive-rx", "adaptive_tx": "adaptive-tx"}.get(name, name)
    name = name.replace("_", "-") if kind == "coalesce" else name
    return (f"ethtool {option[kind]} {nic} {shlex.quote(name)} {_on_off(value)}",)


def _on_off(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return shlex.quote(str(value))


def _cpu_mask(cpus: tuple[int, ...]) -> str:
    """CPUs as the kernel's comma-separated hexadecimal words of 32 bits."""
    mask = sum(1 << cpu for cpu in cpus)
    words = [f"{mask & 0xFFFFFFFF:08x}"]
    while mask := mask >> 32:
        words.insert(0, f"{mask & 0xFFFFFFFF:08x}")
    return ",".join(words).lstrip("0") or "0"


def _cpu_list(cpus: tuple[int, ...]) -> str:
    return ",".join(str(cpu) for cpu in cpus)
