"""Decides what to do with a citizen's message: answer it, ask which of a few entries is meant, or hand it to a person.

Called by the action server for each question, by ``ventanilla ask`` and by the benchmarks. An Answerer never changes:
``watch`` makes a new one when the FAQ does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from bot.agency import Agency
from bot.faq.background import Matter
from bot.faq.calibration import OVER_TALK, Thresholds, calibrate, likely
from bot.faq.context import NO_CONTEXT, Context
from bot.faq.encoder import MAX_CHARS, sanitised
from bot.faq.entry import Entry
from bot.faq.fold import plain
from bot.faq.index import Index
from bot.faq.keywords import Keywords, says_one_word
from bot.faq.space import TextSpace
from bot.messages import Candidate

Kind = Literal["answer", "clarify", "refer", "scope", "handoff"]
CERTAIN = 0.99
LEAST_LETTERS = 3
LEAST_LATIN_SHARE = 0.5
LEAST_OFFERED = 0.02
LEAST_CHOICES = 2


@dataclass(frozen=True)
class Decision:
    """``candidates`` are the likeliest entries, best first, with P of each. ``entry`` is the one to answer with; with
    kind ``handoff`` it is the entry that would have answered but has expired. ``also`` is the entry for the second
    question of a message that asks two. ``matter`` is what the message is about when somebody else sees to it (kind
    ``refer``, or ``handoff`` when that is another office of the agency). Kind ``scope``: everyday talk, nobody's matter.
    """

    kind: Kind
    candidates: tuple[Candidate, ...] = ()
    entry: Entry | None = None
    also: Entry | None = None
    matter: Matter | None = None
    follows: bool = False
    """Whether the message was understood as going on about the entry answered before."""


class Answerer:
    """The published FAQ. Safe to call from several threads."""

    def __init__(self, entries: Sequence[Entry], space: TextSpace, agency: Agency) -> None:
        """Publishes ``entries``: some 0.5 s for 70 entries of 12 wordings whose vectors are known."""
        self._space = space
        self._choices = agency.max_choices
        general_first = sorted(entries, key=lambda entry: (bool(entry.audience), entry.path))
        self._entries = {entry.id: entry for entry in reversed(general_first)}
        self._index = Index(entries, space)
        self._calibration = calibrate(self._index, space, risk=agency.risk, choices=agency.max_choices)
        self._keywords = Keywords(entries)
        self._exact = {plain(wording): entry.id for entry in entries for wording in entry.wordings}

    @property
    def thresholds(self) -> Thresholds:
        """Above which probability it answers or offers."""
        return self._calibration.thresholds

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Every published entry, one for each id."""
        return tuple(self._entries.values())

    def entry(self, id: str) -> Entry | None:
        """The entry with that id, for everybody or else for the first audience."""
        return self._entries.get(id)

    def answer(self, text: str, *, today: date, context: Context = NO_CONTEXT) -> Decision:
        """Never raises, whatever the text. About 12 ms: call it in a thread."""
        if not self._entries or not is_readable(text):
            return Decision("handoff")
        candidates, talk = self._judged(text)
        if len(text.strip()) > MAX_CHARS:
            return Decision("handoff", candidates)
        named = self._named(text, candidates)
        if len(named) > 1 and says_one_word(text) and plain(text) not in self._exact:
            return Decision("clarify", named)
        if candidates[0].confidence >= self.thresholds.answer:
            entry = self._entries[candidates[0].entry]
            return Decision("handoff" if entry.expired(today) else "answer", candidates, entry)
        if not talk and sum(one.confidence for one in candidates[: self._choices]) >= self.thresholds.offer:
            return Decision("clarify", self._offered(candidates))
        return Decision("clarify", named) if named else Decision("handoff", candidates)

    def _named(self, text: str, candidates: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
        """The candidates that a message of a word or two names, at most the agency's number of choices."""
        named = self._keywords.named(text)
        return tuple(one for one in candidates if one.entry in named)[: self._choices]

    def _offered(self, candidates: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
        """At most the agency's number of choices, without those that are hardly possible; two where there are two."""
        possible = [one for one in candidates if one.confidence >= LEAST_OFFERED]
        return candidates[: min(self._choices, max(len(possible), LEAST_CHOICES))]

    def candidates(self, text: str) -> tuple[Candidate, ...]:
        """The likeliest entries, best first, each with P(it answers ``text``)."""
        return self._judged(text)[0]

    def _judged(self, text: str) -> tuple[tuple[Candidate, ...], bool]:
        """The candidates, and whether ``text`` is likelier everyday talk than a question for any of them."""
        order, features = likely(self._index.evidence(self._space.message(text)))
        chances = self._calibration.probabilities(features)[0]
        found = {self._index.ids[number]: float(chance) for number, chance in zip(order[0], chances, strict=True)}
        if exact := self._exact.get(plain(text)):
            found[exact] = max(found.get(exact, 0.0), CERTAIN)
        ranked = sorted(found.items(), key=lambda pair: -pair[1])
        candidates = tuple(Candidate(id, self._entries[id].question, round(chance, 4)) for id, chance in ranked)
        return candidates, bool(features[0, :, OVER_TALK].max() < 0)


def is_readable(text: str) -> bool:
    """Whether there is something in Latin letters to understand: not empty, not only emoji, not another script."""
    letters = [char for char in sanitised(text) if char.isalpha()]
    if len(letters) < LEAST_LETTERS:
        return False
    return sum(char <= "\u024f" for char in letters) / len(letters) >= LEAST_LATIN_SHARE
