"""What the next boot makes of a setting, by the configuration files."""

from __future__ import annotations

from typing import Any

from advisor.engine.targets import holds
from advisor.expression import Unknown
from advisor.model.address import Address, SysctlAddress
from advisor.model.finding import NextBoot
from advisor.model.host import Host
from advisor.model.unavailable import Unavailable

_SETTERS = ("systemd", "procps")


def next_boot(host: Host, setting: Address, actual: Any, test: str, target: Any) -> NextBoot | None:
    """The value that a sysctl will have, the line that decides, and whether it passes then.

    None for other settings, where the configuration is not known, and where nothing sets values at
    boot: in a container, or in another network namespace than the files are about.

    Args:
        host: The facts.
        setting: The setting.
        actual: Its value now, whose form the configured value takes.
        test: What has to hold: see `Check.test`.
        target: Against what.
    """
    if not isinstance(setting, SysctlAddress) or isinstance(host.config, Unavailable):
        return None
    if host.config.reader not in _SETTERS:
        return None
    configured = host.config.keys.get(SysctlAddress(setting.key).dotted)
    if configured is None:
        return NextBoot(None, "", None)
    words = configured.value.split()
    if setting.index is not None:
        words = words[setting.index : setting.index + 1]
    value = _like(actual, words)
    passes = None if value is None else holds(test, value, target)
    known = None if isinstance(passes, Unknown) else passes
    shown = " ".join(words) if value is None else value
    return NextBoot(shown, configured.place, known)


def _like(actual: Any, words: list[str]) -> Any:
    """The words in the form of a value that the kernel has now, None when they do not fit it."""
    if isinstance(actual, str):
        return " ".join(words)
    try:
        numbers = tuple(int(word) for word in words)
    except ValueError:
        return None
    if isinstance(actual, tuple):
        return numbers if len(numbers) == len(actual) else None
    return numbers[0] if len(numbers) == 1 else None
