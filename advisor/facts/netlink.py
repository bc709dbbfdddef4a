"""Asks the kernel over netlink.

pyroute2's sockets run on asyncio, which takes 50 ms to import, so the socket here is a plain one.
Messages are declared with the classes of `advisor.facts.netlink_classes`. Attributes may be left
out of a declaration: `advisor.facts.netlink_decode` skips them.
"""

from __future__ import annotations

import errno
import os
import socket
import time
from contextlib import suppress
from types import TracebackType
from typing import Any, NamedTuple

from advisor.facts.netlink_classes import ctrlmsg, genlmsg, nla, nlmsg
from advisor.facts.netlink_decode import decode
from advisor.facts.netlink_dump import ERROR_CODE, HEADER, NLMSG_DONE, NLMSG_ERROR
from advisor.facts.netlink_dump import messages as read_messages

NETLINK_ROUTE = 0
NETLINK_GENERIC = 16

_SOL_NETLINK = 270
_NETLINK_CAP_ACK = 10
_NETLINK_EXT_ACK = 11
_NLM_F_REQUEST = 0x1
_NLM_F_ACK = 0x4
_NLM_F_DUMP = 0x300
_NLM_F_DUMP_INTR = 0x10
_NLM_F_ACK_TLVS = 0x200
_GENL_ID_CTRL = 16
_CTRL_CMD_GETFAMILY = 3


# netlink_dump() in net/netlink/af_netlink.c fills at most 32 KiB per read.
_BUFFER_SIZE = 1 << 16
_TIMEOUT_S = 10.0
_DUMP_ATTEMPTS = 3

# A value of an attribute: a number, text, bytes, or the attributes of a nest.
Attributes = list[tuple[str, Any]]


class Answers(NamedTuple):
    """What a dump brought.

    Attributes:
        messages: The payload of each message (what follows the netlink header).
        error: Why it ended early, None when it did not; `Silence` when the kernel stopped
            answering. What came before stays valid: one interface's driver can end the dump of all
            (ethnl_default_dumpit in net/ethtool/netlink.c).
    """

    messages: list[bytes]
    error: OSError | None


class Silence(TimeoutError):
    """The kernel did not answer in time. A driver's own ETIMEDOUT is an ordinary OSError."""


