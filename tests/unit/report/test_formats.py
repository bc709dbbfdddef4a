"""The formats of pipelines: as agreed, as their schemas say, and with no name mistaken for markup.

`ADVISOR_GOLDEN=write python -m pytest tests/unit/report` writes the golden files anew.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import xml.etree.ElementTree as ET
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft4Validator

from advisor.model.finding import Evidence, Status
from advisor.model.report import Report
from advisor.model.rule import Severity
from advisor.report.details import details, title
from advisor.report.github import to_github
from advisor.report.junit import to_junit
from advisor.report.markdown import code, escape
from advisor.report.prometheus import to_prometheus
from advisor.report.sarif import to_sarif
from advisor.report.style import safe
from advisor.report.summary import alike
from tests.unit.report import reports
from tests.unit.report.formats import FORMATS, REPORTS, VERSION, metrics, runner_command
from tests.unit.report.test_golden import compare

HERE = Path(__file__).parent
GOLDEN = HERE / "golden" / "formats"
SARIF_SCHEMA = json.loads((HERE / "schemas" / "sarif-2.1.0-rtm.5.json").read_text("utf-8"))
JUNIT_SCHEMA = HERE / "schemas" / "junit-10.xsd"
XS = "{http://www.w3.org/2001/XMLSchema}"

every = pytest.mark.parametrize("name", REPORTS)
names = st.text(min_size=1, max_size=30).filter(lambda name: name != "host")  # that is the host


@pytest.mark.parametrize("form", FORMATS)
@every
def test_a_format_is_as_it_was_agreed(name: str, form: str) -> None:
    compare(GOLDEN / f"{name}.{form}", FORMATS[form](REPORTS[name]))


def test_every_golden_file_is_compared_with_something() -> None:
    expected = {f"{name}.{form}" for name in REPORTS for form in FORMATS}
    assert {path.name for path in GOLDEN.iterdir()} == expected


@pytest.mark.parametrize("form", FORMATS)
@every
def test_nothing_unprintable_is_in_any_format(name: str, form: str) -> None:
    text = FORMATS[form](REPORTS[name])
    assert [line for line in text.split("\n") if line != safe(line)] == []


def named(name: str) -> Report:
    """A report about a host and a device of this name, with a failure and an unknown."""
    failed = reports.failure(
        "MTU002",
        "mtu",
        target=name,
        message=f"{name} is odd",
        advice=name,
        evidence=(Evidence(name, name, name, name),),
    )
    unknown = reports.other(Status.UNKNOWN, "NIC001", "odd", name, name)
    return reports.report((failed, unknown), hostname=name, source=name)


# SARIF


def sarif_run(report: Report, **options: Any) -> dict[str, Any]:
    """The run of a log that is valid."""
    log = json.loads(to_sarif(report, version=VERSION, **options))
    Draft4Validator(SARIF_SCHEMA).validate(log)
    (run,) = log["runs"]
    return dict(run)


@pytest.mark.parametrize("verbose", [False, True])
@every
def test_sarif_is_valid_and_its_parts_agree(name: str, verbose: bool) -> None:
    run = sarif_run(REPORTS[name], verbose=verbose)
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        # Section 3.27.10: whatever is no failure has the level "none".
        assert (result["level"] == "none") is (result["kind"] != "fail")
        (location,) = result["locations"]
        artifact = location["physicalLocation"]["artifactLocation"]
        assert artifact["uriBaseId"] in run["originalUriBaseIds"]
        assert not artifact["uri"].startswith("/")
        assert location["logicalLocations"][0]["name"] == safe(REPORTS[name].collection.hostname)
    prints = [result["partialFingerprints"]["advisorFinding/v1"] for result in run["results"]]
    assert len(set(prints)) == len(prints)
    listed = {result["properties"]["status"] for result in run["results"]}
    assert verbose or listed <= {"fail", "waived"}
    assert len(prints) == len(REPORTS[name].findings) or not verbose


def test_sarif_has_the_severities_kinds_and_devices() -> None:
    run = sarif_run(REPORTS["trouble"], verbose=True)
    told = {each["ruleId"]: (each["kind"], each["level"]) for each in run["results"]}
    assert told == {
        "LSN001": ("fail", "error"),
        "RCV001": ("fail", "warning"),
        "NIC011": ("fail", "note"),
        "CT001": ("open", "none"),
        "LSN002": ("pass", "none"),
        "SRV001": ("pass", "none"),
        "MTU001": ("notApplicable", "none"),
    }
    (ring,) = (each for each in run["results"] if each["ruleId"] == "NIC011")
    places = ring["locations"][0]["logicalLocations"]
    assert [(place["kind"], place["fullyQualifiedName"]) for place in places] == [
        ("host", "web-1"),
        ("nic", "web-1/eth0"),
    ]


def test_sarif_points_to_the_rule_file_and_its_page() -> None:
    files = {"RCV001": "rules/receive/RCV001-rmem-initial-huge.yaml"}
    run = sarif_run(REPORTS["trouble"], files=files, docs_url="https://docs.example/rules/")
    (stall,) = (each for each in run["results"] if each["ruleId"] == "RCV001")
    location = stall["locations"][0]["physicalLocation"]["artifactLocation"]
    assert location["uri"] == files["RCV001"]
    links = {rule["id"]: rule.get("helpUri") for rule in run["tool"]["driver"]["rules"]}
    assert links["RCV001"] == "https://docs.example/rules/RCV001.md"
    without = sarif_run(REPORTS["trouble"])["tool"]["driver"]["rules"]
    links = {rule["id"]: rule.get("helpUri") for rule in without}
    assert links["RCV001"] == "https://man7.org/linux/man-pages/man7/tcp.7.html"
    assert links["LSN001"] is None


def test_sarif_suppresses_what_is_waived_and_nothing_else() -> None:
    run = sarif_run(REPORTS["waived"])
    justified = {
        result["ruleId"]: [each["justification"] for each in result["suppressions"]]
        for result in run["results"]
    }
    reason = "waived until 2999-12-31: the image sets it (waivers.yaml:2)"
    assert justified == {"LSN001": [], "RCV001": [reason], "NIC011": [reason]}


def fingerprints(report: Report) -> list[dict[str, str]]:
    return [result["partialFingerprints"] for result in sarif_run(report)["results"]]


def test_a_fingerprint_survives_other_numbers_and_a_waiver() -> None:
    finding = reports.STALL
    later = replace(
        finding,
        message="another number",
        actual=1,
        wanted=2,
        active=False,
        severity=Severity.ERROR,
        evidence=(),
        commands=(),
    )
    first = fingerprints(reports.report([finding], at="2025-05-04T03:02:01Z"))
    assert fingerprints(reports.report([later], at="2026-01-01T00:00:00Z")) == first
    (_, waived, _) = fingerprints(REPORTS["waived"])
    assert [waived] == first


@pytest.mark.parametrize(
    "report",
    [
        reports.report([reports.STALL], hostname="web-2"),
        reports.report([replace(reports.STALL, target="eth0")]),
        reports.report([replace(reports.STALL, setting=None)]),
        reports.report([reports.OVERFLOW]),
    ],
)
def test_another_host_target_setting_or_rule_has_another_fingerprint(report: Report) -> None:
    (known,) = fingerprints(reports.report([reports.STALL]))
    (other,) = fingerprints(report)
    assert not set(other.values()) & set(known.values())


@given(names)
def test_sarif_is_valid_whatever_a_name_holds(name: str) -> None:
    run = sarif_run(named(name), verbose=True)
    for result in run["results"]:
        assert "](" not in result["message"]["text"].replace("\\](", "")


# JUnit


def junit(report: Report) -> ET.Element:
    """The document, of which every element and attribute is one that the schema has."""
    root = ET.fromstring(to_junit(report, version=VERSION))
    schema = ET.parse(JUNIT_SCHEMA).getroot()
    types = {each.get("name"): each for each in schema.findall(f"{XS}element")}
    for element in root.iter():
        declared = types[element.tag].findall(f"{XS}complexType/{XS}attribute")
        allowed = {each.get("name") for each in declared}
        required = {each.get("name") for each in declared if each.get("use") == "required"}
        assert required <= set(element.keys()) <= allowed, element.tag
        children = {each.get("ref") for each in types[element.tag].iter(f"{XS}element")}
        assert {child.tag for child in element} <= children, element.tag
    return root


@every
def test_junit_has_a_case_for_each_finding_and_counts_them(name: str) -> None:
    report, root = REPORTS[name], junit(REPORTS[name])
    counts = report.summary()
    (suite,) = root.findall("testsuite")
    for element in (root, suite):
        assert (element.get("tests"), element.get("failures"), element.get("errors")) == (
            str(len(report.findings)),
            str(counts["fail"]),
            "0",
        )
    cases = suite.findall("testcase")
    assert len({(case.get("classname"), case.get("name")) for case in cases}) == len(cases)
    assert len(cases) == len(report.findings)
    assert len(suite.findall("testcase/failure")) == counts["fail"]
    assert len(suite.findall("testcase/skipped")) == int(suite.get("skipped", ""))
    assert int(suite.get("skipped", "")) == len(cases) - counts["fail"] - counts["pass"]


def test_junit_says_why_something_was_skipped() -> None:
    told = {
        str(case.get("classname")): (skipped.get("type"), skipped.get("message"))
        for case in junit(REPORTS["waived"]).iter("testcase")
        for skipped in case.findall("skipped")
    }
    waiver = "waived until 2999-12-31: the image sets it (waivers.yaml:2)"
    assert told == {
        "web-1.CT001": ("unknown", "unknown: conntrack: no permission to read it"),
        "web-1.MTU001": (
            "not applicable",
            "not applicable: no traffic crosses the loopback interface",
        ),
        "web-1.RCV001": ("waived", waiver),
        "web-1.NIC011": ("waived", waiver),
    }


@pytest.mark.skipif(not shutil.which("xmllint"), reason="xmllint (libxml2-utils) is not installed")
@every
def test_junit_is_what_the_schema_of_jenkins_wants(name: str, tmp_path: Path) -> None:
    path = tmp_path / "report.xml"
    path.write_text(FORMATS["junit.xml"](REPORTS[name]), encoding="utf-8")
    words = ["xmllint", "--noout", "--nonet", "--schema", str(JUNIT_SCHEMA), str(path)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@given(names)
def test_junit_can_be_read_and_tells_the_name_whatever_it_holds(name: str) -> None:
    root = junit(named(name))
    shown = safe(name).replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff")
    assert [case.get("name") for case in root.iter("testcase")] == [f"mtu {shown}", f"odd {shown}"]
    assert len(list(root.iter("failure"))) == len(list(root.iter("skipped"))) == 1


# GitHub's workflow commands


@every
def test_github_reads_one_annotation_for_each_problem_and_the_counts(name: str) -> None:
    report = REPORTS[name]
    *annotations, last = FORMATS["github"](report).removesuffix("\n").split("\n")
    groups = alike(report.of_status(Status.FAIL))
    assert len(annotations) == len(groups)
    for line, group in zip(annotations, groups, strict=True):
        read = runner_command(line)
        assert read is not None
        command, properties, message = read
        words = {"error": "error", "warning": "warning", "info": "notice"}
        assert command == words[group[0].severity.value]
        assert properties.keys() == {"file", "line", "title"}
        assert properties["title"].startswith(title(group[0]))
        assert message.split("\n")[: len(details(group[0]))] == details(group[0])
    assert runner_command(last) is None
    assert f"{report.summary()['pass']} passed" in last


def test_a_problem_of_many_interfaces_is_one_annotation_that_names_them() -> None:
    first = FORMATS["github"](REPORTS["interfaces"]).split("\n")[0]
    assert "also fails for eth1, eth2," in first
    assert "and 5 more" in first


@given(names)
def test_no_name_becomes_a_command_or_a_property(name: str) -> None:
    lines = to_github(named(name)).removesuffix("\n").split("\n")
    assert len(lines) == 2
    read = runner_command(lines[0])
    assert read is not None
    command, properties, message = read
    assert (command, properties.keys()) == ("warning", {"file", "line", "title"})
    assert properties["title"] == f"MTU002 mtu {safe(name)} on {safe(name)}".strip()
    assert message.split("\n")[0] == f"{safe(name)} is odd"
    # The runner looks for its older commands, "##[…]", anywhere in a line that is no newer one.
    assert lines[1] == "1 failed (1 warning), 0 waived, 0 passed, 0 not applicable, 1 unknown"


# Markdown


class Page(HTMLParser):
    """The elements and the text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert not attrs or (tag, attrs[0][0]) in {
            ("td", "style"),
            ("th", "style"),
            ("code", "class"),
        }

    def handle_data(self, data: str) -> None:
        self.text += data


