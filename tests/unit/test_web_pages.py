"""Tests the pages around the chat: opening hours, policies, the agency's texts without markup."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from pydantic import ValidationError

from bot.agency.front_page import Featured, FrontPage, FrontPageFile
from bot.agency.offices import Office
from bot.channels.web.pages import hours_shown, pages_router
from bot.channels.web.site import Site, page_headers, render
from bot.core.texts import area
from bot.faq.entries.entry import Entry
from bot.faq.entries.slug import slug
from tests.faq_entry import BASE
from tests.faq_files import agency

CLOSED = area("widget")["pagina"]["cerrado"]
MORNING, LONG = ["08:30-14:00"], ["08:30-14:00", "15:00-17:30"]


def shown(**hours: list[str]) -> list[tuple[str, str]]:
    return hours_shown(replace(agency(), hours=hours))


def test_days_with_the_same_hours_are_grouped() -> None:
    week = dict.fromkeys(("lunes", "martes", "miercoles", "jueves"), LONG) | {"viernes": MORNING}
    assert shown(**week, sabado=[], domingo=[]) == [
        ("Lunes a jueves", "08:30 a 14:00 y 15:00 a 17:30"),
        ("Viernes", "08:30 a 14:00"),
        ("Sábado y domingo", CLOSED),
    ]


def test_omitted_day_is_closed() -> None:
    assert shown(lunes=MORNING, martes=MORNING, jueves=MORNING) == [
        ("Lunes y martes", "08:30 a 14:00"),
        ("Miércoles", CLOSED),
        ("Jueves", "08:30 a 14:00"),
        ("Viernes a domingo", CLOSED),
    ]


def test_week_begins_on_monday_in_any_written_order() -> None:
    assert shown(domingo=MORNING, lunes=MORNING)[0] == ("Lunes", "08:30 a 14:00")


def test_non_adjacent_days_are_not_joined() -> None:
    days = [day for day, hours in shown(lunes=MORNING, miercoles=MORNING) if hours != CLOSED]
    assert days == ["Lunes", "Miércoles"]


def test_only_named_sites_may_frame_the_chat() -> None:
    assert page_headers(())["X-Frame-Options"] == "SAMEORIGIN"
    headers = page_headers(("https://www.losaromos.example",))
    assert "X-Frame-Options" not in headers
    assert headers["Content-Security-Policy"].endswith("frame-ancestors 'self' https://www.losaromos.example")


def test_agencys_name_cannot_break_out_of_the_page() -> None:
    named = replace(agency(), name='<script>alert(1)</script> & "Hijos"', phone="+56 (22) 555-0100")
    html = render("missing.html", Site(named), path="/")
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "+56225550100" in html


@pytest_asyncio.fixture
async def site() -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.include_router(pages_router(Site(agency())))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://chat") as client:
        yield client


async def test_widget_is_sent_once_and_then_revalidated(site: httpx.AsyncClient) -> None:
    first = await site.get("/webchat/widget.js")
    mark = first.headers["etag"]
    assert first.status_code == 200 and len(first.content) > 1000
    for given in (mark, f"W/{mark}"):
        again = await site.get("/webchat/widget.js", headers={"If-None-Match": given})
        assert (again.status_code, again.content) == (304, b"")
    assert (await site.get("/webchat/widget.js", headers={"If-None-Match": '"another"'})).status_code == 200


@pytest.mark.parametrize("path", ["/", "/privacidad"])
async def test_page_has_a_strict_content_security_policy(site: httpx.AsyncClient, path: str) -> None:
    page = await site.get(path)
    assert page.status_code == 200
    assert page.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'")
    assert "{" not in page.text.split("<main", 1)[-1]


async def test_nothing_else_of_the_folder_is_served(site: httpx.AsyncClient) -> None:
    for path in ("/webchat/pages.py", "/webchat/../pages.py", "/webchat/%2e%2e/privacidad.md", "/webchat/chat.html"):
        assert (await site.get(path)).status_code == 404


async def test_colours_derive_from_the_agencys_colour(site: httpx.AsyncClient) -> None:
    sheet = (await site.get("/webchat/colors.css")).text
    assert sheet.startswith(":root{--") and sheet.endswith("}\n")


def entry(topic: str, question: str) -> Entry:
    return replace(BASE, id=slug(question), topic=topic, question=question)


async def home(made: Site) -> str:
    app = FastAPI()
    app.include_router(pages_router(made))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://chat") as client:
        return (await client.get("/")).text


async def test_home_page_of_an_agency_without_a_front_page_shows_its_own_questions() -> None:
    own = [entry("agua", "¿Dónde pago?"), entry("agua", "¿Y si no pago?")]
    entries = [*own, entry("luz", "¿Hay luz?")]
    page = await home(Site(replace(agency(), front_page=FrontPage(), offices=()), entries=lambda: entries))
    assert re.findall(r'data-ventanilla-ask="([^"]+)"', page) == ["¿Dónde pago?", "¿Hay luz?", "¿Y si no pago?"]
    assert [text for text in ("Licencia", "ficticia", "Dónde estamos") if text in page] == []


async def test_home_page_without_any_answer_features_nothing() -> None:
    page = await home(Site(replace(agency(), front_page=FrontPage())))
    assert (area("widget")["pagina"]["temas"] in page, "Escribe tu pregunta" in page) == (False, True)


async def test_office_without_a_name_is_shown_by_its_key() -> None:
    offices = (Office("oficina_central", "Calle Uno 1"),)
    assert "<dt>Oficina central</dt>" in await home(Site(replace(agency(), offices=offices)))


def test_front_page_has_a_title_for_each_question() -> None:
    read = FrontPageFile.model_validate(
        {"destacados": [{"pregunta": "¿A?"}, {"pregunta": "¿B?", "titulo": "B"}]}
    ).read()
    assert read == FrontPage((Featured("¿A?", "¿A?"), Featured("¿B?", "B")))


async def test_home_page_links_the_messengers() -> None:
    read = FrontPageFile.model_validate({"mensajeria": {"whatsapp": "+56 2 2555 0101", "telegram": "@LosAromosBot"}})
    page = await home(Site(replace(agency(), front_page=read.read())))
    assert '<dt>WhatsApp</dt><dd><a href="https://wa.me/56225550101">+56 2 2555 0101</a>' in page
    assert '<dt>Telegram</dt><dd><a href="https://t.me/LosAromosBot">@LosAromosBot</a>' in page
    assert "wa.me" not in await home(Site(agency()))


@pytest.mark.parametrize(
    "messengers", [{"whatsapp": "javascript:x"}, {"telegram": "t.me/x y"}, {"otro": "x"}, {"web": "x"}]
)
def test_invalid_messenger_is_refused(messengers: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        FrontPageFile.model_validate({"mensajeria": messengers})


async def test_security_txt_names_a_contact_and_when_it_expires() -> None:
    app = FastAPI()
    app.include_router(pages_router(Site(agency(), ())))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bot") as client:
        told = (await client.get("/.well-known/security.txt")).text
    fields = dict(line.split(": ", 1) for line in told.splitlines())
    assert fields["Contact"] == f"mailto:{agency().email}"
    left = datetime.fromisoformat(fields["Expires"]) - datetime.now(UTC)
    assert timedelta(days=30) < left < timedelta(days=365)
