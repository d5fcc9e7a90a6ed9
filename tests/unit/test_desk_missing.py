"""Tests that reported FAQ gaps reach editors, and become drafts of entries."""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

import pytest
from httpx import Response

from bot.desk.editing.beginning import Place
from bot.desk.editing.form import form_of
from bot.desk.editing.record import Editor
from bot.desk.editing.text import EntryText
from bot.desk.pages.entries.list_page import PATH as LIST
from bot.desk.pages.missing import PATH, MissingPage
from bot.desk.queries.closings import Missing
from bot.faq.entries.slug import slug, unique
from tests.desk_fakes import CSRF, Audit, Browsers, browsing, gate_of, pages_of, signed_in
from tests.faq_files import agency

SUMMER, WINTER = datetime(2026, 1, 15, 2, 30, tzinfo=UTC), datetime(2026, 7, 15, 2, 30, tzinfo=UTC)
NEW = UUID(int=7)


@dataclass
class Closings:
    """Provides reported FAQ gaps; records which were settled."""

    found: list[Missing] = field(default_factory=list)
    done: list[int] = field(default_factory=list)

    async def missing(self) -> list[Missing]:
        return self.found

    async def settled(self, number: int, *, by: UUID) -> None:
        self.done.append(number)


@dataclass
class Drafts:
    """The drafts of new entries, by the path of their file."""

    made: dict[str, EntryText] = field(default_factory=dict)

    async def place_for(self, question: str, topic: str) -> Place:
        """Returns a place in the topic, numbered beside a file of another topic; a twin if one has the question."""
        names = {PurePosixPath(path).stem for path in self.made}
        twins = (path for path, text in self.made.items() if form_of(text).fields["pregunta"] == question)
        id = unique(slug(question), names)
        return Place(id, f"{topic}/{id}.md", next(twins, ""))

    async def create(self, path: str, text: EntryText, by: Editor) -> UUID | None:
        if path in self.made:
            return None
        self.made[path] = text
        return NEW


class NoAnswerRatings:
    async def by_entry(self) -> list[Any]:
        return []


def page_of(closings: Closings, role: str = "editor", drafts: Drafts | None = None) -> MissingPage:
    guard = gate_of(Browsers(signed_in(role)))
    pages: Any = pages_of(guard, agency())
    parts: Any = {"closings": closings, "answer_ratings": NoAnswerRatings(), "audit": Audit()}
    parts["editions"] = drafts or Drafts()
    return MissingPage(guard=guard, pages=pages, agency=agency(), **parts)


def one(question: str = "¿Cómo aviso?", at: datetime = SUMMER, draft: str = "Así.", team: str = "obras") -> Missing:
    return Missing(3, at, "Ana", team, question, draft)


async def text_of(page: MissingPage) -> str:
    async with browsing(page) as client:
        return (await client.get(PATH)).text


@pytest.mark.parametrize(("at", "words"), [(SUMMER, "14-01-2026 23:30"), (WINTER, "14-07-2026 22:30")])
async def test_time_is_the_agencys_in_summer_and_in_winter(at: datetime, words: str) -> None:
    assert words in await text_of(page_of(Closings([one(at=at)])))


async def begin(closings: Closings, drafts: Drafts) -> Response:
    async with browsing(page_of(closings, drafts=drafts)) as client:
        return await client.post(PATH, data={"csrf": CSRF, "id": "3", "que": "borrador"}, follow_redirects=False)


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
async def test_question_becomes_a_draft_and_leaves_the_list(question: str, draft: str) -> None:
    closings, drafts = Closings([one(question, draft=draft)]), Drafts()
    answer = await begin(closings, drafts)
    assert (answer.status_code, answer.headers["location"], closings.done) == (303, f"{LIST}/{NEW}", [3])
    [(path, text)] = drafts.made.items()
    form = form_of(text)
    assert (form.fields["pregunta"], form.fields["equipo"]) == (" ".join(question.split()), "obras")
    assert draft in text.content and path.startswith("obras/")


async def test_default_team_is_used_without_a_team() -> None:
    drafts = Drafts()
    await begin(Closings([one(team="")]), drafts)
    assert [form_of(text).fields["equipo"] for text in drafts.made.values()] == [agency().default_team]


async def test_question_of_an_entry_stays_in_the_list() -> None:
    closings, drafts = Closings([one()]), Drafts()
    await begin(closings, drafts)
    assert (await begin(closings, drafts)).status_code == 422
    assert (len(drafts.made), closings.done) == (1, [3])


async def test_long_question_that_begins_like_an_entrys_gets_an_id_of_its_own() -> None:
    begins = "¿Qué documentos necesito para renovar la licencia de conducir"
    drafts = Drafts()
    for question in (f"{begins} clase B?", f"{begins} profesional?"):
        assert (await begin(Closings([one(question)]), drafts)).status_code == 303
    first, second = (form_of(text).fields["id"] for text in drafts.made.values())
    assert (second, len(drafts.made)) == (f"{first}-2", 2)


async def test_staff_text_cannot_break_out_of_the_page() -> None:
    text = await text_of(page_of(Closings([one("<script>alert(1)</script>", draft="</textarea><script>")])))
    assert "<script>alert" not in text and "</textarea><script>" not in text
    assert html.escape("<script>alert(1)</script>") in text


@pytest.mark.parametrize(("number", "done"), [("3", [3]), ("", []), ("x", []), ("²", []), ("-3", []), ("9" * 16, [])])
async def test_only_a_number_of_the_list_is_settled(number: str, done: list[int]) -> None:
    closings = Closings([one()])
    async with browsing(page_of(closings)) as client:
        answer = await client.post(PATH, data={"csrf": CSRF, "id": number})
    assert (answer.status_code, closings.done) == (303, done)


async def test_agent_may_not_look() -> None:
    async with browsing(page_of(Closings(), "agent")) as client:
        assert (await client.get(PATH)).status_code == 403
