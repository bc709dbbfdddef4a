# Copyright the advisor contributors
# SPDX-License-Identifier: Apache-2.0
"""What the documentation of all modules has in common."""

from __future__ import annotations


class ModuleDocFragment:
    """The option that says where the program is, and what it needs."""

    DOCUMENTATION = r"""
options:
  executable:
    description:
      - The program on the host.
      - The role P(nettune.advisor.advisor#role) installs it where the default says.
    type: path
    default: /opt/advisor/venv/bin/advisor
requirements:
  - advisor 0.1.0 or newer on the host
  - Python 3.7 or newer for Ansible's modules; advisor itself needs 3.10
notes:
  - The environment variables C(ADVISOR_STATE_DIR) and C(ADVISOR_CONFIG_DIR) have their effect, if
    a task sets them with C(environment).
  - Nothing here reads or returns secrets.
"""
