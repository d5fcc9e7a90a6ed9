"""Reads, creates and rewraps the keys of conversations in PostgreSQL; a session's ``info`` contains the master keys."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.secrets.encryption import ConversationCipher, MasterKeys, Secrets
from bot.core.secrets.kept import kept_secret
from bot.core.settings import Settings
from bot.record.base import Base
from bot.record.engine import MASTERS, Sessions
from bot.record.tables import ConversationKey

Ciphers = dict[tuple[str, str], ConversationCipher]  # by conversation and id of the key

MADE = "keys in use"
A_STEP = 500
# Built once, as in event_record.py.
KEYS_OF = text("""
  SELECT conversation_id, id, master, wrapped FROM conversation_keys WHERE conversation_id = ANY(:conversations)
""")
NEW_KEY = insert(Base.metadata.tables[ConversationKey.__tablename__])
COLUMNS = (ConversationKey.conversation_id, ConversationKey.id, ConversationKey.master, ConversationKey.wrapped)


class MastersMissing(RuntimeError):
    """A session without master keys was asked to read or write encrypted texts."""


def master_keys(settings: Settings) -> MasterKeys:
    """Builds the master keys: TRANSCRIPT_KEY if it is set, else the secret; older and replaced keys only unwrap.

    Raises SecretsDamaged and OSError.
    """
    secret = Secrets.of(settings.secret.get_secret_value() or kept_secret(settings.home, "secret"))
    own, old = settings.transcript_key.get_secret_value(), settings.transcript_key_old.get_secret_value()
    older = [one.strip() for one in old.split(",") if one.strip()]
    return MasterKeys(own or secret.current, *older, *secret.every, search=secret.naming)


def masters_of(session: AsyncSession) -> MasterKeys:
    """Returns the session's master keys. Raises MastersMissing."""
    masters = session.info.get(MASTERS)
    if not isinstance(masters, MasterKeys):
        raise MastersMissing
    return masters


async def ciphers_of(session: AsyncSession, conversations: Collection[str]) -> Ciphers:
    """Returns the ciphers of all keys of these conversations that can be unwrapped."""
    if not conversations:
        return {}
    masters = masters_of(session)
    # Keys are not cached: unwrapping takes microseconds, and an erased key must not stay in memory.
    rows = await session.execute(KEYS_OF, {"conversations": list(set(conversations))})
    found = ((row[0], row[1], masters.unwrap(*row)) for row in rows)
    return {(name, id): cipher for name, id, cipher in found if cipher}


async def writing_cipher(session: AsyncSession, conversation: str) -> ConversationCipher:
    """Returns the cipher for new texts of a conversation that is in the record; creates its key for the first text.

    The session's transaction must be the transaction that writes the texts.
    """
    made: dict[str, ConversationCipher] = session.info.setdefault(MADE, {})
    if conversation not in made:
        known = await ciphers_of(session, [conversation])
        made[conversation] = next(iter(known.values()), None) or await _new(session, conversation)
    return made[conversation]


async def prepare_ciphers(session: AsyncSession, conversations: Collection[str]) -> None:
    """Reads the keys of conversations in one query, so that ``writing_cipher`` need not query them.

    The session's transaction must have written to these conversations before, so that nobody erases a key meanwhile.
    """
    made: dict[str, ConversationCipher] = session.info.setdefault(MADE, {})
    for (name, _), cipher in (await ciphers_of(session, conversations)).items():
        made.setdefault(name, cipher)


async def _new(session: AsyncSession, conversation: str) -> ConversationCipher:
    masters = masters_of(session)
    cipher, wrapped = masters.new_key(conversation)
    row = {"conversation_id": conversation, "id": cipher.id, "master": masters.newest, "wrapped": wrapped}
    await session.execute(NEW_KEY, row)
    return cipher


async def wrapped_before(session: AsyncSession) -> int:
    """Returns the number of keys that an earlier master key wrapped."""
    older = select(func.count()).where(ConversationKey.master != masters_of(session).newest)
    return int(await session.scalar(older) or 0)


@dataclass(frozen=True)
class Rewrapped:
    """The number of keys that a rotation wrapped again, and the number of keys whose master key is unknown."""

    changed: int
    unknown: int


async def rewrap_keys(sessions: Sessions) -> Rewrapped:
    """Wraps all keys with the newest master; may be interrupted and repeated. Raises SQLAlchemyError."""
    changed, after = 0, ("", "")
    position = (ConversationKey.conversation_id, ConversationKey.id)
    while True:
        async with sessions.begin() as session:
            masters = masters_of(session)
            old = select(*COLUMNS).where(ConversationKey.master != masters.newest)
            old = old.where(func.row(*position) > func.row(*after)).order_by(*position).limit(A_STEP)
            rows = (await session.execute(old.with_for_update())).all()
            if not rows:
                return Rewrapped(changed, await wrapped_before(session))
            for name, id, master, wrapped in rows:
                if fresh := masters.rewrap(name, id, master, wrapped):
                    own = (ConversationKey.conversation_id == name) & (ConversationKey.id == id)
                    await session.execute(
                        update(ConversationKey).where(own).values(master=masters.newest, wrapped=fresh)
                    )
                    changed += 1
            after = rows[-1][0], rows[-1][1]
