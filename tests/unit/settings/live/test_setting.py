"""Every setting that can be checked can be read, judged and written, or says why not."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.errors import AdvisorError
from advisor.facts.files import Files
from advisor.facts.netlink import Silence
from advisor.model.address import Address, IrqAddress, NicAddress, SysctlAddress, parse_address
from advisor.model.unavailable import Unavailable
from advisor.settings.live import STATE, Live, Value, WriteError, batch
from tests.unit.settings.test_paths import VALUES

ADDRESSES = [parse_address(case[0]) for case in VALUES] + [
    NicAddress("eth0", (name,)) for name in STATE
]


@pytest.mark.parametrize("address", ADDRESSES, ids=str)
def test_every_setting_has_a_way_to_it(tmp_path: Path, address: Address) -> None:
    with Live(Files(tmp_path)) as live:
        found = live.read(address)
        assert isinstance(found, Unavailable)
        assert found.reason
        with pytest.raises(AdvisorError):
            live.write(address, 1)


def test_recorded_files_do_not_lead_to_the_running_kernel(tmp_path: Path) -> None:
    # An interface that this machine surely has, too.
    directory = tmp_path / "sys/class/net/lo"
    directory.mkdir(parents=True)
    (directory / "ifindex").write_text("1\n")
    values = {"mtu": 65535, "txqueuelen": 999, "qdisc": "pfifo_fast", "routes": ()}
    addresses: dict[Address, Value] = {
        NicAddress("lo", (name,)): value for name, value in values.items()
    }
    addresses |= {
        NicAddress("lo", ("feature", "rx-gro")): False,
        NicAddress("lo", ("channels", "rx")): 1,
        NicAddress("lo", ("rss", "indirection")): (0,),
    }
    with Live(Files(tmp_path)) as live:
        for address, value in addresses.items():
            assert isinstance(live.read(address), Unavailable), address
            with pytest.raises(WriteError, match="another host"):
                live.write(address, value)


@pytest.mark.parametrize(
    "attribute",
    [
        (),
        ("nix",),
        ("channels",),
        ("channels", "nix"),
        ("mtu", "x"),
        ("queue", "rx-0", "../../threaded"),
        ("queue", "rx-0"),
        ("queue", "..", "rps_cpus"),
        ("queue", "rx-0/..", "rps_cpus"),
        ("queue", "rx-٣", "rps_cpus"),
        ("queue", "rx-0", "tx_timeout"),
        ("routes", "x"),
        ("feature",),
        ("../../mtu",),
    ],
)
def test_what_is_no_setting_is_an_error(tmp_path: Path, attribute: tuple[str, ...]) -> None:
    address = NicAddress("eth0", attribute)
    with Live(Files(tmp_path)) as live:
        for act in (
            lambda: live.read(address),
            lambda: live.check(address, 1, 1),
            lambda: live.write(address, 1),
            lambda: live.dependents(address),
        ):
            with pytest.raises(AdvisorError, match="eth0"):
                act()


@given(
    name=st.text(),
    attribute=st.lists(st.text(), max_size=4),
    value=st.one_of(st.integers(), st.booleans(), st.text(), st.just(())),
)
def test_no_name_of_an_interface_or_property_breaks_anything(
    tmp_path_factory: pytest.TempPathFactory, name: str, attribute: list[str], value: int | str
) -> None:
    address = NicAddress(name, tuple(attribute))
    with Live(Files(tmp_path_factory.getbasetemp())) as live, pytest.raises(AdvisorError):
        live.write(address, value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nic:eth0/ring.rx", ("eth0", "ring")),
        ("nic:eth0/coalesce.rx-usecs", ("eth0", "coalesce")),
        ("nic:eth0/channels.rx", ("eth0", "channels")),
        ("nic:eth0/mtu", None),
        ("nic:eth0/queue.rx-0.rps_cpus", None),
        ("sysctl:net.core.somaxconn", None),
        ("irq:45/affinity", None),
    ],
)
def test_fields_of_one_group_can_be_written_together(
    text: str, expected: tuple[str, str] | None
) -> None:
    assert batch(parse_address(text)) == expected


def test_settings_of_several_groups_are_not_one_request(tmp_path: Path) -> None:
    ring, other = NicAddress("eth0", ("ring", "rx")), NicAddress("eth1", ("ring", "rx"))
    somaxconn = SysctlAddress(("net", "core", "somaxconn"))
    with Live(Files(tmp_path)) as live:
        for values in ({ring: 1, other: 1}, {ring: 1, somaxconn: 1}, {somaxconn: 1}, {}):
            with pytest.raises(ValueError, match="one request"):
                live.write_together(values)


def test_an_error_carries_the_number_and_the_kernels_words() -> None:
    address = IrqAddress(45)
    plain = WriteError(address, OSError(errno.EPERM, os.strerror(errno.EPERM)))
    assert (plain.errno, plain.text) == (errno.EPERM, None)
    assert "EPERM" in plain.message
    assert plain.hint is not None
    assert "root" in plain.hint
    spoken = WriteError(address, OSError(errno.EINVAL, "mtu greater than device maximum"))
    assert spoken.text == "mtu greater than device maximum"
    assert spoken.message.startswith("irq:45/affinity: ")
    unsupported = WriteError(address, OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP)))
    assert "EOPNOTSUPP" in unsupported.message


def test_silence_leaves_the_outcome_open() -> None:
    silence = Silence(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
    error = WriteError(IrqAddress(45), silence)
    assert error.errno == errno.ETIMEDOUT
    assert "not known" in error.message
