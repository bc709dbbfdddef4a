# Copyright the advisor contributors
# SPDX-License-Identifier: Apache-2.0
"""What a host tells about its runs. Each of these ends the module when the program fails."""

from __future__ import annotations

import re

from ansible_collections.nettune.advisor.plugins.module_utils import documents

_RUN = re.compile(r"[0-9]{1,12}(-[0-9]{8}T[0-9]{6}Z)?")


def named(module, text):
    """The name of a run, which is a number or an id."""
    if not _RUN.fullmatch(text):
        module.fail_json(msg=f"{text!r} is not a run: a number, or an id of advisor history")
    return text


def receipt(advisor, run):
    """One run."""
    return advisor.ask(documents.RECEIPT, "history", "show", "--format=json", "--", run)


def history(advisor):
    """All runs, the youngest first, and the ids of those that cannot be trusted."""
    found = advisor.ask(documents.HISTORY, "history", "--format=json")
    damaged = [each.get("id") if isinstance(each, dict) else each for each in found["damaged"]]
    return found["runs"], [str(each) for each in damaged]


def status(advisor):
    """Where the host stands."""
    return advisor.ask(documents.STATUS, "status", "--format=json")
