"""Tests attended hours: weekly hours, lunch, holidays, closures, and how the next opening is worded."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot.agency.model import load_agency
from bot.agency.schedule import WEEKDAYS, Closure, Schedule, Span, schedule
from bot.handoff.callbacks.form import Window
from bot.handoff.elections import is_election
from bot.handoff.hours import OpeningHours, ServiceHours
from bot.handoff.notices import claimed_notice, closed_notice
from bot.handoff.open_now import open_now
from tests.rows import each_row

SANTIAGO = ZoneInfo("America/Santiago")
AGENCY = load_agency(Path(__file__).parents[2] / "agency.yml")
HOURS = OpeningHours.from_agency(AGENCY)
EVERY_DAY = {day: ["08:30-14:00", "15:00-17:30"] for day in AGENCY.hours}
NOON = Span.from_text("12:00-24:00")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SANTIAGO)


@each_row(
    ("moment", "is_open", "words"),
    [
        ("2026-11-23T08:29", False, "hoy a las 08:30"),  # Monday, before opening
        ("2026-11-23T08:30", True, "hoy a las 15:00"),  # the first minute is attended
        ("2026-11-23T13:59", True, "hoy a las 15:00"),
        ("2026-11-23T14:00", False, "hoy a las 15:00"),  # lunch
        ("2026-11-23T14:59", False, "hoy a las 15:00"),
        ("2026-11-23T15:00", True, "mañana a las 08:30"),
        ("2026-11-23T17:30", False, "mañana a las 08:30"),  # the last minute is not
        ("2026-11-27T16:29", True, "el lunes a las 08:30"),  # Friday closes earlier
        ("2026-11-27T16:30", False, "el lunes a las 08:30"),
        ("2026-11-28T11:00", False, "el lunes a las 08:30"),  # Saturday
        ("2026-11-29T11:00", False, "mañana a las 08:30"),  # Sunday
        ("2026-09-17T18:00", False, "el lunes a las 08:30"),  # before the national holidays, Friday 18 and Saturday 19
        ("2026-09-18T10:00", False, "el lunes a las 08:30"),  # Independence Day on a Friday
        ("2026-05-01T10:00", False, "el lunes a las 08:30"),  # Labour Day
        ("2026-12-08T10:00", False, "mañana a las 08:30"),  # Immaculate Conception, a Tuesday
        ("2026-12-31T18:00", False, "el lunes a las 08:30"),  # New Year's Day is a Friday
        ("2027-01-01T10:00", False, "el lunes a las 08:30"),  # and it is the next year's holiday
        ("2026-04-02T18:00", False, "el lunes a las 08:30"),  # Easter
    ],
)
def test_attended_hours_are_known_at_a_moment(moment: str, is_open: bool, words: str) -> None:
    assert (HOURS.is_open(at(moment)), HOURS.next_opening_in_words(at(moment))) == (is_open, words)


@each_row(
    ("moment", "words"),
    [
        ("2026-11-23T08:29", "Cerrado, abre hoy a las 08:30"),
        ("2026-11-23T08:30", "Abierto, cierra a las 14:00"),
        ("2026-11-23T13:59", "Abierto, cierra a las 14:00"),
        ("2026-11-23T14:00", "Cerrado, abre hoy a las 15:00"),
        ("2026-11-23T17:30", "Cerrado, abre mañana a las 08:30"),
        ("2026-11-27T16:00", "Abierto, cierra a las 16:30"),  # Friday closes earlier
        ("2026-11-28T11:00", "Cerrado, abre el lunes a las 08:30"),  # Saturday
        ("2026-12-08T10:00", "Cerrado por feriado, abre mañana a las 08:30"),  # Immaculate Conception, a Tuesday
        ("2026-12-24T11:00", "Abierto, cierra a las 12:00"),  # half a day of cierres
        ("2026-12-24T12:30", "Cerrado, abre el lunes a las 08:30"),
        ("2026-12-25T10:00", "Cerrado por feriado, abre el lunes a las 08:30"),
        ("2027-05-01T10:00", "Cerrado, abre el lunes a las 08:30"),  # a holiday on a Saturday closes nothing
    ],
)
def test_opening_state_is_shown_with_its_next_change(moment: str, words: str) -> None:
    opening = open_now(AGENCY, at(moment))
    assert (opening.words, opening.is_open) == (words, words.startswith("Abierto"))


@pytest.mark.parametrize(
    ("monday", "moment", "words"),
    [
        (["08:30-14:00", "14:00-17:30"], "2026-11-23T10:00", "Abierto, cierra a las 17:30"),  # two spans without a gap
        (["20:00-24:00"], "2026-11-23T21:00", "Abierto, cierra a las 02:00"),  # over midnight
        ([], "2026-11-23T10:00", "Cerrado, abre mañana a las 00:00"),
    ],
)
def test_adjoining_spans_close_once(monday: list[str], moment: str, words: str) -> None:
    week = schedule({"lunes": monday, "martes": ["00:00-02:00"]}, "", ())
    assert open_now(replace(AGENCY, schedule=week), at(moment)).words == words


def test_agency_that_never_closes_or_never_opens_names_no_time() -> None:
    always = schedule({day: ["00:00-24:00"] for day in WEEKDAYS}, "", ())
    never = schedule({}, "", ())
    words = [open_now(replace(AGENCY, schedule=week), at("2026-11-23T10:00")).words for week in (always, never)]
    assert words == ["Abierto a toda hora", "Cerrado por ahora"]


def test_agency_closure_is_not_attended_and_distant_days_have_their_date() -> None:
    closed_week = [Closure(date(2026, 11, day)) for day in range(23, 28)]
    hours = OpeningHours(schedule(AGENCY.hours, "CL", closed_week))
    assert hours.is_open(at("2026-11-24T10:00")) is False
    assert hours.next_opening_in_words(at("2026-11-23T10:00")) == "el lunes 30 de noviembre a las 08:30"


def test_moment_is_read_in_the_agencys_time_zone() -> None:
    assert HOURS.is_open(datetime(2026, 11, 23, 11, 45, tzinfo=UTC)) is True  # 08:45 in Santiago, summer time
    assert HOURS.is_open(datetime(2026, 7, 6, 11, 45, tzinfo=UTC)) is False  # 07:45 in Santiago, winter time


def test_clock_change_keeps_the_opening_at_the_same_local_time() -> None:
    opening = HOURS.next_opening(at("2026-09-04T18:00"))  # clocks go forward on Sunday 6 September
    assert opening == at("2026-09-07T08:30")


def test_no_date_is_promised_without_any_attended_day() -> None:
    assert (
        OpeningHours(schedule({}, "CL", ())).next_opening_in_words(at("2026-11-23T10:00"))
        == "cuando retomemos la atención"
    )


def test_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        HOURS.is_open(datetime(2026, 11, 23, 10, 0))


@pytest.mark.parametrize(
    ("moment", "is_open", "words"),
    [
        ("2026-12-24T11:59", True, "mañana a las 08:30"),
        ("2026-12-24T12:00", False, "mañana a las 08:30"),
        ("2026-12-24T16:00", False, "mañana a las 08:30"),
        ("2026-12-25T10:00", True, "hoy a las 15:00"),
    ],
)
def test_half_day_is_attended_until_its_closure_begins(moment: str, is_open: bool, words: str) -> None:
    hours = OpeningHours(schedule(EVERY_DAY, "", [Closure(date(2026, 12, 24), NOON)]))
    assert (hours.is_open(at(moment)), hours.next_opening_in_words(at(moment))) == (is_open, words)


@pytest.mark.parametrize(
    ("holidays", "moment", "is_open"),
    [
        ("CL", "2026-06-07T10:00", True),
        ("CL-AP", "2026-06-07T10:00", False),  # the Cape of Arica
        ("CL", "2026-08-20T10:00", True),
        ("CL-NB", "2026-08-20T10:00", False),  # O'Higgins' birth, Chillán
        ("CL", "2026-09-18T10:00", False),
        ("", "2026-09-18T10:00", True),
        ("CL", "2028-10-29T10:00", False),  # municipal election
    ],
)
def test_legal_holidays_are_those_of_country_and_region(holidays: str, moment: str, is_open: bool) -> None:
    assert OpeningHours(schedule(EVERY_DAY, holidays, ())).is_open(at(moment)) is is_open


def test_past_election_days_are_recognised() -> None:
    held = (
        "2017-11-19",
        "2017-12-17",
        "2021-11-21",
        "2021-12-19",
        "2024-10-27",
        "2024-11-24",
        "2025-11-16",
        "2025-12-14",
    )
    assert all(is_election(date.fromisoformat(day)) for day in held)
    assert sum(is_election(date(2025, 1, 1) + timedelta(days=day)) for day in range(4 * 365)) == 4


def test_team_has_its_own_hours_or_the_agencys() -> None:
    service_hours = ServiceHours(
        replace(AGENCY, team_schedules={"seguridad": schedule({"domingo": ["00:00-24:00"]}, "", ())})
    )
    sunday = at("2026-11-29T23:59")
    assert [service_hours.of(team).is_open(sunday) for team in ("seguridad", "transito", "")] == [True, False, False]
    assert service_hours.of("transito").next_opening_in_words(sunday) == "mañana a las 08:30"


MOMENTS = some.datetimes(datetime(2024, 1, 1), datetime(2031, 12, 31)).map(lambda one: one.replace(tzinfo=SANTIAGO))
CLOSURES = some.lists(
    some.builds(
        Closure,
        some.dates(date(2024, 1, 1), date(2031, 12, 31)),
        some.sampled_from([NOON, Span.from_text("00:00-10:00"), Span.from_text("00:00-24:00")]),
    ),
    max_size=20,
)
SCHEDULES = some.builds(
    schedule, some.sampled_from([AGENCY.hours, EVERY_DAY]), some.sampled_from(["CL", "CL-AP", ""]), CLOSURES
)


@given(moment=MOMENTS, written=SCHEDULES)
def test_next_opening_is_the_first_attended_moment(moment: datetime, written: Schedule) -> None:
    hours = OpeningHours(written)
    opening = hours.next_opening(moment)
    assert opening is not None
    assert opening > moment
    assert hours.is_open(opening)
    assert not hours.is_open(opening - timedelta(minutes=1))
    between = [moment + (opening - moment) * step / 40 for step in range(40)]
    began = [later for earlier, later in pairwise(between) if hours.is_open(later) and not hours.is_open(earlier)]
    assert began == []


@given(moment=MOMENTS, written=SCHEDULES)
def test_closing_is_the_first_moment_not_attended(moment: datetime, written: Schedule) -> None:
    hours = OpeningHours(written)
    closing = hours.closing(moment)
    assert (closing is not None) == hours.is_open(moment)
    if closing is not None:
        assert closing > moment
        assert not hours.is_open(closing)
        assert all(hours.is_open(moment + (closing - moment) * step / 40) for step in range(40))


@given(moment=MOMENTS, written=SCHEDULES, window=some.sampled_from(list(Window)))
def test_first_attended_moment_lies_in_the_wanted_part_of_the_day(
    moment: datetime, written: Schedule, window: Window
) -> None:
    hours = OpeningHours(written)
    first = hours.first_attended(moment, window.span)
    assert first is not None
    assert first >= moment
    assert hours.is_open(first)
    assert window.span.start <= first.time() < window.span.end
    between = [moment + (first - moment) * step / 40 for step in range(40)] if first > moment else []
    assert [one for one in between if hours.is_open(one) and window.span.start <= one.time() < window.span.end] == []


@given(moment=MOMENTS, closed=some.sampled_from([NOON, Span.from_text("00:00-24:00")]))
def test_closures_and_holidays_are_not_attended(moment: datetime, closed: Span) -> None:
    hours = OpeningHours(schedule(EVERY_DAY, "CL", [Closure(moment.date(), closed)]))
    if closed.start <= moment.time() < closed.end:
        assert hours.is_open(moment) is False
    assert OpeningHours(schedule(EVERY_DAY, "CL", ())).is_open(moment.replace(month=9, day=18)) is False


def test_claim_and_close_notices_name_the_person() -> None:
    assert (
        "Marta Rojas, de Dirección de Tránsito.**" in claimed_notice(AGENCY, name="Marta Rojas", team="transito").text
    )
    assert "de Atención ciudadana (OIRS)" in claimed_notice(AGENCY, name="Marta", team="no-existe").text
    assert closed_notice(AGENCY, name="Marta").text.startswith("**Marta cerró la atención.**")
