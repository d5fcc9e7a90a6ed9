"""Tests pending approvals: decided once, whatever other agents, citizens, timers or crashes do meanwhile."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
import pytest_asyncio
from redis.asyncio import Redis
from sqlalchemy import text

from bot.agency.model import Agency
from bot.conversation.change import Change
from bot.conversation.inbox import Committed
from bot.core.errors.tickets import AlreadyDecided
from bot.core.events import Event
from bot.core.messages import Author, Button, Channel, CitizenMessage, HandoffReason, RecognizedDanger, Reply, Speaker
from bot.core.network import ActionsEndpoint
from bot.crisis.emergency import confirmation
from bot.handoff.agent import Agent
from bot.handoff.approvals import Approvals
from bot.handoff.forecast import Forecasts
from bot.handoff.notices import WaitingNotices
from bot.record.engine import Sessions
from bot.record.recovery import Recovery
from bot.store import keys
from bot.tickets.approvals import PendingApproval
from bot.tickets.presence import Presence, Presences, Skills
from bot.tickets.tickets import Tickets
from bot.tickets.waits import Waits
from bot.turns.answers import Answers
from bot.turns.worker import Worker
from tests import forked
from tests.eventually import LONG_PATIENCE_S, PATIENCE_S, eventually
from tests.forked import Forked
from tests.integration.approvals_process import ASKED, make_worker
from tests.integration.sweeper_world import AlwaysOpen
from tests.integration.sweeper_world import World as SweeperWorld
from tests.no_record import mailbox_of, proposals_of
from tests.recording import recording, until_recorded
from tests.sure_answers import ANSWER as SURE
from tests.sure_answers import QUESTION, sure_answers

ANA, BETO = Agent("ana", "Ana Soto"), Agent("beto", "Beto Díaz")
ANSWER = f"re: {ASKED}"


@dataclass
class World:
    """A worker that holds answers below confidence 0.95 and answers with 0.8, an available agent, and citizens."""

    redis: Redis
    agency: Agency

    def __post_init__(self) -> None:
        self.inbox, self.tickets = mailbox_of(self.redis), Tickets(self.redis)
        # Nobody renews the agent's lease, which must outlast every wait: without an agent no answer is held.
        self.presences = Presences(self.redis, lease_s=round(2 * LONG_PATIENCE_S))
        self.pending_approvals = proposals_of(self.redis)
        hours = AlwaysOpen(self.agency)
        forecasts = Forecasts(self.agency, hours, Waits(self.redis), self.presences)
        notices = WaitingNotices(self.agency, hours, self.tickets.count_waiting, forecasts)
        self.approvals = Approvals(
            pending_approvals=self.pending_approvals,
            presences=self.presences,
            agency=self.agency,
            wait_notice=notices,
        )
        self.sweeper = SweeperWorld(self.redis, self.agency).sweeper
        self._number = 0

    async def say(self, text: str, conversation: str = "c1") -> None:
        self._number += 1
        await self.inbox.accept(CitizenMessage(conversation, Channel.WEB, f"m{self._number}", text, at=0))

    async def to_approve(self, text: str = ASKED) -> PendingApproval:
        await self.say(text)
        return await self.approval()

    async def approval(self, patience_s: float = PATIENCE_S) -> PendingApproval:
        pending = await eventually(self.pending_approvals.pending, patience_s)
        return pending[0]

    async def over(self, approval: PendingApproval) -> None:
        """Makes the approval overdue."""
        await self.redis.hset(keys.approval_key(approval.id), "due", 1)
        await self.redis.zadd(keys.APPROVALS, {approval.id: 1})

    async def idle(self) -> None:
        async def look() -> bool:
            return not await self.redis.xlen(keys.WORK)

        await eventually(look)

    async def feed(self) -> list[Event]:
        return [event for event in await self.inbox.events("c1") if event.kind == "message"]

    async def said(self) -> list[str]:
        """Returns the messages of assistant, system and citizen in the order of the event log."""
        return [event.text for event in await self.feed()]

    async def answers(self) -> list[str]:
        return [event.text for event in await self.feed() if event.author is Author.ASSISTANT]


@pytest_asyncio.fixture
async def world(redis: Redis, agency: Agency) -> AsyncIterator[World]:
    made = World(redis, agency)
    await made.presences.heartbeat(ANA.id, ANA.name, Skills())
    yield made


@asynccontextmanager
async def working(world: World, *, answers_url: str = "", **more: object) -> AsyncIterator[Worker]:
    answers = Answers(ActionsEndpoint(answers_url)) if answers_url else None
    worker = make_worker(world.redis, answers=answers, **more)  # type: ignore[arg-type]
    task = asyncio.create_task(worker.run())
    try:
        yield worker
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        if answers:
            await answers.close()


async def test_unsure_answer_waits_and_the_citizen_gets_one_notice(world: World) -> None:
    async with working(world):
        approval = await world.to_approve()
        await world.idle()
    assert await world.said() == [ASKED, world.agency.say("bienvenida"), world.agency.say("confirma_respuesta")]
    assert (approval.words, approval.text, approval.proofs[0].confidence) == (ASKED, ANSWER, 0.8)
    assert await world.inbox.pending("c1") == []


async def test_warning_of_a_possible_danger_above_a_held_answer_is_sent_at_once(world: World) -> None:
    async with working(world):
        approval = await world.to_approve("¿y el gas?")
        await world.idle()
    assert await world.said() == [
        "¿y el gas?",
        world.agency.say("bienvenida"),
        "Si hay olor a gas, llama al **132**.",
        world.agency.say("confirma_respuesta"),
    ]
    assert approval.text == "Así se paga."
    assert [one.payload for one in (await world.inbox.state("c1")).buttons] == [confirmation("gas")]


async def test_danger_without_a_phrase_overtakes_a_held_answer(world: World) -> None:
    async def judge(text: str) -> RecognizedDanger | None:
        return RecognizedDanger("medica", sure=True) if text == "hola" else None

    async with working(world, judge=judge):
        await world.to_approve()
        await world.say("hola")
        await world.idle()
    question = world.agency.say("emergencia_pregunta")
    assert (await world.answers())[1:] == [ANSWER, world.agency.emergencies["medica"], question]


async def test_approved_answer_is_sent_unchanged_with_its_approver(world: World) -> None:
    async with working(world):
        approval = await world.to_approve()
        await world.approvals.approve(approval.id, ANA)
    last = (await world.feed())[-1]
    assert (last.text, last.message.provenance.approved_by) == (ANSWER, "Ana Soto")
    assert last.message.provenance.entry == "licencia"
    state = await world.inbox.state("c1")
    assert state.approval == ""
    assert [one.provenance.entry for one in state.dialogue.exchanges[-1].said if one.provenance] == ["licencia"]


async def test_rejected_answer_is_never_sent_and_its_citizen_waits(world: World) -> None:
    async with working(world):
        approval = await world.to_approve()
        await world.approvals.reject(approval.id, ANA)
        await world.idle()
    (ticket,) = await world.tickets.waiting()
    assert (ticket.reason, ticket.summary, ticket.team) == (HandoffReason.LOW_CONFIDENCE, ASKED, "transito")
    assert [one.entry for one in ticket.candidates] == ["licencia"]
    assert await world.answers() == [world.agency.say("bienvenida")]
    assert "lugar 1" in (await world.said())[-1]
    assert (await world.inbox.state("c1")).dialogue.exchanges == ()


async def test_answer_waits_only_where_an_agent_of_its_team_can_decide(world: World) -> None:
    await world.redis.delete(keys.agent_key(ANA.id))
    await world.presences.heartbeat("eva", "Eva Ríos", Skills(("obras",)))
    async with working(world):
        await world.say(ASKED)
        await world.idle()
    assert (await world.answers())[-1] == ANSWER
    await world.presences.heartbeat("luz", "Luz Vera", Skills(("obras", "transito")))
    async with working(world):
        await world.say("¿y la otra licencia?")
        assert (await world.approval()).team == "transito"


async def test_pending_answer_survives_a_loss_of_redis_and_later_messages_are_answered(
    world: World, database: Sessions
) -> None:
    async with recording(world.redis, database), working(world):
        decided = await world.to_approve("¿la primera licencia?")
        await world.approvals.approve(decided.id, ANA)
        approval = await world.to_approve()
        await world.say("¿y cuánto cuesta renovarla?")
        await world.idle()
        await until_recorded(world.redis)
    before = await world.feed()
    await world.redis.flushall()
    for _ in range(2):
        await Recovery(world.redis, database).run()
    assert await world.pending_approvals.pending() == [approval]
    assert await world.feed() == before
    await world.over(approval)
    await world.sweeper.send_overdue_approvals()
    async with working(world):
        await world.idle()
    assert (await world.answers())[-2:] == [ANSWER, "re: ¿y cuánto cuesta renovarla?"]


async def test_messages_during_an_approval_are_answered_after_a_restore(world: World, database: Sessions) -> None:
    async with recording(world.redis, database), working(world):
        approval = await world.to_approve()
        await world.say("¿y cuánto cuesta renovarla?")
        await world.idle()
        await until_recorded(world.redis)
    await world.redis.flushall()
    async with working(world, approval=False):
        await world.say("¿hay alguien ahí?")
        await world.idle()
        await Recovery(world.redis, database).run()
        await world.over(approval)
        await world.sweeper.send_overdue_approvals()
        await world.idle()
    asked = ["¿hay alguien ahí?", "¿y cuánto cuesta renovarla?"]
    assert sorted(one for one in await world.answers() if one.startswith("re:")) == sorted(
        [ANSWER, *(f"re: {one}" for one in asked)]
    )


@pytest.mark.parametrize("decision", ["reject", "take_over"])
async def test_restored_ticket_beside_a_pending_answer_gets_no_duplicate(
    world: World, database: Sessions, decision: str
) -> None:
    async with recording(world.redis, database), working(world):
        await world.say("persona")
        await world.idle()
        await until_recorded(world.redis)
    (ticket,) = await world.tickets.waiting()
    await world.redis.flushall()
    await world.presences.heartbeat(ANA.id, ANA.name, Skills())
    async with working(world):
        approval = await world.to_approve()
        await Recovery(world.redis, database).run()
        await getattr(world.approvals, decision)(approval.id, ANA)
        await world.idle()
    assert [one.id for one in await world.tickets.open()] == [ticket.id]
    owner = (await world.tickets.open())[0].owner
    assert owner == (ANA.ref if decision == "take_over" else None)


async def test_decided_answer_is_not_repeated_when_the_record_lags_behind(world: World, database: Sessions) -> None:
    async with working(world):
        async with recording(world.redis, database):
            approval = await world.to_approve()
            await until_recorded(world.redis)
        await world.approvals.approve(approval.id, ANA)
    await Recovery(world.redis, database).run()
    await world.redis.delete(keys.approval_key(approval.id))
    async with database.begin() as session:
        await session.execute(text("UPDATE approvals SET due_at = now() - interval '2 hours'"))
    await Recovery(world.redis, database).run()
    assert await world.pending_approvals.pending() == []


async def test_citizen_who_asked_for_a_person_after_a_loss_gets_no_late_answer(
    world: World, database: Sessions
) -> None:
    async with recording(world.redis, database), working(world):
        await world.to_approve()
        await until_recorded(world.redis)
    await world.redis.flushall()
    async with working(world):
        await world.say("persona")
        await world.idle()
    await Recovery(world.redis, database).run()
    assert await world.pending_approvals.pending() == []


async def test_taking_over_claims_the_ticket_and_shows_the_unsent_answer(world: World) -> None:
    async with working(world):
        approval = await world.to_approve()
        await world.approvals.take_over(approval.id, ANA)
    (ticket,) = await world.tickets.claimed()
    assert ticket.owner == ANA.ref
    assert (await world.inbox.state("c1")).speaker is Speaker.STAFF
    assert ANSWER not in await world.said()
    assert "Ana Soto" in (await world.said())[-1]
    decided = [one for one in await world.inbox.events("c1", staff=True) if one.kind == "proposal_decided"]
    assert [(one.text, one.facts.owner_name) for one in decided] == [(ANSWER, "Ana Soto")]


async def test_undecided_answer_is_sent_when_its_time_is_over(world: World) -> None:
    async with working(world):
        approval = await world.to_approve()
        await world.sweeper.send_overdue_approvals()
        assert ANSWER not in await world.said()
        await world.over(approval)
        await world.sweeper.send_overdue_approvals()
    last = (await world.feed())[-1]
    assert (last.text, last.message.provenance.approved_by) == (ANSWER, "")


async def test_running_sweeper_sends_it_even_while_the_record_is_unreachable(world: World) -> None:
    async with working(world):
        approval = await world.to_approve()
    await world.over(approval)
    await world.redis.delete(keys.RESTORED)
    world.sweeper._restore = record_is_away
    running = asyncio.create_task(world.sweeper.run())

    async def look() -> bool:
        return ANSWER in await world.said()

    await eventually(look)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def record_is_away() -> None:
    raise ConnectionRefusedError


async def test_script_itself_checks_the_due_time(world: World) -> None:
    async with working(world):
        approval = await world.to_approve()
        assert not await world.pending_approvals.expire(approval)
    assert ANSWER not in await world.said()


async def test_messages_written_meanwhile_are_answered_in_order_after_the_decision(world: World) -> None:
    async with working(world):
        approval = await world.to_approve()
        await world.say("¿y cuánto cuesta renovarla?")
        await world.idle()
        assert len(await world.inbox.pending("c1")) == 1
        assert await world.answers() == [world.agency.say("bienvenida")]
        await world.approvals.approve(approval.id, ANA)
        second = await world.approval()
        assert second.words == "¿y cuánto cuesta renovarla?"
        await world.approvals.approve(second.id, ANA)
    assert (await world.answers())[1:] == [ANSWER, "re: ¿y cuánto cuesta renovarla?"]


async def test_messages_written_meanwhile_stay_unanswered_once_a_person_attends(
    world: World,
) -> None:
    async with working(world):
        approval = await world.to_approve()
        await world.say("¿y cuánto cuesta renovarla?")
        await world.approvals.take_over(approval.id, ANA)
        await world.idle()
    assert await world.inbox.pending("c1") == []
    assert await world.answers() == [world.agency.say("bienvenida")]


@pytest.mark.parametrize(
    ("words", "reason"),
    [("persona", HandoffReason.ASKED_HUMAN), ("hay un incendio en mi casa", HandoffReason.EMERGENCY)],
)
async def test_request_for_a_person_and_emergency_do_not_wait(world: World, words: str, reason: HandoffReason) -> None:
    async with working(world):
        await world.to_approve()
        await world.say("una pregunta más larga que espera su turno.")
        await world.idle()
        await world.say(words)
        waiting = await eventually(world.tickets.waiting)
        await world.idle()
    assert [ticket.reason for ticket in waiting] == [reason]
    answers = await world.answers()
    assert answers.index(ANSWER) < len(answers) - 1
    assert await world.pending_approvals.pending() == []


async def test_button_that_overtakes_a_pending_answer_is_still_a_button(world: World) -> None:
    async with working(world):
        await world.to_approve()
        await world.idle()
        button = Button("Hablar con una persona", "/ask_human", id="b1")
        await world.redis.hset(keys.conversation_key("c1"), "buttons", json.dumps([vars(button)]))
        await world.inbox.accept(CitizenMessage("c1", Channel.WEB, "press", button.title, at=0, button="b1"))

        async def look() -> bool:
            return not await world.pending_approvals.pending()

        await eventually(look)
        await world.idle()
    assert [ticket.reason for ticket in await world.tickets.waiting()] == [HandoffReason.ASKED_HUMAN]
    assert (await world.answers())[-2:] == [ANSWER, "Te dejo con alguien."]


async def test_first_decision_counts_and_the_other_names_the_winner(world: World) -> None:
    async with working(world):
        approval = await world.to_approve()
        decisions = (world.approvals.approve, world.approvals.reject, world.approvals.take_over)
        results = await asyncio.gather(
            *(decide(approval.id, who) for decide in decisions for who in (ANA, BETO)), return_exceptions=True
        )
        lost = [one for one in results if isinstance(one, AlreadyDecided)]
        assert (len(results), len(lost)) == (6, 5)
        (winner,) = {one.facts["by"] for one in lost}
    decided = [one for one in await world.inbox.events("c1", staff=True) if one.kind == "proposal_decided"]
    assert [one.facts.owner_name for one in decided] == [winner]


async def test_concurrent_approval_expiry_and_message_send_the_answer_once(world: World) -> None:
    async with working(world):
        for turn in range(30):
            asked = f"¿pregunta número {turn} de hoy?"
            approval = await world.to_approve(asked)
            await world.over(approval)
            steps = [
                world.approvals.approve(approval.id, ANA),
                world.pending_approvals.expire(approval),
                world.sweeper.send_overdue_approvals(),
                world.say("persona" if turn == 29 else "ok"),
            ]
            await asyncio.gather(*steps[turn % 4 :], *steps[: turn % 4], return_exceptions=True)
            await settle(world)
    answers = await world.answers()
    assert [answers.count(f"re: ¿pregunta número {turn} de hoy?") for turn in range(30)] == [1] * 30
    assert await world.inbox.pending("c1") == []
    assert [ticket.reason for ticket in await world.tickets.waiting()] == [HandoffReason.ASKED_HUMAN]


async def settle(world: World) -> None:
    """Makes pending answers overdue and sends them until none is left."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            for pending in await world.pending_approvals.pending():
                await world.over(pending)
                await world.pending_approvals.expire(pending)
            await world.idle()
            if not await world.pending_approvals.pending() and not await world.inbox.pending("c1"):
                return


