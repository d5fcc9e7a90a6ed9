"""Runs only a worker, to be killed; its stub of Rasa answers each text with "re: <text>" after a moment.

«mi mamá» is not understood. «persona» is handed off; waiting citizens are offered a call-back. «quiero reclamar» begins
a complaint, whose number is not checked against the record, because this process has no record.
"""

from __future__ import annotations

import asyncio
import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from bot.agency.model import load_agency
from bot.conversation.addresses import Addresses
from bot.core.messages import Author, Channel, Handoff, Reply
from bot.core.network import ActionsEndpoint
from bot.handoff.callback_offer import offer
from bot.handoff.callbacks.dialogue import CallbackDialogue
from bot.handoff.callbacks.request import Requests
from bot.handoff.complaints.complaints import Complaints
from bot.handoff.hours import ServiceHours
from bot.public_notices.board import NoticeBoard
from bot.public_notices.kept import KeptNotices
from bot.record.complaint_record import ComplaintBook
from bot.record.engine import Sessions, open_database
from bot.store.client import Store, open_redis
from bot.turns.answers import Answers
from bot.turns.assistant import Assistant
from bot.turns.dangers.judge import find_no_danger
from bot.turns.emergency import Judge
from bot.turns.message_batch import MessageBatches
from bot.turns.notices.inserter import NoticeInserter
from bot.turns.notices.matter import NoticeMatter
from bot.turns.outcome import WaitNotice
from bot.turns.queue.waiting import WaitingRules
from bot.turns.rasa_client import Rasa
from bot.turns.turns import Turns
from bot.turns.worker import Worker
from tests.eventually import PATIENCE_S
from tests.no_record import mailbox_of, proposals_of
from tests.short_leases import shorten_leases
from tests.transcripts import SECRET

THINKING_S = 0.02
AGENCY = load_agency(Path(__file__).parents[2] / "agency.yml")
ADDRESSES = Addresses("s" * 40)
NO_DATABASE = "postgresql://nobody@127.0.0.1:1/none"


async def echo(request: httpx.Request) -> httpx.Response:
    await asyncio.sleep(THINKING_S)
    if request.url.path == "/model/parse":
        return httpx.Response(200, json={"intent": {"name": "nlu_fallback"}})
    said = json.loads(request.content)["message"]
    line: dict[str, Any] = {"text": f"re: {said}"}
    if said == "persona":
        line = {"custom": {"ventanilla": {"text": "Te dejo con alguien.", "handoff": {"reason": "asked_human"}}}}
    if said == "mi mamá":
        line = {"custom": {"ventanilla": {"text": "De eso no sé.", "missed": True}}}
    if said == "quiero reclamar":
        line = {"custom": {"ventanilla": {"text": "Lo siento.", "handoff": {"reason": "complaint"}}}}
    return httpx.Response(200, json=[line])


async def waiting(handoff: Handoff, _now: datetime) -> Reply:
    return Reply("lugar {posicion}", (offer(AGENCY, handoff.team),), author=Author.SYSTEM)


def make_worker(
    redis: Store,
    slots: int = 8,
    debounce_ms: int | None = None,
    notice: WaitNotice = waiting,
    judge: Judge = find_no_danger,
    answers: Answers | None = None,
    sessions: Sessions | None = None,
    board: NoticeBoard | None = None,
    about: NoticeMatter | None = None,
) -> Worker:
    rasa = Rasa("http://rasa", transport=httpx.MockTransport(echo))
    dialogue = CallbackDialogue(AGENCY, Requests(AGENCY, ServiceHours(AGENCY)), ADDRESSES)
    book = ComplaintBook(sessions or open_database(NO_DATABASE)[1])
    complaints = Complaints.from_record(AGENCY, ServiceHours(AGENCY), book, mailbox_of(redis))
    rules = WaitingRules(callbacks=dialogue, complaints=complaints)
    inserter = NoticeInserter(AGENCY, board, about)
    assistant = Assistant(rasa, answers, notices=inserter)
    turns = Turns(agency=AGENCY, assistant=assistant, wait_notice=notice, waiting=rules, judge=judge, notices=inserter)
    quiet = AGENCY.debounce_ms if debounce_ms is None else dict.fromkeys(Channel, debounce_ms)
    return Worker(
        redis=redis,
        inbox=mailbox_of(redis),
        pending_approvals=proposals_of(redis),
        turns=turns,
        batches=MessageBatches(quiet),
        slots=slots,
    )


async def run() -> None:
    """Runs a worker that shows the public notices stored in Redis when it starts.

    Waits long for answers, because on a busy machine the answerer of the tests may need seconds.
    """
    redis = open_redis(os.environ["REDIS_URL"], SECRET)
    board = NoticeBoard(await KeptNotices(redis).read())
    url = os.environ.get("ANSWERS_URL", "")
    answers = Answers(ActionsEndpoint(url), PATIENCE_S) if url else None
    await make_worker(redis, answers=answers, board=board).run()


if __name__ == "__main__":
    shorten_leases()
    asyncio.run(run())
