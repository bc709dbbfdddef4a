"""Programs that set network settings on their own account, and what they set."""

from __future__ import annotations

from advisor.facts.config.interface_files import read_connections, read_link_files
from advisor.facts.config.tuned import read_tuned
from advisor.facts.files import Files
from advisor.model.config import Owner
from advisor.model.system import Services
from advisor.model.unavailable import Unavailable

# What they set when they start, with their defaults ("" for a value that they compute).
_SETS: dict[str, dict[str, str]] = {
    # cmd/kube-proxy/app/server_linux.go; defaults of --conntrack-max-per-core and the timeouts.
    "kube-proxy": {
        "net.netfilter.nf_conntrack_max": "",
        "net.netfilter.nf_conntrack_tcp_timeout_established": "86400",
        "net.netfilter.nf_conntrack_tcp_timeout_close_wait": "3600",
    },
    # daemon/libnetwork/drivers/bridge: enables forwarding for its networks.
    "dockerd": {"net.ipv4.ip_forward": "1"},
    "libvirtd": {"net.ipv4.ip_forward": "1"},
    "virtnetworkd": {"net.ipv4.ip_forward": "1"},
}
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
        read_link_files(files, running=None),
        read_connections(files, running=runs("NetworkManager")),
    ):
        if owner is not None:
            found[owner.name] = owner
    return found
