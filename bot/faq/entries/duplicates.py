"""Finds what two FAQ files may not share: an id for the same audience, or a wording of citizens. Called by ``folder``.

Of two files that clash the later one by path is refused, and its problem names the other.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.faq.entries.entry import Entry
from bot.faq.entries.problem import Found, Problem
from bot.text.normalize import plain


def find(entries: Iterable[Entry]) -> list[Problem]:
    """One error for each thing that a file shares with an earlier one."""
    audiences: dict[tuple[str, str], Entry] = {}
    wordings: dict[str, Entry] = {}
    problems: list[Problem] = []
    for entry in entries:
        found = Found(entry.path)
        twin = audiences.setdefault((entry.id, str(sorted(entry.audience.items()))), entry)
        if twin is not entry:
            found.add("id_repetido", entry.lines["id"], "id", escrito=entry.id, otro=twin.path)
        _shared_wordings(entry, wordings, found)
        problems += found.problems
    return problems


def _shared_wordings(entry: Entry, wordings: dict[str, Entry], found: Found) -> None:
    seen: set[str] = {plain(entry.question)}
    for wording in (entry.question, *entry.variants):
        key = plain(wording)
        line = entry.lines.get(wording, entry.lines["pregunta"])
        other = wordings.setdefault(key, entry)
        if other.id != entry.id:
            found.add("variante_compartida", line, "variantes", escrito=wording, otro=other.path)
        elif key in seen and wording != entry.question:
            found.warn("variante_repetida", line, "variantes", escrito=wording)
        seen.add(key)
