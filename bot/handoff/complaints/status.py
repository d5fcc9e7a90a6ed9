"""Answers citizens who ask about the state of their complaint: «¿cómo va mi reclamo 179-610?».

Anybody with the number gets the state and its dates, on any channel. The texts of the complaint and of staff's answer
are shown only in the conversation in which the complaint was made.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from bot.agency.model import Agency
from bot.conversation.inbox import Inbox
from bot.core.logs import log
from bot.core.messages import CitizenMessage, Reply
from bot.handoff.complaints.numbers import has_number, number_in
from bot.handoff.complaints.words import asks_state, asks_unnamed_state, names_complaint
from bot.record.complaint_record import ComplaintBook, ComplaintState, ComplaintStatus
from bot.text.markdown import literal

LOOKUPS, LOOKUPS_WINDOW_S = 20, 3600  # per conversation
NETWORK_LOOKUPS = 100  # of all conversations of a network: one may open hundreds an hour, and there are 100,000 numbers
FILED, NETWORK_FILED = 10, 100  # complaints within LOOKUPS_WINDOW_S: of a conversation, and of all of a network
RESERVED_S = 7 * 24 * 3600  # longer than the recorder may lag
WHAT_CHARACTERS = 120


class ComplaintStates:
    """Answers questions about complaints; its methods may raise redis.RedisError."""

    def __init__(self, agency: Agency, book: ComplaintBook, inbox: Inbox) -> None:
        self._agency, self._book, self._inbox = agency, book, inbox
        self._zone = agency.zone

    async def state_reply(self, message: CitizenMessage, *, waits: bool = False) -> Reply | None:
        """Returns the reply to a question about a complaint, or to a complaint's number alone; None for other messages.

        The reply gives the reason instead of a state if the number's check digit is wrong, after too many questions in
        LOOKUPS_WINDOW_S seconds, or while the record is unavailable. Returns None, too, for a number alone that belongs
        to no complaint, and for a question that names no complaint («¿cómo sé en qué va?») in a conversation without
        one, or of a citizen who ``waits`` for a person: they ask about the queue.
        """
        if asks_unnamed_state(message.text):
            return None if waits else await self._of_conversation(message.conversation)
        number, asks = number_in(message.text), asks_state(message.text)
        is_alone = bool(number) and len(message.text.split()) <= 2
        if not asks and not is_alone and not (number and names_complaint(message.text)):
            return None
        if not number and has_number(message.text):
            return Reply(self._agency.say("reclamo_numero_malo"))
        try:
            return await self._looked_up(message.conversation, number, sure=asks or not is_alone)
        except (SQLAlchemyError, OSError) as error:
            log.warning("complaints: record unavailable", error=type(error).__name__)
            return Reply(self._agency.say("reclamo_sin_consulta"))

    async def _of_conversation(self, conversation: str) -> Reply | None:
        """Returns the state of the conversation's complaints; None if it has none, or the record is unavailable."""
        try:
            own = await self._book.of_conversation(conversation)
        except (SQLAlchemyError, OSError) as error:
            log.warning("complaints: record unavailable", error=type(error).__name__)
            return None
        return self._all(own) if own else None

    async def reserve(self, number: str) -> bool:
        """Reserves a number for a new complaint; returns False if the number is in use.

        If PostgreSQL is unavailable, compares only with the numbers reserved in the last RESERVED_S seconds.
        """
        if not await self._inbox.once(f"complaint:{number}", RESERVED_S):
            return False
        try:
            return not await self._book.exists(number)
        except (SQLAlchemyError, OSError) as error:
            # The citizen should not wait for the record; of two complaints with a number, each citizen reads their own.
            log.warning("complaints: number not compared with the record", error=type(error).__name__)
            return True

    async def may_file(self, message: CitizenMessage) -> bool:
        """Counts a complaint that the citizen sends with ``message``; returns False above the limits.

        A message whose turn is decided again, as after a failed commit, counts once.
        """
        conversation, own = message.conversation, f"filed:{message.id}"  # the message itself was counted
        uses = [(f"filed:{conversation}", FILED, 1), ("filed:from:*", NETWORK_FILED, 1)]
        return await self._inbox.allow_all(uses, LOOKUPS_WINDOW_S, conversation=conversation, id=own)

    async def _looked_up(self, conversation: str, number: str, *, sure: bool) -> Reply | None:
        """Returns the state of the complaint ``number``; if ``number`` is '', of all the conversation's complaints.

        If no complaint has the number, returns None unless ``sure``, since the number may belong to something else.
        """
        uses = [(f"complaints:{conversation}", LOOKUPS, 1), ("complaints:from:*", NETWORK_LOOKUPS, 1)]
        if not await self._inbox.allow_all(uses, LOOKUPS_WINDOW_S, conversation=conversation):
            return Reply(self._agency.say("reclamo_muchas_consultas"))
        if not number:
            own = await self._book.of_conversation(conversation)
            return self._all(own) if own else Reply(self._agency.say("reclamo_cual_numero"))
        found = await self._book.find(number, conversation)
        if found is None:
            return Reply(self._agency.say("reclamo_no_existe", numero=number)) if sure else None
        return Reply(self._words(found, own=found.conversation == conversation))

    def _all(self, found: Sequence[ComplaintStatus]) -> Reply:
        return Reply("\n\n".join(self._words(one, own=True) for one in found))

    def _words(self, one: ComplaintStatus, *, own: bool) -> str:
        state = state_words(self._agency, one.state, one.unit)
        lines = [
            self._agency.say("reclamo_estado", numero=one.number, estado=state),
            self._agency.say("reclamo_fechas", recibido=self._day(one.at), cambio=self._day(one.changed_at)),
        ]
        if own:
            what = " ".join(one.what.split())
            short = what if len(what) <= WHAT_CHARACTERS else f"{what[:WHAT_CHARACTERS].rstrip()}…"
            lines.append(self._agency.say("reclamo_contaste", que=literal(short)))
            lines += [self._agency.say("reclamo_respuesta", respuesta=literal(one.reply))] if one.reply else []
        return "\n\n".join(lines)

    def _day(self, at: datetime) -> str:
        return f"{at.astimezone(self._zone):%d/%m/%Y}"  # a line never breaks after these slashes


def state_words(agency: Agency, state: ComplaintState, unit: str) -> str:
    """Returns a Spanish phrase for a complaint's state, with the unit to which the complaint was referred."""
    if state is ComplaintState.REFERRED and unit:
        return agency.say("reclamo_estado_referred_a", unidad=literal(unit))
    return agency.say(f"reclamo_estado_{state}")
