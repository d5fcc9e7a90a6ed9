"""Tests the measures of a notice: published, proved, lifted one by one, in the report; and their effect on citizens."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest_asyncio
from aiohttp import test_utils, web
from redis.asyncio import Redis
from sqlalchemy import select

from bot.agency.model import Agency
from bot.core.messages import Author, Channel, CitizenMessage, Handoff, HandoffReason, Provenance
from bot.core.network import ActionsEndpoint
from bot.core.payload import Payload
from bot.core.settings import ROOT
from bot.desk.crisis.packs import packs
from bot.desk.pages.notices.measures import TEXT
from bot.desk.pages.notices.page import PATH
from bot.desk.pages.notices.report_page import PATH as REPORT
from bot.desk.queries.canned import Canned, CannedReplies
from bot.handoff.hours import ServiceHours
from bot.public_notices.board import NoticeBoard
from bot.public_notices.kept import KeptNotices
from bot.public_notices.measures import Kind, Measure
from bot.public_notices.notice import NoticeSet
from bot.public_notices.recorded import measures_in
from bot.record.engine import Sessions
from bot.record.tables import Audit, Staff
from bot.tickets.tickets import Tickets
from bot.turns.answers import Answers
from tests.desk_world import DeskWorld
from tests.integration.notices_desk import FORM, JUAN, ROSA, TOKEN, follower, newest, two_supervisors
from tests.integration.worker_process import AGENCY
from tests.integration.working import through_kills, until_idle, working
from tests.no_record import mailbox_of
from tests.notices import public_notice

PACK = "temporal"
ROOF, TREE = "canned:temporal-techo", "canned:temporal-arbol"
WORD = Measure(Kind.OVERLOAD, value="Hay mucha gente.")
CALL, FIRST = Measure(Kind.CALL_BACK), Measure(Kind.FIRST_WORDS, value="diálisis")
CONSENT = AGENCY.say("llamada_acepto")


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    async with two_supervisors(redis, database, agency) as made:
        yield made


async def post(browser: httpx.AsyncClient, fields: dict[str, str], *measures: str) -> int:
    token = TOKEN.search((await browser.get(PATH)).text)
    assert token
    return (await browser.post(PATH, data={"csrf": token[1], **fields, "medida": list(measures)})).status_code


async def published(world: DeskWorld, *measures: str, **fields: str) -> dict[str, str]:
    """Publishes a notice of the pack with these measures, and returns the form's fields that identify the notice."""
    rosa, juan = await world.sign_in(ROSA), await world.sign_in(JUAN)
    assert await post(rosa, FORM | {"paquete": PACK} | fields, *measures) == 303
    notice = await newest(world)
    named = {"id": str(notice.id), "version": str(notice.version)}
    assert await post(juan, {"que": "publicar", **named}) == 303
    return named


async def kept(world: DeskWorld) -> list[str]:
    found = await KeptNotices(world.redis).read()
    return [measure.key for one in (found.notices if found else ()) for measure in one.measures]


async def test_ticked_measures_start_with_the_notice_and_end_with_it(world: DeskWorld, redis: Redis) -> None:
    page = (await (await world.sign_in(ROSA)).get(f"{PATH}?paquete={PACK}")).text
    offered = re.findall(r'name="medida" value="([^"]+)" checked', page)
    assert [
        "overload:",
        "call_back:",
        "first_words:",
        "first_team:seguridad",
        "certainty:",
        "hours:seguridad",
        ROOF,
        TREE,
        "canned:temporal-clases",
    ] == offered
    board = NoticeBoard()
    follows = follower(redis, world.sessions, board)
    named = await published(world, "overload:", "certainty:", "no-es-una")
    assert await kept(world) == ["overload:", "certainty:"]
    await follows.look()
    assert board.effects.overload.startswith("Por el temporal hay mucha gente")
    assert board.effects.certainty == 0.9
    assert "1 de 1 proceso y 1 de 1 canal" in (await (await world.sign_in(ROSA)).get(f"{PATH}/prueba")).text
    await redis.flushall()
    await follower(redis, world.sessions, board, keeps=True).look()
    assert await kept(world) == ["overload:", "certainty:"]
    assert await post(await world.sign_in(ROSA), {"que": "terminar", **named}) == 303
    await follows.look()
    assert board.effects.overload == ""


