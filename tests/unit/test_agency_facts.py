"""Tests that the agency's facts are changed in agency.yml without touching the rest of the file."""

from __future__ import annotations

from dataclasses import replace
from difflib import unified_diff
from pathlib import Path

import pytest

from bot.agency.model import load_agency
from bot.agency.schedule import ranges
from bot.agency.starter import Starter, agency_file
from bot.channels.web.site import usual_words
from bot.desk.pages.agency.closures import typed
from bot.desk.pages.agency.facts import Facts, Place, changed, merged, read, written
from tests.unit.agency_file import SHIPPED

DEMO = SHIPPED.read_text(encoding="utf-8")
NEW = agency_file(
    DEMO,
    Starter(
        "Biblioteca de Rengo", "Biblioteca", "Lía", "https://b.example", "+56 2", "b@b.example", "09:00-14:00", ("A",)
    ),
)


def differing(text: str, facts: Facts) -> list[str]:
    """Returns the lines of a diff between ``text`` and ``text`` with ``facts`` written into it."""
    lines = unified_diff(text.splitlines(), written(text, facts).splitlines(), n=0, lineterm="")
    return [line for line in lines if line[:1] in "+-" and line[:3] not in {"+++", "---"}]


@pytest.mark.parametrize("text", [DEMO, NEW], ids=["demo", "new"])
def test_unchanged_facts_leave_the_file_as_it_is(text: str) -> None:
    assert written(text, read(text)) == text


def test_changed_facts_change_their_own_lines_only() -> None:
    facts = read(DEMO)
    texts = {**facts.texts, "telefono": "+56 2 1", "emergencias.gas.respuesta": "Sal y llama al **132**."}
    made = differing(DEMO, replace(facts, texts=texts, hours={**facts.hours, "viernes": "8:30 a 12:00 y 13:00–14:00"}))
    assert made == [
        '-telefono: "+56 2 2555 0100"',
        '+telefono: "+56 2 1"',
        '-  viernes: ["08:30-14:00", "15:00-16:30"]',
        '+  viernes: ["08:30-12:00", "13:00-14:00"]',
        "-    respuesta: |",
        *[line for line in made if line.startswith("-      Si hay olor a gas")],
        '+    respuesta: "Sal y llama al **132**."',
    ]


def test_facts_that_the_file_lacks_are_added(tmp_path: Path) -> None:
    facts = read(NEW)
    delegate = {"datos_personales.delegado.nombre": "Ana Soto", "datos_personales.delegado.correo": "ana@b.example"}
    places = [Place("", "CESFAM Norte", "Calle Uno 1"), Place("", "Casa central", "Calle Dos 2")]
    file = tmp_path / "agency.yml"
    texts = {**facts.texts, **delegate, "emergencias.no_existe.respuesta": "x"}
    file.write_text(written(NEW, Facts(texts, facts.hours, places, True)))
    agency = load_agency(file)
    assert (agency.privacy.delegate_name, agency.privacy.delegate_email, agency.four_eyes) == (*delegate.values(), True)
    assert [(one.title, one.address) for one in agency.offices] == [(one.name, one.address) for one in places]
    assert "no_existe" not in agency.emergencies


def test_places_are_renamed_changed_and_removed_in_their_order(tmp_path: Path) -> None:
    text = DEMO.replace("  obras: Avenida", "  obras: {direccion: Calle Uno 1, punto: [-33.2, -70.7]}\n  otra: Avenida")
    facts = read(text)
    places = [replace(one, name="Tránsito y licencias") if one.key == "transito" else one for one in facts.places]
    places = [replace(one, address="Calle Nueva 5") if one.key == "cesfam" else one for one in places]
    file = tmp_path / "agency.yml"
    file.write_text(written(text, replace(facts, places=[one for one in places if one.key != "juzgado"])))
    offices = load_agency(file).offices
    keys = [one.key for one in offices]
    assert keys[:2] == ["edificio_consistorial", "Tránsito y licencias"] and "juzgado" not in keys
    assert {one.key: one.address for one in offices}["cesfam"] == "Calle Nueva 5"
    assert "-33.2,-70.7" in {one.key: one.map_url for one in offices}["obras"]


OFFICES = """\
direcciones:
  Centro A: Plaza 1 # sede
  Centro B: {direccion: "Calle  2", punto: [-33.2, -70.7]}
  Centro C: Calle 3 # tres

# Lo que sigue.
edicion: {cuatro_ojos: no}
"""
A, B, C = read(OFFICES).places


@pytest.mark.parametrize(
    ("places", "lines"),
    [
        (
            [replace(A, name="Centro B"), replace(B, name="Centro A"), C],
            [
                "Centro B: Plaza 1 # sede",
                'Centro A: {direccion: "Calle  2", punto: [-33.2, -70.7]}',
                "Centro C: Calle 3 # tres",
            ],
        ),
        (
            [replace(A, name="Centro B"), replace(B, name="Centro C")],
            ["Centro B: Plaza 1 # sede", 'Centro C: {direccion: "Calle  2", punto: [-33.2, -70.7]}'],
        ),
        ([A, Place("", "Nuevo", "Z 9")], ["Centro A: Plaza 1 # sede", 'Nuevo: "Z 9"']),
    ],
)
def test_no_change_of_places_loses_an_address_or_a_comment(places: list[Place], lines: list[str]) -> None:
    end = "\n# Lo que sigue.\nedicion: {cuatro_ojos: no}\n"
    made = written(OFFICES, replace(read(OFFICES), places=places))
    assert made == "".join(f"{line}\n" for line in ["direcciones:", *(f"  {line}" for line in lines)]) + end


