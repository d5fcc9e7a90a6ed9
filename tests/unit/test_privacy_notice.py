"""Tests that the privacy notice says what the running settings are."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.agency.model import Agency
from bot.channels.web.own_data.notice import notice_facts
from bot.core.messages import Channel

ALL = (Channel.WEB, Channel.WHATSAPP, Channel.TELEGRAM)


@pytest.mark.parametrize(("days", "words"), [(-1, "que entra en vigencia"), (0, "vigente desde")])
def test_law_is_told_as_it_is_on_the_day(agency: Agency, days: int, words: str) -> None:
    day = agency.privacy.law_since + timedelta(days=days)
    assert words in notice_facts(agency, ALL, day)["ley"]


def test_only_connected_channels_are_named(agency: Agency) -> None:
    both = notice_facts(agency, ALL, date(2027, 1, 1))
    assert all(name in both["canales"] for name in ("WhatsApp", "Twilio", "Telegram"))
    assert "transferencia internacional" in both["transferencia"]
    web = notice_facts(agency, (Channel.WEB,), date(2027, 1, 1))
    assert "Twilio" not in web["canales"] + web["transferencia"]


def test_delegate_is_named_if_there_is_one(agency: Agency) -> None:
    named = replace(agency, privacy=replace(agency.privacy, delegate_name="Eva Ley", delegate_email="eva@x.cl"))
    assert "Eva Ley, [eva@x.cl](mailto:eva@x.cl)" in notice_facts(named, ALL, date(2027, 1, 1))["delegado"]
    assert "No hay" in notice_facts(agency, ALL, date(2027, 1, 1))["delegado"]


@pytest.mark.parametrize(("hours", "words"), [(1, "una hora"), (168, "168 horas")])
def test_hours_of_the_chat_agree_with_their_number(agency: Agency, hours: int, words: str) -> None:
    assert notice_facts(replace(agency, chat_idle_hours=hours), ALL, date(2027, 1, 1))["horas_chat"] == words
