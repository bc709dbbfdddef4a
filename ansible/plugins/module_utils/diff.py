# Copyright the advisor contributors
# SPDX-License-Identifier: Apache-2.0
"""Changes as the block that ansible-playbook --diff shows."""

from __future__ import annotations

from ansible_collections.nettune.advisor.plugins.module_utils.program import safe

_HEADER = "network settings"


def diff(changes):
    """Before and after of all settings, one line each, in the order of the changes."""
    return {
        "before_header": _HEADER,
        "after_header": _HEADER,
        "before": _lines(changes, "before"),
        "after": _lines(changes, "after"),
    }


def turned(changes):
    """The changes that undo these."""
    return [
        {**each, "before": each["after"], "after": each["before"]} for each in reversed(changes)
    ]


def _lines(changes, side):
    return "".join(
        safe(f"{each['setting']} = {_text(each[side])}").replace("\n", "\\n") + "\n"
        for each in changes
    )


def _text(value):
    if value is None:
        return "(none)"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list):
        return " ".join(str(each) for each in value)
    return str(value)
