"""Measures check and apply on a fleet: the role, run by ansible-playbook over SSH.

Run it with `make bench` or `.venv/bin/python bench/fleet_ssh.py [-n HOSTS]`, as root. The hosts are
namespaces on this machine (see tests/fleet/bed.py), so that controller and hosts share its
processors: the figures are an upper bound of what one controller needs.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.fleet.bed import Fleet, fleet
from tests.fleet.image import INSTALLED, build_wheelhouse, install
from tests.fleet.play import ROLE, start, write_inventory

SIZES = (3, 12, 50)
WRONG = ("net.ipv4.tcp_sack=0", "net.ipv4.tcp_syncookies=0", "net.ipv4.tcp_window_scaling=0")
PING = """\
- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.ping:
"""


def main() -> None:
    """Measure fleets of 3, 12 and 50 hosts, or of those that are not larger than asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", "--hosts", type=int, default=50, help="the largest fleet")
    parser.add_argument("--forks", type=int, default=10, help="hosts that ansible works on at once")
    arguments = parser.parse_args()
    if os.geteuid() != 0:
        print("fleet: skipped, needs root")
        return
    with tempfile.TemporaryDirectory() as folder:
        wheelhouse, layer = Path(folder, "wheelhouse"), Path(folder, "layer")
        took = timed(lambda: build_wheelhouse(wheelhouse))
        took_install = timed(lambda: install(wheelhouse, layer))
        print(
            f"wheelhouse built in {took[0]:.1f} s, the role installed it in {took_install[0]:.1f} s"
        )
        ping = Path(folder, "ping.yml")
        ping.write_text(PING)
        sizes = sorted({*(size for size in SIZES if size < arguments.hosts), arguments.hosts})
        for size in sizes:
            measure(size, layer, ping, f"--forks={arguments.forks}")


def measure(size: int, layer: Path, ping: Path, forks: str) -> None:
    """One fleet: nothing but a connection, a check, changes, and no changes any more."""
    started = time.perf_counter()
    with fleet(size, [layer]) as made:
        print(f"{size} hosts, up in {time.perf_counter() - started:.1f} s")
        write_inventory(made, {"all": {**INSTALLED, "advisor_runtime_only": True}})
        for host in made.hosts:
            host.run("sysctl", "-q", "-w", *WRONG)
        show(size, "ping", made, ping, forks)
        show(size, "check", made, "check.yml", forks)
        show(size, "apply", made, ROLE, forks, advisor_apply=True)
        show(size, "apply again", made, ROLE, forks, advisor_apply=True)


def show(
    size: int, name: str, made: Fleet, playbook: str | Path, forks: str, **variables: object
) -> None:
    """Run one playbook, and print what it took."""
    seconds, cpu, played = timed(lambda: start(made, playbook, forks, **variables).wait(3600))
    assert played.code == 0, played.output
    changed = {each.host for each in played.events if each.result.get("txn_id")}
    print(
        f"  {name:<12} {seconds:6.1f} s   {seconds / size:5.2f} s each   "
        f"{cpu / size:5.2f} s of the controller's CPU each   {len(changed)} changed"
    )


def timed(action):
    """Seconds, CPU seconds of ended children, and what came of it."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    result = action()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - start, cpu, result


if __name__ == "__main__":
    main()
