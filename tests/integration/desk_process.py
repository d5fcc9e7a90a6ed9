"""Runs the background tasks of the bot, to be killed: worker, recorder, sweeper.

Its stub of Rasa hands off to a person on request, as the actions do.
"""

from __future__ import annotations

import asyncio
import json
import os
from datetime import datetime
from pathlib import Path

import httpx

from bot.agency.model import load_agency
from bot.conversation.inbox import Inbox
from bot.core.messages import Author, Channel, Handoff, Reply
from bot.handoff.forecast import Forecasts
from bot.handoff.hours import ServiceHours
from bot.handoff.sweeper import Sweeper
from bot.record.engine import open_database
from bot.record.recorder import Recorder
from bot.record.recovery import Recovery
from bot.store.client import open_redis
from bot.tickets.approvals import PendingApprovals
from bot.tickets.outbox import Outbox
from bot.tickets.presence import Presences
from bot.tickets.tickets import Tickets
from bot.tickets.transitions import Transitions
from bot.tickets.waits import Waits
from bot.tickets.watchdog import Watchdog
from bot.turns.assistant import Assistant
from bot.turns.message_batch import MessageBatches
from bot.turns.rasa_client import Rasa
from bot.turns.turns import Turns
from bot.turns.worker import Worker
from tests.integration.sweeper_world import yes
from tests.no_record import none_blocked
from tests.short_leases import shorten_leases
from tests.transcripts import MASTERS, SECRET

PERSON = {"custom": {"ventanilla": {"text": "te dejo", "handoff": {"reason": "asked_human", "team": "obras"}}}}


async def rasa(request: httpx.Request) -> httpx.Response:
    said = json.loads(request.content)["message"]
    return httpx.Response(200, json=[PERSON if said == "persona" else {"text": f"re: {said}"}])


async def waiting(_handoff: Handoff, _now: datetime) -> Reply:
    return Reply("lugar {posicion}", author=Author.SYSTEM)


async def work() -> None:
    redis = open_redis(os.environ["REDIS_URL"], SECRET)
    _engine, sessions = open_database(os.environ["DATABASE_URL"], masters=MASTERS)
    agency = load_agency(Path(__file__).parents[2] / "agency.yml")
    recovery = Recovery(redis, sessions)
    inbox, pending_approvals = Inbox(redis, recovery.run, "s" * 40), PendingApprovals(redis, recovery.run)
    turns = Turns(
        agency=agency,
        assistant=Assistant(Rasa("http://rasa", transport=httpx.MockTransport(rasa))),
        wait_notice=waiting,
    )
    worker = Worker(
        redis=redis,
        inbox=inbox,
        pending_approvals=pending_approvals,
        turns=turns,
        batches=MessageBatches(dict.fromkeys(Channel, 0)),
    )
    sweeper = Sweeper(
        tickets=Tickets(redis),
        transitions=Transitions(redis),
        presences=Presences(redis, agency.desk.lease_s),
        outbox=Outbox(redis),
        watchdog=Watchdog(redis),
        agency=agency,
        forecasts=Forecasts(agency, ServiceHours(agency), Waits(redis), Presences(redis)),
        waits=Waits(redis),
        pending_approvals=pending_approvals,
        restore=recovery.run,
        record_answers=yes,
        blocked=none_blocked,
    )
    await asyncio.gather(worker.run(), Recorder(redis=redis, sessions=sessions).run(), sweeper.run())


if __name__ == "__main__":
    shorten_leases()
    asyncio.run(work())
