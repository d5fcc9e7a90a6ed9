"""Measures the answers for small agencies new to the encoder: ``python benchmarks/agencies.py [--variants 1 3 5]``.

agencies.jsonl contains 28 invented agencies in Spanish, on which the encoder was not tuned: four with 16 entries of
five variants each, and 24 with 20 entries of three. It contains messages that the entries answer, and *near* messages
and messages about other aspects, which they do not answer; the *far* messages come from the held-out set. Each agency
is published twice for each number of variants, which are drawn at random. The coefficients are fitted on all other
agencies and the development messages. *Best* is the largest share of messages in scope that the same ranking could
answer correctly with a precision of 97 %.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np
from fit_calibration import FAR, IN, MIX, NEAR, SEEDS, Message, Set, agencies, cut, learned, usual, weights
from material import Material, markdown
from numpy.typing import NDArray

from bot.agency.model import Agency
from bot.core.settings import Settings
from bot.evaluation.metrics import auroc
from bot.faq.ranking.calibration import calibrate
from bot.faq.ranking.coefficients import Usual
from bot.faq.ranking.features import likely
from bot.faq.ranking.indexing import index_of
from bot.faq.ranking.vectorizer import Vectorizer

HEADINGS = ("first", "best", "answered right", "near answered", "far answered", "AUROC near", "far")
AIM = 0.97


@dataclass(frozen=True)
class Found:
    """Arrays with an element per message: the best entry's probability, whether it is right, and whether it is given.

    ``weight`` and ``kinds`` are the weight and kind of each message.
    """

    chance: NDArray[np.float64]
    right: NDArray[np.bool_]
    answered: NDArray[np.bool_]
    weight: NDArray[np.float64]
    kinds: NDArray[np.str_]

    def numbers(self) -> list[float | None]:
        """Returns one number for each of HEADINGS."""
        inside = self.kinds == IN
        outside = [float(self.answered[self.kinds == kind].mean()) for kind in (NEAR, FAR)]
        areas = [auroc(self.chance[inside], self.chance[self.kinds == kind]) for kind in (NEAR, FAR)]
        given = float((self.answered & self.right)[inside].mean())
        return [float(self.right[inside].mean()), self.best(), given, *outside, *areas]

    def best(self, aim: float = AIM) -> float:
        """Returns the largest share of messages in scope that can be answered correctly at a precision of ``aim``."""
        order = np.argsort(-self.chance, kind="stable")
        right, given = np.cumsum((self.weight * self.right)[order]), np.cumsum(self.weight[order])
        enough = np.flatnonzero(right >= aim * given)
        return float(right[enough[-1]] / self.weight[self.kinds == IN].sum()) if len(enough) else 0.0


def asked(one: Set, draw: tuple[int, int], vectorizer: Vectorizer, agency: Agency, fitted: Usual) -> Found:
    """Returns the ranking for each of the agency's messages; ``draw`` is (number of variants per entry, seed)."""
    variants, seed = draw
    index = index_of([cut(entry, variants, seed) for entry in one.entries], vectorizer)
    calibration = calibrate(index, risk=agency.risk, choices=agency.max_choices, usual=fitted)
    order, features = likely(index.evidence(vectorizer.rows(tuple(message.text for message in one.messages))), index)
    chances = calibration.probabilities(features)
    rows, top = np.arange(len(order)), chances.argmax(axis=1)
    numbers = {id: number for number, id in enumerate(index.ids)}
    wanted = np.array([numbers.get(message.entry or "", -1) for message in one.messages])
    chance = chances[rows, top]
    return Found(
        chance,
        order[rows, top] == wanted,
        chance >= calibration.thresholds.answer,
        weights(one.messages, wanted),
        np.array([message.kind for message in one.messages]),
    )


def precision(found: Sequence[Found]) -> float | None:
    """Returns the share of answers that are correct, with messages weighted by MIX; None if there are no answers."""
    given = sum(float(one.weight[one.answered].sum()) for one in found)
    right = sum(float(one.weight[one.answered & one.right].sum()) for one in found)
    return right / given if given else None


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    arguments.add_argument("--variants", type=int, nargs="+", default=[1, 3, 5])
    material = Material.from_settings(Settings())
    far = [Message(query.text, None, FAR) for query in material.messages("held out") if query.kind == FAR]
    sets = agencies(far)
    vectorizer = material.vectorizer()
    shown = learned(material, vectorizer)
    fitted = {
        one.name: usual(part for name, parts in shown.items() if name != one.name for part in parts) for one in sets
    }
    rows: list[list[object]] = []
    for variants in arguments.parse_args().variants:
        found = [
            asked(one, (variants, seed), vectorizer, material.agency, fitted[one.name])
            for one in sets
            for seed in SEEDS
        ]
        cells = [
            fmean(value for value in column if value is not None)
            for column in zip(*(one.numbers() for one in found), strict=True)
        ]
        rows.append([variants, precision(found), *cells])
    sys.stdout.write(f"counted as {MIX}\n\n{markdown(('variants', 'of answers, right', *HEADINGS), rows)}\n")


if __name__ == "__main__":
    main()