async def test_canned_replies_come_with_the_notice_and_the_own_ones_come_back(world: DeskWorld, redis: Redis) -> None:
    await CannedReplies(world.sessions).keep(Canned("temporal-arbol", "obras", "Va la cuadrilla."))
    filled = "Nylon desde las 18:00."
    named = await published(world, ROOF, TREE, **{TEXT + ROOF: filled})
    rosa = await world.sign_in(ROSA)

    async def offered() -> dict[str, str]:
        await follower(redis, world.sessions, world.board).look()
        found = (await rosa.get("/desk/api/canned")).json()["canned"]
        return {one["shortcut"]: one["text"] for one in found if one["shortcut"].startswith("temporal-")}

    prepared = packs(ROOT / "data")[PACK].respuestas[1].texto.strip()
    assert await offered() == {"temporal-techo": filled, "temporal-arbol": prepared}
    page = (await rosa.get("/desk/guardadas")).text
    assert (filled in page, "En pausa por un aviso" in page) == (True, True)
    assert await post(rosa, {"que": "medidas", **named}, TREE) == 303
    assert await offered() == {"temporal-techo": filled, "temporal-arbol": "Va la cuadrilla."}
    assert await post(rosa, {"que": "terminar", **named}) == 303
    assert await offered() == {"temporal-arbol": "Va la cuadrilla."}
    async with world.sessions() as session:
        query = select(Staff.name, Audit.detail).join(Staff, Staff.id == Audit.staff_id)
        ((name, detail),) = await session.execute(query.where(Audit.action == "notice_published"))
    assert (name, detail["measures"]) == ("Juan", [ROOF, TREE])


async def test_canned_reply_with_a_gap_is_not_published_and_the_gap_is_named(world: DeskWorld) -> None:
    rosa, juan = await world.sign_in(ROSA), await world.sign_in(JUAN)
    assert await post(rosa, FORM | {"paquete": PACK, TEXT + ROOF: " "}, ROOF) == 422
    assert await post(rosa, FORM | {"paquete": PACK}, ROOF) == 303
    missing = "Falta completar [unidad] en /temporal-techo, [hora] en /temporal-techo."
    assert missing in (await rosa.get(PATH)).text
    notice = await newest(world)
    named = {"id": str(notice.id), "version": str(notice.version)}
    assert await post(juan, {"que": "publicar", **named}) == 422
    assert await post(rosa, FORM | named | {TEXT + ROOF: "Revisa Obras."}, ROOF) == 303
    assert await post(juan, {"que": "publicar", **named, "version": "2"}) == 303
    assert [one.value for one in measures_in(await newest(world))] == ["Revisa Obras."]


async def test_measures_are_lifted_by_list_and_the_report_shows_it(world: DeskWorld) -> None:
    named = await published(world, "overload:", "call_back:", "hours:seguridad")
    rosa = await world.sign_in(ROSA)
    assert "Medidas (3 de 3)" in (await rosa.get(PATH)).text
    assert await post(rosa, {"que": "medidas", **named}, "call_back:") == 303
    assert await kept(world) == ["overload:", "hours:seguridad"]
    page = (await rosa.get(PATH)).text
    assert "Medidas (2 de 3)" in page and "La levantó Rosa" in page
    assert await post(rosa, {"que": "medidas", **named}, "call_back:") == 422
    report = (await rosa.get(f"{REPORT}/{named['id']}")).text
    assert "Levantó medidas de un aviso · medidas: llamada" in report
    assert "Seguridad Pública: atiende todos los días 00:00-24:00" in report
    async with world.sessions() as session:
        changes = select(Audit.detail).where(Audit.action.in_(["notice_published", "notice_measures_lifted"]))
        audit = await session.scalars(changes.order_by(Audit.id))
        assert [one["measures"] for one in audit] == [["overload:", "call_back:", "hours:seguridad"], ["call_back:"]]


