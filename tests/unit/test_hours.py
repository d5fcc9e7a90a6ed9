"""When people answer: weekly hours, lunch, legal holidays, closures, and how the next opening is said."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.agency import load_agency
from bot.handoff.hours import OpeningHours, Span
from bot.handoff.notices import claimed_notice, closed_notice, waiting_notice
from bot.messages import Author

SANTIAGO = ZoneInfo("America/Santiago")
AGENCY = load_agency(Path(__file__).parents[2] / "agency.yml")
HOURS = OpeningHours.from_agency(AGENCY)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SANTIAGO)


@pytest.mark.parametrize(
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
def test_attention_at_a_moment(moment: str, is_open: bool, words: str) -> None:
    assert (HOURS.is_open(at(moment)), HOURS.next_opening_in_words(at(moment))) == (is_open, words)


def test_a_closure_of_the_agency_is_not_attended_and_far_days_are_said_with_their_date() -> None:
    closed_week = [date(2026, 11, day) for day in range(23, 28)]
    hours = OpeningHours(AGENCY.hours, closures=closed_week)
    assert hours.is_open(at("2026-11-24T10:00")) is False
    assert hours.next_opening_in_words(at("2026-11-23T10:00")) == "el lunes 30 de noviembre a las 08:30"


def test_the_moment_is_read_in_the_agencys_time_zone() -> None:
    assert HOURS.is_open(datetime(2026, 11, 23, 11, 45, tzinfo=UTC)) is True  # 08:45 in Santiago, summer time
    assert HOURS.is_open(datetime(2026, 7, 6, 11, 45, tzinfo=UTC)) is False  # 07:45 in Santiago, winter time


def test_clock_change_keeps_the_opening_at_the_same_local_time() -> None:
    opening = HOURS.next_opening(at("2026-09-04T18:00"))  # clocks go forward on Sunday 6 September
    assert opening == at("2026-09-07T08:30")


def test_without_any_attended_day_no_date_is_promised() -> None:
    assert OpeningHours({}).next_opening_in_words(at("2026-11-23T10:00")) == "cuando retomemos la atención"


def test_a_moment_without_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        HOURS.is_open(datetime(2026, 11, 23, 10, 0))


@pytest.mark.parametrize("text", ["14:00-08:30", "08:30", "8-9h", "09:00-09:00"])
def test_a_span_that_is_not_two_times_in_order_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Span.from_text(text)


def test_waiting_notice_in_hours_tells_the_place_in_line() -> None:
    notice = waiting_notice(AGENCY, HOURS, at("2026-11-23T10:00"))
    assert notice.text == AGENCY.say("espera")
    assert "{posicion}" in notice.text
    assert notice.author == Author.SYSTEM


def test_waiting_notice_out_of_hours_says_when_a_person_will_read_it() -> None:
    text = waiting_notice(AGENCY, HOURS, at("2026-11-27T20:00")).text
    assert "la verá una persona el lunes a las 08:30." in text
    assert "{posicion}" in text
    assert "{apertura}" not in text


def test_claim_and_close_notices_name_the_person() -> None:
    assert (
        "**Marta Rojas**, de Dirección de Tránsito" in claimed_notice(AGENCY, name="Marta Rojas", team="transito").text
    )
    assert "de Atención ciudadana (OIRS)" in claimed_notice(AGENCY, name="Marta", team="no-existe").text
    assert closed_notice(AGENCY, name="Marta").text.startswith("Marta cerró la atención.")
