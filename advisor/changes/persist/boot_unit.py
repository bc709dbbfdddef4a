"""What has advisor bring its settings at boot: a unit of systemd, a script of NetworkManager. Pure.

The unit runs when the network is set up: bonds and bridges are there then, and drivers have
allocated what they place themselves when a device comes up. The script runs when NetworkManager
activates an interface again: it, and drivers, may have set other values; what would take the link
down once more is left alone then, so that one activation cannot cause the next.
"""

from __future__ import annotations

import re

from advisor.changes.persist import names
from advisor.changes.persist.model import Means, WantedFile
from advisor.changes.persist.seal import LINE, link_text, sealed
from advisor.changes.state_dir import VARIABLE

BOOT = "boot"
"""The command of advisor that applies `names.SETTINGS`."""

AGAIN = "--activated"
"""Its option: only what is about this interface, and does not take the link down."""

_WORD = re.compile(r"[A-Za-z0-9_./+@=:,-]+")

_UNIT = """\
# {line}
[Unit]
Description=Network settings of {settings}
ConditionPathExists={settings}
Wants=network-online.target
After=network-online.target NetworkManager.service systemd-networkd.service tuned.service

[Service]
Type=oneshot
ExecStart={command}
{environment}WorkingDirectory=/
CapabilityBoundingSet=CAP_NET_ADMIN CAP_DAC_OVERRIDE
NoNewPrivileges=yes
ProtectSystem=full
ProtectControlGroups=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
RestrictAddressFamilies=AF_UNIX AF_NETLINK AF_INET
RestrictNamespaces=yes
RestrictRealtime=yes
LockPersonality=yes
SystemCallArchitectures=native

[Install]
WantedBy=multi-user.target
"""

_SCRIPT = """\
#!/bin/sh
# {line}
# NetworkManager calls it with an interface and what has happened to it.
[ "$2" = up ] || exit 0
[ -e {settings} ] || exit 0
{environment}exec {command} {option}="$1"
"""


def cannot_run(means: Means) -> str | None:
    """Why advisor cannot bring settings at boot here, None if it can."""
    if not means.systemd:
        return "only systemd has a way to run advisor at boot that advisor knows, and it is not run"
    if means.no_command is not None:
        return means.no_command
    words = (*means.command, *([] if means.state_dir is None else [means.state_dir]))
    if not means.command or not means.command[0].startswith("/"):
        return "it is not known how to run advisor at boot"
    odd = next((word for word in words if not _WORD.fullmatch(word)), None)
    return None if odd is None else f"{odd!r} cannot be part of a command that is run at boot"


def boot_files(means: Means, *, dispatcher: bool) -> list[WantedFile]:
    """The unit, what enables it, and the script if it is asked for."""
    command = " ".join((*means.command, BOOT))
    variable = None if means.state_dir is None else f"{VARIABLE}={means.state_dir}"
    unit = _UNIT.format(
        line=LINE,
        settings=names.SETTINGS,
        command=command,
        environment="" if variable is None else f"Environment={variable}\n",
    )
    files = [WantedFile(names.UNIT, sealed(unit))]
    if dispatcher:
        script = _SCRIPT.format(
            line=LINE,
            settings=names.SETTINGS,
            command=command,
            option=AGAIN,
            environment="" if variable is None else f"{variable} ",
        )
        files.append(WantedFile(names.DISPATCHER, sealed(script)))
    files.append(WantedFile(names.WANTS, link_text(names.UNIT), names.UNIT))
    return files
