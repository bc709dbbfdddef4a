"""Makes a synthetic fleet, and measures what reporting about it costs.

    bench/fleet.py make DIR --hosts 12 --findings 6 --checks 2
    bench/fleet.py measure --hosts 100000 --findings 40

No host of it exists: names and labels say "synthetic". Rules are the shipped ones, so that pages
read as those of a real fleet; which hosts fail them, and with which values, is made up by a random
number generator that always starts alike. Hosts of a group mostly fail the same rules, as hosts of
one image do.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from advisor.fleet.line import SCHEMA
from advisor.knowledge.catalogue import all_rules
from advisor.model.rule import Rule

SITES = ("fra", "ams", "waw", "iad", "sin")
GROUPS = ("edge", "cache", "db", "kafka", "k8s-node", "dns", "batch", "mail", "lb", "storage")
PROFILES = ("edge-proxy", "server", "database", "kubernetes-node", "router")
KERNELS = ("6.1.0-37-amd64", "6.12.48-amd64", "5.14.0-570.el9", "6.8.0-85-generic", "5.10.0-35")
DRIVERS = ("mlx5_core", "ice", "ixgbe", "ena", "virtio_net", "bnxt_en")
SETTINGS = ("sysctl:net.core.somaxconn", "sysctl:net.ipv4.tcp_rmem[2]", "nic:eth0/ring.rx",
            "nic:eth0/coalesce.rx-usecs", "sysctl:net.core.rmem_max", "")  # fmt: skip
PER_FILE = 5000
"""Hosts in a file: what a shipper writes in one go."""


@dataclass(frozen=True)
class Group:
    """What the hosts of a group have in common."""

    name: str
    profile: str
    kernel: str
    driver: str
    usual: tuple[tuple[Rule, tuple[str, ...], float], ...]


def main() -> None:
    """Make a fleet, or measure one."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("action", choices=("make", "measure", "inside"))
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--hosts", type=int, default=100_000)
    parser.add_argument("--findings", type=int, default=40, help="for each host, on average")
    parser.add_argument("--checks", type=int, default=1, help="of each host, a day apart")
    parser.add_argument("--gzip", action="store_true")
    parser.add_argument("--bad", action="store_true", help="with lines as they should not be")
    wanted = parser.parse_args()
    if wanted.action == "inside":
        inside(wanted.folder)
    elif wanted.action == "make":
        wanted.folder.mkdir(parents=True, exist_ok=True)
        make(wanted.folder, wanted)
    else:
        with tempfile.TemporaryDirectory(dir=wanted.folder) as folder:
            measure(Path(folder), wanted)


