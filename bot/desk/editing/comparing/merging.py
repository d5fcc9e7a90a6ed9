"""Merges the versions of two editors of an entry, which are compared part by part with their common base.

A part that only one editor changed needs no choice. Utterances and counterexamples need no choice either: the additions
and removals of both editors apply. The answer is compared by paragraphs. Does no I/O.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from enum import StrEnum
from typing import TypeVar

from bot.desk.editing.form import Form
from bot.faq.entries.schema import AUDIENCE

ANSWER, ID = "respuesta", "id"
PARAGRAPH = "\n\n"
Item = TypeVar("Item")


class Take(StrEnum):
    """The version from which a part is taken."""

    MINE = "mine"
    THEIRS = "theirs"
    BOTH = "both"  # one after the other; only for paragraphs


@dataclass(frozen=True)
class Part:
    """A part of an entry that differs between the versions of two editors, ``mine`` and ``theirs``.

    ``before`` is the text of the common base, '' if there is none. ``key`` is the name of the part's field, with «#»
    and a number for paragraphs of the answer.
    """

    key: str
    before: str
    mine: str
    theirs: str

    @property
    def name(self) -> str:
        return self.key.partition("#")[0]

    @property
    def usual(self) -> Take | None:
        """Returns the version of the only editor who changed the part; None if both changed it, differently."""
        if self.mine == self.before:
            return Take.THEIRS
        return Take.MINE if self.theirs == self.before else None

    @property
    def may_be_both(self) -> bool:
        return self.name == ANSWER


@dataclass(frozen=True)
class Chosen:
    """The choice for a part: a version to take, or a new ``text``, '' to remove the part; None if none was written."""

    take: Take | None = None
    text: str | None = None


def differing(base: Form, mine: Form, theirs: Form) -> list[Part]:
    """Returns the fields, audience and paragraphs in which ``mine`` and ``theirs`` differ, in the order of the form.

    The id, utterances and counterexamples are never among them.
    """
    names = [name for name in theirs.fields if name != ID]
    fields = [Part(name, base.fields.get(name, ""), mine.fields[name], theirs.fields[name]) for name in names]
    audience = Part(AUDIENCE, *(_audience(one) for one in (base, mine, theirs)))
    return [one for one in (*fields, audience, *_answer(base, mine, theirs)) if one.mine != one.theirs]


def merged(base: Form, mine: Form, theirs: Form, choices: Mapping[str, Chosen]) -> Form:
    """Merges the forms; ``choices`` maps part keys to choices. The id is that of ``theirs``.

    A part without a choice takes its ``usual`` version, or ``mine`` if it has no ``usual`` version.
    """
    parts = {part.key: _result(part, choices.get(part.key, Chosen())) for part in differing(base, mine, theirs)}
    takes_mine = parts.get(AUDIENCE) == _audience(mine)
    return replace(
        theirs,
        fields={name: parts.get(name, value) for name, value in theirs.fields.items()},
        variants=tuple(_united(base.variants, mine.variants, theirs.variants, key=str)),
        phrases=tuple(_united(base.phrases, mine.phrases, theirs.phrases, key=lambda one: one.text)),
        counterexamples=tuple(_united(*(it.counterexamples for it in (base, mine, theirs)), key=lambda one: one.text)),
        answer=PARAGRAPH.join(filter(None, (parts.get(one.key, one.theirs) for one in _answer(base, mine, theirs)))),
        audience=mine.audience if takes_mine else theirs.audience,
    )


def _result(part: Part, chosen: Chosen) -> str:
    if chosen.text is not None:
        return chosen.text.strip()
    match chosen.take or part.usual or Take.MINE:
        case Take.THEIRS:
            return part.theirs
        case Take.BOTH:
            return PARAGRAPH.join(filter(None, (part.theirs, part.mine)))
        case _:
            return part.mine


def _audience(form: Form) -> str:
    return "; ".join(f"{name}: {', '.join(sorted(values))}" for name, values in sorted(form.audience.items()))


def _answer(base: Form, mine: Form, theirs: Form) -> list[Part]:
    """Splits the three answers into corresponding parts of whole paragraphs, including the unchanged parts."""
    texts = [_paragraphs(one.answer) for one in (base, mine, theirs)]
    return [
        Part(f"{ANSWER}#{number}", *(PARAGRAPH.join(lines) for lines in region))
        for number, region in enumerate(regions(*texts))
    ]


def _paragraphs(text: str) -> list[str]:
    return [one.strip("\n") for one in text.replace("\r\n", "\n").split(PARAGRAPH) if one.strip()]


def regions(base: Sequence[str], mine: Sequence[str], theirs: Sequence[str]) -> Iterator[tuple[Sequence[str], ...]]:
    """Splits the three sequences into corresponding regions; yields each region as a triple of item lists.

    A region is either one item that all three sequences share, or a change. The first members of all triples give
    ``base``, the second ``mine`` and the third ``theirs``.
    """
    at = (0, 0, 0)
    for start, in_mine, in_theirs in _common(base, mine, theirs):
        place = start, in_mine, in_theirs
        if place != at:
            yield base[at[0] : start], mine[at[1] : in_mine], theirs[at[2] : in_theirs]
        yield base[start : start + 1], mine[in_mine : in_mine + 1], theirs[in_theirs : in_theirs + 1]
        at = start + 1, in_mine + 1, in_theirs + 1
    if at != (len(base), len(mine), len(theirs)):
        yield base[at[0] :], mine[at[1] :], theirs[at[2] :]


def _common(base: Sequence[str], mine: Sequence[str], theirs: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    """Yields the positions, in the three sequences, of the items that neither editor has changed."""
    kept_by_them = dict(_kept(base, theirs))
    for place, in_mine in _kept(base, mine):
        if place in kept_by_them:
            yield place, in_mine, kept_by_them[place]


def _kept(base: Sequence[str], changed: Sequence[str]) -> Iterator[tuple[int, int]]:
    for start, in_changed, size in SequenceMatcher(None, base, changed, autojunk=False).get_matching_blocks():
        yield from ((start + step, in_changed + step) for step in range(size))


def _united(
    base: Sequence[Item], mine: Sequence[Item], theirs: Sequence[Item], *, key: Callable[[Item], str]
) -> Iterator[Item]:
    """Yields the items of ``theirs`` that ``mine`` did not remove, then the items that ``mine`` added."""
    before, kept, there = ({key(one) for one in some} for some in (base, mine, theirs))
    yield from (one for one in theirs if key(one) in kept or key(one) not in before)
    yield from (one for one in mine if key(one) not in before and key(one) not in there)
