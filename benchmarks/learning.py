"""Measures how a new agency's assistant learns: ``python -m benchmarks.learning [--variants 3] [--seeds 1 2]``.

Publishes the demo FAQ with few variants per entry, and sends it, in random order, all single-turn messages of the four
files. After every ``--size`` messages, the utterances with which citizens chose an entry are added, and the thresholds
are adapted to the experience. Prints a row per part, with what was learned before it and four shares: messages in scope
that got the right answer; messages in scope that got the right answer or an offer of it; answers that are right; and
other messages that were answered. ``--only`` learns only utterances, or only thresholds.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from datetime import date
from functools import partial
from itertools import zip_longest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from fit_calibration import cut
from material import Material, markdown

from bot.core.settings import ROOT, Settings
from bot.evaluation.asking import Outcome, Setup
from bot.evaluation.learning import Habits, Part, Simulation
from bot.evaluation.queries import Query, load
from bot.faq.answering.answerer import Answerer
from bot.faq.answering.experience import Experience

FILES = ("dev", "held_out", "fresh", "test")


def messages(material: Material) -> list[Query]:
    ids = {entry.id for entry in material.entries}
    read = (load(ROOT / "benchmarks" / f"{name}_messages.jsonl", ids).queries for name in FILES)
    return [query for queries in read for query in queries if len(query.turns) == 1]


class Untaught(Simulation):
    """Simulates an agency that learns no utterances."""

    def _teach(self, id: str, text: str) -> None: ...


class Unjudged(Simulation):
    """Simulates an agency whose thresholds stay the same."""

    @property
    def experience(self) -> Experience:
        return Experience()


KINDS = {"both": Simulation, "thresholds": Untaught, "utterances": Unjudged}


def row(first: int, parts: list[Part]) -> list[object]:
    """Returns a table row with the numbers of the same part of several runs."""
    asked: list[Outcome] = [outcome for part in parts for outcome in part.outcomes]
    inside, answered = [one for one in asked if one.inside], [one for one in asked if one.answered]
    outside = [one for one in asked if not one.inside]
    return [
        first,
        sum(part.utterances for part in parts) / len(parts),
        sum(part.mistake_ratio for part in parts) / len(parts),
        sum(part.thresholds.answer for part in parts) / len(parts),
        sum(one.right for one in inside) / len(inside),
        sum(one.right or one.offers_right for one in inside) / len(inside),
        sum(one.right for one in answered) / len(answered),
        f"{sum(not one.right for one in answered)} of {len(answered)}",
        sum(one.answered for one in outside) / len(outside),
    ]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    arguments.add_argument("--variants", type=int, default=3)
    arguments.add_argument("--size", type=int, default=200)
    arguments.add_argument("--seeds", type=int, nargs="+", default=[1])
    arguments.add_argument("--only", choices=tuple(KINDS), default="both")
    arguments.add_argument("--complain", type=float, default=Habits.complain)
    chosen = arguments.parse_args()
    material = Material.from_settings(Settings())
    publish = partial(Answerer, vectorizer=material.vectorizer(), agency=material.agency)
    setup, habits = Setup(date.today(), material.agency.max_choices), Habits(complain=chosen.complain)

    def run(seed: int) -> Iterator[Part]:
        entries = [cut(entry, chosen.variants, seed) for entry in material.entries]
        simulation = KINDS[chosen.only](publish, entries, setup, seed=seed)
        for number, part in enumerate(simulation.parts(messages(material), size=chosen.size, habits=habits)):
            sys.stderr.write(f"{seed}: {number}\n")
            yield part

    runs = zip_longest(*(list(run(seed)) for seed in chosen.seeds))
    rows = [row(1 + number * chosen.size, [part for part in parts if part]) for number, parts in enumerate(runs)]
    learnt, found = ("from", "learnt", "ratio", "threshold"), ("right", "or offered", "of answers, right", "wrong")
    sys.stdout.write(markdown((*learnt, *found, "others answered"), rows) + "\n")


if __name__ == "__main__":
    main()
