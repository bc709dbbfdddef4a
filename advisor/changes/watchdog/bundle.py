"""The zip that a watchdog runs from: an upgrade or removal of the package must not disarm it.

It holds the package without the parts that only a command line needs, and what
`advisor.facts.netlink_classes` uses of pyroute2. Modules that Python has compiled already are taken
so, which halves the time to start. What a zip cannot hold, a C extension, is imported from where it
is; modules of the watchdog that waits in a process have been imported when it is armed.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import advisor
from advisor.changes import ids
from advisor.changes.entry import write_all
from advisor.changes.journal import read_receipt
from advisor.changes.state_dir import StateDir, refusing
from advisor.errors import AdvisorError
from advisor.facts.netlink_classes import load_alone

SUFFIX = ".watchdog.zip"
_NEW = ".watchdog.new"
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL
_LEFT_OUT = frozenset({"cli", "report", "lab", "_data", "__pycache__"})
_EXTENSIONS = ("ethtool",)

_MAIN = """\
import sys

sys.path += {directories!r}

from advisor.changes.watchdog.body import main

sys.exit(main(sys.argv[1:]))
"""


def name_of(run: str) -> str:
    """The name of a run's zip in the state directory."""
    return run + SUFFIX


def write(state: StateDir, run: str) -> None:
    """Write a run's zip; one that is there is replaced as a whole.

    Raises:
        AdvisorError: The disk refuses, or the package cannot be copied.
    """
    data = _zip()
    new = run + _NEW
    if new in state.names():
        state.remove(new)
    descriptor = state.open(new, _CREATE)
    if descriptor is None:
        raise AdvisorError(f"{state.path}: the directory is gone")
    try:
        with refusing(state.locate(new), "the watchdog cannot be written"):
            write_all(descriptor, data)
        state.rename(new, name_of(run))
    except BaseException:
        # Whatever ends it, half a zip is nothing that may be left.
        with suppress(AdvisorError):
            state.remove(new)
        raise
    finally:
        os.close(descriptor)


def remove(state: StateDir, run: str) -> None:
    """Remove a run's zip, if it is there and can be removed."""
    with suppress(AdvisorError):
        state.remove(name_of(run))


def clean(state: StateDir) -> None:
    """Remove the zips of runs that are finished or forgotten. Needs the lock."""
    for name in state.names():
        run = name[: -len(SUFFIX)]
        if name.endswith(SUFFIX) and ids.is_id(run):
            with suppress(AdvisorError):  # of a damaged journal: a person has to look first
                receipt = read_receipt(state, run)
                if receipt is None or not receipt.unfinished:
                    state.remove(name)


def _zip() -> bytes:
    from io import BytesIO
    from zipfile import ZipFile, ZipInfo

    buffer = BytesIO()
    try:
        with ZipFile(buffer, "w") as archive:
            folders: set[str] = set()
            for name, data in _files():
                # A package without __init__.py is found only if its folder is listed.
                for folder in [f"{each}/" for each in Path(name).parents if str(each) != "."]:
                    if folder not in folders:
                        folders.add(folder)
                        archive.writestr(ZipInfo(folder), b"")
                archive.writestr(ZipInfo(name), data)
    except (OSError, ImportError) as error:
        raise AdvisorError(f"the watchdog cannot be made: {error}") from error
    return buffer.getvalue()


def _files() -> Iterator[tuple[str, bytes]]:
    """Name and contents of what goes into the zip."""
    yield "__main__.py", _MAIN.format(directories=_extension_directories()).encode()
    for module, path in _own_modules():
        yield _file(module, path)
    for module, path in _pyroute2_modules():
        yield _file(module, path)


def _own_modules() -> Iterator[tuple[str, str]]:
    """File names without suffix, in the zip, and paths of the package's modules."""
    top = Path(advisor.__file__).parent
    if not top.is_dir():
        raise FileNotFoundError(f"{top} is not a directory")
    for directory, folders, names in os.walk(top):
        here = "/".join(("advisor", *Path(directory).relative_to(top).parts))
        folders[:] = [each for each in folders if each not in _LEFT_OUT]
        for name in names:
            if name.endswith(".py"):
                yield f"{here}/{name[:-3]}", f"{directory}/{name}"


def _pyroute2_modules() -> list[tuple[str, str]]:
    """The same of the modules behind `advisor.facts.netlink_classes`, which leave no trace."""
    found = []
    for module in load_alone().values():
        path = module.__file__
        if path is None or not path.endswith(".py"):
            raise ImportError(f"{module.__name__} has no source file")
        start = "/__init__" if hasattr(module, "__path__") else ""
        found.append((module.__name__.replace(".", "/") + start, path))
    return found


def _file(module: str, path: str) -> tuple[str, bytes]:
    """A module as compiled, if that is of this source; else the source."""
    source = Path(path)
    # Not compiled, or Python says not where: the source does as well.
    with suppress(OSError, NotImplementedError):
        compiled = Path(importlib.util.cache_from_source(path)).read_bytes()
        found = source.stat()
        stamp = [int(found.st_mtime) & 0xFFFFFFFF, found.st_size & 0xFFFFFFFF]
        # Magic number, flags (0: by time), time and size of the source; Python's own rule.
        header = importlib.util.MAGIC_NUMBER + bytes(4)
        if compiled[:16] == header + b"".join(each.to_bytes(4, "little") for each in stamp):
            return f"{module}.pyc", compiled
    return f"{module}.py", source.read_bytes()


def _extension_directories() -> list[str]:
    """Where the C extensions are that may be needed, if they are anywhere."""
    specs = [importlib.util.find_spec(name) for name in _EXTENSIONS]
    origins = [spec.origin for spec in specs if spec is not None and spec.origin is not None]
    return sorted({str(Path(origin).resolve().parent) for origin in origins})
