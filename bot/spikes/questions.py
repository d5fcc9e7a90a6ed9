"""Keeps the questions of the last weeks that no entry answered: the conversation, the time and the question's vector.

The text stays only in the record and is read, masked, when its vector is computed. Messages of fewer than MIN_WORDS
words, pressed buttons, conversations with an emergency and blocked ones are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversation.readable import readable
from bot.core.messages import Author
from bot.learning.backlog.embedding import DIGITS, Embedding
from bot.learning.backlog.private import private_conversations
from bot.learning.backlog.reading import MAX_CHARACTERS, MIN_WORDS
from bot.record.engine import Sessions
from bot.record.log_order import log_order
from bot.record.tables import Message, SpikeQuestion
from bot.record.transcripts.rows import read
from bot.spikes.counting import signs
from bot.text.masking.masking import masked
from bot.text.normalize import plain

KEPT = timedelta(days=29)
BEFORE = timedelta(minutes=5)  # maximum time between a question and its answer
TEXTS_A_STEP = 64
STEPS = 4  # batches of texts embedded in one minute, so that a long backlog does not delay the alarm


async def keep_questions(session: AsyncSession, start: datetime, end: datetime) -> None:
    """Keeps the unanswered questions since ``start`` and before ``end``; repeating it changes nothing.

    Raises SQLAlchemyError.
    """
    open_signs = [one for one in await signs(session, start, end) if one.is_unanswered]
    names = {one.conversation for one in open_signs} - frozenset(await session.scalars(private_conversations()))
    by_citizen = (Message.author == Author.CITIZEN) & (func.coalesce(Message.data["button"].astext, "") == "")
    query = (
        select(Message)
        .where(Message.conversation_id.in_(names), by_citizen, Message.at >= start - BEFORE, Message.at < end)
        .order_by(log_order())
    )
    said: dict[str, list[tuple[str, datetime]]] = {name: [] for name in names}
    for one in await read(session, query):
        if len(plain(one.text).split()) >= MIN_WORDS:
            said[one.conversation_id].append((one.event_id, one.at))
    found: dict[tuple[str, str], datetime] = {}
    for sign in open_signs:
        earlier = [each for each in said.get(sign.conversation, ()) if sign.at - BEFORE <= each[1] <= sign.at]
        if earlier:
            event, at = earlier[-1]
            found[sign.conversation, event] = at
    rows = [{"conversation_id": name, "event_id": event, "at": at} for (name, event), at in found.items()]
    if rows:
        await session.execute(upsert(SpikeQuestion).values(rows).on_conflict_do_nothing())


async def drop_questions(session: AsyncSession, now: datetime) -> None:
    """Deletes questions older than KEPT, and questions of conversations that became private."""
    private = SpikeQuestion.conversation_id.in_(private_conversations())
    await session.execute(delete(SpikeQuestion).where((SpikeQuestion.at < now - KEPT) | private))


async def embed_questions(sessions: Sessions, embedding: Embedding) -> None:
    """Computes missing vectors, newest first, and drops those of another encoder.

    Computes at most STEPS * TEXTS_A_STEP vectors. Raises SQLAlchemyError, httpx.HTTPError.
    """
    for _ in range(STEPS):
        if not await _embed_some(sessions, embedding):
            return


async def _embed_some(sessions: Sessions, embedding: Embedding) -> bool:
    own = (Message.conversation_id == SpikeQuestion.conversation_id) & (Message.event_id == SpikeQuestion.event_id)
    query = (
        select(Message)
        .join(SpikeQuestion, own)
        .where(SpikeQuestion.vector.is_(None))
        .order_by(SpikeQuestion.at.desc())
        .limit(TEXTS_A_STEP)
    )
    async with sessions() as session:
        rows = await read(session, query)
    if not rows:
        return False
    made = await embedding.vectors([masked(readable(one.text).strip())[:MAX_CHARACTERS] for one in rows])
    async with sessions.begin() as session:
        for one, vector in zip(rows, made.vectors, strict=True):
            mine = SpikeQuestion.conversation_id == one.conversation_id
            mine &= SpikeQuestion.event_id == one.event_id
            values = {"vector": vector.tobytes(), "encoder": made.encoder}
            await session.execute(update(SpikeQuestion).where(mine).values(**values))
        other = update(SpikeQuestion).where(SpikeQuestion.encoder.not_in(["", made.encoder]))
        await session.execute(other.values(vector=None, encoder=""))
    return len(rows) == TEXTS_A_STEP


def unpacked(vectors: Sequence[bytes]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Returns the stored vectors as rows (float32)."""
    if not vectors:
        return np.zeros((0, 1), np.float32)
    return np.frombuffer(b"".join(vectors), DIGITS).reshape(len(vectors), -1).astype(np.float32)
