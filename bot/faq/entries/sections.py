"""Splits an answer into its lead and its sections, such as «**Costo:** es gratis.».

A section begins with its title: a heading, or bold text at the start of a line, followed by a colon, a full stop or the
end of the line. A short title of ``sections.yml`` followed by a colon needs no bold («Costo: es gratis.»), as people
type in a spreadsheet. The section of such titles is the rest of the paragraph, plus the next paragraph or list if the
title stands alone. The section of a heading ends at the next title. ``sections.yml`` maps titles to kinds of section.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Annotated

from markdown_it import MarkdownIt
from pydantic import BaseModel, ConfigDict, Field

from bot.core.yaml import read_yaml_file
from bot.text.normalize import phonetic

FILE = Path(__file__).with_name("sections.yml")
LONG_WORDS = 110  # an answer with more words should have sections, and a channel may fold it
MIN_FOLDED_WORDS = 50
CACHED_ANSWERS = 1024
BOLD_TITLE = re.compile(  # not ``**[Pedir hora](https://...)**``, which is an action
    r"^\*\*(?P<title>(?!\[)[^*\n]{2,80}?)(?P<inside>[:.,]?)\*\*(?P<after>[:.,]?)[ \t]*(?P<rest>.*)$"
)
PLAIN_TITLE = re.compile(r"^(?P<title>[^\W\d_][\w \t]{1,39}?)(?P<inside>)[ \t]?(?P<after>:)(?:[ \t]+(?P<rest>.*)|$)")
MAX_PLAIN_WORDS = 4
HEADING = re.compile(r"^#{1,6}[ \t]+(?P<title>.*?)[ \t#:.]*$")
JOINED = re.compile(r"\s+y\s+|\s*,\s*|\s*/\s*")

Words = tuple[str, ...]


class Kind(BaseModel):
    """A kind of section: phrases that begin its titles, phrases that ask for it, and kinds to use if it is missing."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    titles: tuple[str, ...] = Field(alias="titulos")
    questions: tuple[str, ...] = Field(default=(), alias="preguntas")
    instead: tuple[str, ...] = Field(default=(), alias="si_falta")


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    fillers: str = Field(alias="relleno")
    general: str = Field(alias="generales")
    days: str = Field(alias="dias")
    beside_days: str = Field(alias="junto_a_un_dia")
    only_bold: Words = Field(alias="solo_en_negrita")
    only_alone: Words = Field(alias="sola_en_su_linea")
    accented: Words = Field(alias="con_tilde")
    kinds: Annotated[dict[str, Kind], Field(alias="partes")]


@dataclass(frozen=True)
class Section:
    """A section of an answer: its title, its kinds according to ``sections.yml``, and its Markdown with the title."""

    title: str
    kinds: frozenset[str]
    text: str


@dataclass(frozen=True)
class Parts:
    """The parts of an answer: the lead, which has ``lead_blocks`` paragraphs and lists, and the sections in order.

    Text that belongs neither to the lead nor to a section is not included.
    """

    lead: str
    lead_blocks: int
    sections: tuple[Section, ...]

    def of_kind(self, kind: str) -> tuple[Section, ...]:
        return tuple(one for one in self.sections if kind in one.kinds)


@dataclass(frozen=True)
class _Block:
    """A paragraph, list or heading, or the part of a paragraph that begins with a title.

    ``title`` is '' if it has none.
    """

    text: str
    title: str = ""
    is_heading: bool = False
    stands_alone: bool = False
    continues: bool = False  # belongs to the same paragraph as the previous block

    @property
    def announces(self) -> bool:
        """Returns whether the next block belongs to this one."""
        return self.stands_alone or self.text.rstrip().endswith(":")


@lru_cache(maxsize=CACHED_ANSWERS)
def parts_of(body: str) -> Parts:
    """Splits an answer's Markdown; the lead is the first section, or the first paragraph with the list it announces."""
    groups = _groups(body)
    sections = tuple(
        Section(group[0].title, _kinds_of(group[0].title), _joined(group)) for group in groups if group[0].title
    )
    lead = groups[0] if groups else []
    return Parts(_joined(lead), sum(not one.continues for one in lead), sections)


def names_part(title: str) -> bool:
    """Returns whether a title names a part of an answer, such as «Costo» or «Dónde y horario»."""
    return bool(_kinds_of(title))


def is_long(body: str) -> bool:
    return len(body.split()) > LONG_WORDS


def fold_after(body: str) -> int:
    """Returns how many blocks of an answer to show before a button that unfolds the rest; 0 to show all of them."""
    parts = parts_of(body)
    hidden = len(body.split()) - len(parts.lead.split())
    return parts.lead_blocks if is_long(body) and hidden >= MIN_FOLDED_WORDS else 0


