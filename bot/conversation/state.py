"""Reads a conversation's state from Redis."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.agency.desk_settings import COMMUNE
from bot.conversation.dialogue import Dialogue
from bot.core.messages import Button, Channel, CitizenMessage, Priority, Speaker
from bot.store import keys
from bot.store.client import Store
from bot.store.commands import ask_all

FRESH_S = 0.05
# Prefixes of the fields that name the public notices sent to the citizen; the second is of older releases.
NOTIFIED = ("notified:", "told:")


@dataclass(frozen=True)
class KeptDanger:
    """A danger that the citizen described; times are in ms since 1970.

    ``at`` is when its emergency number was last sent, ``denied`` when the citizen said that there is no emergency; 0 if
    they did not, or described this danger again.
    """

    kind: str
    sure: bool
    at: int
    denied: int = 0


@dataclass(frozen=True)
class ConversationState:
    """The state of a conversation; times are in ms since 1970."""

    exists: bool
    channel: Channel | None
    speaker: Speaker
    ticket: str | None  # the open ticket
    welcomed: bool
    buttons: tuple[Button, ...]  # the buttons offered last
    noticed_at: int  # when the citizen was last told their queue position
    rest_announced: str = ""  # the ticket whose citizen was told that a person will read messages without an answer
    priority_announced: str = ""  # the ticket whose citizen was told that they have priority
    complaint_explained: str = ""  # the ticket whose citizen was told how to leave a complaint with a number
    inbound_at: int = 0  # when the citizen last wrote
    notices_off: bool = False  # the citizen refuses unsolicited notices
    form: str = ""  # state of the dialogue about a call-back
    complaint: str = ""  # state of the dialogue about a complaint
    to_explain: str = ""  # receipt of the privacy request that the citizen was asked to explain
    address: str = ""  # where answers are sent, encrypted
    known: Mapping[str, str] = field(default_factory=dict)  # dimension -> value, with language and commune
    # Entry of the last support session, '' if it had none; None once the assistant has answered, or after a few turns.
    resumed: str | None = None
    resumed_summary: str = ""  # the agent's summary of that session
    approval: str = ""  # id of the answer that waits for approval
    callback: str = ""  # ticket of the call-back that the citizen asked for
    wrote_spanish: bool = False  # the citizen's language is not Spanish, but their latest message is
    seen_by_staff_at: int = 0  # when an agent last wrote or read; the assistant leaves earlier messages to staff
    answered_by_staff_at: int = 0  # when an agent last wrote
    dialogue: Dialogue = field(default_factory=Dialogue)
    dangers: tuple[KeptDanger, ...] = ()  # one per kind, until an agent closes the ticket
    in_emergency: bool = False  # the open ticket has the priority of an emergency
    sent_notices: frozenset[str] = frozenset()  # ids of notices and marks of blocks, sent to the citizen

    def emergency(self, *, even_denied: bool = False) -> str:
        """Returns the kind of the newest sure danger while the open ticket is an emergency; '' if there is none.

        An emergency lasts as long as its ticket is open, however long that is.
        A danger that the citizen denied counts only with ``even_denied``, and only if there is no other.
        """
        return next(iter(self.emergencies(even_denied=even_denied)), "")

    def emergencies(self, *, even_denied: bool = False) -> tuple[str, ...]:
        """Returns the kinds of all dangers of which ``emergency`` returns the newest one, newest first."""
        sure = [one for one in self.dangers if one.sure and self.in_emergency]
        found = [one for one in sure if not one.denied] or (sure if even_denied else [])
        return tuple(one.kind for one in sorted(found, key=lambda one: -one.at))

    def belongs_to_staff(self, message: CitizenMessage) -> bool:
        """Returns whether a message is for staff: an agent is in charge, or saw it and did not hand it back."""
        if self.speaker is Speaker.STAFF:
            return True
        # A worker that handles the message late must not let the assistant answer it again.
        return not message.handed_back and 0 < message.at <= self.seen_by_staff_at


@dataclass(frozen=True)
class Seen:
    """A conversation's state and its pending messages, oldest first.

    Both were read together at time ``at``, in seconds of the monotonic clock.
    """

    conversation: str
    state: ConversationState
    pending: list[CitizenMessage]
    at: float

    def is_fresh(self) -> bool:
        """Returns whether the state was read less than FRESH_S seconds ago, so that a turn may be decided with it.

        The commit checks the state again.
        """
        return time.monotonic() - self.at < FRESH_S


def state_from(raw: dict[str, str], notices_off: bool) -> ConversationState:
    """Parses a conversation's Redis hash.

    Also reads the fields of older releases: ``comuna``, ``rest_told``, ``first_told`` and ``told:<notice>``. The hash
    contains neither ``notices_off`` nor ``in_emergency``, which ``with_emergencies`` sets.
    """
    return ConversationState(
        exists=bool(raw),
        channel=Channel(raw["channel"]) if "channel" in raw else None,
        speaker=Speaker(raw.get("speaker", Speaker.ASSISTANT)),
        ticket=raw.get("ticket"),
        welcomed=raw.get("welcomed") == "1",
        buttons=tuple(Button(**one) for one in json.loads(raw.get("buttons", "[]"))),
        noticed_at=int(raw.get("noticed_at", 0)),
        rest_announced=raw.get("rest_announced", raw.get("rest_told", "")),
        priority_announced=raw.get("priority_announced", raw.get("first_told", "")),
        complaint_explained=raw.get("complaint_explained", ""),
        inbound_at=int(float(raw.get("inbound_at", 0))),
        notices_off=notices_off,
        form=raw.get("form", ""),
        complaint=raw.get("complaint", ""),
        to_explain=raw.get("to_explain", ""),
        address=raw.get("address", ""),
        known=({COMMUNE: raw["comuna"]} if "comuna" in raw else {}) | json.loads(raw.get("known", "{}")),
        resumed=raw.get("resumed"),
        resumed_summary=raw.get("resumed_summary", ""),
        approval=raw.get("proposal", ""),
        callback=raw.get("callback", ""),
        wrote_spanish=raw.get("wrote_spanish") == "1",
        seen_by_staff_at=max(_moment(raw.get("replied_staff")), _moment(raw.get("read_staff"))),
        answered_by_staff_at=_moment(raw.get("replied_staff")),
        dialogue=Dialogue.from_json(raw.get("dialogue", "")),
        dangers=_dangers(raw.get("dangers", "{}")),
        sent_notices=frozenset(name.partition(":")[2] for name in raw if name.startswith(NOTIFIED)),
    )


async def with_emergencies(redis: Store, states: Sequence[ConversationState]) -> list[ConversationState]:
    """Returns the states, in the same order, with ``in_emergency`` set by the priority of the open ticket.

    Only a sure danger makes a ticket an emergency, so Redis is asked about these conversations alone, which are few.
    May raise redis.RedisError.
    """
    tickets = sorted({one.ticket for one in states if one.ticket and any(danger.sure for danger in one.dangers)})
    if not tickets:
        return list(states)
    found = await ask_all(redis, lambda ask, one: ask.hget(keys.ticket_key(one), "priority"), tickets)
    urgent = {ticket for ticket, priority in zip(tickets, found, strict=True) if priority == Priority.EMERGENCY}
    return [replace(one, in_emergency=True) if one.ticket in urgent else one for one in states]


def _dangers(raw: str) -> tuple[KeptDanger, ...]:
    return tuple(
        KeptDanger(kind, kept["sure"], int(kept["at"]), int(kept.get("denied", 0)))
        for kind, kept in json.loads(raw).items()
    )


def _moment(event_id: str | None) -> int:
    """Returns the time at which an event was logged, in ms since 1970; 0 for None."""
    return int((event_id or "0").partition("-")[0])
