"""Decides how to respond to a message: answer, ask which entry is meant, refer, recognize chitchat, or hand off.

The entries of an Answerer never change: when the FAQ changes, bot/faq/publishing builds a new Answerer. Only the
thresholds change, by ``learn``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from bot.agency.model import Agency
from bot.core.messages import Candidate
from bot.faq.answering.asked_section import mentions_a_section
from bot.faq.answering.context import NO_CONTEXT, Context
from bot.faq.answering.decision import Decision, offered, with_danger
from bot.faq.answering.experience import Experience
from bot.faq.answering.fitting import Fitting
from bot.faq.answering.follow_up import is_bare, own_stems
from bot.faq.answering.following import OTHER, Following, least_probability
from bot.faq.answering.judgement import Judgement
from bot.faq.answering.judging import Messages, judge
from bot.faq.answering.notices import NoticeWordings
from bot.faq.answering.readable import is_readable, plain_all
from bot.faq.answering.rejection import without_rejection
from bot.faq.answering.two_questions import TwoQuestions
from bot.faq.encoder.encoder import MAX_CHARS
from bot.faq.entries.audience import best_for, by_audience
from bot.faq.entries.entry import Entry
from bot.faq.ranking.calibration import Calibration, Thresholds, calibrate
from bot.faq.ranking.coefficients import tuned
from bot.faq.ranking.features import CONSIDERED
from bot.faq.ranking.index import Index
from bot.faq.ranking.indexing import index_of
from bot.faq.ranking.risk import Danger
from bot.faq.ranking.vectorizer import Vectorizer
from bot.faq.words.keywords import Keywords, content_stems
from bot.text.complaint import matter_of_complaint, says_complaint
from bot.text.normalize import plain

KEPT_TEXTS = 64
ENOUGH_TO_KEEP = 20  # minimum number of entries with which ``changed`` reuses the calibration


class Answerer:
    """An object that decides how to respond to messages, from a fixed set of entries; thread-safe."""

    def __init__(
        self,
        entries: Sequence[Entry],
        vectorizer: Vectorizer,
        agency: Agency,
        *,
        calibration: Calibration | None = None,
    ) -> None:
        """Builds the index, and calibrates it unless ``calibration`` is given.

        For 70 entries, this takes 1 s with the calibration, 0.25 s without it.
        """
        self.vectorizer, self._numbers = vectorizer, tuned().answerer
        self._choices, self._hours_entry = agency.max_choices, agency.hours_entry
        self._audiences = by_audience(entries)
        self._fitting = Fitting(self._audiences, agency.segments, agency.max_choices)
        self._entries = {id: variants[0] for id, variants in self._audiences.items()}
        self._index = index_of(entries, vectorizer)
        self.notices = NoticeWordings(vectorizer, self._index)
        self._calibration = calibration or calibrate(self._index, risk=agency.risk, choices=agency.max_choices)
        self._agency = agency
        self._keywords = Keywords(entries)
        self._exact = {utterance: entry.id for entry in entries for utterance in plain_all(entry.utterances)}
        self._denied = {(text, entry.id) for entry in entries for text in plain_all(entry.counterexamples)}
        self._kept: dict[str, Judgement] = {}

    @property
    def thresholds(self) -> Thresholds:
        """Returns the minimum probabilities for answering and for offering entries."""
        return self._calibration.thresholds

    @property
    def ranked(self) -> tuple[Index, Calibration]:
        return self._index, self._calibration

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Returns one entry per id: the first of its variants for different audiences."""
        return tuple(self._entries.values())

    def changed(self, entries: Sequence[Entry]) -> Answerer:
        """Builds an Answerer for other entries; reuses the calibration if this one has at least ENOUGH_TO_KEEP."""
        keeps = len(self._entries) >= ENOUGH_TO_KEEP
        return Answerer(entries, self.vectorizer, self._agency, calibration=self._calibration if keeps else None)

    def learn(self, experience: Experience) -> None:
        """Adjusts the thresholds to ``experience``, which replaces any earlier experience."""
        self._calibration = self._calibration.corrected(experience.mistake_ratio)

    def entry(self, id: str, context: Context = NO_CONTEXT) -> Entry | None:
        """Returns the variant of an entry that best fits the citizen, else the first one; None for an unknown id."""
        return best_for(self._audiences.get(id, ()), context.audience) or self._entries.get(id)

    def chosen(self, id: str, *, today: date, context: Context = NO_CONTEXT) -> Decision | None:
        """Returns the decision for the entry that the citizen chose; None if there is no entry with this id.

        The decision's only candidate is that entry, with probability 1.
        """
        entry = self._entries.get(id)
        if entry is None:
            return None
        return self._found((Candidate(id, entry.question, 1.0),), id, today, context)

    def answer(self, text: str, *, today: date, context: Context = NO_CONTEXT) -> Decision:
        """Decides how to respond to a message; never raises, whatever the text.

        Takes about 10 ms, and two or three times that after another answer or for two questions, so call it in a
        thread.
        """
        if not self._entries or not is_readable(text):
            return Decision("handoff")
        return self._answer(text, self._judged(text), today, context)

    def answers(self, messages: Messages, *, today: date) -> list[Decision]:
        """Returns the decisions on many messages, each the first of its conversation; much faster than one by one."""
        judged = judge(messages, *self.ranked, self._candidates) if self._entries else [None] * len(messages.texts)
        return [
            self._answer(text, one, today, NO_CONTEXT) if one and is_readable(text) else Decision("handoff")
            for text, one in zip(messages.texts, judged, strict=True)
        ]

    def read(self, texts: Sequence[str], *, cached: bool = False) -> Messages:
        """Prepares messages for ``answers``, in 8 ms each.

        ``cached`` stores the messages' vectors on disk, so it must be False for messages of citizens.
        """
        return Messages.of(texts, self.vectorizer, cached=cached)

    def _answer(self, text: str, judged: Judgement, today: date, context: Context) -> Decision:
        command = judged.command if judged.command and judged.command.sure else None
        decision = replace(self._decided(text, judged, today, context), command=command)
        return with_danger(decision, self._danger_in(text, judged), judged.candidates)

    def _danger_in(self, text: str, judged: Judgement) -> Danger | None:
        """Returns the danger; what rejects the assistant in a request for a person does not count («no me sirves»)."""
        command, danger = judged.command, judged.danger
        rest = without_rejection(text) if command and command.sure and command.name == "ask_human" else ""
        possible = rest and danger and danger.kind == "suicidio" and not danger.sure
        return self._judged(rest).danger if possible else danger

    def _decided(self, text: str, judged: Judgement, today: date, context: Context) -> Decision:
        """Decides how to respond to a readable message."""
        if len(text.strip()) > MAX_CHARS:
            return Decision("handoff", judged.candidates)
        named = self._named(text, judged.candidates)
        matter = "" if plain(text) in self._exact else matter_of_complaint(text)
        on_complaints = says_complaint(judged.best.question) and judged.best.confidence >= self.thresholds.answer
        if matter and not (on_complaints and content_stems(matter)):
            return self._complained(text, matter, judged, today, context)
        if context.previous in self._entries and (is_bare(text) or plain(text) not in self._exact):
            return self._after_another(text, judged, named, today, context)
        if is_bare(text) and not self._is_complete(text, judged.best):  # names no procedure
            return self._unsure(judged, named)
        if len(named) > 1 and plain(text) not in self._exact:
            return Decision("clarify", named)
        if two := self._both(text, judged, today, context):
            return two
        if judged.best.confidence >= max(self.thresholds.answer, context.certainty):
            return self._found(judged.candidates, judged.best.entry, today, context)
        return self._unsure(judged, named)

    def _complained(self, text: str, matter: str, judged: Judgement, today: date, context: Context) -> Decision:
        """Decides how to respond to a complaint about a ``matter``; ``judged`` is that of the whole message, ``text``.

        An entry answers, or is offered, only if it is as likely for the matter alone: «reclamar que no pasa la basura»
        resembles the wordings of an entry on charges for refuse. Offered are the entries likely for the matter.
        A matter that names no procedure («eso») is not judged: an entry that resembles it is no answer.
        """
        if is_bare(matter):
            return Decision("handoff", judged.candidates)
        if two := self._both(text, judged, today, context):
            return two
        told, whole = self._judged(matter), {one.entry: one.confidence for one in judged.candidates}
        agreed = [replace(one, confidence=min(one.confidence, whole.get(one.entry, 0.0))) for one in told.candidates]
        if agreed[0].confidence >= max(self.thresholds.answer, context.certainty):
            return self._found(judged.candidates, agreed[0].entry, today, context)
        unsure = self._unsure(replace(judged, candidates=tuple(sorted(agreed, key=lambda one: -one.confidence))), ())
        return Decision("clarify", offered(told.candidates, self._choices)) if unsure.kind == "clarify" else unsure

    def _after_another(
        self, text: str, judged: Judgement, named: tuple[Candidate, ...], today: date, context: Context
    ) -> Decision:
        """Decides how to respond to a message after an entry was sent; that entry must exist."""
        ranked = self.following(text, context).ranked(self._index)[:CONSIDERED]
        best, again = ranked[0], ranked[0].entry == context.previous
        if best.confidence < max(self.thresholds.answer, context.certainty):
            return self._unsure(replace(judged, candidates=ranked), named)
        alone = best.entry == judged.best.entry and judged.best.confidence >= self.thresholds.answer
        if alone and not again and (two := self._both(text, judged, today, context)):
            return two
        return self._found(ranked, best.entry, today, context, follows=again or not alone)

    def _both(self, text: str, judged: Judgement, today: date, context: Context) -> Decision | None:
        """Returns the decision to answer two questions; None unless the message clearly asks two."""

        def judge_part(part: str) -> Judgement:
            return self._judged(matter_of_complaint(part) or part)

        two = TwoQuestions(self._keywords, judge_part, self.thresholds.answer).of(text, judged)
        if not two or two[0].confidence * two[1].confidence < context.certainty:
            return None
        ids = (two[0].entry, two[1].entry)
        rest = tuple(one for one in judged.candidates if one.entry not in ids)
        return self._fitting.both((*two, *rest), ids, today, context.audience)

    def _found(
        self, candidates: tuple[Candidate, ...], id: str, today: date, context: Context, *, follows: bool = False
    ) -> Decision:
        return self._fitting.one(candidates, id, today, context.audience, follows=follows)

    def _is_complete(self, text: str, best: Candidate) -> bool:
        """Returns whether a text that names no procedure is complete: an utterance, or about opening hours."""
        about_hours = best.entry == self._hours_entry and best.confidence >= self._numbers.exact
        return about_hours or plain(text) in self._exact

    def _unsure(self, judged: Judgement, named: tuple[Candidate, ...]) -> Decision:
        """Decides how to respond to a message that no entry answers with enough confidence."""
        total = sum(one.confidence for one in judged.candidates[: self._choices])
        chitchat = judged.chitchat and total < self._numbers.hardly_any
        if judged.out_of_scope_topic and total < self._numbers.hardly_any:
            return Decision(
                "handoff" if judged.out_of_scope_topic.is_agencys else "refer",
                judged.candidates,
                out_of_scope_topic=judged.out_of_scope_topic,
            )
        if not chitchat and total >= self.thresholds.offer:
            return Decision("clarify", offered(judged.candidates, self._choices))
        if named:
            return Decision("clarify", named)
        return Decision("scope" if chitchat else "handoff", judged.candidates)

    def following(self, text: str, context: Context) -> Following:
        """Returns the judgments of a message after the previous entry of ``context``, which must exist, was sent.

        Of its variants, those count that were sent to the citizen.
        """
        previous = context.previous or ""
        alone, sent = self._judged(text), self._fitting.sent(previous, context.audience)
        denied = (plain(text), previous) in self._denied or (alone.denies == previous and not is_bare(text))
        joined, own = (
            self._judged(f"{one} {text}") for one in (sent[0].question, context.question or sent[0].question)
        )
        # A message that names another entry is about that one, whatever section it asks for.
        best = alone.best.entry
        other = best != previous and alone.best.confidence >= self.thresholds.offer and not is_bare(text)
        named = best != previous and self._keywords.tell_apart(own_stems(text), best, previous)
        least = 0.0 if other or named else max(least_probability(text, one) for one in sent)
        most = OTHER if named and mentions_a_section(text) else 1.0
        return Following(text, previous, alone, joined, own, denied, least, most)

    def _named(self, text: str, candidates: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
        """Returns the candidates that a message of one or two words names, at most as many as the agency offers."""
        named = self._keywords.named(text)
        return tuple(one for one in candidates if one.entry in named and one.confidence)[: self._choices]

    def candidates(self, text: str) -> tuple[Candidate, ...]:
        """Returns the likeliest entries, best first, each with the probability that it answers ``text``."""
        return self._judged(text).candidates

    def danger(self, text: str) -> Danger | None:
        """Returns the danger that ``text`` may describe, or None; assumes that no entry answers ``text``."""
        found = self._danger_in(text, self._judged(text)) if is_readable(text) else None
        return found if found and found.possible(despite_answer=False) else None

    def dangers(self, texts: Sequence[str]) -> list[Danger | None]:
        """Returns, for each of ``texts``, the danger of which a reply warns above the answer; None if there is none.

        ``texts`` are utterances of an entry, not messages of citizens, since their vectors are kept on disk.
        """
        read = self.read(texts, cached=True)
        return [one if one and one.possible(despite_answer=True) else None for one in read.dangers]

    def _judged(self, text: str) -> Judgement:
        """Returns the judgment of a text; cached, since the same message may be judged up to three times.

        The bot needs a confident answer, Rasa's action any answer, and after that the bot may need the danger.
        """
        if (kept := self._kept.get(text)) is not None:
            return kept
        judged = judge(self.read((text,)), *self.ranked, self._candidates)[0]
        if len(self._kept) >= KEPT_TEXTS:
            self._kept.clear()
        self._kept[text] = judged
        return judged

    def _candidates(self, text: str, found: Mapping[str, float]) -> tuple[Candidate, ...]:
        said, exact = plain(text), self._numbers.exact
        found = {id: 0.0 if (said, id) in self._denied else chance for id, chance in found.items()}
        if id := self._exact.get(said):
            found[id] = max(found.get(id, 0.0), exact)
        ranked = sorted(found.items(), key=lambda pair: -pair[1])
        return tuple(Candidate(id, self._entries[id].question, round(chance, 4)) for id, chance in ranked)
