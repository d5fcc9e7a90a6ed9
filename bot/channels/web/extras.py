"""Serves the HTTP routes for typing and read signals and for ratings.

Annotations are not deferred (no ``from __future__``) for the same reason as in http.py.
"""

from typing import Annotated

from fastapi import APIRouter, Depends

from bot.channels.web.chats import Chat, Chats
from bot.channels.web.http import HARD_LIMIT_BYTES, ChatRoute, current_of, problems
from bot.channels.web.shapes import AnswerRatingIn, RatingIn, Signal


def extras_router(chats: Chats) -> APIRouter:
    """Builds ``POST /api/chat/signals`` and ``POST /api/chat/feedback``."""
    router = APIRouter(prefix="/api/chat", tags=["chat"], route_class=ChatRoute, max_body_size=HARD_LIMIT_BYTES)
    Current = Annotated[Chat, Depends(current_of(chats))]

    @router.post("/signals", status_code=204, responses=problems(401, 422, 503))
    async def post_signal(signal: Signal, chat: Current) -> None:
        """Shows the staff that the citizen is typing or has read messages, if an agent is attending the citizen."""
        await chats.signal(chat, signal)

    @router.post("/feedback", status_code=204, responses=problems(401, 422, 429, 503))
    async def post_feedback(rating: RatingIn | AnswerRatingIn, chat: Current) -> None:
        """Stores the rating of a support session, which accepts one, or of an answer, whose newest rating counts.

        Responds 422 if the session is not over or was rated before, or if the answer was not offered for rating.
        """
        await chats.rate(chat, rating)

    return router
