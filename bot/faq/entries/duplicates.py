"""Finds utterances that two FAQ entries share or one entry repeats, and entries with the same id for the same audience.

Of two entries, the problem is reported for the later one and names the other's file. The same id for the same audience
is an error, since only one of the entries can be served. A shared utterance is advice, since it only lowers confidence;
so is a repeated one.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.faq.entries.entry import Entry
from bot.faq.entries.problem import Found, Problem
from bot.text.normalize import plain_all


def find(entries: Iterable[Entry]) -> list[Problem]:
    """Returns a problem for each entry with the id and audience of an earlier one, and for each repeated utterance.

    The variants of an entry for different audiences may share utterances.
    """
    audiences: dict[tuple[str, str], Entry] = {}
    utterances: dict[str, tuple[Entry, str]] = {}
    problems: list[Problem] = []
    for entry in entries:
        found = Found(entry.path)
        twin = audiences.setdefault((entry.id, str(sorted(entry.audience.items()))), entry)
        if twin is not entry:
            found.add("id_repetido", entry.lines["id"], "id", escrito=entry.id, otro=twin.path)
        _shared_utterances(entry, utterances, found)
        problems += found.problems
    return problems


def _shared_utterances(entry: Entry, utterances: dict[str, tuple[Entry, str]], found: Found) -> None:
    seen: set[str] = set()
    said = (entry.question, *entry.variants)
    for utterance, key in zip(said, plain_all(said), strict=True):
        other, first = utterances.setdefault(key, (entry, utterance))
        if other.id == entry.id and key not in seen:
            seen.add(key)
            continue
        file, line = entry.place_of(utterance)
        here, (place, _) = found.beside(file), other.place_of(first)
        if other.id != entry.id:
            here.advise("variante_compartida", line, "variantes", escrito=utterance, otro=place)
        elif key in seen and len(entry.variants) == 1:
            here.advise("una_sola_forma", line, "variantes")
        elif key in seen:
            here.advise("variante_repetida", line, "variantes", escrito=utterance)
        seen.add(key)
