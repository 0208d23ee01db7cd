"""Write tokens.css from tokens.json, so that both face packages draw with the same values.

Usage: ``make_tokens.py [--check]``; with ``--check`` nothing is written and exit 1 means the file is stale.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent / "tokens"
HEAD = "/* Generated from tokens.json by ../tools/make_tokens.py. Edit the JSON, then run it. */\n"
# The mini-program builds read these comments and drop the line between them: WXSS has no :root. Browsers skip them.
ROOT = "/* #ifdef H5 */\n:root,\n/* #endif */\npage,\n.scale-standard"


def block(selector: str, values: dict[str, str]) -> str:
    """One CSS rule of custom properties, all under the ``--hh-`` prefix."""
    lines = "".join(f"  --hh-{name}: {value};\n" for name, value in values.items())
    return f"{selector} {{\n{lines}}}\n"


def scale(values: dict[str, int]) -> dict[str, str]:
    """A type scale: sizes and smallest touch targets, in pixels."""
    return {name: f"{value}px" for name, value in values.items()}


def css(tokens: dict[str, Any]) -> str:
    """The whole stylesheet: constants and the standard scale at the root, one class per other scale."""
    constants = {
        **tokens["color"],
        **{
            f"{group}-{name}": value
            for group in ("space", "radius", "shadow", "motion", "z")
            for name, value in tokens[group].items()
        },
        "line-height": tokens["line-height"],
        "font": tokens["font"],
    }
    scales = dict(tokens["scale"])
    standard = scale(scales.pop("standard"))
    parts = [HEAD, block(ROOT, constants | standard)]
    parts += [block(f".scale-{name}", scale(values)) for name, values in scales.items()]
    return "\n".join(parts)


def main(arguments: list[str]) -> int:
    """Write or check; returns the exit code."""
    made = css(json.loads((FOLDER / "tokens.json").read_text("utf-8")))
    target = FOLDER / "tokens.css"
    if "--check" not in arguments:
        target.write_text(made, "utf-8")
        return 0
    if target.is_file() and target.read_text("utf-8") == made:
        return 0
    print("tokens.css is stale: run miniapp_stub/tools/make_tokens.py", file=sys.stderr)
    return 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
