"""Tests that the privacy notice states the settings in use."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

import httpx
import pytest
from fastapi import FastAPI
from markdown_it import MarkdownIt

from bot.agency.model import Agency
from bot.channels.web.own_data.notice import notice_facts
from bot.channels.web.pages import pages_router
from bot.channels.web.site import Site
from bot.core.messages import Channel
from bot.privacy.inventory import inventory

ALL = (Channel.WEB, Channel.WHATSAPP, Channel.TELEGRAM)


@pytest.mark.parametrize(("days", "words"), [(-1, "que entra en vigencia"), (0, "vigente desde")])
def test_notice_describes_the_law_in_force_on_the_day(agency: Agency, days: int, words: str) -> None:
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


@pytest.mark.parametrize(("hours", "expected"), [(1, "24 horas"), (96, "96 horas")])
async def test_notice_states_how_long_the_chat_keeps_what_was_written_on_each_channel(
    agency: Agency, hours: int, expected: str
) -> None:
    app = FastAPI()
    app.include_router(pages_router(Site(replace(agency, chat_idle_hours=hours))))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://chat") as client:
        notice = (await client.get("/privacidad")).text
    assert f"{expected} si escribes en el sitio web y 7 días si escribes por WhatsApp o Telegram" in notice


def test_notice_names_the_map_that_a_shared_position_opens(agency: Agency) -> None:
    maps = ("https://mapas.example/?q={direccion}", "geo:0,0?q={direccion}", "")
    said = [notice_facts(replace(agency, map_template=one), ALL, date(2027, 1, 1))["mapa"] for one in maps]
    assert ["mapas.example" in said[0], "aplicación de mapas" in said[1], "ningún mapa" in said[2]] == [True] * 3


async def test_notice_states_the_data_kept_and_who_reads_it(agency: Agency) -> None:
    app = FastAPI()
    app.include_router(pages_router(Site(agency)))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://chat") as client:
        notice = (await client.get("/privacidad")).text
    rows = [markdown(row.que) for row in inventory().aviso.values()]
    assert [row for row in rows if row not in notice] == []
    assert re.search(r"{\w+}", notice) is None
    assert all(word in notice for word in ("avísame", "supervisan y administran", "bloquea la conversación por abuso"))


def markdown(text: str) -> str:
    return str(MarkdownIt("commonmark").renderInline(text))
