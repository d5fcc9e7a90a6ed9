"""Tests dangers without a phrase in the real queue, and that a danger's mark survives a loss of Redis."""

from __future__ import annotations

from redis.asyncio import Redis

from bot.agency.model import Agency
from bot.core.messages import Author, Button, Channel, CitizenMessage, Priority, RecognizedDanger, Reply, Speaker
from bot.core.network import ActionsEndpoint
from bot.core.texts import say
from bot.crisis.emergency import confirmation
from bot.desk.views.dangers import danger_view
from bot.record.engine import Sessions
from bot.record.recovery import Recovery
from bot.tickets.ticket import StaffRef
from bot.tickets.tickets import Tickets
from bot.turns.answers import Answers
from tests.eventually import PATIENCE_S
from tests.integration.working import answers, send, until_idle, working
from tests.no_record import mailbox_of
from tests.recording import recording, until_recorded
from tests.sure_answers import ANSWER, sure_answers

ANA = StaffRef("ana", "Ana")
STROKE, ODD = "a mi abuela se le fue un lado de la cara", "mi viejo quedó como ido"


async def judge(text: str) -> RecognizedDanger | None:
    """Replaces the danger classifier."""
    return {STROKE: RecognizedDanger("medica", sure=True), ODD: RecognizedDanger("medica", sure=False)}.get(text)


async def test_sure_danger_of_a_waiting_citizen_heads_the_queue(redis: Redis, agency: Agency) -> None:
    inbox, tickets = mailbox_of(redis), Tickets(redis)
    async with working(redis, judge=judge):
        for number, conversation in enumerate(("c1", "c2")):
            await send(inbox, conversation, number, "persona")
            await until_idle(redis)
        await send(inbox, "c2", 3, STROKE)
        await until_idle(redis)
    assert [(one.conversation, one.priority) for one in await tickets.waiting()] == [
        ("c2", Priority.EMERGENCY),
        ("c1", Priority.NORMAL),
    ]
    assert (await answers(inbox, "c2", Author.SYSTEM))[-1] == agency.emergencies["medica"]
    assert (await answers(inbox, "c2"))[-1] == agency.say("emergencia_pregunta")


async def test_possible_danger_is_warned_of_once_and_keeps_the_call_back_offer(redis: Redis, agency: Agency) -> None:
    inbox, tickets = mailbox_of(redis), Tickets(redis)
    async with working(redis, judge=judge):
        await send(inbox, "c1", 1, "persona")
        await until_idle(redis)
        offered = (await inbox.state("c1")).buttons
        for number in (2, 3, 4):
            await send(inbox, "c1", number, ODD)
            await until_idle(redis)
    state = await inbox.state("c1")
    told = await answers(inbox, "c1", Author.SYSTEM)
    assert [text for text in told if "fila" not in text][1:] == [agency.emergency_notices["medica"]]
    confirm = Button("Es una emergencia", confirmation("medica"), "danger-medica")
    assert (state.buttons, [(one.kind, one.sure) for one in state.dangers]) == (
        (confirm, *offered),
        [("medica", False)],
    )
    assert [one.priority for one in await tickets.waiting()] == [Priority.NORMAL]


async def test_typed_title_of_an_offered_button_is_no_danger(redis: Redis) -> None:
    async def always(_text: str) -> RecognizedDanger:
        return RecognizedDanger("suicidio", sure=False)

    inbox = mailbox_of(redis)
    async with working(redis, judge=judge):
        await send(inbox, "c1", 1, "persona")
        await until_idle(redis)
    title = (await inbox.state("c1")).buttons[0].title
    async with working(redis, judge=always):
        await send(inbox, "c1", 2, title)
        await until_idle(redis)
        assert (await inbox.state("c1")).dangers == ()
        await send(inbox, "c1", 3, "otro asunto")
        await until_idle(redis)
    assert [one.kind for one in (await inbox.state("c1")).dangers] == ["suicidio"]


