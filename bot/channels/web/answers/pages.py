"""Serves ``/tramites``, ``/tramites/<id>``, ``/robots.txt`` and ``/sitemap.xml``.

The pages are rendered at each request from the entries in use, so an edit of an FAQ file appears within seconds.
"""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import Response

from bot.channels.formatting.markdown_spans import markdown_spans
from bot.channels.formatting.markup import plain_text
from bot.channels.web.answers.search import Search
from bot.channels.web.answers.shown import Answer, Answers
from bot.channels.web.answers.sitemap import robots, sitemap
from bot.channels.web.answers.structured_data import faq_page
from bot.channels.web.site import ANSWERS, COMMON_HEADERS, READING, Site, names, page_headers, render, respond, words_of
from bot.core.texts import date_in_words

MAX_SEARCH = 200
SHOWN_RESULTS = 12
RELATED = 5
DESCRIPTION = 155  # characters that search engines show
UNROUTED = "Not Found"


class AnswerPages:
    """The handlers of the pages of the answers."""

    def __init__(self, site: Site) -> None:
        self._site, self._answers, self._search = site, Answers(site), Search()
        self._headers = page_headers(site.frames)
        self._words = _filled(words_of(site.agency, "tramites"), names(site.agency))

    def router(self) -> APIRouter:
        router = APIRouter(include_in_schema=False)
        router.add_api_route(ANSWERS, self.index, methods=READING)
        router.add_api_route(f"{ANSWERS}/{{id}}", self.answer, methods=READING)
        router.add_api_route("/robots.txt", self.robots, methods=READING)
        router.add_api_route("/sitemap.xml", self.sitemap, methods=READING)
        return router

    async def index(self, request: Request, q: Annotated[str, Query(max_length=2000)] = "") -> Response:
        """Lists the questions grouped by topic, or at most SHOWN_RESULTS questions that match the words of ``q``."""
        searched = " ".join(q.split())[:MAX_SEARCH]
        served = self._answers.served()
        found = await asyncio.to_thread(self._search.find, searched, served) if searched else []
        return self._page(
            request,
            "answers.html",
            path="" if searched else ANSWERS,
            topics=self._answers.topics(),
            count=len(served),
            searched=searched,
            found=found[:SHOWN_RESULTS],
        )

    async def answer(self, request: Request, id: str) -> Response:
        """Shows one question; responds 404 if ``id`` is unknown, and 404 with a page if the answer has expired."""
        answer = self._answers.answer(id)
        if answer is None:
            raise HTTPException(404, UNROUTED)
        if not answer.variants:
            page = self._page(request, "answer_expired.html", answer=answer)
            page.status_code = 404
            return page
        url = f"{self._site.public_url.rstrip('/')}{answer.path}" if self._site.public_url else ""
        return self._page(
            request,
            "answer.html",
            path=answer.path,
            answer=answer,
            related=self._related(answer),
            description=_shortened(plain_text(markdown_spans(answer.variants[0].body))),
            data=faq_page(answer, self._site.agency, url),
        )

    async def robots(self, request: Request) -> Response:
        return respond(request, robots(self._site.address(request)), COMMON_HEADERS, "text/plain")

    async def sitemap(self, request: Request) -> Response:
        pages = sitemap(self._site.address(request), self._answers.served())
        return respond(request, pages, COMMON_HEADERS, "application/xml")

    def _related(self, answer: Answer) -> tuple[object, ...]:
        """Returns up to RELATED questions of the topic that follow alphabetically; after the last comes the first."""
        topic = next((one for one in self._answers.topics() if one.name == answer.topic), None)
        some = list(topic.answers) if topic else []
        here = next((place for place, one in enumerate(some) if one.id == answer.id), 0)
        return tuple([*some[here + 1 :], *some[:here]][:RELATED])

    def _page(self, request: Request, template: str, *, path: str = "", **values: object) -> Response:
        values |= {"words": self._words, "date_in_words": date_in_words, "topic_title": self._answers.title}
        return respond(request, render(template, self._site, path=path, **values), self._headers)


def _shortened(text: str) -> str:
    """Returns the beginning of an answer, at most DESCRIPTION characters, as one line of whole words."""
    line = " ".join(text.split())
    return line if len(line) <= DESCRIPTION else line[:DESCRIPTION].rsplit(" ", 1)[0].rstrip(",;:.") + "…"


def _filled(texts: dict[str, str], values: dict[str, str]) -> dict[str, str]:
    """Replaces the placeholders of the agency's data in the texts; the templates fill the others."""
    for name, value in values.items():
        texts = {key: text.replace(f"{{{name}}}", value) for key, text in texts.items()}
    return texts
