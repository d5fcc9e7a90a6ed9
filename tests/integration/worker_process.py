"""A worker alone in a process, to be killed: its Rasa answers each text with "re: <text>" after a moment."""

from __future__ import annotations

import asyncio
import json
import os
from datetime import datetime
from pathlib import Path

import httpx

from bot.agency import load_agency
from bot.conversation.burst import Bursts
from bot.conversation.connect import Store, open_redis
from bot.conversation.mailbox import Mailbox
from bot.conversation.rasa import Rasa
from bot.conversation.turns import Turns
from bot.conversation.worker import Worker
from bot.messages import Author, Channel, Reply

THINKING_S = 0.02


async def echo(request: httpx.Request) -> httpx.Response:
    await asyncio.sleep(THINKING_S)
    return httpx.Response(200, json=[{"text": f"re: {json.loads(request.content)['message']}"}])


def waiting(_team: str, _now: datetime) -> Reply:
    return Reply("lugar {posicion}", author=Author.SYSTEM)


def make_worker(redis: Store, slots: int = 8, quiet_ms: int | None = None) -> Worker:
    agency = load_agency(Path(__file__).parents[2] / "agency.yml")
    rasa = Rasa("http://rasa", transport=httpx.MockTransport(echo))
    turns = Turns(agency=agency, rasa=rasa, wait_notice=waiting)
    quiet = agency.quiet_ms if quiet_ms is None else dict.fromkeys(Channel, quiet_ms)
    return Worker(redis=redis, mailbox=Mailbox(redis), turns=turns, bursts=Bursts(quiet), slots=slots)


if __name__ == "__main__":
    asyncio.run(make_worker(open_redis(os.environ["REDIS_URL"])).run())
