"""Tells systemd that there are other units than before."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable

from advisor.changes.persist import names
from advisor.facts.files import Files
from advisor.model.receipt import PersistedFile

_COMMAND = ("systemctl", "daemon-reload")
_PATIENCE_S = 30.0
_PATH = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}


def reload_units(changes: Iterable[PersistedFile], files: Files) -> str | None:
    """Has systemd read its units again if one has changed; why it did not, None if all is well.

    Nothing depends on it: the next boot reads them anyway.
    """
    changed = {each.path for each in changes} & {names.UNIT, names.WANTS}
    if not changed or not files.live or not files.exists("/run/systemd/system"):
        return None
    try:
        done = subprocess.run(
            _COMMAND, env=_PATH, capture_output=True, text=True, timeout=_PATIENCE_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{' '.join(_COMMAND)}: {error}"
    return f"{' '.join(_COMMAND)}: {done.stderr.strip()}" if done.returncode else None
