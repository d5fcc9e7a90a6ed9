"""Tests reply windows and their messages by day, the prices in agency.yml, and the cost, each counted by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.agency.model import load_agency
from bot.agency.whatsapp_prices import PriceList, Prices
from bot.core.errors.contents import InvalidAgency
from bot.figures.facts.talks import Said, Talk
from bot.figures.facts.window_days import window_days_of
from bot.figures.numbers import money
from bot.figures.results import Period
from bot.figures.windows.cost import Cost, cost_of, first_day
from bot.figures.windows.counting import DaySent
from tests.unit.agency_file import changed

MONDAY = datetime(2026, 11, 2, 13, 0, tzinfo=UTC)  # 10:00 in Santiago
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TEMPLATE = {"after_window": True}


def said(ago: timedelta, author: str, **data: Any) -> Said:
    return Said(MONDAY + ago, author, data)


def counted(*messages: Said, channel: str = "whatsapp") -> dict[str, tuple[int, ...]]:
    rows = window_days_of(Talk("c1", channel, messages), "America/Santiago")
    return {one.day.isoformat(): (one.windows, one.received, one.inside, one.templates) for one in rows}


def test_messages_are_counted_by_day_within_and_outside_the_window() -> None:
    found = counted(
        said(0 * DAY, "citizen"),  # opens a window
        said(MINUTE, "assistant"),
        said(MINUTE, "system"),  # of the same turn: one message
        said(2 * MINUTE, "citizen"),
        said(HOUR, "staff", name="Ana"),
        said(HOUR, "staff", name="Ana"),  # a person's messages go out one by one
        said(20 * HOUR, "citizen"),  # the next day in Santiago; prolongs the window
        said(30 * HOUR, "system"),  # still within it
        said(44 * HOUR - 30 * timedelta(seconds=1), "staff", name="Ana"),  # in the last minute a template is used
        said(3 * DAY, "staff", name="Ana"),
        said(3 * DAY, "system", **TEMPLATE),  # a broadcast
        said(3 * DAY, "system"),  # may not be sent
        said(3 * DAY + HOUR, "system", **TEMPLATE, delivery={"state": "failed", "reason": "opted_out"}),
        said(3 * DAY + HOUR, "citizen"),  # opens another window
    )
    assert found == {
        "2026-11-02": (1, 2, 3, 0),
        "2026-11-03": (0, 1, 1, 0),
        "2026-11-04": (0, 0, 0, 1),
        "2026-11-05": (1, 1, 0, 2),
    }


def test_citizen_who_never_wrote_gets_templates_only() -> None:
    assert counted(said(0 * DAY, "system", **TEMPLATE), said(MINUTE, "assistant")) == {"2026-11-02": (0, 0, 0, 1)}


@pytest.mark.parametrize("channel", ["web", "telegram", "of-a-later-release"])
def test_channel_without_reply_window_has_none(channel: str) -> None:
    assert counted(said(0 * DAY, "citizen"), channel=channel) == {}


OCTOBER, NOVEMBER = Period(date(2026, 10, 1), date(2026, 11, 1)), Period(date(2026, 11, 1), date(2026, 12, 1))
LISTS = (
    PriceList(date(2026, 10, 1), provider=0.005, service=0.02, free=1000, template=0.03),
    PriceList(date(2026, 11, 15), provider=0.01, service=0.04, free=1000, template=0.06),
)
PRICES = Prices("USD", "utilidad", LISTS)
DAYS = [
    DaySent(date(2026, 10, 30), received=500, inside=900, templates=10),
    DaySent(date(2026, 10, 31), received=100, inside=300, templates=0),
    DaySent(date(2026, 11, 2), received=700, inside=950, templates=20),
    DaySent(date(2026, 11, 16), received=100, inside=150, templates=5),
]


def test_cost_is_what_was_counted_by_hand() -> None:
    # October: 1,810 messages; 1,200 within windows, of which 200 are not free; 10 templates.
    october = cost_of(DAYS, OCTOBER, PRICES)
    assert october == Cost(
        "USD",
        "utilidad",
        messages=1810,
        provider=pytest.approx(9.05),
        inside=1200,
        charged=200,
        service=pytest.approx(4.0),
        templates=10,
        template=pytest.approx(0.3),
    )
    assert october.total == pytest.approx(13.35)
    # November: 1,670 messages at 0.005, 255 at 0.01; 100 of 1,100 to pay, at 0.04; 20 templates at 0.03, 5 at 0.06.
    november = cost_of(DAYS, NOVEMBER, PRICES)
    assert november and (november.charged, november.total) == (100, pytest.approx(8.35 + 2.55 + 4 + 0.6 + 0.3))


def test_free_messages_are_used_up_from_the_start_of_the_month() -> None:
    last_day = Period(date(2026, 10, 31), date(2026, 11, 1))
    assert first_day(last_day) == date(2026, 10, 1)
    found = cost_of(DAYS, last_day, PRICES)
    assert found and (found.inside, found.charged) == (300, 200)


def test_cost_is_not_guessed() -> None:
    assert cost_of(DAYS, OCTOBER, None) is None
    assert cost_of([], OCTOBER, PRICES) is None
    later = Prices("USD", "utilidad", LISTS[1:])
    assert cost_of(DAYS, NOVEMBER, later) is None
    assert cost_of(DAYS, Period(date(2026, 11, 15), date(2026, 12, 1)), later) is not None


def test_money_has_cents_unless_it_is_pesos() -> None:
    assert (money(1234.5, "USD"), money(1234.5, "CLP")) == ("1.234,50\u00a0USD", "1.234\u00a0CLP")


PRICE = {
    "desde": date(2026, 10, 1),
    "moneda": "USD",
    "proveedor": 0.005,
    "servicio": 0.02,
    "servicio_gratis": 1000,
    "plantillas": {"utilidad": 0.03, "marketing": 0.09},
}


def test_prices_are_read_from_the_agency_file(tmp_path: Path) -> None:
    later = PRICE | {"desde": date(2027, 1, 1), "proveedor": 0.006}
    settings = {"categoria": "marketing", "precios": [later, PRICE]}
    prices = load_agency(changed(tmp_path, whatsapp=settings)).whatsapp_prices
    assert prices and (prices.currency, prices.category) == ("USD", "marketing")
    assert [(one.since.year, one.provider, one.template) for one in prices.lists] == [
        (2026, 0.005, 0.09),
        (2027, 0.006, 0.09),
    ]
    assert prices.on(date(2026, 9, 30)) is None
    assert load_agency(changed(tmp_path)).whatsapp_prices is None


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"precios": [PRICE]}, "falta whatsapp.categoria"),
        ({"categoria": "autenticacion", "precios": [PRICE]}, "falta el precio de la plantilla «autenticacion»"),
        ({"categoria": "utilidad", "precios": [PRICE, PRICE]}, "el mismo «desde»"),
        (
            {"categoria": "utilidad", "precios": [PRICE, PRICE | {"desde": date(2027, 1, 1), "moneda": "CLP"}]},
            "una sola moneda",
        ),
        ({"categoria": "utilidad", "precios": [PRICE | {"proveedor": -1}]}, "proveedor"),
    ],
)
def test_wrong_prices_are_refused(tmp_path: Path, settings: dict[str, Any], problem: str) -> None:
    with pytest.raises(InvalidAgency, match=problem):
        load_agency(changed(tmp_path, whatsapp=settings))
