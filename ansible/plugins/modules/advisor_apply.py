#!/usr/bin/python
# Copyright the advisor contributors
# SPDX-License-Identifier: Apache-2.0
"""Changes the settings that rules find wrong: all of them or none."""

from __future__ import annotations

DOCUMENTATION = r"""
module: advisor_apply
short_description: Change network settings that rules find wrong, all of them or none
description:
  - Runs C(advisor apply), which records the old values, arms a watchdog, writes, reads back, and
    undoes everything when anything is not as it should be.
  - With O(confirm_within) the run waits to be confirmed when the module ends. Let
    M(nettune.advisor.advisor_confirm) do that over a new connection, which proves that the host can
    still be reached; otherwise the host undoes the run by itself.
  - A second run finds nothing to change.
version_added: 0.1.0
author:
  - The advisor contributors (@nettune)
extends_documentation_fragment:
  - nettune.advisor.program
  - nettune.advisor.selection
options:
  plan:
    description:
      - A plan, on the host, saved with C(advisor plan -o). It says what to change, so that the
        options that choose do not go with it, from O(profile) to O(baseline). Without it the host
        is looked at now.
    type: path
  allow:
    description:
      - V(link) also makes changes that interrupt a link for a moment.
    type: list
    elements: str
    choices: [link]
    default: []
  confirm_within:
    description:
      - The run is undone unless it is confirmed within this time, as in V(120s) or V(5m).
      - Without it a run that verifies is confirmed at once.
    type: str
  probes:
    description:
      - Have to answer before and after, as in V(ping:192.0.2.1) and V(tcp:192.0.2.1:443).
    type: list
    elements: str
    default: []
  observe:
    description:
      - Measure the counters of the rules for this long before and after, as in V(30s).
    type: str
  rollback_if_worse:
    description:
      - With O(observe), undo the run when it made counters worse.
    type: bool
    default: false
  runtime_only:
    description:
      - Write no configuration files. The next boot forgets the changes.
    type: bool
    default: false
attributes:
  check_mode:
    description: Makes sure that everything can be done and undone, and does nothing.
    support: full
  diff_mode:
    description: Shows each setting with its value before and after.
    support: full
  platform:
    description: Where it works.
    support: full
    platforms: linux
seealso:
  - module: nettune.advisor.advisor_confirm
  - module: nettune.advisor.advisor_rollback
  - module: nettune.advisor.advisor_check
"""

EXAMPLES = r"""
- name: Change what disturbs nobody, until the next boot
  nettune.advisor.advisor_apply:
    profile: edge-proxy
    select: [RCV, SND, LSN]
    runtime_only: true

- name: Change rings and channels, too; the host undoes it unless it is confirmed in two minutes
  nettune.advisor.advisor_apply:
    profile: edge-proxy
    allow: [link]
    confirm_within: 120s
    probes: ["ping:192.0.2.1"]
  async: 600
  poll: 0
  register: applying

- name: Undo what made retransmissions, drops or refused connections worse
  nettune.advisor.advisor_apply:
    observe: 30s
    rollback_if_worse: true
"""

RETURN = r"""
txn_id:
  description: The run, none if nothing was changed.
  returned: always
  type: str
  sample: 000001-20251121T104501Z
state:
  description: Where the run stands, V(applied) if it waits to be confirmed.
  returned: always
  type: str
  sample: persisted
changes:
  description: What was changed, or would be.
  returned: always
  type: list
  elements: dict
  contains:
    setting: {description: The setting., type: str, sample: sysctl:net.ipv4.tcp_sack}
    before: {description: Its value., type: raw}
    after: {description: The value that it gets., type: raw}
    rules: {description: The rules that want it., type: list, elements: str}
findings:
  description:
    - What still fails afterwards, in the form of M(nettune.advisor.advisor_check).
    - In check mode, what no change is made against.
  returned: success
  type: list
  elements: dict
rolled_back:
  description: Whether something went wrong, and everything is as before.
  returned: always
  type: bool
omitted:
  description: Settings that were left out, with the reason, and what would allow it.
  returned: always
  type: list
  elements: dict
  contains:
    setting: {description: The setting., type: str}
    disrupts: {description: 'What it would disrupt, V(link) or V(reboot).', type: str}
    reason: {description: Why not., type: str}
    allow: {description: What would allow it., type: str}
lost_at_boot:
  description: Settings that the next boot loses, why, and what makes them last instead.
  returned: always
  type: list
  elements: dict
reboot_required:
  description: Whether a change was left out since only a reboot makes it.
  returned: always
  type: bool
outcome:
  description: With O(observe), whether counters are V(better), V(same) or V(worse).
  returned: always
  type: str
exit_code:
  description:
    - Exit code of the program, V(0) done or nothing to do, V(2) it could not do its job, V(4)
      rolled back, V(5) rolled back in part, V(6) refused and nothing changed, V(130) interrupted
      and rolled back.
  returned: always
  type: int
notes:
  description: Remarks of the program.
  returned: always
  type: list
  elements: str
"""

import json
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.nettune.advisor.plugins.module_utils import documents, program, selection
from ansible_collections.nettune.advisor.plugins.module_utils.diff import diff
from ansible_collections.nettune.advisor.plugins.module_utils.history import status

_CHOOSING = tuple(selection.ARGUMENTS)
_PLAN_MAX = 16 << 20


