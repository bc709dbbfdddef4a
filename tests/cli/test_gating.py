"""The examples of docs/gating.md work: each is run for a host that is well and for one that is not.

What the examples call beside advisor (systemctl, kubectl, pip …) only notes that it was called. A
live check judges a snapshot instead, and paths of the host are below a scratch directory.
"""

from __future__ import annotations

import configparser
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.conftest import HOST, ROOT, Done, environment
from tests.unit.report.formats import metrics

PAGE = (ROOT / "docs" / "gating.md").read_text("utf-8")
EXAMPLES = dict(re.findall(r"^```\w+ ([\w-]+)\n(.*?)^```", PAGE, re.M | re.S))
STORIES = ROOT / "tests" / "stories"
IMAGE = ROOT / "docs" / "examples" / "image"

# Whatever is judged live is one of these, whatever is an image one of those in the scratch place.
HOSTS = {"well": STORIES / "healthy-edge.json", "ill": HOST}
NOTED = ("systemctl", "kubectl", "pip")
PASSED_ON = ("in-target", "sudo", "env")


@dataclass(frozen=True)
class Place:
    """A scratch host.

    Attributes:
        folder: Where scripts run, and what stands for the root directory.
        state: "well" or "ill".
    """

    folder: Path
    state: str

    @property
    def image(self) -> Path:
        """A root directory of that state."""
        return self.folder / "image"

    def run(self, script: str, shell: str = "sh -eu") -> Done:
        """Run a script with the host's paths below the scratch directory."""
        words = [*shlex.split(shell), "-c", self._here(script)]
        variables = environment(
            PATH=f"{self.folder / 'bin'}:{os.environ['PATH']}",
            GITHUB_STEP_SUMMARY=str(self.folder / "summary.md"),
            NODE_NAME="node-1",
        )
        done = subprocess.run(
            words,
            cwd=self.folder,
            env=variables,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert "Traceback" not in done.stderr
        assert done.returncode in (0, 1), done.stderr
        return done

    def calls(self) -> list[str]:
        """What was called beside advisor."""
        path = self.folder / "calls"
        return path.read_text().splitlines() if path.exists() else []

    def _here(self, text: str) -> str:
        text = re.sub(r"(--root) /(?=\s)", rf"\1 {self.image}", text)
        text = re.sub(r"(?<![\w./])/(target|mnt/sysimage)\b", str(self.image), text)
        return re.sub(r"(?<![\w./])/(?=(var|usr)/)", f"{self.folder}/", text)


@pytest.fixture(params=["well", "ill"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """A scratch host in either state."""
    place = Place(tmp_path, request.param)
    shutil.copytree(IMAGE, place.image)
    if place.state == "well":
        (place.image / "usr" / "lib" / "sysctl.d" / "95-app.conf").unlink()
        settings = place.image / "etc" / "sysctl.d" / "90-site.conf"
        settings.write_text("net.core.somaxconn = 4096\n")
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in (*NOTED, *PASSED_ON):
        last = 'exec "$@"' if name in PASSED_ON else f'echo "{name} $*" >> {tmp_path}/calls'
        _program(programs / name, f"#!/bin/sh\n{last}\n")
    _program(
        programs / "advisor",
        f"#!{sys.executable}\nimport sys\n"
        f"if '--root' not in sys.argv: sys.argv += ['--from', {str(HOSTS[place.state])!r}]\n"
        "from advisor.cli import main\nmain()\n",
    )
    for folder in ("var/log", "usr/local/sbin", "usr/bin", "var/lib/prometheus/node-exporter"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "usr" / "bin" / "advisor").symlink_to(programs / "advisor")
    return place


def _program(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


def opened(place: Place, done: Done) -> None:
    """The gate is open for a host that is well, and closed for the other."""
    assert done.returncode == (0 if place.state == "well" else 1), done


def packer(place: Place, text: str) -> None:
    (listed,) = re.findall(r"inline = (\[.*?\])", text, re.S)
    lines = json.loads(re.sub(r",\s*\]", "]", listed))
    opened(place, place.run("\n".join(lines), "sh -e"))


def kickstart(place: Place, text: str) -> None:
    lines = text.splitlines()
    assert (lines[0].split()[0], lines[-1]) == ("%post", "%end")
    assert "--erroronfail" in lines[0]
    opened(place, place.run("\n".join(lines[1:-1]), "sh"))


def preseed(place: Place, text: str) -> None:
    owner, question, kind, command = text.strip().split(" ", 3)
    assert (owner, question, kind) == ("d-i", "preseed/late_command", "string")
    opened(place, place.run(command, "sh"))


def outside(place: Place, text: str) -> None:
    opened(place, place.run(text, "sh"))
    assert (place.folder / "image.xml").read_text().startswith("<?xml")


def cloud_init(place: Place, text: str) -> None:
    assert text.startswith("#cloud-config\n")
    data = yaml.safe_load(text)
    for file in data["write_files"]:
        path = place.folder / file["path"].lstrip("/")
        path.write_text(place._here(file["content"]))
        path.chmod(int(file["permissions"], 8))
    # As cc_runcmd writes it: lists are quoted, text is the shell's; nothing ends it at a failure.
    lines = [each if isinstance(each, str) else shlex.join(each) for each in data["runcmd"]]
    place.run("\n".join(lines), "sh")
    started = "systemctl enable --now haproxy.service" in place.calls()
    assert started is (place.state == "well")
    report = json.loads((place.folder / "var" / "log" / "advisor.json").read_text())
    assert (report["summary"]["error"] > 0) is (place.state == "ill")


def systemd(place: Place, text: str) -> None:
    unit = configparser.ConfigParser(interpolation=None)
    unit.read_string(text)
    assert unit["Service"]["Type"] == "oneshot"
    opened(place, place.run(unit["Service"]["ExecStart"]))


def github_actions(place: Place, text: str) -> None:
    (job,) = _yaml(text)["jobs"].values()
    scripts = [step["run"] for step in job["steps"] if "run" in step]
    done = [place.run(script, "bash -e") for script in scripts]
    assert [each.returncode for each in done[:-1]] == [0] * (len(done) - 1)
    opened(place, done[-1])
    assert ("::warning file=rules/" in done[-1].stdout) is (place.state == "ill")
    (sarif,) = (step["with"]["sarif_file"] for step in job["steps"] if "with" in step)
    (run,) = json.loads((place.folder / sarif).read_text())["runs"]
    levels = {result["level"] for result in run["results"]}
    assert ("warning" in levels) is (place.state == "ill")
    assert (place.folder / "summary.md").read_text().startswith("## advisor: `golden`\n")


def gitlab(place: Place, text: str) -> None:
    (job,) = _yaml(text).values()
    opened(place, place.run("\n".join([*job["before_script"], *job["script"]]), "bash -e"))
    assert [call.split()[:2] for call in place.calls()] == [["pip", "install"]]
    assert (place.folder / job["artifacts"]["reports"]["junit"]).exists()


def baseline(place: Place, text: str) -> None:
    assert place.run(text).returncode == 0
    settings = place.image / "etc" / "sysctl.d" / "90-site.conf"
    settings.write_text(settings.read_text() + "net.ipv4.tcp_rmme = 1\n")
    assert place.run(text.splitlines()[-1]).returncode == 1


def kubernetes(place: Place, text: str) -> None:
    pod = _yaml(text)
    (container,) = pod["spec"]["initContainers"]
    opened(place, place.run(shlex.join(container["command"])))


def node(place: Place, text: str) -> None:
    opened(place, place.run(text, "sh"))
    untainted = ["kubectl taint node node-1 advisor/unjudged:NoSchedule-"]
    assert place.calls() == (untainted if place.state == "well" else [])


def prometheus(place: Place, text: str) -> None:
    assert place.run(text).returncode == 0
    folder = place.folder / "var" / "lib" / "prometheus" / "node-exporter"
    (file,) = folder.iterdir()
    found = metrics(file.read_text())
    failed = found["advisor_findings", (("severity", "error"), ("status", "fail"))]
    assert (failed > 0) is (place.state == "ill")


def alert(place: Place, text: str) -> None:
    rules = [rule for group in _yaml(text)["groups"] for rule in group["rules"]]
    place.run(EXAMPLES["prometheus"])
    (file,) = (place.folder / "var" / "lib" / "prometheus" / "node-exporter").iterdir()
    known = {metric for metric, _ in metrics(file.read_text())}
    used = {name for rule in rules for name in re.findall(r"advisor_\w+", rule["expr"])}
    assert used
    assert used <= known


def _yaml(text: str) -> dict[str, Any]:
    # "on:" is a truth value to YAML 1.1, and of no interest here.
    data: dict[str, Any] = yaml.safe_load(text)
    return data


RUNNERS: dict[str, Callable[[Place, str], None]] = {
    "packer": packer,
    "kickstart": kickstart,
    "preseed": preseed,
    "outside": outside,
    "cloud-init": cloud_init,
    "systemd": systemd,
    "github-actions": github_actions,
    "gitlab": gitlab,
    "baseline": baseline,
    "kubernetes": kubernetes,
    "node": node,
    "prometheus": prometheus,
    "alert": alert,
}


def test_every_example_of_the_page_is_run() -> None:
    fences = re.findall(r"^```(?=\S)(?!console)", PAGE, re.M)
    assert len(fences) == len(EXAMPLES)
    assert EXAMPLES.keys() == RUNNERS.keys()


@pytest.mark.parametrize("name", RUNNERS)
def test_an_example_opens_for_a_host_that_is_well_and_for_no_other(place: Place, name: str) -> None:
    RUNNERS[name](place, EXAMPLES[name])


@pytest.mark.skipif(not shutil.which("packer"), reason="packer is not installed")
def test_packer_accepts_its_example(tmp_path: Path) -> None:
    source = 'source "null" "proxy" {\n  communicator = "none"\n}\n\n'
    text = EXAMPLES["packer"].replace("source.qemu.proxy", "source.null.proxy")
    (tmp_path / "image.pkr.hcl").write_text(source + text)
    for words in (("validate",), ("fmt", "-check", "-diff")):
        done = subprocess.run(
            ["packer", *words, "image.pkr.hcl"],
            cwd=tmp_path,
            env={**os.environ, "CHECKPOINT_DISABLE": "1"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool (prometheus) is not installed")
def test_promtool_accepts_the_alerts(tmp_path: Path) -> None:
    (tmp_path / "alerts.yml").write_text(EXAMPLES["alert"])
    words = ["promtool", "check", "rules", str(tmp_path / "alerts.yml")]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
