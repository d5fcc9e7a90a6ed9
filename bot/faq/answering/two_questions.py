"""Finds the entries that answer the parts of a message with two questions, and parts that no entry surely answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from bot.core.messages import Candidate
from bot.faq.answering.asked_section import asks_about, asks_only_sections
from bot.faq.answering.context import Context
from bot.faq.answering.decision import Place
from bot.faq.answering.follow_up import Cut, asks_something, in_two, own_stems
from bot.faq.answering.judgement import Judgement
from bot.faq.entries.entry import Entry
from bot.faq.ranking.background import OutOfScopeTopic
from bot.faq.ranking.calibration import Thresholds
from bot.faq.ranking.coefficients import tuned
from bot.faq.words.keywords import Keywords, Subjects
from bot.faq.words.wording import stays
from bot.text.complaint import matter_of_complaint


@dataclass(frozen=True)
class Both:
    """The entries that surely answer the two parts of a message, and one that a third part may ask for."""

    first: Candidate
    second: Candidate
    third: Candidate | None = None

    @property
    def confidence(self) -> float:
        return self.first.confidence * self.second.confidence


@dataclass(frozen=True)
class OnlyOne:
    """The entry that surely answers one part of a message whose other part asks something else.

    ``other`` is the entry that may answer the other part; if it is None, nothing may, and ``unanswered`` is its place.
    ``topic`` is then the topic of another body that the other part is about, if it is known.
    """

    answered: Candidate
    unanswered: Place
    other: Candidate | None = None
    topic: OutOfScopeTopic | None = None


Rest = tuple[Candidate | None, Place | None, OutOfScopeTopic | None]


@dataclass(frozen=True)
class TwoQuestions:
    """A search for two questions; ``judge`` ranks a text."""

    keywords: Keywords
    judge: Callable[[str], Judgement]
    thresholds: Thresholds

    def of(self, text: str, judged: Judgement) -> Both | None:
        """Returns the two entries that a message asks for; None unless the message clearly asks two questions."""
        if len(judged.candidates) < 2 or not _is_long(text):
            return None
        found = {both: cut for cut in self._naming(text) if (both := self._each(cut, judged))}
        if not found:
            return None
        best = max(found, key=lambda one: one.confidence)
        return replace(best, third=self._third(best, found[best], judged))

    def beside(self, text: str, answered: str) -> Candidate | None:
        """Returns the entry for which a part of the message asks beside the entry ``answered``; None if there is none.

        The likeliest entry of the other part must be ``answered``, and that of this part likely enough for an offer.
        Parts are ranked only if the message surely has two and their words name different entries, ``answered`` among
        them; this part comes first.
        """
        for cut in self._naming(text) if _may_ask_more(text) else ():
            named = {self._named(part): part for part in cut.parts}
            if answered not in named or not cut.is_clear:
                continue
            [part] = [part for name, part in named.items() if name != answered]
            best = self._best(part)
            if best.entry == answered or best.confidence < self.thresholds.offer:
                continue
            if self._best(named[answered]).entry == answered:
                return best
        return None

    def rest(self, text: str, judged: Judgement, answered: str) -> Rest:
        """Returns what another part of a message asks beside the entry ``answered``: an entry to offer, or its place.

        Both are None if there is no such part. The place is that of a part that no entry surely answers, and the topic
        one that another body handles.
        """
        if beside := self.beside(text, answered):
            return beside, None, None
        one = None if judged.sure_command else self.only_one(text)
        if one is None or one.answered.entry != answered:
            return None, None, None
        return (one.other, None, None) if one.other else (None, one.unanswered, one.topic)

    def answered(self, text: str, judged: Judgement, certainty: float) -> Candidate | None:
        """Returns the entry that answers one of two questions, if none answers the whole message.

        Its probability, that for the part, is at least ``certainty``. A message that is to be referred to another body
        is answered only if the referral stays.
        """
        topic = judged.out_of_scope_topic
        one = None if judged.sure_command or (topic and topic.emergency) else self.only_one(text)
        refers = topic and not topic.is_agencys and _names_hardly_any(judged)
        if one and refers and not one.topic:
            return None
        return one.answered if one and one.answered.confidence >= certainty else None

    def only_one(self, text: str) -> OnlyOne | None:
        """Returns the entry that surely answers one part, if a word adds another part that surely asks something else.

        No word of the other part may name that entry, and the entry must be unlikely for it.
        """
        for cut in in_two(text, self.keywords.subjects) if _may_ask_more(text) else ():
            sides: tuple[tuple[Place, str, str], ...] = (
                ("second", cut.first, cut.second),
                ("first", cut.second, cut.first),
            )
            for place, part, rest in sides:
                if cut.adds and _asks_anew(rest, self.keywords.subjects) and (found := self._apart(part, rest)):
                    answered, other = found
                    is_likely = other.confidence >= self.thresholds.offer
                    return OnlyOne(answered, place, other if is_likely else None, self._elsewhere(rest))
        return None

    def _elsewhere(self, part: str) -> OutOfScopeTopic | None:
        """Returns the topic of another body, named in the FAQ's background, that a part is about, else None."""
        judged = self._ranked(part)
        topic = judged.out_of_scope_topic if _names_hardly_any(judged) else None
        return topic if topic and topic.body and not topic.emergency and not topic.is_agencys else None

    def _apart(self, part: str, rest: str) -> tuple[Candidate, Candidate] | None:
        """Returns the likeliest entries of a part and of the rest, if the first is sure and not about the rest."""
        best, numbers = self._best(part), tuned().answerer
        if best.confidence < self._least or self.keywords.names(self._own(rest), best.entry):
            return None
        likely = self._ranked(rest).candidates
        again = next((one.confidence for one in likely if one.entry == best.entry), 0.0)
        is_apart = likely[0].entry != best.entry and again <= numbers.maximum_again
        return (best, likely[0]) if is_apart and self.keywords.names(self._own(part), best.entry) else None

    def _naming(self, text: str) -> Iterator[Cut]:
        """Yields the cuts whose parts name different entries; this check is cheap."""
        for cut in in_two(text, self.keywords.subjects):
            named = {self._named(part) for part in cut.parts}
            if len(named) == len(cut.parts) and None not in named:
                yield cut

    def _each(self, cut: Cut, judged: Judgement) -> Both | None:
        """Returns the best entries of the parts; None unless both are sure, and each is named by its part.

        Unless a word adds the second part, both must be possible for the whole message. Unless the cut is clear, no
        entry must surely answer the whole message, and a part ask something, or a second entry be likely for the whole.
        The shorter part is ranked first: this is faster, and if it fails, the longer part need not be ranked.
        """
        is_sure, second = judged.best.confidence >= self.thresholds.answer, judged.candidates[1].confidence
        asks = second >= tuned().answerer.second_likely or any(map(asks_something, cut.parts))
        if not cut.is_clear and (is_sure or not asks):
            return None
        if any(self._best(part).confidence < self.thresholds.answer for part in sorted(cut.parts, key=len)):
            return None
        both = Both(*map(self._best, cut.parts))
        ids = (both.first.entry, both.second.entry)
        if both.confidence < self.thresholds.answer or ids[0] == ids[1]:
            return None
        possible = {one.entry for one in judged.candidates if one.confidence}
        is_possible = cut.adds or possible.issuperset(ids)
        pairs = zip(cut.parts, (ids, ids[::-1]), strict=True)
        named = (self.keywords.most_named(self._own(part), pair) == pair[0] for part, pair in pairs)
        return both if is_possible and all(named) else None

    def _third(self, both: Both, cut: Cut, judged: Judgement) -> Candidate | None:
        """Returns another entry that one of the parts asks for, if that part surely asks two questions, too."""
        known = (both.first.entry, both.second.entry)
        found = (inner for part in cut.parts for one in self._naming(part) if (inner := self._each(one, judged)))
        some = (one for inner in found for one in (inner.first, inner.second) if one.entry not in known)
        return next(some, None)

    @property
    def _least(self) -> float:
        return max(self.thresholds.answer, tuned().answerer.minimum_part)

    def _own(self, part: str) -> frozenset[str]:
        return own_stems(part, self.keywords.subjects)

    def _named(self, part: str) -> str | None:
        return self.keywords.most_named(self._own(part))

    def _best(self, part: str) -> Candidate:
        return self._ranked(part).best

    def _ranked(self, part: str) -> Judgement:
        """Ranks a part; a complaint is ranked by its matter."""
        return self.judge(matter_of_complaint(part) or part)


