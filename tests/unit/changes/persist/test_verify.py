"""Whether what was written will win, and what beats it otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from advisor.changes.persist import names
from advisor.changes.persist.plan import plan_files
from advisor.changes.persist.verify import verify
from advisor.model.address import Address, NicAddress, SysctlAddress
from advisor.model.receipt import Value
from advisor.model.system import Services
from tests.unit.changes.persist.means import means
from tests.unit.facts.host_tree import Link, host

Tree = Mapping[str, str | bytes | Link]

SYSTEMD: Tree = {"/usr/lib/systemd/systemd-sysctl": "", "/run/systemd/system/x": ""}
PROCPS: Tree = {"/usr/sbin/sysctl": ""}
SOMAXCONN: dict[Address, Value] = {SysctlAddress(("net", "core", "somaxconn")): 4096}
CONNTRACK: dict[Address, Value] = {SysctlAddress(("net", "netfilter", "nf_conntrack_max")): 9999}
QDISC: dict[Address, Value] = {NicAddress("eth0", ("qdisc",)): "fq"}
KEY = "net.core.somaxconn"
TUNED = {
    "/etc/tuned/active_profile": "site\n",
    "/etc/tuned/site/tuned.conf": f"[sysctl]\n{KEY} = 2048\n",
}


def _verify(
    tmp_path: Path,
    values: dict[Address, Value],
    tree: Tree,
    *running: str,
    without: tuple[str, ...] = (),
) -> list[str]:
    wanted = plan_files(values, means({}))
    written = {
        each.path: each.content if each.target is None else Link(each.target)
        for each in wanted.files
        if each.path not in without
    }
    return verify(wanted, host(tmp_path, {**written, **tree}), Services(running))


def test_files_that_win_leave_nothing_to_say(tmp_path: Path) -> None:
    tree = {**SYSTEMD, "/etc/sysctl.d/99-sysctl.conf": f"{KEY} = 1"}
    assert _verify(tmp_path, {**SOMAXCONN, **CONNTRACK, **QDISC}, tree) == []


def test_without_systemd_too(tmp_path: Path) -> None:
    assert _verify(tmp_path, SOMAXCONN, {**PROCPS, "/etc/sysctl.conf": f"{KEY} = 4096"}) == []


@pytest.mark.parametrize(
    ("tree", "said"),
    [
        (
            {**SYSTEMD, "/etc/sysctl.d/zz.conf": f"\n{KEY} = 1"},
            f"{KEY}: /etc/sysctl.d/zz.conf:2 sets it to 1 at the next boot, not to 4096",
        ),
        (
            {**PROCPS, "/etc/sysctl.conf": f"{KEY} = 1"},
            f"{KEY}: /etc/sysctl.conf:1 sets it to 1 at the next boot, not to 4096",
        ),
        (
            {**SYSTEMD, "/etc/sysctl.d/zz.conf": f"-{KEY}"},
            f"{KEY}: no file that is read at boot sets it",
        ),
        ({}, f"{names.SYSCTL}: nothing reads it at boot"),
        (
            {
                **SYSTEMD,
                "/etc/ufw/ufw.conf": "ENABLED=yes\n",
                "/etc/ufw/sysctl.conf": f"{KEY.replace('.', '/')}=1\n",
            },
            f"{KEY}: later set by ufw (1, /etc/ufw/sysctl.conf)",
        ),
        (
            {**SYSTEMD, **TUNED, "/etc/tuned/tuned-main.conf": "reapply_sysctl = 0\n"},
            f"{KEY}: later set by tuned (2048, /etc/tuned/site/tuned.conf)",
        ),
    ],
    ids=[
        *("a later file", "sysctl.conf", "an excluded key", "nobody reads it", "ufw"),
        "TuneD that does not set the files' values again",
    ],
)
def test_what_beats_the_files_is_named(tmp_path: Path, tree: Tree, said: str) -> None:
    assert _verify(tmp_path, SOMAXCONN, tree, "tuned") == [said]


def test_tuned_sets_the_files_values_again_after_its_own(tmp_path: Path) -> None:
    assert _verify(tmp_path, SOMAXCONN, {**SYSTEMD, **TUNED}, "tuned") == []


def test_a_module_that_comes_too_late_is_named(tmp_path: Path) -> None:
    said = _verify(tmp_path, CONNTRACK, SYSTEMD, without=(names.MODULES,))
    assert len(said) == 2
    assert said[0].startswith(f"{names.MODULES}: ")
    assert said[1].endswith("nothing loads the module nf_conntrack before values are set")


@pytest.mark.parametrize("path", [names.UNIT, names.SETTINGS, names.WANTS, names.SYSCTL])
def test_a_file_that_is_missing_is_named(tmp_path: Path, path: str) -> None:
    said = _verify(tmp_path, {**SOMAXCONN, **QDISC}, SYSTEMD, without=(path,))
    assert said[0].startswith(f"{path}: ")


def test_a_file_with_other_contents_is_named(tmp_path: Path) -> None:
    said = _verify(tmp_path, QDISC, {**SYSTEMD, names.UNIT: "", names.WANTS: Link("/dev/null")})
    assert said == [
        f"{names.UNIT}: does not hold what was written",
        f"{names.WANTS}: is not the link that it should be",
    ]
