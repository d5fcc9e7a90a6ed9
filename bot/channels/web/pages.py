"""Serves the chat page ``/``, the privacy notice, and the scripts, styles and images that pages load.

Reads templates/, static/ and privacidad.md of this folder. The content security policy of every page allows only
scripts and styles from this server.
"""

from __future__ import annotations

from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from fastapi.responses import FileResponse, HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt

from bot.agency.model import Agency
from bot.agency.schedule import WEEKDAYS
from bot.channels.web.palette import Palette
from bot.channels.web.widget import widget_router
from bot.core.texts import area

FOLDER = Path(__file__).parent
CACHE_SECONDS = 300
CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors {sites}"
)
COMMON_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
}
PAGE_HEADERS = COMMON_HEADERS | {
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-cache",
}
FILE_HEADERS = COMMON_HEADERS | {
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Cache-Control": f"public, max-age={CACHE_SECONDS}",
}
FILES = {
    "page.css": "text/css",
    "crest.svg": "image/svg+xml",
}


def pages_router(agency: Agency, sites: tuple[str, ...] = ()) -> APIRouter:
    """Builds ``/``, ``/privacidad`` and ``/webchat/*``; ``sites`` are origins that may show the pages in a frame."""
    headers = page_headers(sites)
    router = APIRouter(include_in_schema=False)
    chat_page = render("chat.html", agency, hours=hours_shown(agency))
    privacy_page = render("privacy.html", agency, notice=_notice(agency))

    @router.get("/")
    async def chat() -> HTMLResponse:
        return HTMLResponse(chat_page, headers=headers)

    @router.get("/privacidad")
    async def privacy() -> HTMLResponse:
        return HTMLResponse(privacy_page, headers=headers)

    @router.get("/webchat/colors.css")
    async def colors() -> Response:
        return Response(_colors(agency.color), media_type="text/css", headers=FILE_HEADERS)

    router.include_router(widget_router(FILE_HEADERS))
    for name, media_type in FILES.items():
        router.add_api_route(f"/webchat/{name}", _file(name, media_type), methods=["GET", "HEAD"])
    return router


def page_headers(sites: tuple[str, ...]) -> dict[str, str]:
    """Returns a page's headers, without X-Frame-Options if there are ``sites``, since that header cannot list sites."""
    policy = CONTENT_POLICY.format(sites=" ".join(("'self'", *sites)))
    frames = {} if sites else {"X-Frame-Options": "SAMEORIGIN"}
    return PAGE_HEADERS | frames | {"Content-Security-Policy": policy}


def _file(name: str, media_type: str) -> Any:
    async def send() -> FileResponse:
        return FileResponse(FOLDER / "static" / name, media_type=media_type, headers=FILE_HEADERS)

    return send


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(FOLDER / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )


def render(template: str, agency: Agency, **values: object) -> str:
    """Renders a page of templates/, with the agency's data filled into its texts."""
    texts = area("widget")
    page = {key: text.format(**_names(agency)) for key, text in texts["pagina"].items()}
    shown = {"agency": agency, "page": page, "texts": texts, "phone_link": _digits(agency.phone), **values}
    return _templates().get_template(template).render(shown)


def _names(agency: Agency) -> dict[str, str]:
    return {
        "agencia": agency.name,
        "corto": agency.short_name,
        "asistente": agency.assistant,
        "correo": agency.email,
        "telefono": agency.phone,
        "dias": str(agency.keep_days),
        "dias_contacto": str(agency.desk.keep_contact_days),
    }


def _digits(phone: str) -> str:
    return "".join(character for character in phone if character in "+0123456789")


def _notice(agency: Agency) -> str:
    """Renders the privacy notice as HTML; unlike in messages, headings remain headings."""
    text = (FOLDER / "privacidad.md").read_text(encoding="utf-8").format(**_names(agency))
    return str(MarkdownIt("commonmark", {"html": False}).enable("table").render(text))


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
