"""Changes that would destroy what advisor does not put back are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from advisor.errors import AdvisorError
from advisor.model.address import NicAddress
from advisor.settings.live.nic_undoable import check_undoable
from tests.unit.settings.live.fake_driver import FakeDriver, FakeKernel

COMBINED = NicAddress("eth0", ("channels", "combined"))
USECS = NicAddress("eth0", ("coalesce", "rx-usecs"))
FRAMES = NicAddress("eth0", ("coalesce", "tx-frames"))


def test_rules_that_steer_flows_to_channels_keep_them(tmp_path: Path) -> None:
    driver = FakeDriver()
    driver.rules = 3
    with pytest.raises(AdvisorError, match="3 rules that steer flows"):
        check_undoable(FakeKernel(tmp_path, driver), "channels", {COMBINED: 2})


def test_channels_with_coalescing_of_their_own_keep_it(tmp_path: Path) -> None:
    driver = FakeDriver()
    kernel = FakeKernel(tmp_path, driver)
    check_undoable(kernel, "coalesce", {USECS: 16})
    driver.usecs = [8, 8, 50, 8]
    with pytest.raises(AdvisorError, match="rx-usecs that channels have of their own"):
        check_undoable(kernel, "coalesce", {USECS: 16})
    check_undoable(kernel, "coalesce", {FRAMES: 16})
    driver.adaptive = True  # the driver moves them all the time
    check_undoable(kernel, "coalesce", {USECS: 16})


def test_rings_and_flow_control_have_nothing_to_lose(tmp_path: Path) -> None:
    kernel = FakeKernel(tmp_path, FakeDriver())
    for group in ("ring", "pause"):
        check_undoable(kernel, group, {NicAddress("eth0", (group, "rx")): 1})


def test_an_interface_that_is_gone_is_no_reason_to_go_on(tmp_path: Path) -> None:
    kernel = FakeKernel(tmp_path, FakeDriver())
    with pytest.raises(AdvisorError, match="not there any more"):
        check_undoable(kernel, "channels", {NicAddress("eth1", ("channels", "rx")): 1})
