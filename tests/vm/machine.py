"""A virtual machine: starts it, runs commands in it, and boots it again.

QEMU emulates the processor (KVM is not needed, nor used), in a network namespace of its own; it is
killed with the process that started it, whatever becomes of that. A reboot is another QEMU with the
same disk. One thread emulates all processors: with several, QEMU 10.0 loses interrupts of their
timers after a reset, and fails assertions now and then.
"""

from __future__ import annotations

import json
import os
import select
import shlex
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

BOOT_S = 180.0
DISK = "disk.running"
_GRACE_S = 30.0
_NICS = (
    ("tap,queues=4,ifname=tap0,script=no,downscript=no", "virtio-net-pci,mq=on,vectors=10"),
    ("user,restrict=on,ipv6=off", "igb"),
    ("user,restrict=on,ipv6=off", "vmxnet3"),
    ("user,restrict=on,ipv6=off", "e1000e"),
)


class Broken(Exception):
    """The machine does not do what it has to for a scenario to go on."""


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a command: exit code, and what it printed to either output."""

    code: int
    text: str


class Machine:
    """A running machine; leave it to kill it.

    Attributes:
        boot: The guest's boot id.
    """

    def __init__(self, cache: Path) -> None:
        self._cache = cache
        self._number = 0
        self._unread = b""
        self.boot = ""

    def __enter__(self) -> Machine:
        # Holes stay holes: what is copied is what the guest's files take.
        subprocess.run(
            ["cp", "--sparse=always", self._cache / "disk", self._cache / DISK], check=True
        )
        self._start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._kill()
        (self._cache / DISK).unlink()

    def run(self, command: str, timeout: float = 60.0) -> Done:
        """Runs a command with bash, as root."""
        number = self._send(command, timeout)
        while True:
            answer = self._receive(timeout + _GRACE_S, f"no answer to: {command}")
            if answer.get("id") == number:
                return Done(answer["code"], answer["text"])

    def sh(self, command: str, timeout: float = 60.0) -> str:
        """What a command prints, without the last newline.

        Raises:
            Broken: It failed.
        """
        done = self.run(command, timeout)
        if done.code:
            raise Broken(f"{command}: exit code {done.code}\n{done.text}")
        return done.text.rstrip("\n")

    def write(self, path: str, text: str) -> None:
        """Writes a file."""
        self.sh(f"printf %s {shlex.quote(text)} > {shlex.quote(path)}")

    def reboot(self, command: str) -> None:
        """Runs a command that ends it, by a reboot or without any; waits until it has booted."""
        self._send(command, BOOT_S)
        try:
            self._process.wait(BOOT_S)
        except subprocess.TimeoutExpired:
            raise Broken(f"it has not shut down within {BOOT_S:.0f} s: {command}") from None
        self._kill()
        self._start()

    def _start(self) -> None:
        self._port, port = socket.socketpair()
        with port:
            self._process = subprocess.Popen(
                _command(self._cache, port.fileno()),
                stdin=subprocess.DEVNULL,
                pass_fds=(port.fileno(),),
            )
        self._unread = b""
        try:
            self.boot = self._receive(BOOT_S, f"it has not booted within {BOOT_S:.0f} s")["boot"]
            self.run("systemctl is-system-running --wait", BOOT_S)
        except BaseException:
            self._kill()
            raise

    def _send(self, command: str, timeout: float) -> int:
        self._number += 1
        order = {"id": self._number, "command": command, "timeout": timeout}
        self._port.sendall(json.dumps(order).encode() + b"\n")
        return self._number

    def _receive(self, timeout: float, problem: str) -> dict[str, Any]:
        """The next line from the guest."""
        deadline = time.monotonic() + timeout
        while True:
            if b"\n" in self._unread:
                line, _, self._unread = self._unread.partition(b"\n")
                return json.loads(line)  # type: ignore[no-any-return]
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self._port], [], [], left)[0]:
                raise Broken(problem)
            data = self._port.recv(1 << 16)
            if not data:
                raise Broken(f"QEMU has ended: {problem}")
            self._unread += data

    def _kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self._port.close()


def _command(cache: Path, port: int) -> list[str]:
    """QEMU, by the guest's own loader and libraries."""
    root, qemu = cache / "root", cache / "qemu"
    return [
        # In its own namespace; killed when this process ends.
        *("nice", "-n", "10", "unshare", "--net", "setpriv", "--pdeathsig", "KILL"),
        f"{root}/lib64/ld-linux-x86-64.so.2",
        "--library-path",
        ":".join(
            f"{tree}/{directory}/x86_64-linux-gnu"
            for tree in (qemu, root)
            for directory in ("usr/lib", "lib")
        ),
        f"{qemu}/usr/bin/qemu-system-x86_64",
        *("-L", f"{qemu}/usr/share/qemu", "-L", f"{qemu}/usr/share/seabios"),
        *("-machine", "q35", "-accel", "tcg,thread=single", "-cpu", "max", "-smp", "4"),
        *("-m", "1024", "-nodefaults", "-display", "none", "-no-user-config", "-no-reboot"),
        *("-serial", f"file:{cache}/console.log"),
        *("-kernel", f"{cache}/vmlinuz", "-initrd", f"{cache}/initrd.img"),
        *("-append", "root=/dev/vda rw console=ttyS0 quiet net.ifnames=0 mitigations=off"),
        *("-drive", f"file={cache}/{DISK},format=raw,if=virtio"),
        *("-chardev", f"socket,id=port,fd={port}", "-device", "virtio-serial-pci"),
        *("-device", "virtserialport,chardev=port,name=advisor"),
        *_nics(),
    ]


def _nics() -> Iterator[str]:
    for number, (backend, device) in enumerate(_NICS, start=1):
        kind, _, options = backend.partition(",")
        yield from ("-netdev", f"{kind},id=n{number},{options}")
        mac = f"52:54:00:09:00:{number:02x}"
        yield from ("-device", f"{device},netdev=n{number},mac={mac},rombar=0,romfile=")


def cache_directory() -> Path:
    """Where the guest is kept between runs."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "advisor-vm"
