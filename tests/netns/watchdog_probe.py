"""Begins a run, arms its watchdog, and prints as JSON what carries it.

Arguments: the folder of the state directory; seconds; what to do then: `exit`, `hold` the lock for
a minute, or `insist`: hold it also when asked to end. Further ones: folders of tools in place of
systemd's.
"""

from __future__ import annotations

import json
import signal
import sys
import time
from pathlib import Path

from advisor.changes import watchdog
from advisor.changes.journal import Journal
from advisor.changes.lock import acquire
from advisor.changes.watchdog.arming import arm
from advisor.changes.watchdog.deadline import boottime
from advisor.changes.watchdog.timer import SYSTEMD, Systemd
from advisor.errors import AdvisorError
from advisor.model.receipt import State
from tests.unit.changes.runs import begin, carry_out, opened


def main(folder: Path, seconds: float, then: str, *tools: str) -> None:
    systemd = Systemd(str(folder), "/proc/self/ns", tools) if tools else SYSTEMD
    with opened(folder) as state, acquire(state, "apply plan.json") as lock:
        with begin(Journal(lock)) as entry:
            start = boottime()
            try:
                carrier = arm(state, entry.receipt.id, seconds, systemd=systemd)
            except AdvisorError as error:
                print(json.dumps({"problem": error.message}), flush=True)
                return
            took = boottime() - start
            entry.enter(State.ARMED, until=time.time() + seconds, watchdog=carrier)
            carry_out(entry)
        said = {
            "run": entry.receipt.id,
            "carrier": carrier,
            "deadline": start + seconds,
            "took": took,
            "from": watchdog.__file__,
        }
        if then == "insist":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        print(json.dumps(said), flush=True)
        if then != "exit":
            time.sleep(60)


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]), *sys.argv[3:])
