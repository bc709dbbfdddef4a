"""`advisor rules new`: a rule to start from, which works as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from advisor.cli import options
from advisor.errors import AdvisorError

_TEMPLATE = """\
# Change what is between the quotes and dashes; `advisor rules lint` and `advisor rules test` tell
# what is missing. Every key is explained in docs/rules.md, every fact in docs/facts.md.
id: {id}
name: {name}
title: One sentence that states the problem
status: preview
severity: warning
tags: [site]
let:
  # Named values: they show up as evidence. Facts are nstat.…, sysctl.…, memory.…, cpu.…, nics[…], …
  connections_per_s: rate(nstat.Tcp.PassiveOpens)
check:
  # What is checked is what is wanted. equals, at_least (raise only), at_most (lower only), one_of.
  setting: sysctl:net.core.somaxconn
  at_least: max(4096, next_pow2(connections_per_s))
symptom:
  # When this is true, it hurts now, and the finding comes first.
  when: rate(nstat.TcpExt.ListenOverflows) > 0
  show:
    - {{value: connections_per_s, label: connections accepted, unit: rate}}
message: >-
  accept queues can hold {{actual}} connections at most, while {{connections_per_s:rate}} are
  accepted
why: |
  What the setting does, why this value hurts, how the evidence shows it, and what the change does
  not fix. The reader has been woken up by an alarm.
fix:
  risk: low
  disrupts: none
  note: When it takes effect, and what has to be restarted.
references:
  - title: Where you know it from (kernel file and function, documentation, a measurement)
tests:
  - name: too short
    given:
      sysctl: {{net.core.somaxconn: 128}}
      nstat: {{Tcp.PassiveOpens: 100, TcpExt.ListenOverflows: 0}}
    expect: fail
    want: 4096
  - name: long enough
    given:
      sysctl: {{net.core.somaxconn: 8192}}
      nstat: {{Tcp.PassiveOpens: 100, TcpExt.ListenOverflows: 0}}
    expect: pass
"""


def new(
    rule: Annotated[str, typer.Argument(metavar="ID", help="Your own prefix: SITE001.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="Words with dashes.")],
    folder: Annotated[Path, typer.Option("--in", metavar="DIR", help="Where to.")] = Path(),
) -> None:
    """Write a rule of your own to start from. It works as it is."""
    import re

    from advisor.knowledge.catalogue import all_rules

    if not re.fullmatch(r"[A-Z]{2,5}[0-9]{3}", rule):
        raise AdvisorError(
            f"{rule}: a rule's id is two to five capitals and three digits", "SITE001"
        )
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
        raise AdvisorError(
            f"{name}: a rule's name is words with dashes", "somaxconn-for-our-gateway"
        )
    for known in all_rules():
        if rule == known.id or name == known.name:
            raise AdvisorError(
                f"{rule} {name}: {known.id} {known.name} is there already",
                "to change a shipped rule, copy its file and keep id and name",
            )
    path = folder / f"{rule}-{name}.yaml"
    if path.exists():
        raise AdvisorError(f"{path} is there already")
    options.write(_TEMPLATE.format(id=rule, name=name), path)
    options.say(f"{path}\nnext: advisor rules test {path}")
