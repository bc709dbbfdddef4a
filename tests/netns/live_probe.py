"""Does to settings what it is told, in the network namespace that it runs in: one JSON per line.

{"do": "read" | "check" | "write" | "dependents" | "check_together" | "write_together", …} is
answered by {"value": …}, {"unavailable": reason} or {"error": …}. Arguments: "ioctl" changes
interfaces without netlink; "nobody" works as an unprivileged user.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from advisor.errors import AdvisorError
from advisor.model.address import Address, IrqAddress, NicAddress, SysctlAddress
from advisor.model.unavailable import Unavailable
from advisor.settings.live import Live, WriteError
from tests.netns.nic_probe import become_nobody


def encoded(address: Address) -> list[Any]:
    """An address as JSON keeps it: names need not be text."""
    if isinstance(address, SysctlAddress):
        return ["sysctl", list(address.key), address.index]
    if isinstance(address, IrqAddress):
        return ["irq", address.irq]
    return ["nic", address.nic, list(address.attribute)]


def decoded(data: list[Any]) -> Address:
    """The address."""
    kind, *rest = data
    if kind == "sysctl":
        return SysctlAddress(tuple(rest[0]), rest[1])
    return IrqAddress(rest[0]) if kind == "irq" else NicAddress(rest[0], tuple(rest[1]))


def value_of(data: Any) -> Any:
    """JSON has no tuples."""
    return tuple(data) if isinstance(data, list) else data


def main() -> None:
    arguments = sys.argv[1:]
    if "nobody" in arguments:
        become_nobody()
    with Live(use_netlink="ioctl" not in arguments) as live:
        print("ready", flush=True)
        for line in sys.stdin:
            started = time.perf_counter()
            answer = done(live, json.loads(line))
            answer["seconds"] = time.perf_counter() - started
            print(json.dumps(answer), flush=True)


def done(live: Live, order: dict[str, Any]) -> dict[str, Any]:
    """The answer to one order."""
    try:
        value = carry_out(live, order)
    except WriteError as error:
        return {"error": error.message, "hint": error.hint, "errno": error.errno} | {
            "text": error.text,
            "now": error.now.reason if isinstance(error.now, Unavailable) else error.now,
        }
    except AdvisorError as error:
        return {"error": error.message, "hint": error.hint}
    if isinstance(value, Unavailable):
        return {"unavailable": value.reason}
    return {"value": value}


def carry_out(live: Live, order: dict[str, Any]) -> Any:
    """What the order asks for."""
    if order["do"] in ("check_together", "write_together"):
        values = {decoded(address): value_of(value) for address, value in order["values"]}
        return getattr(live, order["do"])(values)
    address = decoded(order["address"])
    if order["do"] == "read":
        return live.read(address)
    if order["do"] == "dependents":
        return [encoded(each) for each in live.dependents(address)]
    if order["do"] == "check":
        return live.check(address, value_of(order["value"]), value_of(order["current"]))
    return live.write(address, value_of(order["value"]))


if __name__ == "__main__":
    main()
