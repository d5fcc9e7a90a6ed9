"""Simulates the action server's ``POST /answer``, which answers a given list of questions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType

from aiohttp import test_utils, web

from bot.core.messages import Button, Candidate, Provenance
from bot.core.payload import Payload

QUESTION, ANSWER = "¿cómo renuevo la licencia?", "Pide hora en Tránsito."
DOUBTFUL, OFFER = "¿y qué hago con el papel?", "¿Te refieres a alguna de estas?"
CHOICES = (
    Button("¿Cómo renuevo mi licencia?", '/choose_entry{"entry": "licencia"}'),
    Button("Ninguna de estas", "/none_of_these"),
    Button("Dejar un reclamo", "/complaint"),
)
KNOWN = {QUESTION: ANSWER}


@asynccontextmanager
async def sure_answers(
    known: Mapping[str, str] = KNOWN,
    confidence: float = 0.97,
    delay_s: float = 0,
    denied: Mapping[str, str] = MappingProxyType({}),
) -> AsyncIterator[str]:
    """Yields the URL of the server, which answers the ``known`` questions, each with a button.

    It answers those of ``denied`` only if the citizen has denied that they tell of a danger.
    It offers CHOICES for DOUBTFUL. Like the action server, it leaves messages after an offer of choices to Rasa. It
    answers after ``delay_s`` seconds.
    """

    async def answer(request: web.Request) -> web.Response:
        asked = await request.json()
        await asyncio.sleep(delay_s)
        exchanges = asked["metadata"].get("dialogue") or [{"said": []}]
        text = "" if any("candidates" in one for one in exchanges[-1]["said"]) else asked["text"]
        answers = {**known, **denied} if asked["metadata"].get("calm") else known
        proof = Provenance("licencia", "v1", "¿Cómo renuevo mi licencia?", confidence)
        button = Button("Dejar un reclamo", "/complaint")
        said = [Payload(answers[text], (button,), provenance=proof).to_data()] if text in answers else []
        candidates = (Candidate("licencia", "¿Cómo renuevo mi licencia?", 0.4),)
        offer = [Payload(OFFER, CHOICES, candidates=candidates).to_data()] if text == DOUBTFUL else []
        return web.json_response({"said": said, "command": "", "if_question": offer})

    app = web.Application()
    app.router.add_post("/answer", answer)
    async with test_utils.TestServer(app) as server:
        yield str(server.make_url("/")).rstrip("/")
