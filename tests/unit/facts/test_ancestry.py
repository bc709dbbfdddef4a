"""What this process's ancestors tell of a login, and why they may not."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from advisor.facts.ancestry import Ancestry, read_ancestry
from advisor.model.unavailable import Unavailable
from tests.unit.facts.host_tree import Link, host

LOGIN = "198.51.100.7 50000 192.0.2.1 22"
HOST_PIDS, HOST_NET = "pid:[4026531836]", "net:[4026531840]"
HEAD = (
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout\n"
)


def process(
    name: str,
    parent: int,
    environment: str = "",
    sockets: tuple[int, ...] = (),
    net: str = HOST_NET,
) -> dict[str, str | bytes | Link]:
    """The files of one process, by their names in its directory."""
    return {
        "stat": f"7 ({name}) S {parent} 7 7 0 -1 4194560",
        "environ": environment.replace("|", "\0").encode(),
        "fd/0": Link("/dev/pts/1"),
        "fd/1": Link("pipe:[999]"),
        **{f"fd/{10 + inode}": Link(f"socket:[{inode}]") for inode in sockets},
        "ns/net": Link(net),
        "ns/pid": Link(HOST_PIDS),
    }


def ancestry(
    root: Path, *chain: Mapping[str, str | bytes | Link], **more: str | bytes | Link
) -> Ancestry:
    """Of this process (the first) with the parents 100, 101, … that its `stat` names."""
    entries: dict[str, str | bytes | Link] = {"/proc/self/sessionid": "4294967295"}
    for number, files in enumerate(chain):
        directory = "/proc/self" if number == 0 else f"/proc/{99 + number}"
        entries |= {f"{directory}/{name}": content for name, content in files.items()}
    entries |= {f"/{path}": content for path, content in more.items()}
    return read_ancestry(host(root, entries))


def test_a_login_is_found_although_sudo_has_dropped_its_variables(tmp_path: Path) -> None:
    found = ancestry(
        tmp_path,
        process("advisor", 100, "PATH=/bin"),
        process("sudo (x) 1", 101, "PATH=/bin"),
        process("bash", 102, f"SHELL=/bin/sh|SSH_CONNECTION={LOGIN}|TERM=x"),
        process("sshd", 103, "", (42, 43)),
        process("sshd", 1, "", (41,)),
    )
    assert found == Ancestry((LOGIN,), frozenset({41, 42, 43}), None, False, None)


def test_the_youngest_login_comes_first_and_each_one_once(tmp_path: Path) -> None:
    found = ancestry(
        tmp_path,
        process("advisor", 100, f"SSH_CLIENT=a|SSH_CONNECTION={LOGIN}"),
        process("bash", 101, f"SSH_CONNECTION={LOGIN}|XSSH_CLIENT=c"),
        process("bash", 1, "SSH_CLIENT=b|SSH_CLIENT"),
    )
    assert found.logins == ("a", LOGIN, "b", "")


def test_without_a_login_there_is_none(tmp_path: Path) -> None:
    assert ancestry(tmp_path, process("advisor", 1)) == Ancestry((), frozenset(), None, False, None)


def test_an_ancestor_that_cannot_be_read_hides_what_it_has(tmp_path: Path) -> None:
    found = ancestry(tmp_path, process("advisor", 100), {"stat": "100 (sshd) S 1 1"})
    assert found.hidden is not None and "/proc/100/environ" in found.hidden
    gone = ancestry(tmp_path / "gone", process("advisor", 100))
    assert gone.hidden is not None


@pytest.mark.parametrize("parent", ["0", "1", "x"])
def test_who_entered_a_container_is_out_of_sight(tmp_path: Path, parent: str) -> None:
    files = process("advisor", 0) | {"stat": f"1 (advisor) S {parent}"}
    found = ancestry(tmp_path, files | {"ns/pid": Link("pid:[4026532999]")})
    assert found.hidden is not None and "container" in found.hidden


def test_a_circle_of_parents_comes_to_an_end(tmp_path: Path) -> None:
    found = ancestry(tmp_path, process("advisor", 100), process("odd", 100))
    assert found.hidden == "there are too many ancestors"


def socket_line(remote: str, state: str, inode: int) -> str:
    return f"   0: 0100A8C0:0016 {remote}:C350 {state} 0:0 00:0 00000000     0        0 {inode} 1\n"


@pytest.mark.parametrize(
    ("name", "remote", "state", "inode", "elsewhere"),
    [
        ("tcp", "076433C6", "01", 42, True),
        ("tcp6", "B80D0120000000000000000001000000", "01", 42, True),
        ("tcp6", "0000000000000000FFFF0000076433C6", "01", 42, True),
        ("tcp6", "B80D012000000000000000000100007F", "01", 42, True),
        ("tcp", "076433C6", "0A", 42, False),
        ("tcp", "076433C6", "01", 77, False),
        ("tcp", "0100007F", "01", 42, False),
        ("tcp6", "00000000000000000000000001000000", "01", 42, False),
        ("tcp6", "0000000000000000FFFF00000100007F", "01", 42, False),
    ],
)
def test_a_connection_in_another_namespace_is_noticed(
    tmp_path: Path, name: str, remote: str, state: str, inode: int, elsewhere: bool
) -> None:
    tables = {"net/tcp": HEAD, "net/tcp6": HEAD}
    tables[f"net/{name}"] += socket_line(remote, state, inode)
    there = process("sshd", 1, "", (42,), net="net:[4026532000]")
    found = ancestry(tmp_path, process("advisor", 100), there | tables)
    assert (found.elsewhere, found.hidden) == (elsewhere, None)


def test_another_namespace_that_cannot_be_read_hides_what_is_there(tmp_path: Path) -> None:
    there = process("sshd", 1, "", (42,), net="net:[4026532000]")
    assert ancestry(tmp_path, process("advisor", 100), there).hidden is not None


@pytest.mark.parametrize(
    ("number", "session", "remote", "hidden"),
    [
        ("12", "UID=0\nREMOTE=1\nREMOTE_HOST=198.51.100.7\n", True, False),
        ("12", "UID=0\nREMOTE=0\n", False, False),
        ("12", None, None, True),
        ("4294967295", "REMOTE=1\n", None, False),
        ("../12", "REMOTE=1\n", None, False),
        ("", "REMOTE=1\n", None, False),
    ],
)
def test_the_session_manager_tells_who_came_over_the_network(
    tmp_path: Path, number: str, session: str | None, remote: bool | None, hidden: bool
) -> None:
    files: dict[str, str | bytes | Link] = {"proc/self/sessionid": number}
    if session is not None:
        files[f"run/systemd/sessions/{Path(number).name or 'x'}"] = session
    found = ancestry(tmp_path, process("advisor", 1), **files)
    assert (found.remote, found.hidden is not None) == (remote, hidden)


def test_a_kernel_without_audit_has_no_sessions(tmp_path: Path) -> None:
    entries = {f"/proc/self/{name}": each for name, each in process("advisor", 1).items()}
    files = host(tmp_path, entries)
    assert isinstance(files.read_text("/proc/self/sessionid"), Unavailable)
    assert read_ancestry(files).remote is None
