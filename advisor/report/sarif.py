"""The report as SARIF 2.1.0, for code scanning and its viewers.

A finding is about a host, SARIF about files: the physical location is the rule's file, the logical
ones are the host and the device. https://docs.oasis-open.org/sarif/sarif/v2.1.0/
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from advisor.model.finding import Finding, Status
from advisor.model.report import Report
from advisor.model.rule import Rule, Severity
from advisor.report.details import details, reason, when
from advisor.report.json_report import finding_data
from advisor.report.style import safe

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
# What GitHub calls a problem's severity.
_PROBLEMS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "recommendation"}
_KINDS = {
    Status.PASS: "pass",
    Status.FAIL: "fail",
    Status.WAIVED: "fail",
    Status.NOT_APPLICABLE: "notApplicable",
    Status.UNKNOWN: "open",
}
_BASE = "ADVISOR"
_MOST_DESCRIPTION = 1000
_PROPERTIES = ("target", "active", "setting", "actual", "wanted", "evidence", "advice", "next_boot")


def to_sarif(
    report: Report,
    *,
    version: str,
    files: Mapping[str, str] | None = None,
    docs_url: str = "",
    verbose: bool = False,
) -> str:
    """The report as one SARIF log with one run, in ASCII.

    Readers such as GitHub take every result for an alert, so only failures, waived ones too, are
    results unless all are asked for.

    Args:
        report: The report.
        version: Version of advisor that judged.
        files: Rule id → its file, relative to a checkout of the rules.
        docs_url: Where docs/rules/ can be read; "" where it is not published.
        verbose: Whether to list what passed, did not apply or is unknown, too.
    """
    listed = [
        finding
        for finding in report.findings
        if verbose or finding.status in (Status.FAIL, Status.WAIVED)
    ]
    rules = {finding.rule.id: finding.rule for finding in listed}
    indexes = {identifier: index for index, identifier in enumerate(rules)}
    hostname = safe(report.collection.hostname)
    run = {
        "tool": {
            "driver": {
                "name": "advisor",
                "semanticVersion": version,
                **({"informationUri": docs_url} if docs_url else {}),
                "rules": [_rule(rule, docs_url) for rule in rules.values()],
            }
        },
        # One analysis for each host and profile: uploads of one do not close those of another.
        "automationDetails": {
            "id": f"advisor/{quote(report.profile, safe='')}/{quote(hostname, safe='')}/"
        },
        "invocations": [_invocation(report, hostname)],
        "originalUriBaseIds": {
            _BASE: {"description": {"text": "The folder that holds the rules of advisor."}}
        },
        "columnKind": "unicodeCodePoints",
        "results": [
            _result(finding, indexes[finding.rule.id], hostname, files or {}) for finding in listed
        ],
        "properties": {
            "profile": report.profile,
            "kernel": safe(report.kernel),
            "source": safe(report.collection.source),
            "summary": report.summary(),
        },
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, allow_nan=False, indent=1) + "\n"


def _rule(rule: Rule, docs_url: str) -> dict[str, Any]:
    descriptor: dict[str, Any] = {
        "id": rule.id,
        "name": "".join(word.capitalize() for word in rule.name.split("-")),
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": _first_paragraph(rule)},
        "help": {"text": "\n\n".join(_help(rule)), "markdown": "\n\n".join(_help(rule))},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {
            "tags": list(dict.fromkeys(rule.tags)),
            "problem.severity": _PROBLEMS[rule.severity],
        },
    }
    links = [reference.url for reference in rule.references if reference.url.startswith("http")]
    if docs_url:
        descriptor["helpUri"] = f"{docs_url.rstrip('/')}/{rule.id}.md"
    elif links:
        descriptor["helpUri"] = links[0]
    return descriptor


def _first_paragraph(rule: Rule) -> str:
    text = " ".join(rule.why.strip().split("\n\n")[0].split()) or rule.title
    return text if len(text) <= _MOST_DESCRIPTION else f"{text[:_MOST_DESCRIPTION]}…"


def _help(rule: Rule) -> list[str]:
    sources = "\n".join(f"- {each.title} {each.url}".rstrip() for each in rule.references)
    return [part for part in (rule.why.strip(), rule.advice.strip(), sources) if part]


def _invocation(report: Report, hostname: str) -> dict[str, Any]:
    invocation: dict[str, Any] = {"executionSuccessful": True, "machine": hostname}
    if (read := when(report)) is not None:
        invocation["startTimeUtc"] = read
    return invocation


def _result(
    finding: Finding, index: int, hostname: str, files: Mapping[str, str]
) -> dict[str, Any]:
    kind = _KINDS[finding.status]
    failed = kind == "fail"
    waived = finding.status is Status.WAIVED and finding.waived is not None
    data = finding_data(finding)
    return {
        "ruleId": finding.rule.id,
        "ruleIndex": index,
        "kind": kind,
        "level": _LEVELS[finding.severity] if failed else "none",
        "message": {"text": _message(finding, hostname)},
        "locations": [_location(finding, hostname, files)],
        "partialFingerprints": _fingerprints(finding, hostname),
        # Present in every result, or in none: an empty list says that it is not suppressed.
        "suppressions": [
            {"kind": "external", "status": "accepted", "justification": reason(finding)}
        ]
        if waived
        else [],
        "properties": {
            "status": finding.status.value,
            "host": hostname,
            **{name: data[name] for name in _PROPERTIES},
            "commands": list(finding.commands),
        },
    }


def _message(finding: Finding, hostname: str) -> str:
    target = "" if finding.target == "host" else f" {safe(finding.target)}"
    lines = details(finding) if finding.message else [reason(finding) or finding.rule.title]
    # Without the backslash, viewers make a link of it: section 3.11.6.
    return "\n".join([f"{hostname}{target}: {lines[0]}", *lines[1:]]).replace("](", "\\](")


def _location(finding: Finding, hostname: str, files: Mapping[str, str]) -> dict[str, Any]:
    rule = finding.rule
    host = {"name": hostname, "fullyQualifiedName": hostname, "kind": "host"}
    device = {
        "name": safe(finding.target),
        "fullyQualifiedName": f"{hostname}/{safe(finding.target)}",
        "kind": rule.scope.value,
    }
    uri = quote(files.get(rule.id, rule.file))
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": uri, "uriBaseId": _BASE},
            "region": {"startLine": 1},
        },
        "logicalLocations": [host] if finding.target == "host" else [host, device],
    }


def _fingerprints(finding: Finding, hostname: str) -> dict[str, str]:
    """What a finding is recognised by in the next run: no number of this run is in it."""
    setting = "" if finding.setting is None else str(finding.setting)
    names = json.dumps([hostname, finding.rule.id, finding.target, setting])
    digest = hashlib.sha256(names.encode()).hexdigest()
    # The first is the one that GitHub looks at, in its own form.
    return {"primaryLocationLineHash": f"{digest[:16]}:1", "advisorFinding/v1": digest}
