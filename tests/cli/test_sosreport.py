"""`--from` a sosreport: the same command, the same rules; and what is no report says so."""

from __future__ import annotations

import gzip
import json
import time
from pathlib import Path

import pytest

from tests.cli.conftest import DATA, HOST, Run, refused
from tests.unit.facts.host_tree import Link
from tests.unit.facts.sosreport.reports import TOP, as_archive, as_directory, bundle


@pytest.mark.parametrize("suffix", ["tar", "tar.gz", "tar.xz", "tar.bz2"])
def test_check_judges_an_archive(run: Run, tmp_path: Path, suffix: str) -> None:
    path = as_archive(tmp_path / f"{TOP}.{suffix}", bundle("sos4"))
    done = run("check", "--from", path, "--exit-zero", "-f", "json")
    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads(done.stdout)
    assert report["host"]["name"] == "db1.example.com"
    assert report["host"]["source"] == f"sosreport {TOP}.{suffix}"
    failed = {each["rule"] for each in report["findings"] if each["status"] == "fail"}
    assert "LSN001" in failed or failed, "its accept queues have overflowed"


def test_a_directory_and_its_archive_have_the_same_findings(run: Run, tmp_path: Path) -> None:
    archive = as_archive(tmp_path / "a.tar.gz", bundle("sos3"))
    directory = as_directory(tmp_path / "b", bundle("sos3"))
    reports = [
        json.loads(run("check", "--from", path, "--exit-zero", "-f", "json").stdout)
        for path in (archive, directory)
    ]
    assert reports[0]["findings"] == reports[1]["findings"]
    assert [report["host"]["source"] for report in reports] == ["sosreport a.tar.gz", "sosreport b"]


def test_the_text_says_where_it_is_from_and_what_is_missing(run: Run, tmp_path: Path) -> None:
    path = as_archive(tmp_path / "report.tar.xz", bundle("sos3"))
    done = run("check", "--from", path, "--exit-zero", "-v", "-p", "edge-proxy")
    assert "vm1 · sosreport report.tar.xz · Linux 3.10.0-1160.el7.x86_64" in done.stdout
    assert "is not in this sosreport" in done.stdout
    assert f"--from {path}" in done.stdout, "the proposed command works"


def test_explain_shows_the_numbers_of_the_report(run: Run, tmp_path: Path) -> None:
    path = as_archive(tmp_path / "report.tar.xz", bundle("sos4"))
    done = run("explain", "LSN001", "--here", "--from", path)
    assert done.returncode == 0, done.stderr
    assert "On db1.example.com" in done.stdout


def test_a_report_can_be_turned_into_a_snapshot(run: Run, tmp_path: Path) -> None:
    path = as_archive(tmp_path / "report.tar.xz", bundle("sos4"))
    snapshot = tmp_path / "host.json"
    assert run("snapshot", "--from", path, "-o", snapshot).returncode == 0
    checks = [
        json.loads(run("check", "--from", each, "--exit-zero", "-f", "json").stdout)
        for each in (path, snapshot)
    ]
    assert checks[0] == checks[1]


def test_it_is_judged_within_a_second(run: Run, tmp_path: Path) -> None:
    path = as_archive(tmp_path / "report.tar.xz", bundle("sos4"))
    run("check", "--from", path, "--exit-zero")
    started = time.monotonic()
    run("check", "--from", path, "--exit-zero")
    assert time.monotonic() - started < 1


def test_a_snapshot_is_still_a_snapshot(run: Run) -> None:
    for source, stdin in ((HOST, ""), ("-", HOST.read_text())):
        done = run("check", "--from", source, "--exit-zero", "-f", "json", stdin=stdin)
        assert "sosreport" not in json.loads(done.stdout)["host"]["source"]


@pytest.mark.parametrize("option", [("--sample", "5"), ("--netns", "blue")])
def test_a_report_has_no_other_time_and_no_other_namespace(
    run: Run, tmp_path: Path, option: tuple[str, str]
) -> None:
    path = as_archive(tmp_path / "report.tar", bundle("sos4"))
    refused(run("check", "--from", path, *option), "--sample and --netns do not go with it")


def test_what_is_no_report_is_refused_with_a_hint(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    refused(run("check", "--from", tmp_path / "empty"), "not a sosreport", "hint: make one with")
    refused(run("check", "--from", DATA), "not a sosreport", "hint: ")
    other = as_archive(tmp_path / "other.tar.gz", {"etc/passwd": "x\n"}, "")
    refused(run("check", "--from", other), "not a sosreport", "hint: ")
    (tmp_path / "empty.tar.xz").write_bytes(b"")
    refused(run("check", "--from", tmp_path / "empty.tar.xz"), "not a tar archive", "hint: ")
    (tmp_path / "text.tar.gz").write_bytes(gzip.compress(b"text\n" * 1000))
    refused(run("check", "--from", tmp_path / "text.tar.gz"), "not a tar archive", "hint: ")
    refused(run("check", "--from", tmp_path / "missing.tar.xz"), "missing.tar.xz: cannot be read")
    (tmp_path / "report.tar.xz.gpg").write_bytes(b"\x8c\x0d")
    refused(run("check", "--from", tmp_path / "report.tar.xz.gpg"), "encrypted", "hint: decrypt it")


def test_a_report_that_is_cut_off_is_refused(run: Run, tmp_path: Path) -> None:
    path = as_archive(tmp_path / "report.tar.gz", bundle("sos4"))
    path.write_bytes(path.read_bytes()[:-2000])
    refused(run("check", "--from", path), "report.tar.gz: the archive is cut off", "hint: copy it")


def test_a_report_without_a_name_of_its_own_is_found_out_by_its_content(
    run: Run, tmp_path: Path
) -> None:
    path = as_archive(tmp_path / "report.tar.xz", bundle("sos4"))
    odd = path.rename(tmp_path / "attachment")
    assert run("check", "--from", odd, "--exit-zero").returncode == 0


def test_links_that_lead_out_of_a_directory_show_nothing_of_this_machine(
    run: Run, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("Linux secret-host 9.9.9 #1 x86_64 GNU/Linux\n")
    report = as_directory(
        tmp_path / "report",
        {
            "sos_commands/kernel/uname_-a": Link("../../../secret"),
            "proc": Link("/proc"),
            "sys": Link("/sys"),
        },
    )
    done = run("snapshot", "--from", report)
    assert done.returncode == 0, done.stderr
    assert "secret-host" not in done.stdout
    snapshot = json.loads(done.stdout)
    assert snapshot["kernel"].keys() == snapshot["memory"].keys() == {"unavailable"}
