"""What things are: frozen dataclasses without I/O."""

from advisor.model.host import Host, Sample
from advisor.model.unavailable import Unavailable

__all__ = ["Host", "Sample", "Unavailable"]
