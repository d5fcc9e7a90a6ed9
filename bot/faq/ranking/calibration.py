"""Estimates the probability that an entry answers a message, and derives the thresholds from the accepted risk.

The probability is a small logistic regression over ``features``, fitted at each reload to the examples of ``examples``.
Its prior was fitted to other messages (benchmarks/fit_calibration.py), so it also works for an agency that begins with
three entries.

Editors write variants that differ as much as possible, so a left-out utterance is harder to recognize than a citizen's
message. Therefore left-out utterances change the coefficients only little, and the thresholds depend on the expected
number of mistakes, not on the number counted. What citizens and agents did with the answers corrects that number
(experience.py).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from bot.faq.ranking.coefficients import Usual, Weights, tuned
from bot.faq.ranking.examples import Examples, examples_of
from bot.faq.ranking.feature_names import EntryFeature
from bot.faq.ranking.features import Features
from bot.faq.ranking.index import Index

# Newton's method: maximum number of steps, maximum number of halvings per step, and expected gain at which it stops.
NEWTON_STEPS, HALVINGS, STILL = 15, 6, 1e-4
HELD = 1e9  # precision of the prior of a coefficient that is not adapted


@dataclass(frozen=True)
class Thresholds:
    """Minimum probabilities for replying with entries.

    The best entry answers if its probability reaches ``answer``. The best few entries are offered if the sum of their
    probabilities reaches ``offer``.
    """

    answer: float
    offer: float


@dataclass(frozen=True)
class Expected:
    """The answers that an index is expected to give, from which the thresholds follow.

    ``chances`` are the probabilities of the likeliest entries, one example per row; ``weight`` contains the examples'
    weights. ``risk`` is the percentage of answers that may be wrong, ``choices`` the maximum number of entries offered
    together, ``denied_share`` is the attribute of the index, and ``utterances`` the mean number of an entry's
    utterances, infinite if the offer threshold has no upper bound.
    """

    chances: Features
    weight: Weights
    risk: float
    choices: int
    denied_share: float = 0.0
    utterances: float = np.inf

    def thresholds(self, mistake_ratio: float = 1.0) -> Thresholds:
        """Returns the thresholds for ``mistake_ratio`` times as many mistakes as the probabilities predict."""
        numbers, ranked = tuned().calibration, -np.sort(-self.chances, axis=1)
        factors = numbers.mistakes_factor, numbers.mistakes_factor_denied
        factor = factors[0] + self.denied_share * (factors[1] - factors[0])
        wrong = factor * self.risk / 100 / mistake_ratio
        unseen = numbers.unseen_mistakes / mistake_ratio
        answer = max(_lowest(ranked[:, 0], self.weight, wrong=wrong, unseen=unseen), numbers.minimum_answer)
        asked = np.flatnonzero(ranked[:, 0] < answer)
        offered = np.minimum(ranked[asked, : self.choices].sum(axis=1), 1.0)
        offer = _lowest(offered, self.weight[asked], wrong=1 - numbers.minimum_offer_hits)
        # An utterance that is left out misses more of an entry's few texts than a citizen's message does.
        most = numbers.maximum_offer_per_utterance * max(self.utterances, numbers.fewest_utterances)
        return Thresholds(answer, min(offer, most))


@dataclass(frozen=True)
class Calibration:
    """The coefficients and thresholds fitted at a reload, and the number of examples used."""

    coefficients: Weights
    thresholds: Thresholds
    examples: int
    expected: Expected | None = None  # None without entries

    def corrected(self, mistake_ratio: float) -> Calibration:
        """Returns this calibration with the thresholds for ``mistake_ratio`` times the expected mistakes."""
        return replace(self, thresholds=self.expected.thresholds(mistake_ratio)) if self.expected else self

    def probabilities(self, features: Features) -> Features:
        """Returns the probability of each candidate; the last axis of ``features`` is in the order of EntryFeature."""
        return logistic(self.coefficients, features)


def calibrate(index: Index, *, risk: float, choices: int, usual: Usual | None = None) -> Calibration:
    """Fits the coefficients, and derives the thresholds from ``risk``, the percentage of answers that may be wrong.

    ``choices`` is the maximum number of entries offered together. ``usual`` is the prior, by default that of
    coefficients.yml.
    """
    numbers, usual = tuned().calibration, usual or tuned().entry.usual
    if not index.ids:
        return Calibration(usual.coefficients, Thresholds(1.0, 1.0), 0)
    utterances = len(index.utterances) / len(index.ids)
    if index.topics.start == index.classes:
        usual = Usual(np.zeros_like(usual.coefficients), usual.spread)  # without a background the prior mean is 0
        utterances = np.inf  # and only a high threshold keeps entries from being offered for everything
    examples = examples_of(index)
    prior_weight = numbers.prior_strength * len(index.ids) / max(len(index.utterances), 1)
    coefficients = _fitted(examples, usual, prior_weight)
    chances = logistic(coefficients, examples.features)
    expected = Expected(chances, examples.weight, risk, choices, index.denied_share, utterances)
    return Calibration(coefficients, expected.thresholds(), len(examples.right), expected)


def logistic(coefficients: Weights, features: Features) -> Features:
    """Returns the probabilities for ``coefficients``, intercept first; the features are along the last axis."""
    probabilities: Features = 1 / (1 + np.exp(-np.clip(coefficients[0] + features @ coefficients[1:], -30, 30)))
    return probabilities


def _fitted(examples: Examples, usual: Usual, prior_weight: float) -> Weights:
    """Fits a logistic regression by Newton's method, with a Gaussian prior centered on the coefficients of ``usual``.

    A step that would make the fit worse is halved.
    """
    flat = examples.features.reshape(-1, len(EntryFeature))
    rows = np.concatenate([np.ones((len(flat), 1)), flat], axis=1)
    hits = examples.hits.reshape(-1)
    weight = np.repeat(examples.weight, examples.likely.shape[1])
    precision = prior_weight * usual.spread**2
    precision[[1 + list(EntryFeature).index(name) for name in tuned().calibration.held]] = HELD

    def misfit(coefficients: Weights) -> float:
        signs = np.where(hits, -1, 1) * (rows @ coefficients)
        return float(weight @ np.logaddexp(0, signs) + precision @ (coefficients - usual.coefficients) ** 2 / 2)

    coefficients, worst = usual.coefficients, misfit(usual.coefficients)
    for _ in range(NEWTON_STEPS):
        probabilities = logistic(coefficients, flat)
        slope = rows.T @ (weight * (hits - probabilities)) - precision * (coefficients - usual.coefficients)
        curve = (rows * (weight * probabilities * (1 - probabilities))[:, None]).T @ rows + np.diag(precision)
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
    """Returns the lowest threshold on ``chance`` at which the expected share of mistakes is at most ``wrong``.

    ``unseen`` is added to the expected number of mistakes. If no threshold qualifies, returns the larger of 1 -
    ``wrong`` and the coefficient ``cautious``.
    """
    order = np.argsort(-chance, kind="stable")
    given = np.cumsum(weight[order])
    mistakes = unseen + np.cumsum((weight * (1 - chance))[order])
    last_of_equals = np.diff(chance[order], append=-1.0) != 0
    good = np.flatnonzero(last_of_equals & (mistakes <= wrong * given))
    return float(chance[order][good[-1]]) if len(good) else max(tuned().calibration.cautious, 1 - wrong)
