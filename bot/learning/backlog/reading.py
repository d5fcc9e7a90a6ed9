"""Finds the messages of a conversation that no entry answered well; does no I/O.

If the citizen or an agent later named the right entry, the message is a label: a possible utterance of that entry. Each
message yields at most one finding; a label takes precedence over other findings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from bot.conversation.readable import readable
from bot.core.messages import Author, HandoffReason
from bot.text.doubts import is_unsure, says_not_that
from bot.text.masking.masking import MASK, find, masked, masked_contact
from bot.text.normalize import plain

MIN_WORDS = 2
MAX_WORDS = 40  # maximum length of an utterance
MIN_WORDS_BEFORE_STAFF = 3  # a shorter message, such as «sigue ahí», is not what an agent's entry answers
MAX_CHARACTERS = 1000
FOLLOWS = timedelta(hours=1)  # an answer was wrong if another entry is chosen within this time
UNWRITTEN = frozenset({HandoffReason.LOW_CONFIDENCE.value, HandoffReason.NONE_OF_THESE.value})
NOT_IT = "other"  # «No era eso»
NOT_ANSWERED = frozenset({"", NOT_IT, "missing"})  # reasons why an answer did not help that are not about its wording
Json = Mapping[str, Any]


class Source(StrEnum):
    """The reason why a message is in the backlog, from least to most important.

    The Spanish names are in ``bandeja.origenes``.
    """

    REFERRED = "referred"  # the assistant referred the citizen to another body
    FALLBACK = "fallback"  # the assistant answered that it does not know
    UNCLICKED = "unclicked"  # entries were offered, but the citizen chose none
    RATED = "rated"  # the citizen rated the answer as useless
    HANDED = "handed"  # handed off because no entry answers
    MISSING = "missing"  # an agent noted the question as missing
    STAFF = "staff"  # an agent answered with an entry
    CORRECTED = "corrected"  # the answer was wrong, and another entry was right
    CHOSEN = "chosen"  # the citizen chose one of the offered entries

    @property
    def is_label(self) -> bool:
        """Returns whether the citizen or an agent named the right entry."""
        return self in LABELS

    @property
    def rank(self) -> int:
        return list(Source).index(self)


LABELS = frozenset({Source.STAFF, Source.CORRECTED, Source.CHOSEN})


@dataclass(frozen=True)
class Said:
    """A message of the record; ``id`` is its event id, ``data`` contains the fields of MessageFacts."""

    id: str
    at: datetime
    author: str
    text: str = ""
    data: Json = field(default_factory=dict)


@dataclass(frozen=True)
class Handed:
    """A ticket; ``candidates`` are the ids of the entries that might be the answer, likeliest first."""

    at: datetime
    reason: str
    team: str = ""
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True)
class Talk:
    """A recorded conversation in chronological order; ``opinions`` maps rating ids to pairs (useful, reason)."""

    messages: Sequence[Said]
    tickets: Sequence[Handed] = ()
    opinions: Mapping[str, tuple[bool, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Finding:
    """A citizen's message that belongs in the backlog; ``entries`` and ``denied`` are as in BacklogItem."""

    source: Source
    message: Said
    entries: tuple[str, ...] = ()
    reason: str = ""
    team: str = ""
    denied: tuple[str, ...] = ()

    def or_better(self, other: Finding) -> Finding:
        """Returns the more important of two findings about one message, with the denied entries of both.

        An entry that a label names is not denied, even if the citizen rated it as unhelpful before.
        """
        best = other if other.source.rank > self.source.rank else self
        right = best.entries if best.source.is_label else ()
        both = dict.fromkeys((*self.denied, *other.denied))
        return replace(best, denied=tuple(id for id in both if id not in right))

    @property
    def text(self) -> str:
        """Returns the message's text, masked and truncated to MAX_CHARACTERS."""
        return masked(readable(self.message.text).strip())[:MAX_CHARACTERS]


def findings_in(talk: Talk, *, with_referrals: bool = False) -> list[Finding]:
    """Returns the findings of a conversation, at most one per message; [] if a message reports a danger.

    Leaves out messages of fewer than MIN_WORDS words, and, unless ``with_referrals``, those with a mere referral.
    """
    if any(one.data.get("danger") for one in talk.messages):
        return []
    best: dict[str, Finding] = {}
    for one in _Reader(talk).findings():
        is_left_out = one.source is Source.REFERRED and not with_referrals
        if len(plain(one.message.text).split()) >= MIN_WORDS and not is_left_out:
            best[one.message.id] = best.get(one.message.id, one).or_better(one)
    return list(best.values())


def usable(text: str) -> bool:
    """Returns whether a text may become an utterance.

    It may if it has MIN_WORDS to MAX_WORDS words, and no long number, contact or other personal data, masked or not.
    """
    words = plain(text).split()
    return MIN_WORDS <= len(words) <= MAX_WORDS and masked_contact(text) == text and not find(text) and MASK not in text


