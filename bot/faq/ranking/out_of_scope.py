"""Recognizes messages that no entry answers because they are about an out-of-scope topic or are chitchat."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bot.faq.ranking.coefficients import Weights, tuned
from bot.faq.ranking.evidence import Evidence
from bot.faq.ranking.feature_names import MatterFeature, TalkFeature
from bot.faq.ranking.features import SMALLEST_SHARE


def out_of_scope_topic_of(evidence: Evidence, topics: slice) -> int | None:
    """Returns the number, among ``topics``, of the topic that one message is about; None if none is likely enough.

    ``topics`` are the classes of out-of-scope topics.
    """
    if topics.start == topics.stop:
        return None
    shares = np.log(evidence.shares[0] + SMALLEST_SHARE)
    ranked = evidence.scores[0] + tuned().calibration.share_weight * shares
    best = topics.start + int(ranked[topics].argmax())
    ranked[best] = -np.inf
    rival = int(ranked.argmax()) if len(ranked) > 1 else best
    score, near = evidence.scores[0], evidence.nearest[0]
    values = {
        MatterFeature.SCORE: score[best],
        MatterFeature.SCORE_OVER_OTHERS: score[best] - score[rival],
        MatterFeature.LOG_SHARE: shares[best],
        MatterFeature.NEAREST_OVER_OTHERS: near[best] - near[rival],
    }
    model = tuned().out_of_scope_topic
    chance = _chance(model.coefficients, [values[name] for name in MatterFeature])
    return best - topics.start if chance >= model.minimum else None


def is_chitchat(evidence: Evidence, public: int) -> bool:
    """Returns whether one message is probably chitchat, rather than about a public service.

    ``public`` is the number of classes about public services, which come before the chitchat themes.
    """
    score, share, near = evidence.scores[0], evidence.shares[0], evidence.nearest[0]
    if len(score) == public:
        return False
    values = {
        TalkFeature.SCORE_OF_TALK: score[public:].max(),
        TalkFeature.SCORE_OF_OTHERS: score[:public].max(initial=0),
        TalkFeature.LOG_SHARE_OF_TALK: np.log(share[public:].sum() + SMALLEST_SHARE),
        TalkFeature.LOG_SHARE_OF_OTHERS: np.log(share[:public].max(initial=0) + SMALLEST_SHARE),
        TalkFeature.NEAREST_OF_TALK: near[public:].max(),
        TalkFeature.NEAREST_OF_OTHERS: near[:public].max(initial=0),
    }
    model = tuned().chitchat
    return bool(_chance(model.coefficients, [values[name] for name in TalkFeature]) >= model.minimum)


def _chance(coefficients: Weights, values: Sequence[float]) -> float:
    """Returns the probability for ``coefficients``, intercept first, and the ``values`` of the features."""
    chance: float = 1 / (1 + np.exp(-np.clip(coefficients @ np.array([1.0, *values]), -30, 30)))
    return chance
