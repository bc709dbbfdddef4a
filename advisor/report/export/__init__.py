"""A plan for other tools: one module per format, each from a plan to the files that the tool reads.

Names of interfaces, flags and hosts may hold anything that the kernel lets them: in each format
they are quoted, or, where the format cannot hold them, left out and named in a comment.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from advisor.model.plan import Plan
from advisor.report.export.ansible import files as _ansible
from advisor.report.export.common import File, checked
from advisor.report.export.link import files as _link
from advisor.report.export.shell import files as _shell
from advisor.report.export.sysctl import files as _sysctl
from advisor.report.export.tuned import files as _tuned

FORMATS: Mapping[str, Callable[[Plan], list[File]]] = {
    "sysctl": _sysctl,
    "link": _link,
    "ansible": _ansible,
    "tuned": _tuned,
    "shell": _shell,
}
"""Format → what makes its files."""

__all__ = ["FORMATS", "File", "export"]


def export(plan: Plan, format: str) -> list[File]:
    """The files that make the changes of a plan.

    Args:
        plan: The plan; it may come from a file, so it is checked first.
        format: One of `FORMATS`.

    Raises:
        AdvisorError: The plan names what cannot be a setting.
    """
    checked(plan)
    return FORMATS[format](plan)
