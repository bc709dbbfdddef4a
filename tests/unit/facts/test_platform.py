"""Hypervisor and cloud, from firmware names, CPU flags and clocks."""

from __future__ import annotations

from pathlib import Path

import pytest

from advisor.facts.files import Files
from advisor.facts.platform import read_dmi, read_platform
from advisor.model.unavailable import Unavailable
from tests.unit.facts.host_tree import Link, host

Entries = dict[str, str | bytes | Link]

HARDWARE: Entries = {"/proc/cpuinfo": "processor\t: 0\nflags\t\t: fpu vme de\nbugs\t\t:\n"}
GUEST: Entries = {"/proc/cpuinfo": "processor\t: 0\nflags\t\t: fpu hypervisor de\nbugs\t\t:\n"}
ARM: Entries = {"/proc/cpuinfo": "processor\t: 0\nFeatures\t: fp asimd\n"}
CLOCKSOURCES = "/sys/devices/system/clocksource/clocksource0/available_clocksource"
KVM_CLOCK: Entries = {CLOCKSOURCES: "kvm-clock tsc acpi_pm \n"}


def dmi(**names: str) -> Entries:
    return {f"/sys/class/dmi/id/{name}": f"{value}\n" for name, value in names.items()}


@pytest.mark.parametrize(
    ("entries", "hypervisor", "cloud"),
    [
        pytest.param(
            HARDWARE | dmi(sys_vendor="Dell Inc.", product_name="PowerEdge R650"),
            "none",
            "none",
            id="a server",
        ),
        pytest.param(
            GUEST | dmi(sys_vendor="Amazon EC2", product_name="m6i.large") | KVM_CLOCK,
            "kvm",
            "aws",
            id="EC2 Nitro",
        ),
        pytest.param(
            GUEST
            | dmi(sys_vendor="Xen", bios_version="4.11.amazon")
            | {"/sys/hypervisor/type": "xen\n", "/sys/hypervisor/uuid": "ec2a1b2c-0000\n"},
            "xen",
            "aws",
            id="EC2 on Xen",
        ),
        pytest.param(
            {"/sys/hypervisor/type": "xen\n", "/sys/hypervisor/uuid": "ec2a1b2c-0000\n"} | HARDWARE,
            "xen",
            "aws",
            id="EC2 paravirtual, which has no firmware and no CPU flag",
        ),
        pytest.param(
            HARDWARE | dmi(sys_vendor="Amazon EC2", product_name="m5.metal"),
            "none",
            "aws",
            id="EC2 bare metal",
        ),
        pytest.param(
            ARM | dmi(sys_vendor="Amazon EC2", product_name="a1.metal"),
            "none",
            "aws",
            id="EC2 arm64 bare metal",
        ),
        pytest.param(
            ARM | dmi(sys_vendor="Amazon EC2", product_name="m6g.large"),
            "kvm",
            "aws",
            id="EC2 arm64",
        ),
        pytest.param(
            GUEST | dmi(sys_vendor="Google", product_name="Google Compute Engine"),
            "kvm",
            "gcp",
            id="GCE",
        ),
        pytest.param(
            GUEST
            | dmi(
                sys_vendor="Microsoft Corporation",
                product_name="Virtual Machine",
                chassis_asset_tag="7783-7084-3265-9085-8269-3286-77",
            )
            | {CLOCKSOURCES: "hyperv_clocksource_tsc_page acpi_pm\n"},
            "hyperv",
            "azure",
            id="Azure",
        ),
        pytest.param(
            GUEST
            | dmi(sys_vendor="Microsoft Corporation", bios_version="Hyper-V UEFI Release v4.1"),
            "hyperv",
            "none",
            id="Hyper-V on premises",
        ),
        pytest.param(
            GUEST | KVM_CLOCK | dmi(sys_vendor="QEMU", chassis_asset_tag="OracleCloud.com"),
            "kvm",
            "oracle",
            id="Oracle",
        ),
        pytest.param(
            GUEST | KVM_CLOCK | dmi(sys_vendor="Alibaba Cloud", product_name="Alibaba Cloud ECS"),
            "kvm",
            "alibaba",
            id="Alibaba",
        ),
        pytest.param(
            GUEST | KVM_CLOCK | dmi(sys_vendor="DigitalOcean", product_name="Droplet"),
            "kvm",
            "digitalocean",
            id="DigitalOcean",
        ),
        pytest.param(
            GUEST | KVM_CLOCK | dmi(sys_vendor="Hetzner", product_name="vServer"),
            "kvm",
            "hetzner",
            id="Hetzner",
        ),
        pytest.param(
            GUEST | dmi(sys_vendor="OpenStack Foundation", product_name="OpenStack Nova"),
            "kvm",
            "openstack",
            id="OpenStack",
        ),
        pytest.param(
            GUEST | dmi(sys_vendor="VMware, Inc.", product_name="VMware Virtual Platform"),
            "vmware",
            "none",
            id="VMware",
        ),
        pytest.param(
            GUEST | KVM_CLOCK | dmi(sys_vendor="innotek GmbH", product_name="VirtualBox"),
            "virtualbox",
            "none",
            id="VirtualBox, which offers KVM's clock",
        ),
        pytest.param(
            GUEST | KVM_CLOCK | dmi(sys_vendor="QEMU"), "kvm", "none", id="KVM under QEMU"
        ),
        pytest.param(GUEST | dmi(sys_vendor="QEMU"), "qemu", "none", id="QEMU without KVM"),
        pytest.param(
            ARM | dmi(sys_vendor="QEMU", product_name="KVM Virtual Machine"),
            "kvm",
            "none",
            id="KVM on arm64",
        ),
        pytest.param(
            GUEST | dmi(sys_vendor="Nobody we know"), "other", "none", id="an unknown hypervisor"
        ),
        pytest.param(
            ARM | dmi(sys_vendor="Ampere Computing"), "none", "none", id="an arm64 server"
        ),
    ],
)
def test_hypervisor_and_cloud_are_found(
    tmp_path: Path, entries: Entries, hypervisor: str, cloud: str
) -> None:
    found = read_platform(host(tmp_path, entries))
    assert (found.hypervisor, found.cloud) == (hypervisor, cloud)


