"""`advisor profile`: list, show and detect workload profiles."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from advisor.cli import completions, options

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
def list_profiles() -> None:
    """List the profiles, those of the site too."""
    from advisor.cli.judge import load_profiles

    for profile in load_profiles():
        options.say(f"{profile.name:<20} {profile.title}")


@app.command()
def show(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Profile.", autocompletion=completions.profiles)
    ],
    resolved: Annotated[
        bool, typer.Option("--resolved", help="Values on this host, and where each came from.")
    ] = False,
    param: options.Params = None,
    source: options.Source = None,
) -> None:
    """Show a profile's parameters with units, ranges and meaning."""
    from advisor.engine.params import as_text
    from advisor.knowledge.catalogue import find_profile
    from advisor.report.style import TextStyle

    style = TextStyle(colour=options.want_colour(), width=options.text_width())
    profile = find_profile(name)
    values: dict[str, tuple[Any, str]] = {
        key: (item.source or item.default, f"profile {profile.origin[key]}")
        for key, item in profile.params.items()
    }
    if resolved or param or source:
        values = _resolved(name, source, options.parse_params(param))
    lines = [f"{style.paint(profile.name, 'bold')} · {profile.title}"]
    if profile.extends:
        lines.append(f"extends {profile.extends}")
    lines += ["", *style.wrap(" ".join(profile.description.split()), 2), ""]
    for key, item in profile.params.items():
        value, origin = values[key]
        shown = f"{style.paint(key, 'bold')} = {as_text(value)} {item.unit}".rstrip()
        lines.append(f"{shown}  ({origin})")
        lines += style.wrap(item.help, 4)
    options.say("\n".join(lines))


@app.command()
def detect(source: options.Source = None, netns: options.NetNs = None) -> None:
    """Rank the profiles by the signs that this host shows, with reasons."""
    from advisor.cli.judge import load_profiles, read_host
    from advisor.engine.detect import rank, sure

    matches = rank(read_host(source, None, netns), load_profiles())
    for match in matches:
        options.say(f"{match.profile:<20} {match.share:4.0%}")
        for reason in match.because:
            options.say(f"    + {reason}")
        for reason in match.missing:
            options.say(f"    - not: {reason}")
        for reason in match.unknown:
            options.say(f"    ? {reason}")
    best = sure(matches)
    alike = [match.profile for match in matches if match.suggested]
    if best is None and alike:
        options.say(f"not sure: {', '.join(alike)} fit alike; choose what the host is for with -p")
    elif best is None:
        options.say("not sure: no profile fits; the base profile is server")
    else:
        options.say(f"next: advisor check -p {best}")


def _resolved(name: str, source: str | None, given: dict[str, str]) -> dict[str, tuple[Any, str]]:
    import os

    from advisor.cli.judge import choose_profile, read_host
    from advisor.engine.params import resolve

    host = read_host(source, None, None)
    chosen = choose_profile(name, host)
    resolved = resolve(chosen, host, given, dict(os.environ))
    return {key: (item.value, item.origin) for key, item in resolved.items()}
