"""A POSIX shell script. What it prints undoes it: sh advisor.sh > undo.sh"""

from __future__ import annotations

from collections.abc import Iterator

from advisor.model.address import NicAddress
from advisor.model.plan import Change, Plan
from advisor.report.export.common import File, about, commented, heading, joined
from advisor.report.style import safe
from advisor.settings.shell import as_file, command, quoted

_LOOK = {
    "channels": "-l",
    "ring": "-g",
    "coalesce": "-c",
    "feature": "-k",
    "pause": "-a",
    "private": "--show-priv-flags",
    "rss": "-x",
}
_FILES = {"mtu": "mtu", "txqueuelen": "tx_queue_len"}

PUT = r"""# put TEXT FILE: one write, with the whole value.
put() {
    printf '%s\n' "$1" > "$2"
}"""

_START = r"""set -eu
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL

if [ "$(id -u)" -ne 0 ]; then
    echo 'this has to be run as root' >&2
    exit 1
fi"""

_HELPERS = r"""# word TEXT: as one word of a command.
word() {
    printf "'"
    printf '%s' "$1" | sed "s/'/'\\\\''/g"
    printf "'"
}

# keep FILE: print the command that brings its value back.
keep() {
    kept=$(cat "$1")
    printf 'put %s %s\n' "$(word "$kept")" "$(word "$1")"
}

# look COMMAND: print what a device says of its settings, as comments.
look() {
    "$@" 2>&1 | sed 's/^/# /'
}"""

_KEPT_START = r"""# What brings the values back that are there now.
cat << 'END'
#!/bin/sh
set -eu
put() {
    printf '%s\n' "$1" > "$2"
}
END"""


def files(plan: Plan) -> list[File]:
    """The script."""
    if not plan.changes:
        return [File("advisor.sh", joined(["#!/bin/sh", *commented(heading(plan, "shell"))]), True)]
    head = [
        "#!/bin/sh",
        *commented(
            [
                *heading(plan, "shell"),
                "It prints the commands that undo it, with the values that it finds (those that",
                "ethtool and tc change, with the values that the plan had found):",
                "  sh advisor.sh > undo.sh",
                "What a device loses when it is reset (RSS, XPS, RPS, affinities, routes) is not",
                "put back here, as advisor apply does.",
            ]
        ),
    ]
    kept = [line for change in reversed(plan.changes) for line in _keep(change)]
    looked = list(dict.fromkeys(line for change in plan.changes for line in _look(change)))
    return [
        File(
            "advisor.sh",
            joined(
                head,
                [_START],
                [PUT],
                [_HELPERS],
                [_KEPT_START, *looked, *kept],
                ["# What the commands themselves say is no part of that.", "exec >&2"],
                *([*commented([about(change)]), do(change)] for change in plan.changes),
            ),
            executable=True,
        )
    ]


def do(change: Change) -> str:
    """The line that makes a change."""
    return line(change, undo=False)


def line(change: Change, *, undo: bool) -> str:
    """The line that makes a change, or brings the plan's former value back; needs `PUT`."""
    value = change.before if undo else change.after
    file = as_file(change.address, value)
    if file is None:
        return command(change.address, value)
    path, text = file
    return f"put {quoted(text)} {quoted(path)}"


def _keep(change: Change) -> Iterator[str]:
    """Prints what undoes the change: from the value now, or from the plan's for a device's."""
    path = _file(change)
    if path is not None:
        yield f"keep {quoted(path)}"
    elif change.before is None:
        yield f"echo {quoted(safe(f'# {change.address} had no value that could be set again'))}"
    else:
        yield f"printf '%s\\n' {quoted(line(change, undo=True))}"


def _look(change: Change) -> Iterator[str]:
    address = change.address
    if not isinstance(address, NicAddress) or _file(change) is not None:
        return
    kind = address.attribute[0]
    if kind in _LOOK:
        yield f"look ethtool {_LOOK[kind]} {quoted(address.nic)}"
    elif kind == "qdisc":
        yield f"look tc qdisc show dev {quoted(address.nic)} root"


def _file(change: Change) -> str | None:
    """The file that has the setting's value."""
    address = change.address
    if isinstance(address, NicAddress) and address.attribute[0] in _FILES:
        return f"/sys/class/net/{address.nic}/{_FILES[address.attribute[0]]}"
    file = as_file(address, change.after)
    return None if file is None else file[0]
