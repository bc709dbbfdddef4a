"""`advisor snapshot`: write the facts to a file."""

from __future__ import annotations

from typing import Annotated

import typer

from advisor.cli import options


def snapshot(
    output: options.Output = None,
    source: options.Source = None,
    sample: options.Sample = None,
    netns: options.NetNs = None,
    redact: Annotated[
        bool,
        typer.Option("--redact", help="Replace addresses and host names, each always the same."),
    ] = False,
) -> None:
    """Write everything that advisor knows about a host as JSON.

    `advisor check --from FILE` gives the same findings as the host itself. Secrets
    (tcp_fastopen_key, stable_secret, RSS keys) are never read.
    """
    from advisor.cli.judge import read_host
    from advisor.facts.snapshot import encode

    host = read_host(source, sample, netns)
    if redact:
        from advisor.facts.redact import redact as redacted

        host = redacted(host)
    options.write(encode(host, indent=1) + "\n", output)