async def test_correction_offers_what_still_holds(world: DeskWorld) -> None:
    named = await published(world, "overload:", "call_back:")
    rosa = await world.sign_in(ROSA)
    await post(rosa, {"que": "medidas", **named}, "call_back:")
    form = (await rosa.get(PATH)).text.partition('id="form-v')[2].partition("</form>")[0]
    assert re.findall(r'name="medida" value="([^"]+)" checked', form) == ["overload:"]
    assert 'value="call_back:">' in form


async def test_correction_written_before_a_measure_was_lifted_does_not_bring_it_back(world: DeskWorld) -> None:
    named = await published(world, "overload:", "call_back:")
    rosa, juan = await world.sign_in(ROSA), await world.sign_in(JUAN)
    corrected = FORM | {"paquete": PACK, "id": named["id"], "version": named["version"], "texto": "Ya pasó lo peor."}
    assert await post(rosa, corrected, "overload:", "call_back:") == 303
    draft = await newest(world)
    assert await post(rosa, {"que": "medidas", **named}, "call_back:") == 303
    waiting = (await juan.get(PATH)).text.partition('id="h-drafts"')[2].partition('id="h-running"')[0]
    assert waiting.count("La levantó Rosa") == 1
    assert await post(juan, {"que": "publicar", "id": str(draft.id), "version": str(draft.version)}) == 303
    assert await kept(world) == ["overload:"]
    async with world.sessions() as session:
        audits = [*await session.scalars(select(Audit.detail).where(Audit.action == "notice_published"))]
    assert sorted(one["measures"] for one in audits) == [["overload:"], ["overload:", "call_back:"]]


async def test_measure_lifted_while_its_correction_was_written_stays_lifted_unless_ticked_again(
    world: DeskWorld,
) -> None:
    named = await published(world, "overload:", "call_back:")
    rosa, juan = await world.sign_in(ROSA), await world.sign_in(JUAN)
    opened = FORM | {"paquete": PACK, "id": named["id"], "version": named["version"], "texto": "Ya pasó lo peor."}
    await post(rosa, {"que": "medidas", **named}, "call_back:")
    assert await post(rosa, opened, "overload:", "call_back:") == 303  # from a page that she opened before
    draft = await newest(world)
    assert (list(draft.lifted), len(draft.measures)) == (["call_back:"], 2)
    form = (await rosa.get(PATH)).text.partition(f'id="form-b{draft.id}"')[2].partition("</form>")[0]
    assert '<input type="hidden" name="levantada" value="call_back:">' in form
    edited = opened | {"id": str(draft.id), "version": str(draft.version), "levantada": "call_back:"}
    assert await post(rosa, edited, "overload:", "call_back:") == 303
    draft = await newest(world)
    await post(juan, {"que": "publicar", "id": str(draft.id), "version": str(draft.version)})
    assert await kept(world) == ["overload:", "call_back:"]


async def test_drill_is_proved_but_changes_nothing_for_citizens(world: DeskWorld, redis: Redis) -> None:
    board = NoticeBoard()
    follows = follower(redis, world.sessions, board)
    await follows.look()
    named = await published(world, "overload:", "call_back:", simulacro="1")
    await follows.look()
    assert (await kept(world), board.effects.calls_back) == (["overload:", "call_back:"], False)
    rosa = await world.sign_in(ROSA)
    page = (await rosa.get(PATH)).text
    assert "PRUEBA · A quien pide una persona se le ofrece una llamada" in page
    assert "1 de 1 proceso" in (await rosa.get(f"{PATH}/prueba")).text
    assert "Simulacro: no tuvo efecto." in (await rosa.get(f"{REPORT}/{named['id']}")).text
    async with working(redis, board=board, debounce_ms=0):
        await say(redis, "ana", "persona")
        await until_idle(redis)
    assert (await told(redis, "ana"))[-1] == "lugar 1"


