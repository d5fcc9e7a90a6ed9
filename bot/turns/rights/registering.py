"""Registers a privacy request with a receipt number and a deadline, and reports the state of a request."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy.exc import SQLAlchemyError

from bot.agency.model import Agency
from bot.agency.privacy_settings import RequestKind, due_at
from bot.conversation.change import Note
from bot.conversation.inbox import Inbox
from bot.core.event_facts import PrivacyRequestFacts
from bot.core.events import EventKind
from bot.core.logs import log
from bot.core.messages import CitizenMessage, Handoff, HandoffReason, Reply
from bot.core.texts import area, say
from bot.record.privacy_requests import RequestBook, RequestState, receipt_in
from bot.turns.outcome import Decision, ForPerson, Turn

LOOKUPS, LOOKUPS_WINDOW_S = 20, 3600  # per conversation
REQUESTS, REQUESTS_WINDOW_S = 5, 24 * 3600  # per conversation


class Registering:
    """Registers requests and reports their state; ``receipt`` returns a new receipt number.

    Methods may raise redis.RedisError.
    """

    def __init__(self, agency: Agency, book: RequestBook, inbox: Inbox, receipt: Callable[[], str]) -> None:
        self._agency, self._book, self._inbox, self._receipt = agency, book, inbox, receipt
        self._zone = agency.zone

    async def register(self, kind: RequestKind, message: CitizenMessage) -> ForPerson | Decision:
        """Returns a turn and a note that register the request with its receipt and deadline.

        Committing the turn stores the request. Returns a refusal if the conversation made REQUESTS within a day; a
        ``message`` whose turn is decided again, as after a failed commit, counts once.
        """
        name, own = f"registered:{message.conversation}", f"registered:{message.id}"  # the message itself was counted
        if not await self._inbox.allow(name, REQUESTS, REQUESTS_WINDOW_S, conversation=message.conversation, id=own):
            return Decision((Reply(say("derechos.muchas", n=REQUESTS)),))
        receipt, due = self._receipt(), due_at(kind, datetime.now(self._zone), self._agency.schedule)
        confirmation = say(f"derechos.pedido.{kind}", comprobante=receipt, fecha=self._day(due))
        facts = PrivacyRequestFacts(receipt, kind.value, int(due.timestamp() * 1000))
        turn = Turn((Reply(confirmation),), Handoff(HandoffReason.PRIVACY_REQUEST))
        return ForPerson(turn, Note(EventKind.PRIVACY_REQUESTED, facts))

    async def state_reply(self, message: CitizenMessage) -> Reply | None:
        """Returns a reply about the request whose receipt number the message contains; None if it contains none."""
        if not (receipt := receipt_in(message.text)):
            return None
        if not await self._inbox.allow(f"requests:{message.conversation}", LOOKUPS, LOOKUPS_WINDOW_S):
            return Reply(say("derechos.estado.muchas"))
        try:
            found = await self._book.status(receipt)
        except (SQLAlchemyError, OSError) as error:
            log.warning("rights: record unavailable", error=type(error).__name__)
            return Reply(say("derechos.estado.sin_consulta"))
        if found is None:
            return Reply(say("derechos.estado.no_existe", comprobante=receipt))
        day = self._day(found.due_at if found.state is RequestState.OPEN else found.answered_at or found.due_at)
        kind = area("derechos")["tipos"].get(found.kind, found.kind)
        return Reply(say(f"derechos.estado.{found.state}", comprobante=receipt, tipo=kind, fecha=day))

    def _day(self, at: datetime) -> str:
        return f"{(at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(self._zone):%d/%m/%Y}"
