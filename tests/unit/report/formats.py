"""Reports for the formats of pipelines, and readers of them that are as strict as the real ones."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from advisor.model.finding import Evidence, Finding, NextBoot, Status
from advisor.model.report import Report
from advisor.model.rule import Reference, Scope, Severity
from advisor.model.waiver import Waived
from advisor.report.github import to_github
from advisor.report.junit import to_junit
from advisor.report.markdown import to_markdown
from advisor.report.prometheus import to_prometheus
from advisor.report.sarif import to_sarif
from tests.unit.report import reports

MARKUP_NAMES = (
    "<script>alert(1)<",
    "a]]>b&c",
    "x|y||z",
    "100%0A::error::x",
    "\n::error::x",
    "[a](http:e)",
    "@all",
    "``` `x",
    "**b** _i_ #1 $e$",
    'q"\\',
    "\ufffe\uffff",
    "\x1b[31m\x00",
    "www.e",
)
"""What would be markup, a command or a label's end where it is not escaped."""

HOSTNAME = "</testsuite><img src=x onerror=alert(1)>\n::error::web|1"
FILES = {"MTU002": "rules/mtu/MTU002-mtu-below-path.yaml", "RCV001": "rules/receive/RCV001.yaml"}
VERSION = "1.2.3"


def _markup(name: str) -> Finding:
    return reports.failure(
        "MTU002",
        "mtu-below-path",
        severity=Severity.WARNING,
        scope=Scope.NIC,
        target=name,
        message=f"{name} is odd",
        advice=f"rename {name}",
        evidence=(Evidence(f"nics.{name}.mtu", name, f"{name} bytes", "since boot"),),
    )


def _with_sources(finding: Finding) -> Finding:
    """With what only real rules have."""
    rule = replace(
        finding.rule,
        why="The first paragraph\nof two.\n\n- A list, with `code`.\n",
        references=(
            Reference("a test"),
            Reference("tcp(7)", "https://man7.org/linux/man-pages/man7/tcp.7.html"),
        ),
        file="RCV001-rmem-initial-huge.yaml",
    )
    return replace(finding, rule=rule, next_boot=NextBoot(4096, "/etc/sysctl.d/90.conf:3", True))


def _waived(finding: Finding, **keys: Any) -> Finding:
    waived = Waived("the image sets it", "2999-12-31", "waivers.yaml:2", **keys)
    status = Status.FAIL if waived.expired else Status.WAIVED
    return replace(finding, status=status, waived=waived)


REPORTS: dict[str, Report] = {
    "trouble": replace(
        reports.REPORTS["trouble"],
        findings=(
            reports.OVERFLOW,
            _with_sources(reports.STALL),
            reports.RING,
            *reports.OTHERS,
        ),
    ),
    "nothing": reports.REPORTS["nothing"],
    "interfaces": reports.REPORTS["interfaces"],
    "hostile": reports.REPORTS["hostile"],
    "waived": reports.report(
        (
            _waived(reports.OVERFLOW, expired=True),
            *reports.OTHERS,
            _waived(reports.STALL),
            _waived(reports.RING),
        )
    ),
    "markup": reports.report(
        (
            *map(_markup, MARKUP_NAMES),
            *(reports.other(Status.UNKNOWN, "NIC001", "odd", f"{n}: no", n) for n in MARKUP_NAMES),
        ),
        hostname=HOSTNAME,
        source='netns "<b>\\\n',
        at="<i>",
    ),
}

FORMATS: dict[str, Callable[[Report], str]] = {
    "sarif": lambda report: to_sarif(report, version=VERSION, files=FILES),
    "verbose.sarif": lambda report: to_sarif(
        report, version=VERSION, docs_url="https://docs.example/rules/", verbose=True
    ),
    "junit.xml": lambda report: to_junit(report, version=VERSION),
    "github": lambda report: to_github(report, files=FILES),
    "md": to_markdown,
    "verbose.md": lambda report: to_markdown(report, verbose=True),
    "prom": lambda report: to_prometheus(report, version=VERSION),
}


def runner_command(line: str) -> tuple[str, dict[str, str], str] | None:
    """A line of a log as the runner of GitHub Actions reads it (`ActionCommand.TryParseV2`).

    Returns:
        Command, properties and data; None for a line that is only text.
    """
    text = line.strip()
    if not text.startswith("::") or (end := text.find("::", 2)) < 0:
        return None
    command, _, rest = text[2:end].partition(" ")
    properties = {}
    for pair in filter(None, (part.strip() for part in rest.split(","))):
        name, _, value = pair.partition("=")
        properties[name] = _decoded(value, property=True)
    return command, properties, _decoded(text[end + 2 :], property=False)


def _decoded(text: str, *, property: bool) -> str:
    for code, character in (("%0D", "\r"), ("%0A", "\n")):
        text = text.replace(code, character)
    if property:
        text = text.replace("%3A", ":").replace("%2C", ",")
    return text.replace("%25", "%")


_SERIES = re.compile(
    r"([a-zA-Z_:][a-zA-Z0-9_:]*)"
    r'(?:\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*"(?:,|(?=\})))+)\})?'
    r" (-?[0-9]+(?:\.[0-9]+)?)"
)
_LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"')
Series = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def metrics(text: str) -> Series:
    """Metrics of the text format 0.0.4, read more strictly than Prometheus does.

    Raises:
        ValueError: Something is not as the format wants it, or not as its users do.
    """
    if not text.endswith("\n"):
        raise ValueError("the last line has no end")
    found: Series = {}
    families: list[str] = []
    lines = text.split("\n")[:-1]
    for number, line in enumerate(lines):
        if line.startswith("# HELP "):
            name = line.split(" ")[2]
            if name in families or not lines[number + 1].startswith(f"# TYPE {name} gauge"):
                raise ValueError(f"not one family with its type: {line}")
            families.append(name)
        elif not line.startswith("# TYPE "):
            match = _SERIES.fullmatch(line)
            if match is None or match[1] != families[-1]:
                raise ValueError(f"no sample of the family above it: {line}")
            pairs = _LABEL.findall(match[2] or "")
            labels = {name: _unescaped(value) for name, value in pairs}
            key = (match[1], tuple(sorted(labels.items())))
            if key in found or len(labels) != len(pairs):
                raise ValueError(f"twice: {line}")
            found[key] = float(match[3])
    return found


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda match: "\n" if match[1] == "n" else match[1], text)
