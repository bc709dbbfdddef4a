#!/usr/bin/python
# Copyright the advisor contributors
# SPDX-License-Identifier: Apache-2.0
"""Judges a host; never changes it."""

from __future__ import annotations

DOCUMENTATION = r"""
module: advisor_check
short_description: Judge how a host's network settings fit its workload
description:
  - Runs C(advisor check) and returns what fails, with its cause in the host's own numbers.
  - Never changes anything, and does the same in check mode.
  - What does not apply to a host, or could not be judged, does not make the module fail, unless
    O(strict) asks for the latter.
version_added: 0.1.0
author:
  - The advisor contributors (@nettune)
extends_documentation_fragment:
  - nettune.advisor.program
  - nettune.advisor.looking
  - nettune.advisor.selection
options:
  root:
    description:
      - Judge an image by its configuration files, below this directory, instead of the host.
    type: path
  fail_on:
    description:
      - The module fails when a finding of this severity, or a worse one, is left.
    type: str
    choices: [never, info, warning, error]
    default: never
  strict:
    description:
      - The module fails when something could not be judged.
    type: bool
    default: false
  facts:
    description:
      - Return what was read, too, as C(advisor snapshot) writes it, about 80 KiB for each host.
        With V(redacted) addresses and names of hosts are replaced.
      - Cannot be asked for of an image, O(root).
    type: str
    choices: [none, all, redacted]
    default: none
seealso:
  - module: nettune.advisor.advisor_apply
"""

EXAMPLES = r"""
- name: Judge a proxy at the edge
  nettune.advisor.advisor_check:
    profile: edge-proxy
    params:
      rtt_ms: 80
  register: network

- name: Show the worst of it
  ansible.builtin.debug:
    msg: "{{ network.findings | selectattr('severity', 'eq', 'error') | map(attribute='message') }}"

- name: A gate that errors do not pass, with rates of the last ten seconds
  nettune.advisor.advisor_check:
    fail_on: error
    sample: 10

- name: All that was read, for somebody who may not log in
  nettune.advisor.advisor_check:
    facts: redacted
  register: network

- name: An image that was built, before it is published
  nettune.advisor.advisor_check:
    root: /mnt/image
    fail_on: warning
"""

RETURN = r"""
summary:
  description: How many results there are of each status, and failures of each severity.
  returned: when there is a report
  type: dict
  sample: {pass: 120, fail: 2, unknown: 0, not_applicable: 150, waived: 0, warning: 2, error: 0}
findings:
  description: What fails.
  returned: when there is a report
  type: list
  elements: dict
  contains:
    rule: {description: Id of the rule., type: str, sample: RCV001}
    title: {description: What the rule claims to be wrong., type: str}
    severity: {description: "V(info), V(warning) or V(error).", type: str}
    active: {description: Whether counters say that it hurts., type: bool}
    target: {description: "V(host), or the interface.", type: str}
    setting: {description: "What to change, or none.", type: str, sample: sysctl:net.core.somaxconn}
    actual: {description: Its value., type: raw}
    wanted: {description: The value that it should have., type: raw}
    message: {description: The cause., type: str}
    advice: {description: What to do where no setting helps., type: str}
unknown:
  description: What could not be judged, in the same form; the message says why.
  returned: when there is a report
  type: list
  elements: dict
waived:
  description: Failures that were set aside, in the same form.
  returned: when there is a report
  type: list
  elements: dict
profile:
  description: The workload that was judged by.
  returned: when there is a report
  type: str
  sample: server
version:
  description: Version of advisor on the host.
  returned: when there is a report
  type: str
  sample: 0.1.0
kernel:
  description: The host's kernel.
  returned: when there is a report
  type: str
  sample: 6.1.0-30-amd64
facts:
  description: What was read, advisor.snapshot/v1.
  returned: with O(facts)
  type: dict
exit_code:
  description:
    - Exit code of the program, V(0) without findings, V(1) with some, V(3) with O(strict) and
      something unknown, V(2) when it could not do its job.
  returned: always
  type: int
notes:
  description: Remarks of the program, such as waivers that nothing needs any more.
  returned: always
  type: list
  elements: str
"""

