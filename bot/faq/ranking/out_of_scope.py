"""Recognises a message about somebody else's matter, or about nothing of an agency's, so that it is told honestly.

Called by ``answerer`` for messages that no entry answers. The coefficients were fitted on the catalogue's own wordings,
each left out, against those of unknown matters, of entries and of everyday talk.
"""

from __future__ import annotations

import numpy as np

from bot.faq.ranking.calibration import LEAST_SHARE, SHARE_WEIGHT
from bot.faq.ranking.index import Evidence

USUAL = np.array([-1.17, 20.77, 0.7, 0.65, 5.83])
"""Intercept and coefficients: score, its lead over any other class, log of the share of likeness, lead in nearness."""
SURE = 0.6
TALK = np.array([4.29, 44.62, -12.08, 1.84, -0.02, 0.43, 0.77])
"""The same for everyday talk, against matters and entries: best score of talk and of the rest, log of talk's share and
of the best other, nearest text of talk and of the rest."""
TALK_SURE = 0.7


def matter_of(evidence: Evidence, entries: int, matters: int) -> int | None:
    """The number of the matter that one message is about, when that is fairly sure."""
    if not matters:
        return None
    shares = np.log(evidence.shares[0] + LEAST_SHARE)
    ranked = evidence.scores[0] + SHARE_WEIGHT * shares
    best = entries + int(ranked[entries : entries + matters].argmax())
    ranked[best] = -np.inf
    rival = int(ranked.argmax()) if len(ranked) > 1 else best
    score, near = evidence.scores[0], evidence.nearest[0]
    features = (1.0, score[best], score[best] - score[rival], shares[best], near[best] - near[rival])
    chance = 1 / (1 + np.exp(-np.clip(USUAL @ np.array(features), -30, 30)))
    return best - entries if chance >= SURE else None


def is_talk(evidence: Evidence, entries: int, matters: int) -> bool:
    """Whether one message is fairly surely everyday talk, rather than a question for any public service."""
    public = entries + matters
    score, share, near = evidence.scores[0], evidence.shares[0], evidence.nearest[0]
    if len(score) == public:
        return False
    talk = (score[public:].max(), np.log(share[public:].sum() + LEAST_SHARE), near[public:].max())
    other = (score[:public].max(initial=0), np.log(share[:public].max(initial=0) + LEAST_SHARE))
    features = (1.0, talk[0], other[0], talk[1], other[1], talk[2], near[:public].max(initial=0))
    return bool(1 / (1 + np.exp(-np.clip(TALK @ np.array(features), -30, 30))) >= TALK_SURE)
