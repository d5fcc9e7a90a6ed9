"""Serves FAQ entries for the reply box: suggestions, a word search, and questions that a ticket may be about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from bot.channels.formatting.html import is_safe_link, markdown_html
from bot.core.events import Event, EventKind
from bot.core.messages import Author
from bot.desk.api.answers import Answers, text_to_edit
from bot.desk.api.tickets import NO_STORE, agent_of
from bot.desk.auth.guard import Guard
from bot.desk.views.transcript import percent
from bot.faq.entries.entry import Entry
from bot.handoff.service import Desk

MAX_WORDS = 100
ENOUGH_WORDS = 4
TOPICS = 4


class AnswersApi:
    """The handlers of suggested entries, entry search and the lists of questions."""

    def __init__(self, *, guard: Guard, desk: Desk, answers: Answers) -> None:
        self._guard = guard
        self._desk = desk
        self._answers = answers

    def add_to(self, router: APIRouter) -> None:
        router.add_api_route("/desk/api/tickets/{ticket_id}/suggested", self.suggested, methods=["GET"])
        router.add_api_route("/desk/api/tickets/{ticket_id}/topics", self.topics, methods=["GET"])
        router.add_api_route("/desk/api/entries", self.entries, methods=["GET"])
        router.add_api_route("/desk/api/questions", self.questions, methods=["GET"])

    async def suggested(self, request: Request, response: Response, ticket_id: str) -> dict[str, Any]:
        """Returns the ``{entries}`` that may answer the citizen's latest messages; ``percent`` is the confidence."""
        signed_in = await self._guard.reading(request)
        response.headers.update(NO_STORE)
        found = await self._desk.ticket_for(ticket_id, agent_of(signed_in))
        words = last_words_of(await self._desk.latest(found.ticket)) if found else ""
        chosen = await self._answers.suggested(words)
        return {"entries": [entry_view(entry) | {"percent": percent(one.confidence)} for entry, one in chosen]}

    async def topics(self, request: Request, response: Response, ticket_id: str) -> dict[str, Any]:
        """Returns ``{questions}``: at most TOPICS entries' questions that a ticket may be about, the sent one first."""
        signed_in = await self._guard.reading(request)
        response.headers.update(NO_STORE)
        found = await self._desk.ticket_for(ticket_id, agent_of(signed_in))
        if found is None:
            return {"questions": []}
        near = [found.ticket.answered, *await self._answers.topics(found.matter), found.topic]
        return {"questions": [one for one in dict.fromkeys(near) if one][:TOPICS]}

    async def entries(
        self, request: Request, response: Response, words: Annotated[str, Query(max_length=MAX_WORDS)]
    ) -> dict[str, Any]:
        """Returns at most FOUND ``{entries}`` that contain each of ``words`` as a word or the beginning of a word."""
        await self._guard.reading(request)
        response.headers.update(NO_STORE)
        return {"entries": [entry_view(entry) for entry in self._answers.search(words)]}

    async def questions(self, request: Request, response: Response) -> dict[str, Any]:
        """Returns the ``{questions}`` of all unexpired entries, from which agents choose a closed ticket's topic."""
        await self._guard.reading(request)
        response.headers.update(NO_STORE)
        return {"questions": self._answers.questions()}


def entry_view(entry: Entry) -> dict[str, Any]:
    """Builds the JSON of an entry; ``text`` is for the reply box, ``html`` shows what the citizen would see."""
    url = entry.source.url
    source = {"title": entry.source.title or url, "url": url} if is_safe_link(url) else None
    return {
        "id": entry.id,
        "version": entry.version,
        "question": entry.question,
        "text": text_to_edit(entry),
        "html": markdown_html(entry.body),
        "source": source,
    }


def last_words_of(events: Sequence[Event]) -> str:
    """Returns the citizen's latest consecutive messages, joined by newlines; '' if staff have answered them.

    Starts with the newest message and adds earlier messages until there are ENOUGH_WORDS words. A reply that the
    assistant sent after these messages is ignored.
    """
    texts: list[str] = []
    for event in reversed(events):
        if event.kind is not EventKind.MESSAGE or not event.text or event.author is Author.SYSTEM:
            continue
        if event.author is Author.CITIZEN:
            texts.insert(0, event.text)
        if event.author is Author.STAFF or (texts and event.author is Author.ASSISTANT):
            break
        if len(" ".join(texts).split()) >= ENOUGH_WORDS:
            break
    return "\n".join(texts)
