"""Whether this process lives in a container, and of which kind."""

from __future__ import annotations

import re

from advisor.facts.files import Files
from advisor.model.unavailable import Unavailable

INITIAL_NAMESPACES = {
    # Fixed since 3.8 (cgroup: 4.6): enum in include/linux/proc_ns.h.
    "cgroup": 0xEFFFFFFB,
    "pid": 0xEFFFFFFC,
    "uts": 0xEFFFFFFE,
    "ipc": 0xEFFFFFFF,
}

_CGROUPS = (
    # The host's own "/system.slice/docker.service" must not match.
    (re.compile(r"/kubepods"), "kubernetes"),
    (re.compile(r"/docker[/-]"), "docker"),
    (re.compile(r"/libpod-[0-9a-f]"), "podman"),
    (re.compile(r"/lxc(?:/|\.payload)"), "lxc"),
)
_WSL = re.compile(r"WSL|-Microsoft")
_TOLD_BY_MANAGER = ("/run/host/container-manager", "/run/systemd/container")
_MARKS = (("/run/.containerenv", "podman"), ("/.dockerenv", "docker"))


def detect_container(files: Files) -> str | Unavailable:
    """The kind of container: "docker", "kubernetes", "lxc", …; "none", or "other" when unknown.

    What the container manager left behind counts only in a namespace of its own: a machine that
    boots a container image has a /.dockerenv too, and so does a shell that entered the host's
    namespaces from a pod have the pod's environment.
    """
    kind = _told_outright(files)
    if kind is not None:
        return kind
    namespaces = [in_initial_namespace(files, name) for name in INITIAL_NAMESPACES]
    if False in namespaces or None in namespaces:
        kind = _left_behind(files)
        if kind is not None:
            return kind
    in_host = in_initial_namespace(files, "pid")
    if in_host is None:
        return Unavailable("neither namespaces nor container managers tell")
    return "none" if in_host else "other"


def in_initial_namespace(files: Files, name: str) -> bool | None:
    """Whether this process is in the machine's first namespace of that kind, None if unknown."""
    link = files.read_link(f"/proc/self/ns/{name}")
    if isinstance(link, Unavailable):
        return None
    return link == f"{name}:[{INITIAL_NAMESPACES[name]}]"


def _told_outright(files: Files) -> str | None:
    release = files.read_text("/proc/sys/kernel/osrelease")
    if isinstance(release, str) and _WSL.search(release):
        return "wsl"
    cgroup = files.read_text("/proc/self/cgroup")
    if isinstance(cgroup, str):
        for pattern, kind in _CGROUPS:
            if pattern.search(cgroup):
                return kind
    for path in _TOLD_BY_MANAGER:
        manager = files.read_text(path)
        if isinstance(manager, str) and manager.strip():
            return manager.strip()
    return None


def _left_behind(files: Files) -> str | None:
    if _variable(files, "self", "KUBERNETES_SERVICE_HOST"):
        return "kubernetes"
    manager = _variable(files, "1", "container")
    if manager:
        return manager
    for path, kind in _MARKS:
        if files.exists(path):
            return kind
    return None


def _variable(files: Files, process: str, name: str) -> str:
    environment = files.read_text(f"/proc/{process}/environ")
    if isinstance(environment, Unavailable):
        return ""
    for assignment in environment.split("\0"):
        key, _, value = assignment.partition("=")
        if key == name:
            return value
    return ""
