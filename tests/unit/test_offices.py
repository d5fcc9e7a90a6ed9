"""Tests the links from the offices' addresses to a map: in answers, on the home page and on channels of plain text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.agency.model import Agency, load_agency
from bot.agency.offices import Office
from bot.channels.formatting.event_spans import event_spans
from bot.channels.formatting.html import markdown_html
from bot.channels.formatting.markup import telegram_html
from bot.channels.formatting.office_addresses import office_addresses
from bot.channels.web.site import Site, render
from bot.channels.whatsapp.text import pieces
from bot.core.errors.contents import InvalidAgency
from bot.core.events import Event, EventKind
from bot.core.messages import Author
from bot.faq.entries.folder import load_folder
from tests.conftest import ROOT
from tests.rows import each_row
from tests.unit.agency_file import changed

TRANSIT = Office("transito", "Calle El Boldo 340, Los Aromos", "https://m/?q=transito")
HALL = Office("edificio", "Avenida Los Aromos 1250, Los Aromos", "https://m/?q=edificio")
WORKS = Office("obras", "Avenida Los Aromos 1250, piso 3, Los Aromos", "https://m/?q=obras")
CLINIC = Office("cesfam", "CESFAM Los Aromos, Calle Los Álamos 4-B", "https://m/?q=cesfam")
PLAZA = Office("plaza", "Plaza de Armas", "https://m/?q=plaza")
ALL = (TRANSIT, HALL, WORKS, CLINIC, PLAZA)
WRITTEN = re.compile(r"(?:Avenida|Calle|Camino) [\w ]+ \d+")


def event(text: str) -> Event:
    return Event("1-0", "c", EventKind.MESSAGE, Author.ASSISTANT, text)


@each_row(
    ("text", "found"),
    [
        ("Es en Calle El Boldo 340.", [("Calle El Boldo 340", "transito")]),
        ("C. el boldo nº 340, Los Aromos, de 8 a 14", [("C. el boldo nº 340, Los Aromos", "transito")]),
        ("en El Boldo, 340", [("El Boldo, 340", "transito")]),
        ("Av. Los Aromos 1250, caja 4", [("Av. Los Aromos 1250", "edificio")]),
        ("Avda. Los Aromos 1250, piso 3.", [("Avda. Los Aromos 1250, piso 3", "obras")]),
        ("Calle Los Alamos 4", []),
        ("plaza de armas", [("plaza de armas", "plaza")]),
        ("Calle El Boldo 3400 o Calle El Boldo 34", []),
        ("Monte El Boldo 340 y Los Aromos", [("El Boldo 340", "transito")]),
        ("paga $340 en Los Aromos", []),
    ],
)
def test_address_is_found_as_people_write_it(text: str, found: list[tuple[str, str]]) -> None:
    assert [(text[one.start : one.end], one.office.key) for one in office_addresses(text, ALL)] == found


def test_every_address_of_the_demos_answers_links_to_the_map(agency: Agency) -> None:
    for entry in load_folder(ROOT / "data" / "faq", None).entries:
        links = markdown_html(entry.body, agency.offices).count('href="https://www.openstreetmap.org/search?query=')
        assert (entry.id, links) == (entry.id, len(WRITTEN.findall(entry.body)))


def test_link_in_the_chat_opens_another_tab_and_leaves_other_links_alone() -> None:
    assert markdown_html("En **Calle El Boldo 340** o al **131**.", ALL) == (
        '<p>En <strong><a href="https://m/?q=transito" target="_blank" rel="noopener noreferrer">Calle El Boldo 340</a>'
        '</strong> o al <strong><a href="tel:131">131</a></strong>.</p>'
    )
    assert markdown_html("[Calle El Boldo 340](https://x.cl)", ALL).count("<a ") == 1
    assert "<a " not in markdown_html("Calle El Boldo 340")


def test_link_to_an_app_opens_no_tab() -> None:
    app = Office("transito", TRANSIT.address, "geo:0,0?q=x")
    assert markdown_html("Calle El Boldo 340", (app,)) == '<p><a href="geo:0,0?q=x">Calle El Boldo 340</a></p>'


def test_whatsapp_and_telegram_link_the_first_mention_if_the_map_is_a_web_page() -> None:
    text = "Ve a Calle El Boldo 340 temprano. Calle El Boldo 340 abre a las 8."
    spans = event_spans(event(text), offices=ALL)
    assert pieces(spans, 1600) == (
        "Ve a Calle El Boldo 340 (https://m/?q=transito) temprano. Calle El Boldo 340 abre a las 8.",
    )
    assert telegram_html(spans).count('<a href="https://m/?q=transito">Calle El Boldo 340</a>') == 1
    app = Office("transito", TRANSIT.address, "geo:0,0?q=x")
    assert pieces(event_spans(event(text), offices=(app,)), 1600) == (text,)


@pytest.mark.parametrize(
    ("changes", "url"),
    [
        ({"mapa": "geo:0,0?q={direccion}"}, "geo:0,0?q=Calle%201"),
        ({"mapa": "https://www.google.com/maps/search/?api=1&query={direccion}"}, "?api=1&amp;query=Calle%201"),
        ({"direcciones": {"transito": {"direccion": "Calle 1", "punto": [-33.25, -70.75]}}}, "?query=-33.25,-70.75"),
    ],
)
def test_home_page_links_each_address_to_the_agencys_map(tmp_path: Path, changes: dict[str, object], url: str) -> None:
    agency = load_agency(changed(tmp_path, **{"direcciones": {"transito": "Calle 1"}, **changes}))
    assert url in home(agency)


def test_home_page_links_no_address_without_a_map(tmp_path: Path) -> None:
    shown = home(load_agency(changed(tmp_path, mapa="", direcciones={"transito": "Calle 1"})))
    assert "<dd>Calle 1</dd>" in shown


def home(agency: Agency) -> str:
    class NoAnswers:
        topics = staticmethod(tuple)

        @staticmethod
        def about(_question: str) -> None:
            return None

    values = {"hours": [], "question": "", "published": None, "answers": NoAnswers(), "featured": ()}
    return render("chat.html", Site(agency), path="/", **values)


@pytest.mark.parametrize(
    ("changes", "field", "expected"),
    [
        ({"mapa": "http://mapa.cl/{direccion}"}, "mapa", "empieza con https:// o geo:"),
        ({"mapa": "javascript:alert({direccion})"}, "mapa", "empieza con https:// o geo:"),
        ({"mapa": "https:///{direccion}"}, "mapa", "no abre un mapa"),
        ({"mapa": "https://mapa.cl/"}, "mapa", "le falta {direccion}"),
        ({"mapa": "https://mapa.cl/{direccion}/{calle}"}, "mapa", "«{calle}» no se entiende"),
        ({"mapa": "https://mapa.cl/ {direccion}"}, "mapa", "escríbelos como %20"),
        ({"direcciones": {"x": {"direccion": "Calle 1", "punto": [-70.7, -33.2]}}}, "direcciones.x.punto", "latitud"),
    ],
)
def test_mistake_is_reported_with_a_message(
    tmp_path: Path, changes: dict[str, object], field: str, expected: str
) -> None:
    with pytest.raises(InvalidAgency) as wrong:
        load_agency(changed(tmp_path, **changes))
    assert (wrong.value.facts["field"], expected in str(wrong.value.facts["problem"])) == (field, True)
