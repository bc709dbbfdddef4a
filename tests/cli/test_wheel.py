"""What is built works where nothing else is: a wheel in an empty environment, away from here.

This is what catches a file that did not get into the wheel, or an import of something that only
the tests install.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import advisor

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("dist")
    _run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", directory, ROOT)
    (built,) = directory.iterdir()
    return built


@pytest.fixture(scope="module")
def command(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `advisor` command of an environment that holds the wheel and its dependencies only."""
    environment = tmp_path_factory.mktemp("environment") / "venv"
    _run(sys.executable, "-m", "venv", environment)
    _run(environment / "bin" / "python", "-m", "pip", "install", "-q", "--use-pep517", wheel)
    return environment / "bin" / "advisor"


def test_the_wheel_holds_every_rule_profile_and_schema_and_its_types(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    expected = (
        {
            f"advisor/_data/{file.relative_to(ROOT).as_posix()}"
            for directory in ("rules", "profiles")
            for file in (ROOT / directory).rglob("*.yaml")
        }
        | {
            f"advisor/_data/{file.relative_to(ROOT).as_posix()}"
            for file in (ROOT / "units").iterdir()
        }
        | {
            file.relative_to(ROOT).as_posix()
            for file in (ROOT / "advisor").rglob("*")
            if file.suffix in {".py", ".json", ".txt", ".typed"}
            and file.parent.name != "__pycache__"
        }
    )
    assert expected - names == set()
    assert [name for name in names if "__pycache__" in name] == []


def test_the_wheel_holds_nothing_but_the_package(wheel: Path) -> None:
    tops = {name.partition("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert tops == {"advisor", f"nettune_advisor-{advisor.__version__}.dist-info"}


def test_the_installed_command_tells_its_version(command: Path, tmp_path: Path) -> None:
    assert advisor.__version__ in _run(command, "--version", cwd=tmp_path).stdout


def test_the_installed_command_lists_the_shipped_rules(command: Path, tmp_path: Path) -> None:
    listing = _run(command, "rules", "list", cwd=tmp_path).stdout
    shipped = {file.name.partition("-")[0] for file in (ROOT / "rules").rglob("*.yaml")}
    assert shipped
    assert {rule for rule in shipped if rule not in listing} == set()


def test_the_installed_command_checks_this_host(command: Path, tmp_path: Path) -> None:
    result = _run(command, "check", "-f", "json", cwd=tmp_path, accept=(0, 1))
    report = json.loads(result.stdout)
    assert report["schema"] == "advisor.report/v1"
    assert report["findings"]


def _run(
    *arguments: str | Path, cwd: Path | None = None, accept: tuple[int, ...] = (0,)
) -> subprocess.CompletedProcess[str]:
    # The checkout must not be importable by way of the environment.
    clean = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    result = subprocess.run(
        arguments,
        cwd=cwd,
        env=clean,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode in accept, f"{arguments}\n{result.stdout}\n{result.stderr}"
    return result
