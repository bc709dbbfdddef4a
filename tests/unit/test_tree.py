"""What may be in the repository: nothing that is true of one machine only."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Directories that exist on a developer's machine, not on the reader's: home directories, build
# farms. A character before the slash (/sys/kernel/…) makes it part of some other path.
_FOREIGN = re.compile(rb"(?<![\w./-])/(?:work|farm|root|home/\w+|Users/\w+)/")


def test_no_file_names_a_path_of_one_machine() -> None:
    places = [
        f"{file.relative_to(ROOT)}:{number}: {line.decode(errors='replace').strip()[:100]}"
        for file in _files()
        for number, line in enumerate(file.read_bytes().splitlines(), start=1)
        if _names_a_machine_path(line)
    ]
    assert not places, "\n".join(places)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (b"see /" + b"root/notes", True),
        (b"'/" + b"home/ann/advisor'", True),
        (b"/" + b"work/advisor", True),
        (str(ROOT).encode() + b"/advisor", len(ROOT.parts) > 2),
        (b"/sys/kernel/debug/root/x", False),
        (b"~/advisor and ./work/x", False),
        (b"/proc/sys/net/ipv4", False),
    ],
)
def test_the_search_finds_machine_paths_and_nothing_else(line: bytes, found: bool) -> None:
    assert _names_a_machine_path(line) is found


def _names_a_machine_path(line: bytes) -> bool:
    # A checkout directly below / (a container's /src) would match too much to be searched for.
    checkout = f"{ROOT}/".encode() if len(ROOT.parts) > 2 else None
    return bool(_FOREIGN.search(line)) or (checkout is not None and checkout in line)


def _files() -> list[Path]:
    """Tracked files, and new ones that are not ignored."""
    try:
        listing = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    except FileNotFoundError:
        pytest.skip("git is not installed")
    except subprocess.CalledProcessError as error:
        pytest.skip(f"not a git checkout: {error.stderr.strip()}")
    # A file may be tracked and deleted at the same time.
    files = [path for name in listing.split("\0") if name and (path := ROOT / name).is_file()]
    assert files, "git lists no files: the search would be empty"
    return files
