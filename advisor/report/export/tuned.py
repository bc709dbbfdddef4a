"""A TuneD profile: tuned.conf, and a script for what TuneD's plugins do not have.

Options: tuned/plugins/plugin_{net,sysctl,script}.py of TuneD. Its file format has variables
("${…}"), comments behind values and patterns for devices, so only plain names stand in it; the
script takes the others.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from advisor.model.address import NicAddress, SysctlAddress
from advisor.model.plan import Change, Plan
from advisor.report.export.common import (
    File,
    about,
    commented,
    heading,
    is_plain,
    joined,
    value_of,
)
from advisor.report.export.shell import PUT, do, line
from advisor.report.style import safe

_VALUE = re.compile(r"[A-Za-z0-9_.-]+(?: [A-Za-z0-9_.-]+)*")

_PLAIN = ("mtu", "txqueuelen")
_GROUPS: Mapping[str, tuple[str, frozenset[str]]] = {
    "ring": ("ring", frozenset({"rx", "rx-jumbo", "tx"})),
    "channels": ("channels", frozenset({"rx", "tx", "other", "combined"})),
    "pause": ("pause", frozenset({"autoneg", "rx", "tx"})),
    "coalesce": (
        "coalesce",
        frozenset(
            {
                *("adaptive-rx", "adaptive-tx", "stats-block-usecs"),
                *("rx-usecs", "rx-frames", "rx-usecs-irq", "rx-frames-irq"),
                *("tx-usecs", "tx-frames", "tx-usecs-irq", "tx-frames-irq"),
                *("pkt-rate-low", "rx-usecs-low", "rx-frames-low"),
                *("tx-usecs-low", "tx-frames-low"),
                *("pkt-rate-high", "rx-usecs-high", "rx-frames-high"),
                *("tx-usecs-high", "tx-frames-high"),
            }
        ),
    ),
}
# TuneD knows a feature by how `ethtool -k` begins its line, which for these is an older name. Of
# those that ethtool indents it says that the device does not support them.
_FEATURES = {
    "rx-checksum": "rx",
    "tx-generic-segmentation": "gso",
    "rx-gro": "gro",
    "rx-lro": "lro",
    "rx-vlan-hw-parse": "rxvlan",
    "tx-vlan-hw-insert": "txvlan",
    "rx-ntuple-filter": "ntuple",
    "rx-hashing": "rxhash",
    "rx-gro-hw": "rx-gro-hw",
    "rx-gro-list": "rx-gro-list",
    "rx-udp-gro-forwarding": "rx-udp-gro-forwarding",
}


def files(plan: Plan) -> list[File]:
    """The profile's two files; the second one only if there is something for it."""
    sysctls: list[str] = []
    devices: dict[str, dict[str, list[str]]] = {}
    rest: list[Change] = []
    for change in plan.changes:
        assignment = _sysctl(change)
        option = _net(change)
        if assignment is not None:
            sysctls += [*commented([about(change)]), assignment]
        elif option is not None and isinstance(change.address, NicAddress):
            name, value = option
            devices.setdefault(change.address.nic, {}).setdefault(name, []).append(value)
        else:
            rest.append(change)
    conf = File("tuned.conf", _conf(plan, sysctls, devices, rest))
    return [conf, File("script.sh", _script(plan, rest), True)] if rest else [conf]


def _sysctl(change: Change) -> str | None:
    """The line of [sysctl] for a change, None if it has none there.

    Names with dots have none: not every version knows the slash of "eth0/100" for one (2.20 does
    not).
    """
    address = change.address
    if not isinstance(address, SysctlAddress):
        return None
    value = value_of(address, change.after)
    if not all(is_plain(part) and "." not in part for part in address.key):
        return None
    return f"{address.dotted}={value}" if _VALUE.fullmatch(value) else None


def _net(change: Change) -> tuple[str, str] | None:
    """Option of [net] and what stands in it for a change, None if it has none there."""
    address = change.address
    if not isinstance(address, NicAddress) or not is_plain(address.nic):
        return None
    kind, name = address.attribute[0], ".".join(address.attribute[1:])
    if kind in _PLAIN:
        return kind, str(change.after)
    if kind == "feature" and name in _FEATURES:
        return "features", f"{_FEATURES[name]} {_text(change)}"
    if kind == "channels" and change.after == 0:
        return None  # TuneD would take it for a device that has the other kind of channels
    if kind in _GROUPS and name in _GROUPS[kind][1]:
        return _GROUPS[kind][0], f"{name} {_text(change)}"
    return None


def _text(change: Change) -> str:
    value = change.after
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)


def _conf(
    plan: Plan, sysctls: list[str], devices: dict[str, dict[str, list[str]]], rest: list[Change]
) -> str:
    head = [
        *heading(plan, "tuned"),
        "Save as tuned.conf in a directory of /etc/tuned/profiles (/etc/tuned before TuneD 2.23),",
        "such as /etc/tuned/profiles/advisor; then: tuned-adm profile advisor",
    ]
    if devices:
        head.append("TuneD leaves interfaces alone that are not hardware (bonds, VLANs, veth).")
    sections = [
        [
            f"[net_{number}]",
            "type=net",
            f"devices={nic}",
            # Where dynamic tuning is on, TuneD would slow the link down when it is idle.
            "dynamic=0",
            *(f"{name}={' '.join(values)}" for name, values in options.items()),
        ]
        for number, (nic, options) in enumerate(devices.items(), start=1)
    ]
    script = ["[script]", "script=${i:PROFILE_DIR}/script.sh"] if rest else []
    return joined(
        commented(head),
        ["[main]", f"summary=Network settings that advisor found for profile {_plain(plan)}"],
        ["[sysctl]", *sysctls] if sysctls else [],
        *sections,
        script,
        commented(f"in script.sh: {safe(str(change.address))}" for change in rest),
    )


def _plain(plan: Plan) -> str:
    return plan.profile if is_plain(plan.profile) else "?"


def _script(plan: Plan, rest: list[Change]) -> str:
    """The script: TuneD calls it with "start" and "stop"."""
    start = [text for change in rest for text in (*commented([about(change)]), do(change))]
    stop = [
        line(change, undo=True)
        if change.before is not None
        else f"# {safe(str(change.address))} had no value that could be set again"
        for change in reversed(rest)
    ]
    return joined(
        [
            "#!/bin/sh",
            *commented(heading(plan, "tuned")),
            *commented(["Save beside tuned.conf, and make it executable."]),
        ],
        ["set -eu"],
        [PUT],
        ["start() {", *_indented([*start, ":"]), "}"],
        ["stop() {", *_indented([*stop, ":"]), "}"],
        [
            'case "${1-}" in',
            "    start) start ;;",
            "    stop) stop ;;",
            "    verify) ;;",
            "    *)",
            "        echo 'start, stop or verify' >&2",
            "        exit 2",
            "        ;;",
            "esac",
        ],
    )


def _indented(lines: list[str]) -> list[str]:
    return [f"    {each}" for each in lines]
