"""An Ansible callback: one line of JSON for each task that a host has finished, into a file."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: events
type: aggregate
short_description: tells the tests what happened
description: Appends one line for each result to the file that FLEET_EVENTS names.
requirements: [none]
"""


class CallbackModule(CallbackBase):  # type: ignore[misc]
    """What the name and the methods are is Ansible's choice."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "events"
    CALLBACK_NEEDS_ENABLED = True

    def v2_runner_on_ok(self, result: Any) -> None:
        self._write(result, "changed" if result.is_changed() else "ok")

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self._write(result, "ignored" if ignore_errors else "failed")

    def v2_runner_on_skipped(self, result: Any) -> None:
        self._write(result, "skipped")

    def v2_runner_on_unreachable(self, result: Any) -> None:
        self._write(result, "unreachable")

    def _write(self, result: Any, status: str) -> None:
        event = {
            "host": result._host.get_name(),
            "task": result._task.get_name(),
            "status": status,
            "result": result._result,
        }
        with Path(os.environ["FLEET_EVENTS"]).open("a", encoding="utf-8") as file:
            file.write(json.dumps(event, default=str) + "\n")
