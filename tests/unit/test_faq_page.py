"""Tests reading questions from pages, JSON and Rasa's data, as other programs write them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from time import process_time
from typing import Any

import pytest
from bs4 import BeautifulSoup

from bot.faq.imports import rasa_nlu
from bot.faq.imports.faq_page import rows_of_html, rows_of_json
from bot.faq.imports.page_questions import questions_of
from bot.faq.imports.page_seen import MOST_LETTERS
from bot.faq.imports.page_source import MOST_ELEMENTS
from bot.faq.imports.sheet_cell import MAX_COLUMNS
from bot.faq.imports.sheet_problem import SheetFound
from tests.faq_files import ROOT
from tests.rows import each_row

FAQ_PAGE = {
    "@context": "https://schema.org",
    "@graph": [
        {"@type": "WebSite", "name": "Agua Rural"},
        {
            "@type": ["WebPage", "FAQPage"],
            "mainEntity": [
                {
                    "@type": "Question",
                    "name": "¿Cómo pido un medidor?",
                    "acceptedAnswer": {
                        "@type": "Answer",
                        "text": "<p>En la <b>oficina</b>.</p><ul><li>Carnet</li><li><a href='https://x.cl/f'>Formulario</a></li></ul><script>x()</script>",
                    },
                }
            ],
        },
    ],
}
ANSWER = "En la **oficina**.\n\n- Carnet\n- [Formulario](https://x.cl/f)"


def texts(read: Any, content: str | bytes) -> tuple[list[list[str]], list[str]]:
    found = SheetFound()
    rows = read(content if isinstance(content, bytes) else content.encode(), None, found) or []
    return [[cell.text for cell in row.cells] for row in rows], [one.message for one in found.problems]


def test_faq_page_in_json_is_a_table_of_questions() -> None:
    rows, problems = texts(rows_of_json, json.dumps(FAQ_PAGE))
    assert problems == []
    assert rows == [["pregunta", "respuesta"], ["¿Cómo pido un medidor?", ANSWER]]


def test_saved_page_names_its_address_as_the_source() -> None:
    data = json.dumps(FAQ_PAGE).replace("</", "<\\/")
    page = (
        "<html><head><link rel=canonical href='https://agua.example/preguntas'>"
        f"<script type='application/ld+json'>{data}</script></head><body>Hola</body></html>"
    )
    rows, _ = texts(rows_of_html, page)
    assert rows == [
        ["pregunta", "respuesta", "fuente"],
        ["¿Cómo pido un medidor?", ANSWER, "https://agua.example/preguntas"],
    ]


def test_page_marked_with_microdata_is_read() -> None:
    page = """<div itemscope itemtype="https://schema.org/FAQPage"><div itemscope itemprop="mainEntity"
      itemtype="https://schema.org/Question"><h3 itemprop="name">¿Hay <i>agua</i>?</h3><div itemprop="acceptedAnswer"
      itemscope itemtype="https://schema.org/Answer"><div itemprop="text"><p>Sí, <strong>siempre</strong>.</p></div>
      </div></div></div>"""
    assert texts(rows_of_html, page)[0][1] == ["¿Hay agua ?", "Sí, **siempre**.", ""]


def test_list_of_objects_is_a_table_with_their_names() -> None:
    rows, _ = texts(rows_of_json, json.dumps([{"Pregunta": "a", "n": 1}, {"Pregunta": "b", "Respuesta": ["c", "d"]}]))
    assert rows == [["Pregunta", "n", "Respuesta"], ["a", "1", ""], ["b", "", "c\nd"]]


@pytest.mark.parametrize(
    ("read", "content", "problem"),
    [
        (rows_of_json, "{", "El archivo no tiene una lista de preguntas."),
        (rows_of_json, "[" * 100_000, "El archivo no tiene una lista de preguntas."),
        (rows_of_json, '{"a": 1}', "El archivo no tiene una lista de preguntas."),
        (rows_of_json, '[{"a": 1}, 2]', "El archivo no tiene una lista de preguntas."),
        (rows_of_html, "<h1>Hola</h1>", "No se encontró ninguna pregunta con su respuesta."),
        (rows_of_html, b"\xff\xfe\x00", "No se encontró ninguna pregunta con su respuesta."),
        (rasa_nlu.rows, "a: [", "El archivo no tiene intenciones de Rasa."),
        (rasa_nlu.rows, "nlu: [1, {intent: x}, {intent: y, examples: 3}]", "El archivo no tiene intenciones de Rasa."),
        (rasa_nlu.rows, "!!python/object/apply:os.system [ls]", "El archivo no tiene intenciones de Rasa."),
    ],
)
def test_file_without_questions_is_explained(read: Any, content: str | bytes, problem: str) -> None:
    assert texts(read, content) == ([], [problem])


def test_intents_of_rasa_become_entries_with_their_responses() -> None:
    rows, problems = texts(
        rasa_nlu.rows,
        """version: "3.1"
nlu:
- intent: faq/pedir_medidor
  examples: |
    - quiero un medidor en [Maipú](comuna)
    - cómo pido [otro]{"entity": "cual"} medidor
