"""Runs a worker with pending approvals, to be killed. Its stub of Rasa answers «re: <text>» with confidence 0.8."""

from __future__ import annotations

import asyncio
import json
import os
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from bot.agency.desk_settings import ApprovalRule
from bot.agency.model import load_agency
from bot.agency.schedule import schedule
from bot.core.messages import Author, Channel, Handoff, Reply
from bot.crisis.emergency import confirmation
from bot.handoff.approval_policy import ApprovalPolicy
from bot.handoff.hours import ServiceHours
from bot.store.client import Store, open_redis
from bot.tickets.approvals import unchanged
from bot.tickets.presence import Presences
from bot.turns.answers import Answers
from bot.turns.assistant import Assistant
from bot.turns.dangers.judge import find_no_danger
from bot.turns.emergency import Judge
from bot.turns.message_batch import MessageBatches
from bot.turns.notices.inserter import NoticeInserter
from bot.turns.queue.waiting import WaitingRules
from bot.turns.rasa_client import Rasa
from bot.turns.turns import Turns
from bot.turns.worker import Worker
from tests.integration.sweeper_world import AlwaysOpen
from tests.no_record import mailbox_of, proposals_of
from tests.short_leases import shorten_leases
from tests.transcripts import SECRET

AGENCY = load_agency(Path(__file__).parents[2] / "agency.yml")
ASKED = "¿cómo renuevo la licencia?"
PROOF = {"entry": "licencia", "version": "v1", "question": "¿Cómo renuevo mi licencia?", "confidence": 0.8}
FEEDBACK = [{"title": "Me sirvió", "payload": "/helped"}]
DANGER = {
    "text": "Si hay olor a gas, llama al **132**.",
    "buttons": [{"title": "Es una emergencia", "payload": confirmation("gas")}],
    "danger": {"kind": "gas", "sure": False},
}
CHOICES = [{"title": "La licencia", "payload": "/choose_entry"}]


async def rasa(request: httpx.Request) -> httpx.Response:
    if request.url.path == "/model/parse":
        return httpx.Response(200, json={"intent": {"name": "nlu_fallback"}})
    said = json.loads(request.content)["message"]
    line: dict[str, Any] = {"text": f"re: {said}", "provenance": PROOF}
    others: dict[str, dict[str, Any]] = {
        "hola": {"text": "¡Hola!"},
        "¿segura?": {"text": "sí", "provenance": PROOF | {"confidence": 0.97}},
        "¿y esta?": {"text": "esta", "provenance": PROOF, "buttons": FEEDBACK},
        "¿y el gas?": {"text": "Así se paga.", "provenance": PROOF},
        "¿cuál?": {"text": "¿Te refieres a…?", "buttons": CHOICES},
        "¿derivada?": {"text": "Eso lo ve otro servicio.", "referral": "otro"},
        "persona": {"text": "Te dejo con alguien.", "handoff": {"reason": "asked_human"}},
        "/ask_human": {"text": "Te dejo con alguien.", "handoff": {"reason": "asked_human"}},
    }
    lines = [DANGER] if said == "¿y el gas?" else []
    return httpx.Response(200, json=[{"custom": {"ventanilla": one}} for one in (*lines, others.get(said, line))])


def team_of(entry: str) -> str:
    return {"licencia": "transito"}.get(entry, "")


async def waiting(_handoff: Handoff, _now: datetime) -> Reply:
    return Reply("lugar {posicion}", author=Author.SYSTEM)


def make_worker(
    redis: Store,
    *,
    closed: bool = False,
    approval: bool = True,
    judge: Judge = find_no_danger,
    answers: Answers | None = None,
    notices: NoticeInserter | None = None,
) -> Worker:
    rule = ApprovalRule(0.95, 20) if approval else None
    agency = replace(AGENCY, desk=replace(AGENCY.desk, approval=rule))
    never = replace(agency, schedule=schedule({}, "", []), team_schedules={})
    approval_policy = ApprovalPolicy(
        agency, ServiceHours(never) if closed else AlwaysOpen(agency), Presences(redis), team_of
    )
    transport = httpx.MockTransport(rasa)
    turns = Turns(
        agency=agency,
        assistant=Assistant(Rasa("http://rasa", transport=transport), answers, notices=notices),
        notices=notices,
        wait_notice=waiting,
        waiting=WaitingRules(approval_policy=approval_policy),
        judge=judge,
    )
    return Worker(
        redis=redis,
        inbox=mailbox_of(redis),
        pending_approvals=proposals_of(redis, notices.current_line if notices else unchanged),
        turns=turns,
        batches=MessageBatches(dict.fromkeys(Channel, 0)),
    )


if __name__ == "__main__":
    shorten_leases()
    asyncio.run(make_worker(open_redis(os.environ["REDIS_URL"], SECRET)).run())
