"""The kernel parameters of a sosreport: from `sysctl -a` and from the copies of /proc/sys."""

from __future__ import annotations

from advisor.facts.sosreport.commands import find, output
from advisor.facts.sosreport.members import KERNEL_KEYS
from advisor.facts.sosreport.report_files import ReportFiles
from advisor.facts.sysctl import SECRETS, parse_value
from advisor.model.stack import SysctlTree
from advisor.model.unavailable import Unavailable

_COMMAND = "sysctl -a"
_NET = "proc/sys/net/"
_DENIED = "permission denied on key "
_FAILED = "reading key "

# Every network namespace of every kernel has it: without it this is not the whole of /proc/sys/net.
_EVERYWHERE = "proc/sys/net/ipv4/conf/all/forwarding"


def with_sysctl_files(files: ReportFiles) -> ReportFiles:
    """The same report with the lines of `sysctl -a` as the files that they were read from.

    So those who read /proc/sys need not know where its contents are from. Secrets are left out, as
    are files that are there already: they are the same.
    """
    text = output(files, _COMMAND)
    if isinstance(text, Unavailable):
        return files
    members = files.members
    read, denied = parse_sysctl(text)
    for key, value in read.items():
        if key not in members.left_out:
            members.files.setdefault(key, f"{value}\n".encode())
    for key, reason in denied.items():
        if key not in members.files:
            members.left_out.setdefault(key, reason)
    return ReportFiles(members=members)


def parse_sysctl(text: str) -> tuple[dict[str, str], dict[str, str]]:
    """File below / → its content, and file → why it could not be read, of `net` and `kernel` keys.

    Lines are "net.ipv4.tcp_rmem = 4096 131072 6291456". procps writes a dot in the name of an
    interface as a slash: "net.ipv4.conf.eth0/100.rp_filter".
    """
    read: dict[str, str] = {}
    denied: dict[str, str] = {}
    for line in text.splitlines():
        key, equals, value = line.partition(" = ")
        if not equals and line.endswith(" ="):
            key, equals = line[:-2], "="
        if equals and not key.startswith("sysctl:"):
            name = _file(key)
            if _is_secret(name):
                denied[name] = "a secret: never read"
            elif name.startswith(_NET) or name in KERNEL_KEYS:
                read[name] = value
            continue
        for phrase in (_DENIED, _FAILED):
            _, found, key = line.partition(phrase)
            name = _file(key.strip().rstrip(":").strip("'\""))
            if found and name.startswith(_NET):
                secret = _is_secret(name)
                denied[name] = "a secret: never read" if secret else f"sos could not read /{name}"
    return read, denied


def read_sysctl(files: ReportFiles) -> SysctlTree | Unavailable:
    """The `net.*` keys, nested by component, as `advisor.facts.sysctl.read_sysctl` has them.

    Unavailable unless all keys are there: one that is missing would not exist.
    """
    members = files.members
    if members.sysctl_cut and find(files, _COMMAND) is None:
        return Unavailable("too many files below /proc/sys/net, and no output of `sysctl -a`")
    if _EVERYWHERE not in members.files:
        text = output(files, _COMMAND)
        return text if isinstance(text, Unavailable) else Unavailable(f"`{_COMMAND}` is cut off")
    net: SysctlTree = {}
    for name, content in members.files.items():
        if name.startswith(_NET):
            *folders, key = name[len(_NET) :].split("/")
            text = content.decode(errors="replace")
            _folder(net, folders).setdefault(key, parse_value(text, key))
    for name, reason in members.left_out.items():
        if name.startswith(_NET):
            *folders, key = name[len(_NET) :].split("/")
            _folder(net, folders)[key] = Unavailable(reason)
    return {"net": net}


def _folder(tree: SysctlTree, folders: list[str]) -> SysctlTree:
    for name in folders:
        below = tree.setdefault(name, {})
        if not isinstance(below, dict):  # a file and a directory of one name: no kernel does that
            below = tree[name] = {}
        tree = below
    return tree


def _file(key: str) -> str:
    return "proc/sys/" + "/".join(part.replace("/", ".") for part in key.strip().split("."))


def _is_secret(name: str) -> bool:
    return name.rpartition("/")[2] in SECRETS
