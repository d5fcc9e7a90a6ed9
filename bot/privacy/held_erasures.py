"""Turns an erasure that a legal hold prevents into a request about personal data, and notifies the citizen."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from bot.agency.model import Agency
from bot.agency.privacy_settings import RequestKind, due_at
from bot.conversation.inbox import Inbox
from bot.core.messages import Author, Reply
from bot.core.texts import say
from bot.privacy.erasures import REQUEST_MARK
from bot.record.engine import Sessions
from bot.record.privacy_requests import RequestState
from bot.record.tables import Conversation, PrivacyRequest


class HeldErasures:
    """Registers erasures that a legal hold prevents as requests, which staff answer at the desk."""

    def __init__(self, sessions: Sessions, agency: Agency, inbox: Inbox) -> None:
        self._sessions, self._agency, self._inbox = sessions, agency, inbox

    async def register(self, name: str, receipt: str) -> None:
        """Adds the request, unless it exists, and sends the citizen its number, made from ``receipt``.

        May raise redis.RedisError and SQLAlchemyError; calling it again is safe.
        """
        now = self._agency.now()
        due = due_at(RequestKind.ERASURE, now, self._agency.schedule)
        number = f"{REQUEST_MARK}-{receipt.partition('-')[2]}"
        row = {"receipt": number, "conversation_id": name, "kind": RequestKind.ERASURE.value, "at": now, "due_at": due}
        async with self._sessions.begin() as session:
            channel = await session.scalar(select(Conversation.channel).where(Conversation.id == name))
            row |= {"channel": channel or "", "state": RequestState.OPEN.value, "note": say("datos.retencion.nota")}
            await session.execute(insert(PrivacyRequest).values(**row).on_conflict_do_nothing())
        text = say("derechos.retenida", comprobante=number, fecha=f"{due:%d/%m/%Y}")
        await self._inbox.notify(name, Reply(text, author=Author.SYSTEM), anybody=True, asked=True)
