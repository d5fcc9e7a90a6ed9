"""Renders styled runs in WhatsApp's markup: ``*bold*``, ``_italic_``, ``~struck~``, code and plain URLs.

WhatsApp has no way to escape its marks and shows a mark literally unless it is at the edge of a word, so marks are used
only where they take effect. A style cannot span lines.
"""

from __future__ import annotations

import re
from dataclasses import replace
from html import escape

from bot.channels.formatting.spans import Run, Spans, utf16_length
from bot.channels.formatting.splitting import split

CODE = "```"
DIALLED = re.compile(r"\*[0-9]+")
BRACKETS_COST = 3
ADDRESS = re.compile(r"https?://[^\s<>()]*[^\s<>().,;:]")


def whatsapp_text(spans: Spans) -> str:
    """Renders ``spans`` as one string in WhatsApp's markup."""
    lines: list[list[Run]] = [[]]
    for run in spans:
        first, *others = run.text.split("\n")
        lines[-1].append(replace(run, text=first))
        lines += [[replace(run, text=text)] for text in others]
    return "\n".join(_line([run for run in line if run.text]) for line in lines).strip()


def pieces(spans: Spans, limit: int) -> tuple[str, ...]:
    """Renders ``spans`` as strings of at most ``limit`` UTF-16 code units, in which WhatsApp counts."""
    return tuple(whatsapp_text(piece) for piece in split(spans, limit, utf16_length, cost=_cost))


def as_read(text: str) -> str:
    """Converts a message into safe HTML that looks as it does in WhatsApp: marks become styles, URLs become links."""
    html = escape(text)
    for mark, tag in ((CODE, "code"), ("*", "b"), ("_", "i"), ("~", "s")):
        edge = re.escape(mark)
        html = re.sub(rf"(?<!\w){edge}(?=\S)([^\n]+?)(?<=\S){edge}(?!\w)", rf"<{tag}>\1</{tag}>", html)
    return ADDRESS.sub(r'<a href="\g<0>">\g<0></a>', html)


def _cost(run: Run) -> int:
    """Returns the maximum number of UTF-16 code units of the run once rendered."""
    marks = 2 * (run.bold + run.italic + run.strike) * (run.text.count("\n") + 1)
    if run.code or _is_dialled(run):
        marks = 2 * len(CODE)
    return utf16_length(run.text) + marks + (utf16_length(run.link) + BRACKETS_COST if run.link else 0)


def _is_dialled(run: Run) -> bool:
    """Returns whether the run is a bold number such as *4141, shown as code because its star would act as a mark."""
    return run.bold and DIALLED.fullmatch(run.text.strip()) is not None


def _line(spans: list[Run]) -> str:
    text = ""
    for index, run in enumerate(spans):
        following = spans[index + 1].text if index + 1 < len(spans) else ""
        text += _marked(run, text[-1:], following[:1])
        if address := _address(run, spans[index + 1] if index + 1 < len(spans) else None):
            text = text.rstrip() + (f" ({address})" if following.strip(" .,;") else f": {address}")
    return text.rstrip()


def _marked(run: Run, before: str, after: str) -> str:
    """Returns the run between its marks, or without them where WhatsApp would show them literally."""
    bare = run.text.strip()
    lead, _, trail = run.text.partition(bare) if bare else ("", "", "")
    if bare and (run.code or _is_dialled(run)):
        return f"{lead}{CODE}{bare}{CODE}{trail}"
    if not bare or (not lead and before.isalnum()) or (not trail and after.isalnum()):
        return run.text
    for wanted, mark in ((run.strike, "~"), (run.italic, "_"), (run.bold, "*")):
        if wanted and mark not in bare.strip("~_"):
            bare = f"{mark}{bare}{mark}"
    return f"{lead}{bare}{trail}"


def _address(run: Run, following: Run | None) -> str:
    """Returns the URL to show after the last run of a link; '' for other runs and if the link's text shows it."""
    if not run.link or (following and following.link == run.link):
        return ""
    shown = re.sub(r"^(?:mailto|tel):", "", run.link, flags=re.IGNORECASE)
    ours, words = _bare(shown), _bare(run.text)
    same = ours == words or (shown != run.link and ours in words)
    return "" if same else shown


def _bare(text: str) -> str:
    return re.sub(r"^https?://(www\.)?|[\s/]", "", text.casefold())
