"""The commands that reports propose, typed into a shell: they change what they say, by any name."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

from advisor.model.address import Address, NicAddress, SysctlAddress
from advisor.settings import commands, read
from tests.netns.spaces import Space, needs_namespaces, space

pytestmark = needs_namespaces

NAMES = (
    *("plain", "eth0.100", "-x", "--help", "a..b", "$(id)", "a;b", "a'b", 'a"b', "a=b"),
    *("a&b", "~", "a\\b", "a\x1b[31mb", "not\udcffutf8", "dev"),
)
SETTINGS: dict[tuple[str, ...], Any] = {
    ("mtu",): 1400,
    ("txqueuelen",): 500,
    ("qdisc",): "pfifo_fast",
    ("feature", "tx-tcp-segmentation"): False,
    ("queue", "rx-0", "rps_cpus"): (0,),
    ("queue", "rx-0", "rps_flow_cnt"): 64,
    ("gro_flush_timeout",): 20000,
    ("napi_defer_hard_irqs",): 2,
}


@pytest.fixture(scope="module")
def odd() -> Iterator[Space]:
    with space() as made:
        for number, name in enumerate(NAMES):
            made.run("ip", "link", "add", "name", name, "type", "veth", "peer", f"peer{number}")
        yield made


def wanted(name: str) -> dict[Address, Any]:
    conf = ("net", "ipv4", "conf", name)
    return {
        **{NicAddress(name, attribute): value for attribute, value in SETTINGS.items()},
        SysctlAddress((*conf, "rp_filter")): 2,
    }


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_command_changes_its_setting_and_nothing_of_the_others(odd: Space, name: str) -> None:
    before = odd.read()
    changes = {
        address: value
        for address, value in wanted(name).items()
        if not hasattr(read(before, address), "absent")
    }
    assert len(changes) >= len(SETTINGS) - 1, "too few of the settings can be read here"
    for lines in commands(before, changes).values():
        for line in lines:
            assert line.isprintable()
            # sysctl(8) repeats the name, which may not be text.
            odd.run("sh", "-c", f"({line}) >/dev/null")
    after = odd.read()
    assert {address: read(after, address) for address in changes} == changes
    for other in NAMES:
        if other != name:
            for address in wanted(other):
                assert read(after, address) == read(before, address)


def test_fields_of_a_vector_leave_its_other_fields_alone(odd: Space) -> None:
    rmem = ("net", "ipv4", "tcp_rmem")
    before = odd.read()
    old = read(before, SysctlAddress(rmem))
    changes: dict[Address, Any] = {SysctlAddress(rmem, 0): 8192, SysctlAddress(rmem, 1): 65536}
    (line,) = {line for lines in commands(before, changes).values() for line in lines}
    odd.run("sh", "-c", line)
    assert read(odd.read(), SysctlAddress(rmem)) == (8192, 65536, old[2])


def test_nothing_ran_that_a_name_contains(odd: Space) -> None:
    name = f"$(>{os.getpid()})"
    odd.run("ip", "link", "add", "name", name, "type", "veth", "peer", "witness")
    host = odd.read()
    ((line,),) = commands(host, {NicAddress(name, ("mtu",)): 1400}).values()
    assert odd.run("sh", "-c", f"cd /dev/shm && {line} && ls").split().count(str(os.getpid())) == 0
    assert read(odd.read(), NicAddress(name, ("mtu",))) == 1400
