"""Programs that also change network settings, found among the processes."""

from __future__ import annotations

from advisor.facts.container import in_initial_namespace
from advisor.facts.files import Files
from advisor.model.system import Services
from advisor.model.unavailable import Unavailable

COMM_MAX = 15
"""Longer names of programs are cut (TASK_COMM_LEN)."""

PROGRAMS = (
    # Tuners and what moves interrupts.
    "tuned",
    "openshift-tuned",
    "bpftune",
    "atuned",
    "keentuned",
    "irqbalance",
    # Owners of interfaces.
    "NetworkManager",
    "systemd-networkd",
    "wickedd",
    "connmand",
    "dhcpcd",
    # Cloud agents that set queues and interrupts.
    "google_guest_agent",
    # What sets forwarding, conntrack, bridge and queue settings for containers and guests.
    "kubelet",
    "kube-proxy",
    "k3s-server",
    "k3s-agent",
    "rke2",
    "cilium-agent",
    "calico-node",
    "flanneld",
    "dockerd",
    "containerd",
    "crio",
    "libvirtd",
    "virtnetworkd",
    "ovs-vswitchd",
    "firewalld",
)

_BY_COMM = {name[:COMM_MAX]: name for name in PROGRAMS}


def read_services(files: Files) -> Services | Unavailable:
    """Which of PROGRAMS run now, saptune (which applies and exits), and TuneD's active profile.

    Unavailable where other processes are hidden: a program that is not seen may run then.
    """
    if in_initial_namespace(files, "pid") is False:
        return Unavailable("in a PID namespace of its own: the host's processes are hidden")
    processes = files.list_dir("/proc")
    if isinstance(processes, Unavailable):
        return processes
    if isinstance(files.read_text("/proc/1/comm"), Unavailable):
        return Unavailable("processes of other users are hidden (/proc is mounted with hidepid)")
    running = set()
    for process in processes:
        if process.isdecimal():
            name = files.read_text(f"/proc/{process}/comm")
            if isinstance(name, str) and name.rstrip("\n") in _BY_COMM:
                running.add(_BY_COMM[name.rstrip("\n")])
    applied = files.list_dir("/run/saptune/parameter")
    if isinstance(applied, list) and applied:
        running.add("saptune")
    return Services(
        running=tuple(sorted(running)),
        tuned_profile=_tuned_profile(files) if "tuned" in running else None,
    )


def _tuned_profile(files: Files) -> str | None:
    profile = files.read_text("/etc/tuned/active_profile")
    return None if isinstance(profile, Unavailable) else profile.strip() or None
