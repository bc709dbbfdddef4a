"""Everything that can be checked and changed, by address."""

from advisor.settings.paths import fact_path, read, replaced, with_fact
from advisor.settings.shell import commands

__all__ = ["commands", "fact_path", "read", "replaced", "with_fact"]