async def test_worker_killed_around_the_commit_loses_and_doubles_nothing(world: World, redis_url: str) -> None:
    conversations = [f"k{number}" for number in range(12)]
    process = start_process(redis_url)
    try:
        for number, conversation in enumerate(conversations):
            await world.say(ASKED, conversation)
            await world.say("¿y cuánto cuesta?", conversation)
            if number == 5:
                await world.approval(LONG_PATIENCE_S)
                process.kill()
                process.wait()
                process = start_process(redis_url)
        async with asyncio.timeout(LONG_PATIENCE_S):
            while await unanswered(world, conversations):
                for pending in await world.pending_approvals.pending():
                    await world.over(pending)
                await world.sweeper.send_overdue_approvals()
                await asyncio.sleep(0.05)
    finally:
        process.kill()
        process.wait()
    for conversation in conversations:
        feed = [one for one in await world.inbox.events(conversation) if one.author is Author.ASSISTANT]
        assert [one.text for one in feed][1:] == [ANSWER, "re: ¿y cuánto cuesta?"]


async def unanswered(world: World, conversations: list[str]) -> bool:
    mail = [await world.inbox.pending(one) for one in conversations]
    return any(mail) or bool(await world.pending_approvals.pending()) or bool(await world.redis.xlen(keys.WORK))


