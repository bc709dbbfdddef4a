"""A driver behind the ioctl that keeps what it is told, for what no software interface has."""

from __future__ import annotations

import errno
import os
import struct
from collections.abc import Callable
from pathlib import Path

from advisor.facts.files import Files
from advisor.facts.nics.ethtool_ioctl import EthtoolIoctl
from advisor.settings.live.kernel import Kernel

FEATURES = ("tx-scatter-gather", "rx-gro", "", "rx-lro", *("",) * 30, "tx-late")
PRIVATE_FLAGS = ("rx_cqe_compress", "legacy.rx flag")
QUEUES = 4

_STRUCTURES = {0x3D: 0x3C, 0x11: 0x10, 0x0F: 0x0E, 0x13: 0x12}  # set → get


class FakeDriver(EthtoolIoctl):
    """A driver with everything.

    Attributes:
        words: Command that gets → the 32-bit fields after the command.
        features: What was asked for, as one number.
        flags: The private flags as one number.
        table: The indirection table.
        hashed: Flow type → hashed fields.
        rules: How many rules steer flows to queues.
        adaptive: Whether the driver adapts the receive side itself.
        usecs: The rx-usecs that each channel has of its own.
        requests: Every request, in order.
        before_answer: Called before every answer.
    """

    def __init__(self, *, knows_transformations: bool = True) -> None:
        self.words = {
            0x3C: [8, 8, 1, 8, 0, 0, 1, 4],
            0x10: [4096, 0, 8192, 4096, 512, 0, 1024, 256],
            0x0E: list(range(22)),
            0x12: [1, 0, 1],
        }
        self.features = 0b0001
        self.flags = 0b01
        self.table = [slot % QUEUES for slot in range(8)]
        self.hashed = {1: 0x30, 2: 0x30}
        self.rules = 0
        self.adaptive = False
        self.usecs = [8] * QUEUES
        self.requests: list[bytes] = []
        self.before_answer: Callable[[], object] = lambda: None
        self._knows_transformations = knows_transformations

    def call(self, interface: str, request: bytes) -> bytes:
        assert interface == "eth0"
        self.requests.append(request)
        self.before_answer()
        command, *words = struct.unpack_from(f"={len(request) // 4}I", request)
        if command in self.words:
            return _packed(command, self.words[command])
        if command in _STRUCTURES:
            self.words[_STRUCTURES[command]] = words
            return request
        answer = getattr(self, f"_command_{command:02x}", None)
        if answer is None:
            raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))
        found = answer(request, words)
        assert isinstance(found, bytes)
        return found + request[len(found) :]

    def _command_03(self, request: bytes, words: list[int]) -> bytes:
        return struct.pack(
            "=I32s32s32s32s32s12xIIIII", 3, *(b"fake",) * 5, len(PRIVATE_FLAGS), 0, 0, 0, 0
        )

    def _command_1b(self, request: bytes, words: list[int]) -> bytes:
        names = PRIVATE_FLAGS if words[0] == 2 else FEATURES
        return _packed(0x1B, [words[0], len(names)]) + b"".join(
            struct.pack("=32s", name.encode()) for name in names
        )

    def _command_27(self, request: bytes, words: list[int]) -> bytes:
        return _packed(0x27, [self.flags])

    def _command_28(self, request: bytes, words: list[int]) -> bytes:
        self.flags = words[0]
        return request

    def _command_3a(self, request: bytes, words: list[int]) -> bytes:
        low, high = self.features & 0xFFFFFFFF, self.features >> 32
        return _packed(0x3A, [2, 0b1011, low, low, 0, 0b100, high, high, 0])

    def _command_3b(self, request: bytes, words: list[int]) -> bytes:
        blocks, *pairs = words
        assert len(pairs) == 2 * blocks == 4
        valid = pairs[0] | pairs[2] << 32
        self.features = self.features & ~valid | (pairs[1] | pairs[3] << 32) & valid
        return request

    def _command_29(self, request: bytes, words: list[int]) -> bytes:
        return struct.pack("=IIQ", 0x29, words[0], self.hashed.get(words[0], 0))

    def _command_2a(self, request: bytes, words: list[int]) -> bytes:
        _, flow_type, fields = struct.unpack("=IIQ", request)
        self.hashed[flow_type] = fields
        return request

    def _command_2d(self, request: bytes, words: list[int]) -> bytes:
        return struct.pack("=IIQ", 0x2D, 0, QUEUES)

    def _command_2e(self, request: bytes, words: list[int]) -> bytes:
        return struct.pack("=IIQ168xI", 0x2E, 0, 0, self.rules)

    def _command_46(self, request: bytes, words: list[int]) -> bytes:
        _, _, slots, _, _, transformation = struct.unpack_from("=IIIIBB", request)
        if transformation and not self._knows_transformations:
            raise OSError(errno.EINVAL, "")
        table = self.table if slots else []
        return struct.pack(
            f"=IIIIBB2xI{len(table)}I", 0x46, 0, len(self.table), 40, 1, 0, 0, *table
        )

    def _command_47(self, request: bytes, words: list[int]) -> bytes:
        _, context, slots, key, function, transformation, _ = struct.unpack_from(
            "=IIIIBB2xI", request
        )
        assert (context, key, function) == (0, 0, 0), "only the table may change"
        # Where transformations are known, 0 would take one away; elsewhere the byte is reserved.
        assert transformation == (0xFF if self._knows_transformations else 0)
        self.table = list(struct.unpack_from(f"={slots}I", request, 24)) or [
            slot % QUEUES for slot in range(len(self.table))
        ]
        return request

    def _command_4b(self, request: bytes, words: list[int]) -> bytes:
        own = [*self.words[0x0E][1:9], int(self.adaptive), *self.words[0x0E][10:]]
        return request[: 8 + 4096 // 8] + b"".join(
            _packed(0x0E, [usecs, *own]) for usecs in self.usecs
        )


class FakeKernel(Kernel):
    """A kernel whose ioctl reaches the driver; its interface "eth0" is one of a recorded /sys."""

    def __init__(self, root: Path, driver: FakeDriver) -> None:
        super().__init__(Files(root))
        self.__dict__["ioctl"] = driver
        self.index = root / "sys/class/net/eth0/ifindex"
        self.index.parent.mkdir(parents=True)
        self.index.write_text("2\n")


def _packed(command: int, words: list[int]) -> bytes:
    return struct.pack(f"={1 + len(words)}I", command, *words)
