"""Defines what all pages of the site share: their data, rendering, headers and cacheable responses.

The content security policy of every page allows only scripts and styles from this server.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.agency.model import Agency
from bot.agency.schedule import Opening
from bot.channels.web.notices.shown import shown_notice
from bot.core.messages import Channel
from bot.core.settings import ROOT
from bot.core.texts import area
from bot.faq.encoder.folder import EncoderInUse
from bot.faq.entries.entry import Entry
from bot.figures.charts import TEMPLATES as CHARTS
from bot.figures.publishing import Month
from bot.figures.sampling.samples import Pool
from bot.public_notices.board import NoticeBoard

FOLDER = Path(__file__).parent
CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors {sites}"
)
COMMON_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
}
PAGE_HEADERS = COMMON_HEADERS | {
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(self)",
    "Cache-Control": "no-cache",  # browsers keep a page, and ask each time whether it has changed
}
READING = ["GET", "HEAD"]
ANSWERS = "/tramites"
HTML = "text/html"
COMPRESSED = frozenset({"image/png", "image/x-icon"})  # gzip would not make them smaller


async def _no_pools() -> Sequence[Pool]:
    return ()


async def _no_months(count: int) -> Sequence[Month]:
    return ()


@dataclass(frozen=True)
class Site:
    """The data of the site's pages, and the functions that provide current data.

    ``frames`` are origins that may show the pages in a frame; ``public_url`` is the site's address, '' if unknown.
    ``opening()`` returns the agency's current Opening; None if the pages show no opening hours. ``entries()`` returns
    the FAQ entries in use, and ``notices`` contains the public notices. ``channels`` are the connected channels.
    ``data`` is the folder of the agency's files; ``encoder()`` returns the language model in use. ``months(count)``
    returns the newest published months of figures, and ``pools()`` the results of the samples of answers; both may
    raise SQLAlchemyError.
    """

    agency: Agency
    frames: tuple[str, ...] = ()
    public_url: str = ""
    opening: Callable[[], Opening | None] = lambda: None
    entries: Callable[[], Sequence[Entry]] = tuple
    notices: NoticeBoard = field(default_factory=NoticeBoard)
    channels: tuple[str, ...] = (Channel.WEB,)
    data: Path = ROOT / "data"
    encoder: Callable[[], EncoderInUse] = lambda: EncoderInUse("")
    months: Callable[[int], Awaitable[Sequence[Month]]] = _no_months
    pools: Callable[[], Awaitable[Sequence[Pool]]] = _no_pools

    def now(self) -> datetime:
        """Returns the current time in the agency's time zone."""
        return self.agency.now()

    def address(self, request: Request) -> str:
        """Returns the site's address without a trailing slash, from the request if it is not configured."""
        return (self.public_url or str(request.base_url)).rstrip("/")


def page_of(id: str) -> str:
    """Returns the path of the page of the FAQ entry with this id."""
    return f"{ANSWERS}/{quote(id, safe='')}"


def page_headers(sites: tuple[str, ...]) -> dict[str, str]:
    """Returns the headers of a page; ``sites`` are the origins that may show the page in a frame.

    With ``sites``, the header X-Frame-Options is omitted, since it cannot list sites.
    """
    policy = CONTENT_POLICY.format(sites=" ".join(("'self'", *sites)))
    frames = {} if sites else {"X-Frame-Options": "SAMEORIGIN"}
    return PAGE_HEADERS | frames | {"Content-Security-Policy": policy}


def respond(request: Request, content: str | bytes, headers: Mapping[str, str], media_type: str = HTML) -> Response:
    """Responds with ``content``, as gzip if the client accepts it, or with 304 if the client already has it."""
    body = content.encode() if isinstance(content, str) else content
    tag = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
    sent = {**headers, "ETag": tag, "Vary": "Accept-Encoding"}
    if tag.removeprefix("W/") in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=sent)
    if media_type in COMPRESSED or "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(body, media_type=media_type, headers=sent)
    return Response(gzip.compress(body, mtime=0), media_type=media_type, headers=sent | {"Content-Encoding": "gzip"})


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader([FOLDER / "templates", CHARTS]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )


def render(template: str, site: Site, *, path: str = "", **values: object) -> str:
    """Renders a page of templates/, with the agency's data filled into its texts; ``path`` is the page's own path.

    A page without ``path`` tells search engines not to index it.
    """
    agency, texts = site.agency, area("widget")
    page = {**usual_words(agency), **agency.front_page.words}
    shown: dict[str, Any] = {
        "agency": agency,
        "kind": agency.front_page.kind_of(agency.name),
        "page": page,
        "texts": texts,
        "phone_link": digits(agency.phone),
        "opening": site.opening(),
        "address": site.public_url.rstrip("/"),
        "path": path,
        "notices": [shown_notice(one, agency) for one in site.notices.running],
        "page_of": page_of,
    }
    return _templates().get_template(template).render(shown | values)


def usual_words(agency: Agency) -> dict[str, str]:
    """Returns the words of the pages for an agency of this kind, with its names filled in, without its own words."""
    return {key: text.format(**names(agency)) for key, text in words_of(agency, "widget").items()}


def words_of(agency: Agency, name: str) -> dict[str, str]:
    """Returns the texts ``pagina`` of the area ``name``, in the words of the agency's kind."""
    texts = area(name)
    words: dict[str, str] = texts["pagina"] | texts.get(f"pagina_{agency.front_page.kind_of(agency.name)}", {})
    return words


def names(agency: Agency) -> dict[str, str]:
    """Returns the values of the placeholders in the pages' texts."""
    return {
        "agencia": agency.name,
        "corto": agency.short_name,
        "asistente": agency.assistant,
        "correo": agency.email,
        "telefono": agency.phone,
        "dias": str(agency.keep_days),
        "dias_contacto": str(agency.desk.keep_contact_days),
        "dias_reclamos": str(agency.desk.keep_complaint_days),
    }


def digits(phone: str) -> str:
    return "".join(character for character in phone if character in "+0123456789")
