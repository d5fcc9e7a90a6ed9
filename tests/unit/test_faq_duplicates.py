"""Tests that files share neither an id for one audience nor an utterance; the later file gets the problem."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.faq.entries.duplicates import find
from bot.faq.entries.entry import Entry
from bot.faq.entries.problem import Severity
from tests.faq_entry import BASE


def entry(
    id: str, question: str, *variants: str, audience: dict[str, tuple[str, ...]] | None = None, **more: Any
) -> Entry:
    lines = {"id": 2, "pregunta": 3} | {one: 5 + at for at, one in enumerate(variants)}
    path = more.pop("path", f"calle/{id}.md")
    return replace(BASE, id=id, question=question, variants=variants, audience=audience or {}, path=path, lines=lines)


def told(*entries: Entry) -> list[tuple[str, int, Severity]]:
    return [(one.file, one.line, one.severity) for one in find(entries)]


def test_entries_that_share_nothing_are_fine() -> None:
    assert told() == []
    assert told(entry("a", "¿Qué es uno?", "uno"), entry("b", "¿Qué es dos?", "dos")) == []


def test_later_file_with_a_shared_id_is_reported_with_the_first() -> None:
    problems = find((entry("a", "¿Uno?"), entry("a", "¿Dos?", path="otro/a.md"), entry("a", "¿Tres?", path="z/a.md")))
    assert [(one.file, one.line) for one in problems] == [("otro/a.md", 2), ("z/a.md", 2)]
    assert all("calle/a.md" in one.message + one.fix for one in problems)


def test_one_id_may_serve_other_audiences() -> None:
    first = entry("a", "¿Uno?", audience={"comuna": ("x",), "edad": ("1",)}, path="a.x.md")
    assert told(first, entry("a", "¿Uno?", audience={"comuna": ("y",)}, path="a.y.md")) == []
    same = entry("a", "¿Uno?", audience={"edad": ("1",), "comuna": ("x",)}, path="a.z.md")
    assert told(first, same) == [("a.z.md", 2, Severity.ERROR)]


def test_shared_utterance_is_reported_on_its_line_whatever_its_accents() -> None:
    one = entry("a", "¿Uno?", "Hay un hoyo", "otra")
    assert told(one, entry("b", "¿Dos?", "nada", "¡HAY  un hóyo!")) == [("calle/b.md", 6, Severity.ADVICE)]
    assert told(one, entry("b", "hay un hoyo")) == [("calle/b.md", 3, Severity.ADVICE)]


def test_utterance_twice_in_one_file_is_only_a_warning() -> None:
    assert told(entry("a", "¿Uno?", "hay un hoyo", "hay un hoyo!")) == [("calle/a.md", 6, Severity.ADVICE)]
    assert told(entry("a", "¿Uno?", "uno")) == [("calle/a.md", 5, Severity.ADVICE)]


def test_question_repeated_among_its_variants_is_advice() -> None:
    assert told(entry("a", "¿Uno?", "¿Uno?")) == [("calle/a.md", 5, Severity.ADVICE)]
