#!/usr/bin/python
# Copyright the advisor contributors
# SPDX-License-Identifier: Apache-2.0
"""Judges a host, as one line for the report about a fleet."""

from __future__ import annotations

DOCUMENTATION = r"""
module: advisor_line
short_description: Judge a host, as one line for the report about a fleet
description:
  - Runs C(advisor check -f line) and returns one line of JSON. Files of such lines are what
    C(advisor fleet report) reads.
  - Never changes anything, and does the same in check mode. Findings do not make it fail.
version_added: 0.1.0
author:
  - The advisor contributors (@nettune)
extends_documentation_fragment:
  - nettune.advisor.program
  - nettune.advisor.looking
  - nettune.advisor.selection
options:
  labels:
    description:
      - What the site calls the host, such as its group. The label V(host) is its name.
    type: dict
    default: {}
seealso:
  - module: nettune.advisor.advisor_check
"""

EXAMPLES = r"""
- name: Judge, for the report about all hosts
  nettune.advisor.advisor_line:
    labels:
      host: "{{ inventory_hostname }}"
      group: edge
  register: network

- name: Keep the line on the controller
  ansible.builtin.copy:
    content: "{{ network.line }}\n"
    dest: "/srv/reports/{{ inventory_hostname }}.json"
    mode: "0644"
  delegate_to: localhost
"""

RETURN = r"""
line:
  description: The line, without a newline.
  returned: success
  type: str
exit_code:
  description: Exit code of the program.
  returned: always
  type: int
notes:
  description: Remarks of the program.
  returned: always
  type: list
  elements: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.nettune.advisor.plugins.module_utils import documents, program, selection


def main():
    """Judges the host."""
    module = AnsibleModule(
        argument_spec={
            **program.ARGUMENTS,
            **selection.ARGUMENTS,
            "labels": {"type": "dict", "default": {}},
        },
        supports_check_mode=True,
    )
    advisor = program.Program(module)
    words = ["check", "--format=line", "--exit-zero"]
    words += [f"--label={name}={value}" for name, value in module.params["labels"].items()]
    try:
        words += selection.words(module.params)
    except selection.BadArgument as error:
        module.fail_json(msg=program.safe(error))
    answer = advisor.run(*words)
    if answer.code != 0:
        advisor.fail("check", answer)
    try:
        documents.read(answer.out, documents.LINE)
        if len(answer.out.splitlines()) != 1:
            raise documents.BadDocument("one line was expected, and there are more")
    except documents.BadDocument as error:
        advisor.fail("check", answer, problem=str(error))
    module.exit_json(
        changed=False, line=answer.out.rstrip("\n"), exit_code=answer.code, notes=answer.notes
    )


if __name__ == "__main__":
    main()
