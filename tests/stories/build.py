"""Writes the snapshots of this directory: `python -m tests.stories.build`.

The snapshots are committed, and a test checks that they are what this writes. To change one, change
its module in hosts/ and run this. README.md says which figure of a story is which fact.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from advisor.facts import snapshot
from advisor.model.host import Host
from tests.stories.hosts.default_debian_12 import default_debian_12
from tests.stories.hosts.default_fedora import default_fedora
from tests.stories.hosts.default_rhel_9 import default_rhel_9
from tests.stories.hosts.default_ubuntu_22_04 import default_ubuntu_22_04
from tests.stories.hosts.default_ubuntu_24_04 import default_ubuntu_24_04
from tests.stories.hosts.guest_accept_rate import guest_accept_rate
from tests.stories.hosts.healthy_edge import healthy_edge
from tests.stories.hosts.healthy_router import healthy_router
from tests.stories.hosts.healthy_server import healthy_server
from tests.stories.hosts.healthy_storage import healthy_storage
from tests.stories.hosts.slow_proxy import slow_proxy
from tests.stories.hosts.stuck_on_loopback import stuck_on_loopback
from tests.stories.hosts.thirty_second_responses import thirty_second_responses
from tests.stories.hosts.tiny_tso_frames import tiny_tso_frames

DIRECTORY = Path(__file__).parent

STORIES: dict[str, Callable[[], Host]] = {
    "S1-thirty-second-responses": thirty_second_responses,
    "S2-tiny-tso-frames": tiny_tso_frames,
    "S3-guest-accept-rate": guest_accept_rate,
    "S4-stuck-on-loopback": stuck_on_loopback,
    "S5-slow-proxy-3.7": slow_proxy,
    "default-debian-12": default_debian_12,
    "default-fedora": default_fedora,
    "default-rhel-9": default_rhel_9,
    "default-ubuntu-22.04": default_ubuntu_22_04,
    "default-ubuntu-24.04": default_ubuntu_24_04,
    "healthy-edge": healthy_edge,
    "healthy-router": healthy_router,
    "healthy-server": healthy_server,
    "healthy-storage": healthy_storage,
}
"""Name of the snapshot → its host."""


def snapshot_of(name: str) -> Path:
    """Where the snapshot of a story is."""
    return DIRECTORY / f"{name}.json"


def document(name: str) -> str:
    """The snapshot of a story, as it is committed."""
    return snapshot.encode(STORIES[name](), indent=1)


def main() -> None:
    """Write all of them."""
    for name in STORIES:
        snapshot_of(name).write_text(document(name))


if __name__ == "__main__":
    main()
