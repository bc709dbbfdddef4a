#!/usr/bin/python
# Copyright the advisor contributors
# SPDX-License-Identifier: Apache-2.0
"""Undoes runs."""

from __future__ import annotations

DOCUMENTATION = r"""
module: advisor_rollback
short_description: Undo what was changed
description:
  - Runs C(advisor rollback). Every setting gets the value back that lies below the run's, and
    configuration files are as they are without it.
  - A run that is undone already is left as it is, and so is a host on which there never was one.
  - Values that somebody else has set since are left alone and fail the module, unless O(force).
version_added: 0.1.0
author:
  - The advisor contributors (@nettune)
extends_documentation_fragment:
  - nettune.advisor.program
options:
  run:
    description:
      - The run, or its number.
      - V(last) is the youngest run. V(all) are all runs that stand, from the youngest.
    type: str
    default: last
  force:
    description:
      - Write over values that somebody else has put there, too.
    type: bool
    default: false
attributes:
  check_mode:
    description: Tells which runs would be undone.
    support: full
  diff_mode:
    description: Shows the values that the runs have left, and those that were there before them.
    support: full
  platform:
    description: Where it works.
    support: full
    platforms: linux
seealso:
  - module: nettune.advisor.advisor_apply
"""

EXAMPLES = r"""
- name: Undo the last run
  nettune.advisor.advisor_rollback:

- name: Undo everything that advisor has ever changed here
  nettune.advisor.advisor_rollback:
    run: all
"""

RETURN = r"""
txn_ids:
  description: The runs that were undone, or would be, from the youngest.
  returned: always
  type: list
  elements: str
exit_code:
  description:
    - Exit code of the program, V(5) if something could not be undone, V(6) if nothing was.
  returned: always
  type: int
left:
  description: Settings that are not as before, with the reason.
  returned: always
  type: list
  elements: dict
notes:
  description: Remarks of the program.
  returned: always
  type: list
  elements: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.nettune.advisor.plugins.module_utils import documents, program
from ansible_collections.nettune.advisor.plugins.module_utils.diff import diff, turned
from ansible_collections.nettune.advisor.plugins.module_utils.history import history, named, receipt

UNDONE = "rolled-back"


def main():
    """Undoes runs."""
    module = AnsibleModule(
        argument_spec={
            **program.ARGUMENTS,
            "run": {"type": "str", "default": "last"},
            "force": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    advisor = program.Program(module)
    runs = [each for each in _chosen(module, advisor) if each["state"] != UNDONE]
    result = {
        "changed": bool(runs),
        "txn_ids": [each["id"] for each in runs],
        "exit_code": 0,
        "left": [],
        "notes": [],
    }
    if module._diff:
        result["diff"] = diff([each for run in runs for each in turned(documents.operations(run))])
    if not module.check_mode:
        for number, run in enumerate(runs):
            _undo(module, advisor, run["id"], {**result, "txn_ids": result["txn_ids"][:number]})
    module.exit_json(**result)


def _chosen(module, advisor):
    """The runs that are meant, from the youngest."""
    wanted = module.params["run"]
    if wanted not in ("all", "last"):
        return [receipt(advisor, named(module, wanted))]
    runs, damaged = history(advisor)
    if damaged:
        # It may be the last one, and what lies below it is not known.
        module.fail_json(
            msg=program.safe(f"damaged runs, look at advisor history: {', '.join(damaged)}"),
            exit_code=program.REFUSED,
        )
    return runs if wanted == "all" else runs[:1]


def _undo(module, advisor, run, result):
    force = ["--force"] if module.params["force"] else []
    answer = advisor.run("rollback", "--format=json", *force, "--", run)
    if answer.code == 0:
        return
    del result["exit_code"], result["notes"]
    result["changed"] = bool(result["txn_ids"]) or answer.code == program.ROLLBACK_INCOMPLETE
    problem = None
    try:
        result["left"] = _left(documents.read(answer.out, documents.RECEIPT))
        named_left = [f"{each['setting']}: {each['reason']}" for each in result["left"]]
        problem = "; ".join([f"run {run}", *named_left])
    except documents.BadDocument:
        pass  # refused: the program has said why
    advisor.fail("rollback", answer, **result, problem=problem)


def _left(found):
    undone = [(each.get("setting"), each.get("undone")) for each in found["operations"]]
    return [
        {"setting": documents.address(setting), "reason": result.get("problem")}
        for setting, result in undone
        if isinstance(result, dict) and result.get("verdict") != "done"
    ]


if __name__ == "__main__":
    main()
