"""Kernel modules whose keys are missed at boot when nothing loads them before."""

from __future__ import annotations

from advisor.facts.config.assignments import Key
from advisor.facts.config.boot_files import DIRECTORIES
from advisor.facts.files import Files
from advisor.model.unavailable import Unavailable

# Keys → the module that makes them when it is loaded (a prefix of components).
_PROVIDERS: dict[Key, str] = {
    ("net", "netfilter", "nf_conntrack"): "nf_conntrack",
    ("net", "nf_conntrack_max"): "nf_conntrack",
    ("net", "bridge"): "br_netfilter",
    ("net", "ipv4", "vs"): "ip_vs",
    ("net", "sctp"): "sctp",
    ("net", "rds"): "rds",
    ("net", "mpls"): "mpls_router",
    ("net", "smc"): "smc",
}
_COMMENTS = ("#", ";")


def provider(files: Files, key: Key, before: frozenset[str]) -> str | None:
    """The module that provides a key and that nothing loads before the values are set.

    None when the key is always there, when the module is built in, or when something loads it.
    systemd-modules-load runs before systemd-sysctl; what loads the module later (a firewall, a
    container runtime) comes too late for the line.

    Args:
        files: The host's files.
        key: The key.
        before: Modules that are loaded before, from `loaded_before`.
    """
    module = module_of(key)
    if module is None or module in before:
        return None
    return None if _built_in(files, module) else module


def module_of(key: Key) -> str | None:
    """The module that makes a key when it is loaded, None for keys that are always there."""
    for prefix, module in _PROVIDERS.items():
        parent, stem = prefix[:-1], prefix[-1]
        if key[: len(parent)] == parent and len(key) >= len(prefix):
            part = key[len(parent)]
            if part == stem or (stem == "nf_conntrack" and part.startswith(stem)):
                return module
    return None


def loaded_before(files: Files) -> frozenset[str]:
    """The modules that modules-load.d, /etc/modules and the command line load at boot."""
    names: set[str] = set()
    directories = [directory.replace("sysctl.d", "modules-load.d") for directory in DIRECTORIES]
    hidden: set[str] = set()
    for directory in directories:
        entries = files.list_dir(directory)
        for entry in () if isinstance(entries, Unavailable) else entries:
            if not entry.endswith(".conf") or entry in hidden:
                continue
            hidden.add(entry)
            names |= _lines(files, f"{directory}/{entry}")
    names |= _lines(files, "/etc/modules")
    command_line = files.read_text("/proc/cmdline")
    for word in () if isinstance(command_line, Unavailable) else command_line.split():
        option, _, value = word.partition("=")
        if option in ("modules_load", "modules-load", "rd.modules_load"):
            names.update(value.split(","))
    return frozenset(name.replace("-", "_") for name in names)


def _built_in(files: Files, module: str) -> bool:
    """Whether the kernel has it built in: then it has no `initstate`, or is in modules.builtin."""
    directory = f"/sys/module/{module}"
    if files.exists(directory):
        return not files.exists(f"{directory}/initstate")
    releases = files.list_dir("/lib/modules")
    for release in () if isinstance(releases, Unavailable) else releases:
        listed = files.read_text(f"/lib/modules/{release}/modules.builtin")
        if isinstance(listed, str) and f"/{module}.ko" in listed:
            return True
    return False


def _lines(files: Files, path: str) -> set[str]:
    text = files.read_text(path)
    if isinstance(text, Unavailable):
        return set()
    lines = (line.strip() for line in text.splitlines())
    return {line.split()[0] for line in lines if line and not line.startswith(_COMMENTS)}
