"""Requests and answers over netlink, with a kernel that answers from a script."""

from __future__ import annotations

import errno
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from advisor.facts.netlink import NETLINK_GENERIC, Channel, request
from advisor.facts.nics import ethtool_messages as messages
from tests.unit.facts.netlink_bytes import (
    DUMP_INTERRUPTED,
    MULTI,
    attribute,
    done,
    generic,
    message,
    refusal,
    scripted_channel,
    u32,
)

ROOT = Path(__file__).resolve().parents[3]

ONE = generic(u32(1, 1))
TWO = generic(u32(1, 2))


def _dump(
    datagrams: Sequence[bytes], timeout_s: float = 10.0
) -> tuple[list[bytes], int | None, str | None]:
    channel, kernel = scripted_channel(datagrams, timeout_s)
    with kernel, channel:
        answers = channel.dump(request(messages.Channels, messages.CHANNELS_GET, []), 0x20)
    error = answers.error
    if error is None:
        return answers.messages, None, None
    return answers.messages, error.errno, error.strerror


def test_a_dump_gives_the_payload_of_every_message() -> None:
    datagrams = [
        message(ONE, sequence=1) + message(TWO, sequence=1),
        message(ONE, sequence=1) + done(1),
    ]
    assert _dump(datagrams) == ([ONE, TWO, ONE], None, None)


def test_a_dump_that_ends_with_an_error_keeps_what_came_before_it() -> None:
    datagrams = [message(ONE, sequence=1), done(1, errno.EIO)]
    assert _dump(datagrams) == ([ONE], errno.EIO, "Input/output error")


def test_a_refused_dump_says_why_in_the_kernels_words() -> None:
    datagrams = [refusal(1, errno.EINVAL, "unrecognized request flags")]
    assert _dump(datagrams) == ([], errno.EINVAL, "unrecognized request flags")


def test_a_dump_that_changed_meanwhile_is_read_again() -> None:
    interrupted = message(ONE, sequence=1, flags=MULTI | DUMP_INTERRUPTED) + done(1)
    assert _dump([interrupted, message(TWO, sequence=2) + done(2)]) == ([TWO], None, None)


def test_a_dump_that_keeps_changing_is_read_three_times() -> None:
    datagrams = [
        message(ONE, sequence=attempt) + done(attempt, flags=MULTI | DUMP_INTERRUPTED)
        for attempt in (1, 2, 3)
    ]
    assert _dump(datagrams) == ([ONE], None, None)


def test_answers_to_an_earlier_request_are_passed_over() -> None:
    datagrams = [message(ONE, sequence=0) + done(0), message(TWO, sequence=1) + done(1)]
    assert _dump(datagrams) == ([TWO], None, None)


@pytest.mark.parametrize(
    "datagram",
    [
        message(ONE, sequence=1) + b"\xff\xff\xff\xff" + bytes(12),
        message(ONE, sequence=1) + bytes(16),
    ],
    ids=["length beyond the end", "length 0"],
)
def test_a_length_that_cannot_be_ends_the_reading(datagram: bytes) -> None:
    assert _dump([datagram])[:2] == ([ONE], errno.EBADMSG)


def test_an_answer_larger_than_the_buffer_is_an_error_not_half_an_answer() -> None:
    assert _dump([message(bytes(1 << 16), sequence=1)])[:2] == ([], errno.EMSGSIZE)


def test_a_kernel_that_falls_silent_is_given_up() -> None:
    assert _dump([message(ONE, sequence=1)], 0.01)[:2] == ([ONE], errno.ETIMEDOUT)


def test_a_question_gives_its_answer_or_the_kernels_error() -> None:
    datagrams = [
        message(ONE, sequence=1, flags=0),
        refusal(1),
        refusal(2, errno.ENODEV, "no device matches ifindex"),
        refusal(3),
    ]
    question = request(messages.Channels, messages.CHANNELS_GET, [])
    channel, kernel = scripted_channel(datagrams)
    with kernel, channel:
        assert channel.ask(question, 0x20) == ONE
        with pytest.raises(OSError, match="no device matches ifindex") as caught:
            channel.ask(question, 0x20)
        assert channel.ask(question, 0x20) == b""
    assert caught.value.errno == errno.ENODEV


def test_a_request_carries_the_flags_that_it_is_given() -> None:
    channel, kernel = scripted_channel([refusal(1)])
    with kernel, channel:
        channel.ask(request(messages.Channels, messages.CHANNELS_GET, []), 0x15, 0x400)
        sent = kernel.recv(4096)
    payload = bytes([messages.CHANNELS_GET, 1, 0, 0])
    assert sent == message(payload, sequence=1, kind=0x15, flags=0x405)


def test_a_request_carries_its_attributes() -> None:
    channel, kernel = scripted_channel([done(1)])
    device = ("device", {"attrs": [("flags", messages.COMPACT_BITSETS)]})
    with kernel, channel:
        channel.dump(request(messages.Channels, messages.CHANNELS_GET, [device]), 0x15)
        sent = kernel.recv(4096)
    nested = 0x8000
    payload = bytes([messages.CHANNELS_GET, 1, 0, 0]) + attribute(nested | 1, u32(3, 1))
    assert sent == message(payload, sequence=1, kind=0x15, flags=0x301)


def test_families_are_found_by_name_and_missing_ones_are_none() -> None:
    with Channel.open(NETLINK_GENERIC) as channel:
        assert channel.family("nlctrl") == 16
        assert channel.family("no such family") is None


def test_pyroute2_is_not_imported_as_a_whole_and_can_still_be() -> None:
    program = """
import sys
import advisor.facts.netlink
assert not [name for name in sys.modules if name.partition(".")[0] == "pyroute2"]
import pyroute2
assert pyroute2.netlink.nlmsg is sys.modules["pyroute2.netlink"].nlmsg
with pyroute2.IPRoute() as route:
    print(route.get_links()[0].get_attr("IFLA_IFNAME"))
"""
    assert _run(program) == "lo\n"


def test_pyroute2_that_is_there_already_is_used_as_it_is() -> None:
    program = """
import pyroute2
import advisor.facts.netlink
print(advisor.facts.netlink.nlmsg is pyroute2.netlink.nlmsg)
"""
    assert _run(program) == "True\n"


def _run(program: str) -> str:
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout
