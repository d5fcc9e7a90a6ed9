"""Tests how the desk words the known facts of a citizen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.agency.model import Agency
from bot.agency.segments import Segment
from bot.desk.views.citizen import known_views, language_words

PUBLICS = {"segmento": Segment("¿Cuál?", {"comercio": "Tengo un negocio"})}


@pytest.mark.parametrize(
    ("known", "shown"),
    [
        ({}, []),
        ({"idioma": "es"}, []),
        ({"idioma": "klingon"}, []),
        ({"idioma": "ht"}, [("Escribe en", "creole haitiano")]),
        ({"comuna": "los-aromos"}, [("Comuna", "Los Aromos")]),
        ({"comuna": "otra-comuna"}, [("Comuna", "otra")]),
        ({"comuna": "til-til"}, [("Comuna", "Til til")]),
        ({"segmento": "comercio"}, [("Dijo", "Tengo un negocio")]),
        (
            {"edad": "adulto-mayor", "segmento": "comercio", "idioma": "pt"},
            [("Escribe en", "portugués"), ("Dijo", "Adulto mayor · Tengo un negocio")],
        ),
    ],
)
def test_known_facts_use_the_agencys_texts(agency: Agency, known: dict[str, str], shown: list[tuple[str, str]]) -> None:
    views = known_views(known, replace(agency, segments=PUBLICS))
    assert [(one.label, one.words) for one in views] == shown


def test_only_a_foreign_language_is_named() -> None:
    assert [language_words({"idioma": one}) for one in ("fr", "es", "")] == ["francés", "", ""]
