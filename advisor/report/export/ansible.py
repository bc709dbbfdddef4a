"""An Ansible playbook that needs ansible.builtin alone: each setting is read, and changed if it
differs, so that a second run changes nothing and `--check` tells what would be.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable

from advisor.model.address import NicAddress
from advisor.model.plan import Change, Plan
from advisor.report.export import sysctl
from advisor.report.export.common import (
    File,
    Left,
    about,
    commented,
    heading,
    is_printable,
    joined,
    leftovers,
)
from advisor.report.export.current import Current, current
from advisor.report.style import safe
from advisor.settings.shell import as_file, command

_TEMPLATES = ("{{", "{%", "{#")
_INDENT = "    "


def files(plan: Plan) -> list[File]:
    """The playbook."""
    head = [
        *heading(plan, "ansible"),
        "Names of interfaces, and numbers of queues, CPUs and interrupts, are those of that host.",
        "Sysctls stay after a reboot; the rest lasts until then (see: advisor export link).",
    ]
    tasks: list[str] = []
    left: list[Left] = []
    lines, _ = sysctl.assignments(plan)
    if lines:
        tasks += _sysctl_file(plan, lines)
    for number, change in enumerate(plan.changes, start=1):
        found = current(change) if is_printable(change.address) else None
        if not is_printable(change.address):
            left.append(Left(change, "a name in it is not printable"))
        elif found is None:
            left.append(Left(change, "no command tells its value"))
        else:
            tasks += _tasks(change, found, f"advisor_{number}")
    play = [
        "---",
        f"- name: {_text(f'Network settings of {safe(plan.hostname)} by advisor')}",
        "  hosts: all",
        "  become: true",
        "  gather_facts: false",
        "  tasks:" if tasks else "  tasks: []",
        *tasks,
    ]
    return [File("advisor.yml", joined(commented(head), play, commented(leftovers(left))))]


def _sysctl_file(plan: Plan, lines: Iterable[str]) -> list[str]:
    content = [*commented(heading(plan, "ansible")), *lines]
    tag = "!unsafe " if any(_is_template(line) for line in content) else ""
    return [
        f"{_INDENT}- name: Sysctls from the next boot on",
        f"{_INDENT}  ansible.builtin.copy:",
        f"{_INDENT}    dest: {_text(f'/etc/sysctl.d/{sysctl.NAME}')}",
        f'{_INDENT}    mode: "0644"',
        f"{_INDENT}    owner: root",
        f"{_INDENT}    group: root",
        f"{_INDENT}    content: {tag}|",
        *(f"{_INDENT}      {line}" for line in content),
    ]


def _tasks(change: Change, now: Current, variable: str) -> list[str]:
    """Read the setting; change it if it is not as it should be."""
    name = str(change.address)
    file = as_file(change.address, change.after)
    if isinstance(change.address, NicAddress) and file is None:
        words, given = shlex.split(command(change.address, change.after)), None
    else:
        path, given = file or ("", "")
        words = ["tee", "--", path]
    return [
        "",
        *(f"{_INDENT}{line}" for line in commented([about(change)])),
        f"{_INDENT}- name: {_text(f'Read {name}')}",
        *_command(now.words, None),
        f"{_INDENT}  register: {variable}",
        f"{_INDENT}  changed_when: false",
        f"{_INDENT}  check_mode: false",
        f"{_INDENT}- name: {_text(f'Set {name}')}",
        *_command(words, given),
        f"{_INDENT}  vars:",
        f"{_INDENT}    advisor_wanted: {_text(now.pattern)}",
        f"{_INDENT}  when: {variable}.stdout is not search(advisor_wanted, multiline=True)",
        f"{_INDENT}  changed_when: true",
    ]


def _command(words: Iterable[str], given: str | None) -> list[str]:
    """A command without a shell. Ansible itself would still put values for $NAME and ~ in it."""
    words = list(words)
    lines = [f"{_INDENT}  ansible.builtin.command:", f"{_INDENT}    argv:"]
    lines += [f"{_INDENT}      - {_text(word)}" for word in words]
    if given is not None:
        lines.append(f"{_INDENT}    stdin: {_text(given)}")
    if any("$" in word or word.startswith("~") for word in words):
        lines.append(f"{_INDENT}    expand_argument_vars: false # ansible-core 2.16")
    return lines


def _text(text: str) -> str:
    """Text as YAML in double quotes, which is JSON's; tagged where Ansible would see a template."""
    tag = "!unsafe " if _is_template(text) else ""
    return tag + json.dumps(text, ensure_ascii=False)


def _is_template(text: str) -> bool:
    return any(sign in text for sign in _TEMPLATES)
