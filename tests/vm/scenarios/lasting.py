"""Settings that outlive a boot: files, udev's drop-ins and the unit; and taken back again."""

from __future__ import annotations

from tests.vm.machine import Broken, Machine
from tests.vm.steps import Checks, Value, apply, like, receipt, state

NICS = ("vnet", "igb", "vmx", "e1000e")
KEYS: dict[str, tuple[Value, str]] = {
    "net.core.netdev_max_backlog": (4321, "4321"),
    "net.core.rmem_max": (8388608, "8388608"),
    "net.ipv4.tcp_rmem": ([8192, 131072, 8388608], "8192 131072 8388608"),
    "net.ipv4.conf.igb.rp_filter": (2, "2"),
    "net.netfilter.nf_conntrack_max": (65536, "65536"),
}
# Setting → value, and the line that says so.
OF_NICS: dict[str, tuple[Value, str]] = {
    "igb/channels.combined": (2, "ethtool -l: Combined: 2"),
    "igb/ring.rx": (1024, "ethtool -g: RX: 1024"),
    "igb/feature.tx-tcp-segmentation": (False, "ethtool -k: tx-tcp-segmentation: off"),
    "igb/coalesce.rx-usecs": (50, "ethtool -c: rx-usecs: 50"),
    "igb/queue.rx-0.rps_cpus": ([0, 1], "igb/queues/rx-0/rps_cpus: 3"),
    "vnet/mtu": (1400, "vnet/mtu: 1400"),
    "vnet/ring.rx": (128, "ethtool -g: RX: 128"),
    "vmx/ring.rx": (512, "ethtool -g: RX: 512"),
    "e1000e/ring.rx": (128, "ethtool -g: RX: 128"),
    "e1000e/txqueuelen": (2000, "e1000e/tx_queue_len: 2000"),
}


def run(vm: Machine, check: Checks) -> None:
    vm.sh("modprobe nf_conntrack")
    keys, nics, files = _keys(vm), _nics(vm), _files(vm)
    wanted: dict[str, Value] = {f"sysctl:{key}": value for key, (value, _) in KEYS.items()}
    wanted |= {f"nic:{name}": value for name, (value, _) in OF_NICS.items()}
    irq = vm.sh("grep -l vmx-rxtx-1 /sys/kernel/irq/*/actions | cut -d/ -f5")
    wanted[f"irq:{irq}/affinity"] = [3]
    done = apply(vm, wanted, "--allow link")
    if done.code != 0:
        raise Broken(f"apply: {done.code}\n{done.text}")
    check("until the next boot" not in done.text, "all of it is to last", done.text)
    check(receipt(vm)["state"] == "persisted", "the run is persisted", receipt(vm)["state"])
    for path in ("sysctl.d/*advisor*", "modules-load.d/*advisor*", "systemd/network/*.d/*"):
        check(vm.run(f"ls /etc/{path}").code == 0, f"there is /etc/{path}")

    vm.reboot("systemctl reboot")
    unit = vm.sh("systemctl show -P Result,ExecMainStatus advisor-settings.service")
    log = vm.sh("journalctl --no-pager -b -o cat -u advisor-settings.service")
    check("success" in unit, "advisor-settings.service has run", f"{unit}\n{log}")
    link = vm.sh("cat /run/udev/data/n$(cat /sys/class/net/igb/ifindex)")
    check("50-advisor.conf" in link or "10-igb.link" in link, "udev has matched igb", link)
    for key, (_, text) in KEYS.items():
        check(_keys(vm).get(key) == text, f"{key} is {text}", _keys(vm).get(key))
    for setting, (_, line) in OF_NICS.items():
        nic = setting.partition("/")[0]
        seen = state(vm, nic)
        check(line in seen, f"{setting}: {line}", f"{like(line, seen)}\n{log}")
    wanted_line = "interrupt vmx-rxtx-1: 3"
    check(wanted_line in state(vm, "vmx"), wanted_line, like(wanted_line, state(vm, "vmx")))
    status = vm.run("advisor status")
    check(status.code == 0, "status", status)

    done = vm.run("advisor rollback", 120)
    check(done.code == 0, "rollback returns 0", done)
    check.same(files, _files(vm), "the files below /etc are the former ones")
    vm.reboot("systemctl reboot")
    check(_keys(vm).get("net.core.rmem_max") == keys["net.core.rmem_max"], "rmem_max is as before")
    vm.run("modprobe nf_conntrack")
    check.same(_lines(keys), _lines(_keys(vm)), "sysctls are as before any of it")
    for nic in NICS:
        check.same(nics[nic], state(vm, nic), f"{nic} is as before any of it")


def _keys(vm: Machine) -> dict[str, str]:
    found = vm.run("sysctl " + " ".join(KEYS)).text.splitlines()
    pairs = (line.partition(" = ") for line in found if " = " in line)
    return {key: " ".join(value.split()) for key, _, value in pairs}


def _nics(vm: Machine) -> dict[str, list[str]]:
    return {nic: state(vm, nic) for nic in NICS}


def _lines(values: dict[str, str]) -> list[str]:
    return [f"{key} = {value}" for key, value in values.items()]


def _files(vm: Machine) -> list[str]:
    return vm.sh("cd /etc; find . -type f -o -type l | sort | xargs -d '\\n' ls -l").splitlines()
