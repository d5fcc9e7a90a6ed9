"""Tests a public notice: its period, its texts, the file on the machine, the packs, and the proof."""

from __future__ import annotations

import asyncio
import json
import os
import time
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from bot.app.public_notices import shows
from bot.channels.formatting.markdown_spans import markdown_spans
from bot.channels.formatting.markup import plain_text
from bot.channels.web.connections.open_connections import OpenConnections
from bot.channels.web.notices.api import LATER_MS, Streams, notices_router
from bot.channels.web.notices.shown import shown_notice
from bot.core.channels import traits_of
from bot.core.messages import Channel
from bot.core.network import ActionsEndpoint
from bot.core.texts import say
from bot.desk.auth.guard import Refused
from bot.desk.crisis.form import NoticeForm, plain_of
from bot.desk.crisis.gaps import gaps_in
from bot.desk.crisis.packs import packs
from bot.desk.pages.notices.view import NoticeViews
from bot.public_notices.board import NoticeBoard
from bot.public_notices.kept import Reader
from bot.public_notices.last_resort import MAX_CHARACTERS, notice_on_disk
from bot.public_notices.notice import NoticeSet, Severity
from bot.public_notices.proof import proof_of
from bot.public_notices.words import banner, reply_of
from bot.turns.notices.matter import NoticeMatter
from tests.conftest import ROOT
from tests.desk_world import served
from tests.dripping import dripping
from tests.faq_files import agency
from tests.notices import HOUR_MS, public_notice

PACKS = ("corte-de-agua", "estafa", "incendio", "sismo", "sistema-caido", "temporal")


def test_set_is_read_back_as_it_was_written() -> None:
    notices = NoticeSet.of([public_notice("1.1", sectors=("Centro",), utterances=("no sale agua",), drill=True)])
    assert NoticeSet.from_json(notices.to_json()) == notices
    assert NoticeSet.from_json(notices.to_json()).version == notices.version != NoticeSet().version


