"""Reads and writes ``<id>.frases.txt``: further utterances and counterexamples of the entry ``<id>.md``, one per line.

A counterexample is a request about the entry's subject that the entry does not answer; its line begins with ``no
responde:``.

Two spaces and ``#`` begin a comment, which records who added the utterance and its origin. A line that begins with
``#`` is also a comment. Utterances have no double spaces, so a ``#`` in an utterance does not begin a comment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from bot.faq.entries.front_matter import CONTROL
from bot.faq.entries.problem import Found

ENTRY_SUFFIX = ".md"
SUFFIX = ".frases.txt"
COMMENT = re.compile(r"(?:\s{2,}|\t)#\s*")
BULLET = re.compile(r"^[-*•]\s+")
COUNTEREXAMPLE = re.compile(r"^no\s+responde\s*:\s*", re.IGNORECASE)
MARKS = re.compile(r"^(no\s+responde)(?:\s*:)+\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Phrase:
    """A line of the file: an utterance or a counterexample, its comment ("" if none), and its number, from 1."""

    text: str
    comment: str = ""
    line: int = 0
    counterexample: bool = False

    @property
    def written(self) -> str:
        """Returns the phrase as a line of the file, with its comment."""
        text = f"no responde: {self.text}" if self.counterexample else self.text
        return f"{text}  # {self.comment}" if self.comment else text


def phrases_name(entry: str) -> str:
    """Returns the path of the phrases file that belongs to the entry's file ``entry``."""
    return entry[: -len(ENTRY_SUFFIX)] + SUFFIX


def entry_name(phrases: str) -> str:
    """Returns the path of the entry's file to which the phrases file ``phrases`` belongs."""
    return phrases[: -len(SUFFIX)] + ENTRY_SUFFIX


def clean(text: str) -> str:
    """Returns ``text`` as one line of a phrases file, without control characters, list bullet or leading ``#``.

    An utterance that begins with ``no responde:`` loses the colon, or it would be read as a counterexample.
    """
    line = BULLET.sub("", " ".join(CONTROL.sub("", text).split())).lstrip("# ")
    line = BULLET.sub("", line) if BULLET.match(line) else line
    return MARKS.sub(r"\1 ", line).strip()


def is_counterexample(line: str) -> bool:
    """Returns whether a line of the file is a counterexample."""
    return bool(COUNTEREXAMPLE.match(BULLET.sub("", line.strip())))


def unmarked(line: str) -> str:
    """Returns ``line`` without a list bullet and without the mark of a counterexample."""
    return COUNTEREXAMPLE.sub("", BULLET.sub("", line.strip()))


def read(text: str, found: Found) -> tuple[Phrase, ...]:
    """Returns the phrases in ``text``, and adds a problem to ``found`` for each line with a control character.

    A phrase may have no words.
    """
    lines = list(enumerate(text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff").split("\n"), start=1))
    for number, line in lines:
        if CONTROL.search(line):
            found.add("caracter_de_control", number)
    return tuple(phrase for number, line in lines for phrase in _phrase(line, number))


def _phrase(line: str, number: int) -> Iterator[Phrase]:
    if not line.strip() or line.lstrip().startswith("#"):
        return
    written, *comment = COMMENT.split(line, maxsplit=1)
    said = " ".join(written.split())
    yield Phrase(unmarked(said), " ".join("".join(comment).split()), number, counterexample=is_counterexample(said))


def arranged(text: str, *kinds: Sequence[Phrase]) -> list[Phrase]:
    """Merges the utterances and the counterexamples (``kinds``) into one list, for ``changed``.

    Each of the two keeps its own order; the file's ``text`` decides how they alternate. A phrase that is new or moved
    comes right after the phrase before it in its sequence. Without one, it comes before the first phrase of its kind in
    the file, or at the end if the file has none.
    """
    before = read(text, Found(""))
    placed = [pair for wanted in kinds for pair in _placed(before, wanted)]
    return [phrase for _, phrase in sorted(placed, key=lambda pair: pair[0])]


def _placed(before: Sequence[Phrase], wanted: Sequence[Phrase]) -> Iterator[tuple[float, Phrase]]:
    """Yields the phrases of one kind, each with its place among those of the file; the places never decrease."""
    kinds = {phrase.counterexample for phrase in wanted}
    places = [place for place, one in enumerate(before) if one.counterexample in kinds]
    now = [_key(before[place]) for place in places]
    blocks = SequenceMatcher(None, now, [_key(one) for one in wanted], autojunk=False).get_matching_blocks()
    known = {start + step: places[at + step] for at, start, size in blocks for step in range(size)}
    place: float = places[0] - 0.5 if places else len(before)
    for number, phrase in enumerate(wanted):
        place = known.get(number, place)
        yield place, phrase


def changed(text: str, phrases: Sequence[Phrase]) -> str:
    """Returns the file's ``text``, changed so that it has exactly ``phrases``, in this order.

    The lines of unchanged phrases and the comment lines stay as they are. Returns "" if no line is left.
    """
    lines = text.removeprefix("\ufeff").splitlines()
    before = read("\n".join(lines), Found(""))
    match = SequenceMatcher(None, [_key(one) for one in before], [_key(one) for one in phrases], autojunk=False)
    if match.ratio() == 1.0 and len(before) == len(phrases):
        return text
    removed, added = _edits(match, before, phrases)
    result: list[str] = []
    for number, line in enumerate(lines, start=1):
        result += [one.written for one in added.pop(number, ())]
        result += [] if number in removed else [line]
    result += [one.written for some in added.values() for one in some]
    return "".join(f"{line}\n" for line in result)


def _key(phrase: Phrase) -> tuple[str, str]:
    return phrase.written, phrase.comment


def _edits(
    match: SequenceMatcher[tuple[str, str]], before: Sequence[Phrase], phrases: Sequence[Phrase]
) -> tuple[set[int], dict[int, Sequence[Phrase]]]:
    """Returns the numbers of the lines to remove, and the phrases to add before each line number; 0 means the end."""
    removed: set[int] = set()
    added: dict[int, Sequence[Phrase]] = {}
    for what, start, stop, fresh, end in match.get_opcodes():
        if what in {"replace", "delete"}:
            removed |= {one.line for one in before[start:stop]}
        if what in {"replace", "insert"}:
            added[before[start].line if start < len(before) else 0] = phrases[fresh:end]
    return removed, added
