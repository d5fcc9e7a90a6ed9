"""Tests reading questions from pages, JSON and Rasa's data as another program wrote them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.faq.imports import rasa_nlu
from bot.faq.imports.faq_page import rows_of_html, rows_of_json
from bot.faq.imports.sheet_problem import SheetFound
from tests.faq_files import ROOT

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
        (rows_of_html, "<h1>Hola</h1>", "La página no marca sus preguntas como FAQPage de schema.org."),
        (rows_of_html, b"\xff\xfe\x00", "La página no marca sus preguntas como FAQPage de schema.org."),
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
