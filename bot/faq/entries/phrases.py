"""Reads and writes ``<id>.frases.txt``, the further utterances of the entry beside it, one per line.

Two spaces and ``#`` begin a comment, which tells who added the utterance and from where. A line that begins with ``#``
is a comment, too. Utterances have no double spaces, so none is cut.
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


@dataclass(frozen=True)
class Phrase:
    """An utterance with its comment, which may be empty, and its line in the file, counted from 1."""

    text: str
    comment: str = ""
    line: int = 0

    @property
    def written(self) -> str:
        """Returns the line of the file."""
        return f"{self.text}  # {self.comment}" if self.comment else self.text


def phrases_name(entry: str) -> str:
    """Returns the path of the phrases of the entry in the file ``entry``."""
    return entry[: -len(ENTRY_SUFFIX)] + SUFFIX


def entry_name(phrases: str) -> str:
    """Returns the path of the entry whose phrases are in the file ``phrases``."""
    return phrases[: -len(SUFFIX)] + ENTRY_SUFFIX


def clean(text: str) -> str:
    """Returns ``text`` as one utterance of a file: on one line, without a list's bullet or what begins a comment."""
    line = BULLET.sub("", " ".join(CONTROL.sub("", text).split())).lstrip("# ")
    return BULLET.sub("", line) if BULLET.match(line) else line


def read(text: str, found: Found) -> tuple[Phrase, ...]:
    """Returns the phrases in ``text``, some perhaps without a word, and adds invisible characters to ``found``."""
    lines = list(enumerate(text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff").split("\n"), start=1))
    for number, line in lines:
        if CONTROL.search(line):
            found.add("caracter_de_control", number)
    return tuple(phrase for number, line in lines for phrase in _phrase(line, number))


def _phrase(line: str, number: int) -> Iterator[Phrase]:
    if not line.strip() or line.lstrip().startswith("#"):
        return
    written, *comment = COMMENT.split(line, maxsplit=1)
    text = BULLET.sub("", " ".join(written.split()))
    yield Phrase(text, " ".join("".join(comment).split()), number)


def changed(text: str, phrases: Sequence[Phrase]) -> str:
    """Returns ``text`` with exactly ``phrases``, in their order; the lines of those that it had stay as they are.

    Comment lines stay where they were. Returns "" if nothing is left.
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
    return phrase.text, phrase.comment


def _edits(
    match: SequenceMatcher[tuple[str, str]], before: Sequence[Phrase], phrases: Sequence[Phrase]
) -> tuple[set[int], dict[int, Sequence[Phrase]]]:
    """Returns the lines to remove, and the phrases to add before each line; 0 for those after the last line."""
    removed: set[int] = set()
    added: dict[int, Sequence[Phrase]] = {}
    for what, start, stop, fresh, end in match.get_opcodes():
        if what in {"replace", "delete"}:
            removed |= {one.line for one in before[start:stop]}
        if what in {"replace", "insert"}:
            added[before[start].line if start < len(before) else 0] = phrases[fresh:end]
    return removed, added
