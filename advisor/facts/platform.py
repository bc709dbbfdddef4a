"""What the host runs on: hypervisor, container, cloud. None of it needs root."""

from __future__ import annotations

from collections.abc import Mapping

from advisor.facts.container import detect_container
from advisor.facts.files import Files
from advisor.model.system import Platform
from advisor.model.unavailable import Unavailable

DMI = "/sys/class/dmi/id"
DMI_FIELDS = (
    # Serial numbers and UUIDs are left out: they identify the machine.
    "sys_vendor",
    "product_name",
    "product_version",
    "bios_vendor",
    "bios_version",
    "board_vendor",
    "chassis_asset_tag",
)
DEVICE_TREE = "/proc/device-tree"

# One CPU's flags are enough, and reading all of cpuinfo is slow on large hosts.
_CPUINFO_HEAD = 8192

# Tables: DMI field, text in its value, meaning.
_CLOUDS = (
    # As cloud-init (tools/ds-identify) recognises them, and by the names in sys_vendor.
    ("sys_vendor", "Amazon EC2", "aws"),
    ("bios_version", ".amazon", "aws"),
    ("product_name", "Google Compute Engine", "gcp"),
    ("chassis_asset_tag", "7783-7084-3265-9085-8269-3286-77", "azure"),
    ("chassis_asset_tag", "OracleCloud.com", "oracle"),
    ("product_name", "Alibaba Cloud", "alibaba"),
    ("sys_vendor", "Alibaba Cloud", "alibaba"),
    ("sys_vendor", "DigitalOcean", "digitalocean"),
    ("sys_vendor", "Hetzner", "hetzner"),
    ("sys_vendor", "Vultr", "vultr"),
    ("sys_vendor", "Scaleway", "scaleway"),
    ("sys_vendor", "UpCloud", "upcloud"),
    ("sys_vendor", "Tencent Cloud", "tencent"),
    ("product_name", "Exoscale", "exoscale"),
    ("product_name", "OpenStack", "openstack"),
    ("chassis_asset_tag", "OpenStack", "openstack"),
    ("chassis_asset_tag", "OpenTelekomCloud", "openstack"),
    ("chassis_asset_tag", "SAP CCloud VM", "openstack"),
    ("chassis_asset_tag", "HUAWEICLOUD", "openstack"),
)
_HYPERVISORS = (
    # Ahead of the clocks, since some of these offer KVM's clock to their guests.
    ("sys_vendor", "VMware", "vmware"),
    ("sys_vendor", "innotek GmbH", "virtualbox"),
    ("product_name", "VirtualBox", "virtualbox"),
    ("sys_vendor", "Parallels", "parallels"),
    ("sys_vendor", "Xen", "xen"),
    ("product_version", "Hyper-V", "hyperv"),
    ("bios_version", "Hyper-V", "hyperv"),
    ("sys_vendor", "Amazon EC2", "kvm"),
    ("product_name", "Google Compute Engine", "kvm"),
    ("product_name", "KVM", "kvm"),
    ("product_name", "OpenStack", "kvm"),
    ("product_name", "Alibaba Cloud", "kvm"),
)
_EMULATORS = (("sys_vendor", "QEMU", "qemu"), ("bios_vendor", "SeaBIOS", "qemu"))

# Tables: text, meaning.
_CLOCKS = (("kvm-clock", "kvm"), ("hyperv_clocksource", "hyperv"), ("xen", "xen"))
_DEVICE_TREES = (("linux,kvm", "kvm"), ("xen", "xen"), ("vmware", "vmware"))
_SYSINFOS = (("KVM/Linux", "kvm"), ("z/VM", "zvm"))
_CLOUD_IDS = (
    # What cloud-init found: for machines without DMI.
    ("aws", "aws"),
    ("gce", "gcp"),
    ("azure", "azure"),
    ("oracle", "oracle"),
    ("aliyun", "alibaba"),
    ("digitalocean", "digitalocean"),
    ("hetzner", "hetzner"),
    ("vultr", "vultr"),
    ("scaleway", "scaleway"),
    ("upcloud", "upcloud"),
    ("exoscale", "exoscale"),
    ("openstack", "openstack"),
)


