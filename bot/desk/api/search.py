"""Searches recorded conversations and serves single ones; audits both, but not the words searched for."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from bot.conversation.readable import readable
from bot.core.channels import name_of
from bot.core.disk import Disk
from bot.core.texts import say
from bot.desk.api.tickets import NO_STORE, agent_of
from bot.desk.auth.audit import Action, AuditLog
from bot.desk.auth.guard import Guard, Refused
from bot.desk.auth.unavailable import require_room
from bot.desk.queries.search import MARKS, Found, Search
from bot.desk.views.transcript import event_view

MIN_CHARACTERS = 3
MAX_CHARACTERS = 100
ConversationId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


class SearchApi:
    """The handlers of the search and of a recorded conversation."""

    def __init__(self, *, guard: Guard, search: Search, audit: AuditLog, disk: Disk) -> None:
        self._guard = guard
        self._search = search
        self._audit = audit
        self._disk = disk

    def add_to(self, router: APIRouter) -> None:
        router.add_api_route("/desk/api/search", self.find, methods=["GET"])
        router.add_api_route("/desk/api/conversations/{conversation}", self.past, methods=["GET"])

    async def find(
        self,
        request: Request,
        response: Response,
        words: Annotated[str, Query(min_length=MIN_CHARACTERS, max_length=MAX_CHARACTERS)],
    ) -> dict[str, Any]:
        """Returns ``{found: [{conversation, channel, channel_words, at, author, pieces}]}``, newest first."""
        signed_in = await self._guard.reading(request)
        response.headers.update(NO_STORE)
        require_room(self._disk)
        found = await self._search.find(readable(words), agent_of(signed_in))
        await self._audit.record(Action.CONVERSATIONS_SEARCHED, staff_id=signed_in.staff.id, found=len(found))
        return {"found": [_view(one) for one in found]}

    async def past(self, request: Request, response: Response, conversation: ConversationId) -> dict[str, Any]:
        """Returns a conversation as ``{channel_words, ticket, events}``; ``ticket`` is its open ticket's id, or ''."""
        signed_in = await self._guard.reading(request)
        response.headers.update(NO_STORE)
        past = await self._search.past(conversation, agent_of(signed_in))
        if past is None:
            raise Refused(404, "unknown", say("mesa.errores.conversacion_desconocida"))
        await self._audit.record(Action.TRANSCRIPT_VIEWED, staff_id=signed_in.staff.id, conversation=conversation)
        return {
            "channel_words": name_of(past.channel),
            "ticket": past.ticket,
            "events": [event_view(event).to_data() for event in past.events],
        }


def _view(found: Found) -> dict[str, Any]:
    return {
        "conversation": found.conversation,
        "channel": found.channel,
        "channel_words": name_of(found.channel),
        "at": int(found.at.timestamp() * 1000),
        "author": found.author,
        "pieces": pieces(found.snippet),
    }


def pieces(snippet: str) -> list[dict[str, Any]]:
    """Splits a snippet at its marks into ``[{text, hit}]``, where ``hit`` marks the words searched for."""
    begin, end = MARKS
    made: list[dict[str, Any]] = []
    for number, part in enumerate(snippet.replace(end, begin).split(begin)):
        if part:
            made.append({"text": part, "hit": number % 2 == 1})
    return made
