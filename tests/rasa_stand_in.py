"""Serves a stub of Rasa for tests of the bot's process: ``python -m tests.rasa_stand_in PORT``.

The stub answers ``eco: <text>`` immediately; a text with ``persona`` is handed off.
"""

from __future__ import annotations

import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from bot.run.ports import LOOPBACK


async def answer(request: Request) -> JSONResponse:
    said = (await request.json())["message"]
    if "persona" in said:
        asked = {"text": "Te dejo con alguien.", "handoff": {"reason": "asked_human"}}
        return JSONResponse([{"custom": {"ventanilla": asked}}])
    return JSONResponse([{"text": f"eco: {said}"}])


async def version(_request: Request) -> JSONResponse:
    return JSONResponse({"version": "stand-in"})


app = Starlette(routes=[Route("/webhooks/rest/webhook", answer, methods=["POST"]), Route("/version", version)])

if __name__ == "__main__":
    uvicorn.run(app, host=LOOPBACK, port=int(sys.argv[1]), log_level="error")
