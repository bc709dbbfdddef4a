"""What rollouts did to the hosts, where the lines come from one."""

from __future__ import annotations

from advisor.fleet.store import Store
from advisor.model.fleet import Rollout, RolloutHost

MOST = 500


def rollout(store: Store) -> Rollout:
    """What the newest lines of hosts that can be checked say of it."""
    ((applied, rolled_back, failed, reboot, settings),) = store.ask(
        "SELECT sum(CASE WHEN rollout = 'applied' THEN 1 ELSE 0 END),"
        " sum(CASE WHEN rollout = 'rolled-back' THEN 1 ELSE 0 END),"
        " sum(CASE WHEN rollout = 'failed' THEN 1 ELSE 0 END), sum(reboot),"
        " sum(CASE WHEN rollout = 'applied' THEN changes ELSE 0 END) FROM now"
    )
    rows = store.ask(
        "SELECT host, grp, seen, rollout, changes, problem FROM now"
        " WHERE rollout IN ('rolled-back', 'failed')"
        f" ORDER BY rollout, seen DESC, host LIMIT {MOST}"
    )
    return Rollout(
        int(applied or 0),
        int(rolled_back or 0),
        int(failed or 0),
        int(reboot or 0),
        int(settings or 0),
        tuple(RolloutHost(*row) for row in rows),
    )
