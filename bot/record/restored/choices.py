"""Reads from the record what citizens and staff chose and Redis keeps: refusals of notices, and the roll-out steps."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.messages import Author, Channel
from bot.record.tables import Audit, Message, Subscription
from bot.record.transcripts.rows import read
from bot.text.normalize import plain
from bot.text.notice_words import BACK_WORDS, NOTIFY_NEAR_ID, NOTIFY_NEAR_WORDS

RECORDED_SINCE = datetime(2026, 11, 30, tzinfo=UTC)  # since then «alta» deletes the refusal's row
ROLLOUT_CHANGED = "rollout_changed"  # Action.ROLLOUT_CHANGED of bot/desk/auth/audit.py


async def refusing(session: AsyncSession) -> list[str]:
    """Returns the conversations whose citizens refused notices, and have not asked for them since.

    Releases before RECORDED_SINCE did not record «alta», so the citizen's words after the refusal decide, if they are
    as old. Later words mean nothing: «alta» may be said to an agent about something else. «Avísame» allows notices
    again only while the citizen waits, which the words alone do not tell.
    """
    rows = await session.execute(
        select(Subscription.conversation_id, Subscription.at).where(Subscription.address.is_(None))
    )
    return [name for name, at in rows.all() if not await _asked_since(session, name, at)]


async def _asked_since(session: AsyncSession, conversation: str, at: datetime) -> bool:
    later = (Message.conversation_id == conversation) & (Message.author == Author.CITIZEN) & (Message.at > at)
    later &= Message.at < RECORDED_SINCE
    return any(wants_notices(one) for one in await read(session, select(Message).where(later)))


def wants_notices(message: Message) -> bool:
    """Returns whether a decrypted message of a citizen allows notices again: «alta», typed, as bot/turns/optout.py."""
    return not message.data.get("button") and plain(message.text) in BACK_WORDS


def asks_for_notice(message: Message) -> bool:
    """Returns whether a decrypted message of a citizen asks to be told when their turn is near."""
    return message.data.get("button") == NOTIFY_NEAR_ID or plain(message.text) in NOTIFY_NEAR_WORDS


async def rollout_steps(session: AsyncSession) -> dict[str, str]:
    """Maps each channel whose roll-out was changed to its last step, as Step.to_text of bot/turns/rollout.py writes it.

    The audit log tells the steps; older changes than it keeps are not restored.
    """
    changed = select(Audit.subject, Audit.detail).where(Audit.action == ROLLOUT_CHANGED).order_by(Audit.id)
    rows = (await session.execute(changed.where(Audit.subject.in_(list(Channel))))).all()
    return {channel: f"{detail['step']}:{detail['percent']}" for channel, detail in rows}