def main():
    """Applies a plan."""
    module = AnsibleModule(
        argument_spec={
            **program.ARGUMENTS,
            **selection.ARGUMENTS,
            "plan": {"type": "path"},
            "allow": {"type": "list", "elements": "str", "choices": ["link"], "default": []},
            "confirm_within": {"type": "str"},
            "probes": {"type": "list", "elements": "str", "default": []},
            "observe": {"type": "str"},
            "rollback_if_worse": {"type": "bool", "default": False},
            "runtime_only": {"type": "bool", "default": False},
        },
        required_if=[("rollback_if_worse", True, ["observe"])],
        supports_check_mode=True,
    )
    if module.params["plan"]:
        chosen = [name for name in _CHOOSING if module.params[name]]
        if chosen:
            module.fail_json(
                msg=f"a plan says what to change: {', '.join(chosen)} do not go with it"
            )
    advisor = program.Program(module)
    try:
        words = _words(module.params)
        if module.check_mode:
            _try(module, advisor, words)
        else:
            _apply(module, advisor, words)
    except selection.BadArgument as error:
        module.fail_json(msg=program.safe(error))


def _words(params):
    words = ["apply", "--format=json", *([] if params["plan"] else selection.words(params))]
    given = [option for option in ("confirm_within", "observe") if params[option]]
    words += [f"--{option.replace('_', '-')}={params[option]}" for option in given]
    words += [f"--allow={each}" for each in params["allow"]]
    words += [f"--probe={each}" for each in params["probes"]]
    for option in ("rollback_if_worse", "runtime_only"):
        if params[option]:
            words.append(f"--{option.replace('_', '-')}")
    if params["plan"]:
        words += ["--", params["plan"]]
    return words


def _try(module, advisor, words):
    """Check mode: nothing is changed, not even what a crash has left."""
    found = status(advisor)
    waiting = found["waiting"]
    if waiting is not None:
        module.fail_json(
            msg=program.safe(
                f"run {waiting.get('id')} {waiting.get('needs')}: "
                "what would be changed cannot be told before it is finished"
            ),
            exit_code=program.REFUSED,
        )
    answer = advisor.run(words[0], "--dry-run", *words[1:])
    if answer.code != 0:
        advisor.fail("apply --dry-run", answer)
    document, result = _result(advisor, answer)
    _finish(module, advisor, {**result, "changed": bool(document["changes"])}, predicted=True)


def _apply(module, advisor, words):
    answer = advisor.run(words[0], "--yes", *words[1:])
    if answer.code != 0 and not answer.out.strip():
        # Without a document nothing was done: the program has said why not.
        advisor.fail("apply", answer)
    document, result = _result(advisor, answer)
    if answer.code != 0:
        changed = answer.code == program.ROLLBACK_INCOMPLETE or document["changed"]
        del result["exit_code"], result["notes"]
        result.update(changed=changed, problem=document["problem"])
        advisor.fail("apply", answer, **result)
    _finish(module, advisor, result, predicted=False)


def _result(advisor, answer):
    """The document, and what the module returns of it, apart from the findings."""
    try:
        document = documents.read(answer.out, documents.APPLY)
        receipt = document["run"]
        if receipt is not None:
            documents.check(receipt, documents.RECEIPT)
    except documents.BadDocument as error:
        advisor.fail("apply", answer, problem=str(error))
    omitted = documents.left_out(document, "omitted", "disrupts", "allow")
    outcome = (receipt or {}).get("outcome")
    return document, {
        "changed": document["changed"],
        "txn_id": None if receipt is None else receipt["id"],
        "state": None if receipt is None else receipt["state"],
        "changes": documents.changes(document),
        "rolled_back": document["rolled_back"],
        "omitted": omitted,
        "lost_at_boot": documents.left_out(document, "lost_at_boot", "instead"),
        "reboot_required": any(each["disrupts"] == "reboot" for each in omitted),
        "outcome": outcome.get("effect") if isinstance(outcome, dict) else None,
        "exit_code": answer.code,
        "notes": answer.notes + [str(each) for each in document.get("boot_problems") or []],
    }


def _finish(module, advisor, result, predicted):
    """Looks at what is left, and ends the module."""
    answer = advisor.run("check", "--format=json", *_same_rules(module.params))
    left = None
    if answer.code in (0, program.FINDINGS):
        try:
            left = documents.findings(documents.read(answer.out, documents.REPORT))
        except documents.BadDocument as error:
            result["notes"].append(str(error))
    if left is None:
        # The changes are made, and have been verified: that they are not judged is no failure.
        module.warn("what is left could not be judged: " + program.safe("; ".join(answer.notes)))
        left = []
    if predicted:
        left = _after(left, result)
    if module._diff:
        result["diff"] = diff(result["changes"])
    module.exit_json(**result, findings=left)


def _same_rules(params):
    """The words that have `check` judge by what `apply` has judged by."""
    if not params["plan"]:
        return selection.words(params)
    try:
        with Path(params["plan"]).open("rb") as file:
            plan = json.loads(file.read(_PLAN_MAX))
        rules = {rule for each in plan["changes"] for rule in each["rules"]}
        rules |= {each["rule"] for each in plan["left"]}
        return [f"--profile={plan['profile']}", *(f"--select={rule}" for rule in sorted(rules))]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _after(findings, result):
    """The findings that are still there when the changes are made."""
    against = {rule for each in result["changes"] for rule in each["rules"]}
    omitted = {each["setting"] for each in result["omitted"]}
    return [
        each
        for each in findings
        if each["rule"] not in against or str(each["setting"]).partition("[")[0] in omitted
    ]


if __name__ == "__main__":
    main()
