"""Runs everything between a channel and its provider except Rasa: worker, outbox, sender, the channel's routes.

The stub of Rasa answers ``eco: <text>``, offers buttons for ``opciones``, names the choice, writes a long answer for
``largo``, answers ``trámite`` from an entry, and hands off for ``persona`` and ``no entendí nada``.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
from fastapi import FastAPI

from bot.agency.model import Agency
from bot.channels.outgoing.channel import SendingChannel
from bot.channels.outgoing.sender import Sender
from bot.channels.web.files import sent_files_router
from bot.conversation.addresses import Addresses
from bot.conversation.file_links import FileLinks
from bot.conversation.files import Files
from bot.conversation.inbox import Inbox
from bot.core.messages import Author, Channel, Handoff, Reply
from bot.core.network import ActionsEndpoint
from bot.handoff.callback_offer import offer
from bot.handoff.callbacks.dialogue import CallbackDialogue
from bot.handoff.callbacks.request import Requests
from bot.handoff.complaints.complaints import Complaints
from bot.handoff.courtesies import is_courtesy
from bot.handoff.forecast import Forecasts
from bot.handoff.hours import ServiceHours
from bot.handoff.notices import WaitingNotices
from bot.handoff.open_now import HoursAnswer
from bot.record.complaint_record import ComplaintBook
from bot.record.engine import Sessions
from bot.tickets.outbox import Outbox
from bot.tickets.tickets import Tickets
from bot.turns.answers import Answers
from bot.turns.assistant import Assistant
from bot.turns.message_batch import MessageBatches
from bot.turns.queue.waiting import WaitingRules
from bot.turns.rasa_client import Rasa
from bot.turns.rights.dialogue import Rights
from bot.turns.turns import Turns
from bot.turns.worker import Worker
from tests.no_record import mailbox_of, proposals_of

SECRET = "s" * 40
LONG = "\n\n".join(f"**Párrafo {number}**: " + "palabras y más palabras 👍🏽, " * 12 for number in range(40))
PROOF = {"entry": "licencia", "version": "abc123", "question": "¿Cómo?", "confidence": 0.9}
BUTTONS = [{"title": "La primera", "payload": "/first"}, {"title": "La segunda", "payload": "/second"}]


@dataclass
class ChannelWorld:
    """A running channel and the stores that it uses."""

    redis: Any
    inbox: Inbox
    outbox: Outbox
    addresses: Addresses
    channel: Any
    client: httpx.AsyncClient
    agency: Agency
    files: Files


Make = Callable[[Inbox, Outbox, Addresses, Files], SendingChannel]


def scripted(request: httpx.Request) -> httpx.Response:
    if request.url.path == "/model/parse":
        about_data = "mis datos" in json.loads(request.content)["text"]
        return httpx.Response(200, json={"intent": {"name": "delete_my_data" if about_data else "nlu_fallback"}})
    said = json.loads(request.content)["message"]
    chosen = {"/first": "elegiste la primera", "/second": "elegiste la segunda", "largo": LONG}
    line: dict[str, Any] = {"text": chosen.get(said, f"eco: {said}")}
    if said == "opciones":
        line = {"text": "¿Cuál?", "buttons": BUTTONS}
    if said == "persona":
        line = {"custom": {"ventanilla": {"text": "Te dejo con alguien.", "handoff": {"reason": "asked_human"}}}}
    if said == "quiero reclamar":
        line = {"custom": {"ventanilla": {"text": "Lo siento.", "handoff": {"reason": "complaint"}}}}
    if said.startswith("trámite"):
        line = {"custom": {"ventanilla": {"text": "Se hace **aquí**.", "provenance": PROOF}}}
    if said == "no entendí nada":
        line = {"custom": {"ventanilla": {"text": "Lo siento.", "handoff": {"reason": "negative_feedback"}}}}
    return httpx.Response(200, json=[line])


@asynccontextmanager
async def channel_world(
    redis: Any,
    agency: Agency,
    make: Make,
    *,
    work: bool = True,
    welcome: bool = False,
    calls_back: bool = False,
    answers_url: str = "",
    sessions: Sessions | None = None,
    by_hours: bool = False,
) -> AsyncIterator[ChannelWorld]:
    """Starts the channel that ``make`` builds, with worker and sender if ``work`` (context manager).

    With ``calls_back``, waiting citizens may ask for a call. With ``sessions``, «quiero reclamar» begins a complaint.
    With ``by_hours``, citizens get the real notices of the queue, which depend on the agency's hours.
    """
    inbox, outbox, addresses = mailbox_of(redis), Outbox(redis), Addresses(SECRET)
    folder = TemporaryDirectory()
    files = Files(Path(folder.name))
    channel: Any = make(inbox, outbox, addresses, files)
    app = FastAPI()
    app.include_router(channel.router())
    app.include_router(sent_files_router(FileLinks(addresses), files))
    rasa = Rasa("http://rasa", transport=httpx.MockTransport(scripted))
    dialogue = CallbackDialogue(agency, Requests(agency, ServiceHours(agency)), addresses)

    async def notice(handoff: Handoff, _now: datetime) -> Reply:
        offered = (offer(agency, handoff.team),) if calls_back else ()
        return Reply("Lugar {posicion}.", offered, author=Author.SYSTEM)

    async def place(_ticket: str, _now: datetime) -> Reply:
        return Reply("Sigues en el lugar {posicion}.", author=Author.SYSTEM)

    assistant = Assistant(rasa, Answers(ActionsEndpoint(answers_url)) if answers_url else None)
    book = ComplaintBook(sessions) if sessions else None
    forecasts = Forecasts.from_agency(agency, redis)
    real = WaitingNotices(agency, forecasts.service_hours, Tickets(redis).count_waiting, forecasts)
    rules = WaitingRules(
        position_notice=real.still if by_hours else place,
        callbacks=dialogue,
        is_courtesy=is_courtesy,
        hours_answer=HoursAnswer(agency),
        complaints=Complaints.from_record(agency, ServiceHours(agency), book, inbox) if book else None,
    )
    rights = Rights(lambda _conversation: "", lambda: "D-4F7K92QX")
    told = real if by_hours else notice
    turns = Turns(agency=agency, assistant=assistant, wait_notice=told, waiting=rules, rights=rights)
    worker = Worker(
        redis=redis,
        inbox=inbox,
        pending_approvals=proposals_of(redis),
        turns=turns,
        batches=MessageBatches(dict.fromkeys(Channel, 0)),
    )
    sender = Sender(redis=redis, channel=channel, addresses=addresses)
    tasks = [asyncio.create_task(one.run()) for one in (worker, sender)] if work else []
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="https://chat.losaromos.example") as client:
        try:
            yield ChannelWorld(redis, inbox, outbox, addresses, channel, client, agency, files)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await assistant.close()
            folder.cleanup()
