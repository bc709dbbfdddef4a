"""The answers to ethtool's questions in a sosreport, one file for each question and interface."""

from __future__ import annotations

from advisor.facts.nics.device_settings import DeviceSettings
from advisor.facts.nics.ethtool_ioctl import Driver
from advisor.facts.nics.link_speeds import LinkMode
from advisor.facts.sosreport import ethtool_text as text
from advisor.facts.sosreport.commands import output
from advisor.facts.sosreport.ethtool_link import parse_fec, parse_link_mode
from advisor.facts.sosreport.report_files import ReportFiles
from advisor.model.unavailable import Unavailable

_NEVER_ASKED = Unavailable("sos does not ask for it")


def read_driver(files: ReportFiles, name: str) -> Driver:
    """The driver of an interface; its name is "" when it has none or nothing tells."""
    found = text.answer(output(files, f"ethtool -i {name}"), "", text.parse_driver)
    return Driver(name="") if isinstance(found, Unavailable) else found


def read_settings(files: ReportFiles, name: str, driver: Driver) -> DeviceSettings:
    """All answers of one interface."""

    def printed(options: str) -> str | Unavailable:
        return output(files, f"ethtool {options} {name}" if options else f"ethtool {name}")

    mode = text.answer(printed(""), driver.name, parse_link_mode)
    mode = LinkMode() if isinstance(mode, Unavailable) else mode
    rss = text.answer(printed("-x"), driver.name, text.parse_rss)
    statistics = text.answer(printed("-S"), driver.name, text.parse_statistics)
    return DeviceSettings(
        driver=driver,
        speed_mbps=mode.speed_mbps,
        duplex=mode.duplex,
        autoneg=mode.autoneg,
        speed_max_mbps=mode.speed_max_mbps,
        speed_advertised_mbps=mode.speed_advertised_mbps,
        speed_partner_mbps=mode.speed_partner_mbps,
        channels=text.answer(printed("-l"), driver.name, text.parse_channels),
        ring=text.answer(printed("-g"), driver.name, text.parse_ring),
        coalesce=text.answer(printed("-c"), driver.name, text.parse_coalesce),
        queue_coalesce=_NEVER_ASKED,
        features=text.answer(printed("-k"), driver.name, text.parse_features),
        pause=text.answer(printed("-a"), driver.name, text.parse_pause),
        rss=rss,
        fec=text.answer(printed("--show-fec"), driver.name, parse_fec),
        private_flags=text.answer(
            printed("--show-priv-flags"), driver.name, text.parse_private_flags
        ),
        statistics=statistics,
    )