def test_closed_days_are_added_and_removed_and_the_others_keep_their_form(tmp_path: Path) -> None:
    facts = read(DEMO)
    assert facts.closures == [
        "24-12-2026 desde las 12:00",
        "31-12-2026 desde las 12:00",
        "17-09-2027 desde las 12:00",
    ]
    days = [*facts.closures[1:], "02-01-2027", "05-01-2027 desde las 10:00 hasta las 11:30"]
    text = written(DEMO, replace(facts, closures=days))
    line = next(line for line in text.splitlines() if line.startswith("cierres:"))
    assert line == (
        'cierres: [{fecha: 2026-12-31, desde: "12:00"}, {fecha: 2027-09-17, desde: "12:00"}, 2027-01-02, '
        '{fecha: 2027-01-05, desde: "10:00", hasta: "11:30"}]'
    )
    file = tmp_path / "agency.yml"
    file.write_text(text)
    assert read(text).closures == days and len(load_agency(file).schedule.closures) == 4
    assert read(written(NEW, replace(read(NEW), closures=["02-01-2027"]))).closures == ["02-01-2027"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("2026-12-24", "24-12-2026"),
        ("24/12/2026", "24-12-2026"),
        ("jueves 24 de diciembre de 2026, desde las 12", "24-12-2026 desde las 12:00"),
        ("24.12.2026 de 9 a 12:30 hrs", "24-12-2026 desde las 09:00 hasta las 12:30"),
        ("24-12-2026 hasta las 11 horas", "24-12-2026 hasta las 11:00"),
    ],
)
def test_closed_day_is_read_as_people_type_it(line: str, expected: str) -> None:
    assert typed(line) == expected == typed(expected)


@pytest.mark.parametrize("line", ["Navidad", "31-02-2026", "24-12", "24-12-2026 desde las 25", "24-12-2026 de 12 a 9"])
def test_line_that_is_no_closed_day_is_kept(line: str) -> None:
    assert typed(line) == line


@pytest.mark.parametrize(("value", "on"), [("no", False), ('"no"', False), ("yes", True), ("true", True), ("", False)])
def test_four_eyes_setting_is_read_as_the_agency_reads_it(value: str, on: bool) -> None:
    assert read(f"edicion: {{cuatro_ojos: {value}}}").four_eyes is on


def test_only_what_the_person_changed_is_merged() -> None:
    shown = read(DEMO)
    posted = replace(shown, texts={**shown.texts, "telefono": "1", "correo": "a@x.example"})
    now = replace(shown, texts={**shown.texts, "sitio": "https://x.example", "correo": "b@x.example"}, four_eyes=True)
    facts, clashes = merged(shown, posted, now)
    assert changed(now, facts) == ["telefono", "correo"] and clashes == ["correo"]
    assert (facts.texts["correo"], facts.places, facts.four_eyes) == ("a@x.example", now.places, True)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("", []),
        ("Cerrado", []),
        ("9:00-13:00", ["09:00-13:00"]),
        (" 9:00 a 13:00; 15:00 – 17:00", ["09:00-13:00", "15:00-17:00"]),
        ("de 8.30 a 14 hrs y desde las 15 hasta las 17:30 horas", ["08:30-14:00", "15:00-17:30"]),
        ("mañana y tarde", ["mañana", "tarde"]),
    ],
)
def test_hours_are_read_as_people_type_them(typed: str, expected: list[str]) -> None:
    assert ranges(typed) == expected


@pytest.mark.parametrize("text", [DEMO, NEW], ids=["demo", "new"])
def test_words_of_the_home_page_are_the_agencys_once_written(text: str, tmp_path: Path) -> None:
    facts = read(text)
    path = tmp_path / "agency.yml"
    path.write_text(written(text, replace(facts, texts={**facts.texts, "portada.lema": "Tu {teatro}"})), "utf-8")
    assert load_agency(path).front_page.words == {"lema": "Tu {teatro}"}
    assert usual_words(load_agency(path))["lema"] != "Tu {teatro}"


def test_reply_for_citizens_who_cannot_call_is_edited_if_the_agency_has_one() -> None:
    silent = {key for key in read(DEMO).texts if key.endswith(".sin_hablar")}
    assert silent == {f"emergencias.{kind}.sin_hablar" for kind in ("suicidio", "violencia", "ninez", "delito")}


def test_kind_of_emergency_that_is_left_empty_is_shown_blank() -> None:
    assert read("emergencias:\n  general:\n").texts["emergencias.general.respuesta"] == ""
