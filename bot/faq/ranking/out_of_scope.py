"""Recognizes messages that no entry answers because they are about an out-of-scope topic or are chitchat."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bot.faq.ranking.coefficients import Weights, tuned
from bot.faq.ranking.evidence import Evidence
from bot.faq.ranking.feature_names import MatterFeature, TalkFeature
from bot.faq.ranking.features import SMALLEST_SHARE


def out_of_scope_topic_of(evidence: Evidence, topics: slice) -> int | None:
    """Returns the index, from 0, of the out-of-scope topic that a message is about; None if no topic is likely enough.

    ``evidence`` is that of one message. ``topics`` is the slice of the classes that are out-of-scope topics; the index
    counts from its start.
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


def outweighed_by_chitchat(evidence: Evidence, public: int) -> float:
    """Returns the sum of the entries' probabilities below which a message counts as chitchat; 0 if it is no chitchat.

    ``evidence`` is that of one message. ``public`` is the number of classes about public services, which come before
    the chitchat themes. The surer it is that the message is chitchat, rather than about a public service, the higher
    the sum.
    """
    score, share, near = evidence.scores[0], evidence.shares[0], evidence.nearest[0]
    if len(score) == public:
        return 0.0
    values = {
        TalkFeature.SCORE_OF_TALK: score[public:].max(),
        TalkFeature.SCORE_OF_OTHERS: score[:public].max(initial=0),
        TalkFeature.LOG_SHARE_OF_TALK: np.log(share[public:].sum() + SMALLEST_SHARE),
        TalkFeature.LOG_SHARE_OF_OTHERS: np.log(share[:public].max(initial=0) + SMALLEST_SHARE),
        TalkFeature.NEAREST_OF_TALK: near[public:].max(),
        TalkFeature.NEAREST_OF_OTHERS: near[:public].max(initial=0),
    }
    model = tuned().chitchat
    chance = _chance(model.coefficients, [values[name] for name in TalkFeature])
    return model.outweighed * (chance / (1 - chance)) ** model.power if chance >= model.minimum else 0.0


def _chance(coefficients: Weights, values: Sequence[float]) -> float:
    """Returns the probability for ``coefficients``, intercept first, and the ``values`` of the features."""
    chance: float = 1 / (1 + np.exp(-np.clip(coefficients @ np.array([1.0, *values]), -30, 30)))
    return chance
