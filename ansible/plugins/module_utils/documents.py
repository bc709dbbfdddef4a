# Copyright the advisor contributors
# SPDX-License-Identifier: Apache-2.0
"""Reads the documents that advisor answers with, and trusts none of them."""

from __future__ import annotations

import json

REPORT = "advisor.report/v1"
APPLY = "advisor.apply/v1"
RECEIPT = "advisor.receipt/v1"
HISTORY = "advisor.history/v1"
STATUS = "advisor.status/v1"
LINE = "advisor.line/v1"
SNAPSHOT = "advisor.snapshot/v1"

_NONE = type(None)
# What of a document is used here; advisor has the whole: advisor schema NAME.
_KEYS = {
    REPORT: {"advisor": str, "host": dict, "profile": dict, "summary": dict, "findings": list},
    APPLY: {
        "changed": bool,
        "problem": (str, _NONE),
        "rolled_back": bool,
        "changes": list,
        "present": list,
        "omitted": list,
        "run": (dict, _NONE),
    },
    RECEIPT: {"id": str, "state": str, "operations": list, "events": list},
    HISTORY: {"runs": list, "damaged": list},
    SNAPSHOT: {"collection": dict},
    LINE: {"host": str, "at": str, "summary": dict, "findings": list},
    STATUS: {"waiting": (dict, _NONE), "runs": int, "drift": list, "damaged": list},
}
_FINDING = ("rule", "title", "severity", "active", "target", "setting", "actual", "wanted")


class BadDocument(Exception):
    """What was answered is not the document that was expected."""


def read(text, schema):
    """The document in a text.

    Raises:
        BadDocument: It is not JSON, of another schema, or something of it is missing.
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        start = text.strip()[:60]
        said = f"it begins with {start!r}" if start else "there is nothing"
        raise BadDocument(f"no JSON where {schema} was expected: {said}") from error
    if not isinstance(found, dict):
        raise BadDocument(f"{schema} was expected, and this is a {type(found).__name__}")
    if found.get("schema") != schema:
        raise BadDocument(
            f"{schema} was expected, and this is {found.get('schema')!r}: "
            "the collection and the host's advisor do not fit together"
        )
    check(found, schema)
    return found


def check(found, schema):
    """Makes sure that what is used of a document is there.

    Raises:
        BadDocument: Something is missing, or of another type.
    """
    for key, kind in _KEYS[schema].items():
        if not isinstance(found.get(key, BadDocument), kind):
            raise BadDocument(f"{schema}: {key!r} is missing, or not what it should be")
        listed = found[key] if kind is list and key not in ("damaged", "events") else []
        if not all(isinstance(each, dict) for each in listed):
            raise BadDocument(f"{schema}: {key!r} holds something that is no mapping")
    for each in found["runs"] if schema == HISTORY else ():
        check(each, RECEIPT)


def findings(report, status="fail"):
    """The findings of a report that have a status, without evidence and sources."""
    return [
        {
            **{key: each.get(key) for key in _FINDING},
            "message": each.get("message") or each.get("reason") or "",
            "advice": each.get("advice") or "",
        }
        for each in report["findings"]
        if each.get("status") == status
    ]


def changes(document):
    """The changes of an answer of `apply`: setting, before, after, rules."""
    return [
        {
            "setting": str(each.get("address")),
            "before": each.get("before"),
            "after": each.get("after"),
            "rules": each.get("rules") or [],
        }
        for each in document["changes"]
    ]


def operations(receipt):
    """The same of a run."""
    return [
        {
            "setting": address(each.get("setting")),
            "before": each.get("before"),
            "after": each.get("after"),
            "rules": each.get("rules") or [],
        }
        for each in receipt["operations"]
    ]


def address(data):
    """A setting as advisor writes it: sysctl:net.core.somaxconn, nic:eth0/ring.rx, irq:4/affinity.

    Names of interfaces may hold anything, so that documents have the parts of a setting instead.
    """
    if isinstance(data, dict):
        if isinstance(data.get("sysctl"), list):
            return "sysctl:" + ".".join(str(part).replace(".", "/") for part in data["sysctl"])
        if isinstance(data.get("property"), list):
            return f"nic:{data.get('nic')}/" + ".".join(str(part) for part in data["property"])
        if "irq" in data:
            return f"irq:{data['irq']}/affinity"
    return str(data)


def left_out(document, key, *more):
    """Settings that an answer of `apply` names with a reason: `omitted`, or `lost_at_boot`."""
    return [
        {
            "setting": address(each.get("setting")),
            **{name: each.get(name) for name in ("reason", *more)},
        }
        for each in document.get(key) or []
        if isinstance(each, dict)
    ]
