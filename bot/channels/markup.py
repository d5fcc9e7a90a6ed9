"""Runs of text in each channel's own markup. Called by telegram.py and whatsapp.py; runs.py makes and splits the runs.

- Telegram: HTML, ``& < >`` escaped, and nothing else can be wrong in it (core.telegram.org/bots/api#html-style).
- WhatsApp: ``*bold* _italic_ ~strike~ ```code``` ``; it has no escape, and marks count only beside a blank or a sign.
- plain: no marks, addresses behind their text.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from bot.channels.runs import Run, Runs

WEB = ("http://", "https://")


def telegram_html(runs: Runs) -> str:
    """HTML of Telegram's kind. Links that Telegram does not know (tel:, mailto:) are left as text."""
    return "".join(_telegram(run) for run in runs)


def whatsapp_text(runs: Runs) -> str:
    """Text with WhatsApp's marks."""
    return "".join(whatsapp_run(run) for run in runs)


def plain_text(runs: Runs) -> str:
    """Text alone."""
    return "".join(_with_address(run, run.text) for run in runs)


def whatsapp_run(run: Run) -> str:
    """One run with its marks: what ``split`` is to count, since marks and addresses are characters of the message."""
    text = run.text
    if run.code:
        return _around(text, "```")
    for wanted, mark in ((run.strike, "~"), (run.italic, "_"), (run.bold, "*")):
        if wanted:
            text = _around(text, mark)
    return _with_address(run, text)


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


def _around(text: str, mark: str) -> str:
    """The mark directly around what is not blank, line by line: WhatsApp ends a style with the line.

    A text that has the mark inside goes without: there is no escape, and ``*4141`` must stay what it is.
    """
    if mark in text:
        return text
    return "\n".join(_mark_line(line, lambda inside: f"{mark}{inside}{mark}") for line in text.split("\n"))


def _mark_line(line: str, marked: Callable[[str], str]) -> str:
    inside = line.strip()
    if not inside:
        return line
    start = line.index(inside)
    return line[:start] + marked(inside) + line[start + len(inside) :]
