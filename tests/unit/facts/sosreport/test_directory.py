"""Reports that somebody has unpacked."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from advisor.errors import AdvisorError
from advisor.facts.sosreport import directory as reader
from advisor.facts.sosreport.archive import read_archive
from advisor.facts.sosreport.directory import read_directory
from tests.unit.facts.host_tree import Link
from tests.unit.facts.sosreport.reports import as_archive, as_directory, bundle

UNAME = "sos_commands/kernel/uname_-a"


@pytest.mark.parametrize("name", ["sos3", "sos4"])
def test_a_directory_gives_what_the_archive_gives(tmp_path: Path, name: str) -> None:
    entries = bundle(name)
    unpacked = read_directory(as_directory(tmp_path / "report", entries))
    packed = read_archive(as_archive(tmp_path / "report.tar", entries))
    assert unpacked.files == packed.files
    assert unpacked.links == packed.links
    assert unpacked.left_out == packed.left_out
    assert unpacked.marked


def test_links_that_lead_out_of_the_directory_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret\n")
    (tmp_path / "outside" / "kernel").mkdir(parents=True)
    (tmp_path / "outside" / "kernel" / "uname_-a").write_text("secret\n")
    report = as_directory(
        tmp_path / "report",
        {
            "sos_commands/host/hostname": Link("../../../secret"),
            "sos_commands/kernel": Link("../../outside/kernel"),
            "proc/meminfo": Link(str(tmp_path / "secret")),
        },
    )
    members = read_directory(report)
    assert members.files == {}
    assert members.links["proc/meminfo"] == str(tmp_path / "secret")


def test_what_is_no_file_is_passed_over(tmp_path: Path) -> None:
    report = as_directory(tmp_path / "report", {"sos_commands/kernel/lsmod": ""})
    os.mkfifo(report / UNAME)
    (report / "proc" / "meminfo").mkdir(parents=True)
    members = read_directory(report)
    assert members.files == {}


def test_a_file_that_may_not_be_read_is_noted(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root reads everything")
    report = as_directory(tmp_path / "report", {UNAME: "Linux\n"})
    (report / UNAME).chmod(0)
    assert "cannot read" in read_directory(report).missing(f"/{UNAME}").reason


def test_a_directory_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        read_directory(tmp_path / "missing")


def test_more_files_than_any_report_has_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = as_directory(tmp_path / "report", {f"proc/{number}": "" for number in range(30)})
    monkeypatch.setattr(reader, "MEMBERS_MAX", 20)
    with pytest.raises(AdvisorError, match="more than 20 files"):
        read_directory(report)
