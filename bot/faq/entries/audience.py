"""Chooses the variant for a citizen among entries that have the same id but different audiences.

An entry's audience lists the accepted values of dimensions such as comuna, canal and segmento. An entry without an
audience is general: it applies to everyone. The most specific matching variant is chosen.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.faq.entries.entry import Entry

Known = Mapping[str, str]  # the citizen's value for each dimension; "" if the citizen declined to say
CHANNEL = "canal"  # the only dimension that citizens are never asked for


@dataclass(frozen=True)
class Ask:
    """A question about the citizen; the answer decides between the variants of ``entry``, an id.

    The question asks for the citizen's value of ``dimension``; ``options`` are the values in the variants' audiences.
    """

    entry: str
    dimension: str
    options: tuple[str, ...]


def by_audience(entries: Iterable[Entry]) -> dict[str, tuple[Entry, ...]]:
    """Groups the entries by id; a group begins with the general entry, if any, and the others are sorted by path."""
    variants: dict[str, list[Entry]] = {}
    for entry in sorted(entries, key=lambda entry: (bool(entry.audience), entry.path)):
        variants.setdefault(entry.id, []).append(entry)
    return {id: tuple(some) for id, some in variants.items()}


def best_for(variants: Sequence[Entry], known: Known) -> Entry | None:
    """Returns the variant with the most dimensions among those that match the citizen; None if none matches."""
    fitting = [entry for entry in variants if all(known.get(name) in values for name, values in entry.audience.items())]
    return max(fitting, key=lambda entry: len(entry.audience), default=None)


def possible_for(variants: Sequence[Entry], known: Known) -> tuple[Entry, ...]:
    """Returns the variants that match if each dimension that the citizen declined to state counts as matching.

    Variants that do not depend on such a dimension are not included.
    """
    fitting = (
        entry for entry in variants if all(known.get(name) in ("", *values) for name, values in entry.audience.items())
    )
    return tuple(entry for entry in fitting if any(known[name] == "" for name in entry.audience))


def missing(variants: Sequence[Entry], known: Known, askable: Container[str] = ()) -> Ask | None:
    """Returns a question whose answer may lead to a more specific variant than the best so far; None if none can.

    If a variant already matches, asks only for ``askable`` dimensions; if none matches, for any dimension except the
    channel.
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