import tempfile
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.nettune.advisor.plugins.module_utils import documents, program, selection


def main():
    """Judges the host."""
    module = AnsibleModule(
        argument_spec={
            **program.ARGUMENTS,
            **selection.ARGUMENTS,
            "root": {"type": "path"},
            "fail_on": {
                "type": "str",
                "choices": ["never", "info", "warning", "error"],
                "default": "never",
            },
            "strict": {"type": "bool", "default": False},
            "facts": {"type": "str", "choices": ["none", "all", "redacted"], "default": "none"},
        },
        supports_check_mode=True,
    )
    params = module.params
    if params["root"] and params["facts"] != "none":
        module.fail_json(msg="facts are those of a running host, and `root` is an image")
    advisor = program.Program(module)
    facts = {}
    try:
        words = _words(params)
        if params["facts"] == "none":
            answer = advisor.run("check", *words)
        else:
            with tempfile.TemporaryDirectory(prefix="advisor-") as folder:
                path = f"{folder}/facts.json"
                facts = {"facts": _read(advisor, params, path)}
                answer = advisor.run("check", f"--from={path}", *words)
        if answer.code not in (0, program.FINDINGS, program.UNKNOWN):
            advisor.fail("check", answer)
        report = documents.read(answer.out, documents.REPORT)
    except selection.BadArgument as error:
        module.fail_json(msg=program.safe(error))
    except documents.BadDocument as error:
        advisor.fail("check", answer, problem=str(error))
    result = {
        "changed": False,
        "exit_code": answer.code,
        "notes": answer.notes,
        "summary": report["summary"],
        "findings": documents.findings(report),
        "unknown": documents.findings(report, "unknown"),
        "waived": documents.findings(report, "waived"),
        "profile": report["profile"].get("name"),
        "version": report["advisor"],
        "kernel": report["host"].get("kernel"),
        **facts,
    }
    if answer.code == program.FINDINGS and params["fail_on"] != "never":
        module.fail_json(msg=program.safe(_found(result["findings"])), **result)
    if answer.code == program.UNKNOWN:
        count = len(result["unknown"])
        module.fail_json(msg=f"{count} could not be judged, and `strict` is asked for", **result)
    module.exit_json(**result)


def _words(params):
    # With the facts, rates are part of what was read.
    read = params if params["facts"] == "none" else {**params, "sample": 0}
    words = ["--format=json", *selection.words(read)]
    if params["root"]:
        words.append(f"--root={params['root']}")
    if params["fail_on"] != "never":
        words.append(f"--fail-on={params['fail_on']}")
    elif params["strict"]:
        words.append("--exit-zero")  # otherwise findings would hide what is unknown
    if params["strict"]:
        words.append("--strict")
    return words


def _read(advisor, params, path):
    """Reads the host into a file, and returns what is in it."""
    sample = [f"--sample={params['sample']:g}"] if params["sample"] else []
    written = advisor.run("snapshot", f"--output={path}", *sample)
    if written.code != 0:
        advisor.fail("snapshot", written)
    if params["facts"] == "all":
        return documents.read(Path(path).read_text(encoding="utf-8"), documents.SNAPSHOT)
    return advisor.ask(documents.SNAPSHOT, "snapshot", f"--from={path}", "--redact")


def _found(findings):
    """The worst ones first, in as few words as a person needs to go on."""
    order = ("error", "warning", "info")
    worst = sorted(
        findings,
        key=lambda each: order.index(each["severity"]) if each["severity"] in order else len(order),
    )
    named = [f"{each['rule']} {each['target']} ({each['severity']})" for each in worst[:5]]
    more = f" and {len(worst) - 5} more" if len(worst) > 5 else ""
    return f"{len(worst)} findings: {', '.join(named)}{more}"


if __name__ == "__main__":
    main()
