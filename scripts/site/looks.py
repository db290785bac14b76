"""The site in the bell's own colours: its variables are made from the palette of the desktop, which stays the one place for them.

Read as text and not imported, because a document must not need Qt.
"""

from __future__ import annotations

import ast

from scripts.site.places import ROOT

THEME = ROOT / "desktop/handbell_desktop/ui/theme.py"
SCHEMES = {"default": "LIGHT", "slate": "DARK"}

# The generator's name of a colour → ours.
_NAMES = {
    "default-bg-color": "surface",
    "default-fg-color": "text",
    "default-fg-color--light": "soft",
    "default-fg-color--lighter": "faint",
    "default-fg-color--lightest": "line",
    "primary-fg-color": "window",
    "primary-bg-color": "text",
    "primary-bg-color--light": "soft",
    "accent-fg-color": "accent",
    "accent-fg-color--transparent": "accent_soft",
    "accent-bg-color": "on_accent",
    "typeset-color": "text",
    "typeset-a-color": "accent",
    "typeset-table-color": "line",
    "typeset-table-color--light": "hover",
    "typeset-mark-color": "accent_soft",
    "code-bg-color": "window",
    "code-fg-color": "text",
    "code-hl-color": "accent",
    "code-hl-keyword-color": "violet",
    "code-hl-string-color": "success",
    "code-hl-number-color": "orange",
    "code-hl-function-color": "accent",
    "code-hl-constant-color": "teal",
    "code-hl-special-color": "pink",
    "code-hl-name-color": "text",
    "code-hl-operator-color": "soft",
    "code-hl-punctuation-color": "soft",
    "code-hl-comment-color": "faint",
    "code-hl-generic-color": "soft",
    "code-hl-variable-color": "teal",
}


def palettes() -> dict[str, dict[str, str]]:
    """LIGHT and DARK, colour by colour."""
    found = {}
    for node in ast.parse(THEME.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and isinstance(node.targets[0], ast.Name):
            colours = {
                word.arg: word.value.value for word in node.value.keywords if isinstance(word.value, ast.Constant)
            }
            found[node.targets[0].id] = {str(name): str(colour) for name, colour in colours.items()}
    return found


def style() -> str:
    """The colours of both themes as a style sheet."""
    made = ["/* made from the desktop's palette */"]
    ours = palettes()
    for scheme, name in SCHEMES.items():
        palette = ours[name]
        lines = [f"  --md-{theirs}: {palette[mine]};" for theirs, mine in _NAMES.items()]
        lines += [f"  --bell-{colour}: {palette[colour]};" for colour in ("window", "surface", "line", "brand", "edge")]
        made.append(f'[data-md-color-scheme="{scheme}"][data-md-color-primary] {{\n' + "\n".join(lines) + "\n}")
    return "\n".join(made) + "\n"
