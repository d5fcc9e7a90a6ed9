"""Finds out which texts an entry answers: its own utterances, each as if nobody had written it, and citizens' messages.

An utterance in the index is always recognized. Left out of it, it stands for a citizen who asks in words that the entry
does not have yet.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np

from bot.core.messages import Candidate
from bot.faq.answering.answerer import Answerer
from bot.faq.answering.decision import Decision, offered
from bot.faq.answering.left_out import MOST_OWN, is_answered
from bot.faq.entries.entry import Entry
from bot.faq.ranking.features import likely

MOST_ASKED = 40  # citizens' messages that are judged


class Reached(StrEnum):
    """What becomes of a text; the Spanish texts are in ``entradas.gente.alcance``."""

    ANSWERED = "answered"  # the entry answers, perhaps after asking for whom
    EXPIRED = "expired"  # the entry would answer, but its last day is over
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


@dataclass(frozen=True)
class Found:
    """What becomes of an entry's utterances, and of citizens' messages: ``reach``.

    ``utterances`` counts those of the entry's file, of which at most MOST_OWN are judged.
    """

    reach: tuple[Reach, ...]
    utterances: int
    is_expired: bool

    def to_data(self) -> dict[str, Any]:
        return asdict(self)


def reach(answerer: Answerer, entry: Entry, asked: Sequence[str]) -> Found:
    """Returns what becomes of the utterances of the entry's file, and of at most MOST_ASKED messages.

    Other files of the entry's id are for other audiences. Blocks for half a second.
    """
    judged = [*_of_utterances(answerer, entry), *_of_messages(answerer, entry.id, asked[:MOST_ASKED])]
    is_expired = entry.expired(answerer.agency.today())
    rows = (
        replace(one, reached=Reached.EXPIRED) if is_expired and one.reached is Reached.ANSWERED else one
        for one in judged
    )
    return Found(tuple(rows), len(entry.utterances), is_expired)


def _of_utterances(answerer: Answerer, entry: Entry) -> Iterator[Reach]:
    index, calibration = answerer.ranked
    if entry.id not in index.ids:
        return
    of_id = index.utterances[index.class_of[index.utterances] == index.ids.index(entry.id)]
    written = frozenset(entry.utterances)
    own = np.array([one for one in of_id if index.texts[one] in written][:MOST_OWN], dtype=np.int64)
    order, features = likely(index.without_each(own), index)
    chances = calibration.probabilities(features)
    for row, position in enumerate(own):
        by_chance = np.argsort(-chances[row], kind="stable")
        ranked = [(index.ids[order[row, place]], float(chances[row, place])) for place in by_chance]
        text = index.texts[position]
        answered, choices = _decided(answerer, text, ranked)
        yield Reach(text, True, *_reached(entry.id, answered, choices))


def _decided(answerer: Answerer, text: str, ranked: Sequence[tuple[str, float]]) -> tuple[str, list[str]]:
    """Returns the id of the entry that answers, '' if none does, and those of the choices, likeliest first."""
    limits, most = answerer.thresholds, answerer.agency.max_choices
    if is_answered(answerer, text, *ranked[0]):
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
        yield Reach(text, False, *_reached(id, _meant(decision, id), choices))


def _meant(decision: Decision, wanted: str) -> str:
    """Returns the id of the entry that a message goes to, '' if it goes to none; ``wanted`` takes precedence.

    Entries that answer once the citizen has said for whom they ask count, and so do expired ones.
    """
    ids = [one.id for one in decision.answers] + ([decision.asks.entry] if decision.asks else [])
    return wanted if wanted in ids else next(iter(ids), "")


def _reached(id: str, answered: str, choices: Sequence[str]) -> tuple[Reached, str]:
    if answered:
        return (Reached.ANSWERED, "") if answered == id else (Reached.OTHER, answered)
    if not choices:
        return Reached.NOTHING, ""
    return Reached.OFFERED if id in choices else Reached.OTHER, "" if choices[0] == id else choices[0]
