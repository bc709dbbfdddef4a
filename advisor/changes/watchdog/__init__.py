"""The watchdog: takes a run back by itself at a deadline, unless it was confirmed before.

    carrier = arm(state, run, 120.0)        # before the first write
    carrier = rearm(state, run, carrier, 300.0)  # more time
    disarm(state, run, carrier)             # confirmed, or rolled back

It does not depend on the process that armed it, on its session, on the network, or on the
installed package: what it needs is copied into a zip (`bundle`) when it is armed. Two things can
carry it to the deadline: a transient systemd timer (`timer`), or a process of its own (`detached`).
What happens then is in `body`. The carrier's text is kept in the journal (`carrier`).
"""

from advisor.changes.watchdog.arming import alive, arm, disarm, rearm
from advisor.changes.watchdog.carrier import describe, is_carrier, is_costly

__all__ = ["alive", "arm", "describe", "disarm", "is_carrier", "is_costly", "rearm"]
