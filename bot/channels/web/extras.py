"""What a page does besides writing: tells that the citizen types or has read (without a socket), judges an attention.

Beside webchat_http.py, whose refusals and token it shares; calls webchat_chats.py. Annotations are not deferred
here for the same reason as there.
"""

from typing import Annotated

from fastapi import APIRouter, Depends

from bot.channels.web.chats import Chat, Chats
from bot.channels.web.http import HARD_LIMIT_BYTES, ChatRoute, current_of, problems
from bot.channels.web.shapes import RatingIn, Signal


def extras_router(chats: Chats) -> APIRouter:
    """More routes under /api/chat."""
    router = APIRouter(prefix="/api/chat", tags=["chat"], route_class=ChatRoute, max_body_size=HARD_LIMIT_BYTES)
    Current = Annotated[Chat, Depends(current_of(chats))]

    @router.post("/signals", status_code=204, responses=problems(401, 422, 503))
    async def post_signal(signal: Signal, chat: Current) -> None:
        """Tells the staff that the citizen is typing, or has read. Of no effect while nobody attends."""
        await chats.signal(chat, signal)

    @router.post("/feedback", status_code=204, responses=problems(401, 422, 503))
    async def post_feedback(rating: RatingIn, chat: Current) -> None:
        """Keeps what the citizen thought of an attention, once. 422 when it is not over or was judged before."""
        await chats.rate(chat, rating)

    return router