def start_process(url: str) -> Forked:
    return forked.start("tests.integration.approvals_process", REDIS_URL=url)


async def test_slow_worker_cannot_answer_what_came_after_a_pending_answer(world: World) -> None:
    async with working(world):
        await world.to_approve()
        await world.say("otra cosa distinta, por favor.")
        await world.idle()
    mail = await world.inbox.pending("c1")
    done = await world.inbox.commit(mail, (), speaker=Speaker.ASSISTANT, change=Change())
    assert done is Committed.HELD
    assert await world.inbox.pending("c1") == mail


async def test_unsure_answer_with_a_button_waits_and_its_button_works_once_sent(world: World) -> None:
    async with working(world):
        await world.approvals.approve((await world.to_approve("¿y esta?")).id, ANA)
        last = (await world.feed())[-1]
        (button,) = last.message.buttons
        ((_, line),) = await world.redis.xrevrange(keys.log_key("c1"), count=1)
        assert (last.text, button.title) == ("esta", "Me sirvió")
        assert json.loads(line["data"])["buttons"] == [{"id": button.id, "title": "Me sirvió"}]
        press = CitizenMessage("c1", Channel.WEB, "press", button.title, at=0, button=button.id)
        await world.inbox.accept(press)
        assert (await world.approval()).text == "re: /helped"


