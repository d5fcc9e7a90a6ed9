"""Defines styled runs of text, independent of any channel's markup.

``markdown_spans`` and ``event_spans`` build them, ``splitting`` splits them, ``markup`` renders them for a channel.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Run:
    """A piece of text in one style; ``link`` is its URL, '' if there is none."""

    text: str
    bold: bool = False
    italic: bool = False
    code: bool = False
    strike: bool = False
    link: str = ""


Spans = tuple[Run, ...]


def utf16_length(text: str) -> int:
    """Returns the number of UTF-16 code units, which Telegram and WhatsApp count; most emojis have two or more."""
    return len(text.encode("utf-16-le", errors="surrogatepass")) // 2


def merged(spans: Iterable[Run]) -> Spans:
    """Joins adjacent runs of the same style and drops empty runs."""
    merged: list[Run] = []
    for run in spans:
        if merged and replace(merged[-1], text="") == replace(run, text=""):
            merged[-1] = replace(run, text=merged[-1].text + run.text)
        elif run.text:
            merged.append(run)
    return tuple(merged)
