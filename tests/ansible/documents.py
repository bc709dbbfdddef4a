"""Documents as advisor answers with them, as far as the modules use them."""

from __future__ import annotations

from typing import Any

RUN = "000007-20251121T104501Z"
Json = dict[str, Any]


def finding(rule: str = "SND012", **more: Any) -> Json:
    """A failure."""
    return {
        "rule": rule,
        "name": "sack-off",
        "title": "Selective acknowledgements are off",
        "status": "fail",
        "severity": "warning",
        "active": False,
        "target": "host",
        "setting": "sysctl:net.ipv4.tcp_sack",
        "actual": 0,
        "wanted": 1,
        "message": "one loss is repaired in each round trip",
        "reason": "",
        "advice": "",
        "evidence": [{"fact": "a lot", "value": 1, "text": "1", "basis": "now"}],
        "references": [],
        **more,
    }


def report(*findings: Json) -> Json:
    """A report."""
    return {
        "schema": "advisor.report/v1",
        "advisor": "0.1.0",
        "host": {"name": "web-1", "kernel": "6.12.0", "at": "2025-11-21T10:45:00Z"},
        "profile": {"name": "server", "params": {}},
        "summary": {"pass": 1, "fail": len(findings)},
        "findings": list(findings),
    }


def change(address: str = "sysctl:net.ipv4.tcp_sack", **more: Any) -> Json:
    """A change of `apply`."""
    key = address.partition(":")[2].split(".")
    data = {"setting": {"sysctl": key}, "address": address, "before": 0, "after": 1}
    return {**data, "rules": ["SND012"], **more}


def receipt(state: str = "confirmed", *changes: Json, **more: Any) -> Json:
    """A run."""
    return {
        "id": RUN,
        "state": state,
        "started": "2025-11-21T10:45:01Z",
        "profile": "server",
        "operations": [
            {**each, "applied": None, "undone": None} for each in (changes or (change(),))
        ],
        "events": [],
        "files": [],
        "outcome": None,
        **more,
    }


def applied(*changes: Json, run: Json | None = None, **more: Any) -> Json:
    """What `apply` answers."""
    return {
        "schema": "advisor.apply/v1",
        "changed": run is not None,
        "dry_run": False,
        "problem": None,
        "rolled_back": False,
        "changes": list(changes),
        "present": [],
        "omitted": [],
        "lost_at_boot": [],
        "boot_problems": [],
        "run": run,
        **more,
    }


def status(waiting: Json | None = None, **more: Any) -> Json:
    """What `status` answers."""
    data = {"schema": "advisor.status/v1", "waiting": waiting, "runs": 0, "drift": []}
    return {**data, "damaged": [], **more}


def waiting(state: str = "applied") -> Json:
    """A run that waits, in `status`."""
    return {
        "id": RUN,
        "state": state,
        "needs": "waits to be confirmed",
        "watchdog": "process 1",
        "until": "2025-11-21T10:47:01Z",
    }


def history(*runs: Json, damaged: tuple[str, ...] = ()) -> Json:
    """What `history` answers."""
    broken = [{"id": each, "problem": "the checksum is wrong"} for each in damaged]
    return {"schema": "advisor.history/v1", "runs": list(runs), "damaged": broken}


def shown(run: Json) -> Json:
    """What `history show` and `rollback` answer."""
    return {"schema": "advisor.receipt/v1", **run}
