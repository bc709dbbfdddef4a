"""Runs ansible-playbook at the switch of a fleet, and says what came of it, task by task."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.fleet.bed import Fleet
from tests.fleet.look import python

ROOT = Path(__file__).resolve().parents[2]
COLLECTION = ROOT / "ansible"
ROLE = Path(__file__).with_name("role.yml")
ANSIBLE = Path(sys.executable).with_name("ansible-playbook")

_CALLBACKS = Path(__file__).with_name("callback")
_ENDS_WITHIN_S = 240
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Event:
    """One task on one host, when it was done.

    Attributes:
        host: The name in the inventory.
        task: The task's name.
        status: "ok", "changed", "skipped", "failed", "ignored" or "unreachable".
        result: What the module returned.
    """

    host: str
    task: str
    status: str
    result: dict[str, Any]


@dataclass(frozen=True)
class Played:
    """What came of a playbook.

    Attributes:
        code: Exit code: 0, 2 for failed hosts, 4 for unreachable ones.
        output: What a person would have seen.
        events: Every task on every host, in order.
    """

    code: int
    output: str
    events: tuple[Event, ...]

    def hosts(self, *statuses: str) -> set[str]:
        """The hosts of which a task ended so; without a status, all that did anything."""
        return {each.host for each in self.events if not statuses or each.status in statuses}

    def results(self, key: str) -> dict[str, Any]:
        """What the last module that returned a key said there, by host."""
        return {each.host: each.result[key] for each in self.events if key in each.result}

    def failure(self, host: str) -> str:
        """The message of the last task that failed on a host."""
        failed = [
            each
            for each in self.events
            if each.host == host and each.status in ("failed", "unreachable")
        ]
        assert failed, f"nothing failed on {host}:\n{self.output}"
        return str(failed[-1].result.get("msg", failed[-1].result))


@dataclass(frozen=True)
class Playing:
    """A playbook that runs."""

    process: subprocess.Popen[str]
    events: Path

    def interrupt(self) -> None:
        """What Ctrl-C does: SIGINT for ansible-playbook and everything that it has started."""
        os.killpg(self.process.pid, signal.SIGINT)

    def wait(self, seconds: float = _ENDS_WITHIN_S) -> Played:
        """Its end, which has to come within so many seconds."""
        output, _ = self.process.communicate(timeout=seconds)
        return Played(self.process.returncode, output, tuple(self.so_far()))

    def so_far(self) -> list[Event]:
        """The tasks that are done."""
        if not self.events.exists():
            return []
        lines = self.events.read_text(encoding="utf-8").splitlines(keepends=True)
        return [Event(**json.loads(line)) for line in lines if line.endswith("\n")]


def play(fleet: Fleet, playbook: str | Path, *options: str, **variables: object) -> Played:
    """Run a playbook on a fleet.

    Args:
        fleet: Where; its inventory has been written with `write_inventory`.
        playbook: One of the collection's, by its name, or any, by its path.
        options: For ansible-playbook: "--check", "--limit", "h1".
        variables: Of the role, for every host.
    """
    return start(fleet, playbook, *options, **variables).wait()


def start(fleet: Fleet, playbook: str | Path, *options: str, **variables: object) -> Playing:
    """The same, without waiting for its end."""
    events = fleet.folder / f"events-{next(_numbers)}"
    path = playbook if isinstance(playbook, Path) else COLLECTION / "playbooks" / playbook
    environment = {
        "ANSIBLE_CONFIG": str(_configure(fleet)),
        "ANSIBLE_HOME": str(fleet.folder / "ansible"),
        "FLEET_EVENTS": str(events),
        "HOME": str(fleet.folder),
        "LANG": "C.UTF-8",
        "PATH": os.environ["PATH"],
    }
    command = fleet.command(
        *("env", "--ignore-environment", f"--chdir={fleet.folder}"),
        *(f"{name}={value}" for name, value in environment.items()),
        *(str(ANSIBLE), str(path), "--extra-vars", json.dumps(variables), *options),
    )
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    return Playing(process, events)


def write_inventory(
    fleet: Fleet,
    groups: Mapping[str, Mapping[str, object]] | None = None,
    members: Mapping[str, list[str]] | None = None,
) -> None:
    """The inventory of a fleet.

    Args:
        fleet: Its hosts.
        groups: The variables of groups, by name; "all" is one of them.
        members: The hosts of groups, by name.
    """
    groups, members = groups or {}, members or {}
    ssh = f"-o UserKnownHostsFile={fleet.folder}/known_hosts -o ControlPath={fleet.folder}/%C"
    document = {
        "all": {
            "vars": {
                "ansible_user": "root",
                "ansible_ssh_private_key_file": f"{fleet.folder}/key",
                "ansible_ssh_common_args": ssh,
                "ansible_python_interpreter": python(),
                **groups.get("all", {}),
            },
            "hosts": {host.name: {"ansible_host": host.address} for host in fleet.hosts},
            "children": {
                name: {
                    "vars": dict(groups.get(name, {})),
                    "hosts": {member: {} for member in members.get(name, [])},
                }
                for name in sorted({*groups, *members} - {"all"})
            },
        }
    }
    (fleet.folder / "inventory.yml").write_text(yaml.safe_dump(document, sort_keys=False))


def _configure(fleet: Fleet) -> Path:
    """Ansible's configuration, and the collection where Ansible finds it; returns the file."""
    path = fleet.folder / "ansible.cfg"
    if not path.exists():
        collections = fleet.folder / "collections" / "ansible_collections" / "nettune"
        collections.mkdir(parents=True)
        (collections / "advisor").symlink_to(COLLECTION)
        path.write_text(_SETTINGS.format(folder=fleet.folder, callbacks=_CALLBACKS))
    return path


_SETTINGS = """\
[defaults]
inventory = {folder}/inventory.yml
collections_path = {folder}/collections
callback_plugins = {callbacks}
callbacks_enabled = events
local_tmp = {folder}/local
retry_files_enabled = False
nocows = True
forks = 12

[ssh_connection]
pipelining = True
ssh_args = -o ControlMaster=auto -o ControlPersist=60s -o ConnectTimeout=5
"""
