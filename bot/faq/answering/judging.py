"""Judges many messages at a time: ranks the entries for each; recognizes topics, chitchat, dangers and commands."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from bot.core.messages import Candidate
from bot.faq.answering.judgement import Judgement
from bot.faq.answering.parts import dangers_of_parts, parts_of, promising, wants_person
from bot.faq.ranking.calibration import Calibration
from bot.faq.ranking.commands import Command, commands_in
from bot.faq.ranking.evidence import Evidence
from bot.faq.ranking.features import Features, likely
from bot.faq.ranking.index import Index
from bot.faq.ranking.out_of_scope import out_of_scope_topic_of, outweighed_by_chitchat
from bot.faq.ranking.risk import Danger, dangers_in
from bot.faq.ranking.vectorizer import Vectorizer
from bot.faq.ranking.verifying import Verifying
from bot.faq.scoring.matrix import FeatureMatrix
from bot.text.brief import BriefTexts

KEPT_TEXTS = 128
Candidates = Callable[[str, Mapping[str, float]], tuple[Candidate, ...]]


@dataclass(frozen=True)
class Messages:
    """Texts with their features, dangers, commands and the dangers in their parts.

    None depends on the entries, so two answerers can share them. The verifier reads whole messages only.
    """

    texts: Sequence[str]
    rows: FeatureMatrix
    dangers: Sequence[Danger | None]
    commands: Sequence[Command | None]
    in_parts: Sequence[Danger | None]
    whole: bool = True

    @classmethod
    def of(cls, texts: Sequence[str], vectorizer: Vectorizer, *, cached: bool) -> Messages:
        """Reads messages; their parts are embedded with them, and only dangers are looked for in these."""
        parts, count = promising([parts_of(text) for text in texts], vectorizer), len(texts)
        read = (*texts, *chain.from_iterable(parts))
        rows = vectorizer.rows(read) if cached else vectorizer.messages(read)
        own, dangers, commands = rows[:count], dangers_in(rows, vectorizer.dangers), vectorizer.commands
        in_parts = dangers_of_parts(
            parts, dangers[count:], lambda part: wants_person(rows[count + part : count + part + 1], commands)
        )
        return cls(texts, own, dangers[:count], commands_in(own, commands), tuple(in_parts))

    @classmethod
    def ranked(cls, texts: Sequence[str], vectorizer: Vectorizer) -> Messages:
        """Returns parts of messages, or messages joined with earlier text; recognizes no danger or command in them."""
        nothing = [None] * len(texts)
        return cls(texts, vectorizer.messages(texts), nothing, nothing, nothing, whole=False)


class KeptJudgements:
    """The judgments of the newest KEPT_TEXTS texts, since a text may be judged up to three times; thread-safe.

    The bot asks for a confident answer, then Rasa's action for any answer, and then the bot may ask for the danger.
    """

    def __init__(self) -> None:
        self._kept = BriefTexts[Judgement](KEPT_TEXTS)

    def of(self, texts: Sequence[str], judged: Callable[[Sequence[str]], Sequence[Judgement]]) -> list[Judgement]:
        """Returns the judgment of each text, in order; ``judged`` computes all missing judgments in one call."""
        found = {text: kept for text in texts if (kept := self._kept.get(text)) is not None}
        if missing := [text for text in dict.fromkeys(texts) if text not in found]:
            for text, one in zip(missing, judged(missing), strict=True):
                found[text] = self._kept.keep(text, one)
        return [found[text] for text in texts]


class PartJudge:
    """Judges parts of messages: recognizes their dangers and commands, and ranks no entries; thread-safe."""

    def __init__(self, vectorizer: Vectorizer) -> None:
        self._vectorizer, self._kept = vectorizer, KeptJudgements()

    def __call__(self, part: str) -> Judgement:
        return self._kept.of((part,), self._judged)[0]

    def _judged(self, texts: Sequence[str]) -> list[Judgement]:
        rows = self._vectorizer.messages(texts)
        found = zip(
            dangers_in(rows, self._vectorizer.dangers), commands_in(rows, self._vectorizer.commands), strict=True
        )
        return [Judgement((), 0.0, None, danger, command) for danger, command in found]


def judge(
    messages: Messages,
    index: Index,
    calibration: Calibration,
    candidates: Candidates,
    verifying: Verifying | None = None,
) -> list[Judgement]:
    """Returns a judgment per text; ``candidates`` converts a text and its entries' probabilities to candidates."""
    evidence = index.evidence(messages.rows)
    order, features = likely(evidence, index)
    probabilities = calibration.probabilities(features)
    read: Mapping[int, Features] = {}
    if verifying and messages.whole:
        read = verifying.corrected(messages.texts, messages.rows, order, probabilities)
    judged = []
    for row, text in enumerate(messages.texts):
        own, ids = evidence.row(row), [index.ids[one] for one in order[row]]
        chances = (probabilities[row], read[row]) if row in read else (probabilities[row],)
        found, *verified = (candidates(text, dict(zip(ids, map(float, some), strict=True))) for some in chances)
        number = out_of_scope_topic_of(own, index.topics)
        topic = index.out_of_scope_topics[number] if number is not None else None
        talk, denies = outweighed_by_chitchat(own, index.themes.start), _denies(own, index)
        recognized = messages.dangers[row], messages.commands[row]
        judged.append(Judgement(found, talk, topic, *recognized, denies, own, messages.in_parts[row], *verified))
    return judged


def _denies(evidence: Evidence, index: Index) -> str | None:
    """Returns the id of the entry whose counterexample is the text nearest to the message; else None.

    ``evidence`` is that of one message.
    """
    owners = np.flatnonzero(index.denied == evidence.nearest[0].argmax())
    return index.ids[owners[0]] if len(owners) else None
