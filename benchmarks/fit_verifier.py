"""Fits the coefficients that join the verifier with P: ``python benchmarks/fit_verifier.py [--write]``.

Prints what they change for offices that the verifier was not trained on, and the coefficients of the section
``verifier`` of bot/faq/ranking/coefficients.yml; ``--write`` saves them. They are fitted on the small agencies of
agencies.jsonl, with three utterances an entry, and on the development messages, with all; a seventh of the sets is left
out in turn to measure it. Those of other_agencies.jsonl and the held-out messages are only measured. The verifier reads
every message, whether or not P leaves a doubt, and however many utterances the entries have.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from agencies import Found
from fit_calibration import ASPECT, FAR, IN, NEAR, SEEDS, Message, Set, agencies, cut, development, weights, without
from material import Material, markdown
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from bot.core.settings import Settings
from bot.evaluation.metrics import auroc
from bot.faq.ranking.calibration import calibrate
from bot.faq.ranking.coefficients import FILE, tuned
from bot.faq.ranking.feature_names import VerifiedFeature
from bot.faq.ranking.features import likely
from bot.faq.ranking.indexing import index_of
from bot.faq.ranking.refit import DIGITS, refitted_model
from bot.faq.ranking.vectorizer import Vectorizer
from bot.faq.ranking.verifying import LIKELIEST, Verifying, joined

ALL = 1000
FEW = 3
FAR_MESSAGES = 20
RAISED = tuned().verifier.raised
FOLDS = 7
OTHERS = Path(__file__).with_name("other_agencies.jsonl")
HEADINGS = (
    "first",
    "right at .95",
    "at .90",
    "AUROC near",
    "by aspect",
    "answered right",
    "near answered",
    "by aspect",
    "of the answers, right",
)
Table = NDArray[np.float64]


@dataclass(frozen=True)
class Asked:
    """The messages of a set with their likeliest entries.

    features: an array per message, of a row per entry and a column per VerifiedFeature. chance: P of each. right:
    whether it is the entry. weight, kinds: of each message. answer: the threshold.
    """

    features: Table
    chance: Table
    right: NDArray[np.bool_]
    weight: Table
    kinds: NDArray[np.str_]
    answer: float

    def found(self, fit: LogisticRegression | None) -> Found:
        """Returns the likeliest entry of each message, by P or by P and the verifier."""
        flat = self.features.reshape(-1, self.features.shape[-1])
        chance = expit(fit.decision_function(flat) + RAISED).reshape(self.chance.shape) if fit else self.chance
        rows, top = np.arange(len(chance)), chance.argmax(axis=1)
        best = chance[rows, top]
        return Found(best, self.right[rows, top], best >= self.answer, self.weight, self.kinds)


def asked(one: Set, published: tuple[int, int], vectorizer: Vectorizer, material: Material) -> Asked:
    """Publishes a set with a number of variants an entry, and the seed that draws them, and sends it its messages."""
    vectorizer = without(vectorizer, one.authors)
    entries = [cut(entry, *published) for entry in one.entries]
    index = index_of(entries, vectorizer)
    texts = tuple(message.text for message in one.messages)
    rows = vectorizer.rows(texts)
    order, features = likely(index.evidence(rows), index)
    calibration = calibrate(index, risk=material.agency.risk, choices=material.agency.max_choices)
    chance = calibration.probabilities(features)
    top = np.argsort(-chance, axis=1, kind="stable")[:, :LIKELIEST]
    order, chance = (np.take_along_axis(values, top, axis=1) for values in (order, chance))
    verifying = Verifying.of(index, vectorizer, entries)
    assert verifying is not None  # noqa: S101  (the encoder has a verifier)
    said = [joined(chance[at], verifying.log_odds(text, rows[at : at + 1], order[at])) for at, text in enumerate(texts)]
    numbers = {id: number for number, id in enumerate(index.ids)}
    wanted = np.array([numbers.get(message.entry or "", -1) for message in one.messages])
    kinds = np.array([message.kind for message in one.messages])
    right, weight = order == wanted[:, None], weights(one.messages, wanted)
    return Asked(np.stack(said), chance, right, weight, kinds, calibration.thresholds.answer)


def fitted(sets: Sequence[Asked]) -> LogisticRegression:
    rows = np.concatenate([one.features.reshape(-1, one.features.shape[-1]) for one in sets])
    weight = np.concatenate([np.repeat(one.weight, one.right.shape[1]) for one in sets])
    hits = np.concatenate([one.right.reshape(-1) for one in sets])
    return LogisticRegression(C=10, max_iter=2000).fit(rows, hits, weight)


def numbers(found: Sequence[Found]) -> list[float | None]:
    """Returns a number for each of HEADINGS."""
    parts = [(one.chance, one.right, one.answered, one.weight, one.kinds) for one in found]
    all = Found(*(np.concatenate(column) for column in zip(*parts, strict=True)))
    inside = all.kinds == IN
    areas = [auroc(all.chance[inside], all.chance[all.kinds == kind]) for kind in (NEAR, ASPECT)]
    given = [float((all.answered & all.right)[inside].mean())]
    outside = [float(of.mean()) if len(of := all.answered[all.kinds == kind]) else None for kind in (NEAR, ASPECT)]
    right = float(all.weight[all.answered & all.right].sum() / all.weight[all.answered].sum())
    return [float(all.right[inside].mean()), all.best(0.95), all.best(0.90), *areas, *given, *outside, right]


def measured(learnt: dict[str, list[Asked]], only: dict[str, list[Asked]]) -> Iterator[list[object]]:
    """Yields rows of the table: of the sets that are fitted, each left out in turn, and of those only measured."""
    sets = [one for some in learnt.values() for one in some]
    left_out = [fitted([one for at, one in enumerate(sets) if at % FOLDS != fold]) for fold in range(FOLDS)]
    all, at = fitted(sets), 0
    for name, some in (learnt | only).items():
        fits = [left_out[(at + place) % FOLDS] if name in learnt else all for place in range(len(some))]
        at += len(some)
        yield [name, *numbers([one.found(None) for one in some])]
        yield [f"{name}, verified", *numbers([one.found(fit) for one, fit in zip(some, fits, strict=True)])]


def held_out(material: Material) -> Set:
    queries = [query for query in material.messages("held out") if len(query.turns) == 1 and query.also is None]
    messages = tuple(Message(query.text, query.faq, IN if query.faq else query.kind) for query in queries)
    return Set("held out", material.entries, messages, {})


def main(*, write: bool) -> None:
    material = Material.from_settings(Settings())
    vectorizer, dev, held = material.vectorizer(), development(material), held_out(material)
    far = [message for message in held.messages if message.kind == FAR][:FAR_MESSAGES]
    few, all = (FEW, SEEDS[0]), (ALL, SEEDS[0])
    learnt = {
        "28 agencies": [asked(one, few, vectorizer, material) for one in agencies(far)],
        "demo": [asked(dev, all, vectorizer, material)],
    }
    only = {
        "three others": [asked(one, few, vectorizer, material) for one in agencies(far, OTHERS)],
        "demo, held out": [asked(held, all, vectorizer, material)],
    }
    sys.stdout.write(markdown(("", *HEADINGS), list(measured(learnt, only))) + "\n\n")
    fit = fitted([one for some in learnt.values() for one in some])
    for name, value in zip(("intercept", *VerifiedFeature), (*fit.intercept_, *fit.coef_[0]), strict=True):
        sys.stdout.write(f"{name:24} {value:8.{DIGITS}f}\n")
    if write:
        named = dict(zip(VerifiedFeature, map(float, fit.coef_[0]), strict=True))
        content = refitted_model(FILE.read_text(encoding="utf-8"), "verifier", float(fit.intercept_[0]), named)
        FILE.write_text(content, encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Fits the coefficients of the section verifier of coefficients.yml.")
    parser.add_argument("--write", action="store_true", help="put them into the file")
    main(write=parser.parse_args().write)
