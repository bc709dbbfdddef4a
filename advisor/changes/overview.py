"""What `advisor status` tells: the run that waits, and settings that somebody else has changed."""

from __future__ import annotations

import time
from contextlib import ExitStack

from advisor.changes import watchdog
from advisor.changes.drift import current_values, drifted
from advisor.changes.journal import Damaged, history
from advisor.changes.origin import this_origin
from advisor.changes.recover import Pending, pending_of
from advisor.changes.state_dir import find_state_dir
from advisor.model.overview import Overview, Waiting
from advisor.model.receipt import Receipt
from advisor.settings.live import Live


def overview() -> Overview:
    """Where the host stands. Takes no lock, and changes nothing.

    Raises:
        AdvisorError: The state directory cannot be read.
    """
    state = find_state_dir()
    if state is None:
        return Overview(None, 0, (), ())
    here = this_origin()
    with ExitStack() as stack:
        stack.enter_context(state)
        live = stack.enter_context(Live())
        runs = list(history(state))[::-1]
        receipts = [each for each in runs if isinstance(each, Receipt)]
        damaged = tuple(each.id for each in runs if isinstance(each, Damaged))
        drift = drifted(receipts, here, current_values(receipts, here, live))
    waiting = None
    for receipt in receipts:
        if receipt.unfinished:
            armed = receipt.armed
            carrier = None if armed is None else armed.watchdog
            pending = pending_of(receipt, here, time.time(), watchdog.alive)
            waiting = Waiting(
                receipt,
                pending.value,
                None if carrier is None else watchdog.describe(carrier),
                pending not in (Pending.WAITS, Pending.ELSEWHERE),
            )
    return Overview(waiting, len(receipts), drift, damaged)
