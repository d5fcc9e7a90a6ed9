"""Turns scores into P(this entry answers this message), and the risk an agency accepts into thresholds.

Called by ``answerer`` at each publish. It learns from messages whose right answer is known and that the index has not
seen: every wording of an entry with itself left out (answerable), the wordings of whole topics with the topic left out
(questions of the agency's business that nobody has written an answer for), other bodies' matters, known and unknown,
and everyday talk. A small logistic regression over four numbers, drawn to the coefficients of the demo FAQ, so that it
also stands when an agency begins with three entries.

Editors write wordings that differ as much as they can, so a wording left out is a harder message than a citizen's:
on messages of other people top-1 is .89 where it is .52 with each wording left out. Hence RECALL: a wording counts as
partly left in. It is the one number chosen on messages of others (benchmarks/dev_messages.jsonl); with it the error
of the probabilities there is least whether entries have 3, 6 or 12 wordings.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bot.faq.index import Evidence, Index, Places, Scores
from bot.faq.space import TextSpace

CONSIDERED = 5
OVER_TALK = 2
"""Place among the features of a score's lead over everyday talk."""
NOBODY = -1
RECALL = 0.3
TOPIC_SHARE, UNKNOWN_SHARE, KNOWN_SHARE, THEME_SHARE = 0.1, 0.1, 0.2, 0.3
"""How many messages without an answer there are for each answerable one: of unwritten topics, of matters that are in
no catalogue, of matters that are, and of everyday talk."""
USUAL = np.array([-2.6, 2.2, 10.5, 2.2, 15.3])
"""Intercept and coefficients fitted on the demo FAQ: score, lead, over talk, over matters."""
SPREAD = np.array([1.0, 0.15, 0.2, 0.15, 0.15])
PULL = 100.0
"""How many messages' worth the usual coefficients are, and the spread of each number among messages."""
NEWTON_STEPS = 30
LIKELY_OFFER = 0.6
"""Of 10 offers of a few entries, at least 6 should hold the right one."""
CAUTIOUS = 0.95
Weights = NDArray[np.float64]


@dataclass(frozen=True)
class Thresholds:
    """``answer``: least P of the best entry to answer with it. ``offer``: least sum of P to offer the best few."""

    answer: float
    offer: float


@dataclass(frozen=True)
class Examples:
    """Messages with known answers: ``likely`` their most likely entries best first, ``features`` of each, ``right`` the
    entry that answers (NOBODY when none does), ``weight`` how much each message counts.
    """

    likely: Places
    features: Scores
    right: Places
    weight: Weights

    @property
    def hits(self) -> NDArray[np.bool_]:
        """Whether each likely entry is the right one."""
        return np.equal(self.likely, self.right[:, None])


@dataclass(frozen=True)
class Calibration:
    """Fitted at a publish: coefficients, thresholds, and how many examples there were."""

    coefficients: Weights
    thresholds: Thresholds
    examples: int

    def probabilities(self, features: Scores) -> Scores:
        """P per candidate, from features [..., 4]."""
        return _logistic(self.coefficients, features)


def likely(evidence: Evidence) -> tuple[Places, Scores]:
    """The entries with the best scores, best first [message, n], and their features [message, n, 4]: the score, its
    lead over the next entry, over everyday talk, and the likeness by meaning beyond that of any other matter.
    """
    entries = evidence.meaning.shape[1]
    scores, talk = evidence.scores[:, :entries], evidence.scores[:, entries:].max(axis=1, initial=0)
    order = np.argsort(-scores, axis=1, kind="stable")[:, : max(CONSIDERED, 1)]
    best = np.take_along_axis(scores, order, axis=1)
    meaning = np.take_along_axis(evidence.meaning, order, axis=1)
    rival = np.repeat(best[:, :1], best.shape[1], axis=1)
    rival[:, 0] = best[:, 1] if entries > 1 else 0
    lead = best - np.maximum(rival, 0)
    features = np.stack([best, lead, best - talk[:, None], meaning - evidence.elsewhere[:, None]], axis=2)
    return order, features