@pytest.mark.parametrize("words", ["hola", "¿segura?", "¿cuál?", "¿derivada?", "persona", "hay un incendio", ""])
async def test_only_an_unsure_answer_is_held(world: World, words: str) -> None:
    async with working(world):
        await world.say(words)
        await world.idle()
    assert await world.pending_approvals.pending() == []
    assert world.agency.say("confirma_respuesta") not in await world.said()


async def test_nothing_is_held_while_no_agent_is_available_or_the_agency_is_closed(world: World) -> None:
    async with working(world):
        await world.presences.heartbeat(ANA.id, ANA.name, Skills(), Presence.BUSY)
        await world.say(ASKED)
        await world.idle()
    await world.presences.heartbeat(ANA.id, ANA.name, Skills(), Presence.AVAILABLE)
    async with working(world, closed=True):
        await world.say(ASKED)
        await world.idle()
    assert (await world.answers())[1:] == [ANSWER, ANSWER]


async def test_human_approval_is_off_by_default(world: World, agency: Agency) -> None:
    assert agency.desk.approval is None
    async with working(world, approval=False):
        await world.say(ASKED)
        await world.idle()
    assert (await world.answers())[1:] == [ANSWER]


async def test_unsure_answer_to_a_waiting_citizen_waits_for_approval_too(world: World) -> None:
    async with sure_answers(confidence=0.8) as url, working(world, answers_url=url):
        await world.say("persona")
        await world.idle()
        await world.say(QUESTION)
        approval = await world.approval()
        assert SURE not in await world.said()
        await world.approvals.approve(approval.id, ANA)
        await world.idle()
    assert (await world.said())[-1] == SURE
    assert (await world.inbox.state("c1")).speaker is Speaker.WAITING
    assert len(await world.tickets.waiting()) == 1


