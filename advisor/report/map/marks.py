"""Which findings are marked in a map, with which letter, and where."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from advisor.model.address import NicAddress
from advisor.model.finding import Finding, Place, Status
from advisor.model.layout import Layout
from advisor.model.nic import Nic
from advisor.model.rule import Scope
from advisor.report.map.model import Marks
from advisor.report.map.picture import Note

PARTS = (
    *("completion", "channels", "interrupts", "ring", "rss", "rps"),
    *("xps", "qdisc", "offload", "link", "pcie"),
)
"""Parts of an interface that a finding can sit at; elsewhere it sits at the interface itself."""

_WHOLE = Place("interface")
_MOST_OF_HOST = 8
"""Findings about the host as a whole that are marked; the most urgent ones."""


class NicMarks:
    """The marks at one interface."""

    def __init__(self) -> None:
        self._letters: dict[Place, list[str]] = defaultdict(list)

    def add(self, place: Place, letter: str) -> None:
        """Mark a place."""
        if letter not in self._letters[place]:
            self._letters[place].append(letter)

    def at(self, part: str, number: int | None = None) -> Marks:
        """Letters at a part, or at one CPU, interrupt or queue."""
        return tuple(self._letters.get(Place(part, number), ()))

    def whole(self) -> Marks:
        """Letters at the interface itself."""
        return tuple(self._letters.get(_WHOLE, ()))

    def cpus(self) -> set[int]:
        """CPUs that are marked."""
        return {
            place.number
            for place in self._letters
            if place.part == "cpu" and place.number is not None
        }


class Marking:
    """The marks of a whole map.

    Args:
        findings: Every finding about the host, most urgent first.
        nics: The interfaces that are drawn.
        layouts: Their layouts.
        brief: Names of those whose queues are not drawn.

    Attributes:
        notes: The legend.
        host: Letters of findings that hurt now and are about the host as a whole.
        elsewhere: Failures that the map has no place for.
    """

    def __init__(
        self,
        findings: Iterable[Finding],
        nics: Mapping[str, Nic],
        layouts: Mapping[str, Layout],
        brief: Sequence[str] = (),
    ) -> None:
        self._nics = nics
        self._layouts = layouts
        self._brief = brief
        self._by_nic = {name: NicMarks() for name in nics}
        notes: list[Note] = []
        host: list[str] = []
        self.elsewhere = 0
        for finding in findings:
            if finding.status is not Status.FAIL:
                continue
            places = list(self._places(finding))
            of_host = not places and finding.active and not self._of_a_nic(finding)
            if not places and not (of_host and len(host) < _MOST_OF_HOST):
                self.elsewhere += 1
                continue
            letter = letters(len(notes))
            notes.append(Note(letter, finding))
            for name, place in places:
                self._by_nic[name].add(place, letter)
            if not places:
                host.append(letter)
        self.notes = tuple(notes)
        self.host = tuple(host)

    def of(self, name: str) -> NicMarks:
        """The marks at one interface."""
        return self._by_nic[name]

    def _places(self, finding: Finding) -> Iterable[tuple[str, Place]]:
        name = _nic_of(finding)
        if name is not None and name in self._nics:
            for place in _precise(finding) or (_WHOLE,):
                yield name, place if self._drawn(name, place) else _WHOLE
        elif name is None:
            for place in finding.places:
                for drawn, layout in self._layouts.items():
                    if _serves(layout, place) and self._drawn(drawn, place):
                        yield drawn, place

    def _of_a_nic(self, finding: Finding) -> bool:
        return _nic_of(finding) is not None

    def _drawn(self, name: str, place: Place) -> bool:
        nic = self._nics[name]
        if place.number is None:
            return place.part in PARTS
        if name in self._brief:
            return False
        if place.part == "cpu":
            return nic.physical
        if place.part == "irq":
            return str(place.number) in self._layouts[name].vectors
        queues = nic.rx_queues if place.part == "rx" else nic.tx_queues
        return isinstance(queues, dict) and str(place.number) in queues


def letters(index: int) -> str:
    """A to Z, AA, AB and so on."""
    text = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def _nic_of(finding: Finding) -> str | None:
    """The interface that a finding is about, None when it is about something else."""
    scope = finding.rule.scope
    if scope is Scope.NIC:
        return finding.target
    if scope is Scope.QDISC:
        return finding.target.rpartition(" ")[0]
    return finding.setting.nic if isinstance(finding.setting, NicAddress) else None


def _precise(finding: Finding) -> tuple[Place, ...]:
    """Its places. Channel counts are a part of completions for rules; a map shows them apart."""
    setting = finding.setting
    if isinstance(setting, NicAddress) and setting.attribute[0] == "channels":
        channels = Place("channels")
        return tuple(channels if p == Place("completion") else p for p in finding.places)
    return finding.places


def _serves(layout: Layout, place: Place) -> bool:
    if place.part == "cpu":
        return str(place.number) in layout.cpus
    return place.part == "irq" and str(place.number) in layout.vectors
