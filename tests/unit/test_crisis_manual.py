"""Tests the printed crisis manual: two pages, in the manual's own words, with the agency's telephones in its blanks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.agency.crisis_settings import MAX_CONTACTS, Contact, CrisisFile
from bot.agency.model import Agency, load_agency
from bot.core.settings import ROOT
from bot.core.texts import area
from bot.desk.crisis.book import ALONE_AFTER
from bot.desk.crisis.form import HOURS
from bot.desk.pages import pdf
from bot.desk.pages.notices.manual import BLANK, FILE, NOT_PRINTED, Section, manual, words_of
from bot.desk.pages.notices.manual_page import PAGE_MARK, PAGES, manual_pdf
from bot.spikes.alarms import QUIET
from bot.text.normalize import plain

TEXT = (ROOT / FILE).read_text(encoding="utf-8")
AGENCY = load_agency(ROOT / "agency.yml")
ROLES = {"Escribe", "Aprueba", "Confirma", "Atiende", "Máquina"}
CONTACTS = (
    Contact("Escribe", "Rosa Díaz", "+56 9 1111 1111"),
    Contact("Aprueba", "Juan Soto", "+56 9 2222 2222"),
    Contact("aprueba", "Eva Rojas", ""),
    Contact("Empresa de agua", "", "600 337 3500"),
    Contact("Radio comunal", "Marta", "+56 2 2222 2222"),
)


def of(*contacts: Contact) -> Agency:
    return replace(AGENCY, crisis=replace(AGENCY.crisis, contacts=contacts))


def rows(sections: list[Section], title: str) -> list[list[str]]:
    (section,) = [one for one in sections if one.title == title]
    return [[words_of(cell) for cell in row] for row in section.tables[0]]


def test_contacts_stand_in_the_blanks_of_roles_and_telephones_and_others_are_added() -> None:
    title, sections = manual(TEXT, CONTACTS)
    roles = {row[0]: row[1] for row in rows(sections, "Quién hace qué")}
    assert title == "Manual de crisis"
    assert roles["Escribe"] == f"Rosa Díaz, +56 9 1111 1111 / {BLANK * 5}"
    assert roles["Aprueba"] == "Juan Soto, +56 9 2222 2222 / Eva Rojas"
    assert (roles["Atiende"], roles["Máquina"]) == ("Turno de la mesa", f"{BLANK * 5} / {BLANK * 5}")
    phones = rows(sections, "Teléfonos")
    told = {row[place]: row[place + 1] for row in phones for place in (0, 3)}
    assert (told["Ambulancia"], told["Empresa de agua"]) == ("131", "600 337 3500")
    assert told["Radio comunal"] == "Marta, +56 2 2222 2222"
    assert BLANK in told["Alcaldía"]
    assert {len(row) for row in phones} == {5}


def test_every_section_but_the_reference_is_printed_with_its_own_words() -> None:
    _, sections = manual(TEXT, ())
    titles = [line.removeprefix("## ") for line in TEXT.splitlines() if line.startswith("## ")]
    assert [one.title for one in sections] == [one for one in titles if one not in NOT_PRINTED]
    steps = [line for line in TEXT.splitlines() if line.startswith("- [ ] ")]
    assert sum(len(one.steps) for one in sections) == len(steps)
    assert "[ ]" not in words_of(sections[3].steps[0])


def said_at_the_desk(texts: object) -> Iterator[str]:
    if isinstance(texts, str):
        yield texts
    elif isinstance(texts, dict | list):
        for one in texts.values() if isinstance(texts, dict) else texts:
            yield from said_at_the_desk(one)


def test_labels_in_the_manual_are_those_of_the_desk() -> None:
    named = {one for one in re.findall(r"\*\*([^*]+)\*\*", TEXT) if not one.isdigit()} - ROLES
    words = [text for name in ("avisos", "alzas", "difusion", "desk") for text in said_at_the_desk(area(name))]
    assert len(named) > 20
    assert [one for one in sorted(named) if not any(text.startswith(one) or one == "PRUEBA" for text in words)] == []


def test_manual_names_how_the_proof_begins_that_lacks_something() -> None:
    proof = area("avisos")["prueba_pagina"]
    lacks = [proof[name].partition(":")[0] for name in ("atrasado", "canal")]
    assert [one for one in lacks if f"**{one}**" not in TEXT] == []


def test_times_and_packs_of_the_manual_are_those_of_the_system() -> None:
    _, *levels = rows(manual(TEXT, ())[1], "Niveles")
    severities = area("avisos")["gravedad"].values()
    assert [row[2] for row in levels] == list(severities)
    assert {int(row[3].split()[0]) for row in levels} <= set(HOURS)
    assert f"A los {ALONE_AFTER.seconds // 60} minutos" in TEXT
    assert f"más de {max(HOURS)} horas" in TEXT
    assert f"Calla por {QUIET.seconds // 3600} horas" in TEXT
    packs = {one.stem.replace("-", " ") for one in (ROOT / "data" / "crisis").glob("*.yml")}
    (listed,) = re.findall(r"toca un paquete \(([^)]+)\)", TEXT)
    assert {plain(one) for one in listed.split(", ")} == packs


@pytest.mark.parametrize(
    "contacts",
    [(), CONTACTS, tuple(Contact(f"Cargo {number}", "Un nombre", "600 000 0000") for number in range(MAX_CONTACTS))],
    ids=["blank", "some", "most"],
)
def test_manual_has_exactly_two_pages(contacts: tuple[Contact, ...]) -> None:
    made = manual_pdf(TEXT, of(*contacts))
    assert made.count(PAGE_MARK) == PAGES
    assert b"pdfuaid:part" in made


def test_without_typst_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "can_make_pdf", lambda: False)
    with pytest.raises(pdf.PdfUnavailable):
        manual_pdf(TEXT, AGENCY)


def test_contacts_are_read_from_the_agency_file() -> None:
    read = CrisisFile.model_validate({"contactos": [{"cargo": "Escribe", "telefono": "1"}]}).read()
    assert read.contacts == (Contact("Escribe", "", "1"),)
