"""Channels, rings, offloads and coalescing of four drivers: set, and everything as before after."""

from __future__ import annotations

import time

from tests.vm.machine import Machine
from tests.vm.steps import Checks, Value, apply, carrier, eventually, like, receipt, state

# Setting → what is asked for, and what ethtool says then.
CHANGES: dict[str, dict[str, tuple[Value, str]]] = {
    "igb": {
        "channels.combined": (2, "ethtool -l: Combined: 2"),
        "ring.rx": (1001, "ethtool -g: RX: 1008"),
        "ring.tx": (333, "ethtool -g: TX: 336"),
        "coalesce.rx-usecs": (50, "ethtool -c: rx-usecs: 50"),
        "feature.rx-gro": (False, "ethtool -k: generic-receive-offload: off"),
        "feature.tx-tcp-segmentation": (False, "ethtool -k: tx-tcp-segmentation: off"),
    },
    "vnet": {
        "channels.combined": (2, "ethtool -l: Combined: 2"),
        "ring.rx": (128, "ethtool -g: RX: 128"),
        "feature.rx-gro": (False, "ethtool -k: generic-receive-offload: off"),
        "mtu": (1400, "vnet/mtu: 1400"),
    },
    "vmx": {
        "ring.rx": (500, "ethtool -g: RX: 512"),
        "feature.rx-gro": (False, "ethtool -k: generic-receive-offload: off"),
    },
    "e1000e": {
        "ring.rx": (512, "ethtool -g: RX: 512"),
        "coalesce.rx-usecs": (50, "ethtool -c: rx-usecs: 50"),
        "feature.tx-tcp-segmentation": (False, "ethtool -k: tx-tcp-segmentation: off"),
    },
}
# Made by hand, so that there is something to be lost.
SETUP = """
cd /sys/class/net/{nic}/queues
for queue in rx-*; do echo 256 > $queue/rps_flow_cnt; echo 5 > $queue/rps_cpus; done
for queue in tx-*; do echo 6 > $queue/xps_cpus; done 2>/dev/null
ethtool -X {nic} weight 1 3 2>/dev/null || ethtool -X {nic} equal 2 2>/dev/null
ethtool -C {nic} rx-usecs 30 2>/dev/null
ethtool -K {nic} rx-checksum off 2>/dev/null || ethtool -K {nic} sg off
ip route add 198.51.{number}.0/24 via 10.9.{number}.77 metric 7
ip route add 203.0.{number}.0/24 dev {nic} table 77
ip -6 address add 2001:db8:{number}::1/64 dev {nic} nodad
ip -6 route add 2001:db8:ff{number}::/48 via 2001:db8:{number}::2 dev {nic}
ip neighbour add 10.9.{number}.77 lladdr 02:00:00:00:00:77 nud permanent dev {nic}
ip neighbour add 2001:db8:{number}::2 lladdr 02:00:00:00:00:78 nud permanent dev {nic}
for irq in $(ls device/msi_irqs ../device/msi_irqs ../device/../msi_irqs 2>/dev/null | sort -nu); do
    [ -e /sys/kernel/irq/$irq/actions ] && echo 2 > /proc/irq/$irq/smp_affinity
done 2>/dev/null
sleep 3
true
"""


def run(vm: Machine, check: Checks) -> None:
    for number, nic in enumerate(("vnet", "igb", "vmx", "e1000e"), start=1):
        print(f"  {nic}", flush=True)
        vm.run(SETUP.format(nic=nic, number=number))
        before = state(vm, nic)
        _by_hand(vm, check, nic, before)
    _by_the_watchdog(vm, check, "igb")
    _each_alone(vm, check, "igb")


def _by_hand(vm: Machine, check: Checks, nic: str, before: list[str]) -> None:
    changes = CHANGES[nic]
    start = time.monotonic()
    done = apply(
        vm,
        {f"nic:{nic}/{name}": value for name, (value, _) in changes.items()},
        "--allow link --confirm-within 300s",
    )
    check(done.code == 0, f"apply returns 0 ({time.monotonic() - start:.0f} s)", done)
    during = state(vm, nic)
    for name, (_, line) in changes.items():
        check(line in during, f"{name}: {line}", like(line, during))
    kept = [line for line in before if _is_kept(line)]
    check.same(
        kept,
        [line for line in during if _is_kept(line)],
        "addresses, routes and neighbours are there while it stands",
    )
    done = vm.run("advisor rollback", 180)
    check(done.code == 0, "rollback returns 0", done)
    _settled(vm, nic, before)
    check.same(before, state(vm, nic), "everything is as before")


def _by_the_watchdog(vm: Machine, check: Checks, nic: str) -> None:
    print(f"  {nic}, by the watchdog", flush=True)
    before = state(vm, nic)
    wanted = {f"nic:{nic}/{name}": value for name, (value, _) in CHANGES[nic].items()}
    done = apply(vm, wanted, "--allow link --confirm-within 2s")
    check(done.code == 0, "apply returns 0", done)
    check(carrier(vm).startswith("systemd:"), "a systemd timer carries the watchdog")
    took = eventually(lambda: receipt(vm)["state"] == "rolled-back", 90)
    check(took is not None, "the watchdog has rolled it back", receipt(vm)["state"])
    _settled(vm, nic, before)
    check.same(before, state(vm, nic), "everything is as before")


def _each_alone(vm: Machine, check: Checks, nic: str) -> None:
    """Fewer channels and more: what one step destroys, the next must not lose."""
    print(f"  {nic}, channels up and down", flush=True)
    before = state(vm, nic)
    for count in (3, 2):
        wanted: dict[str, Value] = {f"nic:{nic}/channels.combined": count}
        done = apply(vm, wanted, "--allow link --confirm-within 300s")
        check(done.code == 0, f"{count} channels", done)
        vm.sh("advisor confirm")
    for _ in range(2):
        done = vm.run("advisor rollback", 180)
        check(done.code == 0, "rollback returns 0", done)
    _settled(vm, nic, before)
    check.same(before, state(vm, nic), "everything is as before")


def _is_kept(line: str) -> bool:
    return line.startswith(("route: ", "neighbour: ")) or " inet" in line


def _settled(vm: Machine, nic: str, before: list[str]) -> None:
    """Addresses of IPv6 take a moment until they are sure to be unique."""
    eventually(lambda: sorted(state(vm, nic)) == sorted(before), 8)
