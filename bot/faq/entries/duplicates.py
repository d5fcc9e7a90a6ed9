"""Finds FAQ files that share an utterance, or that have the same id for the same audience.

A problem is reported for the file whose path sorts later, and names the other file. The same id for the same audience
is an error, since only one of the entries can be served. A shared utterance is advice, since it only lowers confidence.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.faq.entries.entry import Entry
from bot.faq.entries.problem import Found, Problem
from bot.text.normalize import plain


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
    for utterance in (entry.question, *entry.variants):
        key = plain(utterance)
        file, line = entry.place_of(utterance)
        here, (other, place) = found.beside(file), utterances.setdefault(key, (entry, file))
        if other.id != entry.id:
            here.advise("variante_compartida", line, "variantes", escrito=utterance, otro=place)
        elif key in seen and len(entry.variants) == 1:
            here.advise("una_sola_forma", line, "variantes")
        elif key in seen:
            here.advise("variante_repetida", line, "variantes", escrito=utterance)
        seen.add(key)
