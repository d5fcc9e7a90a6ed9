"""Tests how an entry expires as the days pass: editors are reminded, citizens get a person, a click renews it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from datetime import time as hour
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from actions.answer_faq import AnswerFaq
from actions.commands import out_of_scope
from actions.replies.answers import FaqReplies
from bot.agency import model
from bot.agency.model import Agency
from bot.desk.editing.staff_notices.reminders import Reminders
from bot.desk.pages.entries.list_page import PATH as LIST
from bot.faq.answering.answerer import Answerer
from bot.faq.ranking.vectorizer import Vectorizer
from bot.record.engine import Sessions
from bot.text.phrases import Phrases
from bot.tickets.staff_notices import StaffNotices
from tests.desk_world import DeskWorld
from tests.faq_files import QUESTIONS, write_folder
from tests.integration.entry_desk import address, editor, editors, look, notices_of, press
from tests.unit.actions_fakes import heard, turn

EXPIRES, RENEWED = date(2027, 3, 31), "2028-03-31"
QUESTION = QUESTIONS["bache"][0]
# Days left, whether a reminder is sent, and how the list names the entry.
DAYS = (
    (31, 0, "Vigente"),
    (30, 1, "Por vencer"),
    (8, 0, "Por vencer"),
    (7, 1, "Por vencer"),
    (1, 1, "Por vencer"),
    (0, 0, "Por vencer"),
    (-1, 0, "Vencida"),
)


class Clock:
    """The day that the pages, the reminders and the answers use as today."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.today = EXPIRES
        clock = self

        class Moved(datetime):
            @classmethod
            def now(cls, tz: Any = UTC) -> Any:
                return datetime.combine(clock.today, hour(15), tz)

        monkeypatch.setattr(model, "datetime", Moved)


async def reply(world: DeskWorld, bare: Vectorizer, clock: Clock) -> dict[str, Any]:
    """Returns the reply to a citizen who asks the question today."""
    faq: Any = SimpleNamespace(answerer=Answerer(world.faq.entries, bare, world.agency))
    steps = {"out_of_scope": out_of_scope(world.agency), "commands": {}, "small_talk": Phrases(())}
    action = AnswerFaq(faq, FaqReplies(world.agency), lambda: clock.today, **steps)
    return (await turn(action, heard(QUESTION)))[0]


async def state(browser: Any) -> str:
    """Returns the entry's state as the list shows it."""
    row = (await browser.get(LIST, params={"q": QUESTION})).text.partition("<tbody>")[2].partition("</tr>")[0]
    return next(one for one in ("Por vencer", "Vencida", "Vigente") if one in row)


async def test_entry_is_reminded_of_then_left_to_a_person_and_renewed_with_one_click(
    redis: Any, database: Sessions, agency: Agency, tmp_path: Path, bare: Vectorizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    faq_dir, clock = write_folder(tmp_path / "faq"), Clock(monkeypatch)
    file = faq_dir / "calle" / "bache.md"
    file.write_text(file.read_text().replace("revisado: 2026-11-01\n", f"revisado: 2026-11-01\nvence: {EXPIRES}\n"))
    async with editors(redis, database, agency, faq_dir, four_eyes=False) as world:
        ana, notices = await editor(world), StaffNotices(redis)
        reminders = Reminders(database, world.faq, notices, agency, mail=None, site="https://chat.example/")
        for left, sent, named in DAYS:
            clock.today = EXPIRES - timedelta(days=left)
            found = (await reminders.remind(clock.today), await state(ana))
            assert (left, *found) == (left, sent, named)
            given = await reply(world, bare, clock)
            assert (left, "handoff" in given) == (left, left < 0)
        assert (given["text"], given["handoff"]["reason"]) == (agency.say("entrada_vencida"), "expired_entry")
        assert len(await notices_of(world, "ana@losaromos.example")) == 3

        await press(ana, await address(world), "vigente", vence=RENEWED, volver_a="lista")
        await look(world, faq_dir)
        assert f"vence: {RENEWED}" in file.read_text()
        assert (await state(ana), "handoff" in await reply(world, bare, clock)) == ("Vigente", False)
