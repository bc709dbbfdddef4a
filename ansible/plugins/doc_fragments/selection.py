# Copyright the advisor contributors
# SPDX-License-Identifier: Apache-2.0
"""What the documentation of the modules that judge has in common."""

from __future__ import annotations


class ModuleDocFragment:
    """The options that say what to judge by."""

    DOCUMENTATION = r"""
options:
  profile:
    description:
      - Workload to judge by, or V(auto). Without it the site's counts, else V(server).
    type: str
  params:
    description:
      - Parameters of the profile, each with its value.
    type: dict
    default: {}
  select:
    description:
      - Only these rules, by id, beginning of ids, name or tag.
    type: list
    elements: str
    default: []
  ignore:
    description:
      - Not these rules.
    type: list
    elements: str
    default: []
  sample:
    description:
      - Read the counters twice, so many seconds apart, and judge rates of now. With V(0) they are
        read once, and judged as totals since boot.
    type: float
    default: 0
  waivers:
    description:
      - Files, on the host, with failures to set aside, beside those that the site's configuration
        names.
    type: list
    elements: path
    default: []
  baseline:
    description:
      - A file, on the host, made by C(advisor check --write-baseline). Its failures are set aside.
    type: path
"""
