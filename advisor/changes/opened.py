"""What is held by a descriptor, and let go of once."""

from __future__ import annotations

import os
from types import TracebackType
from typing import TypeVar

_Self = TypeVar("_Self", bound="Opened")


class Opened:
    """Something that is open. Close it, or use it as a context manager."""

    __slots__ = ("_descriptor",)

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def __enter__(self: _Self) -> _Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of it; a second time does nothing."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
