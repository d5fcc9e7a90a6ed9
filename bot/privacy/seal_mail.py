"""Mails the audit's newest seal once a day, so that it is known outside this system (``seguridad.sello_correos``)."""

from __future__ import annotations

import asyncio

from redis.exceptions import RedisError
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from bot.agency.model import Agency
from bot.core.logs import log
from bot.core.texts import say
from bot.mail.letters import mailed
from bot.mail.senders import Sender, SendingFailed, Words
from bot.record.engine import Sessions
from bot.record.tables import AuditSeal
from bot.store import keys
from bot.store.client import Store

EVERY_S = 3600.0
DAY_S = 24 * 3600
SENDING_S = 3600  # longer than sending takes; after it, another process may send what an ended process did not
LEASE = "audit-seal-mail"


class SealMail:
    """The task that mails the newest seal; ``sender`` is None without SMTP_URL and SMTP_FROM."""

    def __init__(self, sessions: Sessions, redis: Store, agency: Agency, sender: Sender | None) -> None:
        self._sessions, self._redis, self._sender = sessions, redis, sender
        self._agency, self._recipients = agency, agency.seal_mails
        if self._recipients and sender is None:
            log.warning("audit: sello_correos without SMTP_URL or SMTP_FROM", count=len(self._recipients))

    async def run(self) -> None:
        """Calls ``send_due`` every EVERY_S seconds until cancelled; logs errors and retries."""
        while True:
            try:
                await self.send_due()
            except (SQLAlchemyError, RedisError, OSError, SendingFailed) as error:
                log.warning("audit: seal not mailed, retrying", error=type(error).__name__)
            await asyncio.sleep(EVERY_S)

    async def send_due(self) -> bool:
        """Mails the newest seal, unless a process mailed one within a day; returns whether it was mailed now.

        If no e-mail can be sent, or the process ends meanwhile, a later call sends to all recipients again. Raises
        SQLAlchemyError, RedisError, SendingFailed.
        """
        if self._sender is None or not self._recipients:
            return False
        async with self._sessions() as session:
            newest = await session.scalar(select(AuditSeal).order_by(AuditSeal.seq.desc()).limit(1))
        lease = keys.lease_key(LEASE)
        if newest is None or not await self._redis.set(lease, "1", nx=True, ex=SENDING_S):
            return False
        facts = {"agencia": self._agency.name, "linea": newest.audit_id, "sello": newest.seal}
        words = Words(say("desk.auditoria.correo.asunto", **facts), say("desk.auditoria.correo.texto", **facts))
        if not await mailed(self._sender, dict.fromkeys(self._recipients, words)):
            await self._redis.delete(lease)
            raise SendingFailed(way=self._sender.way)
        await self._redis.set(lease, "1", ex=DAY_S)
        log.info("audit: seal mailed", seq=newest.seq, recipients=len(self._recipients))
        return True
