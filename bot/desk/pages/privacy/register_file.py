"""Writes the register of requests about personal data as CSV: dates and results, and no words of anybody."""

from __future__ import annotations

from collections.abc import Iterable

from bot.core.texts import area, say
from bot.desk.pages.privacy.cards import Card
from bot.text.csv_lines import MARK, csv_line


def register_csv(cards: Iterable[Card]) -> str:
    """Returns the file with a line for each request, in the order of ``cards``."""
    heads = list(area("datos")["registro"]["columnas"].values())
    return MARK + "".join(csv_line(row) for row in (heads, *map(_row, cards)))


def _row(one: Card) -> list[str]:
    extended = say(f"datos.registro.{'si' if one.extension else 'no'}")
    facts = [one.receipt, one.kind, one.received, one.due, extended, one.state_words]
    return [*facts, one.answered_at, one.in_time or one.clock, one.identity, one.answered_by]
