"""Programs that set network settings on their own account, and what they set."""

from __future__ import annotations

from dataclasses import replace

from advisor.facts.config.assignments import dotted, parse_assignments
from advisor.facts.config.interface_files import read_connections, read_link_files
from advisor.facts.config.resolve import normal
from advisor.facts.config.tuned import read_tuned
from advisor.facts.files import Files
from advisor.model.config import Owner
from advisor.model.system import Services
from advisor.model.unavailable import Unavailable

_FORWARDS = {"net.ipv4.ip_forward": "1", "net.ipv4.conf.all.forwarding": "1"}
_MAY_FORWARD = dict.fromkeys(_FORWARDS, "")
# What they set when they start, with their defaults ("" for a value that they compute, and for
# what they set only if they are told to).
_SETS: dict[str, dict[str, str]] = {
    # cmd/kube-proxy/app/server_linux.go; defaults of --conntrack-max-per-core and the timeouts.
    "kube-proxy": {
        "net.netfilter.nf_conntrack_max": "",
        "net.nf_conntrack_max": "",
        "net.netfilter.nf_conntrack_tcp_timeout_established": "86400",
        "net.netfilter.nf_conntrack_tcp_timeout_close_wait": "3600",
    },
    # daemon/libnetwork/drivers/bridge: enables forwarding for its networks.
    "dockerd": _FORWARDS,
    # Forwarding for networks of pods: the plugins that these run, or themselves.
    **dict.fromkeys(("k3s-server", "k3s-agent", "rke2", "cilium-agent", "calico-node"), _FORWARDS),
    # For networks with NAT, masquerading or sharing, if there are any.
    **dict.fromkeys(("libvirtd", "virtnetworkd", "containerd", "crio", "flanneld"), _MAY_FORWARD),
    **dict.fromkeys(("firewalld", "NetworkManager", "systemd-networkd"), _MAY_FORWARD),
}
UFW = "/etc/ufw/sysctl.conf"
"""Set by ufw when it starts, which is after sysctl.d (IPT_SYSCTL of /etc/default/ufw)."""

_INSTALLED = {
    "irqbalance": ("/usr/sbin/irqbalance", "/sbin/irqbalance"),
    "cloud-init": ("/usr/bin/cloud-init", "/usr/lib/cloud-init/ds-identify"),
    "kubelet": ("/usr/bin/kubelet", "/var/lib/kubelet/config.yaml"),
}


def read_owners(files: Files, services: Services | Unavailable) -> dict[str, Owner]:
    """Program → what it sets, for those that run or that are set up.

    Args:
        files: The host's files.
        services: The programs that run now; Unavailable where nothing runs or they are hidden.
    """
    known = not isinstance(services, Unavailable)
    running = set() if isinstance(services, Unavailable) else set(services.running)

    def runs(name: str) -> bool | None:
        return name in running if known else None

    found = {
        name: Owner(name, True, keys=dict(keys)) for name, keys in _SETS.items() if name in running
    }
    for name, paths in _INSTALLED.items():
        place = next((path for path in paths if files.exists(path)), "")
        if place or name in running:
            found[name] = Owner(name, runs(name), place=place)
    for owner in (
        read_tuned(files, running=runs("tuned")),
        _read_ufw(files),
        read_link_files(files, running=None),
        read_connections(files, running=runs("NetworkManager")),
    ):
        if owner is not None:
            earlier = found.get(owner.name)
            keys = owner.keys if earlier is None else {**earlier.keys, **owner.keys}
            found[owner.name] = replace(owner, keys=keys)
    return found


def _read_ufw(files: Files) -> Owner | None:
    """ufw with the keys that it sets; None where it is not switched on. It runs no program."""
    switch = files.read_text("/etc/ufw/ufw.conf")
    text = files.read_text(UFW)
    if isinstance(switch, Unavailable) or isinstance(text, Unavailable):
        return None
    if "ENABLED=yes" not in switch.split():
        return None
    keys = {
        dotted(each.key): normal(each.value)
        for each in parse_assignments(text, UFW)[0]
        if each.value and each.key[0] == "net"
    }
    return Owner("ufw", None, place=UFW, keys=keys)
