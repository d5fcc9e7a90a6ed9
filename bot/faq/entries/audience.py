"""Chooses the most specific entry that fits a citizen, among entries with the same id and different audiences.

An entry's audience lists values of dimensions such as comuna, canal and segmento; an entry without an audience is
general, for everyone.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.faq.entries.entry import Entry

Known = Mapping[str, str]  # the citizen's value by dimension; "" if the citizen preferred not to say
CHANNEL = "canal"  # the only dimension that citizens are never asked for


@dataclass(frozen=True)
class Ask:
    """A question to the citizen that decides between the variants of ``entry``.

    It asks for the citizen's ``dimension``; ``options`` are the values that the variants' audiences list.
    """

    entry: str
    dimension: str
    options: tuple[str, ...]


def by_audience(entries: Iterable[Entry]) -> dict[str, tuple[Entry, ...]]:
    """Groups the entries by id; each group begins with its general entry and is then sorted by path."""
    variants: dict[str, list[Entry]] = {}
    for entry in sorted(entries, key=lambda entry: (bool(entry.audience), entry.path)):
        variants.setdefault(entry.id, []).append(entry)
    return {id: tuple(some) for id, some in variants.items()}


def best_for(variants: Sequence[Entry], known: Known) -> Entry | None:
    """Returns the matching variant with the most dimensions; None if no variant matches the citizen."""
    fitting = [entry for entry in variants if all(known.get(name) in values for name, values in entry.audience.items())]
    return max(fitting, key=lambda entry: len(entry.audience), default=None)


def possible_for(variants: Sequence[Entry], known: Known) -> tuple[Entry, ...]:
    """Returns the variants that may apply to a citizen who declined to state a dimension on which they depend."""
    fitting = (
        entry for entry in variants if all(known.get(name) in ("", *values) for name, values in entry.audience.items())
    )
    return tuple(entry for entry in fitting if any(known[name] == "" for name in entry.audience))


def missing(variants: Sequence[Entry], known: Known, askable: Container[str] = ()) -> Ask | None:
    """Returns a question whose answer may lead to a more specific variant than the best so far; None if none can.

    If a variant matches already, asks only for ``askable`` dimensions; otherwise for any dimension but the channel.
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
