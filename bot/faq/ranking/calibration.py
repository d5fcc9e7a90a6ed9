"""Turns evidence into P(this entry answers this message), and the risk an agency accepts into thresholds.

A small logistic regression over the numbers of ``features``, fitted at each publish on the messages of ``examples`` and
drawn to the coefficients fitted on messages of other people (benchmarks/fit_calibration.py), so that it also stands
when an agency begins with three entries.

Editors write wordings that differ as much as they can, so a wording left out is a harder message than a citizen's. So
the left-out texts move the coefficients little, and give the thresholds by how likely mistakes are expected among them,
not by how many were counted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bot.faq.ranking.coefficients import CalibrationNumbers, EntryFeature, Usual, Weights, tuned
from bot.faq.ranking.examples import Examples, examples_of
from bot.faq.ranking.features import Features
from bot.faq.ranking.index import Index

NEWTON_STEPS, HALVINGS, STILL = 15, 6, 1e-4
"""At most so many steps, each halved so often; no more when one would hardly change anything."""


@dataclass(frozen=True)
class Thresholds:
    """``answer``: least P of the best entry to answer with it. ``offer``: least sum of P to offer the best few."""

    answer: float
    offer: float


@dataclass(frozen=True)
class Calibration:
    """Fitted at a publish: coefficients, thresholds, and how many examples there were."""

    coefficients: Weights
    thresholds: Thresholds
    examples: int

    def probabilities(self, features: Features) -> Features:
        """P per candidate, from features [..., EntryFeature]."""
        return _logistic(self.coefficients, features)


def calibrate(index: Index, *, risk: float, choices: int, usual: Usual | None = None) -> Calibration:
    """Fits the probabilities and derives the thresholds; ``risk`` is how many of 100 answers may be wrong, ``choices``
    how many entries are offered at most. ``usual`` is what to begin from, else the numbers in force.
    """
    numbers, usual = tuned().calibration, usual or tuned().entry.usual
    if not index.ids:
        return Calibration(usual.coefficients, Thresholds(1.0, 1.0), 0)
    if index.classes == len(index.ids):
        usual = Usual(np.zeros_like(usual.coefficients), usual.spread)  # nothing to lead over: begin from nothing
    examples = examples_of(index)
    pull = numbers.prior_strength * len(index.ids) / max(len(index.utterances), 1)
    coefficients = _fitted(examples, usual, pull)
    chances = _logistic(coefficients, examples.features)
    thresholds = _thresholds(chances, examples.weight, numbers, risk=risk, choices=choices)
    return Calibration(coefficients, thresholds, len(examples.right))


def _thresholds(
    chances: Features, weight: Weights, numbers: CalibrationNumbers, *, risk: float, choices: int
) -> Thresholds:
    ranked = -np.sort(-chances, axis=1)
    wrong = numbers.mistakes_factor * risk / 100
    answer = max(_lowest(ranked[:, 0], weight, wrong=wrong, unseen=numbers.unseen_mistakes), numbers.minimum_answer)
    asked = np.flatnonzero(ranked[:, 0] < answer)
    offered = np.minimum(ranked[asked, :choices].sum(axis=1), 1.0)
    return Thresholds(answer, _lowest(offered, weight[asked], wrong=1 - numbers.minimum_offer_hits))


def _logistic(coefficients: Weights, features: Features) -> Features:
    chances: Features = 1 / (1 + np.exp(-np.clip(coefficients[0] + features @ coefficients[1:], -30, 30)))
    return chances


def _fitted(examples: Examples, usual: Usual, pull: float) -> Weights:
    """Logistic regression by Newton's method, with a Gaussian around the usual coefficients. A step that would make it
    worse is halved.
    """
    flat = examples.features.reshape(-1, len(EntryFeature))
    rows = np.concatenate([np.ones((len(flat), 1)), flat], axis=1)
    hits = examples.hits.reshape(-1)
    weight = np.repeat(examples.weight, examples.likely.shape[1])
    precision = pull * usual.spread**2

    def misfit(coefficients: Weights) -> float:
        signs = np.where(hits, -1, 1) * (rows @ coefficients)
        return float(weight @ np.logaddexp(0, signs) + precision @ (coefficients - usual.coefficients) ** 2 / 2)

    coefficients, worst = usual.coefficients, misfit(usual.coefficients)
    for _ in range(NEWTON_STEPS):
        chances = _logistic(coefficients, flat)
        slope = rows.T @ (weight * (hits - chances)) - precision * (coefficients - usual.coefficients)
        curve = (rows * (weight * chances * (1 - chances))[:, None]).T @ rows + np.diag(precision)
        step = np.linalg.solve(curve, slope)
        if slope @ step < STILL:
            break
        for _ in range(HALVINGS):
            if (found := misfit(coefficients + step)) <= worst:
                coefficients, worst = coefficients + step, found
                break
            step = step / 2
    return coefficients


def _lowest(chance: Weights, weight: Weights, *, wrong: float, unseen: float = 0.0) -> float:
    """The lowest threshold on ``chance`` above which at most that share is expected to be wrong, ``unseen`` mistakes
    among them; where nothing shows that, each has to be as sure as the share demands of all.
    """
    order = np.argsort(-chance, kind="stable")
    given = np.cumsum(weight[order])
    mistakes = unseen + np.cumsum((weight * (1 - chance))[order])
    last_of_equals = np.diff(chance[order], append=-1.0) != 0
    good = np.flatnonzero(last_of_equals & (mistakes <= wrong * given))
    return float(chance[order][good[-1]]) if len(good) else max(tuned().calibration.cautious, 1 - wrong)
