"""The protocol counters of a sosreport: /proc/net/snmp and the like, else `nstat -zas`."""

from __future__ import annotations

import re

from advisor.facts.nstat import read_nstat
from advisor.facts.sosreport.commands import output
from advisor.facts.sosreport.report_files import ReportFiles
from advisor.model.stack import Counters
from advisor.model.unavailable import Unavailable

# nstat joins group and counter: "TcpExtListenOverflows", "Ip6InReceives". Longer ones come first.
_LINE = re.compile(
    r"(?P<group>MPTcpExt|TcpExt|IpExt|UdpLite6|UdpLite|IcmpMsg|Icmp6|Icmp|Udp6|Udp|Tcp|Ip6|Ip)"
    r"(?P<name>[A-Z0-9]\w*)\s+(?P<value>\d+)\s"
)
_NEEDED = ("Ip", "Tcp", "TcpExt")
_INT_MAX = 2**63 - 1


def read_report_nstat(files: ReportFiles) -> Counters | Unavailable:
    """Group → counter → value, as `advisor.facts.nstat.read_nstat` has them."""
    counters = read_nstat(files)
    text = output(files, "nstat -zas")
    printed = {} if isinstance(text, Unavailable) else parse_nstat(text)
    if isinstance(counters, Unavailable):
        return printed if all(group in printed for group in _NEEDED) else counters
    # IPv6's are in a file of their own, which may be missing though the kernel has them.
    return {**{group: names for group, names in printed.items() if "6" in group}, **counters}


def parse_nstat(text: str) -> Counters:
    """The counters of `nstat -za`: "TcpExtListenOverflows   0   0.0" on each line."""
    counters: Counters = {}
    for match in map(_LINE.match, text.splitlines()):
        if match is not None and int(match["value"]) <= _INT_MAX:  # MaxConn is -1
            counters.setdefault(match["group"], {})[match["name"]] = int(match["value"])
    return counters
