"""The configuration of a host: what its next boot will set, what that loses, who interferes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from advisor.facts.config.assignments import parse_key
from advisor.facts.config.boot_sysctl import read_boot_sysctl
from advisor.facts.config.defaults import ALIASES, DEFAULTS, default, is_default
from advisor.facts.config.owners import read_owners
from advisor.facts.config.resolve import running_value
from advisor.facts.config.values import agrees
from advisor.facts.files import Files
from advisor.model.config import Config, Configured, Owner, RuntimeOnly
from advisor.model.stack import SysctlTree
from advisor.model.system import Kernel, NetNs, Services
from advisor.model.unavailable import Unavailable

_OTHER_NAMESPACE = Config(reader="none of this namespace")


def read_config(
    files: Files,
    *,
    sysctl: SysctlTree | Unavailable,
    kernel: Kernel | Unavailable,
    services: Services | Unavailable,
    netns: NetNs | Unavailable,
) -> Config | Unavailable:
    """The configuration, beside what runs now.

    Args:
        files: The host's files.
        sysctl: The keys as they are now.
        kernel: The running kernel.
        services: The programs that run now.
        netns: The network namespace that was read. The files set the keys of the initial one;
            of another there is nothing to say.
    """
    if not isinstance(netns, Unavailable) and netns.initial is False:
        return _OTHER_NAMESPACE
    config = read_boot_sysctl(files, sysctl)
    owners = read_owners(files, services)
    return replace(
        with_rivals(config, owners),
        runtime_only=_runtime_only(config, sysctl, kernel, owners),
    )


def with_rivals(config: Config, owners: dict[str, Owner]) -> Config:
    """The configuration with the programs that interfere, and what they set to another value."""
    keys = {key: _with_rivals(each, owners) for key, each in config.keys.items()}
    return replace(config, keys=keys, owners=owners)


def _with_rivals(configured: Configured, owners: Mapping[str, Owner]) -> Configured:
    rivals = tuple(
        f"{owner.name} ({owner.keys[configured.key] or 'may set it'}, "
        f"{owner.place or 'when it starts'})"
        for owner in owners.values()
        if owner.running is not False and _sets_otherwise(owner, configured)
    )
    return replace(configured, rivals=rivals) if rivals else configured


def _sets_otherwise(owner: Owner, configured: Configured) -> bool:
    """Whether a program sets a key to another value than the files do.

    Of programs whose own configuration is not read, it takes the running value to tell: another
    one than the files'. A value that TuneD computes or bounds ("${…}", ">1024") tells nothing.
    """
    value = owner.keys.get(configured.key)
    if value is None or "$" in value or value.startswith((">", "<")):
        return False
    if not owner.place and configured.differs is not True:
        return False
    return value == "" or not agrees(configured.key.rpartition(".")[2], value, configured.value)


def _runtime_only(
    config: Config,
    sysctl: SysctlTree | Unavailable,
    kernel: Kernel | Unavailable,
    owners: Mapping[str, Owner],
) -> dict[str, RuntimeOnly] | Unavailable:
    """Keys that no file sets and that run with another value than the kernel starts with."""
    if isinstance(sysctl, Unavailable):
        return sysctl
    if isinstance(kernel, Unavailable):
        return kernel
    found = {}
    for name in DEFAULTS.keys() - config.keys.keys():
        start = default(name, kernel.version)
        key = parse_key(name)
        running = None if key is None else running_value(sysctl, key)
        if start is None or not isinstance(running, str) or is_default(name, running, start):
            continue
        if name in config.unread or ALIASES.get(name) in config.keys:
            continue  # Another finding; or set by its other name.
        setters = tuple(sorted(owner.name for owner in owners.values() if name in owner.keys))
        found[name] = RuntimeOnly(name, running, start, setters)
    return dict(sorted(found.items()))
