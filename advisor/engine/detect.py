"""Ranks profiles by how many of their signs a host shows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from advisor.engine.frames import View
from advisor.engine.params import resolve, values
from advisor.expression import Unknown, parse
from advisor.expression.template import parse_template
from advisor.model.host import Host
from advisor.model.profile import Profile

BASE = "server"


@dataclass(frozen=True, slots=True)
class Match:
    """How well a profile fits.

    Attributes:
        profile: The profile.
        share: Part of its signs that the host shows, 0 to 1; what is unknown counts as absent.
        because: The signs that it shows.
        missing: The signs that it does not show.
        unknown: The signs that could not be looked for, with the reason.
    """

    profile: str
    share: float
    because: tuple[str, ...]
    missing: tuple[str, ...]
    unknown: tuple[str, ...]

    @property
    def suggested(self) -> bool:
        """Whether the host shows every sign."""
        return self.share == 1.0


def rank(host: Host, profiles: Iterable[Profile]) -> list[Match]:
    """The profiles that have signs, best match first; more signs win a tie."""
    matches = [_match(host, profile) for profile in profiles if profile.detect]
    return sorted(matches, key=lambda m: (-m.share, -len(m.because), m.profile))


def sure(matches: list[Match]) -> str | None:
    """The profile to use without asking: the only one that shows every sign, None when unsure."""
    suggested = [match.profile for match in matches if match.suggested]
    return suggested[0] if len(suggested) == 1 else None


def _match(host: Host, profile: Profile) -> Match:
    view = View(host, values(resolve(profile, host)))
    because, missing, unknown = [], [], []
    for sign in profile.detect:
        frame = view.frame()
        verdict = parse(sign.when).evaluate(frame)
        if type(verdict) is not bool:
            reason = verdict.reason if isinstance(verdict, Unknown) else "neither true nor false"
            unknown.append(f"{sign.when}: {reason}")
        elif verdict:
            because.append(parse_template(sign.because).render(frame))
        else:
            missing.append(sign.when)
    share = len(because) / len(profile.detect)
    return Match(profile.name, share, tuple(because), tuple(missing), tuple(unknown))