@cache
def kinds() -> Mapping[str, Kind]:
    """Returns the kinds of sections, keyed by name. Raises ValidationError if sections.yml is invalid."""
    return _file().kinds


@cache
def fillers() -> frozenset[str]:
    """Returns the phonetic forms of the words that do not indicate which section a message asks for."""
    return frozenset(phonetic(_file().fillers).split())


def general_words() -> str:
    """Returns general words, separated by spaces, which a question about any procedure may contain."""
    return _file().general


@cache
def days() -> frozenset[str]:
    """Returns the phonetic forms of the words that name a day of the week or a holiday."""
    return frozenset(phonetic(_file().days).split())


def words_beside_days() -> str:
    """Returns the words that may stand beside a day («mañana sábado», «abren el sábado»), separated by spaces."""
    return _file().beside_days


@cache
def _file() -> _File:
    return _File.model_validate(read_yaml_file(FILE))


def _groups(body: str) -> list[list[_Block]]:
    """Returns the blocks in groups: a title with its text, or text that belongs to no title."""
    groups: list[list[_Block]] = []
    for block in _blocks(body):
        if groups and not block.title and (groups[-1][0].is_heading or groups[-1][-1].announces):
            groups[-1].append(block)
        else:
            groups.append([block])
    return groups


def _blocks(body: str) -> Iterator[_Block]:
    lines = body.split("\n")
    for token in MarkdownIt("commonmark").parse(body):
        if token.level or token.map is None or token.nesting < 0:
            continue
        written = lines[slice(*token.map)]
        if token.type == "heading_open":
            found = HEADING.match(written[0])
            yield _Block("\n".join(written), found["title"] if found else "", is_heading=True, stands_alone=True)
        elif token.type == "paragraph_open":
            yield from _of_paragraph(written)
        else:
            yield _Block("\n".join(written).rstrip())


def _of_paragraph(lines: list[str]) -> Iterator[_Block]:
    """Yields a paragraph in pieces; every piece except the first begins with a title."""
    starts = [0, *(number for number, line in enumerate(lines) if number and _title(line))]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        text, found = "\n".join(lines[start:end]), _title(lines[start])
        alone = bool(found and not found["rest"] and end == start + 1)
        yield _Block(text, found["title"] if found else "", stands_alone=alone, continues=start > 0)


def _title(line: str) -> re.Match[str] | None:
    found = BOLD_TITLE.match(line)
    if found:
        return found if found["inside"] or found["after"] or not found["rest"] else None
    found = PLAIN_TITLE.match(line)
    return found if found and _is_plain_title(found["title"], is_alone=not found["rest"]) else None


def _is_plain_title(title: str, *, is_alone: bool) -> bool:
    """Returns whether a title without bold is short, begins with a capital and names a kind of section.

    «Atención: no la muevas» is a warning, not a title, and «Cuando llegues: avisa» lacks the accent of a question.
    ``is_alone`` is true if nothing follows the title in its line.
    """
    words = title.split()
    if not title[0].isupper() or len(words) > MAX_PLAIN_WORDS or not _kinds_of(title):
        return False
    first = phonetic(words[0])
    if first in _folded(_file().only_bold) or (not is_alone and first in _folded(_file().only_alone)):
        return False
    whole = tuple(phonetic(title).split()) in _titles()
    return whole or not words[0].isascii() or first not in _folded(_file().accented)


def _joined(blocks: list[_Block]) -> str:
    return "".join(("" if not n else "\n" if one.continues else "\n\n") + one.text for n, one in enumerate(blocks))


@lru_cache(maxsize=CACHED_ANSWERS)
def _kinds_of(title: str) -> frozenset[str]:
    """Returns the kinds that a title names; several for a title such as «Dónde y horario»."""
    whole = _kind_of(title)
    return frozenset(filter(None, (whole, *map(_kind_of, JOINED.split(title)[1:]))))


def _kind_of(title: str) -> str:
    """Returns the kind with the longest title phrase at the start of ``title``; '' if there is none."""
    words = tuple(phonetic(title).split())
    fitting = [(len(phrase), kind) for phrase, kind in _titles().items() if words[: len(phrase)] == phrase]
    return max(fitting)[1] if fitting else ""


@cache
def _folded(words: Words) -> frozenset[str]:
    return frozenset(map(phonetic, words))


@cache
def _titles() -> Mapping[Words, str]:
    return {tuple(phonetic(one).split()): name for name, kind in kinds().items() for one in kind.titles}
