"""Computes the metrics of an evaluation from the outcomes; docs/evaluation.md defines them.

A metric computed from no messages is None, never NaN.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from bot.evaluation.asking import Outcome

BINS = 10
ALL = "all"
Flags = NDArray[np.bool_]
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Rate:
    """The share of the messages in ``among`` that are also in ``counted``; both have a flag per message."""

    counted: Flags
    among: Flags

    @property
    def value(self) -> float | None:
        total = int(self.among.sum())
        return float((self.counted & self.among).sum() / total) if total else None


def rates(outcomes: Sequence[Outcome]) -> dict[str, Rate]:
    """Returns every share that the report shows, keyed by name, except those of ``answered_outside``."""

    def flags(values: Sequence[bool]) -> Flags:
        return np.array(values, dtype=bool)

    inside = flags([one.inside for one in outcomes])
    answered = flags([one.answered for one in outcomes])
    right = flags([one.right for one in outcomes])
    offered = flags([one.offers_right for one in outcomes])
    asked = flags([one.kind == "clarify" for one in outcomes])
    everything = np.ones(len(outcomes), dtype=bool)
    return {
        "top1": Rate(flags([one.best_right for one in outcomes]), inside),
        "top3": Rate(flags([one.found_within(3) for one in outcomes]), inside),
        "answered": Rate(answered, everything),
        "precision": Rate(right, answered),
        "coverage": Rate(answered, inside),
        "right": Rate(right, inside),
        "right_or_offered": Rate(right | offered, inside),
        "clarify_hit": Rate(offered, asked & inside),
        "both": Rate(
            flags([one.query.wanted == set(one.answers) for one in outcomes]),
            flags([one.query.also is not None for one in outcomes]),
        ),
        "clarified": Rate(asked, everything),
        "referred": Rate(flags([one.kind == "refer" for one in outcomes]), everything),
        "scoped": Rate(flags([one.kind == "scope" for one in outcomes]), everything),
        "handed_off": Rate(flags([one.kind == "handoff" for one in outcomes]), everything),
    }


def answered_outside(outcomes: Sequence[Outcome]) -> dict[str, Rate]:
    """Returns, for each kind of out-of-scope message, the share of its messages that were answered."""
    answered = np.array([one.answered for one in outcomes], dtype=bool)
    return {kind: Rate(answered, among) for kind, among in outside(outcomes).items()}


def outside(outcomes: Sequence[Outcome]) -> dict[str, Flags]:
    """Returns, for each kind of out-of-scope message, a flag per message that is True for this kind.

    Kinds are sorted.
    """
    kinds = sorted({one.query.kind for one in outcomes if not one.inside})
    return {
        kind: np.array([not one.inside and one.query.kind == kind for one in outcomes], dtype=bool) for kind in kinds
    }


def aurocs(outcomes: Sequence[Outcome]) -> dict[str, float | None]:
    """Returns the AUROC of confidence between messages in scope and each kind out of scope; ALL means all kinds."""
    inside = np.array([one.inside for one in outcomes], dtype=bool)
    kinds: Mapping[str, Flags] = {**outside(outcomes), ALL: ~inside}
    chances = confidences(outcomes)
    return {kind: auroc(chances[inside], chances[among]) for kind, among in kinds.items()}


def auroc(inside: Numbers, outside: Numbers) -> float | None:
    """Returns the probability that a random value of ``inside`` exceeds one of ``outside``; None if either is empty."""
    if not len(inside) or not len(outside):
        return None
    labels = np.concatenate([np.ones(len(inside)), np.zeros(len(outside))])
    return float(roc_auc_score(labels, np.concatenate([inside, outside])))


def confidences(outcomes: Sequence[Outcome]) -> Numbers:
    """Returns, for each message, the probability of its best candidate."""
    return np.array([one.confidence for one in outcomes], dtype=np.float64)


def best_right(outcomes: Sequence[Outcome]) -> Flags:
    """Returns, for each message, whether its best candidate is right; always False for messages out of scope."""
    return np.array([one.best_right for one in outcomes], dtype=bool)


def aurc(chances: Numbers, right: Flags) -> float | None:
    """Returns the area under the risk-coverage curve; None if there are no messages.

    The area is the share of errors among the k most confident messages, averaged over all k. Messages of equal
    confidence share their errors equally, so that their order does not matter.
    """
    if not len(chances):
        return None
    _, group = np.unique(-chances, return_inverse=True)
    shared = np.bincount(group, weights=~right) / np.bincount(group)
    errors = np.sort(group)
    return float(np.mean(np.cumsum(shared[errors]) / np.arange(1, len(chances) + 1)))


def calibration_error(chances: Numbers, right: Flags) -> float | None:
    """Returns the expected calibration error, over ten bins of equal width; None if there are no messages.

    The error of a bin is the difference between its mean confidence and its share of right messages; bins are
    weighted by their numbers of messages.
    """
    if not len(chances):
        return None
    bins = np.minimum((chances * BINS).astype(int), BINS - 1)
    gaps = np.bincount(bins, weights=chances - right, minlength=BINS)
    return float(np.abs(gaps).sum() / len(chances))


def percentile(values: Sequence[float], share: float) -> float | None:
    """Returns the percentile ``share`` (0 to 100) of the values; None if there are no values."""
    return float(np.percentile(values, share)) if len(values) else None
