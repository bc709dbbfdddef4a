"""In the guest: runs what comes over the virtio port, one command after the other.

A line of JSON each way: {"id", "command", "timeout"} in, {"id", "code", "text"} out; at the start
{"boot"}, so that the other side knows when a boot has come this far, and which one it is.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

PORT = "/dev/virtio-ports/advisor"
OUTPUT = Path("/run/agent.output")
TIMED_OUT = 124  # as timeout(1) has it


def main() -> None:
    """Never returns."""
    port = os.open(PORT, os.O_RDWR)
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    answer(port, {"boot": boot})
    data = b""
    while True:
        data += os.read(port, 1 << 16)
        while b"\n" in data:
            line, _, data = data.partition(b"\n")
            order = json.loads(line)
            code, text = run(order["command"], order["timeout"])
            answer(port, {"id": order["id"], "code": code, "text": text})


def run(command: str, timeout: float) -> tuple[int, str]:
    """Exit code, and what it printed to either output."""
    # To a file: a pipe would be waited for as long as a child in the background has it.
    with OUTPUT.open("w+b") as output:
        try:
            code = subprocess.run(
                ["bash", "-c", command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=timeout,
                check=False,
            ).returncode
        except subprocess.TimeoutExpired:
            code = TIMED_OUT
        output.seek(0)
        return code, output.read().decode(errors="replace")


def answer(port: int, data: dict[str, object]) -> None:
    """All of it: a virtio port takes short writes."""
    rest = json.dumps(data).encode() + b"\n"
    while rest:
        rest = rest[os.write(port, rest) :]


if __name__ == "__main__":
    main()
