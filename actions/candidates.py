"""Serves ``POST /candidates {"text"}``, which gives the likeliest entries for a text to the desk, as it has no encoder.

The route shares the address of Rasa's webhook, which only this machine or the internal network can reach.
"""

from __future__ import annotations

import asyncio
from typing import Any

from sanic.request import Request
from sanic.response import HTTPResponse, json

from actions.faq import Faq

PATH = "/candidates"
MAX_CHARACTERS = 1000


def add_candidates(app: Any, faq: Faq) -> None:
    """Adds the route ``POST /candidates`` to the Sanic app."""

    async def candidates(request: Request) -> HTTPResponse:
        text = text_of(request.json)
        found = await asyncio.to_thread(faq.answerer.candidates, text) if text else ()
        return json({"candidates": [vars(one) for one in found]})

    app.add_route(candidates, PATH, methods=["POST"])


def text_of(body: object) -> str:
    """Returns the text of the request, cut to MAX_CHARACTERS; '' when there is none."""
    text = body.get("text") if isinstance(body, dict) else None
    return text.strip()[:MAX_CHARACTERS] if isinstance(text, str) else ""
