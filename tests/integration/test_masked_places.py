"""Tests that texts that leave a conversation are masked: search index, ratings, missing questions, Rasa, tracebacks."""

from __future__ import annotations

import json
import logging
import sys
from uuid import UUID

import httpx
from redis.asyncio import Redis
from sqlalchemy import select

from bot.conversation.change import Change
from bot.conversation.state import ConversationState
from bot.core.logs import JsonLine
from bot.core.messages import Channel, CitizenMessage, Reply, Speaker
from bot.desk.queries.closings import CloseIn, Closings
from bot.desk.queries.search import MARKS, Search
from bot.handoff.agent import Agent
from bot.record.engine import Sessions
from bot.record.tables import Closing, MissingEntry
from bot.store import keys
from bot.text.masking.masking import masked_log
from bot.turns.assistant import Assistant
from bot.turns.rasa_client import Rasa
from tests.no_record import mailbox_of
from tests.recording import recording, until_recorded

RUT, TEXT = "12.345.678-5", "soy Javiera Soto, rut 12.345.678-5, por la licencia"
SHOWN = "soy ••••, rut ••••, por la licencia"


async def test_search_index_has_no_personal_data(redis: Redis, database: Sessions) -> None:
    await redis.set(keys.RESTORED, "1")
    inbox, message = mailbox_of(redis), CitizenMessage("c" * 32, Channel.WEB, "m1", TEXT, at=0)
    await inbox.accept(message)
    await inbox.commit([message], (Reply("Sí."),), speaker=Speaker.ASSISTANT, change=Change())
    async with recording(redis, database):
        await until_recorded(redis)
    search, eva = Search(database), Agent("eva", "Eva")
    found = [await search.find(one, eva) for one in ("licencia", "Javiera", RUT)]
    assert [len(one) for one in found] == [1, 0, 0]
    assert found[0][0].snippet.translate(dict.fromkeys(map(ord, MARKS))) == SHOWN


async def test_topic_and_missing_question_are_masked(database: Sessions) -> None:
    missing = {"question": f"¿Y la licencia del {RUT}?", "draft": "Llame al 600 360 7777."}
    closing = CloseIn(outcome="solved", topic=f"licencia de {RUT}", summary="", missing=missing)
    await Closings(database).note("7", UUID(int=7), closing, team="transito", conversation="c1")
    async with database() as session:
        found = await session.scalar(select(MissingEntry))
        noted = await session.scalar(select(Closing))
    assert found is not None
    assert noted is not None
    assert (found.question, found.draft) == ("¿Y la licencia del ••••?", missing["draft"])
    assert noted.topic == "licencia de ••••"


async def test_rasa_gets_masked_words() -> None:
    heard: list[str] = []

    def rasa(request: httpx.Request) -> httpx.Response:
        heard.append(json.loads(request.content)["message"])
        return httpx.Response(200, json=[{"text": "ya"}])

    assistant = Assistant(Rasa("http://rasa", transport=httpx.MockTransport(rasa)))
    state = ConversationState(True, Channel.WEB, Speaker.ASSISTANT, None, True, (), 0)
    await assistant.turn(CitizenMessage("c1", Channel.WEB, "m1", TEXT, at=0), None, state)
    await assistant.close()
    assert heard == [SHOWN]


def test_traceback_is_masked() -> None:
    try:
        raise ValueError(f"bad words: {RUT}")
    except ValueError:
        record = logging.LogRecord("uvicorn", logging.ERROR, "", 1, "failed", (), sys.exc_info())
    line = JsonLine(masked_log).format(record)
    assert RUT not in line
    assert "ValueError" in line
