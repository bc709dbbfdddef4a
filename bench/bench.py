"""Measures advisor's speed and memory; run it with `make bench`.

Whole processes are timed from outside, with the kernel's own accounting of each finished run.
Everything that is compared is measured in the same run, in turn, because machines drift. Nothing
here judges: the figures are for the reader. Needs root for the part with 64 veth pairs, which live
in a network namespace of their own and go away with it.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
ADVISOR = [sys.executable, "-m", "advisor"]


def main() -> None:
    """Run all measurements and print them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", "--runs", type=int, default=15, help="runs of each command")
    parser.add_argument("--inside", type=int, metavar="PAIRS", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.inside is not None:
        inside_namespace(arguments.inside, arguments.runs)
        return
    os.chdir(HERE.parent)
    commands(arguments.runs)
    catalogue(arguments.runs)
    snapshots(arguments.runs)
    many_nics(arguments.runs)


def commands(runs: int) -> None:
    """Whole commands, and `check` against the ordinary tools that read the same facts."""
    check = [*ADVISOR, "check", "-f", "json", "--exit-zero"]
    ordinary = ["sh", str(HERE / "ordinary.sh")]
    timed = alternate(runs, check, ordinary)
    show("advisor check -f json", timed[0])
    show("the ordinary commands", timed[1])
    ratios = [a[0] / b[0] for a, b in zip(*timed, strict=True)]
    print(f"  ratio, run by run: median {statistics.median(ratios):.2f}")
    show("advisor --help", repeat(runs, [*ADVISOR, "--help"]))
    show("advisor explain RCV001", repeat(runs, [*ADVISOR, "explain", "RCV001"]))


# In a process of its own: what has been loaded or evaluated once is faster the second time.
CATALOGUE = """
import json, sys, time
from advisor.cli.judge import choose_profile, judge, shipped_rules
from advisor.facts.collect import collect
host = collect()
times = [time.perf_counter()]
profile = choose_profile("server", host)
rules = shipped_rules(profile)
times.append(time.perf_counter())
for _ in range(12):
    judge(host, profile, rules)
    times.append(time.perf_counter())
steps = [later - earlier for earlier, later in zip(times, times[1:])]
print(json.dumps([len(rules), steps[0], steps[1], sorted(steps[2:])[5]]))
"""


def catalogue(runs: int) -> None:
    """Loading all rules, and evaluating them on this host: the first time, and again."""
    results = []
    for _ in range(runs):
        done = subprocess.run(
            [sys.executable, "-c", CATALOGUE], check=True, capture_output=True, text=True
        )
        results.append(json.loads(done.stdout))
    count = results[0][0]
    loading, first, again = (
        statistics.median(result[step] for result in results) * 1e3 for step in (1, 2, 3)
    )
    print(
        f"{f'the catalogue, {count} rules':<34} loading {loading:.1f} ms, loading and compiling "
        f"with the first evaluation {loading + first:.1f} ms, one host {again:.1f} ms"
    )


def snapshots(runs: int) -> None:
    """Judging snapshots: one in a process, and a thousand in one process."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "host.json"
        subprocess.run([*ADVISOR, "snapshot", "-o", str(path)], check=True)
        size = path.stat().st_size
        run = [*ADVISOR, "check", "-f", "json", "--exit-zero", "--from", str(path)]
        show(f"advisor check --from ({size / 1024:.0f} KiB)", repeat(runs, run))
        for most in (40, None):
            count, rate = thousand(path, most)
            print(f"{f'1,000 snapshots, {count} rules':<34} {rate:.0f} per second, one process")


def thousand(path: Path, most: int | None) -> tuple[int, float]:
    """Rules and snapshots per second: read, decode, judge, report as data."""
    from advisor.cli.judge import choose_profile, judge, shipped_rules
    from advisor.facts.snapshot import load
    from advisor.report.json_report import to_data

    host = load(str(path))
    profile = choose_profile("edge-proxy", host)
    rules = shipped_rules(profile)
    # Spread over all areas, not the first ones of the alphabet.
    rules = rules if most is None else rules[:: max(1, len(rules) // most)][:most]
    count = 1000
    start = time.perf_counter()
    for _ in range(count):
        to_data(judge(load(str(path)), profile, rules))
    return len(rules), count / (time.perf_counter() - start)


def many_nics(runs: int) -> None:
    """What an additional NIC costs: a namespace with 4 and with 64 veth pairs."""
    if os.geteuid() != 0:
        print("64 veth pairs: skipped, needs root")
        return
    medians = {}
    for pairs in (4, 64):
        script = (
            "mount --make-rprivate / && umount -l /sys && mount -t sysfs none /sys && "
            f"exec {sys.executable} {HERE / 'bench.py'} -n {runs} --inside {pairs}"
        )
        done = subprocess.run(
            ["unshare", "-nm", "sh", "-c", script], check=True, capture_output=True, text=True
        )
        medians[pairs] = json.loads(done.stdout)
    for pairs, figures in medians.items():
        print(
            f"{f'{pairs} veth pairs ({2 * pairs} NICs)':<34} wall {figures['wall']:.3f} s   "
            f"peak {figures['peak']:.0f} MiB   reading alone {figures['collect'] * 1e3:.0f} ms"
        )
    extra = 2 * (64 - 4)
    whole = (medians[64]["wall"] - medians[4]["wall"]) / extra * 1e3
    reading = (medians[64]["collect"] - medians[4]["collect"]) / extra * 1e3
    print(f"  each additional NIC: {whole:.2f} ms in all, {reading:.2f} ms of it reading")


def inside_namespace(pairs: int, runs: int) -> None:
    """In a namespace: make the pairs, measure, print the medians as JSON."""
    for pair in range(pairs):
        names = (f"a{pair}", f"b{pair}")
        subprocess.run(
            ["ip", "link", "add", names[0], "type", "veth", "peer", "name", names[1]], check=True
        )
        for name in names:
            subprocess.run(["ip", "link", "set", name, "up"], check=True)
    os.chdir(HERE.parent)
    measured = repeat(runs, [*ADVISOR, "check", "-f", "json", "--exit-zero"])
    from advisor.facts.collect import collect

    def read() -> None:
        collect(sample_seconds=None, netns=None)

    print(
        json.dumps(
            {
                "wall": statistics.median(run[0] for run in measured),
                "peak": statistics.median(run[1] for run in measured),
                "collect": statistics.median(timed(read) for _ in range(runs)),
            }
        )
    )


def timed(function: Callable[[], None]) -> float:
    """Seconds that a call takes."""
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def alternate(runs: int, *each: Sequence[str]) -> list[list[tuple[float, float]]]:
    """Run commands in turn, after a warm-up of each; (seconds, peak MiB) of every run."""
    results: list[list[tuple[float, float]]] = [[] for _ in each]
    for number in range(runs + 1):
        for index, command in enumerate(each):
            result = once(command)
            if number:
                results[index].append(result)
    return results


def repeat(runs: int, command: Sequence[str]) -> list[tuple[float, float]]:
    """Run one command several times after a warm-up."""
    return alternate(runs, command)[0]


def once(command: Sequence[str]) -> tuple[float, float]:
    """Wall seconds and peak resident MiB of one run; stops if the command fails."""
    with Path(os.devnull).open("wb") as null:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=null, stderr=null, stdin=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return wall, usage.ru_maxrss / 1024


def show(name: str, measured: list[tuple[float, float]]) -> None:
    """Print minimum, median and maximum, and the peak of memory."""
    walls = sorted(wall for wall, _ in measured)
    peak = max(peak for _, peak in measured)
    print(
        f"{name:<34} wall {walls[0]:.3f} / {statistics.median(walls):.3f} / {walls[-1]:.3f} s   "
        f"peak {peak:.0f} MiB"
    )


if __name__ == "__main__":
    main()
