"""Defines the decision on a message, selects the entries to offer, and adds the danger that was recognized."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from bot.core.messages import Candidate
from bot.faq.entries.audience import Ask
from bot.faq.entries.entry import Entry
from bot.faq.ranking.background import OutOfScopeTopic
from bot.faq.ranking.coefficients import tuned
from bot.faq.ranking.commands import Command
from bot.faq.ranking.risk import Danger

Kind = Literal["answer", "clarify", "refer", "scope", "handoff"]


@dataclass(frozen=True)
class Decision:
    """The decision on how to respond to a message.

    The kind ``scope`` means chitchat. ``candidates`` are the likeliest entries, best first, with their probabilities.
    ``entry`` is the entry to answer with; with kind ``handoff`` it is an entry that would answer the message but has
    expired.

    ``also`` answers the second question of a message that asks two. If only one of two questions can be answered,
    ``also`` is its answer, while ``entry`` and ``variants`` are empty; the kind then applies to the other question,
    which is clarified or handed off.

    ``out_of_scope_topic`` is set with kind ``refer``, and with ``handoff`` if another office of the agency handles the
    topic.
    """

    kind: Kind
    candidates: tuple[Candidate, ...] = ()
    entry: Entry | None = None
    also: Entry | None = None
    also_variants: tuple[Entry, ...] = ()  # instead of ``also``, as ``variants`` are instead of ``entry``
    out_of_scope_topic: OutOfScopeTopic | None = None
    asks: Ask | None = None  # with kind ``clarify``: the question that decides between variants of an entry
    follows: bool = False  # whether the message was understood as a follow-up on the previous entry
    danger: Danger | None = None  # a possible or confirmed danger; with a confirmed one, ``entry`` is None
    # With kind ``answer``, instead of ``entry``: a variant for each audience segment that the citizen may belong to.
    variants: tuple[Entry, ...] = ()
    command: Command | None = None  # was recognized in the message, even if an entry answers the message

    @property
    def answers(self) -> tuple[Entry, ...]:
        """Returns the entries to send, those for the first question first."""
        return tuple(one for one in (self.entry, *self.variants, self.also, *self.also_variants) if one)


def offered(candidates: tuple[Candidate, ...], most: int) -> tuple[Candidate, ...]:
    """Returns the candidates likely enough to be offered: at least one, at most ``most``.

    ``candidates`` are in descending order of probability, at least one.
    """
    numbers = tuned().answerer
    least = max(numbers.minimum_offered, numbers.minimum_offered_of_best * candidates[0].confidence)
    likely = [one for one in candidates if one.confidence >= least]
    return candidates[: min(most, max(len(likely), 1))]


def with_danger(decision: Decision, danger: Danger | None, candidates: tuple[Candidate, ...]) -> Decision:
    """Returns a handoff if ``danger`` is confirmed, else ``decision``, with ``danger`` added if it is possible.

    ``candidates`` are those of the handoff. If the message is more likely a command than a danger, a confirmed danger
    counts only as possible.
    """
    if danger is None:
        return decision
    if decision.command and decision.command.score > danger.score:  # «quiero que me llamen, por favor»
        danger = danger.doubted()
    if danger.sure:
        return Decision("handoff", candidates, danger=danger)
    found = decision.entry or decision.variants or decision.asks
    return replace(decision, danger=danger) if danger.possible(despite_answer=bool(found)) else decision
