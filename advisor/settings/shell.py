"""Settings as the shell commands that change them, for people to read and paste.

Interface names and flag names are not ours: `-x`, `$(id)`, `a;b` and `a..b` are legal. All of them
stand where ip, ethtool and tc take a name and never look for an option.
"""

from __future__ import annotations

import os
import shlex
from typing import Any

from advisor.model.address import Address, IrqAddress, NicAddress, SysctlAddress
from advisor.model.host import Host
from advisor.settings.paths import read


def commands(host: Host, wanted: dict[Address, Any]) -> dict[Address, tuple[str, ...]]:
    """The commands for each setting.

    Fields of one vector share a command that writes the whole vector: the kernel takes a short
    vector silently and changes only the first fields.
    """
    return {address: _command(host, address, value, wanted) for address, value in wanted.items()}


def command(address: Address, value: Any) -> str:
    """The command for a setting as a whole: not for one field of a vector."""
    file = as_file(address, value)
    if file is None:
        if not isinstance(address, NicAddress):
            raise ValueError(f"{address} is no setting")
        return _nic(address, value)
    path, text = file
    # sysctl(8) takes what is left of the first "=", and complains about two dots in a row.
    if isinstance(address, SysctlAddress) and not any(
        "=" in part or ".." in part for part in address.key
    ):
        return f"sysctl -w {quoted(f'{address.dotted}={text}')}"
    return f"echo {quoted(text)} > {quoted(path)}"


def as_file(address: Address, value: Any) -> tuple[str, str] | None:
    """The file that a setting is, and what to write into it; None for what is no file."""
    if isinstance(address, SysctlAddress):
        text = " ".join(map(str, value)) if isinstance(value, tuple) else str(value)
        return "/proc/sys/" + "/".join(address.key), text
    if isinstance(address, IrqAddress):
        return f"/proc/irq/{address.irq}/smp_affinity_list", _cpu_list(value)
    directory = f"/sys/class/net/{address.nic}"
    kind, *rest = address.attribute
    if kind == "queue":
        masks = ("rps_cpus", "xps_cpus", "xps_rxqs")
        text = _cpu_mask(value) if rest[1] in masks else str(value)
        return f"{directory}/queues/{rest[0]}/{rest[1]}", text
    if kind in ("napi_defer_hard_irqs", "gro_flush_timeout", "threaded"):
        return f"{directory}/{kind}", str(int(value))
    return None


def quoted(text: str) -> str:
    """One word for a POSIX shell, on one line and without control characters."""
    if text.isprintable():
        return shlex.quote(text)
    return f"\"$(printf '{''.join(map(_octal, os.fsencode(text)))}')\""


def _octal(byte: int) -> str:
    character = chr(byte)
    return character if character.isascii() and character.isalnum() else f"\\{byte:03o}"


def _command(
    host: Host, address: Address, value: Any, wanted: dict[Address, Any]
) -> tuple[str, ...]:
    if isinstance(address, SysctlAddress) and address.index is not None:
        whole = SysctlAddress(address.key)
        fields = list(wanted.get(whole, read(host, whole)))
        for index in range(len(fields)):
            fields[index] = wanted.get(SysctlAddress(address.key, index), fields[index])
        return (command(whole, tuple(fields)),)
    return (command(address, value),)


def _nic(address: NicAddress, value: Any) -> str:
    nic = quoted(address.nic)
    kind, *rest = address.attribute
    name = ".".join(rest)
    if kind in ("mtu", "txqueuelen"):
        return f"ip link set dev {nic} {kind} {quoted(str(value))}"
    if kind == "qdisc":
        return f"tc qdisc replace dev {nic} root {quoted(str(value))}"
    if kind == "rss" and rest[0] == "hash":
        return f"ethtool -N {nic} rx-flow-hash {quoted(rest[1])} {quoted(value)}"
    if kind == "rss":
        return f"ethtool -X {nic} {_spread(value)}"
    if kind == "private":
        return f"ethtool --set-priv-flags {nic} {quoted(name)} {_on_off(value)}"
    option = {"channels": "-L", "ring": "-G", "coalesce": "-C", "feature": "-K", "pause": "-A"}
    return f"ethtool {option[kind]} {nic} {quoted(name)} {_on_off(value)}"


def _on_off(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return quoted(str(value))


def _spread(table: tuple[int, ...]) -> str:
    """An indirection table as `ethtool -X` takes it: round robin, or the queues' shares of it."""
    queues = max(table) + 1
    if table == tuple(slot % queues for slot in range(len(table))):
        return f"equal {queues}"
    return "weight " + " ".join(str(table.count(queue)) for queue in range(queues))


def _cpu_mask(cpus: tuple[int, ...]) -> str:
    """CPUs as the kernel's comma-separated hexadecimal words of 32 bits."""
    mask = sum(1 << cpu for cpu in set(cpus))
    words = [f"{mask & 0xFFFFFFFF:08x}"]
    while mask := mask >> 32:
        words.insert(0, f"{mask & 0xFFFFFFFF:08x}")
    return ",".join(words).lstrip("0") or "0"


def _cpu_list(cpus: tuple[int, ...]) -> str:
    return ",".join(str(cpu) for cpu in cpus)
