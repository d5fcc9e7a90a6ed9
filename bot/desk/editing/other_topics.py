"""Adds and removes topics that the agency does not handle, in ``otros-asuntos.csv`` next to its FAQ entries."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.core.errors.base import VentanillaError
from bot.faq.entries.slug import slug
from bot.faq.entries.writing import save
from bot.faq.ranking.background import ID, OWN_TOPICS, SEPARATOR, UTTERANCES
from bot.faq.words.table import read_table
from bot.text.normalize import plain

COLUMNS = (ID, "nombre", "ambito", "organismo", "url", "urgencia", UTTERANCES)
ELSEWHERE = "nacional"  # scope of a topic whose organization is known, to which citizens are referred


class TopicsUnreadable(VentanillaError):
    """The spreadsheet of own topics cannot be read, so nothing may be written over it."""


@dataclass(frozen=True)
class OtherTopic:
    """A topic that the agency does not handle; ``body`` is the organization that handles it, '' if unknown."""

    title: str
    utterances: Sequence[str]
    body: str = ""
    url: str = ""


def add_topic(faq_dir: Path, topic: OtherTopic) -> str:
    """Adds a row to the spreadsheet, creating it if needed; returns the topic's id. Raises TopicsUnreadable, OSError.

    The whole spreadsheet is rewritten as UTF-8 with commas, its columns in the order of COLUMNS.
    """
    rows = _rows(faq_dir)
    name = _free_name(slug(topic.title) or "asunto", {row[ID] for row in rows})
    forms = f" {SEPARATOR} ".join(_harmless(one.replace(SEPARATOR, "/")) for one in topic.utterances)
    title, body = _harmless(topic.title), _harmless(topic.body)
    row = {ID: name, "nombre": title, "organismo": body, "url": topic.url, UTTERANCES: forms}
    save({OWN_TOPICS: _written([*rows, row | {"ambito": ELSEWHERE if body else ""}])}, faq_dir)
    return name


def remove_topic(faq_dir: Path, name: str, utterances: Sequence[str]) -> bool:
    """Removes the row of a topic that was added with ``utterances``; returns True, even if the row is already gone.

    Returns False, and removes nothing, if the row has other utterances by now. Raises TopicsUnreadable, OSError.
    """
    rows = _rows(faq_dir)
    mine = next((row for row in rows if row[ID] == name), None)
    if mine is None:
        return True
    known = {plain(one.replace(SEPARATOR, "/")) for one in utterances}
    if not {plain(one) for one in mine[UTTERANCES].split(SEPARATOR)} <= known:
        return False
    save({OWN_TOPICS: _written([row for row in rows if row is not mine])}, faq_dir)
    return True


def _rows(faq_dir: Path) -> list[dict[str, str]]:
    path = faq_dir / OWN_TOPICS
    if not path.is_file():
        return []
    table = read_table(path.read_bytes())
    if table is None or not {ID, UTTERANCES} <= set(table.columns):
        raise TopicsUnreadable
    return [row.cells for row in table.rows]


def _written(rows: Sequence[dict[str, str]]) -> bytes:
    own = dict.fromkeys(column for row in rows for column in row if column not in COLUMNS)
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, [*COLUMNS, *own], restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def _harmless(text: str) -> str:
    """Removes the leading characters that make a spreadsheet program take a citizen's words as a formula."""
    return text.lstrip("=+-@\t ")


def _free_name(name: str, taken: set[str]) -> str:
    numbered = (f"{name}-{number}" for number in range(2, len(taken) + 3))
    return name if name not in taken else next(one for one in numbered if one not in taken)
