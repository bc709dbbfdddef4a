"""Measures what reading network interfaces costs; `make bench` runs it after bench.py.

Every case lives in a network namespace of its own, which goes away with it. Nothing here judges:
the figures are for the reader. Needs root.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from bench import ADVISOR, HERE, alternate, timed


def main() -> None:
    """Run all measurements and print them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", "--runs", type=int, default=9, help="runs of each command")
    parser.add_argument("--inside", nargs=2, type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.inside is not None:
        inside_namespace(*arguments.inside, runs=arguments.runs)
        return
    if os.geteuid() != 0:
        print("interfaces: skipped, needs root")
        return
    cases = {
        (pairs, queues): in_namespace(pairs, queues, arguments.runs)
        for pairs, queues in ((1, 1), (1, 64), (2, 1), (128, 1))
    }
    for (pairs, queues), figures in cases.items():
        show(f"{2 * pairs} veth interfaces, {queues} + {queues} queues", figures)
    seconds = {case: figures["nics"] for case, figures in cases.items()}
    each = (seconds[128, 1] - seconds[1, 1]) / (2 * 127)
    per_queue = (seconds[1, 64] - seconds[1, 1]) / (2 * 2 * 63)
    print(
        f"  reading: {each * 1e3:.2f} ms for each additional interface, "
        f"{per_queue * 1e3:.4f} ms for each additional queue"
    )


def show(name: str, figures: dict[str, float]) -> None:
    """Print one comparison with the ordinary tools."""
    print(
        f"{name:<38} reading {figures['nics'] * 1e3:.1f} ms   advisor snapshot "
        f"{figures['advisor'] * 1e3:.0f} ms   ethtool for each item {figures['each'] * 1e3:.0f} ms"
        f"   ratio {figures['ratio']:.2f}"
    )


def in_namespace(pairs: int, queues: int, runs: int) -> dict[str, float]:
    """The medians, in seconds, of a namespace with so many veth pairs of so many queues."""
    script = (
        "mount --make-rprivate / && umount -l /sys && mount -t sysfs none /sys && "
        f"exec {sys.executable} {HERE / 'nics.py'} -n {runs} --inside {pairs} {queues}"
    )
    done = subprocess.run(
        ["unshare", "-nm", "sh", "-c", script], check=True, capture_output=True, text=True
    )
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def inside_namespace(pairs: int, queues: int, *, runs: int) -> None:
    """In a namespace: make the pairs, measure, print the medians as JSON."""
    many = ["numrxqueues", str(queues), "numtxqueues", str(queues)]
    for pair in range(pairs):
        names = (f"a{pair}", f"b{pair}")
        subprocess.run(
            ["ip", "link", "add", names[0], *many, "type", "veth", "peer", "name", names[1], *many],
            check=True,
        )
        for name in names:
            subprocess.run(["ip", "link", "set", name, "up"], check=True)
    os.chdir(HERE.parent)
    commands = alternate(
        max(3, runs // 3), [*ADVISOR, "snapshot"], ["sh", str(HERE / "ethtool_each.sh")]
    )
    ratios = [ours[0] / theirs[0] for ours, theirs in zip(*commands, strict=True)]
    print(
        json.dumps(
            {
                "nics": statistics.median(timed(reader()) for _ in range(runs)),
                "advisor": statistics.median(run[0] for run in commands[0]),
                "each": statistics.median(run[0] for run in commands[1]),
                "ratio": statistics.median(ratios),
            }
        )
    )


def reader() -> Callable[[], None]:
    """A function that reads every interface of the namespace."""
    from advisor.facts.files import Files
    from advisor.facts.irqs import read_irqs
    from advisor.facts.nics.interfaces import read_nics

    def read() -> None:
        files = Files(Path("/"))
        read_nics(files, read_irqs(files), own_sysfs=True)

    return read


if __name__ == "__main__":
    main()
