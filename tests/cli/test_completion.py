"""Completion for shells: the script, and what it offers."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import Run, command, environment


@pytest.mark.parametrize(
    ("shell", "word"), [("bash", "complete "), ("zsh", "compdef"), ("fish", "complete ")]
)
def test_the_script_of_a_shell_is_printed_on_demand(run: Run, shell: str, word: str) -> None:
    done = run(env={"_ADVISOR_COMPLETE": f"source_{shell}"})
    assert (done.returncode, done.stderr) == (0, "")
    assert word in done.stdout
    assert "advisor" in done.stdout


def test_the_shell_that_asks_gets_its_own_script() -> None:
    # `; true` keeps bash from replacing itself with the command, which would hide it.
    script = f"{' '.join(command('--show-completion'))}; true"
    done = subprocess.run(
        ["bash", "-c", script], env=environment(), capture_output=True, text=True, check=True
    )
    assert "complete -o default -F _advisor_completion advisor" in done.stdout


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("ex", {"explain"}),
        ("profile ", {"list", "show", "detect"}),
        ("explain RCV00", {"RCV001"}),
        ("explain rmem-initial", {"rmem-initial-huge"}),
        ("profile show wan", {"wan-bulk"}),
        ("check -p edge", {"edge-proxy"}),
        ("check --fail-on w", {"warning"}),
        ("check -f pro", {"prometheus"}),
        ("schema sn", {"snapshot"}),
        ("check --from", {"--from"}),
    ],
)
def test_what_fits_is_offered(run: Run, typed: str, offered: set[str]) -> None:
    words = f"advisor {typed}"
    done = run(
        env={
            "_ADVISOR_COMPLETE": "complete_bash",
            "COMP_WORDS": words,
            "COMP_CWORD": str(len(words.split(" ")) - 1),
        }
    )
    assert offered <= set(done.stdout.split())


def test_bash_completes_a_command_line(tmp_path: Path) -> None:
    script = tmp_path / "advisor"
    script.write_text(f'#!/bin/sh\nexec {" ".join(command())} "$@"\n')
    script.chmod(0o755)
    typed = f"""
        PATH={tmp_path}:$PATH
        eval "$(_ADVISOR_COMPLETE=source_bash advisor)"
        COMP_WORDS=(advisor profile show data); COMP_CWORD=3
        _advisor_completion advisor data show
        echo "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(
        ["bash", "-c", typed], env=environment(), capture_output=True, text=True, check=True
    )
    assert done.stdout == "datacenter-storage\n"
