"""Provides the stores with personal data, reads their whole content, and plants traces of one citizen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from bot.conversation.files import Files
from bot.privacy.personal_data import PersonalData, Stores
from bot.privacy.record import Trackers
from bot.record.engine import Sessions, psycopg_url
from bot.store.client import Store
from tests.stored_words import words_in_clear
from tests.transcripts import in_clear

NAME = "0123456789abcdef0123456789abcdef"
MARK = "xylofonito"
DROP = "DROP TABLE IF EXISTS events"
TRACKERS = (
    "CREATE TABLE events (id serial PRIMARY KEY, sender_id text, type_name text, timestamp float, "
    "intent_name text, action_name text, data text)"
)
NOW = datetime.now(UTC)
STAFF = UUID(int=7)


@dataclass(frozen=True)
class Places:
    """The personal data of a running system, and the stores behind it."""

    data: PersonalData
    redis: Store
    sessions: Sessions
    database_url: str
    home: Path


def places(redis: Store, sessions: Sessions, database_url: str, home: Path) -> Places:
    files, complaint_files = Files(home / "files"), Files(home / "complaint_files")
    stores = Stores(sessions, redis, files, complaint_files, Trackers(database_url), home)
    return Places(PersonalData(stores), redis, sessions, database_url, home)


async def everything(database_url: str) -> str:
    """Returns every row of every table as one text, except the audit log and the list of erasures.

    Encrypted tables appear twice: as stored, and decrypted.
    """
    engine = create_async_engine(psycopg_url(database_url))
    async with engine.connect() as connection:
        names = await connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
        found = ""
        for name in set(names) - {"audit", "audit_seals", "erasures"}:
            rows = await connection.scalars(text(f"SELECT t::text FROM {name} t"))  # noqa: S608  (our own names)
            found += "\n".join([name, *rows])
    await engine.dispose()
    return found + await in_clear(database_url)


async def all_keys(redis: Store) -> str:
    """Returns every key of Redis with its value as one text, followed by the encrypted texts in clear."""
    found, names = "", {"", NAME}
    for key in await redis.keys():
        read = {
            "string": lambda key: redis.get(key),
            "hash": lambda key: redis.hgetall(key),
            "list": lambda key: redis.lrange(key, 0, -1),
            "set": lambda key: redis.smembers(key),
            "zset": lambda key: redis.zrange(key, 0, -1),
            "stream": lambda key: redis.xrange(key),
        }[await redis.type(key)]
        found += f"{key} {await read(key)}\n"
        names |= {key.split(":")[2]} if key.startswith(("v:conv:", "v:log:")) else set()
    return found + words_in_clear(redis.words, found, names)


async def forget_trackers(database_url: str) -> None:
    """Drops the table of Rasa's trackers."""
    engine = create_async_engine(psycopg_url(database_url))
    async with engine.begin() as connection:
        await connection.execute(text(DROP))
    await engine.dispose()


async def remember_tracker(database_url: str, name: str, words: str) -> None:
    """Creates the table of Rasa's trackers and writes one event."""
    engine = create_async_engine(psycopg_url(database_url))
    async with engine.begin() as connection:
        await connection.execute(text(DROP))
        await connection.execute(text(TRACKERS))
        row = {"name": name, "data": words}
        await connection.execute(text("INSERT INTO events (sender_id, data) VALUES (:name, :data)"), row)
    await engine.dispose()
