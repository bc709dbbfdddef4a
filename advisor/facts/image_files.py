"""The files of a host that is not running: a mounted disk, a container's file system, a chroot."""

from __future__ import annotations

import os
from dataclasses import dataclass

from advisor.facts.files import Files

_LINKS_MAX = 40  # as the kernel (MAXSYMLINKS)
_NOWHERE = "/proc/self/a-link-that-leads-nowhere"


@dataclass(frozen=True, slots=True)
class ImageFiles(Files):
    """Files below a directory, whose links are followed as they would be with it as the root.

    Otherwise /etc/sysctl.conf in the image, a link to /usr/share/defaults, would be read from the
    machine that looks at the image.
    """

    @property
    def live(self) -> bool:
        """Never: also not when the directory is /."""
        return False

    def locate(self, path: str, *, follow: bool = True) -> str:
        """Where `path` of the image is for this process; a path that does not exist for a loop."""
        done: list[str] = []
        left = _parts(path)
        links = 0
        while left:
            part = left.pop(0)
            if part == "..":
                del done[-1:]
                continue
            here = f"{self._prefix}/{'/'.join([*done, part])}"
            if left or follow:
                try:
                    target = os.readlink(here)  # noqa: PTH115 - Path() drops "./" and "//"
                except OSError:
                    target = ""
                if target:
                    links += 1
                    if links > _LINKS_MAX:
                        return _NOWHERE
                    done = [] if target.startswith("/") else done
                    left = _parts(target) + left
                    continue
            done.append(part)
        return f"{self._prefix}/{'/'.join(done)}"


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part not in ("", ".")]
