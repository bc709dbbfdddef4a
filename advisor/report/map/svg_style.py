"""Colours of a drawing, for light and for dark pages. None of them carries a meaning alone."""

from __future__ import annotations

from collections.abc import Mapping

_FONT = (
    'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", '
    "monospace"
)
_LIGHT = {
    "page": "#ffffff", "ink": "#1f2328", "dim": "#59636e", "frame": "#b7bfc8",
    "panel": "#f6f8fa", "card": "#ffffff", "track": "#e4e8ec",
    "calm": "#2da44e", "busy": "#d4a017", "hot": "#cf222e",
    "rx": "#218bff", "tx": "#8250df",
    "error": "#cf222e", "warning": "#9a6700", "info": "#0969da",
}  # fmt: skip
_DARK = {
    "page": "#0d1117", "ink": "#e6edf3", "dim": "#9198a1", "frame": "#4a525c",
    "panel": "#151b23", "card": "#0d1117", "track": "#2a313c",
    "calm": "#3fb950", "busy": "#d29922", "hot": "#ff6a63",
    "rx": "#4493f8", "tx": "#ab7df8",
    "error": "#da3633", "warning": "#9e6a03", "info": "#1f6feb",
}  # fmt: skip


def style_sheet() -> str:
    """The style sheet: light, and dark where the reader prefers that."""
    dark = _rules(_DARK)
    return (
        f"text {{ font-family: {_FONT}; white-space: pre }}\n"
        ".bold, .hottext, .flagtext { font-weight: bold }\n"
        f"{_rules(_LIGHT)}\n"
        f"@media (prefers-color-scheme: dark) {{\n{dark}\n}}"
    )


def _rules(colours: Mapping[str, str]) -> str:
    """One rule a line."""
    c = colours
    return "\n".join(
        (
            f".page {{ fill: {c['page']} }}",
            f".ink, .bold {{ fill: {c['ink']} }}",
            f".dim {{ fill: {c['dim']} }}",
            f".hottext {{ fill: {c['hot']} }}",
            ".flagtext { fill: #ffffff }",
            f".panel {{ fill: {c['panel']}; stroke: {c['frame']} }}",
            f".remote {{ fill: {c['panel']}; stroke: {c['frame']}; stroke-dasharray: 6 4 }}",
            f".core {{ stroke: {c['ink']}; stroke-width: 1.5; stroke-linecap: square }}",
            f".card {{ fill: {c['card']}; stroke: {c['frame']} }}",
            f".hotcard {{ fill: {c['card']}; stroke: {c['hot']}; stroke-width: 2.5 }}",
            f".offcard {{ fill: none; stroke: {c['frame']}; stroke-dasharray: 3 3 }}",
            f".track {{ fill: {c['track']} }}",
            *(f".{name} {{ fill: {c[name]} }}" for name in ("calm", "busy", "hot", "rx", "tx")),
            f".wire {{ stroke: {c['dim']}; stroke-width: 1.5 }}",
            f".farwire {{ stroke: {c['dim']}; stroke-width: 1.5; stroke-dasharray: 5 3 }}",
            f".arrow, .napi {{ fill: {c['dim']} }}",
            f".ring {{ fill: {c['card']}; stroke: {c['ink']}; stroke-width: 3 }}",
            f".unknown {{ fill: none; stroke: {c['dim']}; stroke-dasharray: 2 2 }}",
            *(
                f".{name} {{ fill: {c[name]}; stroke: {c['page']}; stroke-width: 1 }}"
                for name in ("error", "warning", "info")
            ),
        )
    )
