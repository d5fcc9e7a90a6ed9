"""Tests the roll-out of a channel: who may use it, what others read, and who may change it."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime

import pytest
import pytest_asyncio
from redis.asyncio import Redis
from sqlalchemy import select

from bot.agency.model import Agency
from bot.conversation.state import ConversationState
from bot.core.event_facts import MessageFacts
from bot.core.messages import Channel, CitizenMessage, Handoff, Priority, RecognizedDanger, Reply, Speaker
from bot.record.engine import Sessions
from bot.record.tables import Audit
from bot.turns.assistant import Assistant
from bot.turns.rasa_client import Rasa
from bot.turns.rollout import Kind, Rollout, Step, percentile
from bot.turns.turns import Turns
from tests.desk_world import DeskWorld, desk_world

ADMIN, ANA = "admin@losaromos.example", "ana@losaromos.example"
NAMES = [hashlib.sha256(str(n).encode()).hexdigest()[:32] for n in range(2000)]
FORM = {"canal": "web", "paso": "share", "porcentaje": "25"}


@pytest_asyncio.fixture
async def world(redis: Redis, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, agency) as made:
        await made.hire(ADMIN, "Admin", roles=("admin",))
        await made.hire(ANA, "Ana Soto")
        yield made


async def test_every_citizen_is_let_in_by_default(redis: Redis) -> None:
    assert set((await Rollout(redis).steps()).values()) == {Step(Kind.ON)}
    assert await Rollout(redis).admits(NAMES[0], Channel.TELEGRAM)


async def test_share_lets_in_about_that_share_and_only_grows(redis: Redis) -> None:
    rollout, inside = Rollout(redis), []
    for percent in (10, 20):
        await rollout.set(Channel.WEB, Step(Kind.SHARE, percent))
        inside.append({name for name in NAMES[:300] if await rollout.admits(name, Channel.WEB)})
    assert inside[0] < inside[1]
    assert 0.17 < sum(percentile(name) < 20 for name in NAMES) / len(NAMES) < 0.23


async def test_staff_come_in_with_the_code_unless_the_channel_is_off(redis: Redis) -> None:
    rollout = Rollout(redis)
    assert not await rollout.admit_with_code(NAMES[0], "")
    await rollout.set(Channel.WEB, Step(Kind.STAFF))
    assert not await rollout.admits(NAMES[0], Channel.WEB)
    assert not await rollout.admit_with_code(NAMES[0], "prueba-0")
    assert await rollout.admit_with_code(NAMES[0], f" {(await rollout.code()).upper()} ")
    assert await rollout.admits(NAMES[0], Channel.WEB)
    await rollout.set(Channel.WEB, Step(Kind.OFF))
    assert not await rollout.admits(NAMES[0], Channel.WEB)


@pytest.mark.parametrize(("text", "answered"), [("hola", "canal_cerrado"), ("me quiero suicidar", "suicidio")])
async def test_excluded_citizen_gets_a_notice_unless_in_danger(
    redis: Redis, agency: Agency, text: str, answered: str
) -> None:
    await Rollout(redis).set(Channel.WEB, Step(Kind.OFF))
    rasa = Rasa("http://127.0.0.1:9")
    turns = Turns(agency=agency, assistant=Assistant(rasa), wait_notice=_waits, rollout=Rollout(redis))
    state = ConversationState(True, Channel.WEB, Speaker.ASSISTANT, None, True, (), 0)
    decision = await turns.take(CitizenMessage(NAMES[0], Channel.WEB, "m1", text, at=1), state)
    said = decision.replies[0].text
    expected = agency.emergencies.get(answered) or agency.say(answered, telefono=agency.phone)
    assert (said, decision.handoff is not None) == (expected, answered == "suicidio")
    await rasa.close()


async def test_reply_to_the_code_says_for_the_record_that_the_conversation_is_a_trial(
    redis: Redis, agency: Agency
) -> None:
    rasa, rollout = Rasa("http://127.0.0.1:9"), Rollout(redis)
    turns = Turns(agency=agency, assistant=Assistant(rasa), wait_notice=_waits, rollout=rollout)
    state = ConversationState(True, Channel.WEB, Speaker.ASSISTANT, None, True, (), 0)
    decision = await turns.take(CitizenMessage(NAMES[0], Channel.WEB, "m1", await rollout.code(), at=1), state)
    assert [MessageFacts.of_reply(one).to_data().get("trial") for one in decision.replies] == [True]
    await rasa.close()


@pytest.mark.parametrize("step", [Step(Kind.OFF), Step(Kind.STAFF), Step(Kind.SHARE, 0)])
@pytest.mark.parametrize("is_typed", [False, True])
async def test_excluded_citizen_who_confirms_a_danger_gets_an_emergency(
    redis: Redis, agency: Agency, step: Step, is_typed: bool
) -> None:
    async def judge(_text: str) -> RecognizedDanger:
        return RecognizedDanger("violencia", sure=False)

    await Rollout(redis).set(Channel.WEB, step)
    rasa = Rasa("http://127.0.0.1:9")
    turns = Turns(agency=agency, assistant=Assistant(rasa), wait_notice=_waits, rollout=Rollout(redis), judge=judge)
    state = ConversationState(True, Channel.WEB, Speaker.ASSISTANT, None, True, (), 0)
    told = CitizenMessage(NAMES[0], Channel.WEB, "m1", "le tengo miedo a mi marido", at=1)
    warned = await turns.take(told, state)
    (button,) = warned.replies[0].buttons
    pressed = replace(told, id="m2", text=button.title, button=None if is_typed else button.id)
    decision = await turns.take(pressed, replace(state, buttons=warned.change.buttons or ()))
    assert decision.replies[0].text == agency.emergencies["violencia"]
    assert decision.handoff and decision.handoff.priority is Priority.EMERGENCY
    await rasa.close()


@pytest.mark.parametrize(
    ("welcomed", "text", "answered"),
    [(False, "hola", "sin_espacio"), (False, "me quiero suicidar", "suicidio"), (True, "🤷", "mensaje_vacio")],
)
async def test_full_disk_refuses_new_conversations_except_emergencies(
    agency: Agency, welcomed: bool, text: str, answered: str
) -> None:
    rasa = Rasa("http://127.0.0.1:9")
    turns = Turns(agency=agency, assistant=Assistant(rasa), wait_notice=_waits, accepts_new=lambda: False)
    state = ConversationState(True, Channel.TELEGRAM, Speaker.ASSISTANT, None, welcomed, (), 0)
    decision = await turns.take(CitizenMessage(NAMES[0], Channel.TELEGRAM, "m1", text, at=1), state)
    expected = agency.emergencies.get(answered) or agency.say(answered, telefono=agency.phone)
    assert expected in [reply.text for reply in decision.replies]
    await rasa.close()


async def _waits(_handoff: Handoff, _now: datetime) -> Reply:
    return Reply("espera")


async def test_administrator_changes_it_and_that_is_audited(world: DeskWorld) -> None:
    admin = await world.sign_in(ADMIN)
    page = (await admin.get("/desk/canales")).text
    assert ("Apertura de los canales" in page, page.count("Sin conectar</span>")) == (True, len(Channel) - 1)
    form = FORM | {"csrf": admin.headers["X-CSRF-Token"]}
    asked = await admin.post("/desk/canales", data=form)
    assert (asked.status_code, (await Rollout(world.redis).steps())[Channel.WEB]) == (200, Step(Kind.ON))
    assert (await admin.post("/desk/canales", data=form | {"seguro": "1"})).status_code == 303
    assert (await Rollout(world.redis).steps())[Channel.WEB] == Step(Kind.SHARE, 25)
    async with world.sessions() as session:
        [row] = (await session.scalars(select(Audit).where(Audit.action == "rollout_changed"))).all()
    assert (row.subject, row.detail) == ("web", {"step": "share", "percent": 25})


async def test_administrator_replaces_the_code_and_the_old_one_admits_nobody(world: DeskWorld) -> None:
    rollout, admin = Rollout(world.redis), await world.sign_in(ADMIN)
    await rollout.set(Channel.WEB, Step(Kind.STAFF))
    old = await rollout.code()
    assert await rollout.admit_with_code(NAMES[0], old)
    form = {"csrf": admin.headers["X-CSRF-Token"]}
    assert "¿Cambiar el código" in (await admin.post("/desk/canales/codigo", data=form)).text
    assert await rollout.code() == old
    assert (await admin.post("/desk/canales/codigo", data=form | {"seguro": "1"})).status_code == 303
    assert not await rollout.admits(NAMES[0], Channel.WEB)
    assert not await rollout.admit_with_code(NAMES[0], old)
    assert await rollout.admit_with_code(NAMES[0], await rollout.code())
    async with world.sessions() as session:
        [row] = (await session.scalars(select(Audit).where(Audit.action == "rollout_changed"))).all()
    assert (row.subject, row.detail) == ("code", {})


@pytest.mark.parametrize("wrong", [{"csrf": ""}, {"porcentaje": "101"}, {"canal": "fax"}, {"paso": ""}])
async def test_invalid_form_changes_nothing(world: DeskWorld, wrong: dict[str, str]) -> None:
    admin = await world.sign_in(ADMIN)
    refused = await admin.post("/desk/canales", data=FORM | {"csrf": admin.headers["X-CSRF-Token"]} | wrong)
    assert refused.status_code in {403, 422}
    assert (await Rollout(world.redis).steps())[Channel.WEB] == Step(Kind.ON)


async def test_other_roles_may_not_change_the_roll_out(world: DeskWorld) -> None:
    ana = await world.sign_in(ANA)
    form = FORM | {"csrf": ana.headers["X-CSRF-Token"]}
    assert (await ana.get("/desk/canales")).status_code == 403
    assert (await ana.post("/desk/canales", data=form)).status_code == 403
    assert (await Rollout(world.redis).steps())[Channel.WEB] == Step(Kind.ON)
