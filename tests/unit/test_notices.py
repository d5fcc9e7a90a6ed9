"""Tests notices for citizens who enter the queue: position, opening hours, full queue, call-back offer."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.agency.model import Agency, load_agency
from bot.core.messages import Author, Reply
from bot.handoff.estimate import asks_how_long
from bot.handoff.hours import ServiceHours
from bot.handoff.notices import WaitingNotices

AGENCY = load_agency(Path(__file__).parents[2] / "agency.yml")
SANTIAGO = ZoneInfo("America/Santiago")
OPEN = datetime(2026, 11, 23, 10, 0, tzinfo=SANTIAGO)
FRIDAY_NIGHT = datetime(2026, 11, 27, 20, 0, tzinfo=SANTIAGO)


UNKNOWN = f"{AGENCY.say('espera')}\n\nNo sabemos cuánto será la espera."


class Waited:
    """A stand-in where every citizen of tránsito waited the same time."""

    def __init__(self, wait_ms: int | None) -> None:
        self.wait_ms = wait_ms

    async def median_ms(self, team: str, since: datetime) -> int | None:
        assert since == OPEN.replace(hour=8, minute=30)
        return self.wait_ms if team == "transito" else 0

    async def of_ticket(self, _ticket: str) -> str:
        return "transito"


async def told(agency: Agency, now: datetime, waiting: dict[str, int]) -> Reply:
    async def count(team: str) -> int:
        return waiting.get(team, 0)

    return await WaitingNotices(agency, ServiceHours(agency), count, Waited(None))("transito", now)


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0.4, "menos de dos minutos"),
        (8.2, "unos 8 minutos"),
        (23, "unos 25 minutos"),
        (58, "cerca de una hora"),
        (130, "unas 2 horas"),
    ],
)
async def test_usual_wait_is_worded_as_exactly_as_it_is_known(minutes: float, words: str) -> None:
    async def nobody(_team: str) -> int:
        return 0

    notices = WaitingNotices(AGENCY, ServiceHours(AGENCY), nobody, Waited(int(minutes * 60_000)))
    assert f"Últimamente la espera ha sido de {words}." in (await notices("transito", OPEN)).text
    assert f"ha sido de {words}." in (await notices.still("7", OPEN)).text
    assert "la verá" not in (await notices.still("7", FRIDAY_NIGHT)).text
    assert "verán tu consulta el lunes a las 08:30." in (await notices.still("7", FRIDAY_NIGHT)).text


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("¿Cuánto falta?", True),
        ("oye cuanto se demora esto", True),
        ("en qué lugar voy", True),
        ("falta mucho???", True),
        ("me falta un papel para la licencia", False),
        ("hola", False),
        ("perdí el carnet en la plaza y no sé en que lugar se pide otro ni cuanto falta", False),
    ],
)
def test_question_about_the_wait_is_understood(text: str, asks: bool) -> None:
    assert asks_how_long(text) is asks


async def test_position_is_sent_during_hours_without_an_offer() -> None:
    assert await told(AGENCY, OPEN, {"": 500}) == Reply(UNKNOWN, author=Author.SYSTEM)


async def test_out_of_hours_notice_says_when_and_offers_a_call() -> None:
    notice = await told(AGENCY, FRIDAY_NIGHT, {})
    assert "la verá una persona el lunes a las 08:30." in notice.text
    assert "{posicion}" in notice.text
    assert [(one.title, one.payload) for one in notice.buttons] == [("Que me llamen", "callback:offer:transito")]


@pytest.mark.parametrize(
    ("all_full_at", "team_full_at", "said"),
    [(30, None, "**30**"), (31, None, None), (None, 5, "**5**"), (None, 6, None), (None, None, None)],
)
async def test_full_queue_notice_has_its_length(
    all_full_at: int | None, team_full_at: int | None, said: str | None
) -> None:
    of_teams = {"transito": team_full_at, "obras": 1}
    agency = replace(AGENCY, desk=replace(AGENCY.desk, full_at=all_full_at, full_at_of_team=of_teams))
    notice = await told(agency, OPEN, {"": 30, "transito": 5, "obras": 25})
    assert (said in notice.text) if said else (notice.text == UNKNOWN)
    assert bool(notice.buttons) is (said is not None)


async def test_agency_without_call_backs_offers_none() -> None:
    agency = replace(AGENCY, desk=replace(AGENCY.desk, calls_back=False))
    notice = await told(agency, FRIDAY_NIGHT, {})
    assert (notice.buttons, "llam" in notice.text) == ((), False)
