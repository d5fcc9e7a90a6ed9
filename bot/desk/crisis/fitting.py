"""Finds the pack (prepared notice) that fits what citizens write in a spike, so that its card can propose it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from bot.desk.crisis.packs import Pack
from bot.spikes.common_words import content_roots

ENOUGH = 0.25  # a word in a quarter of a pack's utterances, and in no other pack, is enough
MOST_CITIZENS = 0.5  # share of the citizens that the pack must fit


def fitting(packs: Mapping[str, Pack], texts: Iterable[tuple[str, int]]) -> str:
    """Returns the key of the pack that fits the texts of more than MOST_CITIZENS of the citizens, '' if none does.

    ``texts`` are masked, each with the number of citizens who wrote it.
    """
    weights, fits, citizens = _weights(packs), Counter[str](), 0
    for text, count in texts:
        citizens += count
        roots = set(content_roots(text).values())
        scores = {name: sum(words.get(root, 0.0) for root in roots) for name, words in weights.items()}
        best = max(scores, key=lambda name: scores[name], default="")
        if best and scores[best] >= ENOUGH:
            fits[best] += count
    found = fits.most_common(1)
    return found[0][0] if found and found[0][1] > MOST_CITIZENS * citizens else ""


def _weights(packs: Mapping[str, Pack]) -> dict[str, dict[str, float]]:
    """Returns the weight of each word of a pack: its share of the utterances, divided among packs with the word."""
    counts = {
        name: Counter(root for one in pack.sobre for root in set(content_roots(one).values()))
        for name, pack in packs.items()
    }
    shared = Counter(root for found in counts.values() for root in found)
    return {
        name: {root: count / len(packs[name].sobre) / shared[root] for root, count in found.items()}
        for name, found in counts.items()
    }
