"""Tests two questions whose answers depend on the audience: neither is lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from bot.core.messages import Candidate
from bot.faq.answering.fitting import Fitting
from bot.faq.entries.audience import by_audience
from tests.faq_entry import BASE
from tests.rows import each_row

TODAY = date(2026, 11, 24)
OLD, YOUNG = {"segmento": ("mayor",)}, {"segmento": ("joven",)}
ENTRIES = by_audience(
    [
        replace(BASE, id="poda", path="poda.md"),
        *(replace(BASE, id=id, audience=one) for id in ("bono", "pase") for one in (OLD, YOUNG)),
        replace(BASE, id="lejos", audience={"comuna": ("otra",)}),
        *(replace(BASE, id="general", audience=one) for one in ({}, OLD)),
    ]
)
CANDIDATES = tuple(Candidate(id, "", 0.5) for id in (*ENTRIES, "otra"))


def both(first: str, second: str, **known: str) -> dict[str, Any]:
    decision = Fitting(ENTRIES, {"segmento"}, 3).both(CANDIDATES, (first, second), TODAY, known)
    told = (decision.entry, *decision.variants), (decision.also, *decision.also_variants)
    return {
        "kind": decision.kind,
        "told": [[one.id for one in some if one] for some in told],
        "asks": decision.asks and decision.asks.entry,
        "offered": [one.entry for one in decision.candidates] if decision.candidates != CANDIDATES else [],
    }


@each_row(
    ("first", "second", "known", "kind", "told", "asks", "offered"),
    [
        ("poda", "bono", {"segmento": "mayor"}, "answer", [["poda"], ["bono"]], None, []),
        ("bono", "poda", {"segmento": ""}, "answer", [["bono", "bono"], ["poda"]], None, []),
        ("poda", "bono", {"segmento": ""}, "answer", [["poda"], ["bono", "bono"]], None, []),
        ("bono", "pase", {"segmento": ""}, "answer", [["bono"] * 2, ["pase"] * 2], None, []),
        ("bono", "poda", {}, "clarify", [[], ["poda"]], "bono", []),
        ("poda", "bono", {}, "clarify", [[], ["poda"]], "bono", []),
        ("poda", "general", {}, "answer", [["poda"], ["general"]], None, []),
        ("general", "bono", {}, "clarify", [[], []], None, ["general", "bono"]),
        ("poda", "lejos", {"comuna": "esta"}, "handoff", [[], ["poda"]], None, []),
        ("lejos", "bono", {"comuna": "esta", "segmento": ""}, "handoff", [[], ["bono", "bono"]], None, []),
        ("lejos", "lejos", {"comuna": "esta"}, "handoff", [[], []], None, []),
    ],
)
def test_each_of_two_questions_is_answered_asked_offered_or_handed_off(
    first: str, second: str, known: dict[str, str], kind: str, told: list[Any], asks: str | None, offered: list[str]
) -> None:
    assert both(first, second, **known) == {"kind": kind, "told": told, "asks": asks, "offered": offered}


def test_single_question_with_too_many_variants_is_handed_over() -> None:
    fitting = Fitting(ENTRIES, {"segmento"}, 1)
    assert fitting.one(CANDIDATES, "bono", TODAY, {"segmento": ""}).kind == "handoff"
