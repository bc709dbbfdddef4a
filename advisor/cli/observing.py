"""`--observe`: what a change did to the host's counters, measured before and after it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence

from advisor.cli.judge import read_host
from advisor.engine.measure import Subject, Window, measure, subjects
from advisor.engine.outcome import SETTLING_S, compare, overall, verdicts, windows
from advisor.engine.params import resolve, values
from advisor.knowledge.site import load_config, site_dirs
from advisor.model.profile import Profile
from advisor.model.receipt import Effect, Operation, Outcome
from advisor.model.rule import Rule


class Observer:
    """Looks at a host for so long before its settings are changed, and again after it.

    Args:
        seconds: How long, each time.
        profile: The profile that the host is judged by.
        params: Parameters from the command line.
        rules: The rules whose figures may tell.
        rollback_if_worse: Whether what makes things worse is undone.
    """

    def __init__(
        self,
        seconds: float,
        profile: Profile,
        params: dict[str, str],
        rules: Sequence[Rule],
        *,
        rollback_if_worse: bool,
    ) -> None:
        self.seconds = seconds
        self._profile = profile
        self._params = params
        self._rules = rules
        self._rollback_if_worse = rollback_if_worse
        self._about: tuple[Subject, ...] = ()
        self._before: list[Window] = []

    def before(self, operations: Sequence[Operation]) -> None:
        """Looks before anything is changed.

        Raises:
            AdvisorError: The host cannot be read.
        """
        self._about = subjects(((each.address, each.rules) for each in operations), self._rules)
        self._before = self._windows(lambda: None)

    def after(self, go_on: Callable[[], None]) -> tuple[Outcome, str | None]:
        """Looks after it: the figures, and why it has to be undone, None if it has not.

        Args:
            go_on: Is called between two windows, and may raise.
        """
        time.sleep(SETTLING_S)
        outcome = compare(self._before, self._windows(go_on))
        if not self._rollback_if_worse or overall(outcome) is not Effect.WORSE:
            return outcome, None
        worse = [rule for rule, effect in verdicts(outcome).items() if effect is Effect.WORSE]
        return outcome, "it made things worse: " + ", ".join(
            figure.label
            for figure in outcome.figures
            if figure.rule in worse and figure.effect is Effect.WORSE
        )

    def _windows(self, go_on: Callable[[], None]) -> list[Window]:
        count, seconds = windows(self.seconds)
        found = []
        for _ in range(count):
            go_on()
            host = read_host(None, seconds, None)
            site = load_config(site_dirs()).params
            resolved = resolve(self._profile, host, self._params, dict(os.environ), site)
            found.append(measure(host, self._about, values(resolved)))
        return found
