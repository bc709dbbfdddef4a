"""Prints, as JSON, what the collectors of interfaces read in the network namespace they run in.

Arguments: "nics" (interfaces and qdiscs), "netlink" or "ioctl" (the drivers' answers that way);
"nobody" in front reads as an unprivileged user.
"""

from __future__ import annotations

import json
import os
import sys

from advisor.facts.files import Files
from advisor.facts.irqs import read_irqs
from advisor.facts.nics.device_settings import read_device_settings
from advisor.facts.nics.interfaces import read_nics
from advisor.facts.nics.links import read_links
from advisor.facts.nics.qdiscs import read_qdiscs
from advisor.facts.snapshot import plain
from advisor.model.unavailable import Unavailable

_NOBODY = 65534


def main(what: str) -> None:
    if what == "nics":
        files = Files()
        nics = read_nics(files, read_irqs(files))
        assert not isinstance(nics, Unavailable), nics
        qdiscs = read_qdiscs({nic.index: nic.name for nic in nics.values()})
        answer: object = {"nics": plain(nics), "qdiscs": plain(qdiscs)}
    else:
        links = read_links()
        settings = read_device_settings(links, use_netlink=what == "netlink")
        answer = {link.name: plain(settings[link.index]) for link in links}
    json.dump(answer, sys.stdout)


def become_nobody() -> None:
    os.setgroups([])
    os.setgid(_NOBODY)
    os.setuid(_NOBODY)


if __name__ == "__main__":
    if sys.argv[1] == "nobody":
        become_nobody()
    main(sys.argv[-1])
