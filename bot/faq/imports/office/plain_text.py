"""Turns a plain text, such as an e-mail or a pasted text, into a page in which its questions are headings.

A question is a line that ends with a question mark, or begins with a question and goes on with its answer, or is a
numbered title among such questions, or a title above its text that ``titles`` takes for one. Numbered steps become a
list, and lines that are no wrapped text stay apart, such as prices.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape
from itertools import pairwise, takewhile

from bot.faq.entries.sections import names_part
from bot.faq.imports.office.closing import is_closing
from bot.faq.imports.office.titles import BEGINS, Block, asking, may_be_title, tell_passed_over
from bot.faq.imports.page_questions import ASKS as TITLE
from bot.faq.imports.page_questions import NUMBERING, begins_wordings, is_numbered_title, numbers_of
from bot.faq.imports.sheet_problem import SheetFound
from bot.text.normalize import plain

MOST_TITLE = 60  # maximum length of a title above a text that goes on in the next line; a wrapped line is longer
JOINED = "</ul><ul>"  # between the items of one list
SIGNATURE = re.compile(r"--\s*$")
QUOTED = re.compile(r"^(?:> ?)+")
ASKS = re.compile(r"(?:p(?:reg(?:unta)?)?\s*\d*\s*[:.)-]\s*)?(?P<question>[^?]{3,240}\?)$", re.IGNORECASE)
ASKS_AND_ANSWERS = re.compile(
    r"(?:\W*\d+\s*[.)-]\s*)?(?:p(?:reg(?:unta)?)?\s*\d*\s*[:.)-]\s*)?(?P<question>¿[^?¿]{3,240}\?)\s*[-–:]?\s+(?P<rest>\S.*)$",
    re.IGNORECASE,
)
ANSWERS = re.compile(r"^r(?:esp(?:uesta)?)?\s*\d*\s*[:.)-]\s+", re.IGNORECASE)
ITEM = re.compile(r"^[-*•·▪–]\s+")
NUMBERED_ITEM = re.compile(r"\(?(?P<number>\d{1,3})\s*[.)°º:-]+\s*\D")
LABELLED = re.compile(r"(?P<title>[^\W\d_][^:.?!]{0,40}):\s")  # «Casa: $12.500», «Horario: lunes a viernes»


def page_of_text(text: str, found: SheetFound) -> str:
    """Returns the HTML of a plain text: questions as headings, lines of a list as items, other lines as paragraphs."""
    read = [QUOTED.sub("", line).strip() for line in text.removeprefix("\ufeff").splitlines()]
    lines = list(takewhile(lambda line: not SIGNATURE.match(line), read))
    return "".join(_lines(lines, _titles(lines, found))).replace(JOINED, "")


def _lines(lines: Sequence[str], titles: frozenset[int]) -> Iterator[str]:
    paragraph: list[str] = []
    answering, listing = False, False  # listing: the last line with words is a numbered item, which no title follows
    numbers = numbers_of(lines)
    for place, (above, line) in enumerate(pairwise(["", *lines, ""])):
        if answering and is_closing(line):
            yield _ended(paragraph) + "<h4></h4>"
            answering = False
        elif found := ASKS.match(line) or ASKS_AND_ANSWERS.match(line):
            yield _ended(paragraph) + f"<h4>{escape(found['question'])}</h4>"
            paragraph, answering = [rest] if (rest := found.groupdict().get("rest")) else [], True
        elif place in titles or (not above and not listing and is_numbered_title(line, numbers)):
            yield _ended(paragraph) + f"<h4{f' {TITLE}' * (place in titles)}>{escape(line)}</h4>"
            answering = True
        elif ITEM.match(line):
            yield _ended(paragraph) + f"<ul><li>{escape(ITEM.sub('', line))}</li></ul>"
        elif line:
            if begins_wordings(line):  # often right below the answer
                yield _ended(paragraph)
            paragraph.append(line)
        else:
            yield _ended(paragraph)
        listing = bool(NUMBERED_ITEM.match(line)) and not ASKS.match(line) if line else listing


def _titles(lines: Sequence[str], found: SheetFound) -> frozenset[int]:
    """Returns the places of the lines that are titles above their text and count as questions."""
    places, around = [place for place, line in enumerate(lines) if line], ["", *lines, ""]
    asks = [bool(ASKS.match(lines[place]) or ASKS_AND_ANSWERS.match(lines[place])) for place in places]
    titles = [_is_title(*around[place : place + 3]) for place in places]
    blocks = [Block(lines[place], *each) for place, *each in zip(places, asks, titles, strict=True)]
    tell_passed_over(blocks, found)
    return frozenset(places[one] for one in asking(blocks))


def _is_title(above: str, line: str, below: str) -> bool:
    """Returns whether a line begins a paragraph that goes on, or stands alone and begins like a question."""
    if above or not may_be_title(line) or ITEM.match(line) or is_closing(line) or NUMBERED_ITEM.match(line):
        return False
    return bool(BEGINS.match(plain(line))) or (bool(below) and len(line) <= MOST_TITLE and ": " not in line)


def _ended(paragraph: list[str]) -> str:
    """Returns the lines of a paragraph as HTML, without «R:» at the start; "" without lines. Clears ``paragraph``."""
    lines = [ANSWERS.sub("", line) if place == 0 else line for place, line in enumerate(paragraph)]
    paragraph.clear()
    steps = _steps(lines)
    if not steps:
        return _together(lines)
    ends = [*steps[1:], _end_of_last(lines, steps[-1])]
    items = "".join(_item(lines[start:end]) for start, end in pairwise([*steps, ends[-1]]))
    first = int(NUMBERED_ITEM.match(lines[steps[0]])["number"])  # type: ignore[index]
    return f'{_together(lines[: steps[0]])}<ol start="{first}">{items}</ol>{_together(lines[ends[-1] :])}'


def _steps(lines: Sequence[str]) -> list[int]:
    """Returns the places of the numbered lines if they count up, and are several."""
    found = [(place, int(one["number"])) for place, line in enumerate(lines) if (one := NUMBERED_ITEM.match(line))]
    count_up = all(after == before + 1 for (_, before), (_, after) in pairwise(found))
    return [place for place, _ in found] if count_up and len(found) > 1 else []


def _end_of_last(lines: Sequence[str], last: int) -> int:
    """Returns the place after the last step, which goes on as long as its lines are wrapped."""
    wrapped = takewhile(lambda place: not _is_apart(*lines[place - 1 : place + 1]), range(last + 1, len(lines)))
    return last + 1 + sum(1 for _ in wrapped)


def _item(lines: Sequence[str]) -> str:
    return f"<li>{escape(NUMBERING.sub('', ' '.join(lines)))}</li>"


def _together(lines: Sequence[str]) -> str:
    """Returns lines as a paragraph, in which only those that are no wrapped text stay apart."""
    apart = ["<br>" if _is_apart(*both) else " " for both in pairwise(lines)]
    words = "".join(f"{before}{escape(line)}" for before, line in zip(["", *apart], lines, strict=False))
    return f"<p>{words}</p>" if words else ""


def _is_apart(above: str, line: str) -> bool:
    """Returns whether a line is not the rest of the line above, which was wrapped."""
    label = LABELLED.match(line)
    if label and (names_part(label["title"]) or LABELLED.match(above)):
        return True
    return len(above) < MOST_TITLE and not line[:1].islower()
