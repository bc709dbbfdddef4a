"""What the documentation shows is what the program does.

Every `console` block is run: a line `$ advisor …` is a command, the lines below it are what it
prints on a terminal of 100 columns; `…` alone on a line stands for anything.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from advisor.errors import Exit
from advisor.knowledge.locations import rules_dir
from advisor.knowledge.rules import load_rules
from scripts import rule_reference

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```console\n(.*?)^```", re.M | re.S)


def examples() -> list[tuple[str, str, str]]:
    """Page, command and expected output of every example."""
    found = []
    for page in PAGES:
        for block in BLOCK.findall(page.read_text("utf-8")):
            for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
                command, _, output = part.partition("\n")
                found.append((page.name, command, output))
    return found


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A folder with `advisor` in it, as an installation has one."""
    script = tmp_path / "advisor"
    script.write_text(
        f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(ROOT)!r})\n"
        "from advisor.cli import main\nmain()\n"
    )
    script.chmod(0o755)
    return tmp_path


@pytest.mark.parametrize(("page", "command", "output"), examples(), ids=lambda text: text[:60])
def test_an_example_shows_what_is_printed(
    program: Path, page: str, command: str, output: str
) -> None:
    words = shlex.split(command)
    assert words[0] == "advisor", f"{page}: only advisor is run here"
    environment = {
        **os.environ,
        "PATH": f"{program}:{os.environ['PATH']}",
        "COLUMNS": "100",
        "NO_COLOR": "1",
    }
    done = subprocess.run(
        words, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stderr == ""
    pattern = ".*\n".join(re.escape(part) for part in output.split("…\n"))
    assert re.fullmatch(pattern, done.stdout, re.S), done.stdout


def test_the_readme_has_examples() -> None:
    assert [command for page, command, _ in examples() if page == "README.md"]


def test_links_lead_to_files() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_exit_codes_and_variables_are_told() -> None:
    page = (ROOT / "docs" / "command-line.md").read_text("utf-8")
    rows = set(re.findall(r"^\| `?([^ `|<]+)", page, re.M))
    sources = [path.read_text("utf-8") for path in (ROOT / "advisor").rglob("*.py")]
    variables = {name for text in sources for name in re.findall(r"\bADVISOR_[A-Z]+_?[A-Z]*", text)}
    examples_of = {name for name in variables if name.startswith("ADVISOR_PARAM_R")}
    assert {str(code.value) for code in Exit} | (variables - examples_of) <= rows


def test_the_rule_reference_is_up_to_date() -> None:
    written = {path.name: path.read_text("utf-8") for path in rule_reference.FOLDER.glob("*.md")}
    made = rule_reference.render()
    assert written.keys() == made.keys()
    assert [name for name in made if written[name] != made[name]] == []


def test_every_rule_is_found_by_a_symptom() -> None:
    rules = list(load_rules(rules_dir()))
    found = {rule.id for _, _, chosen in rule_reference.symptoms(rules) for rule in chosen}
    assert [rule.id for rule in rules if rule.id not in found] == []
