"""Serves ``/transparencia`` and its open data: figures, samples, answers, and the card (``ficha-<form>.json``).

The figures and the facts about the running system come from its settings and the published months, so the page cannot
contradict them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from functools import cache
from pathlib import Path
from typing import TypeVar

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response
from markdown_it import MarkdownIt
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.web.answers.shown import Answers
from bot.channels.web.site import COMMON_HEADERS, READING, Site, digits, names, page_headers, render, respond
from bot.channels.web.transparency.card import cards, forms
from bot.channels.web.transparency.open_data import answers_csv, csv_text, json_text, samples_csv
from bot.channels.web.transparency.view import answers_by_topic, view_of
from bot.core.channels import name_of
from bot.core.logs import log
from bot.core.texts import area, date_in_words, say
from bot.figures.definitions import definitions
from bot.figures.numbers import number
from bot.figures.publishing import Month
from bot.figures.sampling.samples import Pool
from bot.figures.sampling.words import every, inline

PATH = "/transparencia"
TEXT = Path(__file__).with_name("texto.md")
FIGURES = "{cifras}"  # placeholder in the text for the figures
SHOWN_MONTHS = 12
ALL_MONTHS = 600
T = TypeVar("T")
# Anyone may use the data, including scripts of other sites.
DATA_HEADERS = COMMON_HEADERS | {"Cache-Control": "public, max-age=3600", "Access-Control-Allow-Origin": "*"}


class TransparencyPages:
    """The handlers of the transparency page and of its open data."""

    def __init__(self, site: Site) -> None:
        self._site, self._headers, self._answers = site, page_headers(site.frames), Answers(site)

    def router(self) -> APIRouter:
        router = APIRouter(include_in_schema=False)
        router.add_api_route(PATH, self.page, methods=READING)
        router.add_api_route(f"{PATH}/cifras.csv", self.csv, methods=READING)
        router.add_api_route(f"{PATH}/cifras.json", self.json, methods=READING)
        router.add_api_route(f"{PATH}/muestra.csv", self.samples, methods=READING)
        router.add_api_route(f"{PATH}/respuestas", self.answers_page, methods=READING)
        router.add_api_route(f"{PATH}/respuestas.csv", self.answers, methods=READING)
        router.add_api_route(f"{PATH}/ficha-{{form}}.json", self.card, methods=READING)
        return router

    async def page(self, request: Request) -> Response:
        months, pools, is_away = await self._published()
        before, after = self._texts()
        html = render(
            "transparency.html",
            self._site,
            path=PATH,
            t=area("transparencia"),
            w=area("cifras"),
            is_away=is_away,
            sample=area("muestra"),
            pools=[inline(one) for one in every(pools)],
            cards=() if is_away else cards(self._site, months, pools, self._values()),
            c=area("ficha"),
            before=before,
            after=after,
            promise=inline(say("transparencia.cifras.promesa_texto", n=_plain(self._site.agency.risk))),
            inline=inline,
            definitions=[one for one in definitions().values() if one.public],
            **view_of(months, self._site.agency),
        )
        return respond(request, html, self._headers)

    async def card(self, request: Request, form: str) -> Response:
        """Serves the card as JSON, in the form with the id ``form``; responds 404 to an unknown id.

        Responds 503 if PostgreSQL is unavailable.
        """
        if form not in forms():
            raise HTTPException(404)
        months, pools, is_away = await self._published()
        if is_away:
            raise _unavailable()
        found = {one.form.id: one for one in cards(self._site, months, pools, self._values())}
        return respond(request, found[form].to_json(), DATA_HEADERS, "application/json")

    async def _published(self) -> tuple[Sequence[Month], Sequence[Pool], bool]:
        """Returns (newest months, results of the samples, False); ((), (), True) if PostgreSQL is unavailable."""
        try:
            return await self._site.months(SHOWN_MONTHS), await self._site.pools(), False
        except (SQLAlchemyError, OSError) as error:
            log.warning("transparency: figures unavailable", error=type(error).__name__)
            return (), (), True

    async def csv(self, request: Request) -> Response:
        return _csv(request, csv_text(await _read(self._site.months(ALL_MONTHS))))

    async def samples(self, request: Request) -> Response:
        return _csv(request, samples_csv(await _read(self._site.pools()), self._site.agency.risk))

    async def answers(self, request: Request) -> Response:
        found = (self._answers.answer(entry.id) for entry in self._answers.served())
        return _csv(request, answers_csv((one for one in found if one), self._site.address(request)))

    async def answers_page(self, request: Request) -> Response:
        topics = answers_by_topic(self._answers)
        html = render(
            "transparency_answers.html",
            self._site,
            path=f"{PATH}/respuestas",
            t=area("transparencia"),
            a=area("transparencia")["respuestas"],
            topics=topics,
            count=number(sum(len(one.answers) for one in topics)),
            date_in_words=date_in_words,
        )
        return respond(request, html, self._headers)

    async def json(self, request: Request) -> Response:
        agency, pools = self._site.agency, await _read(self._site.pools())
        content = json_text(await _read(self._site.months(ALL_MONTHS)), pools, publisher=agency.name, risk=agency.risk)
        return respond(request, content, DATA_HEADERS, "application/json")

    def _texts(self) -> tuple[str, str]:
        """Returns the texts before and after the figures, as HTML."""
        before, _, after = TEXT.read_text(encoding="utf-8").partition(FIGURES)
        values = self._values()
        return _html(before.format(**values)), _html(after.format(**values))

    def _values(self) -> dict[str, str]:
        """Returns the values of the texts' placeholders, derived from the running settings."""
        agency, today = self._site.agency, self._site.now().date()
        return names(agency) | {
            "respuestas": number(len({one.id for one in self._site.entries() if not one.expired(today)})),
            "revision": say(f"transparencia.{'cuatro_ojos' if agency.four_eyes else 'una_persona'}"),
            "telefono_enlace": digits(agency.phone),
            "dias_auditoria": str(agency.audit_days),
            "privacidad": agency.privacy_url,
            "canales": "\n".join(_processor(channel) for channel in self._site.channels),
        }


async def _read(reading: Awaitable[T]) -> T:
    """Awaits ``reading``, a query of the record; raises HTTPException (503) if PostgreSQL is unavailable."""
    try:
        return await reading
    except (SQLAlchemyError, OSError) as error:
        log.warning("transparency: figures unavailable", error=type(error).__name__)
        raise _unavailable() from error


def _csv(request: Request, text: str) -> Response:
    return respond(request, text, DATA_HEADERS, "text/csv; charset=utf-8")


def _unavailable() -> HTTPException:
    return HTTPException(503, headers={"Retry-After": "60"})


def _processor(channel: str) -> str:
    """Returns a line that names a channel and the processor of its messages."""
    who = area(channel).get("proveedor") or say("transparencia.propio")
    return say("transparencia.canal", canal=name_of(channel), quien=who)


@cache
def _html(text: str) -> str:
    return str(MarkdownIt("commonmark", {"html": False}).enable("table").render(text))


def _plain(value: float) -> str:
    return number(value, 0 if value == int(value) else 1)
