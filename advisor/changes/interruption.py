"""Links that a write may take down: as they were before it, and waited for after it."""

from __future__ import annotations

from collections.abc import Iterable

from advisor.changes.links import read_links_now, resets_link, wait_for_link
from advisor.errors import AdvisorError
from advisor.model.address import Address, NicAddress


class Interruption:
    """The links of the interfaces that some settings belong to, before these are written.

    Args:
        addresses: The settings that are about to be written.

    Raises:
        AdvisorError: The links cannot be read.
    """

    def __init__(self, addresses: Iterable[Address]) -> None:
        names = {
            each.nic for each in addresses if isinstance(each, NicAddress) and resets_link(each)
        }
        try:
            links = read_links_now() if names else []
        except OSError as error:
            raise AdvisorError(f"the links cannot be read: {error.strerror}") from error
        self._before = [link for link in links if link.name in names]

    def wait(self) -> str | None:
        """Waits until all links are back that were there before; what is missing, None if all are.

        An interface that is gone has no link to wait for.
        """
        for link in self._before:
            active = link.membership is not None and link.membership.active is True
            problem = wait_for_link(link.name, link.running, was_active=active)
            if problem is not None:
                return problem
        return None
