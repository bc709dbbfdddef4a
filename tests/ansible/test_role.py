"""The role's variables are told in three places that agree, and what is shipped fits together."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from advisor import __version__
from tests.ansible.collection import MODULES, PLAYBOOKS, ROOT, SOURCE

ROLE = SOURCE / "roles" / "advisor"
ROW = re.compile(r"^\| `(advisor_\w+)` \| `([^`]*)` \| .+ \|$", re.M)
TYPES: dict[str, type | tuple[type, ...]] = {
    "bool": bool,
    "int": int,
    "float": (int, float),
    "str": str,
    "path": str,
    "dict": dict,
    "list": list,
}


def loaded(path: Path) -> Any:
    return yaml.safe_load(path.read_text("utf-8"))


DEFAULTS: dict[str, Any] = loaded(ROLE / "defaults/main.yml")
SPECS: dict[str, Any] = loaded(ROLE / "meta/argument_specs.yml")["argument_specs"]


def tasks_text() -> str:
    parts = ("tasks", "templates", "handlers", "vars", "defaults")
    files = [path for part in parts for path in (ROLE / part).iterdir()]
    return "\n".join(path.read_text("utf-8") for path in (*files, *PLAYBOOKS))


def test_the_table_has_every_variable_with_its_default() -> None:
    table = {name: yaml.safe_load(text) if text else text for name, text in rows()}
    assert {name: table.get(name) for name in DEFAULTS} == DEFAULTS
    assert set(table) == set(DEFAULTS)


def rows() -> list[tuple[str, str]]:
    # The text of a default that is a template is no YAML.
    found = ROW.findall((ROLE / "README.md").read_text("utf-8"))
    return [(name, f"'{text}'" if text.startswith("{{") else text) for name, text in found]


@pytest.mark.parametrize("entry", sorted(SPECS))
def test_every_entry_point_has_every_variable_with_its_default(entry: str) -> None:
    options = SPECS[entry]["options"]
    assert {name: options[name]["default"] for name in options} == DEFAULTS
    assert (ROLE / "tasks" / f"{entry}.yml").is_file()


@pytest.mark.parametrize("name", sorted(DEFAULTS))
def test_a_default_has_the_type_that_is_asked_for(name: str) -> None:
    option = SPECS["main"]["options"][name]
    assert isinstance(DEFAULTS[name], TYPES[option["type"]])
    assert isinstance(DEFAULTS[name], bool) == (option["type"] == "bool")
    assert option["description"]
    if "choices" in option and option["type"] != "list":
        assert DEFAULTS[name] in option["choices"]


@pytest.mark.parametrize("name", sorted(DEFAULTS))
def test_a_variable_does_something(name: str) -> None:
    uses = re.findall(rf"\b{name}\b(?!:)", tasks_text())
    by_kind = name in ("advisor_wheel", "advisor_wheelhouse") or uses
    assert by_kind, f"{name} is documented and never read"


def test_no_variable_is_read_that_nothing_sets() -> None:
    text = tasks_text()
    known = set(DEFAULTS) | set(MODULES)
    known |= set(re.findall(r"^\s+(?:- name: )?(advisor_\w+):", text, re.M))
    readme = (ROLE / "README.md").read_text("utf-8")
    known |= set(re.findall(r"`(advisor_\w+)`", readme))
    known |= {"advisor_hosts", "advisor_serial"}  # of the playbooks, told at their heads
    tags = {"advisor_preflight", "advisor_install", "advisor_configure", "advisor_report"}
    unknown = set(re.findall(r"(?<![\w.])advisor_[a-z_]+\b", text)) - known - tags
    assert not {each for each in unknown if not each.endswith("_")}


def test_nothing_is_changed_unless_somebody_says_so() -> None:
    assert DEFAULTS["advisor_apply"] is False
    for playbook in PLAYBOOKS:
        assert "advisor_apply: true" not in playbook.read_text("utf-8")


def test_the_role_installs_the_version_that_it_comes_with() -> None:
    galaxy = loaded(SOURCE / "galaxy.yml")
    assert (galaxy["namespace"], galaxy["name"]) == ("nettune", "advisor")
    assert galaxy["version"] == DEFAULTS["advisor_version"] == __version__
    assert galaxy["dependencies"] == {}
    assert __version__ in loaded(SOURCE / "changelogs/changelog.yaml")["releases"]


def test_nothing_of_another_collection_is_used() -> None:
    used = set(re.findall(r"^\s+(?:- )?([a-z]+\.[a-z]+)\.[a-z_]+:", tasks_text(), re.M))
    assert used == {"ansible.builtin", "nettune.advisor"}


def test_shells_are_not_used() -> None:
    assert not re.search(r"ansible\.builtin\.(shell|script|expect)\b", tasks_text())
    for path in (SOURCE / "plugins").rglob("*.py"):
        assert "use_unsafe_shell" not in path.read_text("utf-8")


def test_every_module_is_in_the_action_group_the_change_log_and_the_readme() -> None:
    group = loaded(SOURCE / "meta/runtime.yml")["action_groups"]["advisor"]
    changes = loaded(SOURCE / "changelogs/changelog.yaml")["releases"][__version__]["modules"]
    readme = (SOURCE / "README.md").read_text("utf-8")
    assert sorted(group) == sorted(each["name"] for each in changes) == MODULES
    assert sorted(re.findall(r"^\| `(advisor_\w+)` \|", readme, re.M)) == MODULES


@pytest.mark.parametrize("module", MODULES)
def test_what_a_module_returns_is_documented(module: str) -> None:
    """Every key of a result that a module writes down is in its RETURN."""
    text = (SOURCE / "plugins/modules" / f"{module}.py").read_text("utf-8")
    constants = {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in ast.parse(text).body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
    }
    documented = set(yaml.safe_load(constants["RETURN"]))
    returned = set(re.findall(r'^        "(\w+)": ', text, re.M)) - {"changed"}
    options = set(yaml.safe_load(constants["DOCUMENTATION"]).get("options", {}))
    assert returned - options - {"type", "choices", "default"} <= documented | {"diff"}


def test_the_example_inventory_uses_profiles_and_variables_that_exist() -> None:
    profiles = {path.stem for path in (ROOT / "profiles").glob("*.yaml")}
    files = [*(SOURCE / "examples").rglob("group_vars/*.yml")]
    files += (SOURCE / "examples").rglob("host_vars/*.yml")
    used = set()
    for path in files:
        variables = loaded(path)
        assert set(variables) <= set(DEFAULTS), path
        used.add(variables.get("advisor_profile"))
    assert len(used - {None}) >= 3
    assert used - {None} <= profiles