def rendered(text: str) -> Page:
    """As a reader of Markdown that lets HTML through shows it."""
    markdown_it = pytest.importorskip("markdown_it", reason="markdown-it-py is not installed")
    parser = markdown_it.MarkdownIt("commonmark", {"html": True})
    return Page(parser.enable(["table", "strikethrough"]).render(text))


OURS = {"h2", "h3", "p", "strong", "table", "thead", "tbody", "tr", "th", "td", "pre", "code"}
FOLDED = {"details", "summary", "ul", "li"}


@pytest.mark.parametrize("form", ["md", "verbose.md"])
@every
def test_markdown_has_no_element_but_its_own(name: str, form: str) -> None:
    report = REPORTS[name]
    page = rendered(FORMATS[form](report))
    assert set(page.tags) <= OURS | FOLDED
    counts = report.summary()
    assert [str(counts[status.value]) for status in Status] == page.text.split()[
        page.text.split().index("waived") + 1 :
    ][:5]


def test_markdown_shows_every_hostile_name_as_it_is() -> None:
    page = rendered(FORMATS["verbose.md"](REPORTS["markup"]))
    assert safe(REPORTS["markup"].collection.hostname) in page.text
    for finding in REPORTS["markup"].findings:
        if finding.status is Status.FAIL:
            assert f"{safe(finding.target)} is odd" in page.text
            assert f"rename {safe(finding.target)}" in page.text


