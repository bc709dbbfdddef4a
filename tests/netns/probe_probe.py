"""Asks a probe in the namespace it runs in: PROBE SECONDS [nobody]. Prints what failed."""

from __future__ import annotations

import sys

from advisor.changes.probe import parse_probe, run_probe
from tests.netns.nic_probe import become_nobody

if __name__ == "__main__":
    if "nobody" in sys.argv[3:]:
        become_nobody()
    print(run_probe(parse_probe(sys.argv[1]), float(sys.argv[2])))
