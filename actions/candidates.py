"""``POST /candidates {"text"}``: the likeliest entries for a citizen's words, for the desk, which has no encoder.

Served beside Rasa's webhook, on the same address that only this machine or the inner network reaches.
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
    """Adds the route to the Sanic app."""

    async def candidates(request: Request) -> HTTPResponse:
        text = _text_of(request.json)
        found = await asyncio.to_thread(faq.answerer.candidates, text) if text else ()
        return json({"candidates": [vars(one) for one in found]})

    app.add_route(candidates, PATH, methods=["POST"])


def _text_of(body: object) -> str:
    """The words asked about, without what is too long to be a question; '' for anything else."""
    text = body.get("text") if isinstance(body, dict) else None
    return text.strip()[:MAX_CHARACTERS] if isinstance(text, str) else ""
