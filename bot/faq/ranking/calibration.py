"""Turns evidence into P(this entry answers this message), and the risk an agency accepts into thresholds.

Called by ``answerer`` at each publish. It learns from texts whose right answer is known and that the index has not
seen: wordings of entries with each left out (answerable), wordings of whole topics with the topic left out (questions
of the agency's business that nobody has written an answer for), other bodies' matters, known and unknown, and everyday
talk. A small logistic regression over seventeen numbers, drawn to the coefficients fitted on messages of other people
(benchmarks/fit_calibration.py), so that it also stands when an agency begins with three entries.

Editors write wordings that differ as much as they can, so a wording left out is a harder message than a citizen's. So
the left-out texts move the coefficients little (PULL), and give the thresholds by how likely mistakes are expected
among them, not by how many were counted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.faq.ranking.index import Evidence, Index
from bot.faq.ranking.ridge import Places, Scores

CONSIDERED = 5
NOBODY = -1
SHARE_WEIGHT = 0.05
LEAST_SHARE = 1e-6
FEATURES = 17
SEED = 1
MOST_WORDINGS, MOST_OTHERS, MOST_TOPICS = 600, 250, 12
"""How many texts of each kind, and whole topics, are left out in turn: enough, and a publish stays quick."""
USUAL_TEXTS, LEAST_PART = 14_000, 0.4
"""Each of them is compared with every text: where there are more than this, fewer are left out, but not fewer than this
part."""
TOPIC_SHARE, UNKNOWN_SHARE, KNOWN_SHARE, THEME_SHARE = 0.3, 0.1, 0.1, 0.25
"""How many messages without an answer there are for each answerable one: of unwritten topics, of matters that are in
no catalogue, of matters that are, and of everyday talk."""
PULL = 1500.0
"""How many messages' worth the usual coefficients are when entries have one wording, half as many when they have two:
the more there are, the more a left-out one is like a message."""
NEWTON_STEPS, HALVINGS, STILL = 15, 6, 1e-4
"""At most so many steps, each halved so often; no more when one would hardly change anything."""
LIKELY_OFFER = 0.6
"""Of 10 offers of a few entries, at least 6 should hold the right one."""
CAUTIOUS = 0.95
HARDER = 1.9
"""How many times more mistakes are expected among left-out wordings than among citizens' messages at the same
threshold: at this one answers of the held-out messages, which nothing was fitted on, keep the risk."""
UNSEEN = 0.5
"""Mistakes that count beside the expected ones (as in Jeffreys' prior), so that few answers prove little: of twenty
they are 2.5 of 100, of five hundred nothing. Without them small agencies answered 13 of 100 wrongly."""
LEAST_ANSWER = 0.7
"""No message is answered with less confidence, however few mistakes are expected in all: most messages that reach a FAQ
of two entries are about something else."""
Features = NDArray[np.float64]
Weights = NDArray[np.float64]


@dataclass(frozen=True)
class Usual:
    """Intercept and coefficients of messages of other people, in the order of ``likely``, and the spread of each number
    among them (benchmarks/fit_calibration.py).
    """

    coefficients: Weights
    spread: Weights


USUAL = Usual(
    np.array(
        [
            -2.496,
            -96.932,
            10.98,
            10.491,
            -0.205,
            1.985,
            1.307,
            1.681,
            -2.748,
            4.118,
            -0.58,
            0.426,
            -0.717,
            2.88,
            -1.048,
            14.318,
            1.534,
            2.147,
        ]
    ),
    np.array(
        [
            1.0,
            0.032,
            0.039,
            0.136,
            2.161,
            0.146,
            0.18,
            0.149,
            0.155,
            1.028,
            5.96,
            5.962,
            0.368,
            0.135,
            0.488,
            0.141,
            0.459,
            0.446,
        ]
    ),
)


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
    features: Features
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

    def probabilities(self, features: Features) -> Features:
        """P per candidate, from features [..., FEATURES]."""
        return _logistic(self.coefficients, features)


def likely(evidence: Evidence, index: Index) -> tuple[Places, Features]:
    """The likeliest entries, best first [message, n], and their features [message, n, FEATURES]: the score and its lead
    over any class that is no entry; the lead among the entries alone; the log of the share of likeness; how much nearer
    the nearest text is than any other body's and than any everyday one; how much nearer the middle of its texts is than
    the middle of any other entry, and of any other body's matter; the log of how many texts the entry has, its square,
    and that log times seven of the others, since the same score says more of an entry with three wordings than with
    forty.
    """
    entries, matters = len(index.ids), len(index.matters)
    shares = np.log(evidence.shares[:, :entries] + LEAST_SHARE)
    ranked = evidence.scores[:, :entries] + SHARE_WEIGHT * shares
    order = np.argsort(-ranked, axis=1, kind="stable")[:, :CONSIDERED]

    def of(values: Scores) -> Scores:
        return np.take_along_axis(values[:, :entries], order, axis=1)

    def best(values: Scores, first: int, end: int | None = None) -> Scores:
        return np.asarray(values[:, first:end].max(axis=1, initial=0)[:, None], dtype=np.float32)

    public = entries + matters
    score, share, nearest, middle = (of(one) for one in (evidence.scores, shares, evidence.nearest, evidence.middle))
    over = score - best(evidence.scores, entries)
    among = of(_leads(evidence.among))
    near, apart = nearest - best(evidence.nearest, entries, public), nearest - best(evidence.nearest, public)
    inner, outer = of(_leads(evidence.middle[:, :entries])), middle - best(evidence.middle, entries, public)
    size = np.log(np.maximum(index.sizes[order], 1))
    sized = (share, near, over, among, score, inner, outer)
    parts = (score, over, among, share, near, apart, inner, outer, size, size**2, *(size * one for one in sized))
    return order.astype(np.int64), np.stack(parts, axis=2).astype(np.float64)


def _leads(values: Scores) -> Scores:
    """How much each entry's value is above the best of the other entries; above 0 when there is no other."""
    if values.shape[1] < 2:
        return values
    second, first = np.moveaxis(np.partition(values, -2, axis=1)[:, -2:, None], 1, 0)
    leads: Scores = values - np.where(values >= first, second, first)
    return leads


def calibrate(index: Index, *, risk: float, choices: int, usual: Usual = USUAL) -> Calibration:
    """Fits the probabilities and derives the thresholds; ``risk`` is how many of 100 answers may be wrong, ``choices``
    how many entries are offered at most.
    """
    if not index.ids:
        return Calibration(usual.coefficients, Thresholds(1.0, 1.0), 0)
    if index.classes == len(index.ids):
        usual = Usual(np.zeros_like(usual.coefficients), usual.spread)  # nothing to lead over: begin from nothing
    examples = examples_of(index)
    coefficients = _fitted(examples, usual, PULL * len(index.ids) / max(len(index.wordings), 1))
    chances = _logistic(coefficients, examples.features)
    ranked = -np.sort(-chances, axis=1)
    answer = max(_lowest(ranked[:, 0], examples.weight, wrong=HARDER * risk / 100, unseen=UNSEEN), LEAST_ANSWER)
    asked = np.flatnonzero(ranked[:, 0] < answer)
    offered = np.minimum(ranked[asked, :choices].sum(axis=1), 1.0)
    offer = _lowest(offered, examples.weight[asked], wrong=1 - LIKELY_OFFER)
    return Calibration(coefficients, Thresholds(answer, offer), len(examples.right))


def examples_of(index: Index) -> Examples:
    """Texts of the FAQ and of the background, each as a message that the index has not seen."""
    random = np.random.default_rng(SEED)
    entries, matters = len(index.ids), len(index.matters)
    part = min(max(USUAL_TEXTS / max(len(index.rows), 1), LEAST_PART), 1.0)
    others = round(MOST_OTHERS * part)
    wordings = _some(index.wordings, round(MOST_WORDINGS * part), random)
    known = _some(np.flatnonzero(_between(index, entries, entries + matters)), others, random)
    unknown = _some(np.flatnonzero(_between(index, entries, entries + matters)), others, random)
    talk = _some(np.flatnonzero(index.class_of >= entries + matters), others, random)
    outside = KNOWN_SHARE + UNKNOWN_SHARE + THEME_SHARE if index.classes == entries else 0
    parts = (
        (index.without_each(wordings), index.class_of[wordings], 1.0),
        (_unwritten(index, others, random), None, TOPIC_SHARE + outside),
        (index.without_each(known) if len(known) else None, None, KNOWN_SHARE),
        (_without_classes(index, unknown), None, UNKNOWN_SHARE),
        (_without_classes(index, talk), None, THEME_SHARE),
    )
    kept = [(evidence, right, share) for evidence, right, share in parts if evidence is not None]
    columns = zip(*(_part(*part, index, len(wordings)) for part in kept), strict=True)
    return Examples(*(np.concatenate(column) for column in columns))


def _some(places: Places, most: int, random: np.random.Generator) -> Places:
    return places if len(places) <= most else np.sort(random.choice(places, most, replace=False))


def _between(index: Index, first: int, end: int) -> NDArray[np.bool_]:
    return (index.class_of >= first) & (index.class_of < end)


def _unwritten(index: Index, most: int, random: np.random.Generator) -> Evidence | None:
    """Of ``most`` wordings, some of each topic, as if nobody had written any entry of it; needs two topics."""
    topics = np.unique(index.topic_of)
    if len(topics) < 2:
        return None
    groups = [np.flatnonzero(index.topic_of == topic) for topic in _some(topics, MOST_TOPICS, random)]
    said = [np.intersect1d(group, index.wordings) for group in groups]
    return index.without_groups([_some(some, most // MOST_TOPICS, random) for some in said], groups)


def _without_classes(index: Index, chosen: Places) -> Evidence | None:
    """Of the texts at ``chosen`` as if the whole matter or theme of each were unknown."""
    classes = np.unique(index.class_of[chosen])
    if not len(classes):
        return None
    groups = [np.flatnonzero(index.class_of == one) for one in classes]
    return index.without_groups([np.intersect1d(chosen, group) for group in groups], groups)


def _part(
    evidence: Evidence, right: Places | None, share: float, index: Index, answerable: int
) -> tuple[Places, Features, Places, Weights]:
    order, features = likely(evidence, index)
    weight = np.full(len(order), share * answerable / max(len(order), 1))
    return order, features, np.full(len(order), NOBODY) if right is None else right, weight


def _logistic(coefficients: Weights, features: Features) -> Features:
    chances: Features = 1 / (1 + np.exp(-np.clip(coefficients[0] + features @ coefficients[1:], -30, 30)))
    return chances


def _fitted(examples: Examples, usual: Usual, pull: float) -> Weights:
    """Logistic regression by Newton's method, with a Gaussian around the usual coefficients. A step that would make it
    worse is halved.
    """
    flat = examples.features.reshape(-1, FEATURES)
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
    return float(chance[order][good[-1]]) if len(good) else max(CAUTIOUS, 1 - wrong)
