"""The widget's one file, put together from the parts in widget/ when the bot starts: one tag on a site, no build step.

Called by pages.py for ``/webchat/widget.js``. The parts share one scope, so a part may use what an earlier one made.
"""

from __future__ import annotations

import json
from pathlib import Path

FOLDER = Path(__file__).parent / "widget"
PARTS = (
    "base.js",
    "colour.js",
    "elements.js",
    "store.js",
    "line.js",
    "presence.js",
    "feedback.js",
    "keepsake.js",
    "attach.js",
    "chat.js",
    "start.js",
)


def widget_source() -> str:
    """The script that sites load: the style sheet as a string and the parts in order, closed in one function."""
    style = json.dumps((FOLDER / "style.css").read_text(encoding="utf-8"), ensure_ascii=False)
    parts = "\n".join((FOLDER / name).read_text(encoding="utf-8") for name in PARTS)
    return f"(() => {{\n'use strict';\nconst STYLE = {style};\n{parts}}})();\n"
