"""What drivers answer, on the running kernel: what is not there says why."""

from __future__ import annotations

import dataclasses

import pytest

from advisor.facts.nics.device_settings import DeviceSettings, read_device_settings
from advisor.facts.nics.links import Link, read_links
from advisor.model.nic_settings import Feature
from advisor.model.unavailable import Unavailable

PARTS = [
    field.name
    for field in dataclasses.fields(DeviceSettings)
    if field.name not in ("driver", "speed_mbps", "duplex")
]


def loopback() -> Link:
    return next(link for link in read_links() if link.name == "lo")


@pytest.mark.parametrize("use_netlink", [True, False])
def test_the_loopback_has_features_and_nothing_else(use_netlink: bool) -> None:
    settings = read_device_settings([loopback()], use_netlink=use_netlink)[1]
    assert isinstance(settings.features, dict)
    assert settings.features["loopback"] == Feature(active=True, fixed=True)
    for part in set(PARTS) - {"features"}:
        assert isinstance(getattr(settings, part), Unavailable), part
    assert settings.driver.name == ""


@pytest.mark.parametrize("use_netlink", [True, False])
def test_an_interface_that_has_gone_does_not_disturb_the_others(use_netlink: bool) -> None:
    gone = dataclasses.replace(loopback(), index=0x7FFFFFFF, name="went-away")
    settings = read_device_settings([gone, loopback()], use_netlink=use_netlink)
    for part in PARTS:
        reason = getattr(settings[gone.index], part)
        assert isinstance(reason, Unavailable)
        assert "not there any more" in reason.reason
    assert isinstance(settings[1].features, dict)
