"""Estimates which entry answers a message that follows an answer.

Such a message may go on about the entry sent last («¿y cuánto sale?»), turn to another entry, or ask something that no
entry answers («¿y si es para mi empresa?»). So it is judged three times: alone, joined with the question of the entry
sent last, and joined with the citizen's question that this entry answered. From these judgments and from signs in the
message, a logistic regression computes the probability of each entry. Its coefficients are fitted by
benchmarks/fit_follow_ups.py. A message that clearly asks for a section of the entry sent last, or for a cost that this
entry states (asked_section.py), is about that entry; if the entry has no such section, it is at least offered again.
But if the message names another entry and asks for a section of that entry («cuánto vale el pasaporte», after the
driving licence), the entry sent last is at most offered.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from bot.core.messages import Candidate
from bot.faq.answering.asked_section import asks_about, asks_only_sections
from bot.faq.answering.follow_up import goes_on, turns_away
from bot.faq.answering.judgement import Judgement
from bot.faq.entries.entry import Entry
from bot.faq.ranking.calibration import logistic
from bot.faq.ranking.coefficients import tuned
from bot.faq.ranking.feature_names import FollowFeature
from bot.faq.ranking.features import Features, nearest_over_matters
from bot.faq.ranking.index import Index
from bot.faq.scoring.ridge import Scores

LEAST = 0.002  # probabilities are kept this far from 0 and 1, since their log-odds are features
# Minimum probability of the entry sent last if the message clearly asks for a section of it, or for one that it lacks.
SECTION, LACKED = 0.97, 0.5
OTHER = (
    0.5  # maximum probability of the entry sent last if the message asks for a section of another entry, by its name
)


def least_probability(text: str, entry: Entry) -> float:
    """Returns the minimum probability of ``entry``, which was sent last, for the message ``text``.

    SECTION if the message surely asks for sections of the entry, or a cost stated there. Else LACKED if it asks for
    nothing but sections; else 0.
    """
    if asks_about(text, entry.question, entry.body):
        return SECTION
    return LACKED if asks_only_sections(text, entry.question) else 0.0


@dataclass(frozen=True)
class Following:
    """A message that follows the entry ``previous``, with its three judgments.

    ``alone`` is the judgment of the message alone. ``question`` and ``words`` are those of the message joined with the
    entry's question, and with the citizen's question that the entry answered. If ``denied``, the entry surely does not
    answer the message; else its probability is at least ``least`` and at most ``most``.
    """

    text: str
    previous: str
    alone: Judgement
    question: Judgement
    words: Judgement
    denied: bool = False
    least: float = 0.0
    most: float = 1.0

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """Returns the likeliest entries of each judgment, each entry once, in no order."""
        found = (one for some in (self.alone, self.question, self.words) for one in some.candidates)
        return tuple({one.entry: one for one in found}.values())

    def ranked(self, index: Index) -> tuple[Candidate, ...]:
        """Returns the candidates, best first, each with the probability that it answers the message."""
        return tuple(sorted(map(self._known, self._rated(index)), key=lambda one: -one.confidence))

    def _rated(self, index: Index) -> tuple[Candidate, ...]:
        """Returns the candidates with the probabilities computed from the judgments.

        Without out-of-scope topics, OVER has no meaning; then the more certain of two judgments counts.
        """
        if not index.out_of_scope_topics:
            judged = (self.alone,) if self.denied else (self.alone, self.question)
            return max(judged, key=lambda one: one.best.confidence).candidates
        found = self.candidates
        chances = logistic(tuned().following.coefficients, self.features(index)).round(4)
        chances[[self.denied and one.entry == self.previous for one in found]] = 0.0
        return tuple(replace(one, confidence=float(chance)) for one, chance in zip(found, chances, strict=True))

    def _known(self, candidate: Candidate) -> Candidate:
        """Returns the candidate; limits the probability of the entry sent last to ``least`` through ``most``."""
        if candidate.entry != self.previous or self.denied:
            return candidate
        return replace(candidate, confidence=min(max(candidate.confidence, self.least), self.most))

    def features(self, index: Index) -> Features:
        """Returns the features, with a row per item of ``candidates`` and a column per FollowFeature.

        ALONE, QUESTION and WORDS are the log-odds of the entry in the three judgments, RIVAL those of the best other
        entry. MISSED is the share of the message's terms that the entry lacks. OVER is the lead of the similarity to
        the entry over that to its counterexamples and to out-of-scope topics. LENGTH is the log of the number of words.
        Features whose names begin with PREVIOUS are 0 unless the entry was sent last.
        """
        ids = [one.entry for one in self.candidates]
        numbers = np.array([index.ids.index(id) for id in ids])
        previous = np.array([float(id == self.previous) for id in ids])
        alone, rival_alone = _log_odds(self.alone, ids)
        question, rival_question = _log_odds(self.question, ids)
        length = np.log(max(len(self.text.split()), 1))
        values = {
            FollowFeature.ALONE: alone,
            FollowFeature.QUESTION: question,
            FollowFeature.WORDS: _log_odds(self.words, ids)[0],
            FollowFeature.RIVAL_ALONE: rival_alone,
            FollowFeature.RIVAL_QUESTION: rival_question,
            FollowFeature.MISSED: self.alone.evidence.missed_share[0, numbers],
            FollowFeature.OVER: nearest_over_matters(self.alone.evidence, index, numbers),
            FollowFeature.LENGTH: np.full(len(ids), length),
            FollowFeature.PREVIOUS_ALONE: previous * alone,
            FollowFeature.PREVIOUS_RIVAL_ALONE: previous * rival_alone,
            FollowFeature.PREVIOUS_OVER_QUESTION: previous
            * nearest_over_matters(self.question.evidence, index, numbers),
            FollowFeature.PREVIOUS_LENGTH: previous * length,
            FollowFeature.PREVIOUS_GOES_ON: previous * goes_on(self.text),
            FollowFeature.PREVIOUS_TURNS_AWAY: previous * turns_away(self.text),
        }
        return np.stack([values[name] for name in FollowFeature], axis=1).astype(np.float64)


def _log_odds(judged: Judgement, ids: list[str]) -> tuple[Scores, Scores]:
    """Returns the log-odds of each entry, and those of the best other entry."""
    found = {one.entry: one.confidence for one in judged.candidates}
    own = [found.get(id, 0.0) for id in ids]
    rival = [max((chance for other, chance in found.items() if other != id), default=0.0) for id in ids]
    chances = np.clip(np.array([own, rival]), LEAST, 1 - LEAST)
    odds = np.log(chances / (1 - chances))
    return odds[0], odds[1]
