"""Container or not, from what everybody may read."""

from __future__ import annotations

from pathlib import Path

import pytest

from advisor.facts.container import INITIAL_NAMESPACES, detect_container, in_initial_namespace
from advisor.facts.files import Files
from advisor.model.unavailable import Unavailable
from tests.unit.facts.host_tree import Link, host

Entries = dict[str, str | bytes | Link]

INITIAL: Entries = {
    f"/proc/self/ns/{name}": Link(f"{name}:[{inode}]") for name, inode in INITIAL_NAMESPACES.items()
}
OWN: Entries = {f"/proc/self/ns/{name}": Link(f"{name}:[40265325]") for name in INITIAL_NAMESPACES}
DOCKERENV: Entries = {"/.dockerenv": ""}
POD_VARIABLES: Entries = {"/proc/self/environ": "HOME=/\0KUBERNETES_SERVICE_HOST=10.0.0.1\0"}
SCOPE = "docker-0123456789abcdef.scope"


def cgroup(path: str) -> Entries:
    return {"/proc/self/cgroup": f"0::{path}\n"}


@pytest.mark.parametrize(
    ("entries", "kind"),
    [
        pytest.param(INITIAL, "none", id="a plain host"),
        pytest.param(INITIAL | DOCKERENV, "none", id="a machine that boots a container image"),
        pytest.param(INITIAL | POD_VARIABLES, "none", id="a shell that came from a pod"),
        pytest.param(
            INITIAL | cgroup("/system.slice/docker.service"), "none", id="the Docker daemon's host"
        ),
        pytest.param(OWN | DOCKERENV, "docker", id="Docker"),
        pytest.param(DOCKERENV, "docker", id="Docker on a kernel that shows no namespaces"),
        pytest.param(OWN | {"/run/.containerenv": ""}, "podman", id="Podman"),
        pytest.param(OWN | DOCKERENV | POD_VARIABLES, "kubernetes", id="a pod"),
        pytest.param(OWN | {"/run/systemd/container": "lxc\n"}, "lxc", id="LXC with systemd"),
        pytest.param(
            OWN | {"/run/host/container-manager": "systemd-nspawn\n"}, "systemd-nspawn", id="nspawn"
        ),
        pytest.param(OWN | {"/proc/1/environ": "a=b\0container=lxc\0"}, "lxc", id="LXC"),
        pytest.param(OWN, "other", id="an unknown container"),
        pytest.param(
            INITIAL | cgroup("/kubepods.slice/x"), "kubernetes", id="a pod with hostPID and hostIPC"
        ),
        pytest.param(
            INITIAL | cgroup(f"/system.slice/{SCOPE}"), "docker", id="Docker sharing all namespaces"
        ),
        pytest.param(INITIAL | cgroup("/docker/0123"), "docker", id="Docker with cgroupfs"),
        pytest.param(
            INITIAL | cgroup("/machine.slice/libpod-0123.scope"), "podman", id="Podman sharing all"
        ),
        pytest.param(INITIAL | cgroup("/lxc.payload.web"), "lxc", id="LXC sharing all"),
        pytest.param(
            OWN | {"/proc/sys/kernel/osrelease": "5.15.167.4-microsoft-standard-WSL2\n"},
            "wsl",
            id="WSL",
        ),
    ],
)
def test_the_kind_of_container_is_found(tmp_path: Path, entries: Entries, kind: str) -> None:
    assert detect_container(host(tmp_path, entries)) == kind


def test_not_knowing_is_not_none(tmp_path: Path) -> None:
    assert isinstance(detect_container(Files(tmp_path)), Unavailable)


def test_an_empty_mark_of_the_manager_says_nothing(tmp_path: Path) -> None:
    files = host(tmp_path, INITIAL | {"/run/systemd/container": "\n"})
    assert detect_container(files) == "none"


def test_a_namespace_is_initial_or_not_or_unknown(tmp_path: Path) -> None:
    files = host(
        tmp_path,
        {
            "/proc/self/ns/pid": Link("pid:[4026531836]"),
            "/proc/self/ns/uts": Link("uts:[4026532000]"),
        },
    )
    found = [in_initial_namespace(files, name) for name in ("pid", "uts", "ipc")]
    assert found == [True, False, None]
