"""Splits runs into messages within a channel's limit; keeps links and words whole if possible."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from bot.channels.formatting.spans import Run, Spans, merged

MIN_FILL = 0.5  # share of the limit that a message must reach before a paragraph or sentence may end it
ATOM = re.compile(r"\s*\S+\s*|\s+")
SENTENCE_END = re.compile(r"[.!?…:]['\"»)]*\s*$")
JOINER = "\u200d"
REGIONAL = ("\U0001f1e6", "\U0001f1ff")  # the first and the last indicator; two of them are a flag

Measure = Callable[[str], int]


def split(spans: Spans, limit: int, measure: Measure, *, cost: Callable[[Run], int] | None = None) -> tuple[Spans, ...]:
    """Splits runs into pieces of at most ``limit``: after a paragraph if possible, else after a line, sentence or word.

    ``measure`` counts text as the channel does; ``cost`` counts a run with its markup (default: its text alone).
    A word longer than the limit is split between characters, but never before a combining mark or a skin tone, nor
    inside a flag or emoji joined by ZWJ.
    """
    weigh = cost or (lambda run: measure(run.text))
    pieces: list[Spans] = []
    piece: list[Run] = []
    used = 0
    for atom in _atoms(spans, limit, weigh):
        while piece and used + weigh(atom) > limit:
            end = _best_end(piece, limit, weigh)
            pieces.append(_trimmed(piece[:end]))
            piece = piece[end:]
            used = sum(weigh(one) for one in piece)
        piece.append(atom)
        used += weigh(atom)
    pieces.append(_trimmed(piece))
    return tuple(one for one in pieces if one)


def _atoms(spans: Spans, limit: int, weigh: Callable[[Run], int]) -> Iterator[Run]:
    """Yields the units that are not split: a link, a word with its surrounding whitespace, or a part of a long word."""
    for run in spans:
        if run.link and weigh(run) <= limit:
            yield run
            continue
        for found in ATOM.finditer(run.text):
            yield from _pieces_of_a_word(replace(run, text=found.group()), limit, weigh)


def _pieces_of_a_word(word: Run, limit: int, weigh: Callable[[Run], int]) -> Iterator[Run]:
    if weigh(word) <= limit:
        yield word
        return
    piece = ""
    for cluster in _clusters(word.text):
        if piece and weigh(replace(word, text=piece + cluster)) > limit:
            yield replace(word, text=piece)
            piece = ""
        piece += cluster
    yield replace(word, text=piece)


def _clusters(text: str) -> Iterator[str]:
    """Yields each character with its combining marks and modifiers; flags and emoji joined by ZWJ stay together."""
    cluster = ""
    for char in text:
        joined = unicodedata.combining(char) or unicodedata.category(char) in {"Mn", "Me", "Mc"} or char == JOINER
        modifies = "\U0001f3fb" <= char <= "\U0001f3ff" or "\U000e0020" <= char <= "\U000e007f"  # skin tones, tags
        flag = len(cluster) == 1 and REGIONAL[0] <= cluster <= REGIONAL[1] and REGIONAL[0] <= char <= REGIONAL[1]
        if cluster and not (joined or modifies or flag or cluster.endswith(JOINER)):
            yield cluster
            cluster = ""
        cluster += char
    if cluster:
        yield cluster


def _best_end(piece: list[Run], limit: int, weigh: Callable[[Run], int]) -> int:
    """Returns the number of atoms after which to cut a full piece, at the best break after MIN_FILL of ``limit``."""
    used, ends = 0, {}
    for index, atom in enumerate(piece, 1):
        used += weigh(atom)
        if used >= limit * MIN_FILL:
            ends[_liking(atom.text)] = index
    return ends[max(ends)] if ends else len(piece)


def _liking(text: str) -> int:
    if text.endswith("\n\n"):
        return 3
    if "\n" in text[len(text.rstrip()) :]:
        return 2
    return int(SENTENCE_END.search(text) is not None)


def _trimmed(piece: Sequence[Run]) -> Spans:
    """Removes whitespace at both ends and merges runs of the same style."""
    spans = list(merged(piece))
    while spans and not spans[0].text.strip():
        spans.pop(0)
    while spans and not spans[-1].text.strip():
        spans.pop()
    if spans:
        spans[0] = replace(spans[0], text=spans[0].text.lstrip())
        spans[-1] = replace(spans[-1], text=spans[-1].text.rstrip())
    return tuple(spans)
