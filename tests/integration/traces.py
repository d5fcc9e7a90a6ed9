"""Plants traces of one citizen on every channel, each with a different word, and searches every store for them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import String, insert, select, text, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversation.change import Change
from bot.core.messages import Channel, CitizenMessage, Reply, Speaker
from bot.handoff.complaints.photos import folder_of
from bot.privacy.inventory import inventory
from bot.privacy.record import CITIZENS
from bot.record import tables
from bot.store import keys
from tests.integration.planted import plant
from tests.no_record import mailbox_of
from tests.pictures import picture
from tests.privacy_world import MARK, NAME, Places, all_keys, everything, remember_tracker
from tests.recording import recording, until_recorded

NAMES = {Channel.WEB: NAME, Channel.TELEGRAM: "b" * 32, Channel.WHATSAPP: "c" * 32}
WORD = re.compile(rf"{MARK}\d{{3}}x")
# Columns that say whose the row is, or who of the staff wrote it; and what is no text.
NOT_PLANTED = re.compile(r"(conversation_)?id|staff_id|\w+_by|\w+_at|vector|ref|file_id|terms|latitude|longitude|until")


@dataclass
class Traces:
    """Collects the planted words, by the kind of trace."""

    world: Places

    def __post_init__(self) -> None:
        self.words: dict[str, str] = {}

    def word(self, kind: str) -> str:
        """Creates a new word for a kind of trace, records it and returns it."""
        self.words[kind] = f"{MARK}{len(self.words):03}x"
        return self.words[kind]

    async def seen(self) -> set[str]:
        """Returns the kinds of trace whose word is still in a store."""
        found = set(WORD.findall(await self.everywhere()))
        return {kind for kind, word in self.words.items() if word in found}

    async def everywhere(self) -> str:
        """Returns the contents of PostgreSQL, Valkey and the files as one text, decrypted where encrypted."""
        world = self.world
        stored = await everything(world.database_url) + await all_keys(world.redis)
        for files in (world.data._files, world.data._complaint_files):
            for path in files.folder.glob("*/*.json"):
                found = await files.find(path.parent.name, path.stem)
                assert found is not None
                stored += f"{found[0]} {found[1].read()!r}"
        return stored


async def plant_everywhere(world: Places) -> Traces:
    """Leaves traces of the citizen in every column, key and file with personal data, on three channels."""
    traces = Traces(world)
    await plant(world)
    await _in_rows(traces)
    await _on_channels(traces)
    await _in_keys(traces)
    await _in_files(traces)
    await remember_tracker(world.database_url, NAME, traces.word("rasa: tracker"))
    return traces


async def _on_channels(traces: Traces) -> None:
    inbox = mailbox_of(traces.world.redis)
    for channel, name in NAMES.items():
        message = CitizenMessage(name, channel, f"m-{channel}", f"soy {traces.word(f'{channel}: message')}", at=0)
        await inbox.accept(
            message, address="" if channel is Channel.WEB else f"gAAAA-{traces.word(f'{channel}: address')}"
        )
        answer = (Reply(f"Hola, {traces.word(f'{channel}: answer')}"),)
        assert await inbox.commit([message], answer, speaker=Speaker.ASSISTANT, change=Change()) == "ok"
    async with recording(traces.world.redis, traces.world.sessions):
        await until_recorded(traces.world.redis)


async def _in_rows(traces: Traces) -> None:
    """Overwrites every text with personal data in the citizen's rows; the inventory names the columns."""
    async with traces.world.sessions.begin() as session:
        complaint = await session.scalar(select(tables.Complaint.id).where(tables.Complaint.conversation_id == NAME))
        of = {"complaint_id": complaint}
        await session.execute(insert(tables.ComplaintPhoto).values(of | {"ref": "x", "name": "x"}))
        await session.execute(insert(tables.ComplaintChange).values(of | {"state": "received"}))
        for table, where in CITIZENS.items():
            if table is not tables.LegalHold:  # what is held is not erased
                await _in_row(traces, session, table, where(NAME))


async def _in_row(traces: Traces, session: AsyncSession, table: Any, where: Any) -> None:
    name = table.__tablename__
    for column in inventory().tablas[name].datos:
        kind = table.__table__.c[column].type
        if not NOT_PLANTED.fullmatch(column) and isinstance(kind, String | JSONB):
            word = partial(traces.word, f"{name}.{column}")
            value = {"told": word()} if isinstance(kind, JSONB) else word()
            keep = table.__table__.c.data if name == "messages" and column == "data" else None
            await session.execute(
                update(table).where(where).values({column: value if keep is None else keep.op("||")(_json(value))})
            )


def _json(value: Any) -> Any:
    return text(f"'{json.dumps(value)}'::jsonb")


async def _in_keys(traces: Traces) -> None:
    """Writes the key families of a conversation that the inventory names, as for a closed conversation."""
    redis, word = traces.world.redis, traces.word
    of = {"conversation": NAME}
    await redis.hset(keys.conversation_key(NAME), "known", word("v:conv"))
    for key in (keys.log_key(NAME), keys.EVENTS, keys.SIGNALS):
        await redis.xadd(key, of | {"kind": "typing", "id": "9-0", "data": word(key.partition(NAME)[0])})
    await redis.set(f"v:sender:{NAME}", word("v:sender"))
    await redis.rpush(keys.unanswered_key(NAME), word("v:unanswered"))
    await redis.rpush(keys.unheard_key(NAME), word("v:unheard"))
    await redis.set(f"v:seen:{NAME}:m-1", word("v:seen"))
    await redis.hset(keys.ticket_key("7777"), mapping=of | {"summary": word("v:ticket")})
    await redis.hset(keys.staff_notices_key("9"), "1", json.dumps(of | {"text": word("v:staff:notices")}))
    await redis.hset(keys.approval_key("8888"), mapping=of | {"words": word("v:approval")})
    await redis.hset(keys.delivery_key(NAME), "2-0", word("v:delivery"))
    await redis.set(keys.sent_key("telegram", "77"), f"{NAME} {word('v:sent')}")
    await redis.set(f"v:broadcast:1:{NAME}", word("v:broadcast"))
    await redis.set(f"v:uses:chat:{NAME}", word("v:uses"))
    await redis.set(f"v:once:reminder:{NAME}", word("v:once"))


async def _in_files(traces: Traces) -> None:
    """Stores a document, a picture and a photo of a complaint, each with a name."""
    data, word = traces.world.data, traces.word
    await data._files.keep(NAME, f"{word('file: name')}.pdf", f"%PDF-1.4 {word('file: content')}".encode())
    await data._files.keep(NAME, f"{word('file: name of a picture')}.png", picture())
    async with traces.world.sessions() as session:
        complaint = await session.scalar(select(tables.Complaint.id).where(tables.Complaint.conversation_id == NAME))
    photo = f"%PDF-1.4 {word('complaint: photo')}".encode()
    await data._complaint_files.keep(folder_of(complaint), f"{word('complaint: name of a photo')}.pdf", photo)
