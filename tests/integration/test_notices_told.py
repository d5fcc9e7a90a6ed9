"""Tests how citizens get public notices: once, before an answer, while they wait, also when workers are killed."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from redis.asyncio import Redis
from sqlalchemy import cast, update
from sqlalchemy.dialects.postgresql import JSONB

from bot.app.public_notices import PublicNotices
from bot.app.role import Role
from bot.conversation.change import Change
from bot.core.messages import (
    Author,
    Channel,
    CitizenMessage,
    Handoff,
    HandoffReason,
    Provenance,
    RecognizedDanger,
    Reply,
    Speaker,
)
from bot.core.network import ActionsEndpoint
from bot.core.settings import Settings
from bot.public_notices.board import NoticeBoard
from bot.public_notices.kept import KeptNotices
from bot.public_notices.notice import NoticeSet
from bot.record.engine import Sessions
from bot.record.recovery import Recovery
from bot.record.tables import Conversation, Message
from bot.tickets.outbox import Outbox
from bot.tickets.tickets import Tickets
from bot.turns.notices.action_server import ActionServer
from bot.turns.notices.inserter import NoticeInserter
from bot.turns.notices.matter import NoticeMatter
from bot.turns.notices.waiting import WaitingCitizens
from bot.turns.outcome import Decision, Turn
from tests.eventually import eventually
from tests.integration.worker_process import AGENCY
from tests.integration.working import through_kills, until_idle, working
from tests.no_record import mailbox_of
from tests.notices import public_notice
from tests.recording import recording, until_recorded

CUT = public_notice(utterances=("no me sale ni una gota",), sectors=("Centro",))
BOARD = NoticeBoard(NoticeSet.of((CUT,)))


async def say(
    redis: Redis, conversation: str, text: str, channel: Channel = Channel.TELEGRAM, *, address: str = ""
) -> None:
    number = await redis.incr("test:number")
    message = CitizenMessage(conversation, channel, f"m{number}", text, at=number)
    await mailbox_of(redis).accept(message, address=address)


async def told(redis: Redis, conversation: str) -> list[str]:
    """Returns "notice" or the beginning of the text for each message to the citizen."""
    events = await mailbox_of(redis).events(conversation)
    said = [one for one in events if one.kind == "message" and one.author is not Author.CITIZEN]
    return ["notice" if one.message.notice else one.text.split("\n")[0][:12] for one in said]


async def test_notice_comes_once_after_the_greeting_and_before_the_answer(redis: Redis) -> None:
    async with working(redis, board=BOARD, debounce_ms=0):
        await say(redis, "ana", "hola señora")
        await until_idle(redis)
        await say(redis, "ana", "otra reparación")
        await until_idle(redis)
    first, *rest = await told(redis, "ana")
    assert first == AGENCY.say("bienvenida").split("\n")[0][:12]
    assert rest == ["notice", "re: hola señ", "re: otra rep"]
    notice = next(one for one in await mailbox_of(redis).events("ana") if one.message.notice)
    parts = notice.text.split("\n\n")
    assert parts[:3] == ["**Aviso importante**", "No hay agua en el centro.", "Sectores: Centro."]
    assert re.fullmatch(r"_La Municipalidad, \d\d:\d\d_", parts[3])


@pytest.mark.parametrize(("reason", "again"), [("window_closed", True), ("unknown", False)])
async def test_notice_that_did_not_arrive_comes_before_the_next_answer(redis: Redis, reason: str, again: bool) -> None:
    outbox = Outbox(redis)
    async with working(redis, board=BOARD, debounce_ms=0):
        await say(redis, "ana", "hola señora", address="sealed")
        await until_idle(redis)
        while unsent := await outbox.oldest("ana"):
            assert await outbox.give_up(conversation="ana", event=unsent.event.id, reason=reason, count=1) == 1
        await say(redis, "ana", "otra reparación")
        await until_idle(redis)
    assert (await told(redis, "ana"))[1:] == ["notice", "re: hola señ", *["notice"] * again, "re: otra rep"]


async def test_web_shows_a_banner_instead(redis: Redis) -> None:
    async with working(redis, board=BOARD, debounce_ms=0):
        await say(redis, "ana", "hola señora", Channel.WEB)
        await until_idle(redis)
    assert "notice" not in await told(redis, "ana")


async def test_emergency_comes_alone_and_the_notice_later(redis: Redis) -> None:
    async with working(redis, board=BOARD, debounce_ms=0):
        await say(redis, "ana", "se está quemando mi casa")
        await until_idle(redis)
    assert "notice" not in await told(redis, "ana")
    assert (await mailbox_of(redis).state("ana")).sent_notices == frozenset()


async def test_possible_danger_stays_before_the_notice(redis: Redis) -> None:
    async def possible(_text: str) -> RecognizedDanger:
        return RecognizedDanger("gas", sure=False)

    about = matter(CUT.id)
    async with working(redis, board=BOARD, debounce_ms=0, judge=possible, about=about):
        await say(redis, "ana", "no me sale ni una gota")
        await until_idle(redis)
    events = [one for one in await mailbox_of(redis).events("ana") if one.author is not Author.CITIZEN]
    assert [bool(one.message.danger) for one in events[1:]] == [True, False]
    assert events[-1].message.notice == CUT.id


def matter(found: str) -> NoticeMatter:
    answer = httpx.MockTransport(lambda _request: httpx.Response(200, json={"about": found}))
    return NoticeMatter(BOARD, ActionsEndpoint("http://actions"), transport=answer)


@pytest.mark.parametrize("channel", [Channel.WEB, Channel.TELEGRAM])
async def test_message_about_the_matter_is_answered_with_the_notice(redis: Redis, channel: Channel) -> None:
    async with working(redis, board=BOARD, debounce_ms=0, about=matter(CUT.id)):
        for _ in range(2):
            await say(redis, "ana", "no me sale ni una gota", channel)
            await until_idle(redis)
    assert (await told(redis, "ana"))[1:] == ["notice", "notice"]
    assert [one.payload for one in (await mailbox_of(redis).state("ana")).buttons] == ["/ask_human"]


async def test_waiting_citizen_gets_the_notice_without_asking_and_only_once(redis: Redis) -> None:
    inbox = mailbox_of(redis)
    for name, channel in (("ana", Channel.TELEGRAM), ("eva", Channel.WEB)):
        await say(redis, name, "persona", channel)
        handoff = Handoff(HandoffReason.ASKED_HUMAN, team="atencion")
        (message,) = await inbox.pending(name)
        await redis.set("v:restored", 1)
        await inbox.commit([message], (), speaker=Speaker.ASSISTANT, change=Change(), handoff=handoff)
    board = NoticeBoard(NoticeSet.of((CUT,)))
    tasks = [asyncio.create_task(WaitingCitizens(redis, Tickets(redis), board, AGENCY).run()) for _ in range(2)]

    async def ana_knows() -> bool:
        return "notice" in await told(redis, "ana")

    await eventually(ana_knows)
    board.show(NoticeSet.of((CUT, public_notice("2.1"))))

    async def ana_knows_both() -> bool:
        return len(await told(redis, "ana")) == 2

    await eventually(ana_knows_both)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert (await told(redis, "ana"), await told(redis, "eva")) == (["notice", "notice"], [])


async def test_killed_workers_neither_repeat_nor_forget_a_notice(redis: Redis, redis_url: str) -> None:
    await KeptNotices(redis).write(NoticeSet.of((CUT,)), 0)
    citizens = [f"c{number}" for number in range(8)]

    async def everybody_writes() -> None:
        for one in citizens:
            await say(redis, one, "una reparación")

    await through_kills(redis, redis_url, citizens, [everybody_writes])
    said = {one: await told(redis, one) for one in citizens}
    assert {tuple(words[1:]) for words in said.values()} == {("notice", "re: una repa")}


async def test_citizen_without_a_recorded_notice_gets_it_again_after_a_loss_of_redis(
    redis: Redis, database: Sessions
) -> None:
    async with recording(redis, database), working(redis, board=BOARD, debounce_ms=0):
        await redis.set("v:restored", 1)
        await say(redis, "ana", "hola señora")
        await until_idle(redis)
        await until_recorded(redis)
    await redis.flushall()
    await Recovery(redis, database).run()
    assert (await mailbox_of(redis).state("ana")).sent_notices == set()


@pytest.mark.parametrize(("reason", "kept"), [("", {CUT.id}), ("unknown", {CUT.id}), ("window_closed", set())])
async def test_recipients_of_the_notice_are_restored_in_redis(
    redis: Redis, database: Sessions, reason: str, kept: set[str]
) -> None:
    async with recording(redis, database), working(redis, board=BOARD, debounce_ms=0):
        await redis.set("v:restored", 1)
        await say(redis, "ana", "hola señora")
        await until_idle(redis)
        await until_recorded(redis)
    failed = {"delivery": {"state": "failed", "reason": reason}} if reason else {}
    async with database.begin() as session:
        await session.execute(update(Conversation).values(known={"idioma": "ht"}))
        await session.execute(update(Message).values(data=Message.data.op("||")(cast(failed, JSONB))))
    await redis.flushall()
    await Recovery(redis, database).run()
    assert (await mailbox_of(redis).state("ana")).sent_notices == kept


@pytest.mark.parametrize(("status", "known"), [(200, True), (500, False)])
async def test_worker_reports_whether_the_action_server_has_the_notices(redis: Redis, status: int, known: bool) -> None:
    answer = httpx.MockTransport(lambda _request: httpx.Response(status, json={"about": ""}))
    kept = KeptNotices(redis)
    server = ActionServer(NoticeMatter(BOARD, ActionsEndpoint("http://actions"), transport=answer), kept)
    await server.prepare(BOARD.known, BOARD.known.version)
    readers = await kept.readers()
    assert [one.version for one in readers.values() if one] == ([BOARD.known.version] if known else [])


async def test_each_role_follows_the_notices_for_its_channels(redis: Redis, database: Sessions, tmp_path: Path) -> None:
    settings = Settings(VENTANILLA_HOME=tmp_path, ACTIONS_URL="")
    kept = KeptNotices(redis)
    for role in (Role.WEB, Role.WORKER):
        notices = PublicNotices.from_settings(settings, AGENCY, redis)
        await notices.work(settings, AGENCY, database, (Channel.TELEGRAM,), role).look()
    readers = [one for one in (await kept.readers()).values() if one]
    assert sorted(one.channels for one in readers) == [("telegram",), ("web",)]


async def test_notice_takes_the_place_of_an_answer_that_it_replaces(redis: Redis) -> None:
    board = NoticeBoard(NoticeSet.of((public_notice(entries=("horario",)),)))
    answer = Reply("Abierto.", provenance=Provenance("horario", "v", "¿A qué hora?", 0.9))
    other = replace(answer, provenance=Provenance("bache", "v", "¿Un hoyo?", 0.9))
    state = await mailbox_of(redis).state("ana")
    message = CitizenMessage("ana", Channel.WEB, "m", "¿está abierto?", at=0)
    inserter = NoticeInserter(AGENCY, board)
    said = inserter.first(Decision(inserter.current(Turn((answer, other))).replies), message, state)
    assert [one.notice or one.text for one in said.replies] == ["1.1", "Abierto."]
    assert said.change.sent_notices == ("1.1",)
