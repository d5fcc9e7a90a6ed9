"""Tests the public pages of the answers: what they show, hide, escape, and how browsers may cache them."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from bot.agency.front_page import FrontPage
from bot.agency.schedule import Opening
from bot.agency.segments import Segment
from bot.app.missing_page import missing_page
from bot.channels.web.answers.pages import AnswerPages
from bot.channels.web.pages import pages_router
from bot.channels.web.site import Site
from bot.channels.web.transparency.pages import TransparencyPages
from bot.core.messages import Source
from bot.core.texts import date_in_words
from bot.faq.entries.entry import Entry
from bot.faq.publishing.watch import LiveFaq
from bot.public_notices.board import NoticeBoard
from bot.public_notices.measures import Kind, Measure
from bot.public_notices.notice import NoticeSet
from tests.eventually import eventually
from tests.faq_entry import BASE
from tests.faq_files import agency, write_folder
from tests.notices import public_notice

HOLE = replace(BASE, variants=("hay un forado en mi calle",), body="Avisa **gratis** al +56 2 2555 0100.")
LICENCE = replace(
    BASE,
    id="licencia",
    question="¿Cómo renuevo mi licencia de conducir?",
    variants=("se me venció el carnet de manejar",),
    topic="transito",
    path="transito/licencia.md",
    body="Pide hora en Tránsito.",
)
YESTERDAY = date.today() - timedelta(days=2)
EXPIRED = replace(LICENCE, id="poda", question="¿Cómo pido una poda?", expires=YESTERDAY, body="Respuesta vieja.")
OPEN = Opening(True, "Abierto, cierra a las 14:00")
AUDIENCE = {"segmento": ("adulto-mayor",)}
SEGMENTS = {"segmento": Segment("¿Cuál es tu caso?", {"adulto-mayor": "Tengo 60 años o más"})}
PAGES = [
    "/",
    "/tramites",
    "/tramites/bache",
    "/privacidad",
    "/robots.txt",
    "/sitemap.xml",
    "/webchat/page.css",
    "/webchat/colors.css",
]
Open = Callable[..., httpx.AsyncClient]


@pytest_asyncio.fixture
async def opened() -> AsyncIterator[Open]:
    clients = []

    def open_site(*entries: Entry, **facts: Any) -> httpx.AsyncClient:
        site = Site(replace(agency(), segments=SEGMENTS), entries=lambda: entries, opening=lambda: OPEN)
        site = replace(site, **facts)
        app = FastAPI()
        app.router.routes.extend(pages_router(site).routes)
        app.router.routes.extend(AnswerPages(site).router().routes)
        app.router.routes.extend(TransparencyPages(site).router().routes)
        app.add_exception_handler(404, missing_page(site))
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://chat")
        client.headers["Accept"] = "text/html"
        clients.append(client)
        return client

    yield open_site
    for client in clients:
        await client.aclose()


def main_of(html: str) -> str:
    return html.split("<main", 1)[1].split("</main>", 1)[0]


def json_ld(html: str) -> Any:
    return json.loads(html.split('<script type="application/ld+json">')[1].split("</script>")[0])


@pytest.mark.parametrize(
    ("name", "kind", "is_municipal"),
    [
        ("Municipalidad de Los Aromos", "", True),
        ("Hospital de Los Aromos", "", False),
        ("Municipalidad de Los Aromos", "servicio", False),
        ("Ciudad de Los Aromos", "municipalidad", True),
    ],
)
async def test_pages_speak_and_look_like_the_kind_of_agency(
    opened: Open, name: str, kind: str, is_municipal: bool
) -> None:
    site = opened(HOLE, agency=replace(agency(), name=name, front_page=FrontPage(kind=kind)))
    home, index = (await site.get("/")).text, (await site.get("/tramites")).text
    assert ("Tus trámites" in home, "Todos los trámites" in home, 'class="tree"' in home) == (is_municipal,) * 3
    assert ("Trámites y servicios" in index, "/webchat/crest.svg" in index) == (is_municipal,) * 2
    words = re.sub(r"<[^>]*>", " ", home + index).casefold()
    assert is_municipal or "trámite" not in words


async def test_index_lists_the_questions_by_topic(opened: Open) -> None:
    html = main_of((await opened(HOLE, LICENCE, EXPIRED).get("/tramites")).text)
    assert re.findall(r'<h2 id="(\w+)"[^>]*>([^<]*)</h2>', html) == [
        ("calle", "Calle"),
        ("transito", "Tránsito y vehículos"),
    ]
    assert '<a href="/tramites/licencia">¿Cómo renuevo mi licencia de conducir?</a>' in html
    assert "2 respuestas" in html
    assert "Abierto, cierra a las 14:00" in html


async def test_topic_has_the_title_that_most_of_its_answers_write(opened: Open) -> None:
    titles = ("Vía pública", "Via publica", "Vía pública", "")
    some = [replace(HOLE, id=f"hoyo-{place}", topic_title=title) for place, title in enumerate(titles)]
    site = opened(*some, LICENCE)
    assert '<h2 id="calle"' in (await site.get("/tramites")).text
    for path in ("/tramites", "/tramites/hoyo-3", "/tramites?q=hoyo"):
        assert "Vía pública" in (await site.get(path)).text


async def test_page_shows_a_running_notice_in_place_of_an_answer(opened: Open) -> None:
    measures = (Measure(Kind.WITHDRAWN, "bache"), Measure(Kind.CHANGED, "licencia", "Hoy **no** atendemos."))
    for drill in (False, True):
        board = NoticeBoard(NoticeSet.of([public_notice(measures=measures, drill=drill)]))
        site = opened(HOLE, LICENCE, notices=board)
        hole, licence = [main_of((await site.get(f"/tramites/{id}")).text) for id in ("bache", "licencia")]
        assert ("retiramos por ahora" in hole, "al <a href" in hole) == (not drill, drill)
        assert ("Hoy <strong>no</strong> atendemos." in licence, "Pide hora" in licence) == (not drill, drill)
    replaced = NoticeBoard(NoticeSet.of([public_notice("1.1", "Sin luz.", entries=("licencia",))]))
    assert "Sin luz." in main_of((await opened(LICENCE, notices=replaced).get("/tramites/licencia")).text)


async def test_every_answer_is_listed_by_topic_with_its_source_and_last_review(opened: Open) -> None:
    older = replace(LICENCE, id="patente", question="¿Dónde pago la patente?", reviewed=date(2026, 3, 2))
    site = opened(HOLE, LICENCE, older, EXPIRED)
    assert 'href="/transparencia/respuestas">3 respuestas</a>' in (await site.get("/transparencia")).text
    html = main_of((await site.get("/transparencia/respuestas")).text)
    hole, transit = html.split("<details")[1:]
    assert re.findall(r'<h2 id="(\w+)">([^<]*)</h2> <span>(\d+ respuestas?)', html) == [
        ("calle", "Calle", "1 respuesta"),
        ("transito", "Tránsito y vehículos", "2 respuestas"),
    ]
    assert "Revisión más antigua: 2 de marzo de 2026</span>" in transit
    assert re.findall(r'<li><a href="([^"]*)">', transit) == ["/tramites/licencia", "/tramites/patente"]
    assert f'Fuente: <a href="{HOLE.source.url}">{HOLE.source.title}</a>.' in hole
    assert EXPIRED.question not in html
    data = (await site.get("/transparencia")).text.split('<h2 id="datos">')[1]
    assert '<a href="/transparencia/respuestas">Todas las respuestas, con su fuente</a>' in data
    assert "Todavía no hay respuestas" in (await opened().get("/transparencia/respuestas")).text


async def test_answer_that_a_notice_withdraws_keeps_its_source_and_review_in_the_list(opened: Open) -> None:
    notice = public_notice(measures=(Measure(Kind.WITHDRAWN, "bache"),))
    site = opened(HOLE, LICENCE, notices=NoticeBoard(NoticeSet.of([notice])))
    hole, licence = main_of((await site.get("/transparencia/respuestas")).text).split("<details")[1:]
    held = "Por ahora, un aviso la cambia o la retira."
    assert f"{HOLE.source.title}</a>. Revisada el {date_in_words(HOLE.reviewed)}. {held}</small>" in hole
    assert held not in licence
    (row, _) = csv.DictReader(io.StringIO((await site.get("/transparencia/respuestas.csv")).text))
    assert (row["fuente"], row["revisada"]) == (HOLE.source.title, HOLE.reviewed.isoformat())
    page = main_of((await site.get("/tramites/bache")).text)
    assert HOLE.source.url not in page and date_in_words(HOLE.reviewed) not in page  # the text is the notice's


async def test_answer_has_its_text_source_unit_and_review(opened: Open) -> None:
    html = (await opened(HOLE, LICENCE).get("/tramites/bache")).text
    assert "<h1>¿Cómo aviso de un hoyo?</h1>" in html
    assert '<strong>gratis</strong> al <a href="tel:+56225550100">+56 2 2555 0100</a>' in html
    assert '<a href="https://x.cl" rel="noopener">x</a>' in html
    assert "<dd>OIRS</dd>" in html
    assert '<time datetime="2026-11-01">1 de noviembre de 2026</time>' in html
    assert (
        'href="/?q=%C2%BFC%C3%B3mo%20aviso%20de%20un%20hoyo%3F" data-ventanilla-ask="¿Cómo aviso de un hoyo?"' in html
    )


async def test_answer_is_described_for_search_engines(opened: Open) -> None:
    data = json_ld((await opened(HOLE, public_url="https://chat.x.cl/").get("/tramites/bache")).text)
    assert (data["@type"], data["url"]) == ("FAQPage", "https://chat.x.cl/tramites/bache")
    (question,) = data["mainEntity"]
    assert question["name"] == HOLE.question
    assert question["acceptedAnswer"]["text"].startswith("<p>Avisa <strong>gratis</strong>")


async def test_no_field_of_an_entry_can_break_out_of_the_page(opened: Open) -> None:
    attack = "</script><script>alert(1)</script><!-- \u2028 \" ' &"
    bad = replace(HOLE, question=attack, responsible=attack, topic=attack, body=attack)
    bad = replace(bad, source=Source(attack, "javascript:alert(1)"))
    client = opened(bad)
    for path in ("/tramites/bache", "/tramites", "/tramites?q=alert", "/"):
        html = (await client.get(path)).text
        assert "<script>alert" not in html
        assert "javascript:" not in html
    data = json_ld((await client.get("/tramites/bache")).text)
    assert data["mainEntity"][0]["name"] == attack


async def test_searched_words_cannot_break_out_of_the_page(opened: Open) -> None:
    client = opened(HOLE)
    attack = '"><script>alert(1)</script>{{ 7 * 7 }}{q.__class__}'
    for path in ("/tramites", "/"):
        html = (await client.get(path, params={"q": attack})).text
        assert "<script>alert" not in html
        assert "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7 * 7 }}{q.__class__}" in html


async def test_each_audience_has_its_answer_under_its_name(opened: Open) -> None:
    older = replace(LICENCE, audience=AUDIENCE, path="transito/licencia.mayor.md", body="Te ayudamos en tu casa.")
    page = await opened(LICENCE, older).get("/tramites/licencia")
    html = main_of(page.text)
    assert re.findall(r"<h2>([^<]*)</h2>", html) == ["En general", "Si es tu caso: Tengo 60 años o más"]
    assert html.index("Pide hora en Tránsito.") < html.index("Te ayudamos en tu casa.")
    assert "Tengo 60 años o más" in json_ld(page.text)["mainEntity"][0]["acceptedAnswer"]["text"]


async def test_variant_for_another_channel_is_not_shown_and_one_for_the_web_replaces_the_general(opened: Open) -> None:
    phone = replace(LICENCE, audience={"canal": ("whatsapp",)}, path="a.md", body="Para WhatsApp.")
    web = replace(LICENCE, audience={"canal": ("web", "telegram")}, path="b.md", body="Para la web.")
    html = main_of((await opened(LICENCE, phone, web).get("/tramites/licencia")).text)
    assert "Para la web." in html
    assert "Para WhatsApp." not in html
    assert "Pide hora en Tránsito." not in html


async def test_expired_answer_is_not_shown(opened: Open) -> None:
    client = opened(HOLE, EXPIRED)
    page = await client.get("/tramites/poda")
    assert page.status_code == 404
    assert "¿Cómo pido una poda?" in page.text
    assert "la estamos revisando" in page.text
    assert '<meta name="robots" content="noindex">' in page.text
    for path in ("/tramites/poda", "/tramites", "/tramites?q=poda", "/sitemap.xml"):
        assert "Respuesta vieja" not in (await client.get(path)).text
    assert "/tramites/poda" not in (await client.get("/sitemap.xml")).text


async def test_only_the_expired_variant_is_left_out(opened: Open) -> None:
    older = replace(EXPIRED, id="licencia", audience=AUDIENCE, path="transito/licencia.mayor.md")
    html = main_of((await opened(LICENCE, older).get("/tramites/licencia")).text)
    assert "Pide hora en Tránsito." in html
    assert "Respuesta vieja" not in html


@pytest.mark.parametrize(
    "path", ["/tramites/nadie", "/tramites/..%2F..%2Fagency.yml", "/tramites/%00", "/tramites/a/b"]
)
async def test_unknown_answer_is_a_missing_page(opened: Open, path: str) -> None:
    page = await opened(HOLE).get(path)
    assert page.status_code == 404
    assert "Esta página no existe" in page.text


async def test_search_lists_what_it_finds_and_offers_the_chat(opened: Open) -> None:
    client = opened(HOLE, LICENCE, EXPIRED)
    html = main_of((await client.get("/tramites?q=lisensia")).text)
    assert re.findall(r'<li><a href="/tramites/([\w-]+)"><strong>', html) == ["licencia"]
    assert "Una respuesta sobre «lisensia»" in html
    html = main_of((await client.get("/tramites?q=poda")).text)
    assert "No encontramos «poda»" in html
    assert 'href="/?q=poda" data-ventanilla-draft="poda"' in html


async def test_search_results_are_not_for_search_engines(opened: Open) -> None:
    client = opened(HOLE, public_url="https://chat.x.cl")
    assert 'content="noindex"' in (await client.get("/tramites?q=hoyo")).text
    index = (await client.get("/tramites")).text
    assert "noindex" not in index
    assert '<link rel="canonical" href="https://chat.x.cl/tramites">' in index


async def test_preview_of_a_link_has_title_text_and_picture(opened: Open) -> None:
    html = (await opened(HOLE, public_url="https://chat.x.cl").get("/tramites/bache")).text
    shown = dict(re.findall(r'<meta property="og:(\w+)" content="([^"]*)">', html))
    assert shown["title"] == "¿Cómo aviso de un hoyo? · Municipalidad de Los Aromos"
    assert shown["description"] == "Avisa gratis al +56 2 2555 0100."
    assert shown["url"] == "https://chat.x.cl/tramites/bache"
    assert shown["image"] == "https://chat.x.cl/webchat/crest.png"


async def test_sitemap_has_every_page_and_robots_leads_to_it(opened: Open) -> None:
    client = opened(HOLE, LICENCE, public_url="https://chat.x.cl/")
    sitemap = (await client.get("/sitemap.xml")).text
    assert "<url><loc>https://chat.x.cl/tramites/bache</loc><lastmod>2026-11-01</lastmod></url>" in sitemap
    pages = [address.removeprefix("https://chat.x.cl") for address in re.findall("<loc>([^<]*)</loc>", sitemap)]
    others = ["/", "/tramites", "/privacidad", "/transparencia", "/transparencia/respuestas"]
    assert pages == [*others, "/tramites/bache", "/tramites/licencia"]
    assert [(await client.get(page)).status_code for page in pages] == [200] * len(pages)
    robots = (await client.get("/robots.txt")).text
    assert "Sitemap: https://chat.x.cl/sitemap.xml" in robots
    assert "Disallow: /?q=\n" in robots  # each such link would open a conversation
    assert (await opened(HOLE).get("/robots.txt")).text.endswith("Sitemap: http://chat/sitemap.xml\n")


@pytest.mark.parametrize("path", [*PAGES, "/favicon.ico", "/webchat/crest.png", "/webchat/answers.css"])
async def test_head_is_answered(opened: Open, path: str) -> None:
    client = opened(HOLE)
    head, full = await client.head(path), await client.get(path)
    assert head.status_code == full.status_code == 200
    assert head.headers["content-type"] == full.headers["content-type"]


@pytest.mark.parametrize("path", PAGES)
async def test_unchanged_page_is_not_sent_again(opened: Open, path: str) -> None:
    client = opened(HOLE)
    tag = (await client.get(path)).headers["etag"]
    for given in (tag, tag.removeprefix("W/"), f'"other", {tag}'):
        again = await client.get(path, headers={"If-None-Match": given})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert (await client.get(path, headers={"If-None-Match": 'W/"other"'})).status_code == 200


async def test_page_is_compressed_only_for_clients_that_accept_it(opened: Open) -> None:
    client = opened(HOLE)
    async with client.stream("GET", "/tramites", headers={"Accept-Encoding": "gzip"}) as zipped:
        raw = b"".join([part async for part in zipped.aiter_raw()])
    plain = await client.get("/tramites", headers={"Accept-Encoding": "identity"})
    assert gzip.decompress(raw) == plain.content
    assert "content-encoding" not in plain.headers
    assert zipped.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"


async def test_changed_hours_and_edited_answers_change_the_page(opened: Open) -> None:
    entries, words = [HOLE], ["Abierto, cierra a las 14:00"]
    client = opened(entries=lambda: entries, opening=lambda: Opening(True, words[0]))
    before = await client.get("/tramites/bache")
    entries[0] = replace(HOLE, body="Ahora por correo.")
    edited = await client.get("/tramites/bache", headers={"If-None-Match": before.headers["etag"]})
    assert "Ahora por correo." in edited.text
    words[0] = "Cerrado, abre hoy a las 15:00"
    closed = await client.get("/tramites/bache", headers={"If-None-Match": edited.headers["etag"]})
    assert "Cerrado, abre hoy a las 15:00" in closed.text


async def test_page_follows_the_faq_files(opened: Open, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "faq", ["bache"])
    faq = LiveFaq(folder, agency(), home=tmp_path)
    await faq.start()
    client = opened(entries=lambda: faq.entries)
    assert "Respuesta sobre bache." in (await client.get("/tramites/bache")).text
    file = folder / "calle" / "bache.md"
    file.write_text(file.read_text().replace("Respuesta sobre", "Nueva respuesta sobre"))

    async def is_edited() -> bool:
        return "Nueva respuesta sobre bache." in (await client.get("/tramites/bache")).text

    await eventually(is_edited)
    file.unlink()

    async def is_gone() -> bool:
        return (await client.get("/tramites/bache")).status_code == 404

    await eventually(is_gone)
    await faq.stop()


@pytest.mark.parametrize(
    ("question", "attribute"),
    [
        ("¿Cómo aviso de un hoyo?", ' data-ask="¿Cómo aviso de un hoyo?"'),
        ("como aviso de un HOYO", ' data-ask="¿Cómo aviso de un hoyo?"'),
        ("me quiero quejar", ' data-draft="me quiero quejar"'),  # the citizen sends it, not the link
        ("¿Cómo pido una poda?", ' data-draft="¿Cómo pido una poda?"'),  # expired
        (" una\nlínea\x00 ", ' data-draft="una línea"'),
        ("x" * 600, f' data-draft="{"x" * 500}"'),
        ("  ", ""),
        (None, ""),
    ],
)
async def test_question_in_the_address_is_asked_only_if_it_is_ours(
    opened: Open, question: str | None, attribute: str
) -> None:
    page = await opened(HOLE, EXPIRED).get("/", params={"q": question} if question is not None else {})
    assert f'<script src="/webchat/widget.js" async{attribute}></script>' in page.text


async def test_home_page_leads_to_the_answers_without_javascript(opened: Open) -> None:
    html = (await opened(replace(HOLE, question="¿Cómo aviso de un hoyo o bache en la calle?")).get("/")).text
    assert '<form action="/tramites" data-ventanilla-ask>' in html
    assert '<a href="/tramites/bache" data-ventanilla-ask="¿Cómo aviso de un hoyo o bache en la calle?">' in html
    assert '<a href="/?q=%C2%BFC%C3%B3mo%20renuevo' in html  # its answer is not published here
    assert "Abierto, cierra a las 14:00" in html


async def test_site_without_hours_shows_none(opened: Open) -> None:
    client = opened(HOLE, opening=lambda: None)
    for path in ("/", "/tramites", "/tramites/bache"):
        assert 'class="opening' not in (await client.get(path)).text