def test_markdown_has_the_commands_and_says_what_to_do() -> None:
    text = FORMATS["md"](REPORTS["trouble"])
    assert "\n```sh\nsysctl -w 'net.ipv4.tcp_rmem=4096 262144 33554432'\n```\n" in text
    assert "**Do:** LSN003 to LSN007" in text
    assert "**Next boot:** /etc/sysctl.d/90.conf:3 sets 4096, which passes" in text
    assert "no permission to read it" not in text
    assert "no permission to read it" in FORMATS["verbose.md"](REPORTS["trouble"])


@given(names)
def test_escaped_text_is_one_paragraph_of_text(name: str) -> None:
    page = rendered(f"x {escape(name)} x\n")
    assert page.tags == ["p"]
    assert page.text.split() == ["x", *safe(name).split(), "x"]
    assert "://" not in escape(name)


@given(names)
def test_code_is_code(name: str) -> None:
    page = rendered(f"x {code(name)} x\n")
    assert page.tags == ["p", "code"]
    assert page.text.split() == ["x", *safe(name).split(), "x"]


# Prometheus


@every
def test_metrics_are_what_prometheus_reads(name: str) -> None:
    report = REPORTS[name]
    found = metrics(FORMATS["prom"](report))
    failed = {
        dict(labels)["severity"]: value
        for (metric, labels), value in found.items()
        if metric == "advisor_findings" and ("status", "fail") in labels
    }
    assert failed == {each.value: report.summary()[each.value] for each in Severity}
    all_findings = [value for (metric, _), value in found.items() if metric == "advisor_findings"]
    assert sum(all_findings) == len(report.findings)


