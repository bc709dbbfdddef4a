"""The report as Markdown: the summary of a pipeline's job, or a comment.

Names come from hosts and files, so nothing of them is Markdown or HTML here: in prose they are
escaped, commands and settings are code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from advisor.model.finding import Evidence, Finding, NextBoot, Status
from advisor.model.report import Report
from advisor.report.details import reason
from advisor.report.failure import boot_text, fix_text, value_text, waiver_text
from advisor.report.style import safe
from advisor.report.summary import alike, shown, target_list, verdict

_OTHERS = {
    Status.UNKNOWN: "unknown",
    Status.NOT_APPLICABLE: "not applicable",
    Status.PASS: "passed",
}
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_SPECIAL = re.compile(
    r"[&<>]"
    r"|[\\`*_\[\]#|~$]"
    r"|@"  # mentions somebody
    r"|:(?=//)|(?<=www)\.",  # becomes a link
    re.IGNORECASE,
)


def to_markdown(report: Report, *, verbose: bool = False) -> str:
    """The report in GitHub's and GitLab's Markdown.

    Args:
        report: The report.
        verbose: Whether to list what passed, did not apply or is unknown.
    """
    counts = report.summary()
    collection = report.collection
    facts = [f"Linux {report.kernel}", f"profile {report.profile}", f"read {collection.at}"]
    if collection.source != "live":
        facts.insert(0, collection.source)
    lines = [
        f"## advisor: {code(collection.hostname)}",
        "",
        f"**{verdict(counts)}** · {escape(' · '.join(facts))}",
        "",
        *_counts(report),
    ]
    for group in alike(report.of_status(Status.FAIL)):
        lines += _failures(group, len(group) if verbose else shown(group))
    lines += _list("waived", report.of_status(Status.WAIVED))
    for status, heading in _OTHERS.items():
        lines += _list(heading, report.of_status(status)) if verbose else []
    return "\n".join(lines) + "\n"


def escape(text: str) -> str:
    """Text of others in one line that a reader of Markdown shows as it is."""
    return _SPECIAL.sub(_escaped, safe(text))


def code(text: str) -> str:
    """Text of others as code within a line."""
    text = safe(text)
    fence = "`" * (_longest_run(text) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") or not text.strip() else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def _counts(report: Report) -> list[str]:
    names = [status.value for status in Status]
    words = {"fail": "failed", "pass": "passed"}
    heads = [words.get(name, name.replace("_", " ")) for name in names]
    counts = report.summary()
    return [
        _row(heads),
        _row(["---:"] * len(heads)),
        _row([str(counts[name]) for name in names]),
    ]


def _failures(group: Sequence[Finding], count: int) -> list[str]:
    lines: list[str] = []
    for finding in group[:count]:
        lines += ["", *_failure(finding)]
    hidden = [finding.target for finding in group[count:]]
    if hidden:
        lines += ["", f"{group[0].rule.id} also fails for {escape(target_list(hidden))}."]
    return lines


def _failure(finding: Finding) -> list[str]:
    active = " ACTIVE" if finding.active else ""
    subject = finding.rule.name
    if finding.target != "host":
        subject += f" {code(finding.target)}"
    lines = [f"### {finding.rule.id} {finding.severity.value}{active}: {subject}", ""]
    if finding.setting is not None:
        values = (code(value_text(value)) for value in (finding.actual, finding.wanted))
        lines += [f"{code(str(finding.setting))}: {' → '.join(values)}", ""]
    lines.append(escape(finding.message))
    lines += _evidence(finding.evidence)
    lines += _boot(finding.next_boot)
    if finding.waived is not None:
        lines += ["", f"**Waiver:** {escape(waiver_text(finding.waived))}"]
    if finding.advice:
        lines += ["", f"**Do:** {escape(finding.advice)}"]
    if finding.fix is not None:
        run = ", as root:" if finding.commands else "."
        lines += ["", f"**Fix:** {fix_text(finding.fix)}{run}"]
        lines += _block(finding.commands)
        lines += ["", f"**Note:** {escape(finding.fix.note)}"] if finding.fix.note else []
    return lines


def _evidence(items: Sequence[Evidence]) -> list[str]:
    if not items:
        return []
    return [
        "",
        _row(["evidence", "value", "covers"]),
        _row(["---", "---", "---"]),
        *(_row([escape(item.fact), escape(item.text), escape(item.basis)]) for item in items),
    ]


def _boot(boot: NextBoot | None) -> list[str]:
    return [] if boot is None else ["", f"**Next boot:** {escape(boot_text(boot))}"]


def _block(commands: Sequence[str]) -> list[str]:
    if not commands:
        return []
    lines = [safe(command) for command in commands]
    fence = "`" * max(3, *(_longest_run(line) + 1 for line in lines))
    return ["", f"{fence}sh", *lines, fence]


def _list(heading: str, findings: Sequence[Finding]) -> list[str]:
    """Findings that did not fail, folded; one item for all targets that a rule says the same of."""
    if not findings:
        return []
    targets: dict[tuple[str, str], list[str]] = {}
    for finding in sorted(findings, key=lambda finding: finding.rule.id):
        key = (f"{finding.rule.id} {finding.rule.name}", reason(finding))
        targets.setdefault(key, []).append(finding.target)
    return [
        "",
        f"<details><summary>{len(findings)} {heading}</summary>",
        "",
        *(_item(rule, names, why) for (rule, why), names in targets.items()),
        "",
        "</details>",
    ]


def _item(rule: str, names: Sequence[str], why: str) -> str:
    subject = "" if list(names) == ["host"] else f" {escape(target_list(names))}"
    return f"- {rule}{subject}" + (f": {escape(why)}" if why else "")


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)


def _escaped(match: re.Match[str]) -> str:
    character = match[0]
    if character == "@":
        # Whoever looks for names looks at text, of which a comment is none.
        return "@<!-- -->"
    if character in ":.":
        return f"&#{ord(character)};"
    return _ENTITIES.get(character, f"\\{character}")