def calibrate(index: Index, space: TextSpace, *, risk: float, choices: int) -> Calibration:
    """Fits the probabilities and derives the thresholds; ``risk`` is how many of 100 answers may be wrong, ``choices``
    how many entries are offered at most.
    """
    if not index.ids:
        return Calibration(USUAL, Thresholds(1.0, 1.0), 0)
    examples = _examples(index, space)
    coefficients = _fitted(examples)
    chances = _logistic(coefficients, examples.features)
    order = np.argsort(-chances, axis=1, kind="stable")
    chances = np.take_along_axis(chances, order, axis=1)
    hits = np.take_along_axis(examples.hits, order, axis=1)
    answer = _lowest(chances[:, 0], hits[:, 0], examples.weight, wrong=risk / 100)
    asked = np.flatnonzero(chances[:, 0] < answer)
    offered, held = chances[:, :choices].sum(axis=1)[asked], hits[:, :choices].max(axis=1)[asked]
    offer = _lowest(offered, held, examples.weight[asked], wrong=1 - LIKELY_OFFER)
    return Calibration(coefficients, Thresholds(answer, offer), len(examples.right))


def _examples(index: Index, space: TextSpace) -> Examples:
    recalled = _blend(index.without_each(), index.with_each())
    unwritten, talk = index.without_topics()
    matters = index.evidence(space.matters.messages)
    unknown = replace(matters, elsewhere=space.matters.unknown)
    known = replace(matters, elsewhere=(1 - RECALL) * space.matters.known + RECALL)
    answerable = len(index.wordings)
    parts = (
        _part(recalled, index.entry_of, 1.0, answerable),
        _part(unwritten, None, TOPIC_SHARE, answerable),
        _part(talk, None, THEME_SHARE, answerable),
        _part(unknown, None, UNKNOWN_SHARE, answerable),
        _part(known, None, KNOWN_SHARE, answerable),
    )
    return Examples(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _blend(alone: Evidence, full: Evidence) -> Evidence:
    scores = (1 - RECALL) * alone.scores + RECALL * full.scores
    meaning = (1 - RECALL) * alone.meaning + RECALL * full.meaning
    return Evidence(scores, meaning, alone.elsewhere)


def _part(
    evidence: Evidence, right: Places | None, share: float, answerable: int
) -> tuple[Places, Scores, Places, Weights]:
    order, features = likely(evidence)
    weight = np.full(len(order), share * answerable / max(len(order), 1))
    return order, features, np.full(len(order), NOBODY) if right is None else right, weight


def _logistic(coefficients: Weights, features: Scores) -> Scores:
    chances: Scores = 1 / (1 + np.exp(-np.clip(coefficients[0] + features @ coefficients[1:], -30, 30)))
    return chances


def _fitted(examples: Examples) -> Weights:
    """Logistic regression by Newton's method, with a Gaussian around the usual coefficients."""
    flat = examples.features.reshape(-1, len(USUAL) - 1)
    rows = np.concatenate([np.ones((len(flat), 1)), flat], axis=1)
    hits = examples.hits.reshape(-1)
    weight = np.repeat(examples.weight, examples.likely.shape[1])
    precision = np.diag(PULL * SPREAD**2)
    coefficients = USUAL.copy()
    for _ in range(NEWTON_STEPS):
        chances = _logistic(coefficients, flat)
        slope = rows.T @ (weight * (hits - chances)) - precision @ (coefficients - USUAL)
        curve = (rows * (weight * chances * (1 - chances))[:, None]).T @ rows + precision
        coefficients = coefficients + np.linalg.solve(curve, slope)
    return coefficients


def _lowest(chance: Scores, right: NDArray[np.bool_], weight: Weights, *, wrong: float) -> float:
    """The lowest threshold on ``chance`` above which at most that share is wrong; half a mistake is always assumed."""
    order = np.argsort(-chance, kind="stable")
    given = np.cumsum(weight[order])
    mistakes = np.cumsum((weight * ~right)[order]) + 0.5
    good = np.flatnonzero(mistakes <= wrong * given)
    return float(chance[order][good[-1]]) if len(good) else CAUTIOUS
