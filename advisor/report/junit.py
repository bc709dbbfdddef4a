"""The report as JUnit XML: a test case for each rule and each thing it was asked about.

Written for the readers of Jenkins, GitLab and others: no attribute or element that the schema of
Jenkins' xUnit plug-in does not have.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

from advisor.model.finding import Finding, Status
from advisor.model.report import Report
from advisor.report.details import details, reason, when
from advisor.report.style import safe

_SKIPPED = {
    Status.UNKNOWN: "unknown",
    Status.NOT_APPLICABLE: "not applicable",
    Status.WAIVED: "waived",
}
_NO_XML = re.compile("[\ufffe\uffff]")
"""What XML cannot hold even as a reference, beside what `safe` escapes."""


def to_junit(report: Report, *, version: str) -> str:
    """The report as one `testsuites` document, in ASCII.

    What failed is a failure, whatever its severity: `--fail-on` decides about the exit code. What
    is unknown, does not apply or is waived is skipped, with the reason.
    """
    counts = report.summary()
    skipped = sum(counts[status.value] for status in _SKIPPED)
    numbers = {
        "tests": str(len(report.findings)),
        "failures": str(counts["fail"]),
        "errors": "0",
        "time": "0",
    }
    root = ET.Element("testsuites", {"name": "advisor", **numbers})
    hostname = _text(report.collection.hostname)
    suite = ET.SubElement(root, "testsuite", {"name": f"advisor {hostname}", **numbers})
    suite.set("skipped", str(skipped))
    if (read := when(report)) is not None:
        # Without a zone: the form that every reader takes.
        suite.set("timestamp", read.removesuffix("Z"))
    suite.set("hostname", hostname)
    _properties(suite, report, version)
    for finding in report.findings:
        _case(suite, finding, hostname)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, "us-ascii").decode()}\n'


def _properties(suite: ET.Element, report: Report, version: str) -> None:
    properties = ET.SubElement(suite, "properties")
    values = {
        "advisor": version,
        "kernel": report.kernel,
        "profile": report.profile,
        "source": report.collection.source,
    }
    for name, value in values.items():
        ET.SubElement(properties, "property", {"name": name, "value": _text(value)})


def _case(suite: ET.Element, finding: Finding, hostname: str) -> None:
    # Readers compare runs by these two names, so nothing that changes may be in them.
    rule = finding.rule
    name = rule.name if finding.target == "host" else f"{rule.name} {_text(finding.target)}"
    case = ET.SubElement(
        suite, "testcase", {"classname": f"{hostname}.{rule.id}", "name": name, "time": "0"}
    )
    if finding.status is Status.FAIL:
        attributes = {"type": finding.severity.value, "message": _text(finding.message)}
        ET.SubElement(case, "failure", attributes).text = "\n".join(
            _text(line) for line in details(finding)
        )
    elif finding.status in _SKIPPED:
        word = _SKIPPED[finding.status]
        because = reason(finding)
        message = because if because.startswith(word) else f"{word}: {because}"
        ET.SubElement(case, "skipped", {"type": word, "message": _text(message)})


def _text(text: str) -> str:
    return _NO_XML.sub(lambda match: f"\\u{ord(match[0]):04x}", safe(text))
