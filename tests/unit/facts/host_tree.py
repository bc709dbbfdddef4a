"""Builds a directory that stands for a host's file system."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from advisor.facts.files import Files


@dataclass(frozen=True)
class Link:
    """A symbolic link to `target`, as /proc and /sys are full of."""

    target: str


def host(root: Path, entries: Mapping[str, str | bytes | Link]) -> Files:
    """The files of a host that has `entries` (path → content) and nothing else."""
    for path, content in entries.items():
        file = root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, Link):
            file.symlink_to(content.target)
        elif isinstance(content, bytes):
            file.write_bytes(content)
        else:
            file.write_text(content)
    return Files(root)


@contextmanager
def private_files(*paths: str) -> Iterator[Files]:
    """A host with readable directories whose files at `paths` the reader has no permission for.

    Root reads everything, so where the tests run as root the block runs as nobody.
    """
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        files = host(root, dict.fromkeys(paths, "1\n"))
        is_root = os.geteuid() == 0
        for path in paths:
            # The mode must not be empty: that is how the kernel marks files that are write-only.
            (root / path.lstrip("/")).chmod(0o600 if is_root else 0o044)
        if not is_root:
            yield files
            return
        root.chmod(0o755)
        os.seteuid(65534)
        try:
            yield files
        finally:
            os.seteuid(0)
