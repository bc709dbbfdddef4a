"""The programs of a sosreport that also change network settings, from `ps` or the units."""

from __future__ import annotations

import re

from advisor.facts.services import COMM_MAX, PROGRAMS
from advisor.facts.sosreport.commands import output
from advisor.facts.sosreport.report_files import ReportFiles
from advisor.model.system import Services
from advisor.model.unavailable import Unavailable

_BY_COMM = {name[:COMM_MAX]: name for name in PROGRAMS}

_PS_COMM = "ps axo pid,ppid,user,group,lwp,nlwp,start_time,comm,cgroup"
_PS_ARGUMENTS = ("ps auxwww", "ps auxfwww", "ps auxwwwm")
_UNITS = ("systemctl list-units", "systemctl list-units --all")

_UNIT = re.compile(r"\s*(?:\S\s+)?(?P<name>[\w.@-]+)\.service\s+loaded\s+active\s+running\s")
# Units that are not called like their programs.
_PROGRAMS_OF_UNITS = {
    "docker": "dockerd",
    "google-guest-agent": "google_guest_agent",
    "k3s": "k3s-server",
    "openvswitch": "ovs-vswitchd",
    "rke2-server": "rke2",
    "rke2-agent": "rke2",
    "snap.docker.dockerd": "dockerd",
    "wicked": "wickedd",
}
_INTERPRETERS = re.compile(r"(?:.*/)?(?:platform-)?python[\d.]*")
_ACTIVE_PROFILE = re.compile(r"Current active profile: (\S.*)")


def read_report_services(
    files: ReportFiles, container: str | Unavailable
) -> Services | Unavailable:
    """Which of PROGRAMS ran, and TuneD's active profile.

    Args:
        files: The report.
        container: The kind of container that the report was made in.
    """
    if isinstance(container, str) and container not in ("none", "wsl"):
        return Unavailable("made in a container: the host's processes are hidden")
    running = _running(files)
    if running is None:
        return Unavailable("neither processes nor units are in this sosreport")
    return Services(
        running=tuple(sorted(running)),
        tuned_profile=_tuned_profile(files) if "tuned" in running else None,
    )


def _running(files: ReportFiles) -> set[str] | None:
    for find, commands in (
        (_named, (_PS_COMM,)),
        (_started, _PS_ARGUMENTS),
        (_units, _UNITS),
    ):
        text = output(files, *commands)
        if isinstance(text, str) and ("COMMAND" in text or commands == _UNITS):
            return find(text)
    return None


def _named(text: str) -> set[str]:
    """By the column COMMAND, which is the name that the kernel has (cut after 15 characters)."""
    column, lines = _table(text)
    names = (line.split()[column : column + 1] for line in lines)
    return {_BY_COMM[name] for found in names for name in found if name in _BY_COMM}


def _started(text: str) -> set[str]:
    """By the command line: its program, or the script that an interpreter runs."""
    column, lines = _table(text)
    running = set()
    for line in lines:
        words = line.split()[column:]
        while words and words[0] in ("\\_", "|"):  # a tree (`ps f`)
            del words[0]
        if words and _INTERPRETERS.fullmatch(words[0]):
            words = [word for word in words[1:] if not word.startswith("-")]
        name = words[0].rpartition("/")[2].rstrip(":") if words else ""
        if name[:COMM_MAX] in _BY_COMM:
            running.add(_BY_COMM[name[:COMM_MAX]])
    return running


def _table(text: str) -> tuple[int, list[str]]:
    """Number of the column COMMAND, and the lines below the header."""
    lines = text.splitlines()
    for number, line in enumerate(lines):
        words = line.split()
        if "COMMAND" in words and "PID" in words:
            return words.index("COMMAND"), lines[number + 1 :]
    return 0, []


def _units(text: str) -> set[str]:
    found = {match["name"] for match in map(_UNIT.match, text.splitlines()) if match}
    names = {_PROGRAMS_OF_UNITS.get(name, name) for name in found}
    return names & set(PROGRAMS)


def _tuned_profile(files: ReportFiles) -> str | None:
    profile = files.read_text("/etc/tuned/active_profile")
    if isinstance(profile, str) and profile.strip():
        return profile.strip()
    text = output(files, "tuned-adm active")
    match = None if isinstance(text, Unavailable) else _ACTIVE_PROFILE.search(text)
    return match[1].strip() if match else None
