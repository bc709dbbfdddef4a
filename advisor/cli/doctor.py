"""`advisor doctor`: what advisor can see here, and what it would fight with."""

from __future__ import annotations

import os
import platform
import sys
from dataclasses import fields
from typing import Any

from advisor import __version__
from advisor.cli import options

_ON_PURPOSE = ("a secret", "write-only", "not read")
"""Reasons of facts that nobody means to read."""


def doctor(netns: options.NetNs = None) -> None:
    """Say which facts can be read here, with which privileges, and which other tuners run."""
    from advisor.facts.collect import collect
    from advisor.model.host import Host
    from advisor.model.system import Services
    from advisor.model.unavailable import Unavailable

    host = collect(sample_seconds=None, netns=netns)
    version = platform.python_version()
    options.say(f"advisor {__version__} · Python {version} · {sys.executable}")
    options.say(
        f"uid {os.geteuid()} · CAP_NET_ADMIN {'yes' if host.collection.privileged else 'no'}"
    )
    options.say("")
    for field in fields(Host):
        if field.name in ("collection", "sample"):
            continue
        value: Any = getattr(host, field.name)
        if isinstance(value, Unavailable):
            options.say(f"  no   {field.name:<10} {value.reason}")
        else:
            gaps = list(_gaps(value))
            note = f"{len(gaps)} parts missing: {_digest(gaps)}" if gaps else ""
            options.say(f"  {'part' if gaps else 'ok':<4} {field.name:<10} {note}".rstrip())
    options.say("")
    services = host.services
    if isinstance(services, Services):
        tuned = f" (profile {services.tuned_profile})" if services.tuned_profile else ""
        names = ", ".join(services.running) or "none found"
        options.say(f"others that change network settings: {names}{tuned}")
    from advisor.knowledge.locations import rules_dir
    from advisor.knowledge.rules import rule_files

    options.say(f"rules: {len(rule_files(rules_dir()))} in {rules_dir()}")


def _gaps(value: Any) -> Any:
    from advisor.model.unavailable import Unavailable

    if isinstance(value, Unavailable):
        if not value.reason.startswith(_ON_PURPOSE):
            yield value.reason
    elif isinstance(value, dict):
        for item in value.values():
            yield from _gaps(item)
    elif hasattr(type(value), "__dataclass_fields__"):
        for name in type(value).__dataclass_fields__:
            yield from _gaps(getattr(value, name))


def _digest(reasons: list[str]) -> str:
    unique = sorted(set(reasons), key=reasons.count, reverse=True)
    return "; ".join(unique[:2]) + (" …" if len(unique) > 2 else "")
