"""Renders styled runs as Telegram's HTML (core.telegram.org/bots/api#html-style) or as plain text.

WhatsApp's markup is in bot/channels/whatsapp/text.py.
"""

from __future__ import annotations

from html import escape

from bot.channels.formatting.spans import Run, Spans

WEB = ("http://", "https://")


def telegram_html(spans: Spans) -> str:
    """Renders runs as Telegram's HTML; tel: and mailto: links, which Telegram does not support, become text."""
    return "".join(_telegram(run) for run in spans)


def plain_text(spans: Spans) -> str:
    """Renders runs as plain text; a link's URL follows in parentheses, unless the text shows it or it is a tel: URL."""
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
    """Appends the link's address in parentheses, except for tel: links and texts that are already the address."""
    bare = run.link.removeprefix("mailto:").removeprefix("tel:")
    if not run.link or bare.rstrip("/") == run.text.strip().rstrip("/") or run.link.startswith("tel:"):
        return text
    end = len(text.rstrip())
    return f"{text[:end]} ({bare}){text[end:]}"
