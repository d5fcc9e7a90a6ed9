"""Tests what the page of a broadcast says of its cost and of whom it reaches before anything is sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.agency.whatsapp_prices import PriceList, Prices
from bot.agency.whatsapp_templates import MAX_ANSWER, Templates
from bot.channels.whatsapp.render import answer_template, render
from bot.conversation.event_log_entry import event_from, event_of
from bot.desk.crisis.broadcasts import WhatsAppDay
from bot.desk.pages.notices.broadcast_page import coverage_lines
from bot.desk.pages.notices.view import NoticeViews
from bot.public_notices.words import fits_template, reply_of
from bot.record.tables import Notice
from tests.faq_files import agency
from tests.notices import public_notice

PRICES = Prices(
    "USD", "utilidad", (PriceList(date(2026, 10, 1), provider=0.01, service=0.02, free=1000, template=0.05),)
)
WITH_TEMPLATE = Templates({}, {}, "HX" + "0" * 32, 250)
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
    lines = coverage_lines(ours, {"whatsapp": 100, "telegram": 5}, DAY, today, public_notice())
    assert [line.split("a lo más ")[1].split("\u00a0")[0] for line in lines if "Costo" in line] == cost


def test_cost_is_not_guessed_without_prices() -> None:
    lines = coverage_lines(agency(), {"whatsapp": 100}, DAY, TODAY, public_notice())
    assert not [line for line in lines if "Costo" in line]


def test_notice_that_does_not_fit_the_template_costs_none_and_says_whom_it_does_not_reach() -> None:
    ours = replace(agency(), whatsapp_prices=PRICES, templates=WITH_TEMPLATE)
    long = public_notice(text="a" * MAX_ANSWER)
    lines = coverage_lines(ours, {"whatsapp": 100}, DAY, TODAY, long)
    assert [line for line in lines if "no le llega a quien no ha escrito en 24 horas" in line and "caben 900" in line]
    assert [line for line in lines if "a lo más 0,30" in line]
    row = Notice(number=1, revision=1, text=long.text, severity="grave", signed="M", sectors=[])
    row.measures, row.entries, row.lifted, row.asked_at = [], [], {}, datetime.now(UTC)
    row.author_name, row.hours = "Rosa", 4
    assert [line for line in NoticeViews(ours).card(row, None).lengths if "de 900" in line]


@given(text=st.text(st.sampled_from("aé*_ \n😀.1#-"), min_size=MAX_ANSWER - 60, max_size=MAX_ANSWER))
def test_template_carries_exactly_the_notices_that_are_said_to_fit(text: str) -> None:
    ours, notice = replace(agency(), templates=WITH_TEMPLATE), public_notice(text=text.strip() or "a")
    kept = event_of(reply_of(notice, ours, after_window=True))
    chunks = render(event_from("c1", "1-0", {**kept, "at": "1"}), ours.templates)
    carried = [answer_template(chunk, ours.templates) for chunk in chunks]
    assert (len(carried) == 1 and carried[0] is not None) == fits_template(notice, ours)
