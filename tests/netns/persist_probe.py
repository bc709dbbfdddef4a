"""Makes settings last in network and mount namespaces of its own, and prints what came of it.

Argument: "boot" sets what a file says, as at boot; "systemd" or "procps" has that tool read the
file of sysctls; "disk" writes files to disks that are full or read-only. All print JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from advisor.changes.persist import names
from advisor.changes.persist.boot import apply_persistent
from advisor.changes.persist.boot_file import from_file, to_file
from advisor.changes.persist.devices import read_devices
from advisor.changes.persist.files import prepare, write
from advisor.changes.persist.model import Device, Settings, Vector
from advisor.changes.persist.plan import plan_files
from advisor.changes.persist.tree import Tree
from advisor.errors import AdvisorError
from advisor.facts.files import Files
from advisor.model.address import Address, NicAddress, SysctlAddress
from advisor.model.receipt import Value
from advisor.settings.live import Live
from tests.netns.boot_probe import DIRECTORIES, TOOLS
from tests.unit.changes.persist.means import means
from tests.unit.changes.runs import opened

ODD_NAMES = ("eth0.100", "-x", "a,b", "x@y", "a~b", "a+b", "a..b", "a;b", "A*", "a=b", "$(id)", "é")


def boot(*_: str) -> Any:
    """Settings of a pair of interfaces with several queues, one of them with an odd name."""
    _run(
        "ip",
        "link",
        "add",
        "-x",
        *["numrxqueues", "4", "numtxqueues", "4", "type", "veth", "peer", "name", "p0"],
    )
    _run("ip", "link", "set", "dev", "-x", "up")
    _run("ip", "link", "set", "dev", "p0", "up")
    values: dict[NicAddress, Value] = {
        _of("-x", "queue", "rx-1", "rps_cpus"): (0,),
        _of("-x", "queue", "tx-1", "xps_cpus"): (0,),
        _of("-x", "channels", "rx"): 2,
        _of("-x", "channels", "tx"): 2,
        _of("-x", "mtu"): 1400,
        _of("-x", "txqueuelen"): 555,
        _of("-x", "gro_flush_timeout"): 20000,
        _of("-x", "feature", "tx-tcp-segmentation"): False,
        _of("p0", "txqueuelen"): 0,  # out of bounds
        _of("p0", "ring", "rx"): 512,  # the driver has none
        _of("gone", "mtu"): 1400,
        _of("lo", "mtu"): 1400,  # another device was called so
    }
    settings = Settings(
        values,
        {7: (Vector("-x", 0, 1, "-x-rx-0"), (0,))},
        {"lo": Device("52:54:00:00:00:01", "0000:00:03.0/0")},
    )
    files = Files()
    read = from_file(to_file(settings))
    assert not any(each.bus or each.mac for each in read_devices(files).values())
    with Live() as live:

        def brought(**how: Any) -> dict[str, list[str | None]]:
            results = apply_persistent(read, live, files, **how)
            return {each.setting: [each.brought.value, each.problem] for each in results}

        first = brought()
        again = brought()
        for address, value in ((_of("-x", "mtu"), 1300), (_of("-x", "txqueuelen"), 5)):
            live.write(address, value)
        live.write(_of("-x", "gro_flush_timeout"), 1)
        activated = brought(activated="-x", held=[_of("-x", "txqueuelen")])
        now = {
            str(address): live.read(address)
            for address in (_of("-x", "mtu"), _of("-x", "txqueuelen"))
        }
        return {"first": first, "again": again, "activated": activated, "now": now}


def tool(name: str) -> Any:
    """What a tool makes of keys of interfaces with odd names."""
    for directory in DIRECTORIES:
        Path(directory).mkdir(parents=True, exist_ok=True)
        _run("mount", "-t", "tmpfs", "none", directory)
    if Path("/etc/sysctl.conf").exists():
        _run("mount", "--bind", "/dev/null", "/etc/sysctl.conf")
    for nic in ODD_NAMES:
        _run("ip", "link", "add", nic, "type", "veth")
    values: dict[Address, Value] = {
        SysctlAddress(("net", "ipv4", "conf", nic, "rp_filter")): 2 for nic in ODD_NAMES
    }
    values |= {
        SysctlAddress(("net", "ipv4", "tcp_rmem")): (5000, 140000, 7000000),
        SysctlAddress(("net", "ipv4", "ip_local_reserved_ports")): "8080,9000-9010",
    }
    before = _values(values)
    nics = {nic: {"bus": "0000:00:03.0/0"} for nic in ODD_NAMES}
    wanted = plan_files(values, means({"reader": name, "nics": nics}))
    for each in wanted.files:
        Path(each.path).write_bytes(each.content)
    done = subprocess.run(TOOLS[name], capture_output=True, text=True, check=False)
    return {
        "left": [str(each.address) for each in wanted.left],
        "before": before,
        "after": _values(values),
        "said": done.stderr,
    }


def disk(*_: str) -> Any:
    """Files on disks of ever more room, until they fit; and on one that is read-only."""
    values: dict[Address, Value] = {
        SysctlAddress(("net", "core", "somaxconn")): 4096,
        SysctlAddress(("net", "netfilter", "nf_conntrack_max")): 1048576,
        NicAddress("eth0", ("qdisc",)): "fq",
    }
    given = means({"nics": {"eth0": {"managed": True}}})
    first = plan_files(values, given)
    second = plan_files(dict.fromkeys(values, 2048), given)
    folder = Path("/mnt")
    _run("mount", "-t", "tmpfs", "none", str(folder))
    with opened(folder) as state:
        cases = [f"nr_inodes={count}" for count in range(4, 26)]
        cases += [f"size={pages * 4096}" for pages in range(1, 14)]
        results = []
        for options in cases:
            _run("mount", "-t", "tmpfs", "-o", f"mode=0755,{options}", "none", str(_etc(folder)))
            with Tree(folder) as tree:
                results.append([options, *_tried(first, state, tree)])
                results.append([options, *_tried(second, state, tree)])
                _run("mount", "-o", "remount,ro", str(_etc(folder)))
                results.append(["ro", *_tried(first, state, tree)])
                results.append(["ro", *_tried(second, state, tree)])
            _run("umount", str(_etc(folder)))
        return results


def _tried(wanted: Any, state: Any, tree: Tree) -> tuple[str, str]:
    """What came of writing files, and what was said."""
    etc = _etc(tree.root)
    before = _contents(etc)
    said = ""
    try:
        write(wanted, prepare(wanted, state, tree).changes, state, tree)
    except AdvisorError as error:
        said = error.message
    after = _contents(etc)
    if after == {f"/{path}": content for path, content in _wanted(wanted).items()}:
        return "written", said
    return ("as before" if after == before else f"neither: {sorted(after)}"), said


def _wanted(wanted: Any) -> dict[str, bytes]:
    return {each.path[1:]: each.content for each in wanted.files}


def _contents(etc: Path) -> dict[str, bytes]:
    return {
        f"/{path.relative_to(etc.parent)}": b"symbolic link to " + str(path.readlink()).encode()
        if path.is_symlink()
        else path.read_bytes()
        for path in sorted(etc.rglob("*"))
        if path.is_symlink() or path.is_file()
    }


def _etc(folder: Path) -> Path:
    etc = folder / "etc"
    etc.mkdir(exist_ok=True)
    return etc


def _of(nic: str, *attribute: str) -> NicAddress:
    return NicAddress(nic, attribute)


def _values(addresses: Iterable[Address]) -> dict[str, str]:
    """The keys as they are."""
    return {
        str(each): " ".join(Path("/proc/sys", *each.key).read_text().split())
        for each in addresses
        if isinstance(each, SysctlAddress)
    }


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


if __name__ == "__main__":
    assert names.SYSCTL.startswith(DIRECTORIES[0])
    print(json.dumps({"boot": boot, "disk": disk}.get(sys.argv[1], tool)(sys.argv[1])))
