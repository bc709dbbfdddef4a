"""What ansible-lint, ansible-doc, ansible-galaxy and ansible-test's own checks say."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import ansible_test
import pytest

from advisor import __version__
from tests.ansible.collection import (
    BIN,
    MODULES,
    NAME,
    PLAYBOOKS,
    SOURCE,
    environment,
    run_tool,
)

_VALIDATE = "_util/controller/sanity/validate-modules/validate.py"


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The collection as a directory of its own, which linters may write to."""
    target = tmp_path / "copy" / "ansible_collections" / "nettune" / "advisor"
    shutil.copytree(SOURCE, target, ignore=shutil.ignore_patterns("__pycache__", ".ansible"))
    return target


@pytest.mark.slow
def test_ansible_lint_has_nothing_to_say_in_its_strictest_profile(
    tmp_path: Path, copied: Path
) -> None:
    words = ("ansible-lint", "--offline", "--profile", "production", "--strict", "--nocolor")
    code, output = run_tool(tmp_path, *words, cwd=copied)
    assert code == 0, output
    assert "Profile 'production'" in output or "Passed" in output


def test_validate_modules_misses_only_a_licence_that_is_not_ours(
    tmp_path: Path, copied: Path
) -> None:
    program = Path(ansible_test.__path__[0], _VALIDATE)
    words = ["--format", "json", "--arg-spec", "--collection", f"ansible_collections/{_path()}"]
    done = subprocess.run(
        [sys.executable, str(program), *words, "--collection-version", __version__]
        + [f"plugins/modules/{name}.py" for name in MODULES],
        cwd=copied,
        env={**environment(tmp_path), "PYTHONPATH": str(tmp_path / "copy")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout, done.stderr
    found = {
        f"{name} validate-modules:{each['code']}"
        for name, said in json.loads(done.stdout).items()
        for each in said["errors"]
    }
    for ignored in (SOURCE / "tests/sanity").glob("ignore-*.txt"):
        lines = ignored.read_text("utf-8").splitlines()
        assert {line.partition("  #")[0] for line in lines} == found, done.stdout


def _path() -> str:
    return NAME.replace(".", "/")


@pytest.mark.parametrize("module", MODULES)
def test_ansible_doc_shows_a_module(tmp_path: Path, module: str) -> None:
    code, output = run_tool(tmp_path, "ansible-doc", "--json", f"{NAME}.{module}")
    assert code == 0, output
    shown = json.loads(output)[f"{NAME}.{module}"]
    assert {"executable"} <= set(shown["doc"]["options"])
    assert shown["examples"].strip().startswith("- name:")
    assert shown["return"]["exit_code" if module != "advisor_info" else "version"]


def test_ansible_doc_shows_the_role(tmp_path: Path) -> None:
    words = ("ansible-doc", "--type", "role", "--json", f"{NAME}.advisor")
    code, output = run_tool(tmp_path, *words)
    assert code == 0, output
    entries = json.loads(output)[f"{NAME}.advisor"]["entry_points"]
    assert {"main", "judge", "look", "soak", "rollback"} == set(entries)


def test_the_collection_builds_and_has_what_it_needs(tmp_path: Path) -> None:
    words = ("collection", "build", SOURCE, "--output-path", tmp_path / "built")
    code, output = run_tool(tmp_path, "ansible-galaxy", *words)
    assert code == 0, output
    with tarfile.open(tmp_path / f"built/nettune-advisor-{__version__}.tar.gz") as file:
        names = set(file.getnames())
    wanted = {f"plugins/modules/{name}.py" for name in MODULES} | {"README.md", "MANIFEST.json"}
    assert wanted | {f"playbooks/{path.name}" for path in PLAYBOOKS} <= names
    assert not [name for name in names if "__pycache__" in name or name.endswith(".pyc")]


def test_what_is_built_can_be_installed_and_used(tmp_path: Path) -> None:
    words = ("collection", "build", SOURCE, "--output-path", tmp_path)
    assert run_tool(tmp_path, "ansible-galaxy", *words)[0] == 0
    archive = tmp_path / f"nettune-advisor-{__version__}.tar.gz"
    target = tmp_path / "installed"
    words = ("collection", "install", "--offline", archive, "--collections-path", target)
    code, output = run_tool(tmp_path, "ansible-galaxy", *words)
    assert code == 0, output
    done = subprocess.run(
        [BIN / "ansible-playbook", f"{NAME}.check", "--list-tasks", "-i", "localhost,"],
        env={**environment(tmp_path), "ANSIBLE_COLLECTIONS_PATH": str(target)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("playbook", PLAYBOOKS, ids=lambda path: path.stem)
def test_a_playbook_is_understood_with_the_example_inventory(
    tmp_path: Path, playbook: Path
) -> None:
    inventory = SOURCE / "examples/inventory/hosts.yml"
    words = ("ansible-playbook", "--syntax-check", "-i", inventory, f"{NAME}.{playbook.stem}")
    code, output = run_tool(tmp_path, *words)
    assert code == 0, output
    assert "WARNING" not in output
