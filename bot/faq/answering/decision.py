"""Defines the decision on a message, selects the entries to offer, and adds the danger that was recognized."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from bot.agency.model import Agency
from bot.core.messages import Candidate
from bot.faq.answering.follow_up import BREAK, goes_on
from bot.faq.answering.judgement import Judgement
from bot.faq.entries.audience import Ask
from bot.faq.entries.entry import Entry
from bot.faq.ranking.background import OutOfScopeTopic
from bot.faq.ranking.coefficients import tuned
from bot.faq.ranking.commands import Command
from bot.faq.ranking.risk import Danger
from bot.faq.words.wording import stays
from bot.text.normalize import plain
from bot.text.questions import asks_openly_at_last

Place = Literal["first", "second"]  # of two questions
Kind = Literal["answer", "clarify", "refer", "scope", "handoff"]

FAREWELL = "goodbye"
# Commands that ask nothing, so that a question that resembles one is none: «y por cuánto sirve» resembles praise.
COURTESIES = frozenset({"thank", FAREWELL, "feedback_good"})
PART_WORDS = 2  # minimum number of words of a part that may describe a danger by itself
MOST_PARTS = 10  # maximum number of parts of a message that are judged; each takes about 6 ms


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
    topic (``outside``). With ``unanswered``, it is the topic of that question, which another body handles.
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
    beside: Candidate | None = None  # with kind ``answer``: an entry that another part of the message may ask for
    unanswered: Place | None = None  # with kind ``answer``: which of two questions no entry surely answers

    @property
    def answers(self) -> tuple[Entry, ...]:
        """Returns the entries to send, those for the first question first."""
        return tuple(one for one in (self.entry, *self.variants, self.also, *self.also_variants) if one)


def outside(topic: OutOfScopeTopic, candidates: tuple[Candidate, ...], agency: Agency) -> Decision:
    """Returns the decision on a message about an out-of-scope topic.

    An agency that is no municipality hands off a municipal topic without its name: whether it handles that topic itself
    is not known, so neither «we do that» nor «we do not» may be said. Topics with emergency numbers keep their name.
    """
    if not topic.is_agencys:
        return Decision("refer", candidates, out_of_scope_topic=topic)
    is_known = bool(topic.emergency) or agency.is_municipality
    return Decision("handoff", candidates, out_of_scope_topic=topic if is_known else None)


def offered(candidates: tuple[Candidate, ...], most: int) -> tuple[Candidate, ...]:
    """Returns the candidates likely enough to be offered: at least one, at most ``most``.

    ``candidates`` are in descending order of probability, at least one. Of entries with the same question, between
    which nobody can choose, only the likeliest is offered.
    """
    numbers = tuned().answerer
    least = max(numbers.minimum_offered, numbers.minimum_offered_of_best * candidates[0].confidence)
    likely = [one for one in candidates if one.confidence >= least] or candidates[:1]
    by_question: dict[str, Candidate] = {}
    for one in likely:
        by_question.setdefault(plain(one.question) or one.entry, one)
    return tuple(by_question.values())[:most]


def with_danger(decision: Decision, danger: Danger | None, candidates: tuple[Candidate, ...]) -> Decision:
    """Returns a handoff if ``danger`` is confirmed, else ``decision``, with ``danger`` added if it is possible.

    For a cry for help that names no matter, returns the kind ``scope``, so that no entry answers and the reply has only
    the numbers. ``candidates`` are those of the handoff. If the message is more likely a farewell than a danger, a
    confirmed danger counts only as possible; ``despite_command`` has weighed the other commands.
    """
    if danger is None:
        return decision
    command = decision.command
    if command and command.name == FAREWELL and command.score > danger.score:
        danger = danger.doubted()
    if danger.sure or danger.is_cry:
        return Decision("handoff" if danger.sure else "scope", candidates, danger=danger)
    found = decision.entry or decision.variants or decision.asks
    return replace(decision, danger=danger) if danger.possible(despite_answer=bool(found)) else decision


def without_false_courtesy(decision: Decision, text: str) -> Decision:
    """Returns the decision without the thanks, farewell or praise that was recognized in an open question.

    A message that goes on and names nothing («¿y mañana?») asks, too.
    """
    courtesy = decision.command is not None and decision.command.name in COURTESIES
    asks = asks_openly_at_last(text) or (goes_on(text) and stays(text))
    return replace(decision, command=None) if courtesy and asks else decision


def despite_command(
    text: str, danger: Danger | None, command: Command | None, judge: Callable[[str], Judgement]
) -> Danger | None:
    """Returns ``danger``, as only possible if the text is more likely the ``command`` («quiero que me llamen»).

    A farewell does not weaken the danger here (see ``with_danger``). The danger stays sure if ``judge`` finds one of
    the first MOST_PARTS parts of the text surely dangerous: «mi papá tiene medio cuerpo dormido, que alguien me llame».
    """
    if danger is None or command is None or not (danger.sure and _is_doubtful(danger, command)):
        return danger
    parts = [part for part in map(str.strip, BREAK.split(text)) if len(part.split()) >= PART_WORDS]
    named = len(parts) > 1 and any(_is_surely_dangerous(judge(part)) for part in parts[:MOST_PARTS])
    return danger if named else danger.doubted()


def _is_doubtful(danger: Danger, command: Command) -> bool:
    return command.name != FAREWELL and command.score > danger.score


def _is_surely_dangerous(part: Judgement) -> bool:
    command = part.sure_command
    return part.danger is not None and part.danger.sure and not (command and _is_doubtful(part.danger, command))
