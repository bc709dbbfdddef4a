# Copyright the advisor contributors
# SPDX-License-Identifier: Apache-2.0
"""What to judge by: the options that check and apply have in common."""

from __future__ import annotations

import re

ARGUMENTS = {
    "profile": {"type": "str"},
    "params": {"type": "dict", "default": {}},
    "select": {"type": "list", "elements": "str", "default": []},
    "ignore": {"type": "list", "elements": "str", "default": []},
    "sample": {"type": "float", "default": 0},
    "waivers": {"type": "list", "elements": "path", "default": []},
    "baseline": {"type": "path"},
}

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


class BadArgument(Exception):
    """An argument that no command line can be made of."""


def words(params):
    """The words of the command line.

    Each value is in one word with its option: no value is taken for an option.

    Raises:
        BadArgument: One of them cannot be meant.
    """
    found = []
    if params["profile"]:
        found.append(f"--profile={params['profile']}")
    for name, value in params["params"].items():
        if not _NAME.fullmatch(str(name)):
            raise BadArgument(f"params: {name!r} is not the name of a parameter")
        found.append(f"--param={name}={_value(name, value)}")
    for option in ("select", "ignore"):
        found += [f"--{option}={each}" for each in params[option] if each]
    if params["sample"] < 0:
        raise BadArgument("sample: seconds, 0 or more")
    if params["sample"]:
        found.append(f"--sample={params['sample']:g}")
    found += [f"--waivers={each}" for each in params["waivers"]]
    if params["baseline"]:
        found.append(f"--baseline={params['baseline']}")
    return found


def _value(name, value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float, str)):
        return value
    raise BadArgument(f"params: {name}: a number, a text or a truth value, not {value!r}")
