"""The units of systemd that are shipped: well-formed, and they run commands that there are."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest

from tests.cli.conftest import HOST, Run

ROOT = Path(__file__).resolve().parents[2]
UNITS = sorted((ROOT / "units").iterdir())
SERVICES = [path for path in UNITS if path.suffix == ".service"]
CHECK = "advisor-check.service"
# Exposure as systemd 252 counts it, times ten.
EXPOSED_AT_MOST = {CHECK: 20}
EXPOSED_AT_MOST_ELSE = 30

# Path below /etc/systemd/system → text.
DROP_INS: dict[str, str] = dict(
    re.findall(
        r"^# /etc/systemd/system/(\S+\.d/\S+)\n(.*?)^```",
        (ROOT / "docs" / "fleet-scale.md").read_text("utf-8"),
        re.M | re.S,
    )
)

Unit = dict[str, list[tuple[str, str]]]
"""Section → its assignments in order."""


def parsed(path: Path) -> Unit:
    """A unit; a line that is neither a comment, a section nor an assignment is a mistake."""
    sections: Unit = defaultdict(list)
    section = ""
    for line in path.read_text("utf-8").splitlines():
        if not line or line.startswith(("#", ";")):
            continue
        if line.startswith("[") and line.endswith("]"):
            section = line[1:-1]
            continue
        name, equals, value = line.partition("=")
        assert equals and name.isalnum() and section, f"{path.name}: {line}"
        sections[section].append((name, value))
    return sections


def values(path: Path, section: str, name: str) -> list[str]:
    return [value for key, value in parsed(path)[section] if key == name]


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_is_made_of_known_sections(path: Path) -> None:
    kind = {".service": "Service", ".timer": "Timer"}[path.suffix]
    assert {"Unit", kind} <= set(parsed(path)) <= {"Unit", kind, "Install"}
    assert values(path, "Unit", "Description")


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_a_unit_runs_a_command_with_options_that_there_are(run: Run, path: Path) -> None:
    (line,) = values(path, "Service", "ExecStart")
    program, command, *words = shlex.split(line)
    assert program == "advisor"
    done = run(command, "--help")
    assert done.returncode == 0, f"{path.name}: there is no command {command}"
    for option in (word for word in words if word.startswith("--")):
        assert option in done.stdout, f"{path.name}: {command} has no {option}"


@pytest.mark.parametrize(
    "path", [path for path in UNITS if path.suffix == ".timer"], ids=lambda path: path.name
)
def test_a_timer_has_its_service_and_can_be_enabled(path: Path) -> None:
    assert path.with_suffix(".service") in UNITS
    assert values(path, "Install", "WantedBy") == ["timers.target"]
    # Only the timer and the boot start them; nothing else does by itself.
    assert "Install" not in parsed(path.with_suffix(".service"))


def test_who_only_looks_can_change_nothing() -> None:
    path = next(path for path in SERVICES if path.name == CHECK)
    service = dict(parsed(path)["Service"])
    assert (service["DynamicUser"], service["CapabilityBoundingSet"]) == ("yes", "")
    assert (service["ProtectSystem"], service["ProtectKernelTunables"]) == ("strict", "yes")


@pytest.mark.parametrize(
    "path", [path for path in SERVICES if path.name != CHECK], ids=lambda path: path.name
)
def test_who_changes_settings_is_left_what_it_needs_for_that(path: Path) -> None:
    service = dict(parsed(path)["Service"])
    # Each of these was measured to keep sysctls, files of sysfs or interfaces from being written.
    breaking = ("ProtectKernelTunables", "PrivateNetwork", "PrivateUsers", "ProcSubset")
    assert not set(breaking) & set(service)
    assert {"AF_UNIX", "AF_NETLINK", "AF_INET"} <= set(service["RestrictAddressFamilies"].split())
    assert {"CAP_NET_ADMIN", "CAP_DAC_OVERRIDE"} <= set(service["CapabilityBoundingSet"].split())
    assert service["StateDirectory"] == "advisor"
    for place in ("/etc/sysctl.d", "/etc/systemd", "/etc/NetworkManager", "/etc/modules-load.d"):
        assert f"-{place}" in service["ReadWritePaths"].split()


@pytest.mark.parametrize("name", ["advisor-apply@.service", "advisor-remediate.service"])
def test_the_watchdog_outlives_the_service_that_has_armed_it(name: str) -> None:
    """In a mount namespace of its own a run is watched by a process of the service's group."""
    assert values(ROOT / "units" / name, "Service", "KillMode") == ["process"]


def copied(path: Path, folder: Path) -> Path:
    """A unit with its like in a folder, where the program is one that is found."""
    for each in UNITS:
        (folder / each.name).write_text(found(each.read_text()))
    return folder / path.name


def found(text: str) -> str:
    return text.replace("ExecStart=advisor ", "ExecStart=/bin/true ")


def complaints(path: Path) -> list[str]:
    """What systemd says about a unit with its drop-ins."""
    words = ["systemd-analyze", "verify", "--man=no", path]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return [line for line in done.stderr.splitlines() if path.stem in line]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
@pytest.mark.parametrize("name", DROP_INS)
def test_systemd_takes_the_drop_ins_of_the_documentation(name: str, tmp_path: Path) -> None:
    unit = copied(ROOT / "units" / Path(name).parent.stem, tmp_path)
    drop_in = tmp_path / name
    drop_in.parent.mkdir()
    drop_in.write_text(found(DROP_INS[name]))
    assert complaints(unit) == []
    drop_in.write_text(DROP_INS[name] + "Ododo=1\n")
    assert complaints(unit), "the drop-in is not looked at"


def test_the_documented_service_writes_a_line(run: Run) -> None:
    (text,) = [text for name, text in DROP_INS.items() if "ExecStart=advisor" in text]
    _, _, command = text.partition("ExecStart=advisor ")
    done = run(*shlex.split(command.partition("\n")[0]), "--exit-zero", "--from", HOST)
    assert json.loads(done.stdout)["schema"] == "advisor.line/v1"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_systemd_takes_the_units_as_they_are(path: Path, tmp_path: Path) -> None:
    copy = copied(path, tmp_path)
    assert complaints(copy) == []
    if path.suffix != ".service":
        return
    most = EXPOSED_AT_MOST.get(path.name, EXPOSED_AT_MOST_ELSE)
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", f"--threshold={most}", copy],
        capture_output=True,
        text=True,
        check=False,
    )
    if "--offline" in done.stderr:
        pytest.skip("systemd before 250 does not tell the exposure of a file")
    assert done.returncode == 0, done.stdout[-200:]
