"""Estimates which entry answers a message that follows an answer.

Such a message may go on about the entry sent last («¿y cuánto sale?»), turn to another entry, or ask something that no
entry answers («¿y si es para mi empresa?»). So it is judged three times: alone, joined with the question of the entry
sent last, and joined with the citizen's question that this entry answered. From these judgments and from signs in the
message, a logistic regression computes the probability of each entry. Its coefficients are fitted by
benchmarks/fit_follow_ups.py. A message that clearly asks for a section of the entry sent last, or for a cost that this
entry states (asked_section.py), is about that entry; if the entry has no such section, it is at least offered again.
But if the message names another entry and asks for a section of that entry («cuánto vale el pasaporte», after the
driving licence), the entry sent last is at most offered. A message that names nothing («y si soy extranjero»), or only
with a pronoun («me lo mandan por correo?»), is about no other subject than that of the entry sent last.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from bot.core.messages import Candidate
from bot.core.outgoing.hosts import site
from bot.faq.answering.asked_section import asks_about, asks_only_sections
from bot.faq.answering.follow_up import goes_on, is_bare, names_no_procedure, own_stems, turns_away
from bot.faq.answering.judgement import Judgement
from bot.faq.entries.entry import Entry
from bot.faq.ranking.calibration import logistic
from bot.faq.ranking.coefficients import tuned
from bot.faq.ranking.feature_names import FollowFeature
from bot.faq.ranking.features import SMALLEST_SHARE, Features, nearest_over_denied, nearest_over_matters
from bot.faq.ranking.index import Index
from bot.faq.scoring.ridge import EntryIndices, Scores
from bot.faq.words.keywords import Keywords, Subjects
from bot.faq.words.wording import named_stems, stays

LEAST = 0.002  # probabilities are kept this far from 0 and 1, since their log-odds are features
# Minimum probability of the entry sent last if the message clearly asks for a section of it, or for one that it lacks.
SECTION, LACKED = 0.97, 0.5
OTHER = (
    0.5  # maximum probability of the entry sent last if the message asks for a section of another entry, by its name
)


def least_probability(text: str, entry: Entry, subjects: Subjects) -> float:
    """Returns the minimum probability of ``entry``, which was sent last, for the message ``text``.

    SECTION if the message surely asks for sections of the entry, or a cost stated there. Else LACKED if it asks for
    nothing but sections, or names nothing; else 0.
    """
    if asks_about(text, entry.question, entry.body):
        return SECTION
    return LACKED if asks_only_sections(text, entry.question) or stays(text, subjects) else 0.0


def names_nothing(text: str, subjects: Subjects) -> bool:
    """Returns whether a message after an entry names nothing new, or only asks for kinds of sections."""
    return names_no_procedure(text, subjects) or asks_only_sections(text, "")


def strangers_after(text: str, sent: Entry, keywords: Keywords, hours: Entry | None) -> frozenset[str]:
    """Returns the ids of the entries that ``text``, written after the entry ``sent``, is surely not about.

    ``hours`` is the entry on the agency's opening hours. It is possible after an entry of the agency itself, or whose
    answer leads to the agency's site; not after one of another body.
    """
    if not names_nothing(text, keywords.subjects):
        return frozenset()
    place = site(hours.source.url) if hours else ""
    own = hours is not None and (place == site(sent.source.url) or place in sent.body)
    return keywords.strangers(named_stems(text, keywords.subjects), sent.id) - ({hours.id} if hours and own else set())


@dataclass(frozen=True)
class Following:
    """A message that follows the entry ``previous``, with its three judgments.

    ``alone`` is the judgment of the message alone. ``question`` and ``words`` are those of the message joined with the
    entry's question, and with the citizen's question that the entry answered. ``keywords`` are those of all entries. If
    ``denied``, the entry surely does not answer the message; else its probability is at least ``least`` and at most
    ``most``. The message is surely not about ``strangers``, other entries.
    """

    text: str
    previous: str
    alone: Judgement
    question: Judgement
    words: Judgement
    keywords: Keywords
    denied: bool = False
    least: float = 0.0
    most: float = 1.0
    strangers: frozenset[str] = frozenset()

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
        """Returns the candidate; limits the probability of the entry sent last to ``least`` through ``most``.

        That of a stranger becomes 0.
        """
        if candidate.entry in self.strangers:
            return replace(candidate, confidence=0.0)
        if candidate.entry != self.previous or self.denied:
            return candidate
        return replace(candidate, confidence=min(max(candidate.confidence, self.least), self.most))

    def features(self, index: Index) -> Features:
        """Returns the features, with a row per item of ``candidates`` and a column per FollowFeature.

        ALONE, QUESTION and WORDS are the log-odds of the entry in the three judgments, RIVAL those of the best other
        entry; FIRST is 1 for the best entry of a judgment. NAMED is 1 if the message has a keyword of the entry that
        the entry sent last lacks. LOG_SHARE is the log of the share of similarity, NEAREST the similarity to the
        entry's nearest text. OVER is its lead over the entry's counterexamples and out-of-scope topics, OVER_DENIED
        that over the counterexamples, 0 without any; DENIES is 1 if the entry has some. Features whose names begin with
        PREVIOUS are 0 unless the entry was sent last. MISSED is the share of the message's terms that the entry lacks,
        BARE is 1 if the message names no procedure, and LENGTH is the log of the number of words.
        """
        ids = [one.entry for one in self.candidates]
        numbers = np.array([index.ids.index(id) for id in ids])
        values = self._judged_features(ids, numbers, index) | self._previous_features(ids, numbers, index)
        return np.stack([values[name] for name in FollowFeature], axis=1).astype(np.float64)

    def _judged_features(self, ids: list[str], numbers: EntryIndices, index: Index) -> dict[FollowFeature, Scores]:
        """Returns the features of any entry."""
        alone, question, words = (one.evidence for one in (self.alone, self.question, self.words))
        stems, first = own_stems(self.text, self.keywords.subjects), self.words.best.entry
        named = [id != self.previous and self.keywords.tell_apart(stems, id, self.previous) for id in ids]
        return {
            FollowFeature.ALONE: _log_odds(self.alone, ids)[0],
            FollowFeature.QUESTION: _log_odds(self.question, ids)[0],
            FollowFeature.WORDS: _log_odds(self.words, ids)[0],
            FollowFeature.FIRST_BY_WORDS: np.array([float(id == first) for id in ids]),
            FollowFeature.RIVAL_ALONE: _log_odds(self.alone, ids)[1],
            FollowFeature.NAMED: np.array(named, float),
            FollowFeature.LOG_SHARE_ALONE: np.log(alone.shares[0, numbers] + SMALLEST_SHARE),
            FollowFeature.LOG_SHARE_WORDS: np.log(words.shares[0, numbers] + SMALLEST_SHARE),
            FollowFeature.NEAREST_ALONE: alone.nearest[0, numbers],
            FollowFeature.NEAREST_QUESTION: question.nearest[0, numbers],
            FollowFeature.OVER: nearest_over_matters(alone, index, numbers),
            FollowFeature.OVER_DENIED_QUESTION: nearest_over_denied(question, index, numbers),
        }

    def _previous_features(self, ids: list[str], numbers: EntryIndices, index: Index) -> dict[FollowFeature, Scores]:
        """Returns the features that are 0 unless the entry was sent last."""
        previous = np.array([float(id == self.previous) for id in ids])
        alone, rival = _log_odds(self.alone, ids)
        return {
            FollowFeature.PREVIOUS_ALONE: previous * alone,
            FollowFeature.PREVIOUS_RIVAL_ALONE: previous * rival,
            FollowFeature.PREVIOUS_NEAREST_WORDS: previous * self.words.evidence.nearest[0, numbers],
            FollowFeature.PREVIOUS_OVER_DENIED: previous * nearest_over_denied(self.alone.evidence, index, numbers),
            FollowFeature.PREVIOUS_DENIES: previous * (index.denied[numbers] < index.classes),
            FollowFeature.PREVIOUS_MISSED: previous * self.alone.evidence.missed_share[0, numbers],
            FollowFeature.PREVIOUS_BARE: previous * is_bare(self.text, self.keywords.subjects),
            FollowFeature.PREVIOUS_LENGTH: previous * np.log(max(len(self.text.split()), 1)),
            FollowFeature.PREVIOUS_GOES_ON: previous * goes_on(self.text),
            FollowFeature.PREVIOUS_TURNS_AWAY: previous * turns_away(self.text),
        }


def _log_odds(judged: Judgement, ids: list[str]) -> tuple[Scores, Scores]:
    """Returns the log-odds of each entry, and those of the best other entry."""
    found = {one.entry: one.confidence for one in judged.candidates}
    own = [found.get(id, 0.0) for id in ids]
    rival = [max((chance for other, chance in found.items() if other != id), default=0.0) for id in ids]
    chances = np.clip(np.array([own, rival]), LEAST, 1 - LEAST)
    odds = np.log(chances / (1 - chances))
    return odds[0], odds[1]
