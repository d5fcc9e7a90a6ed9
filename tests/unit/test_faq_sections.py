"""Tests that an answer is split into its lead and its titled sections."""

from __future__ import annotations

import pytest

from bot.faq.entries.sections import fold_after, kinds, parts_of

BODY = """Se renueva en la comuna **donde vives**.

**Cada cuánto:** clases B y C, **6 años**.

**Pasos**
1. Pide hora.
2. Da el examen.

**No manejes** con la licencia vencida.

**Costo:** lo fija la ordenanza:

- $ 1.000.

Guarda el comprobante."""


def split(body: str) -> dict[str, str]:
    return {one.title: one.text for one in parts_of(body).sections}


def test_lead_is_the_first_paragraph() -> None:
    parts = parts_of(BODY)
    assert (parts.lead, parts.lead_blocks) == ("Se renueva en la comuna **donde vives**.", 1)


def test_section_is_its_paragraph_and_the_list_that_it_announces() -> None:
    assert split(BODY) == {
        "Cada cuánto": "**Cada cuánto:** clases B y C, **6 años**.",
        "Pasos": "**Pasos**\n\n1. Pide hora.\n2. Da el examen.",
        "Costo": "**Costo:** lo fija la ordenanza:\n\n- $ 1.000.",
    }


def test_lead_includes_the_list_that_it_announces() -> None:
    parts = parts_of("Atiende:\n- Lunes.\n- Martes.\n\n**Dónde**\n- Aquí.")
    assert (parts.lead, parts.lead_blocks) == ("Atiende:\n\n- Lunes.\n- Martes.", 2)


def test_heading_holds_everything_up_to_the_next_title() -> None:
    body = "Así.\n\n## Costo\n\nUno.\n\nDos.\n\n## Plazo:\n\nTres."
    assert split(body) == {"Costo": "## Costo\n\nUno.\n\nDos.", "Plazo": "## Plazo:\n\nTres."}


def test_titled_lines_of_one_paragraph_are_sections() -> None:
    assert split("Así.\n\n**Precio:** 3\n**Dónde:** aquí") == {"Precio": "**Precio:** 3", "Dónde": "**Dónde:** aquí"}


@pytest.mark.parametrize(
    "text", ["**Lleva** tu cédula.", "- **Costo:** nada.", "El **costo:** nada.", "", "```\n**Costo:**\n```"]
)
def test_bold_text_elsewhere_is_no_title(text: str) -> None:
    assert split(text) == {}


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Costo", {"costo"}),
        ("CUÁNTO CUESTA", {"costo"}),
        ("Cuánto demora", {"demora"}),
        ("Cuánto cubre", {"monto"}),
        ("Dónde y horario", {"donde", "horario"}),
        ("Requisitos y documentos", {"requisitos", "documentos"}),
        ("Cómo te llega", {"otra"}),
        ("Kosto", {"costo"}),
        ("Ojo", set()),
    ],
)
def test_title_names_its_kinds(title: str, expected: set[str]) -> None:
    assert parts_of(f"**{title}:** x").sections[0].kinds == expected


def test_only_long_answers_are_folded() -> None:
    assert fold_after(BODY) == 0
    assert fold_after("Así:\n\n- uno\n\n**Costo:** " + "palabra " * 200) == 2
    assert fold_after("palabra " * 200 + "\n\n**Costo:** nada") == 0  # nothing much to hide


def test_replacing_kinds_exist() -> None:
    assert {name for kind in kinds().values() for name in kind.instead} <= set(kinds())


def test_title_typed_in_a_spreadsheet_needs_no_bold() -> None:
    body = "Con hora.\n\nCosto: $6.000.\nQué llevar: el carné.\n\nRequisitos:\n- Chip.\n\nDonde: en Quirihue."
    body += "\n\nDónde y horario: aquí, a las 9."
    assert [(one.title, sorted(one.kinds)) for one in parts_of(body).sections] == [
        ("Costo", ["costo"]),
        ("Qué llevar", ["documentos"]),
        ("Requisitos", ["requisitos"]),
        ("Donde", ["donde"]),
        ("Dónde y horario", ["donde", "horario"]),
    ]
    assert split(body)["Requisitos"] == "Requisitos:\n\n- Chip."


def test_order_to_bring_something_is_a_title_without_bold_if_it_ends_its_line() -> None:
    body = "Es gratis.\n\nLleve:\n- Cédula.\n- Un correo.\n\nDebe traer: una foto."
    assert [(one.title, sorted(one.kinds)) for one in parts_of(body).sections] == [
        ("Lleve", ["documentos"]),
        ("Debe traer", ["documentos"]),
    ]
    assert split(body)["Lleve"] == "Lleve:\n\n- Cédula.\n- Un correo."


@pytest.mark.parametrize(
    "text",
    [
        "Atención: no la muevas.",
        "Atención:\n- No la muevas.",
        "Lleve: se lo cambian después.",
        "Cuando llegues: avisa en el mesón.",
        "Nota: cierra el lunes.",
        "el costo: nada.",
        "Costo 12:30 horas",
        "- Costo: nada.",
        "El costo de la consulta es este: $6.000.",
    ],
)
def test_other_words_before_a_colon_are_no_title(text: str) -> None:
    assert parts_of(text).sections == ()
