"""Sysctls that only the host has, not a namespace of its own: set by a plan, and taken back."""

from __future__ import annotations

from tests.vm.machine import Machine
from tests.vm.steps import Checks, Value, apply, read

WANTED: dict[str, tuple[Value, str]] = {
    # What is asked for, and what it then reads as: the kernel rounds sizes of tables.
    "net.core.netdev_max_backlog": (5000, "5000"),
    "net.core.netdev_budget": (600, "600"),
    "net.core.netdev_budget_usecs": (8000, "8000"),
    "net.core.dev_weight": (128, "128"),
    "net.core.rps_sock_flow_entries": (20000, "32768"),
    "net.core.rmem_max": (8388608, "8388608"),
    "net.core.wmem_max": (8388608, "8388608"),
    "net.core.default_qdisc": ("fq", "fq"),
    "net.core.busy_poll": (50, "50"),
    "net.core.flow_limit_table_len": (8192, "8192"),
    "net.core.flow_limit_cpu_bitmap": ("f", "f"),
    "net.ipv4.tcp_mem": ([20000, 30000, 40000], "20000 30000 40000"),
    "net.ipv4.udp_mem": ([20000, 30000, 40000], "20000 30000 40000"),
    "net.ipv4.tcp_max_orphans": (9000, "9000"),
    "net.ipv4.neigh.default.gc_thresh3": (8192, "8192"),
    "net.ipv4.neigh.default.gc_thresh2": (4096, "4096"),
    "net.ipv4.neigh.default.gc_thresh1": (1024, "1024"),
    "net.ipv6.route.max_size": (16384, "16384"),
    "net.netfilter.nf_conntrack_max": (65536, "65536"),
    "net.netfilter.nf_conntrack_buckets": (20000, "20480"),
}


def run(vm: Machine, check: Checks) -> None:
    loaded = vm.run("modprobe nf_conntrack")
    check(loaded.code == 0, "the module nf_conntrack is there", loaded)
    present = [key for key in WANTED if vm.run(f"sysctl -n {key}").code == 0]
    check(len(present) == len(WANTED), "all keys are there", set(WANTED) - set(present))
    before = {key: _read(vm, key) for key in present}
    wanted = {f"sysctl:{key}": WANTED[key][0] for key in present}
    done = apply(vm, wanted, "--runtime-only")
    check(done.code == 0, f"{len(wanted)} sysctls are applied", done)
    for key in present:
        check(_read(vm, key) == WANTED[key][1], f"{key} is {WANTED[key][1]}", _read(vm, key))
    status = vm.run("advisor status")
    check("as 1 run has left it" in status.text, "status finds everything so", status)
    done = vm.run("advisor rollback")
    check(done.code == 0, "rollback returns 0", done)
    after = {key: _read(vm, key) for key in present}
    check.same(
        [f"{key} = {value}" for key, value in before.items()],
        [f"{key} = {value}" for key, value in after.items()],
        "every key reads as before",
    )
    _together(vm, check)


def _together(vm: Machine, check: Checks) -> None:
    """One that the kernel refuses takes back all before it."""
    before = _read(vm, "net.core.netdev_budget")
    wanted = {"sysctl:net.core.netdev_budget": 700, "sysctl:net.core.default_qdisc": "nosuch"}
    done = apply(vm, wanted, "--runtime-only")
    check(done.code == 4, "a qdisc that does not exist: everything is rolled back", done)
    check(_read(vm, "net.core.netdev_budget") == before, "the one before it, too")


def _read(vm: Machine, key: str) -> str:
    return " ".join(read(vm, key).split())
