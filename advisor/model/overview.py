"""Where a host stands with the runs that changed it."""

from __future__ import annotations

from dataclasses import dataclass

from advisor.model.receipt import Receipt
from advisor.model.remediation import Drift


@dataclass(frozen=True, slots=True)
class Waiting:
    """A run that is not finished.

    Attributes:
        receipt: The run.
        needs: What it needs, as the end of a sentence. A run that is being carried out at this
            moment looks as if it had ended midway.
        watchdog: What carries its watchdog, for people; None if there is none.
        ended: Whether nobody will finish it but `advisor recover`.
    """

    receipt: Receipt
    needs: str
    watchdog: str | None
    ended: bool


@dataclass(frozen=True, slots=True)
class Overview:
    """Where a host stands.

    Attributes:
        waiting: The run that is not finished, None if there is none.
        runs: How many runs there are.
        drift: Settings that are not as the last run has left them.
        damaged: Ids of runs whose journals cannot be trusted.
    """

    waiting: Waiting | None
    runs: int
    drift: tuple[Drift, ...]
    damaged: tuple[str, ...]
