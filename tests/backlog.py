"""Fills the editors' backlog: an action server that embeds texts by their words, and messages in the record."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from fastapi import FastAPI, Request
from sqlalchemy import insert

from bot.core.event_facts import MessageFacts
from bot.core.messages import Button, Candidate, Provenance, Reply
from bot.core.payload import Payload
from bot.record.engine import Sessions
from bot.record.tables import AnswerRating, Conversation, Message
from bot.text.normalize import plain
from tests.integration.recorded import NOW

SIZE = 256
Line = tuple[str, str, dict[str, Any]]


def embedded(text: str) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Returns a unit vector; vectors of texts that share words are near, because each word adds a direction."""
    vector = np.zeros(SIZE, dtype=np.float32)
    for word in plain(text).split():
        vector[int(hashlib.sha256(word.encode()).hexdigest(), 16) % SIZE] += 1
    return vector / max(float(np.linalg.norm(vector)), 1e-6)


def action_server(sure: dict[str, Candidate] | None = None) -> FastAPI:
    """Returns an action server; ``sure`` maps each text that an entry surely answers to its candidate."""
    app = FastAPI()

    @app.post("/vectors")
    async def _vectors(request: Request) -> dict[str, str]:
        rows = np.array([embedded(text) for text in (await request.json())["texts"]])
        return {"encoder": "words", "vectors": b64encode(rows.astype("<f2").tobytes()).decode()}

    @app.post("/candidates")
    async def _candidates(request: Request) -> dict[str, Any]:
        found = (sure or {}).get((await request.json())["text"])
        return {"candidates": [vars(found)] if found else [], "offer": 0.3, "answer": 0.8}

    @app.post("/try")
    async def _try(request: Request) -> dict[str, list[str]]:
        body = await request.json()
        return {"before": ["No lo sé."], "after": [f"Responde: {body['text'] in body['phrases']}"]}

    @app.post("/effect")
    async def _effect(request: Request) -> dict[str, Any]:
        phrases = [one["phrases"] for one in (await request.json())["entries"]]
        row = {"text": "una", "source": "test", "change": "lost", "entry": "bache", "before": "bache", "after": ""}
        lost = [row] if any("pierde" in one for one in phrases) else []
        return {"effect": {"rows": lost, "judged": {"wording": 3, "test": 1, "asked": 0}}}

    return app


def asked(text: str) -> Line:
    return "citizen", text, {}


def pressed(button: str) -> Line:
    return "citizen", "botón", {"button": button}


def fallback() -> Line:
    return "assistant", "De eso no sé.", {"missed": True}


def offer(*entries: str) -> Line:
    """Returns an offer of entries; each entry's button has the entry's id, and the last button is «none»."""
    buttons = (*(Button(id, "/x", id) for id in entries), Button("Ninguna", "/n", "none"))
    offered = tuple(Candidate(id, f"¿{id}?", 0.5) for id in entries)
    reply = Payload("¿Cuál?", buttons=buttons, candidates=offered).reply
    assert reply is not None
    return "assistant", "¿Cuál?", MessageFacts.of_reply(reply).to_data()


def answer(entry: str, rating_id: str = "", author: str = "assistant") -> Line:
    proof = Provenance(entry, "v1", f"¿{entry}?", 0.9)
    return author, "Así.", MessageFacts.of_reply(Reply("Así.", provenance=proof, rating_id=rating_id)).to_data()


async def talk(sessions: Sessions, name: str, *lines: Line, ago: timedelta = timedelta(hours=1)) -> None:
    """Writes a conversation whose last message is ``ago`` old; the others come a minute apart before it."""
    last = NOW - ago
    async with sessions.begin() as session:
        row = {"id": name, "channel": "web", "started_at": last - timedelta(hours=2), "last_at": last}
        await session.execute(insert(Conversation).values(**row))
        for number, (author, text, data) in enumerate(lines, 1):
            at = last - timedelta(minutes=len(lines) - number)
            message = {"conversation_id": name, "event_id": f"{number}-0", "at": at, "author": author, "text": text}
            await session.execute(insert(Message).values(**message, data=data))


async def rate(sessions: Sessions, name: str, rating_id: str, reason: str, at: datetime = NOW) -> None:
    row = {"conversation_id": name, "answer": rating_id, "at": at, "entry": "bache", "version": "v1"}
    async with sessions.begin() as session:
        await session.execute(insert(AnswerRating).values(**row, useful=False, reason=reason))
