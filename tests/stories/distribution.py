"""A distribution as it is installed: the files that it sets values from, and what then runs.

`distributions/` has those files, path by path, as far as they are about the network.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from advisor.facts.config.boot_sysctl import read_boot_sysctl
from advisor.facts.config.read import read_config
from advisor.facts.files import Files
from advisor.facts.sysctl import parse_value
from advisor.knowledge.yaml_reader import read_file
from advisor.model.config import Config
from advisor.model.stack import SysctlTree, SysctlValue
from advisor.model.system import Kernel, NetNs, Services
from advisor.model.unavailable import Unavailable
from tests.stories.kernels import sysctls

_DIRECTORY = Path(__file__).parent / "distributions"
_LINK = "-> "


@dataclass(frozen=True, slots=True)
class Installed:
    """What is read of a distribution's host.

    Attributes:
        sysctl: The keys as they are after boot.
        config: What the files and programs set.
    """

    sysctl: SysctlTree
    config: Config | Unavailable


def installed(
    name: str,
    column: str,
    kernel: Kernel,
    memory: int,
    interfaces: Mapping[str, int],
    services: Services,
    netns: NetNs,
    *,
    by_kernel: Mapping[str, SysctlValue] | None = None,
    by_programs: Mapping[str, SysctlValue] | None = None,
    conntrack: Mapping[str, int] | None = None,
) -> Installed:
    """The keys as the kernel starts with them, with what the files and the programs set.

    Args:
        name: A file of `distributions/`, without its ending.
        column: A column of the kernels' tables.
        kernel: The running kernel.
        memory: Bytes of memory.
        interfaces: Interface name → MTU.
        services: The programs that run.
        netns: The network namespace.
        by_kernel: Defaults that the distribution's build of the kernel changes.
        by_programs: Keys that programs set on their interfaces.
        conntrack: As `sysctls` takes it.
    """
    hz = kernel.hz
    assert isinstance(hz, int)

    def tree(changed: Mapping[str, SysctlValue]) -> SysctlTree:
        return sysctls(column, memory, interfaces, changed, conntrack=conntrack, hz=hz)

    changed = dict(by_kernel or {})
    with _files(name) as files:
        for key, line in read_boot_sysctl(files, tree(changed)).keys.items():
            changed[key] = parse_value(line.value, key.rpartition(".")[2])
        changed = _of_default(changed, interfaces) | changed
        running = tree(changed | dict(by_programs or {}))
        config = read_config(files, sysctl=running, kernel=kernel, services=services, netns=netns)
    return Installed(running, config)


def _of_default(
    changed: Mapping[str, SysctlValue], interfaces: Mapping[str, int]
) -> dict[str, SysctlValue]:
    """What interfaces take from conf.default: the kernel copies a value that is written there to
    all that have none of their own yet (devinet_copy_dflt_conf in net/ipv4/devinet.c)."""
    start = "net.ipv4.conf.default."
    return {
        f"net.ipv4.conf.{name}.{key.removeprefix(start)}": value
        for key, value in changed.items()
        if key.startswith(start)
        for name in interfaces
    }


@contextmanager
def _files(name: str) -> Iterator[Files]:
    with TemporaryDirectory() as directory:
        root = Path(directory)
        for path, text in read_file(_DIRECTORY / f"{name}.yaml").data.items():
            file = root / path.lstrip("/")
            file.parent.mkdir(parents=True, exist_ok=True)
            if text.startswith(_LINK):
                file.symlink_to(text.removeprefix(_LINK))
            else:
                file.write_text(text)
        yield Files(root)
