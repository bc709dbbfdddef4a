#!/usr/bin/python
# Copyright the advisor contributors
# SPDX-License-Identifier: Apache-2.0
"""Keeps a run that waits to be confirmed."""

from __future__ import annotations

DOCUMENTATION = r"""
module: advisor_confirm
short_description: Keep a run that waits to be confirmed
description:
  - Runs C(advisor confirm), which disarms the watchdog, and writes the run to configuration files
    unless it is not to outlive the boot.
  - A run that is confirmed already is left as it is. One that has been rolled back, by its watchdog
    or by somebody, fails the module.
  - Reset the connection before, with C(meta), so that the host is reached anew.
version_added: 0.1.0
author:
  - The advisor contributors (@nettune)
extends_documentation_fragment:
  - nettune.advisor.program
options:
  run:
    description:
      - The run, or its number. Without it the one that waits, if there is one.
    type: str
attributes:
  check_mode:
    description: Tells whether the run waits.
    support: full
  diff_mode:
    description: Has nothing to show; the values are written already.
    support: none
  platform:
    description: Where it works.
    support: full
    platforms: linux
seealso:
  - module: nettune.advisor.advisor_apply
"""

EXAMPLES = r"""
- name: Reach the host anew
  ansible.builtin.meta: reset_connection

- name: Wait until it answers
  ansible.builtin.wait_for_connection:
    timeout: 60

- name: Keep the changes
  nettune.advisor.advisor_confirm:
    run: "{{ applied.txn_id }}"
"""

RETURN = r"""
txn_id:
  description: The run, none if none waits.
  returned: always
  type: str
state:
  description: Where it stands, V(persisted) if it is written to files.
  returned: always
  type: str
exit_code:
  description: Exit code of the program.
  returned: always
  type: int
lost_at_boot:
  description: Settings that the next boot loses, why, and what makes them last instead.
  returned: always
  type: list
  elements: dict
notes:
  description: What the program said.
  returned: always
  type: list
  elements: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.nettune.advisor.plugins.module_utils import documents, program
from ansible_collections.nettune.advisor.plugins.module_utils.history import named, receipt, status

KEPT = ("confirmed", "persisting", "persisted")


def main():
    """Confirms a run."""
    module = AnsibleModule(
        argument_spec={**program.ARGUMENTS, "run": {"type": "str"}}, supports_check_mode=True
    )
    advisor = program.Program(module)
    result = {"changed": False, "txn_id": None, "state": None, "exit_code": 0}
    result.update(lost_at_boot=[], notes=[])
    if module.params["run"]:
        found = receipt(advisor, named(module, module.params["run"]))
        run, state = found["id"], found["state"]
    else:
        open_run = status(advisor)["waiting"]
        if open_run is None:
            module.exit_json(**result)
        run, state = str(open_run.get("id")), open_run.get("state")
    result.update(txn_id=run, state=state)
    if state in KEPT:
        module.exit_json(**result)
    if state != "applied":
        module.fail_json(
            msg=program.safe(f"run {run} is {state}, so that it cannot be confirmed"), **result
        )
    if not module.check_mode:
        answer = advisor.run("confirm", "--format=json", "--", run)
        if answer.code != 0:
            # Whether it is confirmed and only its files are missing, its record tells.
            state = receipt(advisor, run)["state"]
            advisor.fail("confirm", answer, txn_id=run, state=state, changed=state in KEPT)
        result.update(_kept(advisor, answer))
    module.exit_json(**{**result, "changed": True})


def _kept(advisor, answer):
    """What the module returns of the program's answer."""
    try:
        document = documents.read(answer.out, documents.APPLY)
        documents.check(document["run"] or {}, documents.RECEIPT)
    except documents.BadDocument as error:
        advisor.fail("confirm", answer, problem=str(error), changed=True)
    return {
        "state": document["run"]["state"],
        "lost_at_boot": documents.left_out(document, "lost_at_boot", "instead"),
        "notes": answer.notes + [str(each) for each in document.get("boot_problems") or []],
    }


if __name__ == "__main__":
    main()