def _names_hardly_any(judged: Judgement) -> bool:
    return sum(one.confidence for one in judged.candidates) < tuned().answerer.hardly_any


def _is_long(text: str) -> bool:
    return len(text.split()) >= tuned().answerer.minimum_words_for_two


def _may_ask_more(text: str) -> bool:
    """Returns whether parts that no entry surely answers count; in a long story, most of them ask nothing."""
    return _is_long(text) and len(text.split()) <= tuned().answerer.maximum_words_for_more


def _asks_anew(part: str, subjects: Subjects) -> bool:
    """Returns whether a part asks something by itself, with enough words, and names what it is about."""
    return (
        asks_something(part) and len(part.split()) > tuned().follow_up.minimum_part_words and not stays(part, subjects)
    )


def meant(text: str, context: Context, two: Sequence[Entry], keywords: Keywords) -> Context:
    """Returns the context of a message after the answers to two questions, whose entries are ``two``, newest first.

    Without two entries, there is no other. The message is about the entry that it names, or about the only one that
    says what it asks for. If it names neither, and may be about both, ``other`` remains, and the citizen must be asked;
    otherwise it is about the newest one. The citizen's question becomes the part that this entry answered.
    """
    if len(two) != 2:
        return replace(context, other=None)
    stems, pairs = own_stems(text, keywords.subjects), (two, two[::-1])
    told = [keywords.tell_apart(stems, one.id, another.id) for one, another in pairs]
    if not any(told):
        told = [asks_about(text, one.question, one.body) for one in two]
    if told[0] == told[1] and (stays(text, keywords.subjects) or asks_only_sections(text, "")):
        return context
    place = told.index(True) if told[0] != told[1] else 0
    cut = next(iter(in_two(context.question, keywords.subjects)), None)
    question = cut.parts[1 - place] if cut else ""
    return replace(context, previous=two[place].id, other=None, question=question)