async def test_rejected_answer_to_a_waiting_citizen_keeps_their_ticket(world: World) -> None:
    async with sure_answers(confidence=0.8) as url, working(world, answers_url=url):
        await world.say("persona")
        await world.idle()
        (before,) = await world.tickets.waiting()
        await world.say(QUESTION)
        await world.approvals.reject((await world.approval()).id, ANA)
    assert SURE not in await world.said()
    assert [one.id for one in await world.tickets.waiting()] == [before.id]


async def test_claim_withdraws_the_answer_that_waits_for_approval(world: World) -> None:
    async with sure_answers(confidence=0.8) as url, working(world, answers_url=url):
        await world.say("persona")
        await world.idle()
        await world.say(QUESTION)
        approval = await world.approval()
        await world.say("otra cosa")
        (ticket,) = await world.tickets.waiting()
        await world.tickets.claim(ticket.id, ANA.ref, Reply("Te atiende Ana.", author=Author.SYSTEM))
        await world.idle()
        await world.over(approval)
        await world.sweeper.send_overdue_approvals()
        assert await world.pending_approvals.pending() == []
        with pytest.raises(AlreadyDecided):
            await world.approvals.approve(approval.id, BETO)
    assert SURE not in await world.said()
    assert [one.text for one in await world.inbox.unanswered("c1")] == ["otra cosa"]
    decided = [one for one in await world.inbox.events("c1", staff=True) if one.kind == "proposal_decided"]
    assert [(one.text, one.facts.owner_name) for one in decided] == [(SURE, "Ana Soto")]