def make(folder: Path, wanted: argparse.Namespace) -> int:
    """Write the files of a fleet; how many bytes of lines there are."""
    print(f"synthetic: {wanted.hosts:,} hosts, none of which exists", file=sys.stderr)
    size = 0
    for check in range(wanted.checks):
        made = lines(wanted.hosts, wanted.findings, check, bad=wanted.bad)
        for number in range((wanted.hosts + PER_FILE - 1) // PER_FILE):
            text = "".join(islice(made, PER_FILE)).encode()
            size += len(text)
            path = folder / f"check-{check + 1}-{number + 1:04}.ndjson"
            if wanted.gzip:
                path.with_suffix(".ndjson.gz").write_bytes(gzip.compress(text, 6))
            else:
                path.write_bytes(text)
    return size


def lines(hosts: int, findings: int, check: int, *, bad: bool = False) -> Iterator[str]:
    """The lines of one check of all hosts."""
    rules = list(all_rules())
    groups = [group(name, findings, rules) for name in GROUPS]
    rarely = {rule.id: _fragments(rule, random.Random(rule.id)) for rule in rules}
    for number in range(hosts):
        chance = random.Random(number * 7919 + check)
        yield line(number, groups[number % len(groups)], rarely, check, chance)
        if bad and number % 7 == 6:
            yield from islice(BAD, number % len(BAD), number % len(BAD) + 1)


def group(name: str, findings: int, rules: list[Rule]) -> Group:
    """A group whose hosts fail about so many rules."""
    chance = random.Random(name)
    errors = [rule for rule in rules if rule.severity.value == "error"]
    others = [rule for rule in rules if rule.severity.value != "error"]
    usual = [*chance.sample(errors, 2), *chance.sample(others, min(findings, len(others)))]
    return Group(
        name,
        chance.choice(PROFILES),
        chance.choice(KERNELS),
        chance.choice(DRIVERS),
        tuple((rule, _fragments(rule, chance), _likely(rule, chance)) for rule in usual),
    )


def line(
    number: int, of: Group, rarely: dict[str, tuple[str, ...]], check: int, chance: random.Random
) -> str:
    """One host's line."""
    host = f"synthetic-{of.name}-{number:06}"
    site = SITES[number // 10 % len(SITES)]
    at = (
        f"2026-11-{20 + check:02}T{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}Z"
    )
    about: dict[str, Any] = {"schema": SCHEMA, "host": host, "at": at}
    about["labels"] = {"group": of.name, "site": site, "synthetic": "yes"}
    if chance.random() < 0.005:
        away = chance.random() < 0.6
        error = "ssh: connect to host port 22: No route to host" if away else "no Python 3.10"
        return json.dumps({**about, "error": error, "unreachable": away}) + "\n"
    found = [
        (rule.severity.rank, chance.choice(texts))
        for rule, texts, likely in of.usual
        if chance.random() < likely
    ]
    while chance.random() < 0.1:
        found.append((1, chance.choice(rarely[chance.choice(list(rarely))])))
    found.sort(key=lambda each: -each[0])
    ranks = [rank for rank, _ in found]
    kernel = of.kernel if chance.random() < 0.98 else chance.choice(KERNELS)
    about |= {
        "run": f"{chance.getrandbits(64):016x}",
        "advisor": "0.1.0",
        "kernel": kernel,
        "profile": of.profile,
        "platform": "metal",
        "drivers": [of.driver],
        "rules": 276,
        "summary": {
            "pass": 130, "fail": len(found), "not_applicable": 110, "unknown": 2, "waived": 0,
            "error": ranks.count(2), "warning": ranks.count(1), "info": ranks.count(0),
            "active": sum('"active":true' in text for _, text in found),
        },
    }  # fmt: skip
    head = json.dumps(about, separators=(",", ":"))[:-1]
    tail = '"more":0,"runs":{"count":1,"waiting":null,"drifted":0,"damaged":0}}\n'
    return f'{head},"findings":[{",".join(text for _, text in found)}],{tail}'


def _likely(rule: Rule, chance: random.Random) -> float:
    """On which share of a group's hosts a rule of the group fails."""
    return 0.02 if rule.severity.value == "error" else chance.choice((0.2, 0.6, *[0.998] * 8))


def _fragments(rule: Rule, chance: random.Random) -> tuple[str, ...]:
    """A rule's finding in some variants."""
    setting = chance.choice(SETTINGS)
    wanted = 1 << chance.randrange(10, 24)
    variants = []
    for _ in range(4):
        finding: dict[str, Any] = {
            "rule": rule.id,
            "target": "eth0" if rule.scope.value == "nic" else "host",
            "severity": rule.severity.value,
            "status": "fail",
            "active": chance.random() < 0.01,
        }
        if setting:
            finding |= {"setting": setting, "actual": wanted // 8 + chance.randrange(64)}
            finding["wanted"] = wanted
        variants.append(json.dumps(finding, separators=(",", ":")))
    return tuple(variants)


BAD = (
    '{"schema":"advisor.line/v1","host":"synthetic-half","at":"2026-11-20T00:00:0\n',
    "\n",
    '{"schema":"advisor.line/v9","host":"synthetic-newer"}\n',
    "[1, 2]\n",
    '{"schema":"advisor.line/v1","host":"<script>alert(1)</script>\\u202e\\u001b[31m\\n",'
    '"at":"2026-11-20T00:00:00Z","summary":{},"findings":[],"labels":{"group":"</script>"}}\n',
)


def measure(folder: Path, wanted: argparse.Namespace) -> None:
    """Print time and memory of taking a fleet in, of the questions, and of every format."""
    began = time.monotonic()
    size = make(folder, wanted)
    made = time.monotonic() - began
    disk = sum(path.stat().st_size for path in folder.iterdir())
    checks = wanted.hosts * wanted.checks
    print(
        f"synthetic fleet: {wanted.hosts:,} hosts, {wanted.checks} checks, {size / 1e6:,.0f} MB of"
        f" lines ({size / checks:,.0f} bytes each), {disk / 1e6:,.0f} MB on disk, made in"
        f" {made:.0f} s; {os.cpu_count()} CPUs"
    )
    done = subprocess.run(
        [sys.executable, __file__, "inside", folder], check=True, capture_output=True, text=True
    )
    print(done.stdout, end="")


def inside(folder: Path) -> None:
    """Take a fleet in, in a process of its own."""
    from advisor.fleet.files import sources
    from advisor.fleet.picture import picture
    from advisor.fleet.store import open_store
    from advisor.fleet.take_in import take_in
    from advisor.report.fleet import writer

    with open_store() as store:
        began = time.monotonic()
        intake = take_in(sources([folder]), store, "group")
        print(
            f"  taken in: {intake.used:,} lines in {time.monotonic() - began:.1f} s"
            f" ({time.process_time():.1f} s of CPU, load {os.getloadavg()[0]:.1f})"
        )
        slowest = ("", 0.0)
        ask = store.ask
        count = 0

        def timed(query: str, values: Any = ()) -> list[tuple[Any, ...]]:
            nonlocal slowest, count
            start = time.monotonic()
            rows = ask(query, values)
            count += 1
            slowest = max(slowest, (query[:90], time.monotonic() - start), key=lambda each: each[1])
            if os.environ.get("VERBOSE"):
                print(f"    {time.monotonic() - start:.2f} s  {query[:150]}")
            return rows

        store.ask = timed  # type: ignore[method-assign]
        began = time.monotonic()
        fleet = picture(store, intake, "group", {})
        print(
            f"  {count} questions in {time.monotonic() - began:.2f} s, the slowest"
            f" {slowest[1]:.2f} s: {slowest[0]}…"
        )
    for name in ("text", "markdown", "json", "html"):
        began = time.monotonic()
        text = writer(name, width=100, colour=False)(fleet)
        print(f"  {name}: {len(text) / 1024:,.0f} KiB in {time.monotonic() - began:.2f} s")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    spent = resource.getrusage(resource.RUSAGE_SELF)
    cpu = spent.ru_utime + spent.ru_stime
    print(f"  peak memory {peak:,.0f} MiB, CPU {cpu:.0f} s")


if __name__ == "__main__":
    main()
