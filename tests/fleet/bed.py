"""A fleet on one machine: hosts with an sshd each, and the switch that joins them.

A host is a set of namespaces (network, mount, pid, uts, ipc): interfaces, sysctls, processes, name,
/sys, /run and /tmp of its own, and a root that shows the machine's and keeps what the host writes.
`host.sh` says how one comes to be. Nothing of it is in the machine's own network namespace.

The switch is a set of namespaces, too, around all the others: its network has the bridge, and its
first process waits for its standard input to end. The kernel ends every process of a pid namespace
with its first one, so closing that pipe removes the whole fleet, as does the death of the process
that holds it, whatever it dies of.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.fleet import look

HOST_SCRIPT = Path(__file__).with_name("host.sh")
# Without a system-wide sshd: what scripts/setup.sh has unpacked beside the tools of the tests.
SSHD_LAYER = Path(sys.prefix, "sshd")
CONTROLLER, CONTROLLER_LINK = "10.77.0.1", "02:00:00:00:00:01"

_SPACES = ("--net", "--mount", "--pid", "--ipc")
_HOST_SPACES = (*_SPACES, "--uts")
_FIRST = ("--fork", "--kill-child")
_STARTS_WITHIN_S = 20


@dataclass(frozen=True)
class Host:
    """One host.

    Attributes:
        name: What it calls itself, its port of the switch, and its name in the inventory.
        address: Where its sshd listens.
        init: Its first process, as the machine numbers it.
        upper: What it has written, over the machine's root and the layers of the fleet.
    """

    name: str
    address: str
    init: int
    upper: Path

    def run(self, *command: str, stdin: str = "") -> str:
        """The output of a command that runs there, as root, and succeeds."""
        return _run(*_enter(self.init, _HOST_SPACES), *command, stdin=stdin)

    def write(self, path: str, text: str) -> None:
        """A file there, with its folder."""
        self.run("mkdir", "-p", str(Path(path).parent))
        self.run("tee", path, stdin=text)

    def look(self) -> dict[str, str]:
        """All that a change could have touched there, by what it is: sysctls, links, files."""
        script = Path(look.__file__).read_text(encoding="utf-8")
        return look.parse(self.run(look.python(), "-", stdin=script))


@dataclass(frozen=True)
class Fleet:
    """Hosts that run.

    Attributes:
        folder: Keys, known hosts, logs of the sshds, and whatever belongs to the fleet.
        hosts: In the order of their addresses.
        switch: The first process of the switch, as the machine numbers it.
    """

    folder: Path
    hosts: tuple[Host, ...]
    switch: int

    def __getitem__(self, name: str) -> Host:
        return next(host for host in self.hosts if host.name == name)

    def command(self, *words: str) -> list[str]:
        """A command line that runs a command where the controller is: at the switch."""
        return [*_enter(self.switch, _SPACES), *words]

    def run(self, *command: str) -> str:
        """The output of a command that runs at the switch and succeeds."""
        return _run(*self.command(*command))

    def reaches(self, host: Host) -> bool:
        """Whether the sshd of a host answers within two seconds."""
        code = "import socket, sys; socket.create_connection((sys.argv[1], 22), 2).recv(1)"
        command = self.command(look.python(), "-c", code, host.address)
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    def link(self, host: Host, name: str) -> None:
        """Another link from the switch to a host, where it is called so, and is up."""
        port = f"{host.name}-{name}"
        # Only the network is the switch's: the number of the host's process is the machine's.
        at_switch = _enter(self.switch, ["--net"])
        peer = ("peer", "name", name, "netns", str(host.init))
        _run(*at_switch, "ip", "link", "add", port, "type", "veth", *peer)
        self.run("ip", "link", "set", "dev", port, "master", "br0", "up")
        host.run("ip", "link", "set", "dev", name, "up")

    def unplug(self, host: Host) -> None:
        """Nothing reaches a host any more, and it sees no carrier."""
        self.run("ip", "link", "set", "dev", host.name, "down")

    def plug(self, host: Host) -> None:
        """The host is there again."""
        self.run("ip", "link", "set", "dev", host.name, "up")


@contextmanager
def fleet(count: int, layers: Sequence[Path] = ()) -> Iterator[Fleet]:
    """Hosts h1, h2, …, each reachable through SSH from the switch; gone afterwards.

    Args:
        count: How many.
        layers: Folders with what is installed on each host, over the machine's root.
    """
    # Short: the path of a control socket of SSH has room for a hundred letters.
    folder = Path(tempfile.mkdtemp(prefix="fleet-"))
    layers = (*layers, *([SSHD_LAYER] if SSHD_LAYER.is_dir() else []))
    switch, starting = None, []
    try:
        _make_keys(folder)
        switch = subprocess.Popen(
            ["unshare", *_SPACES, *_FIRST, "--mount-proc", "sh", "-c", _SWITCH, folder, *layers],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=(folder / "switch.log").open("wb"),
            text=True,
        )
        assert switch.stdout is not None
        ready = switch.stdout.readline() == "ready\n"
        assert ready, f"the switch did not start:\n{(folder / 'switch.log').read_text()}"
        init = _first_below(switch.pid)
        names = [f"h{number}" for number in range(1, count + 1)]
        (folder / "known_hosts").write_text(
            "".join(
                f"{_address(number)} {(folder / 'host-key.pub').read_text()}"
                for number, _ in enumerate(names, start=1)
            )
        )
        starting = [
            _start(init, folder, name, number, len(layers))
            for number, name in enumerate(names, start=1)
        ]
        hosts = tuple(
            _started(folder, init, name, number, process)
            for number, (name, process) in enumerate(zip(names, starting, strict=True), start=1)
        )
        yield Fleet(folder, hosts, init)
    finally:
        if switch is not None:
            _end(switch)
        for process in starting:  # what waited outside for a host
            process.wait()
        shutil.rmtree(folder)


# What cat reads never comes: it waits for the end of its input. The file system is there for the
# overlays' sake: not every other one can carry what hosts write, and layers must not be inside of
# the root that they go over. It goes away with the namespace.
_SWITCH = """
set -e
mkdir "$0/hosts"
mount -t tmpfs -o mode=755 hosts "$0/hosts"
for layer; do
    number=$((number + 1))
    cp -a "$layer" "$0/hosts/layer-$number"
