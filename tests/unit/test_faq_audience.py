"""Tests which variant of an entry a citizen gets, what is asked first, and the warnings for editors."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.agency.model import Agency
from bot.agency.segments import Segment
from bot.faq.entries.audience import Ask, best_for, by_audience, missing
from bot.faq.entries.audience_check import unlisted
from bot.faq.entries.entry import Entry
from bot.faq.entries.folder import load_folder
from tests.faq_files import QUESTIONS, written

Audience = dict[str, tuple[str, ...]]
EVERYBODY: Audience = {}
OLD: Audience = {"segmento": ("adulto-mayor",)}
YOUNG: Audience = {"segmento": ("estudiante",)}
HERE: Audience = {"comuna": ("los-aromos",)}
ON_PHONE: Audience = {"canal": ("whatsapp",)}


@pytest.fixture
def bache(tmp_path: Path) -> Entry:
    (tmp_path / "calle").mkdir()
    question, *variants = QUESTIONS["bache"]
    (tmp_path / "calle" / "bache.md").write_text(written("bache", question, variants))
    return load_folder(tmp_path, None, today=date(2026, 11, 24)).entries[0]


def variants(entry: Entry, *audiences: Audience) -> tuple[Entry, ...]:
    made = [replace(entry, audience=one, path=f"calle/bache.{n}.md") for n, one in enumerate(audiences)]
    return by_audience(made)["bache"]


@pytest.mark.parametrize(
    ("audiences", "known", "expected"),
    [
        ((EVERYBODY, OLD), {}, EVERYBODY),
        ((EVERYBODY, OLD), {"segmento": "adulto-mayor"}, OLD),
        ((EVERYBODY, OLD), {"segmento": ""}, EVERYBODY),
        ((EVERYBODY, HERE, HERE | OLD), {"comuna": "los-aromos", "segmento": "adulto-mayor"}, HERE | OLD),
        ((EVERYBODY, HERE, HERE | OLD), {"comuna": "los-aromos", "segmento": "estudiante"}, HERE),
        ((OLD, YOUNG), {"segmento": ""}, None),
    ],
)
def test_most_specific_matching_variant_wins(
    bache: Entry, audiences: tuple[Audience, ...], known: dict[str, str], expected: Audience | None
) -> None:
    best = best_for(variants(bache, *audiences), known)
    assert (best and best.audience) == expected


@pytest.mark.parametrize(
    ("audiences", "known", "askable", "asked"),
    [
        ((EVERYBODY, OLD), {}, (), ()),
        ((EVERYBODY, OLD), {}, ("segmento",), ("adulto-mayor",)),
        ((EVERYBODY, OLD, YOUNG), {}, ("segmento",), ("adulto-mayor", "estudiante")),
        ((EVERYBODY, OLD), {"segmento": "estudiante"}, ("segmento",), ()),
        ((EVERYBODY, OLD), {"segmento": ""}, ("segmento",), ()),
        ((OLD, YOUNG), {}, (), ("adulto-mayor", "estudiante")),
        ((OLD, YOUNG), {"segmento": ""}, (), ()),
        ((HERE | OLD, YOUNG), {"comuna": "otra"}, (), ("adulto-mayor", "estudiante")),
        ((ON_PHONE,), {}, ("canal",), ()),
        ((EVERYBODY, HERE | OLD), {"comuna": "otra"}, ("segmento",), ()),
        ((EVERYBODY,), {}, ("segmento",), ()),
    ],
)
def test_only_useful_facts_are_asked_and_none_twice(
    bache: Entry,
    audiences: tuple[Audience, ...],
    known: dict[str, str],
    askable: tuple[str, ...],
    asked: tuple[str, ...],
) -> None:
    expected = Ask("bache", "segmento", asked) if asked else None
    assert missing(variants(bache, *audiences), known, askable) == expected


def test_editors_are_warned_of_unknown_audiences(bache: Entry, agency: Agency) -> None:
    knows = replace(agency, segments={"segmento": Segment("¿Cuál es tu caso?", {"adulto-mayor": "Tengo 60 o más"})})
    entries = variants(bache, OLD, HERE, ON_PHONE, YOUNG, {"canal": ("fax",)}, {"edad": ("60",)})
    problems = unlisted(entries, knows)
    assert [problem.severity.value for problem in problems] == ["consejo"] * 3
    assert [problem.message for problem in problems] == [
        "«estudiante» no está entre los valores de «segmento» que conoce agency.yml.",
        "«fax» no está entre los valores de «canal» que conoce agency.yml.",
        "agency.yml no dice cómo preguntar por «edad».",
    ]