async def say(redis: Redis, conversation: str, text: str) -> None:
    number = await redis.incr("test:number")
    await mailbox_of(redis).accept(CitizenMessage(conversation, Channel.WEB, f"m{number}", text, at=number))


async def told(redis: Redis, conversation: str) -> list[str]:
    events = await mailbox_of(redis).events(conversation)
    said = [one for one in events if one.kind == "message" and one.author is not Author.CITIZEN]
    return [one.text.split("\n")[0] for one in said]


def board_of(*measures: Measure) -> NoticeBoard:
    return NoticeBoard(NoticeSet.of([public_notice(measures=measures)]))


@asynccontextmanager
async def answering(answer: Callable[[web.Request], Awaitable[web.Response]]) -> AsyncIterator[Answers]:
    """Yields a client of an action server that handles ``POST /answer`` with ``answer``."""
    app = web.Application()
    app.router.add_post("/answer", answer)
    async with test_utils.TestServer(app) as server:
        answers = Answers(ActionsEndpoint(str(server.make_url("/")).rstrip("/")))
        try:
            yield answers
        finally:
            await answers.close()


async def test_call_back_is_asked_in_place_of_the_queue_and_no_keeps_the_place(redis: Redis) -> None:
    await redis.set("v:restored", 1)
    async with working(redis, board=board_of(WORD, CALL, FIRST), debounce_ms=0):
        await say(redis, "ana", "persona")
        await until_idle(redis)
        state = await mailbox_of(redis).state("ana")
        assert state.buttons[0].title == CONSENT
        assert WORD.value in await told(redis, "ana")
        assert not [one for one in await told(redis, "ana") if one.startswith("lugar")]
        (ticket,) = await Tickets(redis).waiting()
        await say(redis, "ana", "no gracias")
        await until_idle(redis)
    assert [one.id for one in await Tickets(redis).waiting()] == [ticket.id]
    assert not (await mailbox_of(redis).state("ana")).form


async def test_citizen_to_attend_first_gets_the_queue_and_a_high_priority(redis: Redis) -> None:
    await redis.set("v:restored", 1)

    async def answer(request: web.Request) -> web.Response:
        handed = Payload("Te dejo con alguien.", handoff=Handoff(HandoffReason.LOW_CONFIDENCE))
        return web.json_response({"said": [handed.to_data()], "command": ""})

    async with answering(answer) as answers:
        async with working(redis, board=board_of(CALL, FIRST), debounce_ms=0, answers=answers):
            await say(redis, "eva", "no sale agua")
            await until_idle(redis)
            await say(redis, "ana", "mi mamá está con dialisis")
            await until_idle(redis)
    first, second = await Tickets(redis).waiting()
    assert [(one.conversation, one.priority) for one in (first, second)] == [("ana", "high"), ("eva", "normal")]
    assert [bool((await mailbox_of(redis).state(name)).form) for name in ("ana", "eva")] == [False, True]


async def test_citizen_who_writes_such_words_while_waiting_goes_first_and_is_notified_once(redis: Redis) -> None:
    await redis.set("v:restored", 1)
    async with working(redis, board=board_of(FIRST), debounce_ms=0):
        for citizen in ("eva", "ana"):
            await say(redis, citizen, "persona")
            await until_idle(redis)
        before = {one.conversation: one.reason for one in await Tickets(redis).waiting()}
        for _ in range(2):
            await say(redis, "ana", "mi mamá está con diálisis")
            await until_idle(redis)
    waiting = await Tickets(redis).waiting()
    assert [(one.conversation, one.priority) for one in waiting] == [("ana", "high"), ("eva", "normal")]
    assert {one.conversation: one.reason for one in waiting} == before
    words = AGENCY.say("va_antes", posicion=1)
    assert [one for one in await told(redis, "ana") if one == words] == [words]
    kinds = [one.kind for one in await mailbox_of(redis).events("ana", staff=True)]
    assert kinds.count("ticket_put_first") == 1


