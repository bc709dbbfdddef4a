"""Brings what advisor's own file holds: at boot, and when an interface is activated again."""

from __future__ import annotations

from collections.abc import Sequence

from advisor.changes.layers import standing
from advisor.changes.persist import Tree, apply_persistent, read_settings
from advisor.changes.persist.boot import Brought, Result
from advisor.changes.session import Session
from advisor.facts.files import Files
from advisor.model.receipt import State


def boot(session: Session, activated: str | None) -> Sequence[Result]:
    """What came of each setting in the file; empty if there is no file.

    Settings that a run of this boot has changed, and that is not in files, are left to it.

    Args:
        session: What changes are made with.
        activated: The one interface that it is about; None for all.

    Raises:
        AdvisorError: The file is not as advisor wrote it.
    """
    with Tree() as tree:
        settings = read_settings(tree)
    if settings is None:
        return ()
    lasting = {each.id for each in session.journal.receipts if each.state is State.PERSISTED}
    layers = standing(session.journal.receipts, session.here)
    held = [address for address, found in layers.items() if found[-1].run not in lasting]
    return apply_persistent(settings, session.live, Files(), activated=activated, held=held)


def failed(results: Sequence[Result]) -> bool:
    """Whether a setting is not as it should be."""
    return any(each.brought is Brought.FAILED for each in results)
