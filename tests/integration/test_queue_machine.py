"""Whatever happens in whatever order to tickets: one place, one owner, nothing lost, and the events tell it."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Coroutine
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from bot.conversation import keys
from bot.conversation.connect import open_redis
from bot.conversation.mailbox import Change, Mailbox
from bot.conversation.moves import Mover, Moves, Note, Why
from bot.conversation.presence import Presences, Skills
from bot.conversation.tickets import StaffRef, Tickets
from bot.errors import StaffAbsent, TicketNotYours, TicketTaken
from bot.messages import Channel, CitizenMessage, Handoff, HandoffReason, Priority, Reply, Speaker

TEAMS = ("obras", "aseo", "salud")
AGENTS = tuple(StaffRef(name, name.title()) for name in ("ana", "beto", "carla"))
TOLD = Reply("aviso {posicion}")
CAPACITY = 2
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
    """The scripts on a real Valkey, and beside them what must be so: ticket -> (state, owner, team)."""

    url = ""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.redis = open_redis(self.url)
        self.mailbox, self.tickets, self.moves = Mailbox(self.redis), Tickets(self.redis), Moves(self.redis)
        self.presences = Presences(self.redis)
        self.told: dict[str, tuple[str, str, str]] = {}
        self.conversation: dict[str, str] = {}
        self.here: set[str] = set()
        self.numbers = itertools.count()
        self.do(self.redis.flushall())

    def do(self, step: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(step)

    def teardown(self) -> None:
        self.do(self.redis.aclose())
        self.loop.close()

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
        self.do(self.mailbox.accept(message))
        handoff = Handoff(HandoffReason.ASKED_HUMAN, priority, team)
        self.do(self.mailbox.commit([message], (TOLD,), speaker=Speaker.ASSISTANT, change=Change(), handoff=handoff))
        ticket = self.do(self.mailbox.state(conversation)).ticket
        assert ticket is not None
        assert ticket not in self.told
        self.told[ticket], self.conversation[ticket] = ("waiting", "", team), conversation

    @rule(agent=agents)
    def an_agent_is_there(self, agent: StaffRef) -> None:
        self.do(self.presences.beat(agent.id, agent.name, Skills(capacity=CAPACITY)))
        self.here.add(agent.id)

    @rule(agent=agents)
    def an_agent_vanishes(self, agent: StaffRef) -> None:
        self.do(self.redis.delete(keys.agent_key(agent.id)))
        self.here.discard(agent.id)

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
        order = self.do(self.order())
        ticket = self.do(self.tickets.take_next(agent, teams, TOLD))
        assert (ticket is None) == (not before)
        if ticket:
            assert order[ticket.id] == min(order[one] for one in before)
            self.told[ticket.id] = ("claimed", agent.id, ticket.team)

    @rule()
    def one_is_given_out(self) -> None:
        waiting = {ticket for ticket, told in self.told.items() if told[0] == "waiting"}
        order = self.do(self.order())
        given = self.do(self.tickets.give_out(TOLD, {}))
        assert (given is None) == (not waiting or not self.available())
        if given:
            ticket, staff = given
            assert order[ticket] == min(order[one] for one in waiting)
            assert self.load(staff) == min(self.load(one) for one in self.available())
            self.told[ticket] = ("claimed", staff, self.told[ticket][2])

    def load(self, staff: str) -> int:
        return len([1 for state, owner, _ in self.told.values() if state == "claimed" and owner == staff])

    def available(self) -> set[str]:
        return {staff for staff in self.here if self.load(staff) < CAPACITY}

    @precondition(lambda self: self.told)
    @rule(number=some)
    def the_citizen_goes_back_to_the_assistant(self, number: int) -> None:
        ticket = self.one(number)
        conversation = self.conversation[ticket]
        state = self.do(self.mailbox.state(conversation))
        message = CitizenMessage(conversation, Channel.WEB, f"m{next(self.numbers)}", "volver", at=0)
        if state.speaker is not Speaker.WAITING:
            return
        self.do(self.mailbox.accept(message))
        mail = self.do(self.mailbox.mail(conversation))
        change = Change(cancel_ticket=True)
        self.do(self.mailbox.commit(mail, (TOLD,), speaker=Speaker.WAITING, change=change))
        self.told[ticket] = ("closed", *self.told[ticket][1:])

    @rule(teams=st.lists(team_names, unique=True))
    def two_take_the_next_at_once(self, teams: list[str]) -> None:
        async def both() -> list[Any]:
            return await asyncio.gather(*(self.tickets.take_next(agent, teams, TOLD) for agent in AGENTS[:2]))

        for agent, ticket in zip(AGENTS, self.do(both()), strict=False):
            if ticket:
                assert self.told[ticket.id][0] == "waiting"
                self.told[ticket.id] = ("claimed", agent.id, ticket.team)

    @precondition(lambda self: self.told)
    @rule(number=some, agent=agents, seconds=st.sampled_from([0, FAR_MS]))
    def an_agent_waits_for_the_citizen(self, number: int, agent: StaffRef, seconds: int) -> None:
        ticket = self.one(number)
        owned = self.owned(ticket, agent)
        assert self.done(ticket, self.moves.snooze(ticket, agent, seconds)) == owned
        if owned:
            self.told[ticket] = ("snoozed", *self.told[ticket][1:])

    @precondition(lambda self: self.told)
    @rule(number=some, agent=agents)
    def an_agent_goes_on(self, number: int, agent: StaffRef) -> None:
        ticket = self.one(number)
        may = self.owned(ticket, agent) and self.has(ticket, "snoozed")
        assert self.done(ticket, self.moves.wake(ticket, agent)) == may
        if may:
            self.told[ticket] = ("claimed", *self.told[ticket][1:])

    @precondition(lambda self: self.told)
    @rule(number=some)
    def the_citizen_writes(self, number: int) -> None:
        ticket = self.one(number)
        self.do(
            self.mailbox.accept(
                CitizenMessage(self.conversation[ticket], Channel.WEB, f"m{next(self.numbers)}", "¿hola?", at=0)
            )
        )
        if self.has(ticket, "snoozed"):
            back = self.told[ticket][1] in self.here
            self.told[ticket] = ("claimed", *self.told[ticket][1:]) if back else ("waiting", "", self.told[ticket][2])

    @precondition(lambda self: self.told)
    @rule(number=some, agent=agents, commands=st.booleans(), team=st.sampled_from(["", *TEAMS]))
    def it_goes_to_a_line(self, number: int, agent: StaffRef, commands: bool, team: str) -> None:
        ticket = self.one(number)
        may = not self.has(ticket, "closed") and (commands or self.owned(ticket, agent))
        mover, note = Mover(agent, commands), Note(f"n{next(self.numbers)}", "para el equipo")
        moved = self.moves.to_line(ticket, mover, Why.TRANSFER, TOLD, team=team, note=note)
        assert self.done(ticket, moved) == may
        if may:
            self.told[ticket] = ("waiting", "", team or self.told[ticket][2])

    @precondition(lambda self: self.told)
    @rule(number=some, agent=agents, to=agents, commands=st.booleans())
    def it_goes_to_a_person(self, number: int, agent: StaffRef, to: StaffRef, commands: bool) -> None:
        ticket = self.one(number)
        may = not self.has(ticket, "closed") and (commands or self.owned(ticket, agent))
        theirs = may and self.owned(ticket, to) and self.has(ticket, "claimed")
        may = may and (theirs or to.id in self.here)
        moved = self.moves.to_person(ticket, Mover(agent, commands), Why.TRANSFER, TOLD, to=to)
        assert self.done(ticket, moved) == may
        if may:
            self.told[ticket] = ("claimed", to.id, self.told[ticket][2])

    @precondition(lambda self: self.told)
    @rule(number=some, old=team_names, new=team_names)
    def its_team_is_no_more(self, number: int, old: str, new: str) -> None:
        ticket = self.one(number)
        state, owner, team = self.told[ticket]
        moves = state != "closed" and team == old
        assert self.do(self.moves.change_team(ticket, old, new)) == moves
        if moves:
            self.told[ticket] = (state, owner, new)

    @precondition(lambda self: self.told)
    @rule(number=some)
    def it_is_taken_back_from_whoever_vanished(self, number: int) -> None:
        ticket = self.one(number)
        gone = self.has(ticket, "claimed") and self.told[ticket][1] not in self.here
        assert (self.do(self.moves.take_back(ticket, 0, TOLD, TOLD)) is Why.VANISHED) == gone
        if gone:
            self.told[ticket] = ("waiting", "", self.told[ticket][2])

    @precondition(lambda self: self.told)
    @rule(number=some)
    def a_silent_citizen_is_given_up(self, number: int) -> None:
        ticket = self.one(number)
        overdue, _ = self.do(self.tickets.overdue(1))
        assert self.do(self.moves.give_up_waiting(ticket, "no_answer", TOLD)) == (ticket in overdue)
        if ticket in overdue:
            self.told[ticket] = ("closed", *self.told[ticket][1:])

    @precondition(lambda self: self.told)
    @rule(number=some, agent=agents, due=st.sampled_from([0, FAR_MS]))
    def it_becomes_a_call_back(self, number: int, agent: StaffRef, due: int) -> None:
        ticket = self.one(number)
        owned = self.owned(ticket, agent)
        assert self.done(ticket, self.moves.call_again(ticket, agent, due)) == owned
        if owned:
            self.told[ticket] = ("callback", "", self.told[ticket][2])

    @precondition(lambda self: self.told)
    @rule(number=some)
    def a_call_back_falls_due(self, number: int) -> None:
        ticket = self.one(number)
        _, due = self.do(self.tickets.overdue(1))
        assert self.do(self.moves.fall_due(ticket)) == (ticket in due)
        if ticket in due:
            self.told[ticket] = ("waiting", "", self.told[ticket][2])

    @precondition(lambda self: self.told)
    @rule(number=some, agent=agents)
    def an_agent_answers(self, number: int, agent: StaffRef) -> None:
        ticket = self.one(number)
        reply = self.tickets.reply(ticket, agent, "hola", f"r{next(self.numbers)}")
        assert self.done(ticket, reply) == self.owned(ticket, agent)

    @precondition(lambda self: self.told)
    @rule(number=some, agent=agents)
    def an_agent_closes(self, number: int, agent: StaffRef) -> None:
        ticket = self.one(number)
        owned = self.owned(ticket, agent)
        assert self.done(ticket, self.tickets.close(ticket, agent, TOLD)) == owned
        if owned:
            self.told[ticket] = ("closed", *self.told[ticket][1:])

    @invariant()
    def every_ticket_is_in_exactly_one_place(self) -> None:
        assert self.do(self.places()) == {
            ticket: [("line", team) if state == "waiting" else (state, "")]
            for ticket, (state, _, team) in self.told.items()
            if state != "closed"
        }

    @invariant()
    def hashes_and_events_agree(self) -> None:
        assert self.do(self.kept()) == self.told
        assert self.do(self.said()) == {ticket: told[0] for ticket, told in self.told.items()}

    @invariant()
    def whose_turn_it_is_follows(self) -> None:
        for ticket, (state, _, _) in self.told.items():
            turn = self.do(self.mailbox.state(self.conversation[ticket]))
            if turn.ticket == ticket:
                assert turn.speaker == SPEAKER[state]
            else:
                assert turn.speaker == "assistant"

    async def places(self) -> dict[str, list[tuple[str, str]]]:
        found: dict[str, list[tuple[str, str]]] = {}
        for team in await self.redis.smembers(keys.LINES):
            for ticket in await self.redis.zrange(keys.line_key(team), 0, -1):
                found.setdefault(ticket, []).append(("line", team))
        for ticket in await self.redis.smembers(keys.CLAIMED):
            found.setdefault(ticket, []).append(("claimed", ""))
        for name, key in (("snoozed", keys.SNOOZED), ("callback", keys.CALLBACKS)):
            for ticket in await self.redis.zrange(key, 0, -1):
                found.setdefault(ticket, []).append((name, ""))
        return found

    async def order(self) -> dict[str, tuple[float, int]]:
        return {one.id: (one.rank, one.opened_at) for one in await self.tickets.waiting()}

    async def kept(self) -> dict[str, tuple[str, str, str]]:
        found = [await self.tickets.get(ticket) for ticket in self.told]
        return {one.id: (one.state.value, one.owner.id if one.owner else "", one.team) for one in found if one}

    async def said(self) -> dict[str, str]:
        states: dict[str, str] = {}
        for ticket, conversation in self.conversation.items():
            for event in await self.mailbox.feed(conversation, staff=True):
                if event.kind in AFTER:
                    states[ticket] = AFTER[event.kind]
                    assert event.data["state"] == states[ticket]
        return states


@pytest.mark.usefixtures("redis")
def test_tickets_are_never_lost_nor_doubled_whatever_happens(redis_url: str) -> None:
    QueueMachine.url = redis_url
    rules = settings(
        max_examples=60,
        stateful_step_count=40,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
    )
    run_state_machine_as_test(QueueMachine, settings=rules)  # type: ignore[no-untyped-call]
