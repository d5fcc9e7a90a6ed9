"""Tests that reported FAQ gaps reach editors as a valid file, in the agency's time zone."""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from bot.desk.pages.missing import PATH, MissingPage
from bot.desk.queries.closings import Missing
from bot.faq.entries.folder import load_files
from tests.desk_fakes import CSRF, Audit, Browsers, browsing, gate_of, pages_of, signed_in
from tests.faq_files import agency

SUMMER, WINTER = datetime(2026, 1, 15, 2, 30, tzinfo=UTC), datetime(2026, 7, 15, 2, 30, tzinfo=UTC)


@dataclass
class Closings:
    """Reported FAQ gaps; records which were settled."""

    found: list[Missing] = field(default_factory=list)
    done: list[int] = field(default_factory=list)

    async def missing(self) -> list[Missing]:
        return self.found

    async def settled(self, number: int, *, by: UUID) -> None:
        self.done.append(number)


class NoAnswerRatings:
    async def by_entry(self) -> list[Any]:
        return []


def page_of(closings: Closings, audit: Audit, role: str = "editor") -> MissingPage:
    guard = gate_of(Browsers(signed_in(role)))
    pages: Any = pages_of(guard, agency())
    parts: Any = {"closings": closings, "answer_ratings": NoAnswerRatings(), "audit": audit}
    return MissingPage(guard=guard, pages=pages, agency=agency(), **parts)


def one(question: str = "¿Cómo aviso?", at: datetime = SUMMER, draft: str = "Así.", team: str = "obras") -> Missing:
    return Missing(3, at, "Ana", team, question, draft)


@pytest.mark.parametrize(("at", "words"), [(SUMMER, "14-01-2026 23:30"), (WINTER, "14-07-2026 22:30")])
def test_time_is_the_agencys_in_summer_and_in_winter(at: datetime, words: str) -> None:
    assert page_of(Closings(), Audit())._shown(one(at=at)).at == words


@pytest.mark.parametrize(
    ("question", "draft"),
    [
        ("¿Cómo aviso?", "Así."),
        ("¿Qué: es \"esto\" # y 'aquello'?", "- uno\n- dos"),
        ("--- ¿qué?", "---\nid: otra\n---"),
        ("{a: b}", ""),
        ("¿Ñandú 🦙?", "Línea\n\ncon **marcas**"),
        ("@muni\n- variante", "x"),
        ("x" * 200, "y" * 4000),
    ],
)
def test_file_is_a_valid_entry_once_its_page_is_filled_in(question: str, draft: str) -> None:
    shown = page_of(Closings(), Audit())._shown(one(question, draft=draft))
    content = shown.file.replace("https://", "https://www.x.cl")
    folder = load_files({f"obras/{shown.name}": content.encode()}, agency().teams)
    assert [entry.question for entry in folder.entries] == [" ".join(question.split())], folder.problems


def test_default_team_is_used_without_a_team() -> None:
    assert f"equipo: {agency().default_team}" in page_of(Closings(), Audit())._shown(one(team="")).file


async def test_staff_text_cannot_break_out_of_the_page() -> None:
    closings = Closings([one("<script>alert(1)</script>", draft="</textarea><script>")])
    async with browsing(page_of(closings, Audit())) as client:
        text = (await client.get(PATH)).text
    assert "<script>alert" not in text and "</textarea><script>" not in text
    assert html.escape("<script>alert(1)</script>") in text


@pytest.mark.parametrize(("number", "done"), [("3", [3]), ("", []), ("x", []), ("²", []), ("-3", []), ("9" * 16, [])])
async def test_only_a_number_is_settled(number: str, done: list[int]) -> None:
    closings = Closings()
    async with browsing(page_of(closings, Audit())) as client:
        answer = await client.post(PATH, data={"csrf": CSRF, "id": number})
    assert (answer.status_code, closings.done) == (303, done)


async def test_agent_may_not_look() -> None:
    async with browsing(page_of(Closings(), Audit(), "agent")) as client:
        assert (await client.get(PATH)).status_code == 403