async def test_citizen_who_writes_such_words_in_the_call_back_dialogue_leaves_it_and_goes_first(redis: Redis) -> None:
    await redis.set("v:restored", 1)
    async with working(redis, board=board_of(CALL, FIRST), debounce_ms=0):
        await say(redis, "ana", "persona")
        await until_idle(redis)
        assert (await mailbox_of(redis).state("ana")).form
        await say(redis, "ana", "mi mamá está con diálisis")
        await until_idle(redis)
    (ticket,) = await Tickets(redis).waiting()
    state = await mailbox_of(redis).state("ana")
    assert (ticket.priority, state.form, state.buttons) == ("high", "", ())
    assert (await told(redis, "ana"))[-2:] == [AGENCY.say("va_antes", posicion=1), AGENCY.say("llamada_sobra")]


async def test_more_caution_is_asked_of_the_action_server_and_withdrawn_answers_are_not_sent(redis: Redis) -> None:
    asked: list[dict[str, Any]] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append((await request.json())["metadata"])
        proof = Provenance("poda", "v1", "¿Podan?", 0.97)
        return web.json_response({"said": [Payload("Se poda siempre.", provenance=proof).to_data()], "command": ""})

    measures = (Measure(Kind.CERTAINTY, value="95"), Measure(Kind.WITHDRAWN, "poda"))
    async with answering(answer) as answers:
        for board in (board_of(*measures), NoticeBoard()):
            async with working(redis, board=board, debounce_ms=0, answers=answers):
                await say(redis, "ana", "¿podan?")
                await until_idle(redis)
    assert [one.get("certainty") for one in asked] == [0.95, None]
    assert (await told(redis, "ana"))[1:] == [AGENCY.say("respuesta_retirada").strip(), "Se poda siempre."]


async def test_killed_workers_ask_for_a_call_back_once(redis: Redis, redis_url: str) -> None:
    await redis.set("v:restored", 1)
    await KeptNotices(redis).write(board_of(WORD, CALL).known, 0)
    citizens = [f"c{number}" for number in range(8)]

    async def everybody_asks() -> None:
        for one in citizens:
            await say(redis, one, "persona")

    await through_kills(redis, redis_url, citizens, [everybody_asks])
    said = {one: await told(redis, one) for one in citizens}
    assert {words.count(WORD.value) for words in said.values()} == {1}
    assert {len(words) for words in said.values()} == {4}  # greeting, Rasa's word, the overload, the question
    assert sorted(one.conversation for one in await Tickets(redis).waiting()) == citizens


async def test_team_of_the_crisis_is_open_in_every_process_that_follows(world: DeskWorld, redis: Redis) -> None:
    board = NoticeBoard()
    hours = ServiceHours(world.agency, board).of("seguridad")
    named = await published(world, "hours:seguridad")
    await follower(redis, world.sessions, board).look()
    (notice,) = board.running
    start, end = (datetime.fromtimestamp(ms / 1000, UTC) for ms in (notice.starts_at, notice.ends_at))
    assert all(hours.is_open(start + (end - start) * part / 10) for part in range(10))
    usual = ServiceHours(world.agency).of("seguridad")
    assert [hours.is_open(end + timedelta(hours=n)) for n in range(24)] == [
        usual.is_open(end + timedelta(hours=n)) for n in range(24)
    ]
    assert await post(await world.sign_in(ROSA), {"que": "terminar", **named}) == 303