- intent: horario
  examples: [{text: a qué hora abren}, cuándo atienden]
- lookup: comuna
  examples: |
    - Maipú
responses:
  utter_faq/pedir_medidor:
  - text: En la oficina.
""",
    )
    assert problems == []
    assert rows[1:] == [
        [
            "faq-pedir-medidor",
            "Quiero un medidor en Maipú",
            "En la oficina.",
            "quiero un medidor en Maipú\ncómo pido otro medidor",
        ],
        ["horario", "A qué hora abren", "", "a qué hora abren\ncuándo atienden"],
    ]


def test_the_projects_own_training_data_is_read() -> None:
    rows, problems = texts(rasa_nlu.rows, (ROOT / "data" / "nlu" / "greet.yml").read_bytes())
    assert (problems, rows[1][0]) == ([], "greet")
    assert len(rows[1][3].splitlines()) > 10


ACCORDION = """<!-- saved from url=(0041)https://agua.example/preguntas -->
<nav><button>¿Buscas algo?</button></nav><h1>Preguntas frecuentes</h1><ul><li><a href="#uno">¿Cuánto vale?</a></li></ul>
<div class="item"><h2><button aria-controls="uno">1. ¿Cuánto vale?</button></h2>
<div id="uno"><h4>Costo</h4><div>Mil pesos.</div>
<div>Se paga <a href="/caja">en la caja</a>. ¿Más dudas?</div></div></div>
<div class="item"><h2><button>¿Dónde
queda?</button></h2><div>Al lado.</div></div><h2>Contacto</h2><p>Escribe.</p>"""
SHOWN = (
    ("<details><summary>¿Cuánto vale?</summary><p>Mil.</p></details>", "Mil."),
    ("<dl><dt>¿Cuánto vale?</dt><dd>Mil.</dd><dt>¿Y?</dt></dl>", "Mil."),
    ("<p><strong>¿Cuánto </strong><b>vale?</b></p><p>Mil.</p><ul><li>Diez</li></ul>", "Mil.\n\n- Diez"),
    ("<table><tr><td>¿Cuánto vale?</td><td>Mil.</td></tr><tr><td>¿Y?</td><td></td></tr></table>", "Mil."),
    ("<h3>¿Cuánto vale?</h3><ul><li>Mil\n pesos</li>\n<li>Diez</li></ul>", "- Mil pesos\n- Diez"),
    ("<div><div><i></i><a>¿Cuánto vale?</a></div><div><p>Mil.</p></div></div>", "Mil."),
)


def test_page_without_marked_questions_is_read_by_its_headings_as_people_see_them() -> None:
    rows, problems = texts(rows_of_html, ACCORDION)
    page = "https://agua.example/preguntas"
    first = "**Costo**\n\nMil pesos.\n\nSe paga [en la caja](https://agua.example/caja). ¿Más dudas?"
    assert problems == []
    assert rows[1:] == [["¿Cuánto vale?", first, page], ["¿Dónde queda?", "Al lado.", page]]


@pytest.mark.parametrize(("page", "answer"), SHOWN)
def test_questions_are_found_in_accordions_lists_bold_lines_and_tables(page: str, answer: str) -> None:
    rows, _ = texts(rows_of_html, page)
    assert rows[1:] == [["¿Cuánto vale?", answer, ""]]


def test_answer_within_thousands_of_elements_is_read_as_text() -> None:
    rows, _ = texts(rows_of_html, "<h3>¿A?</h3>" + "<i>" * 1500 + "Sí." + "</i>" * 1500)
    assert rows[1:] == [["¿A?", "Sí.", ""]]


def test_long_text_that_ends_with_a_question_mark_is_no_question() -> None:
    page = f"<p><b>{'palabra ' * MOST_LETTERS}?</b></p><p>Sí.</p><h2>¿Y?</h2><h2>Otra cosa</h2>"
    assert questions_of(BeautifulSoup(page, "html.parser")) == []


SITE = """<body class="with-sidebar"><form id="aspnetForm"><div class="top-menu"><ul><li><a href="/quienes">¿Quiénes
somos?</a></li>
<li><a href="/contacto">Contacto</a></li></ul></div><div role="dialog"><h2>¿Quieres avisos?</h2><p>Acepta.</p></div>
<div id="cookie-consent"><h3>¿Por qué galletas?</h3><p>Usamos galletas.</p></div>
<div><a href="https://agua.example/ayuda">¿Necesitas ayuda?</a><a href="/mapa">Mapa</a></div>
<h2>Preguntas</h2><p><b>¿Cuánto vale?</b><br>Mil pesos.</p><p>Se paga en caja, con tarjeta
o en efectivo, todo el año.</p>
<h3>¿Dónde queda?</h3>
<p>Al lado de la <a name="plaza">plaza</a>, <a href="javascript:x()">aquí</a> o <a href="http://[">allá</a>.</p>
<div><h2>Noticias</h2><p>Se abrió una caja.</p></div>
<h3>¿Te fue útil esta información?</h3><div><button>Sí</button> <button>No</button></div>
<div class="site-footer">Calle Uno 123</div></form></body>"""


def test_menus_banners_and_questions_about_the_page_are_no_questions() -> None:
    rows, problems = texts(rows_of_html, f'<link rel=canonical href="https://agua.example/faq">{SITE}')
    page = "https://agua.example/faq"
    assert problems == []
    assert rows[1:] == [
        ["¿Cuánto vale?", "Mil pesos.\n\nSe paga en caja, con tarjeta o en efectivo, todo el año.", page],
        ["¿Dónde queda?", "Al lado de la plaza, aquí o allá.", page],
    ]


@each_row(
    ("before", "piece", "after", "times"),
    [
        ("", "<b>", "¿A?", 1000),
        ("", "<div class=menu>", "", 1000),
        ("<h3>¿A?</h3><ul>", "<li>x", "", 1000),
        ("<h3>¿A?</h3><p>", "<a href=/x>y</a> ", "", 1000),
        ("", "<div itemtype='https://schema.org/Question'><b itemprop=name>a</b>", "", 600),
        ("", "<a href='", "", 1300),
        ("", "<!--x>", "", 7000),
        ("", "<", "", 20_000),
    ],
)
def test_cost_of_a_hostile_page_grows_with_its_length(before: str, piece: str, after: str, times: int) -> None:
    """Compares two lengths, not times: a page 4 times as long costs about 4 times as much, not 16 or 64 times."""

    def costs(length: int) -> Iterator[float]:
        for _ in range(3):
            begun = process_time()
            rows, problems = texts(rows_of_html, before + piece * length + after)
            assert bool(rows) != bool(problems)
            yield process_time() - begun

    once = min(costs(times))
    assert any(cost < 10 * once for cost in costs(4 * times))


def asked_and_topics(html: str) -> list[tuple[str, str]]:
    rows = texts(rows_of_html, html)[0]
    topic = rows[0].index("tema") if "tema" in rows[0] else None
    return [(row[0], row[topic] if topic is not None else "") for row in rows[1:]]


def test_title_right_above_questions_is_their_topic() -> None:
    html = """<h1>Preguntas frecuentes</h1><h2>1. Licencias:</h2><h3>¿Cómo la saco?</h3><p>Con hora.</p>
        <h4>Requisitos</h4><p>Tu carnet.</p><h3>¿Cuánto vale?</h3><p>$30.000.</p>
        <h2>Basura</h2><!-- de la web --><details><summary>¿Qué día pasa?</summary>El lunes.</details>"""
    assert asked_and_topics(html) == [
        ("¿Cómo la saco?", "Licencias"),
        ("¿Cuánto vale?", "Licencias"),
        ("¿Qué día pasa?", "Basura"),
    ]


@pytest.mark.parametrize(
    "html",
    [
        pytest.param("<h1>Licencias</h1><h3>¿A?</h3><p>Sí.</p><h3>¿B?</h3><p>No.</p>", id="title of the page"),
        pytest.param("<h3>¿A?</h3><p>Sí.</p><h3>Plazos</h3><p>Un mes.</p><h3>¿B?</h3><p>No.</p>", id="with a text"),
        pytest.param(f"<h2>{'a ' * 31}</h2><h3>¿A?</h3><p>Sí.</p><h2>M</h2><h3>¿B?</h3><p>No.</p>", id="a sentence"),
        pytest.param("<h2>Dudas</h2><h3>¿A?</h3><p>Sí.</p><h2>Más</h2><h3>¿B?</h3><p>No.</p>", id="one says nothing"),
    ],
)
def test_other_titles_are_no_topics(html: str) -> None:
    assert asked_and_topics(html) == [("¿A?", ""), ("¿B?", "")]


def test_page_of_too_many_elements_is_refused() -> None:
    assert texts(rows_of_html, "<p>" * (MOST_ELEMENTS + 1)) == ([], ["La página tiene más de 20.000 elementos."])


@pytest.mark.parametrize("odd", ['<link rel=canonical href="https://[x">', "<![" * 9, "<![endif]-->"])
def test_odd_markup_and_addresses_do_not_break_the_reading(odd: str) -> None:
    assert texts(rows_of_html, f'{odd}<h3>¿A?</h3><p><a href="/y">Sí</a>.</p>')[0][1][:2] == ["¿A?", "Sí."]


def test_objects_of_many_different_names_do_not_make_a_table_of_their_square() -> None:
    many = [{"pregunta": "¿A?"}, *({f"k{number}": 1} for number in range(3_000))]
    rows = rows_of_json(json.dumps(many).encode(), None, SheetFound())
    assert rows is not None
    assert {len(row.cells) for row in rows} == {MAX_COLUMNS}


def test_lists_nested_deeply_become_empty() -> None:
    deep = '[{"pregunta": "¿A?", "respuesta": ' + "[" * 900 + '"b"' + "]" * 900 + "}]"
    assert texts(rows_of_json, deep) == ([["pregunta", "respuesta"], ["¿A?", ""]], [])
