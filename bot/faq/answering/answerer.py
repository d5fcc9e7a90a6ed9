"""Decides what to do with a citizen's message: answer it, ask which of a few entries is meant, or hand it to a person.

Called by the action server for each question, by ``ventanilla ask`` and ``ventanilla eval``. An Answerer never changes:
``watch`` makes a new one when the FAQ does.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Literal

from bot.agency.model import Agency
from bot.core.messages import Candidate
from bot.faq.answering.follow_up import in_two, is_bare, leans, own_stems
from bot.faq.encoder.encoder import MAX_CHARS, sanitised
from bot.faq.entries.audience import Ask, best_for, by_audience, missing, possible_for
from bot.faq.entries.context import NO_CONTEXT, Context
from bot.faq.entries.entry import Entry
from bot.faq.ranking.background import OutOfScopeTopic
from bot.faq.ranking.calibration import Thresholds, calibrate
from bot.faq.ranking.coefficients import tuned
from bot.faq.ranking.features import likely
from bot.faq.ranking.index import Index
from bot.faq.ranking.out_of_scope import is_chitchat, out_of_scope_topic_of
from bot.faq.ranking.vectorizer import Vectorizer
from bot.faq.words.keywords import KEPT_ENTRIES, Keywords
from bot.text.normalize import plain

Kind = Literal["answer", "clarify", "refer", "scope", "handoff"]
MIN_LETTERS = 3
MIN_LATIN_SHARE = 0.5


@dataclass(frozen=True)
class Decision:
    """``candidates`` are the likeliest entries, best first, with P of each. ``entry`` is the one to answer with; with
    kind ``handoff`` it is the entry that would have answered but has expired. ``also`` is the entry for the second
    question of a message that asks two. ``out_of_scope_topic`` is what it is about when somebody else sees to it (kind
    ``refer``, or ``handoff`` when that is another office of the agency). Kind ``scope``: everyday talk.
    """

    kind: Kind
    candidates: tuple[Candidate, ...] = ()
    entry: Entry | None = None
    also: Entry | None = None
    out_of_scope_topic: OutOfScopeTopic | None = None
    asks: Ask | None = None
    """With kind ``clarify``: what must be known of the citizen before the entry, whose id it names, can be chosen."""
    follows: bool = False
    """Whether the message was understood as going on about the entry answered before."""
    risk: bool = False
    """Whether no entry answers, and the message may tell of a danger."""
    variants: tuple[Entry, ...] = ()
    """With kind ``answer``, instead of ``entry``: one for each audience that who did not say may belong to."""


@dataclass(frozen=True)
class _Judgement:
    """What one text seems to be about: the likeliest entries, whether it is everyday talk, whose matter it is, whether
    it may tell of a danger."""

    candidates: tuple[Candidate, ...]
    chitchat: bool
    out_of_scope_topic: OutOfScopeTopic | None
    risk: bool = False

    @property
    def best(self) -> Candidate:
        return self.candidates[0]


class Answerer:
    """The published FAQ. Safe to call from several threads."""

    def __init__(self, entries: Sequence[Entry], vectorizer: Vectorizer, agency: Agency) -> None:
        """Publishes ``entries``: about a second for 70 entries of 40 wordings whose vectors are known."""
        self._vectorizer, self._numbers = vectorizer, tuned().answerer
        self._choices = agency.max_choices
        self._askable = agency.segments
        self._audiences = by_audience(entries)
        self._entries = {id: variants[0] for id, variants in self._audiences.items()}
        self._index = index_of(entries, vectorizer)
        self._calibration = calibrate(self._index, risk=agency.risk, choices=agency.max_choices)
        self._keywords = Keywords(entries)
        self._exact = {utterance: entry.id for entry in entries for utterance in _plain(entry.utterances)}

    @property
    def thresholds(self) -> Thresholds:
        """Above which probability it answers or offers."""
        return self._calibration.thresholds

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Every published entry, one for each id."""
        return tuple(self._entries.values())

    def entry(self, id: str, context: Context = NO_CONTEXT) -> Entry | None:
        """The entry with that id that is most specific to the citizen, else the one for everybody."""
        return best_for(self._audiences.get(id, ()), context.audience) or self._entries.get(id)

    def chosen(self, id: str, *, today: date, context: Context = NO_CONTEXT) -> Decision | None:
        """The answer of the entry with that id for this citizen, or what to ask them; None when there is no such entry.

        ``candidates`` is that entry alone, as certain as a click is.
        """
        entry = self._entries.get(id)
        if entry is None:
            return None
        return self._found((Candidate(id, entry.question, 1.0),), id, today, context)

    def answer(self, text: str, *, today: date, context: Context = NO_CONTEXT) -> Decision:
        """Never raises, whatever the text. About 10 ms, two or three times that for a message that may ask two things
        or lean on the one before: call it in a thread.
        """
        if not self._entries or not is_readable(text):
            return Decision("handoff")
        judged = self._judged(text)
        decision = self._decided(text, judged, today, context)
        found = decision.entry or decision.variants or decision.asks
        return replace(decision, risk=True) if judged.risk and not found else decision

    def _decided(self, text: str, judged: _Judgement, today: date, context: Context) -> Decision:
        """What is done with a message that can be read."""
        if len(text.strip()) > MAX_CHARS:
            return Decision("handoff", judged.candidates)
        named = self._named(text, judged.candidates)
        if self._goes_on(text, judged, context):
            return self._followed(text, today, context) or self._unsure(judged, named)
        if is_bare(text) and judged.best.confidence < self._numbers.exact:  # it does not say of which procedure
            return self._unsure(judged, named)
        if len(named) > 1 and plain(text) not in self._exact:
            return Decision("clarify", named)
        if two := self._two(text, judged):
            ids = {one.entry for one in two}
            rest = tuple(one for one in judged.candidates if one.entry not in ids)
            return self._found((*two, *rest), two[0].entry, today, context, also=two[1].entry)
        if judged.best.confidence >= self.thresholds.answer:
            return self._found(judged.candidates, judged.best.entry, today, context)
        return self._unsure(judged, named)

    def _found(
        self,
        candidates: tuple[Candidate, ...],
        id: str,
        today: date,
        context: Context,
        *,
        also: str | None = None,
        follows: bool = False,
    ) -> Decision:
        """The entry, for this citizen; asks first when which one depends on something that is not known of them."""
        variants = self._audiences[id]
        second = best_for(self._audiences[also], context.audience) if also and also != id else None
        if ask := missing(variants, context.audience, self._askable):
            return Decision("clarify", candidates, also=second, asks=ask)
        entry = best_for(variants, context.audience)
        if entry is None:
            return self._for_each(candidates, possible_for(variants, context.audience), today)
        kind: Kind = "handoff" if entry.expired(today) else "answer"
        return Decision(kind, candidates, entry, also=second, follows=follows)

    def _for_each(self, candidates: tuple[Candidate, ...], variants: Sequence[Entry], today: date) -> Decision:
        """All of the few variants that a citizen may need who did not say which; else a person."""
        served = tuple(entry for entry in variants if not entry.expired(today))
        if not 0 < len(served) <= self._choices:
            return Decision("handoff", candidates)
        return Decision("answer", candidates, variants=served)

    def _unsure(self, judged: _Judgement, named: tuple[Candidate, ...]) -> Decision:
        """What to do with a message that no entry surely answers."""
        likely = sum(one.confidence for one in judged.candidates[: self._choices])
        chitchat = judged.chitchat and likely < self._numbers.hardly_any
        if judged.out_of_scope_topic and likely < self._numbers.hardly_any:
            return Decision(
                "handoff" if judged.out_of_scope_topic.is_agencys else "refer",
                judged.candidates,
                out_of_scope_topic=judged.out_of_scope_topic,
            )
        if not chitchat and likely >= self.thresholds.offer:
            return Decision("clarify", self._offered(judged.candidates))
        if named:
            return Decision("clarify", named)
        return Decision("scope" if chitchat else "handoff", judged.candidates)

    def _goes_on(self, text: str, judged: _Judgement, context: Context) -> bool:
        """Whether the message leans on the entry answered before and is no whole question of its own."""
        previous = context.previous
        if previous not in self._entries or not leans(text, self._keywords.said_of(self._entries[previous])):
            return False
        alone = judged.best.confidence >= self.thresholds.answer and judged.best.entry != previous
        return is_bare(text) or not alone

    def _followed(self, text: str, today: date, context: Context) -> Decision | None:
        """The answer to what goes on about the entry before: that one again, or a neighbour that fits better."""
        previous = self._entries[context.previous or ""]
        joined = self._judged(f"{previous.question} {text}")
        enough = self._numbers.minimum_followed if joined.best.entry == previous.id else self.thresholds.answer
        if joined.best.confidence < enough:
            return None
        return self._found(joined.candidates, joined.best.entry, today, context, follows=True)

    def _two(self, text: str, judged: _Judgement) -> tuple[Candidate, Candidate] | None:
        """The two entries that a message asks for, each surely in a part of its own and possible in the whole."""
        likely = tuple(one.entry for one in judged.candidates)
        if len(text.split()) < self._numbers.minimum_words_for_two or len(likely) == 1:
            return None
        if judged.best.confidence < self._numbers.hardly_any:
            return None
        cuts = in_two(text, certain=judged.candidates[1].confidence >= self._numbers.second_likely)
        return next(filter(None, (self._both(cut, likely) for cut in cuts if self._name_two(cut, likely))), None)

    def _name_two(self, cut: tuple[str, str], likely: Sequence[str]) -> bool:
        """Whether the parts name different entries, one of them the likeliest of the whole. Judging a part costs as
        much as judging a message, this next to nothing, and few cuts come this far.
        """
        named = {self._keywords.most_named(own_stems(part), likely) for part in cut}
        return len(named) == len(cut) and None not in named and likely[0] in named

    def _both(self, cut: tuple[str, str], likely: Container[str]) -> tuple[Candidate, Candidate] | None:
        """The entries of both parts, when it is sure enough that both are right. The shorter part is judged first: it
        takes less time and is less often sure, and then the longer one need not be judged.
        """
        best: dict[str, Candidate] = {}
        sure = 1.0
        for part in sorted(cut, key=len):
            best[part] = self._judged(part).best
            sure *= best[part].confidence
            if sure < self.thresholds.answer or best[part].entry not in likely:
                return None
        first, second = (best[part] for part in cut)
        return (first, second) if first.entry != second.entry else None

    def _named(self, text: str, candidates: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
        """The candidates that a message of a word or two names, at most the agency's number of choices."""
        named = self._keywords.named(text)
        return tuple(one for one in candidates if one.entry in named)[: self._choices]

    def _offered(self, candidates: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
        """At most the agency's number of choices, without those that are hardly possible."""
        possible = [one for one in candidates if one.confidence >= self._numbers.minimum_offered]
        return candidates[: min(self._choices, max(len(possible), 1))]

    def candidates(self, text: str) -> tuple[Candidate, ...]:
        """The likeliest entries, best first, each with P(it answers ``text``)."""
        return self._judged(text).candidates

    def _judged(self, text: str) -> _Judgement:
        entries, out_of_scope_topics = len(self._index.ids), len(self._index.out_of_scope_topics)
        message = self._vectorizer.message(text)
        evidence = self._index.evidence(message)
        order, features = likely(evidence, self._index)
        chances = self._calibration.probabilities(features)[0]
        found = {self._index.ids[number]: float(chance) for number, chance in zip(order[0], chances, strict=True)}
        if exact := self._exact.get(plain(text)):
            found[exact] = max(found.get(exact, 0.0), self._numbers.exact)
        ranked = sorted(found.items(), key=lambda pair: -pair[1])
        candidates = tuple(Candidate(id, self._entries[id].question, round(chance, 4)) for id, chance in ranked)
        number = out_of_scope_topic_of(evidence, entries, out_of_scope_topics)
        out_of_scope_topic = self._index.out_of_scope_topics[number] if number is not None else None
        risk = self._vectorizer.dangers.seems(message.dense[0])
        return _Judgement(candidates, is_chitchat(evidence, entries, out_of_scope_topics), out_of_scope_topic, risk)


@lru_cache(maxsize=KEPT_ENTRIES)
def _plain(utterances: tuple[str, ...]) -> tuple[str, ...]:
    """Remembered, so that a publish reads only the entries that changed."""
    return tuple(map(plain, utterances))


def index_of(entries: Sequence[Entry], vectorizer: Vectorizer) -> Index:
    """The index without the matters of the atlas that an entry is about too."""
    index = Index(entries, vectorizer)
    silenced = index.overlapping()
    return Index(entries, vectorizer, silenced) if silenced else index


def is_readable(text: str) -> bool:
    """Whether there is something in Latin letters to understand: not empty, not only emoji, not another script."""
    letters = [char for char in sanitised(text) if char.isalpha()]
    if len(letters) < MIN_LETTERS:
        return False
    return sum(char <= "\u024f" for char in letters) / len(letters) >= MIN_LATIN_SHARE