async def test_confirmed_danger_of_an_attended_citizen_raises_the_ticket(redis: Redis) -> None:
    inbox, tickets = mailbox_of(redis), Tickets(redis)
    async with working(redis, judge=judge):
        await send(inbox, "c1", 1, "persona")
        await until_idle(redis)
        await send(inbox, "c1", 2, ODD)
        await until_idle(redis)
        (ticket,) = await tickets.waiting()
        await tickets.claim(ticket.id, ANA, Reply("te atiende Ana"))
        pressed = CitizenMessage("c1", Channel.WEB, "m3", "Es una emergencia", at=3, button="danger-medica")
        await inbox.accept(pressed)
        await until_idle(redis)
    (claimed,) = await tickets.claimed()
    assert claimed.priority is Priority.EMERGENCY
    assert [(one.kind, one.sure) for one in (await inbox.state("c1")).dangers] == [("medica", True)]


async def test_denial_leaves_the_emergency_to_staff_and_a_missing_comma_makes_none(
    redis: Redis, agency: Agency
) -> None:
    inbox, tickets = mailbox_of(redis), Tickets(redis)
    marks: list[str] = []
    async with working(redis, judge=judge):
        for number, text in enumerate((STROKE, "no estoy en peligro", "no es una emergencia", "volver")):
            await send(inbox, "c1", number, text)
            await until_idle(redis)
            (ticket,) = await tickets.waiting()
            assert ticket.priority is Priority.EMERGENCY
            view = danger_view((await inbox.state("c1")).dangers, agency)
            marks.append(view.words if view else "")
    denied = say("desk.peligros.dice_que_no", marca="Emergencia: salud")
    assert marks == ["Emergencia: salud", "Emergencia: salud", denied, denied]


async def test_question_that_opened_a_false_emergency_is_answered_once_denied(redis: Redis, agency: Agency) -> None:
    inbox = mailbox_of(redis)
    async with sure_answers({}, denied={STROKE: ANSWER}) as url:
        client = Answers(ActionsEndpoint(url), PATIENCE_S)
        async with working(redis, judge=judge, answers=client):
            for number, text in enumerate((STROKE, "no es una emergencia", "estoy bien")):
                await send(inbox, "c1", number, text)
                await until_idle(redis)
        await client.close()
    assert (await answers(inbox, "c1")).count(ANSWER) == 1
    assert (await answers(inbox, "c1", Author.SYSTEM))[-1] == agency.say("emergencia_no")
    assert STROKE not in str(await redis.hgetall("v:conv:c1"))


async def test_danger_instead_of_small_talk_opens_a_ticket(redis: Redis) -> None:
    inbox = mailbox_of(redis)
    async with working(redis, judge=judge):
        await send(inbox, "c1", 1, STROKE)
        await until_idle(redis)
    assert (await inbox.state("c1")).speaker is Speaker.WAITING
    assert not any(one.startswith("re:") for one in await answers(inbox, "c1"))


async def test_dangers_outlive_a_loss_of_redis(redis: Redis, database: Sessions) -> None:
    inbox = mailbox_of(redis)
    async with working(redis, judge=judge):
        await send(inbox, "c1", 1, "persona")
        await until_idle(redis)
        for number, text in enumerate((STROKE, ODD), 2):
            await send(inbox, "c1", number, text)
            await until_idle(redis)
    async with recording(redis, database):
        await until_recorded(redis)
    before = (await inbox.state("c1")).dangers
    await redis.flushall()
    await Recovery(redis, database).run()
    after = (await inbox.state("c1")).dangers
    assert [(one.kind, one.sure) for one in after] == [(one.kind, one.sure) for one in before] == [("medica", True)]


async def test_denial_outlives_a_loss_of_redis_until_the_danger_is_reported_again(
    redis: Redis, database: Sessions
) -> None:
    inbox = mailbox_of(redis)
    async with working(redis, judge=judge), recording(redis, database):
        for number, text in enumerate(("me quiero matar", "no es una emergencia")):
            await send(inbox, "c1", number, text)
            await until_idle(redis)
        await until_recorded(redis)
        await redis.flushall()
        await Recovery(redis, database).run()
        (denied,) = (await inbox.state("c1")).dangers
        assert (denied.kind, denied.sure, denied.denied > 0) == ("suicidio", True, True)
        await send(inbox, "c1", 5, "me quiero matar")
        await until_idle(redis)
        await until_recorded(redis)
        await redis.flushall()
        await Recovery(redis, database).run()
        (told,) = (await inbox.state("c1")).dangers
    assert (told.sure, told.denied) == (True, 0)
