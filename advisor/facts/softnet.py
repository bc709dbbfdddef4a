"""Per-CPU counters of the receive path, from /proc/net/softnet_stat."""

from __future__ import annotations

from collections.abc import Sequence

from advisor.facts.cpu import online_cpus
from advisor.facts.files import Files, malformed
from advisor.model.stack import Softnet
from advisor.model.unavailable import Unavailable

SOFTNET = "/proc/net/softnet_stat"

# Columns count from 0. Kernels append to the line: 10 columns since 2.6.35, flow_limit_count since
# 3.11, backlog_len and the CPU since 5.10; later ones are of no use here.
_RECEIVED_RPS, _FLOW_LIMIT, _BACKLOG_LEN, _CPU = 9, 10, 11, 12


def read_softnet(files: Files) -> dict[str, Softnet] | Unavailable:
    """CPU number → its counters. They are those of the machine, in every network namespace."""
    text = files.read_text(files.net("softnet_stat"))
    if isinstance(text, Unavailable):
        return text
    online = online_cpus(files)
    return parse_softnet(text, () if isinstance(online, Unavailable) else online)


def parse_softnet(text: str, online: Sequence[int]) -> dict[str, Softnet] | Unavailable:
    """The counters of each line (softnet_seq_show), hexadecimal, one line for each online CPU.

    Args:
        text: The file.
        online: Numbers of the online CPUs: before 5.10 the lines do not tell their CPU.
    """
    lines = text.splitlines()
    result: dict[str, Softnet] = {}
    for number, line in enumerate(lines):
        try:
            columns = [int(column, 16) for column in line.split()]
        except ValueError:
            return malformed(SOFTNET, number + 1, "holds what is not hexadecimal")
        if len(columns) <= _RECEIVED_RPS:
            return malformed(SOFTNET, number + 1, f"has only {len(columns)} columns")
        if len(columns) > _CPU:
            cpu = columns[_CPU]
        elif len(lines) == len(online):
            cpu = online[number]
        else:
            return Unavailable(f"{SOFTNET} does not tell CPUs, and there is not a line for each")
        result[str(cpu)] = Softnet(
            cpu=cpu,
            processed=columns[0],
            dropped=columns[1],
            time_squeeze=columns[2],
            received_rps=columns[_RECEIVED_RPS],
            # Without the column there is no flow limit that could drop.
            flow_limit_count=columns[_FLOW_LIMIT] if len(columns) > _FLOW_LIMIT else 0,
            backlog_len=columns[_BACKLOG_LEN] if len(columns) > _BACKLOG_LEN else None,
        )
    return result or Unavailable(f"{SOFTNET} is empty")
