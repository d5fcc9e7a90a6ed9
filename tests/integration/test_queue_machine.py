"""Tests random sequences of ticket operations: one queue, one owner, nothing lost, and matching events."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import pytest
import uvloop
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from bot.conversation.change import Change
from bot.core.errors.tickets import StaffAbsent, TicketNotYours, TicketTaken
from bot.core.messages import Channel, CitizenMessage, Handoff, HandoffReason, Priority, Reply, Speaker
from bot.store import keys
from bot.store.client import open_redis
from bot.tickets.presence import Presence, Presences, Skills
from bot.tickets.ticket import StaffRef
from bot.tickets.tickets import Tickets
from bot.tickets.transitions import Actor, Note, Transitions, Why
from tests.no_record import mailbox_of
from tests.queue_store import quick_valkey, read_queue
from tests.transcripts import SECRET

TEAMS = ("obras", "aseo", "salud")
AGENTS = tuple(StaffRef(name, name.title()) for name in ("ana", "beto", "carla"))
TOLD = Reply("aviso {posicion}")
MAX_S = 2 * 3600
# Runs and steps per run; longer and random with VENTANILLA_LONG in the environment.
USUAL, LONG = (150, 20), (10_000, 30)
FAR_MS = 4_000_000_000_000
SPEAKER = {"waiting": "waiting", "claimed": "staff", "snoozed": "staff"}
AFTER = {
    "ticket_opened": "waiting",
    "ticket_returned": "waiting",
    "ticket_claimed": "claimed",
    "ticket_woken": "claimed",
    "ticket_snoozed": "snoozed",
    "ticket_callback": "callback",
    "ticket_closed": "closed",
    "ticket_cancelled": "closed",
}
T = TypeVar("T")
team_names, agents = st.sampled_from(TEAMS), st.sampled_from(AGENTS)
some = st.integers(min_value=0, max_value=50)


class QueueMachine(RuleBasedStateMachine):
    """Compares the scripts on a real Valkey with a model: ticket -> (state, owner, team)."""

    loop: asyncio.AbstractEventLoop
    redis: Any

    @classmethod
    def begin(cls, url: str) -> None:
        """Creates one event loop and one client for all runs."""
        cls.loop, cls.redis = uvloop.new_event_loop(), open_redis(url, SECRET)

    @classmethod
    def end(cls) -> None:
        cls.loop.run_until_complete(cls.redis.aclose())
        cls.loop.close()

    def __init__(self) -> None:
        super().__init__()
        self.inbox, self.tickets, self.transitions = (
            mailbox_of(self.redis),
            Tickets(self.redis),
            Transitions(self.redis),
        )
        self.presences = Presences(self.redis)
        self.told: dict[str, tuple[str, str, str]] = {}
        self.said: dict[str, str] = {}
        self.conversation: dict[str, str] = {}
        self.here: dict[str, Skills] = {}
        self.lost: set[tuple[str, str]] = set()
        self.asked: set[str] = set()
        self.answered: set[str] = set()
        self.vanished: set[str] = set()
        self.numbers = itertools.count()
        self.do(self.redis.flushall())
        self.now = self.do(read_queue(self.redis, teams=TEAMS, conversations={}))

    def do(self, step: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(step)

    def one(self, number: int) -> str:
        return sorted(self.told)[number % len(self.told)]

    def has(self, ticket: str, *states: str) -> bool:
        return self.told[ticket][0] in states

    def owned(self, ticket: str, agent: StaffRef) -> bool:
        return self.has(ticket, "claimed", "snoozed") and self.told[ticket][1] == agent.id

    def done(self, ticket: str, step: Coroutine[Any, Any, Any]) -> bool:
        try:
            self.do(step)
        except (TicketNotYours, TicketTaken, StaffAbsent):
            return False
        return True

    @rule(team=team_names, priority=st.sampled_from([Priority.NORMAL, Priority.HIGH, Priority.EMERGENCY]))
    def a_citizen_asks_for_a_person(self, team: str, priority: Priority) -> None:
        conversation = f"c{next(self.numbers)}"
        message = CitizenMessage(conversation, Channel.WEB, "m", "persona", at=0)
        self.do(self.inbox.accept(message))
        handoff = Handoff(HandoffReason.ASKED_HUMAN, priority, team)
        self.do(self.inbox.commit([message], (TOLD,), speaker=Speaker.ASSISTANT, change=Change(), handoff=handoff))
        ticket = self.do(self.inbox.state(conversation)).ticket
        assert ticket is not None
        assert ticket not in self.told
        self.told[ticket], self.conversation[ticket] = ("waiting", "", team), conversation

    @rule(agent=agents)
    def an_agent_says_that_they_are_available(self, agent: StaffRef) -> None:
        skills = self.here.setdefault(agent.id, Skills())
        self.do(self.presences.heartbeat(agent.id, agent.name, skills, Presence.AVAILABLE))
        self.lost = {(ticket, staff) for ticket, staff in self.lost if staff != agent.id}
        self.vanished.discard(agent.id)

    @rule(agent=agents, teams=st.lists(team_names, unique=True), capacity=st.integers(min_value=1, max_value=3))
    def an_agent_is_there(self, agent: StaffRef, teams: list[str], capacity: int) -> None:
        self.here[agent.id] = Skills(tuple(teams), capacity)
        self.do(self.presences.heartbeat(agent.id, agent.name, self.here[agent.id]))

    @rule(agent=agents)
    def an_agent_vanishes(self, agent: StaffRef) -> None:
        self.do(self.redis.delete(keys.agent_key(agent.id)))
        self.here.pop(agent.id, None)

    @rule(agent=agents)
    def a_browser_comes_and_goes(self, agent: StaffRef) -> None:
        self.give_out_one()
        had = [ticket for ticket in self.told if self.has(ticket, "claimed") and self.owned(ticket, agent)]
        skills = self.here.get(agent.id, Skills())
        self.an_agent_vanishes(agent)
        for ticket in had:
            self.reclaim(ticket)
        self.an_agent_is_there(agent, list(skills.teams), skills.capacity)

    @precondition(lambda self: self.told)
    @rule(number=some, agent=agents)
    def an_agent_picks(self, number: int, agent: StaffRef) -> None:
        ticket = self.one(number)
        free = self.has(ticket, "waiting", "callback")
        was_theirs = self.owned(ticket, agent)
        assert self.done(ticket, self.tickets.claim(ticket, agent, TOLD)) == (free or was_theirs)
        if free:
            self.told[ticket] = ("claimed", agent.id, self.told[ticket][2])

    @rule(agent=agents, teams=st.lists(team_names, unique=True))
    def an_agent_takes_the_next(self, agent: StaffRef, teams: list[str]) -> None:
        before = {t: told for t, told in self.told.items() if told[0] == "waiting" and (not teams or told[2] in teams)}
        order = self.order()
        ticket = self.do(self.tickets.claim_next(agent, teams, TOLD))
        assert (ticket is None) == (not before)
        if ticket:
            assert order[ticket.id] == min(order[one] for one in before)
            self.told[ticket.id] = ("claimed", agent.id, ticket.team)

    @rule()
    def one_is_given_out(self) -> None:
        self.give_out_one()

    def give_out_one(self) -> None:
        fits = {ticket: self.takers(ticket) for ticket, told in self.told.items() if told[0] == "waiting"}
        order = self.order()
        given = self.do(self.tickets.auto_assign(TOLD, {}))
        assert (given is None) == (not any(fits.values()))
        if given:
            ticket, staff = given
            assert order[ticket] == min(order[one] for one, takers in fits.items() if takers)
            assert self.turn(staff) == min(self.turn(one) for one in fits[ticket])
            self.told[ticket] = ("claimed", staff, self.told[ticket][2])

    def load(self, staff: str) -> int:
        return len([1 for state, owner, _ in self.told.values() if state == "claimed" and owner == staff])

    def turn(self, staff: str) -> tuple[bool, int]:
        return staff in self.vanished, self.load(staff)

    def takers(self, ticket: str) -> set[str]:
        """Returns the agents who may get the ticket: present, with room, of its team, and not its last owner."""
        serve = {staff: skills for staff, skills in self.here.items() if skills.serve(self.told[ticket][2])}
        with_room = {staff for staff, skills in serve.items() if self.load(staff) < skills.capacity}
        return {staff for staff in with_room if (ticket, staff) not in self.lost}

    def goes_to_line(self, ticket: str, team: str = "") -> None:
        self.lost.add((ticket, self.told[ticket][1]))
        self.told[ticket] = ("waiting", "", team or self.told[ticket][2])

    @precondition(lambda self: self.told)
    @rule(number=some)
    def the_citizen_goes_back_to_the_assistant(self, number: int) -> None:
        ticket = self.one(number)
        conversation = self.conversation[ticket]
        state = self.do(self.inbox.state(conversation))
        message = CitizenMessage(conversation, Channel.WEB, f"m{next(self.numbers)}", "volver", at=0)
        if state.speaker is not Speaker.WAITING:
            return
        self.do(self.inbox.accept(message))
        mail = self.do(self.inbox.pending(conversation))
        change = Change(cancel_ticket=True)
        self.do(self.inbox.commit(mail, (TOLD,), speaker=Speaker.WAITING, change=change))
        self.told[ticket] = ("closed", *self.told[ticket][1:])

    @rule(teams=st.lists(team_names, unique=True))
    def two_take_the_next_at_once(self, teams: list[str]) -> None:
        async def both() -> list[Any]:
            return await asyncio.gather(*(self.tickets.claim_next(agent, teams, TOLD) for agent in AGENTS[:2]))

        for agent, ticket in zip(AGENTS, self.do(both()), strict=False):
            if ticket:
                assert self.told[ticket.id][0] == "waiting"
                self.told[ticket.id] = ("claimed", agent.id, ticket.team)

    @precondition(lambda self: self.told)
    @rule(number=some, agent=agents, seconds=st.sampled_from([0, FAR_MS]))
    def an_agent_waits_for_the_citizen(self, number: int, agent: StaffRef, seconds: int) -> None:
        ticket = self.one(number)
        owned = self.owned(ticket, agent)
        assert self.done(ticket, self.transitions.snooze(ticket, agent, seconds)) == owned
        if owned:
            self.told[ticket] = ("snoozed", *self.told[ticket][1:])

    @precondition(lambda self: self.told)
    @rule(number=some, agent=agents)
    def an_agent_goes_on(self, number: int, agent: StaffRef) -> None:
        ticket = self.one(number)
        may = self.owned(ticket, agent) and self.has(ticket, "snoozed")
        assert self.done(ticket, self.transitions.wake(ticket, agent)) == may
        if may:
            self.told[ticket] = ("claimed", *self.told[ticket][1:])

    @precondition(lambda self: self.told)
    @rule(number=some)
    def the_citizen_writes(self, number: int) -> None:
        ticket = self.one(number)
        self.do(
            self.inbox.accept(
                CitizenMessage(self.conversation[ticket], Channel.WEB, f"m{next(self.numbers)}", "¿hola?", at=0)
            )
        )
        self.asked.add(ticket)
        if self.has(ticket, "snoozed"):
            if self.told[ticket][1] in self.here:
                self.told[ticket] = ("claimed", *self.told[ticket][1:])
            else:
                self.goes_to_line(ticket)

    @precondition(lambda self: self.told)
    @rule(number=some, agent=agents, supervises=st.booleans(), team=st.sampled_from(["", *TEAMS]))
    def it_goes_to_a_line(self, number: int, agent: StaffRef, supervises: bool, team: str) -> None:
        ticket = self.one(number)
        may = not self.has(ticket, "closed") and (supervises or self.owned(ticket, agent))
        actor, note = Actor(agent, supervises), Note(f"n{next(self.numbers)}", "para el equipo")
        moved = self.transitions.requeue(ticket, actor, Why.TRANSFER, TOLD, team=team, note=note)
        assert self.done(ticket, moved) == may
        if may:
            self.goes_to_line(ticket, team)

    @precondition(lambda self: self.told)
    @rule(number=some, agent=agents, to=agents, supervises=st.booleans())
    def it_goes_to_a_person(self, number: int, agent: StaffRef, to: StaffRef, supervises: bool) -> None:
        ticket = self.one(number)
        may = not self.has(ticket, "closed") and (supervises or self.owned(ticket, agent))
        theirs = may and self.owned(ticket, to) and self.has(ticket, "claimed")
        may = may and (theirs or to.id in self.here)
        moved = self.transitions.assign(ticket, Actor(agent, supervises), Why.TRANSFER, TOLD, to=to)
        assert self.done(ticket, moved) == may
        if may:
            self.told[ticket] = ("claimed", to.id, self.told[ticket][2])

    @precondition(lambda self: self.told)
    @rule(number=some, old=team_names, new=team_names)
    def its_team_is_no_more(self, number: int, old: str, new: str) -> None:
        ticket = self.one(number)
        state, owner, team = self.told[ticket]
        transitions = state != "closed" and team == old
        assert self.do(self.transitions.change_team(ticket, old, new)) == transitions
        if transitions:
            self.told[ticket] = (state, owner, new)

    @precondition(lambda self: self.told)
    @rule(number=some)
    def it_is_taken_back_from_whoever_vanished(self, number: int) -> None:
        self.reclaim(self.one(number))

    def reclaim(self, ticket: str) -> None:
        gone = self.has(ticket, "claimed") and self.told[ticket][1] not in self.here
        assert (self.do(self.transitions.reclaim(ticket, 0, TOLD, TOLD)) is Why.VANISHED) == gone
        if gone:
            self.vanished.add(self.told[ticket][1])
            self.goes_to_line(ticket)

    @precondition(lambda self: self.told)
    @rule(number=some)
    def a_silent_citizen_is_given_up(self, number: int) -> None:
        ticket = self.one(number)
        overdue, _ = self.do(self.tickets.overdue(1))
        closed = self.do(self.transitions.close_abandoned(ticket, "no_answer", TOLD, TOLD))
        assert closed == (ticket in overdue and ticket in self.answered - self.asked)
        if ticket in overdue and not closed:
            self.goes_to_line(ticket)
        elif closed:
            self.told[ticket] = ("closed", *self.told[ticket][1:])

    @precondition(lambda self: self.told)
    @rule(number=some, agent=agents, due=st.sampled_from([0, FAR_MS]))
    def it_becomes_a_call_back(self, number: int, agent: StaffRef, due: int) -> None:
        ticket = self.one(number)
        owned = self.owned(ticket, agent)
        assert self.done(ticket, self.transitions.schedule_callback(ticket, agent, due)) == owned
        if owned:
            self.told[ticket] = ("callback", "", self.told[ticket][2])

    @precondition(lambda self: self.told)
    @rule(number=some)
    def a_call_back_falls_due(self, number: int) -> None:
        ticket = self.one(number)
        _, due = self.do(self.tickets.overdue(1))
        assert self.do(self.transitions.enqueue_due_callback(ticket)) == (ticket in due)
        if ticket in due:
            self.goes_to_line(ticket)

    @precondition(lambda self: self.told)
    @rule(number=some, agent=agents)
    def an_agent_answers(self, number: int, agent: StaffRef) -> None:
        ticket = self.one(number)
        reply = self.tickets.reply(ticket, agent, "hola", f"r{next(self.numbers)}")
        assert self.done(ticket, reply) == self.owned(ticket, agent)
        if self.owned(ticket, agent):
            self.answered.add(ticket)

    @precondition(lambda self: self.told)
    @rule(number=some, agent=agents)
    def an_agent_closes(self, number: int, agent: StaffRef) -> None:
        ticket = self.one(number)
        owned = self.owned(ticket, agent)
        assert self.done(ticket, self.tickets.close(ticket, agent, TOLD)) == owned
        if owned:
            self.told[ticket] = ("closed", *self.told[ticket][1:])

    @invariant()
    def every_ticket_is_in_one_place_and_all_that_tells_of_it_agrees(self) -> None:
        self.now = self.do(read_queue(self.redis, teams=TEAMS, conversations=self.conversation, after=self.now.last))
        self.said |= {event.ticket.ticket: event.ticket.state for event in self.now.events if event.kind in AFTER}
        assert all(event.ticket.state == AFTER[event.kind] for event in self.now.events if event.kind in AFTER)
        assert self.now.told() == self.told
        assert self.said == {ticket: told[0] for ticket, told in self.told.items()}
        assert self.now.positions == {
            ticket: [("line", team) if state == "waiting" else (state, "")]
            for ticket, (state, _, team) in self.told.items()
            if state != "closed"
        }

    @invariant()
    def whose_turn_it_is_follows(self) -> None:
        for ticket, (state, _, _) in self.told.items():
            speaker, spoken_of = self.now.turns[self.conversation[ticket]]
            assert speaker == (SPEAKER[state] if spoken_of == ticket else "assistant")

    def order(self) -> dict[str, tuple[float, int]]:
        return {one.id: (one.rank, one.opened_at) for one in self.now.tickets.values()}


@pytest.mark.timeout(MAX_S)
def test_tickets_are_never_lost_nor_doubled_whatever_happens(tmp_path: Path) -> None:
    runs, steps = LONG if os.environ.get("VENTANILLA_LONG") else USUAL
    rules = settings(
        max_examples=runs,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        derandomize=runs == USUAL[0],
    )
    with quick_valkey(tmp_path) as url:
        QueueMachine.begin(url)
        run_state_machine_as_test(QueueMachine, settings=rules)  # type: ignore[no-untyped-call]
        QueueMachine.end()
