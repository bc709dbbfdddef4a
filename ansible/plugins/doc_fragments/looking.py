# Copyright the advisor contributors
# SPDX-License-Identifier: Apache-2.0
"""What the documentation of the modules that change nothing has in common."""

from __future__ import annotations


class ModuleDocFragment:
    """How they behave in check and diff mode."""

    DOCUMENTATION = r"""
attributes:
  check_mode:
    description: Does the same in check mode.
    support: full
  diff_mode:
    description: Has nothing to show.
    support: none
  platform:
    description: Where it works.
    support: full
    platforms: linux
"""
