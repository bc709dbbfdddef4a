"""The processes that this one descends from: what they say of a login, and which sockets they hold.

sudo, su and the like drop a login's variables, so that only an ancestor may have them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from advisor.facts.files import Files, MiB
from advisor.model.unavailable import Unavailable

_VARIABLES = (b"SSH_CONNECTION", b"SSH_CLIENT")
_ENVIRONMENT_MAX = 4 * MiB
_SOCKET = re.compile(r"socket:\[([0-9]+)\]")
_GENERATIONS_MAX = 256
_PARENT = 1  # field of /proc/PID/stat after the name

# PID_NS_INIT_INO in include/uapi/linux/nsfs.h, the same in every kernel since 3.8.
_INITIAL_PIDS = "pid:[4026531836]"
_NO_AUDIT_SESSION = "4294967295"

# Fields of /proc/PID/net/tcp, and loopback addresses as it has them on little-endian machines:
# 127.0.0.0/8, the same mapped into IPv6, and ::1.
_REMOTE, _STATE, _INODE = 2, 3, 9
_ESTABLISHED = "01"
_LOOPBACK = re.compile(r"(0{16}FFFF0000)?.{6}7F:|0{24}01000000:")


@dataclass(frozen=True, slots=True)
class Ancestry:
    """This process and its ancestors, the first process of the host left out.

    Attributes:
        logins: Values of SSH_CONNECTION and SSH_CLIENT, those of the youngest process first. A
            user can set them to anything.
        sockets: Inode numbers of the sockets that they hold.
        hidden: Why not everything could be seen, None when it could.
        elsewhere: Whether they hold an established TCP connection, other than over loopback, in a
            network namespace that is not this process's.
        remote: Whether the session manager says that this session's user came over the network,
            None when it does not tell or there is no session.
    """

    logins: tuple[str, ...]
    sockets: frozenset[int]
    hidden: str | None
    elsewhere: bool
    remote: bool | None


def read_ancestry(files: Files) -> Ancestry:
    """Who started this process."""
    logins: list[str] = []
    sockets: set[int] = set()
    hidden: list[str] = []
    elsewhere = False
    namespace = files.read_link("/proc/self/ns/net")
    for directory in _generations(files, hidden):
        environment = files.read_bytes(f"{directory}/environ", _ENVIRONMENT_MAX)
        if isinstance(environment, bytes):
            logins += _values(environment)
        else:
            hidden.append(environment.reason)
        held = _sockets(files, f"{directory}/fd")
        if isinstance(held, Unavailable):
            hidden.append(held.reason)
        else:
            sockets |= held
            if held and files.read_link(f"{directory}/ns/net") != namespace:
                elsewhere = elsewhere or _holds_connection(files, directory, held, hidden)
    remote = _remote(files, hidden)
    return Ancestry(
        logins=tuple(dict.fromkeys(logins)),
        sockets=frozenset(sockets),
        hidden=hidden[0] if hidden else None,
        elsewhere=elsewhere,
        remote=remote,
    )


def _generations(files: Files, hidden: list[str]) -> Iterator[str]:
    """The directories below /proc of this process, its parent, and so on."""
    directory = "/proc/self"
    for _ in range(_GENERATIONS_MAX):
        yield directory
        stat = files.read_text(f"{directory}/stat")
        if isinstance(stat, Unavailable):
            hidden.append(stat.reason)
            return
        fields = stat.rpartition(")")[2].split()  # the name may hold anything, spaces too
        parent = int(fields[_PARENT]) if len(fields) > _PARENT and fields[_PARENT].isdigit() else 0
        if parent <= 1:
            if parent == 0 or files.read_link("/proc/self/ns/pid") != _INITIAL_PIDS:
                hidden.append("this runs in a container, and who entered it is outside")
            return
        directory = f"/proc/{parent}"
    hidden.append("there are too many ancestors")


def _values(environment: bytes) -> Iterator[str]:
    for variable in environment.split(b"\0"):
        name, _, value = variable.partition(b"=")
        if name in _VARIABLES:
            yield value.decode(errors="replace")


def _sockets(files: Files, directory: str) -> set[int] | Unavailable:
    names = files.list_dir(directory)
    if isinstance(names, Unavailable):
        return names
    found = set()
    for name in names:
        # A descriptor that has been closed meanwhile is Unavailable, and none of the session's.
        link = files.read_link(f"{directory}/{name}")
        match = _SOCKET.fullmatch(link) if isinstance(link, str) else None
        if match is not None:
            found.add(int(match[1]))
    return found


def _holds_connection(files: Files, directory: str, held: set[int], hidden: list[str]) -> bool:
    """Whether one of the sockets is a TCP connection, by the files of its own namespace."""
    for name in ("tcp", "tcp6"):
        table = files.read_text(f"{directory}/net/{name}")
        if isinstance(table, Unavailable):
            hidden.append(table.reason)
            continue
        for line in table.splitlines()[1:]:
            fields = line.split()
            if len(fields) <= _INODE or fields[_STATE] != _ESTABLISHED:
                continue
            mine = fields[_INODE].isdecimal() and int(fields[_INODE]) in held
            if mine and not _LOOPBACK.match(fields[_REMOTE]):
                return True
    return False


def _remote(files: Files, hidden: list[str]) -> bool | None:
    """What systemd-logind says of the session (pam_systemd names it by its audit number).

    It also knows sessions whose processes have lost their ancestors, as those of tmux have.
    """
    number = files.read_text("/proc/self/sessionid")
    if isinstance(number, Unavailable) or not number.strip().isdecimal():
        return None
    if number.strip() == _NO_AUDIT_SESSION:
        return None
    session = files.read_text(f"/run/systemd/sessions/{number.strip()}")
    if isinstance(session, Unavailable):
        hidden.append("the login session that this belongs to is not known any more")
        return None
    return "REMOTE=1" in session.split()
