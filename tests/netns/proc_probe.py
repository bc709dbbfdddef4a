"""Prints, as JSON, what our collectors and the ordinary commands say of a network namespace.

Run in a namespace of its own: it sets the loopback up and sends a little traffic over it.
"""

from __future__ import annotations

import ctypes
import json
import os
import re
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from advisor.facts.files import Files
from advisor.facts.nstat import read_nstat
from advisor.facts.sockstat import read_sockstat
from advisor.facts.sysctl import read_sysctl
from advisor.model.unavailable import Unavailable

PORT = 6000
_CLONE_NEWNET = 0x40000000


def main() -> None:
    run("ip", "link", "set", "lo", "up")
    listener = traffic()
    files = Files()
    answers: dict[str, object] = {
        "sysctl": flat(read_sysctl(files)),
        "sysctl command": keys(run("sysctl", "-a")),
        "nstat before": read_nstat(files),
        "nstat command": counters(run("nstat", "-azs")),
        "nstat": read_nstat(files),
        "sockstat": read_sockstat(files),
    }
    listener.close()
    with ThreadPoolExecutor(1) as thread:
        answers["nstat of a thread elsewhere"] = thread.submit(nstat_of_new_namespace).result()
    json.dump(answers, sys.stdout, default=str)


def traffic() -> socket.socket:
    """Overflows the accept queue of a listener and sends a datagram that nobody receives."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", PORT))
    listener.listen(0)
    for _ in range(4):
        client = socket.socket()
        client.setblocking(False)
        client.connect_ex(("127.0.0.1", PORT))
        client.close()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        datagrams.sendto(b"x", ("127.0.0.1", PORT + 1))
    return listener


def nstat_of_new_namespace() -> object:
    """What a thread reads that moved to a namespace without traffic; the process stays."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return read_nstat(Files())


def run(*command: str) -> str:
    return subprocess.run(command, check=False, capture_output=True, text=True).stdout


def counters(output: str) -> dict[str, int]:
    """Counter → value from `nstat`: lines "TcpExtListenDrops   3   0.0" below a comment."""
    rows = (line.split() for line in output.splitlines() if not line.startswith("#"))
    return {row[0]: int(row[1]) for row in rows}


def keys(output: str) -> dict[str, str]:
    """Key → value from `sysctl -a`: lines "net.core.somaxconn = 4096"."""
    lines = re.findall(r"^(net\.\S+) = ?(.*)$", output, re.MULTILINE)
    return {key: " ".join(value.split()) for key, value in lines}


def flat(tree: object, path: str = "") -> dict[str, str]:
    """Our tree as `sysctl -a` prints it; keys that were not read are left out."""
    if isinstance(tree, Unavailable):
        return {}
    if not isinstance(tree, dict):
        values = tree if isinstance(tree, tuple) else (tree,)
        return {path: " ".join(" ".join(map(str, values)).split())}
    result = {}
    for name, below in tree.items():
        result.update(flat(below, f"{path}.{name}" if path else name))
    return result


if __name__ == "__main__":
    main()
