"""Measures `advisor apply` and `rollback`: whole processes, journal, watchdog and verification too.

Run it with `make bench` or `.venv/bin/python bench/apply.py [-n RUNS]`, as root. Everything happens
in a network namespace that goes away with it: 20 sysctls and 4 settings of a veth with 4 queues.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from advisor.model.address import NicAddress, SysctlAddress
from advisor.model.plan import Change, Plan
from advisor.report.plan import to_json
from advisor.settings.live import Live
from bench import ADVISOR, once, show

SYSCTLS = {
    "net.core.somaxconn": 8192,
    "net.ipv4.ip_local_port_range": (20000, 64000),
    "net.ipv4.tcp_autocorking": 0,
    "net.ipv4.tcp_ecn": 1,
    "net.ipv4.tcp_fin_timeout": 30,
    "net.ipv4.tcp_keepalive_intvl": 30,
    "net.ipv4.tcp_keepalive_probes": 5,
    "net.ipv4.tcp_keepalive_time": 600,
    "net.ipv4.tcp_max_syn_backlog": 4096,
    "net.ipv4.tcp_mtu_probing": 1,
    "net.ipv4.tcp_no_metrics_save": 1,
    "net.ipv4.tcp_notsent_lowat": 131072,
    "net.ipv4.tcp_orphan_retries": 3,
    "net.ipv4.tcp_retries2": 10,
    "net.ipv4.tcp_rmem": (4096, 131072, 16777216),
    "net.ipv4.tcp_slow_start_after_idle": 0,
    "net.ipv4.tcp_syn_retries": 5,
    "net.ipv4.tcp_synack_retries": 4,
    "net.ipv4.tcp_tw_reuse": 1,
    "net.ipv4.tcp_wmem": (4096, 16384, 8388608),
}
NIC = {
    ("channels", "rx"): 2,
    ("feature", "tx-tcp-segmentation"): False,
    ("mtu",): 1400,
    ("queue", "rx-1", "rps_cpus"): (0,),
}


def main() -> None:
    """Enter a namespace, and measure there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", "--runs", type=int, default=15, help="runs of each command")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.inside:
        measure(arguments.runs)
    elif os.geteuid() != 0:
        print("advisor apply: skipped, needs root")
    else:
        script = (
            "mount --make-rprivate / && umount -l /sys && mount -t sysfs none /sys && "
            f"exec {sys.executable} {__file__} -n {arguments.runs} --inside"
        )
        subprocess.run(["unshare", "-nm", "sh", "-c", script], check=True)


def measure(runs: int) -> None:
    """In the namespace: apply and roll back in turn."""
    queues = ["numrxqueues", "4", "numtxqueues", "4"]
    link = ["ip", "link", "add", "w0", *queues, "type", "veth", "peer", "name", "w1", *queues]
    subprocess.run(link, check=True)
    for name in ("w0", "w1"):
        subprocess.run(["ip", "link", "set", name, "up"], check=True)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["ADVISOR_STATE_DIR"] = f"{folder}/state"
        path = Path(folder) / "plan.json"
        path.write_text(to_json(plan()))
        apply = [*ADVISOR, "apply", str(path), "--yes", "--runtime-only", "--allow", "link"]
        applied, undone = [], []
        for number in range(runs + 1):
            times = once(apply), once([*ADVISOR, "rollback"])
            if number:
                applied.append(times[0])
                undone.append(times[1])
        count = f"{len(SYSCTLS)} sysctls, {len(NIC)} of a NIC"
        show(f"advisor apply, {count}", applied)
        show("advisor rollback of them", undone)


def plan() -> Plan:
    """The plan, from the values that the namespace has now."""
    wanted = {SysctlAddress(tuple(key.split("."))): value for key, value in SYSCTLS.items()}
    wanted |= {NicAddress("w0", attribute): value for attribute, value in NIC.items()}
    with Live() as live:
        changes = tuple(
            Change(address, live.read(address), value, ("RCV001",), "low", "none", (), ())
            for address, value in wanted.items()
        )
    return Plan(os.uname().nodename, "2025-11-21T10:45:00Z", "server", changes, (), ())


if __name__ == "__main__":
    main()
