"""What carries a watchdog, in words: two forms, and nothing that only looks like them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.changes.watchdog import describe, is_carrier
from advisor.changes.watchdog.carrier import ProcessCarrier, TimerCarrier, parse

RUN = "000042-20251121T104501Z"


@pytest.mark.parametrize(
    ("text", "carrier", "words"),
    [
        (
            f"systemd:advisor-watchdog-{RUN}",
            TimerCarrier(RUN),
            f"the systemd timer advisor-watchdog-{RUN}.timer",
        ),
        (
            f"systemd:advisor-watchdog-{RUN}-2",
            TimerCarrier(RUN, 2),
            f"the systemd timer advisor-watchdog-{RUN}-2.timer",
        ),
        ("process:4711:123456", ProcessCarrier(4711, 123456), "process 4711"),
        ("process:1:0", ProcessCarrier(1, 0), "process 1"),
    ],
)
def test_both_forms_are_understood(text: str, carrier: object, words: str) -> None:
    assert parse(text) == carrier
    assert str(carrier) == text
    assert is_carrier(text)
    assert describe(text) == words


@pytest.mark.parametrize(
    "text",
    [
        "",
        "process",
        "process:",
        "process:4711",
        "process:0:1",
        "process:-1:5",
        "process:4711:-5",
        "process:04711:5",
        "process:4711:05",
        "process:4711:5:6",
        "process:4711:5\n",
        " process:4711:5",
        "process:\u0664\u0667:5",
        "process:99999999:5",
        f"process:4711:{'9' * 20}",
        "systemd:sshd",
        "systemd:advisor-watchdog-",
        "systemd:advisor-watchdog-42",
        f"systemd:advisor-watchdog-{RUN}.timer",
        f"systemd:advisor-watchdog-{RUN}-1",
        f"systemd:advisor-watchdog-{RUN}-02",
        f"systemd:advisor-watchdog-{RUN} sshd",
        f"systemd:advisor-watchdog-{RUN}\n",
        f"systemd:advisor-watchdog-{RUN}/../x",
        f"systemd:advisor-watchdog-00{RUN}",
        f"SYSTEMD:advisor-watchdog-{RUN}",
    ],
)
def test_nothing_else_is_one(text: str) -> None:
    assert parse(text) is None
    assert not is_carrier(text)
    assert describe(text) == "something unknown"


@given(
    st.text(max_size=80)
    | st.from_regex(r"\A(process:[0-9:]{0,12}|systemd:advisor-watchdog-[0-9TZ.-]{0,40})\Z")
)
def test_what_is_understood_comes_back_as_it_was(text: str) -> None:
    carrier = parse(text)
    assert carrier is None or str(carrier) == text
