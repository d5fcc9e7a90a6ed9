"""Tests that the audit's seal is mailed every day, even if a process ends while it sends the mail."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from redis.asyncio import Redis

from bot.agency.model import Agency
from bot.desk.auth.audit import Action, AuditLog
from bot.mail.senders import SendingFailed, Words
from bot.privacy import seal_mail
from bot.privacy.seal_mail import SealMail
from bot.record.engine import Sessions
from bot.store import keys
from tests.slow_post import SlowPost


async def test_seal_that_a_process_did_not_finish_mailing_is_mailed_an_hour_later(
    redis: Redis, database: Sessions, agency: Agency
) -> None:
    post, lease = SlowPost(), keys.lease_key(seal_mail.LEASE)
    mail = SealMail(database, redis, replace(agency, seal_mails=("eva@x.cl",)), post)
    await AuditLog(database).record(Action.TICKET_CLAIMED, staff_id=None, subject="1")
    sending = asyncio.create_task(mail.send_due())
    await post.asked.wait()
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    assert 0 < await redis.ttl(lease) <= seal_mail.SENDING_S and not await mail.send_due()
    await redis.delete(lease)  # an hour later
    post.goes_on.set()
    assert [await mail.send_due() for _ in range(2)] == [True, False]
    assert post.sent == ["eva@x.cl"] and await redis.ttl(lease) > seal_mail.SENDING_S


async def test_dead_mailbox_neither_keeps_others_from_the_seal_nor_brings_it_to_them_again(
    redis: Redis, database: Sessions, agency: Agency
) -> None:
    sent: list[str] = []

    class Refusing:
        way = "mail"

        async def send(self, to: str, _words: Words) -> None:
            if to == "se-fue@x.cl":
                raise SendingFailed(way=self.way)
            sent.append(to)

    listed = replace(agency, seal_mails=("eva@x.cl", "se-fue@x.cl", "juan@x.cl"))
    mail = SealMail(database, redis, listed, Refusing())
    await AuditLog(database).record(Action.TICKET_CLAIMED, staff_id=None, subject="1")
    assert [await mail.send_due() for _ in range(2)] == [True, False]
    assert sent == ["eva@x.cl", "juan@x.cl"]