done
ip link set dev lo up
ip link add br0 address %s type bridge
ip address add %s/16 dev br0
ip link set dev br0 up
echo ready
exec cat >/dev/null
""" % (CONTROLLER_LINK, CONTROLLER)  # noqa: UP031


def _address(number: int) -> str:
    return f"10.77.{1 + number // 250}.{1 + number % 250}"


def _make_keys(folder: Path) -> None:
    for name in ("key", "host-key"):
        _run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(folder / name))


def _start(
    switch: int, folder: Path, name: str, number: int, layers: int
) -> subprocess.Popen[bytes]:
    command = [
        *_enter(switch, _SPACES),
        # The switch's network, open as 3, is how the host gets at the other end of its link.
        *("sh", "-c", 'exec 3</proc/self/ns/net && exec "$@"', "sh"),
        *("unshare", *_HOST_SPACES, *_FIRST),
        *(str(HOST_SCRIPT), name, f"{_address(number)}/16", str(folder)),
        ":".join(f"{folder}/hosts/layer-{layer}" for layer in range(1, layers + 1)),
    ]
    with (folder / f"{name}.log").open("wb") as log:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)


def _started(
    folder: Path, switch: int, name: str, number: int, process: subprocess.Popen[bytes]
) -> Host:
    log = folder / f"{name}.log"
    deadline = time.monotonic() + _STARTS_WITHIN_S
    while "Server listening on" not in log.read_text():
        assert process.poll() is None, f"{name} did not start:\n{log.read_text()}"
        assert time.monotonic() < deadline, f"{name} does not start:\n{log.read_text()}"
        time.sleep(0.01)
    upper = Path(f"/proc/{switch}/root{folder}/hosts/{name}/upper")
    # nsenter waits for unshare, and that for the host.
    return Host(name, _address(number), _first_below(_first_below(process.pid)), upper)


def _end(switch: subprocess.Popen[str]) -> None:
    """Kill the first process, and return when the kernel has ended all the others."""
    assert switch.stdin is not None
    assert switch.stdout is not None
    for pid in _below(switch.pid):
        os.kill(pid, signal.SIGKILL)
    switch.stdin.close()
    switch.stdout.close()
    switch.wait()


def _first_below(pid: int) -> int:
    (first,) = _below(pid)
    return first


def _below(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:  # it has ended
        return []
    return [int(word) for word in children.split()]


def _enter(pid: int, spaces: Sequence[str]) -> list[str]:
    return ["nsenter", "--target", str(pid), *spaces, "--"]


def _run(*command: str, stdin: str = "") -> str:
    done = subprocess.run(
        command, input=stdin, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, f"{' '.join(command)}: {done.stdout}{done.stderr}"
    return done.stdout
