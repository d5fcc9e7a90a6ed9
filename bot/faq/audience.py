"""Chooses among entries that share an id but are for different citizens: the most specific one that fits.

Called by ``answerer``. An entry's audience names values for dimensions such as comuna, canal and segmento; an entry
without an audience is for everybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.faq.entry import Entry

Known = Mapping[str, str]


@dataclass(frozen=True)
class Ask:
    """What must be known of a citizen: the ``dimension`` and the values that make a difference, as the entries say."""

    dimension: str
    options: tuple[str, ...]


def by_audience(entries: Iterable[Entry]) -> dict[str, tuple[Entry, ...]]:
    """The entries of each id, the one for everybody first, then by path."""
    ordered = sorted(entries, key=lambda entry: (bool(entry.audience), entry.path))
    ids = dict.fromkeys(entry.id for entry in ordered)
    return {id: tuple(entry for entry in ordered if entry.id == id) for id in ids}


def best_for(variants: Sequence[Entry], known: Known) -> Entry | None:
    """The variant that fits what is known of the citizen in most dimensions; None when each is for others."""
    fitting = [entry for entry in variants if all(known.get(name) in values for name, values in entry.audience.items())]
    return max(fitting, key=lambda entry: len(entry.audience), default=None)


def missing(variants: Sequence[Entry], known: Known) -> Ask | None:
    """What to ask so that one of ``variants`` may fit: the first dimension that is unknown and not already refused."""
    for entry in variants:
        agreed = all(known[name] in values for name, values in entry.audience.items() if name in known)
        unknown = [name for name in entry.audience if name not in known]
        if agreed and unknown:
            name = unknown[0]
            options = dict.fromkeys(value for one in variants for value in one.audience.get(name, ()))
            return Ask(name, tuple(options))
    return None
