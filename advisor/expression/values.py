"""Values that expressions work on: plain data, records of the model, and `Unknown`."""

from __future__ import annotations

import keyword
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from advisor.model.record import Answer
from advisor.model.unavailable import Unavailable

Path = tuple[str | int, ...]
"""Where a value stands: ("nics", "eth0", "ring", "rx"); () for a value that is not a fact."""

_LARGEST = 1e300


ABSENT: Any = object()
"""Stands for nothing at all where None is a value."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that could not be determined.

    Attributes:
        path: The fact it hangs on, as written in expressions; "" for a computation.
        reason: Why it is not known.
        absent: True when it is known not to exist (a sysctl that this kernel does not have),
            in contrast to something that exists and could not be read.
    """

    path: str
    reason: str
    absent: bool = False


@dataclass(slots=True)
class Frame:
    """What one evaluation sees.

    Attributes:
        names: Name → (value, path).
        pending: Names whose values are computed when they are first used: name → how.
        before: The names' values in the earlier reading, None without a sample.
        seconds: Length of the window that counters are judged over: the sample, else the uptime.
        trace: Facts used so far: (function, path) → value, where the function is "", "rate",
            "delta" or "exists"; None while nothing is recorded.
        budget: Loop iterations left.
    """

    names: dict[str, tuple[Any, Path]]
    before: dict[str, Any] | None = None
    seconds: float = 0.0
    trace: dict[tuple[str, Path], Any] | None = field(default_factory=dict)
    budget: int = 200_000
    pending: dict[str, Callable[[Frame], Any]] = field(default_factory=dict)

    def compute(self, name: str) -> tuple[Any, Path]:
        """The value of a pending name, which from now on is a name like the others."""
        value = self.pending.pop(name)(self)
        self.names[name] = value, (name,)
        return self.names[name]


def step(value: Any, key: Any, path: Path) -> Any:
    """Look `key` up in `value`; the result, or an Unknown that names `path`.

    Only plain containers and declared fields of the model's records can be looked into, so an
    expression cannot reach methods, classes or modules.
    """
    found = peek(value, key)
    if found is not ABSENT:
        if found is None and isinstance(value, Answer):
            return Unknown(text(path), "the device does not report it", absent=True)
        return missing(found, path) if found is None or type(found) is Unavailable else found
    kind = type(value)
    if kind is Unknown:
        return value
    if kind is dict:
        return Unknown(text(path), "does not exist here", absent=True)
    if kind is tuple or kind is list:
        return Unknown(text(path), f"has {len(value)} elements", absent=True)
    return Unknown(text(path), f"{describe(value)} has no field {key!r}")


def peek(value: Any, key: Any) -> Any:
    """What is stored under `key` of `value`, or ABSENT."""
    kind: Any = type(value)
    if kind is dict:
        found = value.get(key, ABSENT)
        return value.get(str(key), ABSENT) if found is ABSENT and type(key) is int else found
    if key in _fields(kind):
        return getattr(value, key)
    if (kind is tuple or kind is list) and type(key) is int and -len(value) <= key < len(value):
        return value[key]
    return ABSENT


@lru_cache(maxsize=256)
def _fields(kind: Any) -> frozenset[str]:
    """Fields that may be looked up: those of the model's records."""
    if kind in (Unknown, Unavailable) or not hasattr(kind, "__dataclass_fields__"):
        return frozenset()
    return frozenset(kind.__dataclass_fields__)


def missing(stored: Unavailable | None, path: Path) -> Unknown:
    """What an expression sees where a fact is stored as None or as `Unavailable`."""
    if stored is None:
        return Unknown(text(path), "not reported by this system")
    return Unknown(text(path), stored.reason, stored.absent)


def below(path: Path, key: str | int) -> Path:
    """Where `key` of the value at `path` stands."""
    return (*path, key) if path else ()


def walk(names: dict[str, Any], path: Path) -> Any:
    """Look a whole path up, starting from `names`."""
    value = step(names, path[0], path[:1])
    for depth in range(1, len(path)):
        value = step(value, path[depth], path[: depth + 1])
    return value


def text(path: Path) -> str:
    """Write a path as an expression would: `nics["eth0.100"].ring.rx`."""
    parts: list[str] = []
    for key in path:
        if isinstance(key, int):
            parts.append(f"[{key}]")
        elif key.isascii() and key.isidentifier() and not keyword.iskeyword(key):
            parts.append(f".{key}" if parts else key)
        else:
            parts.append('["' + "".join(map(_quoted, key)) + '"]')
    return "".join(parts)


def _quoted(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    if character.isprintable():
        return character
    return character.encode("unicode_escape").decode("ascii")


def describe(value: Any) -> str:
    """Name a value's kind for people: "text 'abc'", "a number", "a list"."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return f"the number {value}"
    if isinstance(value, str):
        return f"text {value[:40]!r}"
    if isinstance(value, (tuple, list)):
        return "a list"
    return "a group of facts"


def is_number(value: Any) -> bool:
    """Whether arithmetic may use it: true and false are not numbers here."""
    kind = type(value)
    return kind is int or kind is float


def compute(operation: Callable[..., Any], *operands: Any) -> Any:
    """Apply `operation` to numbers; Unknown where that has no result, or none worth using."""
    try:
        result = operation(*operands)
    except ZeroDivisionError:
        return Unknown("", "division by zero")
    except (OverflowError, ValueError) as error:
        return Unknown("", f"cannot be computed: {error}")
    # Fails for infinity and NaN, too.
    if -_LARGEST < result < _LARGEST:
        return result
    return Unknown("", "cannot be computed: the result is too large")
