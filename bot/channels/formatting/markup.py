"""Runs of text in a channel's own markup. Called by telegram.py; runs.py makes and splits the runs.

- Telegram: HTML, ``& < >`` escaped, and nothing else can be wrong in it (core.telegram.org/bots/api#html-style).
- plain: no marks, addresses behind their text.

WhatsApp's marks are in whatsapp_text.py.
"""

from __future__ import annotations

from html import escape

from bot.channels.formatting.spans import Run, Spans

WEB = ("http://", "https://")


def telegram_html(spans: Spans) -> str:
    """HTML of Telegram's kind. Links that Telegram does not know (tel:, mailto:) are left as text."""
    return "".join(_telegram(run) for run in spans)


def plain_text(spans: Spans) -> str:
    """Text alone."""
    return "".join(_with_address(run, run.text) for run in spans)


def _telegram(run: Run) -> str:
    text = escape(run.text, quote=False)
    styles = ((run.code, "code"), (run.strike, "s"), (run.italic, "i"), (run.bold, "b"))
    for wanted, tag in styles:
        if wanted and text.strip():
            text = f"<{tag}>{text}</{tag}>"
    if run.link.startswith(WEB) and text.strip():
        return f'<a href="{escape(run.link)}">{text}</a>'
    return text


def _with_address(run: Run, text: str) -> str:
    """The text and, unless it is the address itself, the address behind it."""
    bare = run.link.removeprefix("mailto:").removeprefix("tel:")
    if not run.link or bare.rstrip("/") == run.text.strip().rstrip("/") or run.link.startswith("tel:"):
        return text
    end = len(text.rstrip())
    return f"{text[:end]} ({bare}){text[end:]}"
