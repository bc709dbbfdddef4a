"""A request that fails, in whatever way, costs its own field; everything else stays as it was."""

from __future__ import annotations

import dataclasses
import errno
from collections.abc import Mapping

import pytest

from advisor.facts.netlink import Channel
from advisor.facts.nics.device_settings import DeviceSettings, ask_devices
from advisor.facts.nics.ethtool_ioctl import EthtoolIoctl
from advisor.model.nic_settings import Rss
from advisor.model.unavailable import Unavailable
from tests.unit.facts.nics.fake_device import (
    INDEXES,
    IOCTL_REQUESTS,
    LINKS,
    NETLINK_REQUESTS,
    Failure,
    FakeChannel,
    FakeIoctl,
)

ERRORS: dict[str, Failure] = {
    errno.errorcode[number]: number
    for number in (
        *(errno.EOPNOTSUPP, errno.ENODEV, errno.EPERM, errno.ETIMEDOUT),
        *(errno.EIO, errno.EINVAL, errno.EBUSY),
    )
}
NONSENSE: dict[str, Failure] = {
    "nothing": lambda answer: b"",
    "six bytes": lambda answer: answer[:6],
    "half": lambda answer: answer[: len(answer) // 2],
    "ones": lambda answer: b"\xff" * len(answer),
    "zeros": lambda answer: bytes(len(answer)),
}
FAILURES = ERRORS | NONSENSE

LINK_FIELDS = {
    *("speed_mbps", "duplex", "autoneg"),
    *("speed_max_mbps", "speed_advertised_mbps", "speed_partner_mbps"),
}
FIELDS = {field.name for field in dataclasses.fields(DeviceSettings)}

# Request → the fields that need it, where these are not one of its name.
NEEDED_BY = {
    "link_modes": LINK_FIELDS,
    "channels": {"channels", "queue_coalesce"},
    "coalesce": {"coalesce", "queue_coalesce"},
}
# Over netlink, the names of features come from the ioctl instead, and those of modes are known.
NEEDED_OVER_NETLINK = NEEDED_BY | {"strings": set(), "contexts": {"rss"}}
NEEDED_OVER_IOCTL = NEEDED_BY | {
    "driver": {"driver", "private_flags", "statistics"},
    "strings": {"features", "private_flags", "statistics"},
    "hash_fields": {"rss"},
    "settings": set(),
}
PARTS_OF_RSS = ("contexts", "hash_fields")


def settings(ioctl: EthtoolIoctl, channel: Channel | None) -> tuple[DeviceSettings, DeviceSettings]:
    """Those of the interface for which something fails, and of the other."""
    found = ask_devices(LINKS, ioctl, channel)
    return found[INDEXES["eth0"]], found[INDEXES["eth1"]]


BY_NETLINK = settings(FakeIoctl(), FakeChannel())[0]
BY_IOCTL = settings(FakeIoctl(), None)[0]
assert isinstance(BY_NETLINK.rss, Rss)
RSS = BY_NETLINK.rss


@pytest.mark.parametrize("how", FAILURES)
@pytest.mark.parametrize("request_name", sorted(NETLINK_REQUESTS.values()))
def test_a_request_that_fails_over_netlink_costs_one_field(request_name: str, how: str) -> None:
    hit, other = settings(FakeIoctl(), FakeChannel({request_name: FAILURES[how]}))
    only_differ_in(NEEDED_OVER_NETLINK, request_name, hit, BY_NETLINK)
    assert other == BY_NETLINK
    if how in ERRORS:
        says_why(NEEDED_OVER_NETLINK, request_name, hit)
    if how in ERRORS and request_name == "link_modes":
        assert {getattr(hit, field) for field in LINK_FIELDS} == {None}
    if how in ERRORS and request_name == "contexts":
        assert hit.rss == dataclasses.replace(RSS, contexts={})


@pytest.mark.parametrize("how", FAILURES)
@pytest.mark.parametrize("request_name", sorted(IOCTL_REQUESTS.values()))
def test_a_request_that_fails_over_the_ioctl_costs_one_field(request_name: str, how: str) -> None:
    hit, other = settings(FakeIoctl({request_name: FAILURES[how]}), None)
    only_differ_in(NEEDED_OVER_IOCTL, request_name, hit, BY_IOCTL)
    assert other == BY_IOCTL
    if how in ERRORS:
        says_why(NEEDED_OVER_IOCTL, request_name, hit)
    if how in ERRORS and request_name == "hash_fields":
        assert hit.rss == dataclasses.replace(RSS, hash_fields={}, contexts={})


def test_a_device_that_refuses_everything_is_a_device_of_which_nothing_is_known() -> None:
    everything = dict.fromkeys([*NETLINK_REQUESTS.values(), *IOCTL_REQUESTS.values()], errno.EIO)
    hit, other = settings(FakeIoctl(everything), FakeChannel(everything))
    for field in FIELDS - LINK_FIELDS - {"driver"}:
        assert isinstance(getattr(hit, field), Unavailable), field
    assert hit.driver.name == ""
    assert other == BY_NETLINK


def only_differ_in(
    needed_by: Mapping[str, set[str]],
    request_name: str,
    found: DeviceSettings,
    expected: DeviceSettings,
) -> None:
    """Every field that does not need the request is as it is without a failure."""
    for field in FIELDS - needed_by.get(request_name, {request_name}):
        assert getattr(found, field) == getattr(expected, field), field


def says_why(needed_by: Mapping[str, set[str]], request_name: str, found: DeviceSettings) -> None:
    """Every field that needs the request has a reason, as far as it is of a kind that has one."""
    if request_name in PARTS_OF_RSS:
        return
    for field in needed_by.get(request_name, {request_name}) - LINK_FIELDS - {"driver"}:
        value = getattr(found, field)
        assert isinstance(value, Unavailable), field
        assert value.reason
