"""What the commands that change something print as JSON is what their schemas say."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from advisor.knowledge.schema import load_schema
from tests.netns.spaces import ROOT, Space, needs_namespaces, space

pytestmark = needs_namespaces


def run(made: Space, state: Path, *words: str) -> dict[str, Any]:
    """The document that a command prints, which has to fit its schema."""
    environment = {
        **os.environ,
        "ADVISOR_STATE_DIR": str(state),
        "ADVISOR_CONFIG_DIR": "",
        "PYTHONPATH": str(ROOT),
    }
    command = ["ip", "netns", "exec", made.name, sys.executable, "-m", "advisor"]
    done = subprocess.run(
        [*command, *words, "-f", "json"],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    document: dict[str, Any] = json.loads(done.stdout)
    name = document["schema"].removeprefix("advisor.").partition("/")[0]
    Draft202012Validator(load_schema(name)).validate(document)
    return document


def test_every_document_fits_its_schema(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with space() as made:
        made.run("sysctl", "-qw", "net.ipv4.tcp_sack=0")
        tried = run(made, state, "apply", "--select", "SND012", "--dry-run")
        assert [each["after"] for each in tried["changes"]] == [1]
        assert not state.exists(), "a dry run leaves nothing behind"
        done = run(made, state, "apply", "--select", "SND012", "--yes", "--observe", "1s")
        assert done["changed"]
        assert done["run"]["outcome"]["seconds"] >= 1
        assert [each["reason"] for each in done["lost_at_boot"]] != []
        assert run(made, state, "apply", "--select", "SND012", "--yes")["changed"] is False
        assert [each["id"] for each in run(made, state, "history")["runs"]] == [done["run"]["id"]]
        assert run(made, state, "history", "show")["state"] == "confirmed"
        made.run("sysctl", "-qw", "net.ipv4.tcp_sack=0")
        assert [each["now"] for each in run(made, state, "status")["drift"]] == [0]
        undone = run(made, state, "rollback")
        assert undone["state"] == "rolled-back"
