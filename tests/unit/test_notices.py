"""Tests notices for citizens who enter the queue: position, opening hours, full queue, call-back offer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.agency.model import Agency, load_agency
from bot.agency.schedule import schedule
from bot.conversation.event_log_entry import offer_of
from bot.core.messages import Author, Handoff, HandoffReason, Priority, Reply
from bot.core.texts import say
from bot.handoff.estimate import asks_how_long
from bot.handoff.forecast import Forecasts
from bot.handoff.hours import ServiceHours
from bot.handoff.notices import WaitingNotices
from bot.public_notices.board import NoticeBoard
from bot.public_notices.measures import Kind, Measure
from bot.public_notices.notice import NoticeSet
from bot.text.languages import OTHERS
from bot.tickets.announced_wait import AnnouncedWait
from bot.tickets.pace import Duty, Move
from bot.tickets.presence import Presence, Present, Skills
from tests.notices import public_notice

AGENCY = load_agency(Path(__file__).parents[2] / "agency.yml")
SANTIAGO = ZoneInfo("America/Santiago")
OPEN = datetime(2026, 11, 23, 10, 0, tzinfo=SANTIAGO)
FRIDAY_NIGHT = datetime(2026, 11, 27, 20, 0, tzinfo=SANTIAGO)


UNKNOWN = AGENCY.say("espera").strip().replace("\n\n", f"\n\n{AGENCY.say('espera_sin_datos')}\n\n")
MINUTE_MS = 60_000


@dataclass
class Line:
    """A queue of the team tránsito with the interface of ``Waits`` and ``Presences``; unknown by default."""

    place_of_ticket: int = 1
    minutes: float = 0  # per place, while ``then`` agents were on duty
    then: int = 1
    agents: int = 1
    at: datetime = OPEN
    told: AnnouncedWait | None = None

    @property
    def now_ms(self) -> int:
        return int(self.at.timestamp() * 1000)

    async def moves(self, _team: str) -> list[Move]:
        step = int(self.minutes * MINUTE_MS)
        return [Move(self.now_ms - step * number, 0, -1) for number in range(31)] if self.minutes else []

    async def duty(self, _team: str) -> list[Duty]:
        return [Duty(0, self.now_ms, self.then)]

    async def next_place(self, _team: str, _priority: Priority) -> int:
        return self.place_of_ticket

    async def place(self, _ticket: str) -> tuple[str, int, AnnouncedWait | None]:
        return "transito", self.place_of_ticket, self.told

    async def announce(self, _ticket: str, announced: AnnouncedWait) -> bool:
        self.told = announced
        return False

    async def everybody(self) -> list[Present]:
        here = [Present(str(number), "Ana", Presence.AVAILABLE, Skills()) for number in range(self.agents)]
        return [
            *here,
            Present("x", "Beto", Presence.AWAY, Skills()),
            Present("y", "Eva", Presence.BUSY, Skills(("obras",))),
        ]


def notices_of(
    line: Line, agency: Agency = AGENCY, waiting: dict[str, int] | None = None, board: NoticeBoard | None = None
) -> WaitingNotices:
    async def count(team: str) -> int:
        return (waiting or {}).get(team, 0)

    hours = ServiceHours(agency)
    forecasts = Forecasts(agency, hours, line, line)  # type: ignore[arg-type]
    return WaitingNotices(agency, hours, count, forecasts, board)


async def told(agency: Agency, now: datetime, waiting: dict[str, int], line: Line | None = None) -> Reply:
    handoff = Handoff(HandoffReason.ASKED_HUMAN, team="transito")
    return await notices_of(line or Line(), agency, waiting)(handoff, now)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (Line(2, 1), "una espera de **menos de 10 minutos**."),
        (Line(10, 2), "una espera de **entre 5 y 45 minutos**."),
        (Line(10, 2, then=1, agents=2), "una espera de **entre 5 y 30 minutos**."),
        (Line(60, 2), "una espera de **entre 1 y 4 horas**."),
    ],
)
async def test_wait_is_estimated_from_the_position_the_pace_and_the_agents_on_duty(line: Line, words: str) -> None:
    assert words in (await told(AGENCY, OPEN, {}, line)).text


@pytest.mark.parametrize("drill", [False, True])
async def test_word_of_a_crisis_comes_before_the_place(drill: bool) -> None:
    word = Measure(Kind.OVERLOAD, value="Hay mucha gente por el corte.")
    board = NoticeBoard(NoticeSet.of([public_notice(measures=(word,), drill=drill)]))
    handoff = Handoff(HandoffReason.ASKED_HUMAN, team="transito")
    first, second = (await notices_of(Line(2, 1), board=board)(handoff, OPEN)).text.split("\n\n")[:2]
    assert (first == word.value, "{posicion}" in (first if drill else second)) == (not drill, True)


@pytest.mark.parametrize("language", OTHERS)
async def test_word_of_a_crisis_is_read_in_spanish_before_a_translated_place(language: str) -> None:
    word = Measure(Kind.OVERLOAD, value="Hay mucha gente por el corte.")
    board = NoticeBoard(NoticeSet.of([public_notice(measures=(word,))]))
    handoff = Handoff(HandoffReason.LANGUAGE, team="transito")
    plain, notice = [await notices_of(Line(), board=one)(handoff, OPEN) for one in (None, board)]
    assert notice.in_language(language).text == f"{word.value}\n\n{plain.in_language(language).text}"


@pytest.mark.parametrize("language", OTHERS)
async def test_team_that_never_opens_is_shown_as_closed_without_a_date(language: str) -> None:
    never = replace(AGENCY, team_schedules={"transito": schedule({}, "CL", ())})
    notice = await told(never, OPEN, {})
    assert say(f"idiomas.{language}.cerrado_sin_fecha") in notice.in_language(language).text.split("\n\n")


async def test_position_60_never_gets_a_short_wait() -> None:
    for minutes in (0.5, 1, 2, 4):
        text = (await told(AGENCY, OPEN, {}, Line(60, minutes))).text
        assert "menos de" not in text


@pytest.mark.parametrize(
    ("line", "key"),
    [(Line(5), "espera_sin_datos"), (Line(5, 2, agents=0), "espera_sin_nadie")],
)
async def test_without_a_pace_or_agents_no_wait_is_given(line: Line, key: str) -> None:
    assert AGENCY.say(key, telefono=AGENCY.phone) in (await told(AGENCY, OPEN, {}, line)).text


async def test_wait_beyond_the_end_of_the_day_is_given_as_the_next_day() -> None:
    late = OPEN.replace(hour=16)
    text = (await told(AGENCY, late, {}, Line(60, 4, at=late))).text
    assert "Puede que hoy no alcancemos a atenderte; si es así, seguimos mañana a las 08:30" in text


async def test_no_shorter_wait_is_given_while_the_position_stays() -> None:
    line = Line(10, 6)
    first = await notices_of(line).still("7", OPEN)
    line.agents, line.minutes = 6, 1
    assert await notices_of(line).still("7", OPEN) == first
    line.place_of_ticket = 9
    assert await notices_of(line).still("7", OPEN) != first


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (Line(1), ""),
        (Line(5), "Se atiende en orden de llegada"),
        (Line(20, 4), "lo realista es que te atiendan el lunes entre las 09:00 y las 11:30."),
        (Line(80, 4), "lo realista es que te atiendan el lunes desde las 11:00, o que pase para otro día."),
        (Line(400, 4), "puede que te atiendan recién otro día"),
    ],
)
async def test_notice_outside_hours_states_who_looks_and_when(line: Line, words: str) -> None:
    text = (await told(AGENCY, FRIDAY_NIGHT, {}, line)).text
    assert "la fila se empieza a ver el lunes a las 08:30." in text
    assert words in text
    still = (await notices_of(line).still("7", FRIDAY_NIGHT)).text
    assert "la fila se empieza a ver el lunes a las 08:30." in still
    assert words in still


@pytest.mark.parametrize(("line", "buttons"), [(Line(3, 1), 0), (Line(30, 3), 2), (Line(11), 2), (Line(9), 0)])
async def test_long_wait_offers_a_call_and_a_notice(line: Line, buttons: int) -> None:
    notice = await told(AGENCY, OPEN, {}, line)
    titles = ["Que me llamen", "Avísame"]
    assert [one.title for one in notice.buttons] == titles[:buttons]


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("¿Cuánto falta?", True),
        ("oye cuanto se demora esto", True),
        ("en qué lugar voy", True),
        ("falta mucho???", True),
        ("¿aún están ahí?", True),
        ("hola, hay alguien ahí", True),
        ("¿cuándo me van a atender?", True),
        ("Oiga, ¿siguen ahí todavía?", True),
        ("hay alguien que vea las luces", False),
        ("mi dirección vieja sigue ahí", False),
        ("¿alguien ahí sabe cuánto cuesta la patente?", False),
        ("¿hay alguien ahí que me diga dónde pago la patente?", False),
        ("el arbol caido sigue ahi en la calle, a quien le aviso?", False),
        ("cuando me van a atender en el dentista del cesfam", False),
        ("quiero hablar con un humano YA", True),
        ("quiero hablar con alguien de tránsito por la licencia", False),
        ("me falta un papel para la licencia", False),
        ("hola", False),
        ("perdí el carnet en la plaza y no sé en que lugar se pide otro ni cuanto falta", False),
    ],
)
def test_question_about_the_wait_is_understood(text: str, asks: bool) -> None:
    assert asks_how_long(text) is asks
    assert asks_how_long("??") and not asks_how_long("¡!")


async def test_position_is_sent_during_hours_without_an_offer() -> None:
    notice = await told(AGENCY, OPEN, {"": 500})
    assert replace(notice, translations={}) == Reply(UNKNOWN, author=Author.SYSTEM)


async def test_out_of_hours_notice_says_when_and_offers_a_call() -> None:
    notice = await told(AGENCY, FRIDAY_NIGHT, {})
    assert "{posicion}" in notice.text
    assert [one.payload for one in notice.buttons] == ["callback:offer:transito", "/notify_near"]


@pytest.mark.parametrize(
    ("all_full_at", "team_full_at", "said"),
    [(30, None, "(30 conv"), (31, None, None), (None, 5, "(5 conv"), (None, 6, None), (None, None, None)],
)
async def test_full_queue_notice_has_its_length(
    all_full_at: int | None, team_full_at: int | None, said: str | None
) -> None:
    of_teams = {"transito": team_full_at, "obras": 1}
    agency = replace(AGENCY, desk=replace(AGENCY.desk, full_at=all_full_at, full_at_of_team=of_teams))
    notice = await told(agency, OPEN, {"": 30, "transito": 5, "obras": 25})
    assert (said in notice.text) if said else (notice.text == UNKNOWN)
    assert bool(notice.buttons) is (said is not None)


async def test_full_queue_is_announced_in_each_language_and_offers_a_call() -> None:
    agency = replace(AGENCY, desk=replace(AGENCY.desk, full_at=30))
    notice = await told(agency, OPEN, {"": 30})
    english, creole = (notice.in_language(one) for one in ("en", "ht"))
    assert "Many people are waiting (30 conversations)" in english.text
    assert "30 konvèsasyon" in creole.text
    assert "we can call you" in english.text
    titles = [one.title for one in (*english.buttons, *creole.buttons)]
    assert titles == ["Call me back", "Tell me", "Rele m", "Fè m konnen"]
    assert offer_of(notice.buttons).keys() == {"es", *OTHERS}


async def test_agency_without_call_backs_offers_none() -> None:
    agency = replace(AGENCY, desk=replace(AGENCY.desk, calls_back=False))
    notice = await told(agency, FRIDAY_NIGHT, {})
    assert ([one.payload for one in notice.buttons], "llam" in notice.text) == (["/notify_near"], False)


@pytest.mark.parametrize(
    ("language", "now", "words"),
    [
        ("en", OPEN, ["**You are number {posicion} in the line.**"]),
        ("en", FRIDAY_NIGHT, ["number {posicion}", "We start on 30/11 at 08:30.", "when it is almost your turn"]),
        ("ht", FRIDAY_NIGHT, ["nimewo {posicion}", "30/11 a 08:30"]),
    ],
)
async def test_notice_in_another_language_is_the_only_one(language: str, now: datetime, words: list[str]) -> None:
    handoff = Handoff(HandoffReason.LANGUAGE, team=AGENCY.default_team)
    notice = (await notices_of(Line())(handoff, now)).in_language(language)
    assert [word for word in words if word not in notice.text] == []
    assert (notice.language, notice.author, "fila" in notice.text) == (language, Author.SYSTEM, False)
    offers = [f"callback:offer:{AGENCY.default_team}", "/notify_near"]
    assert [one.payload for one in notice.buttons] == (offers if now is FRIDAY_NIGHT else [])