def test_gravest_notice_is_first_and_only_running_ones_are_shown() -> None:
    now = int(time.time() * 1000) + 1
    later = public_notice("3.1", starts_at=now + HOUR_MS // 2, ends_at=now + 2 * HOUR_MS)
    over = public_notice("4.1", starts_at=now - 2 * HOUR_MS, ends_at=now - HOUR_MS)
    notices = NoticeSet.of([public_notice("1.1"), public_notice("2.1", severity=Severity.GRAVE), later, over])
    assert [one.id for one in notices.at(now)] == ["2.1", "1.1"]
    assert notices.next_change(now) == later.starts_at


async def test_board_shows_when_a_notice_ends_by_itself() -> None:
    board, seen = NoticeBoard(NoticeSet.of([public_notice(ends_at=int(time.time() * 1000) + 1500)])), []

    async def watch() -> None:
        async for running in board.changes():
            seen.append([one.id for one in running])
            if not running:
                return

    async with asyncio.timeout(30):
        await watch()
    assert seen == [["1.1"], []]


@pytest.mark.parametrize(
    "text",
    ["Llama al *131*", "1. no es lista\n2. tampoco", "# ni título\n- ni punto", "a_b_c [x](y) <b>", "uno\n\ndos"],
)
def test_message_shows_the_text_as_it_was_written(text: str) -> None:
    told = plain_text(markdown_spans(reply_of(public_notice(text=text), agency()).text)).replace("\u200b", "")
    assert text in told


def test_numbers_of_a_banner_can_be_called() -> None:
    text = "Llama al 600 123 4567. Si hay peligro, llama al 131.\nSon 1.250 casas."
    shown = shown_notice(public_notice(text=text), agency())
    assert "".join(one.text for one in shown.parts) == text
    assert [(one.text, one.call) for one in shown.parts if one.call] == [("600 123 4567", "6001234567"), ("131", "131")]
    assert shown.to_data()["parts"][1] == {"text": "600 123 4567", "call": "6001234567"}


def test_longest_notice_fits_in_one_message_of_whatsapp() -> None:
    longest = public_notice(text="a" * MAX_CHARACTERS, sectors=("b" * 60,) * 3, signed="c" * 80)
    assert len(plain_text(markdown_spans(reply_of(longest, agency()).text))) <= 1600


def test_drill_is_announced_first() -> None:
    drill = public_notice(drill=True)
    assert banner(drill, agency()).title == "PRUEBA · Aviso importante"
    assert reply_of(drill, agency()).text.startswith("**PRUEBA · ")
    assert reply_of(drill, agency()).drill


def test_newest_file_on_the_machine_is_a_notice_for_a_day(tmp_path: Path) -> None:
    folder = tmp_path / "avisos"
    assert notice_on_disk(tmp_path, "X") is None
    folder.mkdir()
    for name, text, age_s in (("a.md", "viejo", 100), ("b.md", "  nuevo  ", 50), ("c.txt", "otro", 1)):
        (folder / name).write_text(text, encoding="utf-8")
        os.utime(folder / name, (time.time() - age_s, time.time() - age_s))
    found = notice_on_disk(tmp_path, "La Municipalidad")
    assert found is not None
    assert (found.text, found.signed, found.severity) == ("nuevo", "La Municipalidad", Severity.GRAVE)
    assert (found.runs_at(found.starts_at), found.runs_at(found.starts_at + 24 * HOUR_MS)) == (True, False)
    (folder / "b.md").write_bytes(b"\xff\xfe" + b"x" * 50_000)
    again = notice_on_disk(tmp_path, "La Municipalidad")
    assert again is not None and len(again.text) <= MAX_CHARACTERS


def test_packs_have_gaps_utterances_replies_and_a_checklist() -> None:
    found = packs(ROOT / "data")
    assert tuple(found) == PACKS
    for pack in found.values():
        form = {"texto": pack.aviso, "gravedad": pack.gravedad, "firma": "X", "horas": str(pack.horas)}
        assert gaps_in(NoticeForm.from_posted(form, "America/Santiago").text)
        assert len(pack.sobre) >= 10
        assert pack.respuestas and len(pack.lista) >= 5


@pytest.mark.parametrize("start", ["9999-12-31T23:59", "2026-13-01T00:00", "mañana"])
def test_start_that_cannot_be_is_refused_with_words(start: str) -> None:
    form = {"texto": "No hay agua.", "gravedad": "grave", "firma": "X", "horas": "4", "desde": start}
    with pytest.raises(Refused) as refused:
        NoticeForm.from_posted(form, "America/Santiago")
    assert refused.value.message == say("avisos.problemas.desde_malo")


def test_proof_needs_every_process_and_every_channel() -> None:
    notices = NoticeSet.of([public_notice()])
    web, worker = Reader("web", ("web",), notices.version, 1400), Reader("worker", ("telegram",), "old", 100)
    proof = proof_of(notices, {"1": web, "2": worker, "3": None}, ("web", "telegram"), 1000)
    assert (proof.shown, proof.behind, proof.silent, proof.channels) == (("web",), ("worker",), 1, ("web",))
    assert (proof.took_ms, proof.is_complete) == (None, False)
    caught_up = Reader("worker", ("telegram",), notices.version, 1800)
    proof = proof_of(notices, {"1": web, "2": caught_up}, ("web", "telegram"), 1000)
    assert (proof.took_ms, proof.is_complete, proof.processes) == (800, True, 2)
    assert (
        NoticeViews(agency()).proof(proof).line
        == "2 de 2 procesos y 2 de 2 canales muestran esto, 0,8 s después del cambio"
    )
    assert not NoticeViews(agency()).proof(None).complete


async def test_stream_sends_the_running_notices_and_every_change() -> None:
    board, app = NoticeBoard(), FastAPI()
    app.include_router(notices_router(board, agency()))
    async with served(app) as url, httpx.AsyncClient(timeout=30) as client:
        async with client.stream("GET", f"{url}/api/chat/notices") as answer:
            lines = (line async for line in answer.aiter_lines() if line.startswith("data:"))
            assert json.loads((await anext(lines)).removeprefix("data:")) == []
            board.show(NoticeSet.of([public_notice(text="Sin agua.")]))
            (shown,) = json.loads((await anext(lines)).removeprefix("data:"))
    assert (shown["title"], shown["text"], shown["severity"]) == ("Aviso importante", "Sin agua.", "important")


@pytest.mark.parametrize("channel", list(Channel))
def test_each_channel_shows_title_text_and_signature_in_one_message(channel: Channel) -> None:
    notice = public_notice(text="Sin agua & luz.\nLlama al +56 2 2555 0100 o al 131.", sectors=("El Ñandú", "Centro"))
    assert shows(channel, notice, agency=agency())
    assert shows(channel, replace(notice, text="a" * 9000), agency=agency()) == (not traits_of(channel).text_limit)


async def test_stream_beyond_the_limit_ends_after_the_notices_of_the_moment() -> None:
    streams = Streams(NoticeBoard(NoticeSet.of([public_notice()])), agency(), most=1)
    first = streams.follow("203.0.113.7")
    await anext(first)
    assert [event.retry async for event in streams.follow("203.0.113.8")] == [LATER_MS]
    await first.aclose()
    assert (await anext(streams.follow("203.0.113.8"))).retry != LATER_MS


async def test_streams_of_one_network_are_limited() -> None:
    streams = Streams(NoticeBoard(NoticeSet.of([public_notice()])), agency())
    streams._by_address = OpenConnections(1)
    first = streams.follow("203.0.113.7")
    await anext(first)
    assert [event.retry async for event in streams.follow("203.0.113.7")] == [LATER_MS]
    others = streams.follow("203.0.113.8")
    assert (await anext(others)).retry != LATER_MS
    await first.aclose()
    assert (await anext(streams.follow("203.0.113.7"))).retry != LATER_MS


async def test_action_server_that_answers_byte_by_byte_is_late(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.turns.notices.matter.TIMEOUT_S", 0.5)
    async with dripping() as url:
        matter = NoticeMatter(NoticeBoard(), ActionsEndpoint(url))
        assert not await matter.prepare(NoticeSet.of([public_notice("1.1", utterances=("no sale agua",))]))
        await matter.close()


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("**No vengas** al teatro.", "No vengas al teatro."),
        ("Llama al ***4141** o al **131**.", "Llama al *4141 o al 131."),
        ("Mira [la cartelera](https://t.example/c).", "Mira la cartelera: https://t.example/c."),
        ("2 ** 3 y [completar: hora] (hoy)", "2 ** 3 y [completar: hora] (hoy)"),
    ],
)
def test_notice_shows_no_marks_of_markdown(written: str, shown: str) -> None:
    assert plain_of(written) == shown
