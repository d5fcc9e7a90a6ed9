"""Divides the Markdown of an answer into sentences; each item of a list is one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

ITEM = re.compile(r"^\s*(?:[-*+•]|\d+[.)]|#{1,6}|>)\s+")
# A full stop after one of these does not end a sentence.
SHORTENED = "".join(
    rf"(?<!\b{one}\.)" for one in ("Sr", "Sra", "Dr", "Dra", "Av", "av", "Art", "art", "Pág", "pág", "ej", "N", "n")
)
END = re.compile(SHORTENED + r"(?<=[.!?…])[*)\"»]*\s+(?=[*(\[\"«¿¡]*[A-ZÁÉÍÓÚÜÑ0-9])")
# Parts are bounded, so that no text takes long.
LINK = re.compile(r"\[([^\]]{0,300})\]\([^)]{0,600}\)")
NAMED = r"\b[\w-]{1,63}(?:\.[\w-]{1,63}){0,5}\.(?:cl|com|org|net|example)\b(?:/\S*)?"
ADDRESS = re.compile(rf"(?:https?://|www\.)\S+|\b[^\s@]{{1,64}}@\S+|{NAMED}")
MARKS = re.compile(r"[*_`\\]+")
WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


@dataclass(frozen=True)
class Sentence:
    """A sentence as it is written in the answer (``raw``), and as it is read."""

    raw: str

    @property
    def text(self) -> str:
        """Returns the words without links' addresses and marks."""
        return MARKS.sub("", ADDRESS.sub(" ", LINK.sub(r"\1", self.raw))).strip()

    @property
    def words(self) -> list[str]:
        """Returns the words; numbers and addresses are none."""
        return WORD.findall(self.text)


def sentences_in(body: str) -> Iterator[Sentence]:
    """Yields the sentences in order; those without a word are left out."""
    for line in body.split("\n"):
        for raw in END.split(ITEM.sub("", line.strip())):
            if (made := Sentence(raw.strip())).words:
                yield made
