"""Decides how to respond to a message: answer, ask which entry is meant, refer, recognize chitchat, or hand off.

The entries of an Answerer never change: when the FAQ changes, bot/faq/publishing builds a new Answerer. Only the
calibration changes: ``learn`` adjusts its thresholds, ``calibrate`` replaces it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from bot.agency.model import Agency
from bot.core.messages import Candidate
from bot.faq.answering.asked_section import mentions_a_section
from bot.faq.answering.context import NO_CONTEXT, Context
from bot.faq.answering.dangers import Dangers
from bot.faq.answering.decision import Decision, offered, outside, with_danger, without_false_courtesy
from bot.faq.answering.exact_utterances import ExactUtterances
from bot.faq.answering.experience import Experience
from bot.faq.answering.fitting import Fitting
from bot.faq.answering.follow_up import is_bare, is_whole, names_no_procedure, own_stems
from bot.faq.answering.following import OTHER, Following, least_probability, names_nothing, strangers_after
from bot.faq.answering.judgement import Judgement
from bot.faq.answering.judging import KeptJudgements, Messages, PartJudge, judge
from bot.faq.answering.notices import NoticeUtterances
from bot.faq.answering.readable import is_readable
from bot.faq.answering.two_questions import TwoQuestions, meant
from bot.faq.encoder.encoder import MAX_CHARS
from bot.faq.entries.audience import best_for, by_audience
from bot.faq.entries.entry import Entry
from bot.faq.ranking.calibration import Calibration, Thresholds, calibrate
from bot.faq.ranking.coefficients import tuned
from bot.faq.ranking.features import CONSIDERED
from bot.faq.ranking.index import Index
from bot.faq.ranking.indexing import index_of
from bot.faq.ranking.risk import Danger, dangers_in
from bot.faq.ranking.vectorizer import Vectorizer
from bot.faq.ranking.verifying import Verifying
from bot.faq.words.keywords import Keywords, content_stems
from bot.text.complaint import matter_of_complaint, says_complaint

ENOUGH_TO_KEEP = 20  # minimum number of entries with which ``changed`` reuses the calibration


class Answerer:
    """Decides how to respond to messages, based on a fixed set of entries; thread-safe."""

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
        self._index = index_of(entries, vectorizer, agency)
        self._verifying = Verifying.of(self._index, vectorizer, entries)
        self.notices = NoticeUtterances(vectorizer, self._index)
        self._calibration = calibration or calibrate(self._index, risk=agency.risk, choices=agency.max_choices)
        self.agency, self.is_calibrated, self._dangers = agency, calibration is None, Dangers(PartJudge(vectorizer))
        self._keywords, self._exact = Keywords(entries), ExactUtterances(entries, agency.today)
        self.subjects = self._keywords.subjects
        self._kept, self._kept_ranked = KeptJudgements(), KeptJudgements()

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
        """Builds an Answerer for other ``entries``; keeps the calibration if this one has ENOUGH_TO_KEEP entries."""
        keeps = len(self._entries) >= ENOUGH_TO_KEEP
        return Answerer(entries, self.vectorizer, self.agency, calibration=self._calibration if keeps else None)

    def calibrate(self, experience: Experience) -> None:
        """Computes a calibration and adjusts it to ``experience``; it replaces one that ``changed`` kept."""
        fresh = calibrate(self._index, risk=self.agency.risk, choices=self._choices)
        self._calibration, self.is_calibrated = fresh.corrected(experience.mistake_ratio), True

    def learn(self, experience: Experience) -> None:
        """Adjusts the thresholds to ``experience``, which replaces any earlier experience."""
        self._calibration = self._calibration.corrected(experience.mistake_ratio)

    def entry(self, id: str, context: Context = NO_CONTEXT) -> Entry | None:
        """Returns the variant of an entry that best fits the citizen, else the first one; None for an unknown id."""
        return best_for(self._audiences.get(id, ()), context.audience) or self._entries.get(id)

    def chosen(self, id: str, *, today: date, context: Context = NO_CONTEXT) -> Decision | None:
        """Returns the decision for the entry that the citizen chose, surely; None if there is no entry with this id."""
        entry = self._entries.get(id)
        if entry is None:
            return None
        return self._found((Candidate(id, entry.question, 1.0),), id, today, context)

    def answer(self, text: str, *, today: date, context: Context = NO_CONTEXT) -> Decision:
        """Decides how to respond to a message; never raises, whatever the text.

        Takes about 10 ms, more for follow-ups and two questions, so call it in a thread.
        """
        if not self._entries or not is_readable(text):
            return Decision("handoff")
        return self._answer(text, self._judged(text), today, context)

    def answers(self, messages: Messages, *, today: date) -> list[Decision]:
        """Returns a decision on each message, as the first of its conversation; much faster than one by one."""
        judged = self._judge(messages) if self._entries else [None] * len(messages.texts)
        return [
            self._answer(text, one, today, NO_CONTEXT) if one and is_readable(text) else Decision("handoff")
            for text, one in zip(messages.texts, judged, strict=True)
        ]

    def read(self, texts: Sequence[str], *, cached: bool = False) -> Messages:
        """Prepares messages for ``answers`` (8 ms each); ``cached`` stores their vectors, so never for citizens'."""
        return Messages.of(texts, self.vectorizer, cached=cached)

    def _answer(self, text: str, judged: Judgement, today: date, context: Context) -> Decision:
        decision = replace(self._decided(text, judged, today, context), command=judged.sure_command)
        found = decision if context.calm else with_danger(decision, self._dangers.of(text, judged), judged.candidates)
        return without_false_courtesy(found, text)

    def _decided(self, text: str, judged: Judgement, today: date, context: Context) -> Decision:
        """Decides how to respond to a readable message."""
        if len(text.strip()) > MAX_CHARS:
            return Decision("handoff", judged.candidates)
        named = self._keywords.named_among(text, judged.candidates, self._choices)
        matter = "" if text in self._exact else matter_of_complaint(text)
        on_complaints = says_complaint(judged.best.question) and judged.best.confidence >= self.thresholds.answer
        if matter and not (on_complaints and content_stems(matter)):
            return self._complained(text, matter, judged, today, context)
        if self._may_follow(text, judged, context):
            sent = self._fitting.sent_last(context)
            return self._after_another(text, judged, named, today, meant(text, context, sent, self._keywords))
        if names_no_procedure(text, self.subjects) and not self._is_complete(text, judged.best):
            return self._unsure(judged, named)
        if len(named) > 1 and text not in self._exact:
            return Decision("clarify", named)
        if two := self._both(text, judged, today, context):
            return two
        best = judged.deciding[0]
        if best.confidence >= max(self.thresholds.answer, context.certainty):
            return self._one(best.entry, text, judged, today, context)
        part = self._two.answered(text, judged, context.certainty)
        return self._one(part.entry, text, judged.led_by(part), today, context) if part else self._unsure(judged, named)

    def _one(self, id: str, text: str, judged: Judgement, today: date, context: Context) -> Decision:
        """Returns the decision to answer with an entry, and what to say about another part of the message."""
        beside, unanswered, topic = self._two.rest(text, judged, id)
        found = self._found(judged.deciding, id, today, context)
        return replace(found, beside=beside, unanswered=unanswered, out_of_scope_topic=topic)

    def _complained(self, text: str, matter: str, judged: Judgement, today: date, context: Context) -> Decision:
        """Decides how to respond to the complaint ``text`` about a ``matter``; ``judged`` is the judgment of ``text``.

        An entry answers, or is offered, only if it is likely for the whole message and for the matter alone: «reclamar
        que no pasa la basura» resembles utterances of an entry on charges for refuse. A matter that names no procedure
        («eso») is not judged.
        """
        if is_bare(matter, self.subjects):
            return Decision("handoff", judged.candidates)
        if two := self._both(text, judged, today, context):
            return two
        (told,), whole = self._ranked(matter), {one.entry: one.confidence for one in judged.candidates}
        agreed = [replace(one, confidence=min(one.confidence, whole.get(one.entry, 0.0))) for one in told.candidates]
        if agreed[0].confidence >= max(self.thresholds.answer, context.certainty):
            return self._found(judged.candidates, agreed[0].entry, today, context)
        unsure = self._unsure(replace(judged, candidates=tuple(sorted(agreed, key=lambda one: -one.confidence))), ())
        return Decision("clarify", offered(told.candidates, self._choices)) if unsure.kind == "clarify" else unsure

    def _after_another(
        self, text: str, judged: Judgement, named: tuple[Candidate, ...], today: date, context: Context
    ) -> Decision:
        """Decides how to respond to a message after an entry was sent; that entry must exist."""
        if context.other:
            return self._fitting.which_sent(context)
        ranked = self.following(text, context).ranked(self._index)[:CONSIDERED]
        best, again = ranked[0], ranked[0].entry == context.previous
        if best.confidence < max(self.thresholds.answer, context.certainty, tuned().following.minimum_answer):
            return self._unsure(replace(judged, candidates=ranked), named)
        alone = best.entry == judged.best.entry and judged.best.confidence >= self.thresholds.answer
        if alone and not again and (two := self._both(text, judged, today, context)):
            return two
        return self._found(ranked, best.entry, today, context, follows=again or not alone)

    def _both(self, text: str, judged: Judgement, today: date, context: Context) -> Decision | None:
        """Returns the decision to answer two questions; None unless the message clearly asks two questions."""
        two = self._two.of(text, judged)
        if not two or two.confidence < context.certainty:
            return None
        ids = (two.first.entry, two.second.entry)
        rest = tuple(one for one in judged.candidates if one.entry not in ids)
        decision = self._fitting.both((two.first, two.second, *rest), ids, today, context.audience)
        return replace(decision, beside=two.third) if decision.kind == "answer" else decision

    @property
    def _two(self) -> TwoQuestions:
        return TwoQuestions(self._keywords, lambda part: self._ranked(part)[0], self.thresholds)

    def _found(
        self, candidates: tuple[Candidate, ...], id: str, today: date, context: Context, *, follows: bool = False
    ) -> Decision:
        return self._fitting.one(candidates, id, today, context.audience, follows=follows)

    def _is_complete(self, text: str, best: Candidate) -> bool:
        """Returns whether ``text``, which names no procedure, is an utterance or asks for the opening hours."""
        return text in self._exact or (best.entry == self._hours_entry and best.confidence >= self._numbers.exact)

    def _unsure(self, judged: Judgement, named: tuple[Candidate, ...]) -> Decision:
        """Decides how to respond to a message that no entry answers with enough confidence."""
        total = sum(one.confidence for one in judged.candidates[: self._choices])
        topic, hardly_any = judged.out_of_scope_topic, total < self._numbers.hardly_any
        if topic and hardly_any:
            return outside(topic, judged.candidates, self.agency)
        if total >= max(self.thresholds.offer, judged.chitchat):
            return Decision("clarify", offered(judged.candidates, self._choices))
        if named:
            return Decision("clarify", named)
        chitchat = judged.chitchat > 0 and (hardly_any or total < judged.chitchat)
        return Decision("scope" if chitchat else "handoff", judged.candidates)

    def following(self, text: str, context: Context) -> Following:
        """Judges ``text`` as a message after the entry ``context.previous``, which must exist, was sent.

        Considers only the variants of this entry that the citizen got. Judges the message alone, and joined with the
        question of the first of them, and with the citizen's question that the entry answered.
        """
        previous, subjects = context.previous or "", self.subjects
        alone, sent = self._judged(text), self._fitting.sent(previous, context.audience)
        denied = self._exact.denies(text, previous) or (alone.denies == previous and not is_bare(text, subjects))
        question = sent[0].question
        joined, own = self._ranked(f"{question} {text}", f"{context.question or question} {text}")
        # A message that names another entry is about that one, whatever section it asks for.
        best, hours = alone.best.entry, self._entries.get(self._hours_entry)
        strangers = strangers_after(text, sent[0], self._keywords, hours)
        is_likely, own_words = alone.best.confidence >= self.thresholds.offer, own_stems(text, subjects)
        other = best != previous and is_likely and not names_nothing(text, subjects)
        named = best not in {previous, *strangers} and self._keywords.tell_apart(own_words, best, previous)
        least = 0.0 if other or named else max(least_probability(text, one, subjects) for one in sent)
        most = OTHER if named and mentions_a_section(text) else 1.0
        return Following(text, previous, alone, joined, own, self._keywords, denied, least, most, strangers)

    def _may_follow(self, text: str, judged: Judgement, context: Context) -> bool:
        is_utterance = text in self._exact and not is_bare(text, self.subjects)
        if context.previous not in self._entries or context.again(text) or is_utterance:
            return False
        sure = judged.best.confidence >= max(self.thresholds.answer, tuned().follow_up.whole_probability)
        return not sure or judged.best.entry == context.previous or not is_whole(text)

    def _ranked(self, *texts: str) -> list[Judgement]:
        """Judges parts of a message, or a message joined with an earlier text, without dangers and commands."""
        return self._kept_ranked.of(texts, lambda some: self._judge(Messages.ranked(some, self.vectorizer)))

    def candidates(self, text: str) -> tuple[Candidate, ...]:
        """Returns the likeliest entries, best first, with the probability that each answers ``text``."""
        return self._judged(text).candidates

    def danger(self, text: str) -> Danger | None:
        """Returns the danger of an emergency phrase in ``text``, else the danger that the classifier finds, else None.

        Assumes that no entry answers ``text``. If the classifier doubts the phrase, the danger is only possible.
        """
        judged = self._judged(text) if is_readable(text) else None
        found = judged and (self._dangers.sure(text, judged) or self._dangers.of(text, judged))
        return found if found and found.possible(despite_answer=False) else None

    def dangers(self, texts: Sequence[str]) -> list[Danger | None]:
        """Returns, for each of ``texts``, the danger for which a reply adds a warning, or None.

        ``texts`` are utterances of an entry, not messages of citizens, since their vectors are kept on disk.
        """
        found = dangers_in(self.vectorizer.rows(tuple(texts)), self.vectorizer.dangers)
        return [one if one and one.possible(despite_answer=True) else None for one in found]

    def _judged(self, text: str) -> Judgement:
        return self._kept.of((text,), lambda some: self._judge(self.read(some)))[0]

    def _judge(self, messages: Messages) -> list[Judgement]:
        return judge(messages, *self.ranked, self._candidates, self._verifying)

    def _candidates(self, text: str, found: Mapping[str, float]) -> tuple[Candidate, ...]:
        ranked = self._exact.ranked(text, found)
        return tuple(Candidate(id, self._entries[id].question, round(chance, 4)) for id, chance in ranked)