def read_platform(files: Files) -> Platform:
    """What the host runs on; a part that nothing tells is Unavailable, which is not "none"."""
    dmi = read_dmi(files)
    names = {} if isinstance(dmi, Unavailable) else dmi
    return Platform(
        hypervisor=detect_hypervisor(files, names),
        container=detect_container(files),
        cloud=detect_cloud(files, dmi),
        vendor=names.get("sys_vendor", ""),
        product=names.get("product_name", ""),
    )


def read_dmi(files: Files) -> dict[str, str] | Unavailable:
    """The firmware's names for the machine, as far as everybody may read them."""
    names: dict[str, str] = {}
    missing = None
    for name in DMI_FIELDS:
        text = files.read_text(f"{DMI}/{name}")
        if isinstance(text, str):
            names[name] = text.strip()
        else:
            missing = missing or text
    return names if names or missing is None else missing


def detect_hypervisor(files: Files, dmi: Mapping[str, str]) -> str | Unavailable:
    """The hypervisor below: "kvm", "xen", "hyperv", …; "none", or "other" when unknown.

    An x86 CPU shows a flag to guests. Elsewhere, firmware that names a maker and no hypervisor
    is taken for hardware.
    """
    kind = files.read_text("/sys/hypervisor/type")
    if isinstance(kind, str) and kind.strip():
        return kind.strip()
    flags = _x86_flags(files)
    if ".metal" in dmi.get("product_name", "") or (flags and "hypervisor" not in flags):
        return "none"
    clocks = files.read_text("/sys/devices/system/clocksource/clocksource0/available_clocksource")
    tree = files.read_text(f"{DEVICE_TREE}/hypervisor/compatible")
    found = (
        _named(_HYPERVISORS, dmi)
        or _contained(_CLOCKS, clocks)
        or _contained(_DEVICE_TREES, tree)
        or _contained(_SYSINFOS, files.read_text("/proc/sysinfo"))
        or _named(_EMULATORS, dmi)
    )
    if found is not None:
        return found
    if flags:
        return "other"
    if dmi.get("sys_vendor") or files.exists(DEVICE_TREE):
        return "none"
    return Unavailable("neither CPU flags nor firmware tell whether there is a hypervisor")


def detect_cloud(files: Files, dmi: dict[str, str] | Unavailable) -> str | Unavailable:
    """The cloud that the firmware or cloud-init names; "none" when the firmware names none."""
    names = {} if isinstance(dmi, Unavailable) else dmi
    uuid = files.read_text("/sys/hypervisor/uuid")
    if isinstance(uuid, str) and uuid.lower().startswith("ec2"):
        return "aws"
    found = _named(_CLOUDS, names)
    if found is None:
        found = _contained(_CLOUD_IDS, files.read_text("/run/cloud-init/cloud-id"))
    if found is not None:
        return found
    return dmi if isinstance(dmi, Unavailable) else "none"


def _named(table: tuple[tuple[str, str, str], ...], dmi: Mapping[str, str]) -> str | None:
    for name, text, meaning in table:
        if text in dmi.get(name, ""):
            return meaning
    return None


def _contained(table: tuple[tuple[str, str], ...], content: str | Unavailable) -> str | None:
    if isinstance(content, Unavailable):
        return None
    for text, meaning in table:
        if text in content:
            return meaning
    return None


def _x86_flags(files: Files) -> list[str] | None:
    """The flags of the first CPU; None on architectures that do not have them."""
    cpuinfo = files.read_head("/proc/cpuinfo", _CPUINFO_HEAD)
    if isinstance(cpuinfo, str):
        for line in cpuinfo.splitlines():
            name, _, flags = line.partition(":")
            if name.strip() == "flags":
                return flags.split()
    return None
