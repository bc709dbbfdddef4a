"""Places of devices, PCI Express links and SR-IOV relations from trees that look like /sys."""

from __future__ import annotations

from pathlib import Path

import pytest

from advisor.facts.files import Files
from advisor.facts.nics.places import Place, read_place
from advisor.model.nic_settings import Pcie
from advisor.model.unavailable import Unavailable
from tests.unit.facts.host_tree import Link, host

PORT = "/sys/devices/pci0000:3a/0000:3a:00.0"
FUNCTION = f"{PORT}/0000:3b:00.1"
LINK = {
    "current_link_speed": "8.0 GT/s PCIe\n",
    "current_link_width": "8\n",
    "max_link_speed": "16.0 GT/s PCIe\n",
    "max_link_width": "16\n",
}


def tree(
    root: Path,
    files: dict[str, str],
    *,
    port: dict[str, str] | None = None,
    below: str = "",
    others: dict[str, str | bytes | Link] | None = None,
) -> Files:
    """A host whose eth0 stands for a PCI function with these files, or for a device below it."""
    device = FUNCTION + below
    entries: dict[str, str | bytes | Link] = {
        f"{FUNCTION}/local_cpulist": "0-3\n",
        f"{device}/net/eth0/device": Link("../.."),
        "/sys/class/net/eth0": Link(f"../../devices{device[12:]}/net/eth0"),
        **{f"{FUNCTION}/{name}": content for name, content in files.items()},
        **{f"{PORT}/{name}": content for name, content in (port or {}).items()},
        **(others or {}),
    }
    return host(root, entries)


@pytest.mark.parametrize(
    ("node", "cpus", "expected"),
    [
        ("1\n", "8-15\n", (1, tuple(range(8, 16)))),
        ("-1\n", "0-1\n", (None, (0, 1))),
        ("garbage", "garbage", (None, ())),
    ],
)
def test_a_pci_device_tells_its_place(
    tmp_path: Path, node: str, cpus: str, expected: tuple[int | None, tuple[int, ...]]
) -> None:
    files = tree(tmp_path, {"numa_node": node, "local_cpulist": cpus, "device": "0x16d7\n"})
    place = read_place(files, "eth0")
    assert (place.numa_node, place.local_cpus) == expected
    assert place.device_id == "0x16d7"


def test_a_kernel_without_numa_has_a_place_all_the_same(tmp_path: Path) -> None:
    place = read_place(tree(tmp_path, {"device": "0x16d7\n"}), "eth0")
    assert (place.numa_node, place.local_cpus, place.device_id) == (None, (0, 1, 2, 3), "0x16d7")


@pytest.mark.parametrize("below", ["/virtio2", "/mlx5_core.sf.2"])
def test_a_device_on_a_pci_function_is_where_that_is(tmp_path: Path, below: str) -> None:
    files = tree(
        tmp_path,
        {"numa_node": "0\n", "device": "0x1041\n", **LINK},
        below=below,
        others={f"{FUNCTION}{below}/device": "0x0001\n"},
    )
    place = read_place(files, "eth0")
    assert (place.numa_node, place.local_cpus, place.device_id) == (0, (0, 1, 2, 3), "0x1041")
    why = f"the device ({below[1:]}) has no PCI Express link of its own"
    assert place.pcie == Unavailable(why, absent=True)


def test_a_device_on_a_bus_without_places_has_none(tmp_path: Path) -> None:
    place = read_place(Files(tmp_path), "eth0")
    assert (place.numa_node, place.local_cpus, place.device_id) == (None, (), None)
    assert isinstance(place.pcie, Unavailable)


def test_the_pci_express_link_is_compared_with_what_device_and_port_could(tmp_path: Path) -> None:
    port = {"max_link_speed": "8.0 GT/s PCIe\n", "max_link_width": "8\n"}
    assert read_place(tree(tmp_path, LINK, port=port), "eth0").pcie == Pcie(
        speed=8.0,
        width=8,
        speed_max=16.0,
        width_max=16,
        slot_speed_max=8.0,
        slot_width_max=8,
        card="0000:3b:00",
    )


def test_a_device_without_a_port_above_has_its_own_abilities_only(tmp_path: Path) -> None:
    pcie = read_place(tree(tmp_path, LINK), "eth0").pcie
    assert isinstance(pcie, Pcie)
    assert (pcie.slot_speed_max, pcie.slot_width_max) == (None, None)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("current_link_speed", "Unknown\n"),
        ("current_link_speed", "Unknown speed\n"),
        ("current_link_width", "0\n"),
        ("max_link_width", "255\n"),
        ("max_link_speed", "33 MHz PCI\n"),
        ("current_link_speed", ""),
    ],
)
def test_a_link_of_unknown_state_is_not_guessed(tmp_path: Path, name: str, content: str) -> None:
    assert read_place(tree(tmp_path, LINK | {name: content}), "eth0").pcie == Unavailable(
        "the device does not tell the state of its PCI Express link", absent=True
    )


def test_a_suspended_device_is_not_woken_up(tmp_path: Path) -> None:
    files = tree(tmp_path, LINK | {"power/runtime_status": "suspended\n"})
    assert read_place(files, "eth0").pcie == Unavailable("the device is suspended")


@pytest.mark.parametrize(("content", "expected"), [("4\n", 4), ("0\n", 0), ("-1\n", 0), (None, 0)])
def test_virtual_functions_are_counted(tmp_path: Path, content: str | None, expected: int) -> None:
    files = tree(tmp_path, {} if content is None else {"sriov_numvfs": content})
    assert read_place(files, "eth0").virtual_functions == expected


def virtual_function(root: Path, names: dict[str, tuple[int, int]], *, own_port: int = 0) -> Place:
    """The place of a virtual function whose physical function has these interfaces: name → index,
    port."""
    physical = f"{PORT}/0000:3b:00.0"
    others: dict[str, str | bytes | Link] = {
        f"{FUNCTION}/physfn": Link("../0000:3b:00.0"),
        f"{FUNCTION}/net/eth0/dev_port": f"{own_port}\n",
        f"{physical}/vendor": "0x15b3\n",
    }
    for name, (index, port) in names.items():
        others[f"{physical}/net/{name}/ifindex"] = f"{index}\n"
        others[f"{physical}/net/{name}/dev_port"] = f"{port}\n"
        others[f"/sys/class/net/{name}"] = Link(f"../../devices{physical[12:]}/net/{name}")
    return read_place(tree(root, LINK, others=others), "eth0")


def test_a_virtual_function_names_its_physical_one(tmp_path: Path) -> None:
    place = virtual_function(tmp_path, {"ens1f0": (2, 0)})
    assert place.physical_function == "ens1f0"
    assert place.pcie == Unavailable(
        "a virtual function has no PCI Express link of its own", absent=True
    )


def test_of_several_interfaces_the_port_comes_before_representors(tmp_path: Path) -> None:
    names = {"a_representor": (9, 0), "uplink": (2, 0)}
    assert virtual_function(tmp_path, names).physical_function == "uplink"


def test_of_several_ports_on_one_function_it_is_the_same_one(tmp_path: Path) -> None:
    names = {"port0": (2, 0), "port1": (3, 1)}
    assert virtual_function(tmp_path, names, own_port=1).physical_function == "port1"


def test_a_physical_function_of_another_namespace_has_no_name_here(tmp_path: Path) -> None:
    assert virtual_function(tmp_path, {}).physical_function is None
