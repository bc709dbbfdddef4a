"""The child that enters a namespace: what it may do to its parent, and how it may end."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from advisor.errors import AdvisorError
from advisor.facts.namespaces import NAMED, run_apart
from tests.netns.spaces import ROOT, needs_namespaces, space

pytestmark = needs_namespaces

ENTER = """
import sys
from advisor.errors import AdvisorError
from advisor.facts.namespaces import run_apart
try:
    run_apart(lambda: b"", netns=sys.argv[1], timeout_s=10)
except AdvisorError as error:
    print(error)
"""


MOUNT = f"advisor-mount-{os.getpid()}"
"""Name of a mount; no other suite that runs at the same time has the same."""


def interfaces() -> bytes:
    return " ".join(sorted(path.name for path in Path("/sys/class/net").iterdir())).encode()


def mount_something() -> bytes:
    return str(os.system(f"mount -t tmpfs {MOUNT} /sys/class")).encode()


def test_the_child_has_its_own_sys_and_the_parent_keeps_its() -> None:
    before = interfaces()
    with space() as place:
        place.run("ip", "link", "add", "v0", "type", "veth", "peer", "name", "v1")
        assert run_apart(interfaces, netns=place.name, timeout_s=10) == b"lo v0 v1"
    assert interfaces() == before


def test_mounts_of_the_child_end_with_it() -> None:
    with space() as place:
        assert run_apart(mount_something, netns=place.name, timeout_s=10) == b"0"
    assert MOUNT not in Path("/proc/self/mountinfo").read_text()


def test_large_answers_come_through() -> None:
    answer = os.urandom(3 << 20)
    assert run_apart(lambda: answer, netns=None, timeout_s=10) == answer


def _die() -> bytes:
    os.kill(os.getpid(), signal.SIGKILL)
    return b""


def _leave() -> bytes:
    os._exit(3)


def _fail() -> bytes:
    raise ValueError("something odd")


def _dawdle() -> bytes:
    time.sleep(60)
    return b""


def _refuse() -> bytes:
    raise AdvisorError("not today", "try tomorrow")


@pytest.mark.parametrize(
    ("work", "message", "hint"),
    [
        (_die, "this network namespace could not be read: its reader ended with signal 9", None),
        (_leave, "this network namespace could not be read: its reader ended with status 3", None),
        (_fail, "this network namespace could not be read: ValueError: something odd", None),
        (_refuse, "not today", "try tomorrow"),
    ],
)
def test_however_the_child_ends_the_parent_says_so(
    work: Callable[[], bytes], message: str, hint: str | None
) -> None:
    with pytest.raises(AdvisorError) as caught:
        run_apart(work, netns=None, timeout_s=10)
    assert (caught.value.message, caught.value.hint) == (message, hint)


def test_a_child_that_takes_too_long_is_ended() -> None:
    started = time.monotonic()
    with pytest.raises(AdvisorError, match=r"took longer than 0 s to read"):
        run_apart(_dawdle, netns=None, timeout_s=0.2)
    assert time.monotonic() - started < 10
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_a_file_that_is_no_namespace_is_refused() -> None:
    path = Path(NAMED[0]) / f"advisor-test-{os.getpid()}-file"
    with space():  # so that the directory is there
        path.touch()
        try:
            with pytest.raises(AdvisorError, match="is not a network namespace"):
                run_apart(interfaces, netns=path.name, timeout_s=10)
        finally:
            path.unlink()


def test_no_descriptor_and_no_child_is_left() -> None:
    before = {path.name for path in Path("/proc/self/fd").iterdir()}
    with space() as place:
        run_apart(interfaces, netns=place.name, timeout_s=10)
        with pytest.raises(AdvisorError):
            run_apart(_fail, netns=place.name, timeout_s=10)
    assert {path.name for path in Path("/proc/self/fd").iterdir()} == before


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="needs setpriv")
def test_without_permission_the_hint_is_to_be_root() -> None:
    with space() as place:
        without_capabilities = ["setpriv", "--bounding-set", "-all", "--inh-caps", "-all"]
        done = subprocess.run(
            [*without_capabilities, sys.executable, "-c", ENTER, place.name],
            capture_output=True,
            text=True,
            cwd=ROOT,
            timeout=60,
        )
    assert done.stdout == (
        f"no permission to enter the network namespace '{place.name}'\n"
        "  hint: run advisor as root\n"
    ), done.stderr
