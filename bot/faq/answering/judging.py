"""Judges many messages at a time: ranks the entries for each; recognizes topics, chitchat, dangers and commands."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bot.core.messages import Candidate
from bot.faq.answering.judgement import Judgement
from bot.faq.ranking.calibration import Calibration
from bot.faq.ranking.commands import Command, commands_in
from bot.faq.ranking.evidence import Evidence
from bot.faq.ranking.features import likely
from bot.faq.ranking.index import Index
from bot.faq.ranking.out_of_scope import is_chitchat, out_of_scope_topic_of
from bot.faq.ranking.risk import Danger, dangers_in
from bot.faq.ranking.vectorizer import Vectorizer
from bot.faq.scoring.matrix import FeatureMatrix

Candidates = Callable[[str, Mapping[str, float]], tuple[Candidate, ...]]


@dataclass(frozen=True)
class Messages:
    """Texts with their features, dangers and commands; none depends on the entries, so two answerers can share them."""

    texts: Sequence[str]
    rows: FeatureMatrix
    dangers: Sequence[Danger | None]
    commands: Sequence[Command | None]

    @classmethod
    def of(cls, texts: Sequence[str], vectorizer: Vectorizer, *, cached: bool) -> Messages:
        rows = vectorizer.rows(tuple(texts)) if cached else vectorizer.messages(texts)
        return cls(texts, rows, dangers_in(rows, vectorizer.dangers), commands_in(rows, vectorizer.commands))


def judge(messages: Messages, index: Index, calibration: Calibration, candidates: Candidates) -> list[Judgement]:
    """Returns a judgment per text; ``candidates`` converts a text and its entries' probabilities to candidates."""
    evidence = index.evidence(messages.rows)
    order, features = likely(evidence, index)
    probabilities = calibration.probabilities(features)
    judged = []
    for row, text in enumerate(messages.texts):
        own = evidence.row(row)
        found = dict(zip((index.ids[one] for one in order[row]), map(float, probabilities[row]), strict=True))
        number = out_of_scope_topic_of(own, index.topics)
        topic = index.out_of_scope_topics[number] if number is not None else None
        talk, denies = is_chitchat(own, index.themes.start), _denies(own, index)
        dangers, commands = messages.dangers[row], messages.commands[row]
        judged.append(Judgement(candidates(text, found), talk, topic, dangers, commands, denies, own))
    return judged


def _denies(evidence: Evidence, index: Index) -> str | None:
    """Returns the id of the entry whose counterexample is the text nearest to the message; else None.

    ``evidence`` is that of one message.
    """
    owners = np.flatnonzero(index.denied == evidence.nearest[0].argmax())
    return index.ids[owners[0]] if len(owners) else None
