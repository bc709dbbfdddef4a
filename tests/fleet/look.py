"""Everything on a host that a change of network settings could have touched.

Runs on the host, from standard input and with nothing but Python, and prints one JSON object. The
result can be compared with an earlier one: what counts by itself is left out.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path

_SYSTEM = "/usr/bin/python3"

_TREES = ("/proc/sys/net", "/etc/sysctl.d", "/etc/modules-load.d", "/etc/systemd", "/etc/udev")
_NIC_FILES = ("mtu", "tx_queue_len", "gro_flush_timeout", "napi_defer_hard_irqs", "threaded")
_COMMANDS = (
    "ip -j -d link show",
    "ip -j address show",
    "ip -j route show table all",
    "ip -j -6 route show table all",
    "tc -j qdisc show",
)
# The kernel counts these itself.
_COUNTERS = ("nf_conntrack_count",)


@cache
def python() -> str:
    """The Python of hosts: the system's, or that of the tests if its wheels do not fit there."""
    question = "import sys; print(sys.version_info[:2])"
    with suppress(OSError):
        said = subprocess.run(
            [_SYSTEM, "-c", question], capture_output=True, text=True, check=False
        )
        if said.stdout.strip() == str(sys.version_info[:2]):
            return _SYSTEM
    return str(Path(sys.base_prefix, "bin", "python3"))


def parse(text: str) -> dict[str, str]:
    """What a host has printed."""
    found: dict[str, str] = json.loads(text)
    return found


def everything() -> dict[str, str]:
    """What the files and the commands say here, by path and by command."""
    found = {}
    paths = [path for tree in _TREES for path in Path(tree).rglob("*")]
    for nic in Path("/sys/class/net").iterdir():
        paths += [nic / name for name in _NIC_FILES]
        paths += nic.joinpath("queues").rglob("*ps_*")
    for path in paths:
        if path.is_file() and path.name not in _COUNTERS:
            found[str(path)] = _text(path)
    for command in _COMMANDS:
        found[command] = subprocess.run(
            command.split(), capture_output=True, text=True, check=False
        ).stdout
    return found


def _text(path: Path) -> str:
    try:
        return os.fsdecode(path.read_bytes())
    except OSError as error:
        return f"errno {error.errno}"


if __name__ == "__main__":
    print(json.dumps(everything()))
