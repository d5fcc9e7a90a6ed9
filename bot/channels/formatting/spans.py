"""What is said, without any channel's markup: styled runs of text.

``markdown_spans`` and ``event_spans`` make them, ``splitting`` cuts them into pieces, ``markup`` turns them into each
channel's own text.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Run:
    """A stretch of text in one style; ``link`` is the address it leads to."""

    text: str
    bold: bool = False
    italic: bool = False
    code: bool = False
    strike: bool = False
    link: str = ""


Spans = tuple[Run, ...]


def utf16_length(text: str) -> int:
    """Characters as Telegram and WhatsApp count them: an emoji is two or more."""
    return len(text.encode("utf-16-le", errors="surrogatepass")) // 2


def merged(spans: Iterable[Run]) -> Spans:
    """Neighbours of one style as one run."""
    merged: list[Run] = []
    for run in spans:
        if merged and replace(merged[-1], text="") == replace(run, text=""):
            merged[-1] = replace(run, text=merged[-1].text + run.text)
        elif run.text:
            merged.append(run)
    return tuple(merged)
