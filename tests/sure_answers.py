"""Stands in for the action server's ``POST /answer``: it surely answers the questions that it is given."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from aiohttp import test_utils, web

from bot.core.messages import Button, Provenance
from bot.core.payload import Payload

QUESTION, ANSWER = "¿cómo renuevo la licencia?", "Pide hora en Tránsito."
KNOWN = {QUESTION: ANSWER}


@asynccontextmanager
async def sure_answers(
    known: Mapping[str, str] = KNOWN, confidence: float = 0.97, delay_s: float = 0
) -> AsyncIterator[str]:
    """Yields the address of the server; the ``known`` questions have these answers, each with a button.

    Like the action server, it leaves to Rasa what follows an offer of choices. It answers after ``delay_s`` seconds.
    """

    async def answer(request: web.Request) -> web.Response:
        asked = await request.json()
        await asyncio.sleep(delay_s)
        exchanges = asked["metadata"].get("dialogue") or [{"said": []}]
        text = "" if any("candidates" in one for one in exchanges[-1]["said"]) else asked["text"]
        proof = Provenance("licencia", "v1", "¿Cómo renuevo mi licencia?", confidence)
        button = Button("Dejar un reclamo", "/complaint")
        said = [Payload(known[text], (button,), provenance=proof).to_data()] if text in known else []
        return web.json_response({"said": said, "command": ""})

    app = web.Application()
    app.router.add_post("/answer", answer)
    async with test_utils.TestServer(app) as server:
        yield str(server.make_url("/")).rstrip("/")
