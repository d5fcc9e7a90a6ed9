"""What the bot runs beside its pages, alone in a process, to be killed: worker, recorder, sweeper. Its Rasa gives a
person to whoever asks for one, as the actions do."""

from __future__ import annotations

import asyncio
import json
import os
from datetime import datetime
from pathlib import Path

import httpx

from bot.agency.model import load_agency
from bot.conversation.inbox import Mailbox
from bot.core.messages import Author, Channel, Reply
from bot.handoff.hours import Attention
from bot.handoff.sweeper import Sweeper
from bot.record.engine import open_database
from bot.record.recorder import Recorder
from bot.record.recovery import Rebuild
from bot.store.client import open_redis
from bot.tickets.approvals import Proposals
from bot.tickets.outbox import Outbox
from bot.tickets.presence import Presences
from bot.tickets.tickets import Tickets
from bot.tickets.transitions import Moves
from bot.tickets.waits import Waits
from bot.turns.message_batch import Bursts
from bot.turns.rasa_client import Rasa
from bot.turns.turns import Turns
from bot.turns.worker import Worker

PERSON = {"custom": {"ventanilla": {"text": "te dejo", "handoff": {"reason": "asked_human", "team": "obras"}}}}


async def rasa(request: httpx.Request) -> httpx.Response:
    said = json.loads(request.content)["message"]
    return httpx.Response(200, json=[PERSON if said == "persona" else {"text": f"re: {said}"}])


async def waiting(_team: str, _now: datetime) -> Reply:
    return Reply("lugar {posicion}", author=Author.SYSTEM)


async def work() -> None:
    redis = open_redis(os.environ["REDIS_URL"])
    _engine, sessions = open_database(os.environ["DATABASE_URL"])
    agency = load_agency(Path(__file__).parents[2] / "agency.yml")
    rebuild = Rebuild(redis, sessions)
    mailbox, proposals = Mailbox(redis, rebuild.run), Proposals(redis, rebuild.run)
    turns = Turns(agency=agency, rasa=Rasa("http://rasa", transport=httpx.MockTransport(rasa)), wait_notice=waiting)
    worker = Worker(
        redis=redis, mailbox=mailbox, proposals=proposals, turns=turns, bursts=Bursts(dict.fromkeys(Channel, 0))
    )
    sweeper = Sweeper(
        tickets=Tickets(redis),
        moves=Moves(redis),
        presences=Presences(redis, agency.desk.lease_s),
        outbox=Outbox(redis),
        agency=agency,
        attention=Attention(agency),
        waits=Waits(redis),
        proposals=proposals,
        refill=rebuild.run,
    )
    await asyncio.gather(worker.run(), Recorder(redis=redis, sessions=sessions).run(), sweeper.run())


if __name__ == "__main__":
    asyncio.run(work())
