"""A host that somebody comes to over TCP, as with sshd; prints its ManagementPath as JSON.

PORT held     the connection belongs to this process, and a child of it asks
PORT left     a child asks that has lost its ancestors; it knows SSH_CONNECTION, as in tmux
PORT forged   the same, and what it knows is of no connection

Waits for the connection first, and says "ready" before that.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys

from advisor.changes.management import management_interfaces
from advisor.facts.files import Files
from advisor.model.unavailable import Unavailable


def main() -> None:
    port, how = int(sys.argv[1]), sys.argv[2]
    if how == "ask":
        print(answer(), flush=True)
        return
    with socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True) as server:
        print("ready", flush=True)
        connection, peer = server.accept()
    with connection:
        environment = dict(os.environ)
        environment.pop("SSH_CONNECTION", None)
        command = [sys.executable, "-m", "tests.netns.session_probe", str(port), "ask"]
        if how != "held":
            address = peer[0].removeprefix("::ffff:")
            number = port if how == "left" else port + 1
            environment["SSH_CONNECTION"] = f"{address} {peer[1]} {address} {number}"
            # Its parent ends at once, so that process 1 becomes its parent.
            command = ["sh", "-c", '"$@" & exec sleep 0', "sh", *command]
        asked = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        print(asked.communicate(timeout=30)[0].strip(), flush=True)
        sys.stdin.readline()


def answer() -> str:
    path = management_interfaces(Files())
    return json.dumps(
        {"session": path.session, "interfaces": plain(path.interfaces), "reason": path.reason}
        | {"default": plain(path.default)}
    )


def plain(names: frozenset[str] | Unavailable) -> list[str] | str:
    return names.reason if isinstance(names, Unavailable) else sorted(names)


if __name__ == "__main__":
    main()
