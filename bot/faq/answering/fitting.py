"""Chooses which variants of one or two entries to send to a citizen, or which question to ask first."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import date

from bot.core.messages import Candidate
from bot.faq.answering.context import Context
from bot.faq.answering.decision import Decision, Kind
from bot.faq.entries.audience import Ask, Known, best_for, missing, possible_for
from bot.faq.entries.entry import Entry

EITHER = 0.5  # probability of each of two entries


@dataclass(frozen=True)
class Fit:
    """The part of an entry that applies to a citizen.

    It is one variant, one variant for each possible audience, a question to ask first, or nothing.
    """

    entry: Entry | None = None  # possibly expired
    variants: tuple[Entry, ...] = ()
    ask: Ask | None = None

    @property
    def is_decided(self) -> bool:
        return bool(self.entry or self.variants)


@dataclass(frozen=True)
class Fitting:
    """A chooser of the variants to send to a citizen.

    ``entries`` maps each id to its variants. ``askable`` are the dimensions that citizens may be asked about, and
    ``most`` is the maximum number of variants to send.
    """

    entries: Mapping[str, tuple[Entry, ...]]
    askable: Container[str]
    most: int

    def one(
        self, candidates: tuple[Candidate, ...], id: str, today: date, known: Known, *, follows: bool = False
    ) -> Decision:
        """Decides to answer with entry ``id``, to ask which of its variants applies, or to hand off if none is left.

        ``follows`` is copied to the decision.
        """
        fit = self._fit(id, today, known, self.askable)
        if fit.ask:
            return Decision("clarify", candidates, asks=fit.ask)
        return Decision(_kind(fit, today), candidates, fit.entry, variants=fit.variants, follows=follows)

    def both(self, candidates: tuple[Candidate, ...], ids: tuple[str, str], today: date, known: Known) -> Decision:
        """Decides how to respond to two questions, so that neither is lost.

        If only one can be answered now, its answer is sent before the other question is clarified or handed off. If
        neither can, both entries are offered.
        """
        first, second = self._fit(ids[0], today, known, self.askable), self._fit(ids[1], today, known, ())
        if first.is_decided and second.is_decided:
            return Decision(
                _kind(first, today),
                candidates,
                first.entry,
                variants=first.variants,
                also=second.entry,
                also_variants=second.variants,
            )
        decided, other = (first, second) if first.is_decided else (second, first)
        if not decided.is_decided and (first.ask or second.ask):
            return Decision("clarify", tuple(one for one in candidates if one.entry in ids))
        kind: Kind = "clarify" if other.ask else "handoff"
        return Decision(kind, candidates, also=decided.entry, also_variants=decided.variants, asks=other.ask)

    def sent(self, id: str, known: Known) -> tuple[Entry, ...]:
        """Returns the variants of an entry that a citizen gets, at least one: the first variant if none applies."""
        variants = self.entries[id]
        best = best_for(variants, known)
        return (best,) if best else possible_for(variants, known) or variants[:1]

    def sent_last(self, context: Context) -> tuple[Entry, ...]:
        """Returns the entries that answered the last question, or the last two, newest first; a variant of each."""
        ids = (id for id in (context.previous, context.other) if id in self.entries)
        return tuple(self.sent(id, context.audience)[0] for id in ids if id)

    def which_sent(self, context: Context) -> Decision:
        """Decides to ask to which of two entries sent a message refers; offers the one for the first question first."""
        sent = reversed(self.sent_last(context))
        return Decision("clarify", tuple(Candidate(one.id, one.question, EITHER) for one in sent))

    def _fit(self, id: str, today: date, known: Known, askable: Container[str]) -> Fit:
        """Chooses the variants of an entry to send; asks first if an ``askable`` dimension may give a better match."""
        variants = self.entries[id]
        if ask := missing(variants, known, askable):
            return Fit(ask=ask)
        if entry := best_for(variants, known):
            return Fit(entry)
        served = tuple(one for one in possible_for(variants, known) if not one.expired(today))
        return Fit(variants=served if len(served) <= self.most else ())


def _kind(fit: Fit, today: date) -> Kind:
    is_served = fit.variants or (fit.entry and not fit.entry.expired(today))
    return "answer" if is_served else "handoff"
