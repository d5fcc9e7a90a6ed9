"""Splits the Markdown of an answer into sentences; no sentence spans two lines or list items."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

ITEM = re.compile(r"^\s*(?:[-*+•]|\d+[.)]|#{1,6}|>)\s+")
# A full stop after one of these abbreviations does not end a sentence.
SHORTENED = "".join(
    rf"(?<!\b{one}\.)" for one in ("Sr", "Sra", "Dr", "Dra", "Av", "av", "Art", "art", "Pág", "pág", "ej", "N", "n")
)
END = re.compile(SHORTENED + r"(?<=[.!?…])[*)\"»]*\s+(?=[*(\[\"«¿¡]*[A-ZÁÉÍÓÚÜÑ0-9])")
# The repetitions are bounded, so that no text makes matching slow.
LINK = re.compile(r"\[([^\]]{0,300})\]\([^)]{0,600}\)")
NAMED = r"\b[\w-]{1,63}(?:\.[\w-]{1,63}){0,5}\.(?:cl|com|org|net|example)\b(?:/\S*)?"
ADDRESS = re.compile(rf"(?:https?://|www\.)\S+|\b[^\s@]{{1,64}}@\S+|{NAMED}")
MARKS = re.compile(r"[*_`\\]+")
WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


@dataclass(frozen=True)
class Sentence:
    """A sentence of an answer; ``raw`` is its Markdown."""

    raw: str

    @property
    def text(self) -> str:
        """Returns the sentence without addresses and Markdown marks; a link becomes its text."""
        return MARKS.sub("", ADDRESS.sub(" ", LINK.sub(r"\1", self.raw))).strip()

    @property
    def words(self) -> list[str]:
        """Returns the words of the sentence; numbers and addresses do not count as words."""
        return WORD.findall(self.text)


def sentences_in(body: str) -> Iterator[Sentence]:
    """Yields the sentences of ``body`` in order, except those without words."""
    for line in body.split("\n"):
        for raw in END.split(ITEM.sub("", line.strip())):
            if (made := Sentence(raw.strip())).words:
                yield made
