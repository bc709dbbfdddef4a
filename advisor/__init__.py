"""advisor: explains, and safely fixes, how a Linux host's network settings fit its workload."""

__version__ = "0.1.0"
