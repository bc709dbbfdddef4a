"""What a line about this host needs beside the report: its labels, an id, the state of its runs."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from advisor.errors import AdvisorError
from advisor.model.host import Host
from advisor.model.overview import Overview
from advisor.model.report import Report

_MAX_LABELS = 8
_MAX_LABEL = 120


def line(
    report: Report,
    host: Host,
    of_site: Mapping[str, str],
    given: Sequence[str] | None,
    *,
    here: bool,
) -> str:
    """The report as one line of a fleet.

    Args:
        report: What was found.
        host: The facts it was found in.
        of_site: Labels of the site's configuration.
        given: `NAME=VALUE` pairs of the command line, which win.
        here: Whether the host is the one that this runs on, so that its runs are known.

    Raises:
        AdvisorError: A label is none, there are too many, or one is too long.
    """
    from advisor.report.line import to_line

    labels = {**of_site, **_parsed(given or [])}
    if len(labels) > _MAX_LABELS:
        raise AdvisorError(f"there are {len(labels)} labels: at most {_MAX_LABELS} go into a line")
    for name, value in labels.items():
        if not name or max(len(name), len(value)) > _MAX_LABEL:
            raise AdvisorError(f"label {name[:_MAX_LABEL]!r}: 1 to {_MAX_LABEL} characters")
    run = os.urandom(8).hex()
    return to_line(report, host, run=run, labels=labels, runs=_runs() if here else None)


def _parsed(given: Sequence[str]) -> dict[str, str]:
    result = {}
    for pair in given:
        name, equals, value = pair.partition("=")
        if not equals:
            raise AdvisorError(f"--label {pair}: expected NAME=VALUE", "such as --label group=edge")
        result[name.strip()] = value.strip()
    return result


def _runs() -> Overview | None:
    """Where this host stands with its runs, None if the caller may not know."""
    from advisor.changes.state_dir import find_state_dir

    try:
        state = find_state_dir()
        if state is None:
            return Overview(None, 0, (), ())
        state.close()
        from advisor.changes.overview import overview

        return overview()
    except AdvisorError:
        # The state belongs to root, and a check needs no root.
        return None
