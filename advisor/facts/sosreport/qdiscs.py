"""The queueing disciplines of a sosreport, from `tc -s qdisc show`."""

from __future__ import annotations

import re

from advisor.facts.sosreport.commands import output
from advisor.facts.sosreport.report_files import ReportFiles
from advisor.model.stack import Qdisc
from advisor.model.unavailable import Unavailable

_HEAD = re.compile(
    r"qdisc (?P<kind>\S+) (?P<handle>[0-9a-f]+:) dev (?P<nic>\S+)"
    r"(?: (?P<root>root)| parent (?P<parent>\S+))?"
)
_SENT = re.compile(
    r"\s*Sent (?P<bytes>\d+) bytes (?P<packets>\d+) pkts? "
    r"\(dropped (?P<drops>\d+), overlimits (?P<overlimits>\d+) requeues (?P<requeues>\d+)\)"
)
_BACKLOG = re.compile(r"\s*backlog (?P<size>[\d.]+)(?P<unit>[KMG]?)b (?P<packets>\d+)p")
_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}  # sprint_size() in iproute2
_INT_MAX = 2**63 - 1


def read_report_qdiscs(files: ReportFiles) -> dict[str, Qdisc] | Unavailable:
    """Each queueing discipline under "interface parent"."""
    text = output(files, "tc -s qdisc show")
    if isinstance(text, Unavailable):
        return text
    return parse_qdiscs(text) or Unavailable("`tc -s qdisc show` printed no queueing discipline")


def parse_qdiscs(text: str) -> dict[str, Qdisc]:
    """The qdiscs in the order in which they are printed. Backlogs in KiB and MiB are rounded."""
    found: dict[str, Qdisc] = {}
    head: re.Match[str] | None = None
    values: dict[str, int] = {}
    for line in [*text.splitlines(), "qdisc"]:
        if line.startswith("qdisc"):
            if head is not None:
                parent = head["root"] or head["parent"] or "none"
                found[f"{head['nic']} {parent}"] = Qdisc(
                    nic=head["nic"],
                    kind=head["kind"],
                    handle=head["handle"],
                    parent=parent,
                    **{name: value for name, value in values.items() if value <= _INT_MAX},
                )
            head, values = _HEAD.match(line), {}
        elif head is not None and not values:
            sent = _SENT.match(line)
            values = {name: int(value) for name, value in sent.groupdict().items()} if sent else {}
        elif head is not None and "backlog_packets" not in values:
            backlog = _BACKLOG.match(line)
            if backlog:
                values["backlog_packets"] = int(backlog["packets"])
                values["backlog_bytes"] = int(float(backlog["size"]) * _UNITS[backlog["unit"]])
    return found
