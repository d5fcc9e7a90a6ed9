"""Finds in the conversation so far the offered choices, the last entry, the open question and the last fallback.

``events`` are as in tracker.py, oldest first; only events of the current session count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from actions.tracker import TrackerEvent, TrackerKind
from bot.conversation.dialogue import REMEMBERED_CHARACTERS, REMEMBERED_EXCHANGES
from bot.core.messages import Candidate, HandoffReason, Provenance
from bot.core.payload import Payload, not_understood

Events = Sequence[TrackerEvent]


@dataclass(frozen=True)
class Turn:
    """A message from the citizen and its replies; ``said`` contains one payload per reply, an empty one for plain text.

    ``resumed`` and ``text`` are as in TrackerEvent.
    """

    said: list[Payload] = field(default_factory=list)
    resumed: str | None = None
    text: str = ""

    @property
    def entry(self) -> str | None:
        """Returns the id of the entry to which a follow-up after this turn refers; '' if it refers to none.

        None means that the entry of the previous turn still applies, as after a mere request for a person.
        """
        for payload in reversed(self.said):
            if payload.handoff and payload.handoff.reason is not HandoffReason.ASKED_HUMAN:
                return ""
            if payload.provenance:
                return payload.provenance.entry
        return self.resumed


def offered(events: Events) -> tuple[Candidate, ...]:
    """Returns the candidates that the assistant's last message offered; () if it offered none."""
    said = _turn_before(events).said
    return said[-1].candidates if said else ()


def offers_again(events: Events) -> bool:
    """Returns whether the assistant's last two messages offered the same candidates."""
    last, before = [turn.said[-1:] for turn in [Turn(), Turn(), *_answered(events)][:-3:-1]]
    return bool(last and before and last[0].candidates) and last[0].candidates == before[0].candidates


def has_helped(events: Events) -> bool:
    """Returns whether the assistant or an agent has said anything in the session that the citizen may find useless.

    Greetings and other small talk do not count.
    """
    said = [one for turn in _answered(events) for one in turn.said]
    answered = any(one.provenance or one.candidates or one.asks or one.referral for one in said)
    failed = any(one.missed or one.handoff for one in said)
    return answered or failed or any(turn.resumed is not None for turn in _turns(events))


def explained(events: Events) -> bool:
    """Returns whether the assistant's last message said what each of the offered entries is about."""
    return any(one.explained for one in _turn_before(events).said[-1:])


def previous_entry(events: Events) -> str | None:
    """Returns the id of the entry to which a follow-up may refer; None if there is none.

    There is none if no entry was sent in the last exchanges, or if a handoff came later.
    """
    turn = _referred_to(events)
    return turn.entry or None if turn else None


def entry_beside(events: Events) -> str | None:
    """Returns the id of the entry that answered the first of two questions, if ``previous_entry`` answered the second.

    Returns None if the citizen got a single entry.
    """
    turn = _referred_to(events)
    sent = dict.fromkeys(one.provenance.entry for one in turn.said if one.provenance) if turn and turn.entry else {}
    others = [one for one in sent if turn and one != turn.entry]
    return others[-1] if others else None


def just_sent(events: Events) -> str | None:
    """Returns the id of the entry that the assistant's last message sent; None if it sent none, or an agent wrote.

    A message that has nothing but buttons does not count: it offers another entry below the answer (``with_rest``).
    """
    said = [one for one in _turn_before(events).said if not _only_buttons(one)]
    sent = [one.provenance.entry for one in said[-1:] if one.provenance]
    return sent[0] if sent and _turns(events)[-1].resumed is None else None


def question_before(events: Events) -> str:
    """Returns the citizen's words that ``previous_entry`` answered; '' if unknown or if an agent sent the entry."""
    turn = _referred_to(events)
    return turn.text if turn and any(payload.provenance for payload in turn.said) else ""


def begun_before(events: Events) -> str:
    """Returns the unanswered fragments before the newest message, which may be their rest; '' if there are none."""
    turn = _turn_before(events)
    return turn.text if not_understood(turn.said) and len(turn.text) <= REMEMBERED_CHARACTERS else ""


def _referred_to(events: Events) -> Turn | None:
    """Returns the newest turn that determines to which entry a follow-up refers; None if there is none.

    The turn may be that of the newest message.
    """
    recent = _answered(events)[-REMEMBERED_EXCHANGES:] + _turns(events)[-1:]
    return next((turn for turn in reversed(recent) if turn.entry is not None), None)


def fell_back_before(events: Events) -> bool:
    """Returns whether the reply to the previous message was a fallback."""
    return any(payload.missed for payload in _turn_before(events).said)


def denied_before(events: Events) -> bool:
    """Returns whether the citizen has said before that an answer of the session was not what they asked."""
    return any(_denies(turn) for turn in _answered(events))


def denied_entries(events: Events) -> tuple[Candidate, ...]:
    """Returns the entries of the answers that were not what the citizen asked, the newest message's first."""
    found: dict[str, Candidate] = {}
    sent: list[Provenance] = []
    *before, newest = _turns(events)
    for turn in (*before, newest):
        if turn is newest or _denies(turn):
            found = {one.entry: Candidate(one.entry, one.question, one.confidence) for one in sent} | found
        sent = [one.provenance for one in turn.said if one.provenance] or sent
    return tuple(found.values())


def _denies(turn: Turn) -> bool:
    return any(one.denied for one in turn.said)


def asked_about(events: Events) -> Candidate | None:
    """Returns the entry that depends on the citizen's audience, if the assistant has just asked for it; else None."""
    return next((payload.asks for payload in _turn_before(events).said if payload.asks), None)


def _only_buttons(said: Payload) -> bool:
    return bool(said.buttons) and said == Payload(said.text, said.buttons)


def _turn_before(events: Events) -> Turn:
    return next(iter(reversed(_answered(events))), Turn())


def _answered(events: Events) -> list[Turn]:
    """Returns the session's turns before the citizen's newest message, oldest first."""
    return _turns(events)[:-1]


def _turns(events: Events) -> list[Turn]:
    """Returns the session's turns, oldest first.

    The first turn contains the assistant's messages before the citizen wrote.
    """
    turns = [Turn()]
    for event in events:
        match event.kind:
            case TrackerKind.SESSION_STARTED:
                turns = [Turn()]
            case TrackerKind.USER:
                turns.append(Turn(resumed=event.resumed, text=event.text))
            case TrackerKind.REWIND:  # the desk rejected the answer
                turns = turns[:-1] or [Turn()]
            case TrackerKind.BOT:
                turns[-1].said.append(event.payload)
    return turns
