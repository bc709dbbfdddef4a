"""Decides what may be changed without a person, and when. Everything here is pure."""

from advisor.changes.remediation.decide import decide
from advisor.changes.remediation.situation import Situation
from advisor.changes.remediation.unattended import unseen_failures

__all__ = ["Situation", "decide", "unseen_failures"]
