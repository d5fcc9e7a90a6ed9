"""Finds out which texts an entry answers: its own utterances, each as if nobody had written it, and citizens' messages.

An utterance in the index is always recognized. Left out of it, it stands for a citizen who asks in words that the entry
does not have yet.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from bot.core.messages import Candidate
from bot.faq.answering.answerer import Answerer
from bot.faq.answering.decision import offered
from bot.faq.answering.left_out import MOST_OWN
from bot.faq.publishing.effect import answered_by
from bot.faq.ranking.features import likely

MOST_ASKED = 40  # citizens' messages that are judged


class Reached(StrEnum):
    """What becomes of a text; the Spanish texts are in ``entradas.gente.alcance``."""

    ANSWERED = "answered"  # the entry answers
    OFFERED = "offered"  # no entry answers, and the entry is among the choices
    OTHER = "other"  # another entry answers, or only others are choices
    NOTHING = "nothing"  # no entry answers, and none is a choice


@dataclass(frozen=True)
class Reach:
    """What becomes of a text; ``other`` is the id of the entry that answers instead, or that is likelier, else ''."""

    text: str
    is_utterance: bool
    reached: Reached
    other: str = ""


def reach(answerer: Answerer, id: str, asked: Sequence[str]) -> list[Reach]:
    """Returns what becomes of the entry's utterances, and of at most MOST_ASKED messages; blocks for half a second."""
    return [*_of_utterances(answerer, id), *_of_messages(answerer, id, asked[:MOST_ASKED])]


def _of_utterances(answerer: Answerer, id: str) -> Iterator[Reach]:
    index, calibration = answerer.ranked
    if id not in index.ids:
        return
    own = index.utterances[index.class_of[index.utterances] == index.ids.index(id)][:MOST_OWN]
    order, features = likely(index.without_each(own), index)
    chances = calibration.probabilities(features)
    for row, position in enumerate(own):
        by_chance = np.argsort(-chances[row], kind="stable")
        ranked = [(index.ids[order[row, place]], float(chances[row, place])) for place in by_chance]
        answered, choices = _decided(answerer, ranked)
        yield Reach(index.texts[position], True, *_reached(id, answered, choices))


def _decided(answerer: Answerer, ranked: Sequence[tuple[str, float]]) -> tuple[str, list[str]]:
    """Returns the id of the entry that answers, '' if none does, and those of the choices, likeliest first."""
    limits, most = answerer.thresholds, answerer.agency.max_choices
    if ranked[0][1] >= limits.answer:
        return ranked[0][0], []
    questions = {one.id: one.question for one in answerer.entries}
    candidates = tuple(Candidate(one, questions[one], chance) for one, chance in ranked)
    is_likely = sum(chance for _, chance in ranked[:most]) >= limits.offer
    return "", [one.entry for one in offered(candidates, most)] if is_likely else []


def _of_messages(answerer: Answerer, id: str, asked: Sequence[str]) -> Iterator[Reach]:
    decisions = answerer.answers(answerer.read(asked), today=answerer.agency.today())
    for text, decision in zip(asked, decisions, strict=True):
        most = answerer.agency.max_choices if decision.kind == "clarify" else 0
        choices = [one.entry for one in decision.candidates[:most]]
        yield Reach(text, False, *_reached(id, answered_by(decision, id), choices))


def _reached(id: str, answered: str, choices: Sequence[str]) -> tuple[Reached, str]:
    if answered:
        return (Reached.ANSWERED, "") if answered == id else (Reached.OTHER, answered)
    if not choices:
        return Reached.NOTHING, ""
    return Reached.OFFERED if id in choices else Reached.OTHER, "" if choices[0] == id else choices[0]
