"""Tests that the answerer picks the citizen's variant of an entry and asks for the facts that it needs first."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.agency.segments import Segment
from bot.faq.answering.answerer import Answerer
from bot.faq.answering.context import Context
from bot.faq.answering.decision import Decision
from bot.faq.answering.following import LACKED, SECTION
from bot.faq.entries.audience import Ask
from bot.faq.entries.entry import Entry
from bot.faq.entries.folder import load_folder
from bot.faq.ranking.vectorizer import Vectorizer
from tests.faq_files import QUESTIONS, agency, write_folder

TODAY = date(2026, 11, 24)
WORDS = QUESTIONS["bache"][1]
PUBLICS = {"segmento": Segment("¿Cuál es tu caso?", {"adulto-mayor": "Tengo 60 o más"})}


@pytest.fixture
def entries(tmp_path: Path) -> tuple[Entry, ...]:
    """Returns four entries; by path, ``bache`` is the second."""
    return load_folder(write_folder(tmp_path / "faq"), agency().teams, today=TODAY).entries


def told_and_chosen(answerer: Answerer, **audience: str) -> list[Decision]:
    """Returns the decisions for a message with the entry's text and for a click on the entry."""
    context = Context(audience=audience)
    clicked = answerer.chosen("bache", today=TODAY, context=context)
    assert clicked is not None
    return [answerer.answer(WORDS, today=TODAY, context=context), clicked]


def test_missing_facts_are_asked_until_they_are_known(entries: tuple[Entry, ...], bare: Vectorizer) -> None:
    general = next(entry for entry in entries if entry.id == "bache")
    special = replace(general, audience={"segmento": ("adulto-mayor",)}, path="calle/bache.mayor.md")
    answerer = Answerer((*entries, special), bare, replace(agency(), segments=PUBLICS))
    asked = ("clarify", None, Ask("bache", "segmento", ("adulto-mayor",)))
    assert [(one.kind, one.entry, one.asks) for one in told_and_chosen(answerer)] == [asked] * 2
    for value, entry in (("adulto-mayor", special), ("estudiante", general), ("", general)):
        decisions = told_and_chosen(answerer, segmento=value)
        assert [(one.kind, one.entry) for one in decisions] == [("answer", entry)] * 2


@pytest.mark.parametrize("audience", [{"comuna": ("otra",)}, {"canal": ("whatsapp",)}])
def test_entry_for_other_audiences_only_goes_to_a_person(
    entries: tuple[Entry, ...], bare: Vectorizer, audience: dict[str, tuple[str, ...]]
) -> None:
    others = tuple(replace(entry, audience=audience) if entry.id == "bache" else entry for entry in entries)
    decisions = told_and_chosen(Answerer(others, bare, agency()), comuna="los-aromos", canal="web")
    assert [(one.kind, one.entry, one.asks) for one in decisions] == [("handoff", None, None)] * 2


def test_undeclared_citizen_gets_every_possible_variant_when_none_is_general(
    entries: tuple[Entry, ...], bare: Vectorizer
) -> None:
    general = next(entry for entry in entries if entry.id == "bache")
    others = tuple(entry for entry in entries if entry.id != "bache")
    old = replace(general, audience={"segmento": ("adulto-mayor",)}, path="calle/bache.mayor.md")
    young = replace(general, audience={"segmento": ("estudiante",)}, path="calle/bache.menor.md")
    away = replace(general, audience={"segmento": ("estudiante",), "comuna": ("otra",)}, path="calle/bache.otra.md")
    answerer = Answerer((*others, old, young, away), bare, replace(agency(), segments=PUBLICS))
    decisions = told_and_chosen(answerer, segmento="", comuna="los-aromos")
    assert [(one.kind, one.entry, one.variants) for one in decisions] == [("answer", None, (old, young))] * 2
    gone = replace(old, expires=date(2026, 11, 1)), replace(young, expires=date(2026, 11, 1))
    decisions = told_and_chosen(Answerer((*others, *gone), bare, replace(agency(), segments=PUBLICS)), segmento="")
    assert [(one.kind, one.variants) for one in decisions] == [("handoff", ())] * 2


def test_follow_up_asks_for_a_section_of_the_variant_that_was_sent(
    entries: tuple[Entry, ...], bare: Vectorizer
) -> None:
    general = next(entry for entry in entries if entry.id == "bache")
    others = tuple(entry for entry in entries if entry.id != "bache")
    old, young = (
        replace(general, audience={"segmento": (name,)}, path=f"calle/{path}.md", body=body)
        for name, path, body in (
            ("adulto-mayor", "a", "Avisa por teléfono."),
            ("estudiante", "b", "Avisa aquí.\n\n**Plazo:** cinco días."),
        )
    )
    answerer = Answerer((*others, old, young), bare, replace(agency(), segments=PUBLICS))
    known = {"adulto-mayor": LACKED, "estudiante": SECTION, "": SECTION, "otro": LACKED}
    for value, least in known.items():
        context = Context(previous="bache", audience={"segmento": value})
        assert answerer.following("¿y cuál es el plazo?", context).least == least


def test_missing_entry_cannot_be_chosen(entries: tuple[Entry, ...], bare: Vectorizer) -> None:
    assert Answerer(entries, bare, agency()).chosen("borrada", today=TODAY) is None
