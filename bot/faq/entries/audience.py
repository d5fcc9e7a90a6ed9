"""Chooses among entries that share an id but are for different citizens: the most specific one that fits.

Called by ``answerer``. An entry's audience names values for dimensions such as comuna, canal and segmento; an entry
without an audience is for everybody.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.faq.entries.entry import Entry

Known = Mapping[str, str]
"""What is known of a citizen, by dimension; empty when they rather did not say."""
CHANNEL = "canal"
"""The one dimension that nobody is asked for."""


@dataclass(frozen=True)
class Ask:
    """What must be known of a citizen to choose a variant of ``entry``: the ``dimension`` and the values that make a
    difference, as the entries say.
    """

    entry: str
    dimension: str
    options: tuple[str, ...]


def by_audience(entries: Iterable[Entry]) -> dict[str, tuple[Entry, ...]]:
    """The entries of each id, the one for everybody first, then by path."""
    variants: dict[str, list[Entry]] = {}
    for entry in sorted(entries, key=lambda entry: (bool(entry.audience), entry.path)):
        variants.setdefault(entry.id, []).append(entry)
    return {id: tuple(some) for id, some in variants.items()}


def best_for(variants: Sequence[Entry], known: Known) -> Entry | None:
    """The variant that fits what is known of the citizen in most dimensions; None when each is for others."""
    fitting = [entry for entry in variants if all(known.get(name) in values for name, values in entry.audience.items())]
    return max(fitting, key=lambda entry: len(entry.audience), default=None)


def possible_for(variants: Sequence[Entry], known: Known) -> tuple[Entry, ...]:
    """The variants that may be for a citizen who did not say all that these depend on; none when nothing was kept."""
    fitting = (
        entry for entry in variants if all(known.get(name) in ("", *values) for name, values in entry.audience.items())
    )
    return tuple(entry for entry in fitting if any(known[name] == "" for name in entry.audience))


def missing(variants: Sequence[Entry], known: Known, askable: Container[str] = ()) -> Ask | None:
    """What to ask so that a variant may fit better than the one that does: the first dimension that is unknown. While
    one fits, only ``askable`` dimensions are worth a question; while none does, every one but the channel.
    """
    best = best_for(variants, known)
    for entry in variants:
        agreed = all(known[name] in values for name, values in entry.audience.items() if name in known)
        unknown = [name for name in entry.audience if name not in known]
        better = best is None or len(entry.audience) > len(best.audience)
        worth = all(name != CHANNEL and (best is None or name in askable) for name in unknown)
        if agreed and unknown and better and worth:
            return Ask(entry.id, unknown[0], _values(variants, unknown[0]))
    return None


def _values(variants: Sequence[Entry], dimension: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for one in variants for value in one.audience.get(dimension, ())))
