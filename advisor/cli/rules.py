"""`advisor rules`: list, lint and test rules."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from advisor.cli import new_rule, options
from advisor.errors import AdvisorError, Exit

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
app.command("new")(new_rule.new)

_Files = Annotated[
    list[Path] | None,
    typer.Argument(metavar="[FILE|DIR]...", help="Rules to look at; none for the shipped ones."),
]


@app.command("list")
def list_rules(
    select: Annotated[
        list[str] | None, typer.Option("--select", metavar="IDS", help="Only these rules.")
    ] = None,
    json_output: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """List the rules, those of the site too."""
    from advisor.engine.selection import select as choose
    from advisor.knowledge.catalogue import all_rules

    rules = choose(all_rules(), options.split_ids(select))
    if json_output:
        import json

        data = [
            {
                "id": rule.id,
                "name": rule.name,
                "title": rule.title,
                "severity": rule.severity.value,
                "status": rule.status,
                "scope": rule.scope.value,
                "tags": list(rule.tags),
                "setting": None if rule.check.setting is None else str(rule.check.setting),
            }
            for rule in rules
        ]
        options.say(json.dumps(data, indent=2))
        return
    options.say("\n".join(f"{rule.id:<8} {rule.severity.value:<8} {rule.title}" for rule in rules))
    typer.echo(f"{len(rules)} rules", err=True)


@app.command()
def lint(files: _Files = None) -> None:
    """Check rules: YAML, schema, expressions, names of facts, ids."""
    from advisor.engine.lint import lint as problems_of
    from advisor.knowledge.rules import check_ids, load_rule

    rules, problems = [], 0
    for path in _paths(files):
        try:
            rule = load_rule(path)
        except AdvisorError as error:
            options.say(options.error_text(error))
            problems += 1
            continue
        rules.append(rule)
        for problem in problems_of(rule):
            options.say(f"{path}: {problem}")
            problems += 1
    check_ids(rules)
    typer.echo(f"{len(rules)} rules read, {problems} problems", err=True)
    if problems:
        raise typer.Exit(Exit.ERROR)


@app.command("test")
def test_rules(files: _Files = None) -> None:
    """Run the cases that rules carry, and check what has to hold for every rule."""
    from advisor.engine.lint import lint as mistakes_of
    from advisor.engine.rule_tests import problems as problems_of
    from advisor.knowledge.locations import profiles_dir
    from advisor.knowledge.profiles import load_profile
    from advisor.knowledge.rules import load_rule

    base = load_profile(profiles_dir(), "server")
    cases = failures = 0
    for path in _paths(files):
        rule = load_rule(path)
        cases += len(rule.tests)
        # What does not make sense cannot be run.
        for problem in mistakes_of(rule) or problems_of(rule, base):
            options.say(f"{path}: {problem}")
            failures += 1
    typer.echo(f"{cases} cases, {failures} problems", err=True)
    if failures:
        raise typer.Exit(Exit.FINDINGS)


def _paths(files: list[Path] | None) -> list[Path]:
    from advisor.knowledge.locations import rules_dir
    from advisor.knowledge.rules import rule_files

    paths: list[Path] = []
    for given in files or [rules_dir()]:
        if given.is_dir():
            paths += rule_files(given)
        elif given.is_file():
            paths.append(given)
        else:
            raise AdvisorError(f"{given}: no such file", "give a rule's YAML file or a folder")
    if not paths:
        raise AdvisorError(
            f"there is no rule in {', '.join(str(given) for given in files or [])}",
            "a rule's file is called <ID>-<name>.yaml",
        )
    return paths
