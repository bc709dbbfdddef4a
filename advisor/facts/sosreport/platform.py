"""What the host of a sosreport runs on: firmware, hypervisor, container, cloud."""

from __future__ import annotations

import re

from advisor.facts.container import detect_container
from advisor.facts.platform import detect_cloud, detect_hypervisor, read_dmi
from advisor.facts.sosreport.commands import output
from advisor.facts.sosreport.report_files import ReportFiles
from advisor.model.system import Platform
from advisor.model.unavailable import Unavailable

# `dmidecode`: section and field → the file of /sys/class/dmi/id with the same text.
_DMIDECODE = {
    ("System Information", "Manufacturer"): "sys_vendor",
    ("System Information", "Product Name"): "product_name",
    ("System Information", "Version"): "product_version",
    ("BIOS Information", "Vendor"): "bios_vendor",
    ("BIOS Information", "Version"): "bios_version",
    ("Base Board Information", "Manufacturer"): "board_vendor",
    ("Chassis Information", "Asset Tag"): "chassis_asset_tag",
}
# `lscpu`, "Hypervisor vendor"; `hostnamectl`, "Virtualization" (systemd-detect-virt).
_VENDORS = {"Microsoft": "hyperv", "KVM": "kvm", "Xen": "xen", "VMware": "vmware", "QEMU": "qemu"}
_MACHINES = {
    **{name: name for name in ("kvm", "xen", "vmware", "parallels", "bhyve", "qemu", "zvm")},
    "microsoft": "hyperv",
    "oracle": "virtualbox",
    "amazon": "kvm",
}
_CONTAINERS = frozenset(
    ("systemd-nspawn", "lxc", "lxc-libvirt", "docker", "podman", "rkt", "wsl", "proot", "openvz")
)
_HYPERVISOR_VENDOR = re.compile(r"^Hypervisor vendor:\s*(\S+)", re.MULTILINE)
_VIRTUALIZATION = re.compile(r"^\s*Virtualization: (\S+)", re.MULTILINE)
# LXCFS stands in for files of /proc in containers of LXC and LXD, and nowhere else.
_LXCFS_MOUNT = re.compile(r" /proc/\w+ .* fuse\.lxcfs ")
_LXCFS_UNIT = re.compile(r"^\s*proc-meminfo\.mount\s+loaded\s+active\s+mounted", re.MULTILINE)


def read_report_platform(files: ReportFiles) -> Platform:
    """What the host ran on; a part that nothing tells is Unavailable, which is not "none"."""
    dmi = read_dmi(files)
    if isinstance(dmi, Unavailable):
        text = output(files, "dmidecode")
        names = {} if isinstance(text, Unavailable) else parse_dmidecode(text)
        dmi = names or dmi
    known = {} if isinstance(dmi, Unavailable) else dmi
    virtualization = _virtualization(files)
    return Platform(
        hypervisor=_hypervisor(files, known, virtualization),
        container=_container(files, virtualization),
        cloud=detect_cloud(files, dmi),
        vendor=known.get("sys_vendor", ""),
        product=known.get("product_name", ""),
    )


def parse_dmidecode(text: str) -> dict[str, str]:
    """The firmware's names for the machine, under the names of their files in sysfs."""
    names: dict[str, str] = {}
    section = ""
    for line in text.splitlines():
        if not line.startswith(("\t", " ")):
            section = line.strip()
        field, colon, value = line.strip().partition(":")
        name = _DMIDECODE.get((section, field))
        if colon and name is not None:
            names.setdefault(name, value.strip())
    return names


def _hypervisor(
    files: ReportFiles, dmi: dict[str, str], virtualization: str | None
) -> str | Unavailable:
    found = detect_hypervisor(files, dmi)
    if isinstance(found, str) and found != "other":
        return found
    lscpu = output(files, "lscpu")
    vendor = None if isinstance(lscpu, Unavailable) else _HYPERVISOR_VENDOR.search(lscpu)
    named = _VENDORS.get(vendor[1]) if vendor else None
    return named or _MACHINES.get(virtualization or "") or found


def _container(files: ReportFiles, virtualization: str | None) -> str | Unavailable:
    found = detect_container(files)
    if isinstance(found, str):
        return found
    if virtualization is not None:
        # systemd names the container first, so that of a machine means that there is none.
        return virtualization if virtualization in _CONTAINERS else "none"
    mounts = files.read_text("/proc/1/mountinfo")
    if isinstance(mounts, str) and _LXCFS_MOUNT.search(mounts):
        return "lxc"
    units = output(files, "systemctl list-units", "systemctl list-units --all")
    if isinstance(units, str) and _LXCFS_UNIT.search(units):
        return "lxc"
    return Unavailable("nothing in this sosreport tells whether it was made in a container")


def _virtualization(files: ReportFiles) -> str | None:
    text = output(files, "hostnamectl status", "hostnamectl")
    if isinstance(text, Unavailable) or "Kernel:" not in text:
        return None
    match = _VIRTUALIZATION.search(text)
    return match[1] if match else "none"
