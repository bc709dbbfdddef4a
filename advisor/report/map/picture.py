"""A map: the interfaces that it shows, and the findings marked in it."""

from __future__ import annotations

from dataclasses import dataclass

from advisor.model.finding import Finding
from advisor.model.system import Collection
from advisor.report.map.model import Drawn, Marks


@dataclass(frozen=True, slots=True)
class Note:
    """A line of the legend: a letter, and the failure that it stands for."""

    mark: str
    finding: Finding


@dataclass(frozen=True, slots=True)
class Picture:
    """A map.

    Attributes:
        collection: How and when the facts were read.
        kernel: Kernel release.
        profile: Profile that the host was judged against.
        window: What counters cover: "over 60 s", "since boot".
        seconds: Length of the sample, None when counters are totals.
        intro: Sentences to read first.
        drawn: The interfaces.
        notes: The legend.
        marks: Findings about the host that hurt now and sit at no interface.
        elsewhere: Other failures, which have no place here.
    """

    collection: Collection
    kernel: str
    profile: str
    window: str
    seconds: float | None
    intro: tuple[str, ...]
    drawn: tuple[Drawn, ...]
    notes: tuple[Note, ...] = ()
    marks: Marks = ()
    elsewhere: int = 0

    def covered(self, drawn: Drawn) -> str:
        """What the numbers in the layout of an interface cover, in words."""
        if not drawn.physical:
            return f"packets {self.window}"
        if self.window.startswith("since the namespace"):
            return f"softirq since boot, packets {self.window}"
        return f"softirq and packets {self.window}"

    @property
    def title(self) -> tuple[str, ...]:
        """The host's name, then what else is to be known, in a few words each."""
        source = self.collection.source
        return (
            self.collection.hostname,
            *(() if source == "live" else (source,)),
            f"Linux {self.kernel}",
            f"profile {self.profile}",
            f"read {self.collection.at}",
            f"counters {self.window}",
        )
