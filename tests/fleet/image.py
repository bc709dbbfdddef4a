"""What the role installs, made once: wheels, and a layer for the roots of hosts."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tests.fleet.bed import fleet
from tests.fleet.look import python
from tests.fleet.play import ROLE, ROOT, Played, play, write_inventory

INSTALLED = {"advisor_install": "none", "advisor_python": python()}
"""Variables of the role for hosts that have advisor."""
FROM_WHEELHOUSE = {
    "advisor_install": "wheelhouse",
    "advisor_ethtool": "wheel",
    "advisor_manage_packages": False,
    "advisor_python": python(),
}
"""Variables of the role for an installation without a network; `advisor_wheelhouse` is missing."""


def build_wheelhouse(folder: Path) -> None:
    """The wheels of advisor and of everything that it needs."""
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--use-pep517", "-w", folder, ROOT]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def install(wheelhouse: Path, layer: Path) -> Played:
    """Runs the role on a host that has nothing, and keeps what it has installed there.

    Args:
        wheelhouse: Where the wheels are.
        layer: A folder for what is to lie over the root of other hosts.
    """
    with fleet(1) as made:
        write_inventory(made)
        variables = {**FROM_WHEELHOUSE, "advisor_wheelhouse": str(wheelhouse)}
        played = play(made, ROLE, **variables)
        assert played.code == 0, played.output
        shutil.copytree(made["h1"].upper / "opt/advisor", layer / "opt/advisor", symlinks=True)
    return played
