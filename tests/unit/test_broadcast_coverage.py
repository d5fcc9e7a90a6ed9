"""Tests the cost that the page of a broadcast shows before anything is sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bot.agency.whatsapp_prices import PriceList, Prices
from bot.agency.whatsapp_templates import Templates
from bot.desk.crisis.broadcasts import WhatsAppDay
from bot.desk.pages.notices.broadcast_page import coverage_lines
from tests.faq_files import agency

PRICES = Prices(
    "USD", "utilidad", (PriceList(date(2026, 10, 1), provider=0.01, service=0.02, free=1000, template=0.05),)
)
DAY, TODAY = WhatsAppDay(used=0, in_window=10), date(2026, 11, 28)


@pytest.mark.parametrize(
    ("answer", "today", "cost"),
    [
        ("HX" + "0" * 32, TODAY, ["5,70"]),  # 90 by template at 0.06, 10 within their window at 0.03
        ("", TODAY, ["0,30"]),  # without a template nobody outside their window is reached
        ("", date(2026, 9, 30), []),  # before the first price list
    ],
)
def test_cost_is_shown_before_anything_is_sent(answer: str, today: date, cost: list[str]) -> None:
    ours = replace(agency(), whatsapp_prices=PRICES, templates=Templates({}, {}, answer, 250))
    lines = coverage_lines(ours, {"whatsapp": 100, "telegram": 5}, DAY, today)
    assert [line.split("a lo más ")[1].split("\u00a0")[0] for line in lines if "Costo" in line] == cost


def test_cost_is_not_guessed_without_prices() -> None:
    assert not [line for line in coverage_lines(agency(), {"whatsapp": 100}, DAY, TODAY) if "Costo" in line]
