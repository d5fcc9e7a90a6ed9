"""Serves the home page ``/``, the privacy notice, security.txt, and the scripts, styles and images of the pages.

Reads templates/, static/ and privacidad.md in this folder.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from markdown_it import MarkdownIt

from bot.agency.model import Agency
from bot.agency.schedule import WEEKDAYS
from bot.channels.web.answers.shown import Answers
from bot.channels.web.own_data.notice import notice_facts
from bot.channels.web.palette import Palette
from bot.channels.web.site import COMMON_HEADERS, FOLDER, READING, Site, names, page_headers, render, respond
from bot.channels.web.widget import ANY_SITE, widget_router
from bot.core.channels import name_of
from bot.core.texts import area
from bot.privacy.inventory import notice_table

CACHE_SECONDS = 300
SECURITY_TERM = timedelta(days=180)  # validity of security.txt; RFC 9116 recommends less than a year
MAX_QUESTION = 500  # characters of a question in the address; a longer one is cut
FILE_HEADERS = COMMON_HEADERS | {
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Cache-Control": f"public, max-age={CACHE_SECONDS}",
}
SCRIPT = "text/javascript"
FILES = {
    "/webchat/page.css": "text/css",
    "/webchat/answers.css": "text/css",
    "/webchat/own_data.css": "text/css",
    "/webchat/transparency.css": "text/css",
    "/webchat/crest.svg": "image/svg+xml",
    "/webchat/crest.png": "image/png",
    "/webchat/crest_service.svg": "image/svg+xml",
    "/webchat/crest_service.png": "image/png",
    "/webchat/loading.js": SCRIPT,
    "/webchat/own_chat.js": SCRIPT,
    "/webchat/own_data.js": SCRIPT,
    "/webchat/notify.js": SCRIPT,
    "/webchat/notify_worker.js": SCRIPT,
    "/favicon.ico": "image/x-icon",
}


def pages_router(site: Site) -> APIRouter:
    """Builds ``/``, ``/privacidad``, ``/favicon.ico``, ``/webchat/*`` and ``/.well-known/security.txt``."""
    agency, headers = site.agency, page_headers(site.frames)
    router = APIRouter(include_in_schema=False)
    answers, hours, notice, colors = Answers(site), hours_shown(agency), _notice(site), _colors(agency.color)

    async def chat(request: Request, q: str = "") -> Response:
        question = asked(q)
        values: dict[str, object] = {
            "hours": hours,
            "question": question,
            "published": answers.about(question),
            "answers": answers,
            "featured": agency.front_page.featured or answers.featured(),
            "name_of": name_of,
        }
        return respond(request, render("chat.html", site, path="/", **values), headers)

    async def privacy(request: Request) -> Response:
        page = render("privacy.html", site, path="/privacidad", notice=notice)
        return respond(request, page, headers)

    async def colors_css(request: Request) -> Response:
        return respond(request, colors, FILE_HEADERS, "text/css")

    async def security_txt() -> Response:
        expires = (datetime.now(UTC) + SECURITY_TERM).isoformat(timespec="seconds").replace("+00:00", "Z")
        lines = (f"Contact: mailto:{agency.email}", f"Expires: {expires}", "Preferred-Languages: es, en")
        return Response("\n".join(lines) + "\n", media_type="text/plain", headers=COMMON_HEADERS)

    router.add_api_route("/.well-known/security.txt", security_txt, methods=READING)
    router.add_api_route("/", chat, methods=READING)
    router.add_api_route("/privacidad", privacy, methods=READING)
    router.add_api_route("/webchat/colors.css", colors_css, methods=READING)
    router.routes.extend(widget_router(FILE_HEADERS).routes)
    for path, media_type in FILES.items():
        router.add_api_route(path, _file(path.rpartition("/")[2], media_type), methods=READING)
    return router


def asked(text: str) -> str:
    """Cleans the question in the URL parameter ``q``: returns one printable line of at most MAX_QUESTION characters."""
    printable = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(printable.split())[:MAX_QUESTION]


def _file(name: str, media_type: str) -> Any:
    content = (FOLDER / "static" / name).read_bytes()
    headers = FILE_HEADERS | ANY_SITE if media_type == SCRIPT else FILE_HEADERS

    async def send(request: Request) -> Response:
        return respond(request, content, headers, media_type)

    return send


def _notice(site: Site) -> str:
    """Renders the privacy notice for the running settings as HTML; unlike in messages, headings remain headings."""
    values = {**names(site.agency), **notice_facts(site.agency, site.channels, datetime.now(UTC).date())}
    text = (FOLDER / "privacidad.md").read_text(encoding="utf-8").replace("{tabla}", notice_table()).format(**values)
    return _as_html(text)


@lru_cache(maxsize=1)
def _as_html(notice: str) -> str:
    return str(MarkdownIt("commonmark", {"html": False}).enable("table").render(notice))


def hours_shown(agency: Agency) -> list[tuple[str, str]]:
    """Formats opening hours, as ``("Lunes a jueves", "08:30 a 14:00 y ...")``; joins adjacent days with equal hours."""
    texts = area("widget")
    groups: list[tuple[list[str], str]] = []
    for day in WEEKDAYS:  # days that agency.yml omits are closed
        hours = " y ".join(one.replace("-", " a ") for one in agency.hours.get(day, ())) or texts["pagina"]["cerrado"]
        if groups and groups[-1][1] == hours:
            groups[-1][0].append(texts["dias"][day])
        else:
            groups.append(([texts["dias"][day]], hours))
    return [(_days(days), hours) for days, hours in groups]


def _days(days: list[str]) -> str:
    joint = " y " if len(days) == 2 else " a "
    return days[0] if len(days) == 1 else f"{days[0]}{joint}{days[-1].lower()}"


def _colors(color: str) -> str:
    """Returns a style sheet with the agency's colors, since the content security policy forbids inline styles."""
    palette = asdict(Palette.from_color(color))
    lines = [f"--{name.replace('_', '-')}:{value}" for name, value in palette.items()]
    return ":root{" + ";".join(lines) + "}\n"
