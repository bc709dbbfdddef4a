"""pyroute2's message classes, without the start-up cost of the package.

`import pyroute2` runs an `__init__` that imports every subsystem: 130 to 180 ms and 24 MiB (0.9.7).
The message classes (`nlmsg`, `genlmsg`, `nla`) live in `pyroute2.netlink`, which alone takes about
3 ms once the command line is loaded. A module that declares messages imports them from here.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any, ClassVar

NLA_F_NESTED = 0x8000

_PACKAGE, _NETLINK = "pyroute2", "pyroute2.netlink"


def load_alone() -> dict[str, ModuleType]:
    """`pyroute2.netlink` and all that it imports of pyroute2, without `pyroute2/__init__.py`.

    Meanwhile a bare module with the package's path stands for the package. Afterwards every trace
    is removed, so that a later plain `import pyroute2` starts from nothing and works, and what was
    imported before is there again.

    Raises:
        ImportError: pyroute2 is not installed.
    """
    before = _loaded()
    for name in before:
        del sys.modules[name]
    try:
        package = importlib.util.find_spec(_PACKAGE)
        if package is not None:
            sys.modules[_PACKAGE] = importlib.util.module_from_spec(package)
        importlib.import_module(_NETLINK)
        return _loaded()
    finally:
        for name in _loaded():
            del sys.modules[name]
        sys.modules.update(before)


def _loaded() -> dict[str, ModuleType]:
    found = list(sys.modules.items())
    return {name: module for name, module in found if name.partition(".")[0] == _PACKAGE}


if TYPE_CHECKING:

    class nlmsg(dict[str, Any]):
        """A netlink message: `fields` of the fixed part, `nla_map` of the attributes."""

        fields: ClassVar[tuple[tuple[str, str], ...]]
        nla_map: ClassVar[tuple[tuple[int, str, str], ...]]
        nla_flags: ClassVar[int]
        data: bytearray

        def encode(self) -> None: ...

    class genlmsg(nlmsg):
        """A message of a generic netlink family."""

    class nla(nlmsg):
        """A nested attribute."""

    class ctrlmsg(genlmsg):
        """A message of the family that lists the families."""

else:
    # Where somebody has imported the package, its classes are to be the same ones.
    _is_there = _PACKAGE in sys.modules
    _machinery = importlib.import_module(_NETLINK) if _is_there else load_alone()[_NETLINK]
    nlmsg = _machinery.nlmsg
    genlmsg = _machinery.genlmsg
    nla = _machinery.nla
    ctrlmsg = _machinery.ctrlmsg