class Channel:
    """Asks over a netlink socket, for the network namespace of the thread that opened it.

    Args:
        connection: The socket, which the channel closes when it is left. See `Channel.open`.
        timeout_s: How long an answer may take. Questions are answered at once; a driver that
            resets its device to change it can take seconds.
    """

    def __init__(self, connection: socket.socket, timeout_s: float = _TIMEOUT_S) -> None:
        self._socket = connection
        self._timeout_s = timeout_s
        self._sequence = 0
        self._buffer = bytearray(_BUFFER_SIZE)
        with suppress(OSError):  # before 4.12: errors come without their text
            for option in (_NETLINK_CAP_ACK, _NETLINK_EXT_ACK):
                self._socket.setsockopt(_SOL_NETLINK, option, 1)

    @classmethod
    def open(cls, protocol: int, timeout_s: float = _TIMEOUT_S) -> Channel:
        """A channel to the kernel: NETLINK_ROUTE or NETLINK_GENERIC.

        Raises:
            OSError: This kernel does not have that protocol.
        """
        kind = socket.SOCK_RAW | socket.SOCK_CLOEXEC
        return cls(socket.socket(socket.AF_NETLINK, kind, protocol), timeout_s)

    def __enter__(self) -> Channel:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._socket.close()

    def dump(self, message: nlmsg, message_type: int) -> Answers:
        """Everything that the kernel has for a dump request.

        A dump that changed under the reader (NLM_F_DUMP_INTR) is read again, three times at most;
        then the last reading stands, as each message in it is right by itself.
        """
        for _ in range(_DUMP_ATTEMPTS):
            self._send(message, message_type, _NLM_F_REQUEST | _NLM_F_DUMP)
            answers, consistent = self._receive()
            if consistent:
                break
        return answers

    def ask(self, message: nlmsg, message_type: int, flags: int = 0) -> bytes:
        """The payload of the one answer to a request; b"" when there is none.

        Args:
            message: The request.
            message_type: Its number.
            flags: More flags of its header, such as NLM_F_CREATE.

        Raises:
            OSError: The kernel refused, with its text where it gives one.
            Silence: It does not answer.
        """
        self._send(message, message_type, _NLM_F_REQUEST | _NLM_F_ACK | flags)
        answers, _ = self._receive()
        if answers.error is not None:
            raise answers.error
        return answers.messages[0] if answers.messages else b""

    def family(self, name: str) -> int | None:
        """The number of a generic netlink family, None when this kernel does not have it."""
        request = ctrlmsg()
        request["cmd"], request["version"] = _CTRL_CMD_GETFAMILY, 1
        request["attrs"] = [("CTRL_ATTR_FAMILY_NAME", name)]
        try:
            return decode(_Family, self.ask(request, _GENL_ID_CTRL)).get("id")
        except OSError:
            return None

    def _send(self, message: nlmsg, message_type: int, flags: int) -> None:
        self._sequence += 1
        message["header"] = {
            "type": message_type,
            "flags": flags,
            "sequence_number": self._sequence,
        }
        message.data = bytearray()
        message.encode()
        self._socket.send(message.data)

    def _receive(self) -> tuple[Answers, bool]:
        """The messages of the current request, and whether nothing changed meanwhile."""
        messages: list[bytes] = []
        consistent = True
        deadline = time.monotonic() + self._timeout_s
        while True:
            try:
                data = self._read_datagram(deadline)
            except OSError as error:
                return Answers(messages, error), consistent
            try:
                for kind, flags, sequence, start, end in read_messages(data):
                    if sequence != self._sequence:
                        continue  # left over from a request that was given up
                    consistent = consistent and not flags & _NLM_F_DUMP_INTR
                    if kind in (NLMSG_ERROR, NLMSG_DONE):
                        return Answers(messages, _error(data[start:end], kind, flags)), consistent
                    messages.append(data[start:end])
            except OSError as error:
                return Answers(messages, error), consistent

    def _read_datagram(self, deadline: float) -> bytes:
        left = deadline - time.monotonic()
        if left <= 0:
            raise Silence(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
        self._socket.settimeout(left)
        try:
            size = self._socket.recv_into(self._buffer, 0, socket.MSG_TRUNC)
        except TimeoutError:
            raise Silence(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT)) from None
        if size > len(self._buffer):
            raise _os_error(errno.EMSGSIZE)
        return bytes(memoryview(self._buffer)[:size])


def request(message_class: type[genlmsg], command: int, attributes: Attributes) -> genlmsg:
    """A request of a generic netlink family, with attributes as (name, value)."""
    message = message_class()
    message["cmd"], message["version"] = command, 1
    message["attrs"] = attributes
    return message


class _Family(genlmsg):
    nla_map = ((1, "id", "uint16"),)


class _ErrorAttributes(nla):
    nla_map = ((1, "text", "asciiz"),)


def _error(payload: bytes, kind: int, flags: int) -> OSError | None:
    """The error of a closing message, None for success. Both kinds can carry one."""
    if len(payload) < ERROR_CODE.size:
        return None
    code = -ERROR_CODE.unpack_from(payload)[0]
    if code <= 0:
        return None
    if not flags & _NLM_F_ACK_TLVS:
        return _os_error(code)
    # With NETLINK_CAP_ACK an error repeats the header of the request, and nothing more of it.
    attributes = ERROR_CODE.size + (HEADER.size if kind == NLMSG_ERROR else 0)
    return _os_error(code, decode(_ErrorAttributes, payload[attributes:]).get("text"))


def _os_error(code: int, text: str | None = None) -> OSError:
    return OSError(code, text or os.strerror(code))
