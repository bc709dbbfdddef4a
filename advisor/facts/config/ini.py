"""Files of sections with `name = value` lines, as TuneD, NetworkManager and systemd write them."""

from __future__ import annotations

from advisor.facts.files import Files
from advisor.model.unavailable import Unavailable

Ini = dict[str, dict[str, str]]
"""Section → name → value; a name that is there twice has its last value."""

_COMMENTS = ("#", ";")


def read_ini(files: Files, path: str) -> Ini | Unavailable:
    """The file's sections, or why it could not be read."""
    text = files.read_text(path)
    return text if isinstance(text, Unavailable) else parse_ini(text)


def parse_ini(text: str) -> Ini:
    """The sections of a text. What belongs to no section, and what assigns nothing, is left out."""
    found: Ini = {}
    section: dict[str, str] | None = None
    for raw in text.splitlines():
        line = raw.strip()
        if not line or line.startswith(_COMMENTS):
            continue
        if line.startswith("[") and line.endswith("]"):
            section = found.setdefault(line[1:-1].strip(), {})
            continue
        name, equals, value = line.partition("=")
        if equals and section is not None:
            section[name.strip()] = value.strip()
    return found
