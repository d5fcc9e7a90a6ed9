"""Serves ``POST /answer {"text", "metadata"}``: the answer to a message that the FAQ surely answers, without Rasa.

``metadata`` is what the bot sends with the message to Rasa. For every other message ``said`` is empty, and the bot asks
Rasa. The route shares the address of Rasa's webhook, which only this machine or the internal network can reach.
"""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from sanic.request import Request
from sanic.response import HTTPResponse, json

from actions.answer_faq import AnswerFaq

PATH = "/answer"


def add_answer(app: Any, answer_faq: AnswerFaq) -> None:
    """Adds the route ``POST /answer`` to the Sanic app; it responds ``{"said": [payload, ...]}``."""

    async def answer(request: Request) -> HTTPResponse:
        said = await answer_faq.surely(_tracker_of(request.json))
        return json({"said": [one.to_data() for one in said]})

    app.add_route(answer, PATH, methods=["POST"])


def _tracker_of(body: dict[str, Any]) -> Tracker:
    """Builds the tracker that Rasa would send; the exchanges before are in the metadata."""
    message = {"text": body["text"], "metadata": body["metadata"]}
    return Tracker("", {}, message, [], False, None, {}, None)