def test_a_micro_vm_without_firmware_knows_its_hypervisor_and_not_its_cloud(tmp_path: Path) -> None:
    found = read_platform(host(tmp_path, GUEST | KVM_CLOCK))
    assert found.hypervisor == "kvm"
    assert isinstance(found.cloud, Unavailable)
    assert (found.vendor, found.product) == ("", "")


def test_cloud_init_tells_the_cloud_where_the_firmware_does_not(tmp_path: Path) -> None:
    found = read_platform(host(tmp_path, ARM | {"/run/cloud-init/cloud-id": "gce\n"}))
    assert found.cloud == "gcp"


@pytest.mark.parametrize("cloud_id", ["nocloud", "none", "lxd", ""])
def test_cloud_init_without_a_cloud_tells_nothing(tmp_path: Path, cloud_id: str) -> None:
    found = read_platform(host(tmp_path, {"/run/cloud-init/cloud-id": cloud_id}))
    assert isinstance(found.cloud, Unavailable)


@pytest.mark.parametrize(
    ("entries", "hypervisor"),
    [
        ({"/proc/device-tree/hypervisor/compatible": "linux,kvm\0"}, "kvm"),
        ({"/proc/device-tree/hypervisor/compatible": "xen,xen-4.17\0xen,xen\0"}, "xen"),
        ({"/proc/device-tree/compatible": "raspberrypi,4-model-b\0"}, "none"),
        ({"/proc/sysinfo": "VM00 Control Program: KVM/Linux\n"}, "kvm"),
        ({"/proc/sysinfo": "VM00 Control Program: z/VM    7.2.0\n"}, "zvm"),
    ],
)
def test_other_architectures_have_other_firmware(
    tmp_path: Path, entries: Entries, hypervisor: str
) -> None:
    assert read_platform(host(tmp_path, ARM | entries)).hypervisor == hypervisor


def test_a_host_that_shows_nothing_is_unknown_and_not_none(tmp_path: Path) -> None:
    found = read_platform(Files(tmp_path))
    assert isinstance(found.hypervisor, Unavailable)
    assert isinstance(found.cloud, Unavailable)
    assert isinstance(found.container, Unavailable)


def test_vendor_and_product_are_the_firmwares(tmp_path: Path) -> None:
    names = dmi(sys_vendor="Dell Inc.", product_name="PowerEdge R650")
    found = read_platform(host(tmp_path, HARDWARE | names))
    assert (found.vendor, found.product) == ("Dell Inc.", "PowerEdge R650")


def test_names_that_identify_the_machine_are_not_read(tmp_path: Path) -> None:
    names = dmi(sys_vendor="Dell Inc.", product_serial="ABC123", product_uuid="4c4c")
    assert read_dmi(host(tmp_path, names)) == {"sys_vendor": "Dell Inc."}