def test_the_number_of_series_does_not_depend_on_the_host() -> None:
    series = {
        frozenset(metrics(FORMATS["prom"](reports.REPORTS[name])))
        for name in ("trouble", "quiet", "nothing", "long")
    }
    (only,) = series
    assert len(only) == 21
    many = metrics(FORMATS["prom"](reports.REPORTS["interfaces"]))
    assert len(many) == len(only)


def test_metrics_tell_when_and_what_judged() -> None:
    found = metrics(FORMATS["prom"](reports.REPORTS["trouble"]))
    assert found["advisor_last_run_timestamp_seconds", ()] == 1746327721
    assert found["advisor_run_info", (("profile", "edge-proxy"), ("version", VERSION))] == 1
    odd = metrics(FORMATS["prom"](reports.report((), at="yesterday")))
    assert not [metric for metric, _ in odd if metric.startswith("advisor_last")]


def test_files_of_two_namespaces_of_a_host_share_no_series() -> None:
    red, blue = (
        metrics(to_prometheus(reports.report((), source=f"netns {name}"), version=VERSION))
        for name in ("red", "blue")
    )
    assert not red.keys() & blue.keys()


@given(names)
def test_a_label_tells_what_it_was_given(name: str) -> None:
    found = metrics(to_prometheus(named(name), version=VERSION))
    sources = {dict(labels).get("source") for _, labels in found}
    assert sources == ({None} if name == "live" else {safe(name)})


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool (prometheus) is not installed")
@every
def test_promtool_has_nothing_to_say(name: str) -> None:
    words = ["promtool", "check", "metrics"]
    text = FORMATS["prom"](REPORTS[name])
    done = subprocess.run(words, input=text, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    "text",
    [
        "a 1",
        "a 1\n",
        "# HELP a x\na 1\n",
        "# HELP a x\n# TYPE a gauge\nb 1\n",
        "# HELP a x\n# TYPE a gauge\na 1\na 1\n",
        '# HELP a x\n# TYPE a gauge\na{b="c} 1\n',
        '# HELP a x\n# TYPE a gauge\na{b="\\x"} 1\n',
        "# HELP a x\n# TYPE a gauge\na 1\n# HELP a x\n# TYPE a gauge\na{b='1'} 1\n",
    ],
)
def test_the_reader_of_metrics_refuses_what_is_none(text: str) -> None:
    with pytest.raises((ValueError, IndexError)):
        metrics(text)
