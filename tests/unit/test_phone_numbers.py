"""Tests which numbers of an answer become ``tel:`` links, and which similar texts do not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.channels.formatting.html import markdown_html, plain_html
from bot.channels.formatting.phone_numbers import know_short_numbers, phone_numbers
from bot.core.settings import ROOT
from bot.faq.entries.folder import load_folder
from tests.rows import each_row

LINK = re.compile(r'<a href="tel:([^"]*)">')


@each_row(
    ("text", "dialled"),
    [
        ("Teléfono +56 2 2555 0100.", ["+56225550100"]),
        ("al (+56 2) 2555 0100", ["+56225550100"]),
        ("Llama al 2 2555 0100 o al (2) 2555-0100", ["+56225550100", "+56225550100"]),
        ("En Valparaíso, 32 245 6789", ["+56322456789"]),
        ("Mesa central: +56 22 555 0100", ["+56225550100"]),
        ("(22) 555 0100 o 22 555 0100", ["+56225550100", "+56225550100"]),
        ("+56 (22) 555-0100", ["+56225550100"]),
        ("56225550100", ["+56225550100"]),
        ("Seguridad municipal: llama al 1402, 1414, 1466 o 1450", ["1402", "1414", "1466", "1450"]),
        ("WhatsApp: +56 9 8765 4321", ["+56987654321"]),
        ("Celular 987654321", ["+56987654321"]),
        ("o escribe al 9 8765 4321", ["+56987654321"]),
        ("Salud Responde, 600 360 7777, y 800 700 100", ["6003607777", "800700100"]),
        ("600-360-7777", ["6003607777"]),
        ("Si hay fuego llama al 132 (Bomberos).", ["132"]),
        ("llama al 131, 132 o 133", ["131", "132", "133"]),
        ("Fono gratuito 1455", ["1455"]),
        ("Carabineros (133), Bomberos 132", ["133", "132"]),
        ("llamando gratis al *4141 a toda hora", ["*4141"]),
    ],
)
def test_phone_number_is_found(text: str, dialled: list[str]) -> None:
    assert [one.dialled for one in phone_numbers(text)] == dialled


@each_row(
    "text",
    [
        "cuesta $225.550.100 o $ 600 360 000",
        "600 360 000 pesos",
        "RUT 12.345.678-5, 9.876.543-2 y 98765432-1",
        "RUN 225550100",
        "folio 987654321",
        "folio 56225550100",
        "solicitud 56225550100, comprobante 22 555 0100",
        "$22 555 0100 y 22 555 0100 pesos",
        "boleta 22-555-0100",
        "el 1402 de la calle El Boldo",
        "año 1414, artículo 1466",
        "folio 225550100 del 27-11-2026",
        "solicitud 987654321",
        "el 2026-11-27, el 27/11/2026 y el 27.11.2026",
        "de 08:30-14:00 y de 15:00-17:30",
        "Ley 21.020, artículo 133, decreto 147",
        "Avenida Los Aromos 1250, Calle El Boldo 131",
        "Llama al conserje del edificio 131",
        "queda al 131 de la calle El Boldo",
        "llama antes de 130 días",
        "consulta al 131 % de avance",
        "hasta 131 UTM, 2.200 UF y 149 m²",
        "un total de 170 UF",
        "trae 133 copias y llama",
        "causa C-1455-2026, rol 1412-2026",
        "reclamo 179-610",
        "4141 personas",
        "Por ejemplo: 9 8765 4321, o nombre@ejemplo.cl",
        "nota *2026 y 5*4141",
        "IP 192.168.10.10 y 2.000.000.000",
        "-33.2480, -70.7660",
    ],
)
def test_other_number_is_no_phone(text: str) -> None:
    assert [text[one.start : one.end] for one in phone_numbers(text)] == []


def test_bold_amount_is_no_phone() -> None:
    assert LINK.findall(markdown_html("Hasta **131** UTM y **149** m², o al **133**.")) == ["133"]


def test_number_within_a_link_or_code_stays() -> None:
    html = markdown_html("[Llama al +56 2 2555 0100](https://www.losaromos.example) o `llama al 131`")
    assert LINK.findall(html) == []


def test_number_in_staffs_words_is_linked_and_the_rest_escaped() -> None:
    html = plain_html("<b>Llama</b> al +56 2 2555 0100\no a https://x.cl/600-360-7777", links=True)
    assert html.startswith('&lt;b&gt;Llama&lt;/b&gt; al <a href="tel:+56225550100">+56 2 2555 0100</a><br>o a ')
    assert LINK.findall(html) == ["+56225550100"]


def test_every_phone_of_the_demo_answers_is_linked_and_nothing_else() -> None:
    entries = load_folder(Path(ROOT, "data", "faq"), None).entries
    written = re.compile(r"\+56[ \d]{9,}\d|\b[68]00 \d{3} \d{3,4}|\*\*1\d{2,3}\*\*|\*{3}4141|(?<=al )133(?= \()")
    for entry in entries:
        assert (entry.id, len(LINK.findall(markdown_html(entry.body)))) == (entry.id, len(written.findall(entry.body)))


def test_agency_adds_its_own_short_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.channels.formatting.phone_numbers._own", set[str]())
    assert phone_numbers("llama al 1499") == []
    know_short_numbers(["1499"])
    assert [one.dialled for one in phone_numbers("llama al 1499")] == ["1499"]