@dataclass(frozen=True)
class _Offer:
    question: Said
    entries: tuple[str, ...]
    buttons: tuple[str, ...]


@dataclass(frozen=True)
class _Answer:
    """An answer of the assistant to ``question``."""

    question: Said
    entry: str
    at: datetime


class _Reader:
    """Collects the findings of a conversation, message by message."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        # The citizen's newest message, without doubts about an offer («no sé») and denials of an answer («no era eso»).
        self._question: Said | None = None
        self._statement: Said | None = None  # the citizen's newest message that is more than a greeting
        self._offer: _Offer | None = None
        self._given: _Answer | None = None  # the newest answer that the citizen has not called useful
        self._wrong: _Answer | None = None  # the newest answer to something that the citizen did not ask
        self._staff_wrote = False  # the newest message to the citizen is an agent's

    def findings(self) -> Iterator[Finding]:
        tickets = list(self._talk.tickets)
        for one in self._talk.messages:
            while tickets and tickets[0].at < one.at:
                yield from self._handed(tickets.pop(0))
            if one.author == Author.CITIZEN:
                yield from self._citizen(one)
            elif one.author == Author.ASSISTANT:
                yield from self._assistant(one)
            elif one.author == Author.STAFF:
                yield from self._staff(one)
        for ticket in tickets:
            yield from self._handed(ticket)
        yield from self._passed_over()

    def _citizen(self, one: Said) -> Iterator[Finding]:
        pressed, offer = str(one.data.get("button") or ""), self._offer
        if pressed and offer and pressed in offer.buttons[: len(offer.entries)]:
            entry, self._offer = offer.entries[offer.buttons.index(pressed)], None
            yield Finding(Source.CHOSEN, offer.question, (entry,))
            yield from self._corrected(entry, one.at)
            return
        yield from self._passed_over()
        if not pressed and says_not_that(one.text):
            yield from self._denied()
        elif not pressed and one.text.strip() and not is_unsure(one.text):
            self._question = one
            if len(plain(one.text).split()) >= MIN_WORDS_BEFORE_STAFF:
                self._statement = one

    def _denied(self) -> Iterator[Finding]:
        """Yields for the answer that was not it, unless an agent wrote after it, what a bad rating of it yields."""
        given = self._given
        if given and given.question is self._question and not self._staff_wrote:
            self._wrong = given
            yield Finding(Source.RATED, given.question, (given.entry,), NOT_IT, denied=(given.entry,))

    def _passed_over(self) -> Iterator[Finding]:
        if self._offer:
            yield Finding(Source.UNCLICKED, self._offer.question, self._offer.entries)
        self._offer = None

    def _assistant(self, one: Said) -> Iterator[Finding]:
        self._staff_wrote = False
        if self._question is None:
            return
        if offered := one.data.get("offered"):
            buttons = tuple(str(button["id"]) for button in one.data.get("buttons") or ())
            self._offer = _Offer(self._question, tuple(str(entry["entry"]) for entry in offered), buttons)
        elif one.data.get("missed"):
            yield Finding(Source.FALLBACK, self._question)
        elif one.data.get("referral"):
            yield Finding(Source.REFERRED, self._question)
        elif proof := one.data.get("provenance"):
            yield from self._answered(self._question, str(proof["entry"]), one)

    def _answered(self, question: Said, entry: str, answer: Said) -> Iterator[Finding]:
        given, opinion = _Answer(question, entry, answer.at), str(answer.data.get("rating_id") or "")
        useful, reason = self._talk.opinions.get(opinion, (True, ""))
        self._given = given if not (useful and opinion in self._talk.opinions) else None
        if not useful:
            denied = (entry,) if reason in NOT_ANSWERED else ()
            yield Finding(Source.RATED, question, (entry,), reason, denied=denied)
            self._wrong = given if reason == NOT_IT else None

    def _staff(self, one: Said) -> Iterator[Finding]:
        self._staff_wrote = True
        proof = one.data.get("provenance")
        if proof and self._statement:
            entry = str(proof["entry"])
            yield Finding(Source.STAFF, self._statement, (entry,), denied=self._other(self._statement, entry, one.at))
            yield from self._corrected(entry, one.at)

    def _other(self, question: Said, entry: str, at: datetime) -> tuple[str, ...]:
        """Returns the other entry with which the assistant had just answered the question; () if there is none."""
        given = self._given
        is_other = given and given.question is question and given.entry != entry and at - given.at <= FOLLOWS
        return (given.entry,) if given and is_other else ()

    def _corrected(self, entry: str, at: datetime) -> Iterator[Finding]:
        wrong, self._wrong = self._wrong, None
        if wrong and wrong.entry != entry and at - wrong.at <= FOLLOWS:
            yield Finding(Source.CORRECTED, wrong.question, (entry,), denied=(wrong.entry,))

    def _handed(self, ticket: Handed) -> Iterator[Finding]:
        if ticket.reason in UNWRITTEN and self._question:
            yield Finding(Source.HANDED, self._question, ticket.candidates, team=ticket.team)
