#!/usr/bin/python
# Copyright the advisor contributors
# SPDX-License-Identifier: Apache-2.0
"""Where a host stands with advisor and its runs."""

from __future__ import annotations

DOCUMENTATION = r"""
module: advisor_info
short_description: Where a host stands with advisor and its runs
description:
  - Returns whether advisor is there, its version, the run that waits to be confirmed, and settings
    that somebody else has changed since.
  - Never changes anything. A host without advisor does not fail the module.
version_added: 0.1.0
author:
  - The advisor contributors (@nettune)
extends_documentation_fragment:
  - nettune.advisor.program
  - nettune.advisor.looking
options:
  runs:
    description:
      - Whether to look at the runs, which needs root where there are any. Without it only the
        program is looked at.
    type: bool
    default: true
seealso:
  - module: nettune.advisor.advisor_check
"""

EXAMPLES = r"""
- name: Look at what advisor has done here
  nettune.advisor.advisor_info:
  register: advisor

- name: Name what somebody else has changed since
  ansible.builtin.debug:
    var: advisor.drift
"""

RETURN = r"""
installed:
  description: Whether the program is there.
  returned: always
  type: bool
version:
  description: Its version, none if it is not there.
  returned: always
  type: str
  sample: 0.1.0
waiting:
  description: The run that is not finished, none if there is none.
  returned: always
  type: dict
  contains:
    id: {description: The run., type: str}
    state: {description: Where it stands., type: str, sample: applied}
    needs: {description: What it needs., type: str, sample: waits to be confirmed}
    until: {description: When its watchdog undoes it., type: str}
runs:
  description: All runs, the youngest first.
  returned: always
  type: list
  elements: dict
  contains:
    id: {description: The run., type: str}
    state: {description: Where it stands., type: str, sample: persisted}
    started: {description: When it began., type: str}
    profile: {description: The workload that it was for., type: str}
drift:
  description: Settings that are not as the last run has left them.
  returned: always
  type: list
  elements: dict
damaged:
  description: Runs whose records cannot be trusted.
  returned: always
  type: list
  elements: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.nettune.advisor.plugins.module_utils import documents, program
from ansible_collections.nettune.advisor.plugins.module_utils.history import history, status


def main():
    """Tells where the host stands."""
    module = AnsibleModule(
        argument_spec={**program.ARGUMENTS, "runs": {"type": "bool", "default": True}},
        supports_check_mode=True,
    )
    advisor = program.Program(module)
    result = {
        "changed": False,
        "installed": advisor.present,
        "version": None,
        "waiting": None,
        "runs": [],
        "drift": [],
        "damaged": [],
    }
    if advisor.present:
        answer = advisor.run("--version")
        words = answer.out.split()
        if answer.code != 0 or words[:1] != ["advisor"] or len(words) != 2:
            advisor.fail("--version", answer)
        result["version"] = words[1]
        if module.params["runs"]:
            result.update(_runs(advisor))
    module.exit_json(**result)


def _runs(advisor):
    found = status(advisor)
    runs = history(advisor)[0] if found["runs"] else []
    return {
        "waiting": found["waiting"],
        "runs": [
            {key: each.get(key) for key in ("id", "state", "started", "profile")} for each in runs
        ],
        "drift": [
            {
                "setting": documents.address(each.get("setting")),
                **{key: each.get(key) for key in ("run", "left", "now")},
            }
            for each in found["drift"]
        ],
        "damaged": [str(each) for each in found["damaged"]],
    }


if __name__ == "__main__":
    main()
