"""Serves the desk: lists tickets, reads transcripts, and claims, answers and closes tickets."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.agency.desk_settings import DeskSettings
from bot.agency.model import Agency
from bot.conversation.inbox import Inbox
from bot.conversation.signals import Signals
from bot.conversation.state import ConversationState, KeptDanger
from bot.core.channels import traits_of
from bot.core.errors import TicketNotYours, TicketTaken
from bot.core.events import Event, EventKind
from bot.core.messages import Author, Channel, HandoffReason, Reply
from bot.core.texts import say
from bot.handoff.last_words import left_unanswered
from bot.handoff.notices import claimed_notice, closed_notice
from bot.tickets.ending import ENDED_WELL, Ending, Unanswered
from bot.tickets.presence import Presences, Skills
from bot.tickets.tickets import StaffRef, Ticket, Tickets
from bot.turns.ratings.survey import question

EVENT_PAGE = 500
LATEST_EVENTS = 12
LATEST_OF = 100  # number of waiting tickets whose latest message is loaded; the others show their summary
DANGER_COUNTS_MS = 24 * 3600 * 1000  # a danger told this long before its ticket was opened still marks the ticket
MIN_TOPIC = 0.2  # lowest confidence of an entry at which its question is shown as the ticket's topic


@dataclass(frozen=True)
class Agent:
    """A member of staff at the desk; ``own`` holds keys of the agency's teams.

    With ``sees_all`` or without own teams the agent serves all teams; with ``supervises`` they may move other agents'
    tickets. ``languages`` are the agent's languages besides Spanish; ``capacity`` 0 means the agency's default.
    """

    id: str
    name: str
    own: tuple[str, ...] = ()
    sees_all: bool = False
    supervises: bool = False
    languages: tuple[str, ...] = ()
    capacity: int = 0

    @property
    def ref(self) -> StaffRef:
        return StaffRef(id=self.id, name=self.name)

    @property
    def teams(self) -> tuple[str, ...]:
        """Returns the teams that the agent serves; an empty tuple means all."""
        return () if self.sees_all else self.own

    def speaks_for(self, team: str) -> str:
        """Returns the team to name to the citizen: the ticket's ``team`` or, if not the agent's, the agent's first."""
        return team if team in self.own or not self.own else self.own[0]

    def skills(self, rules: DeskSettings) -> Skills:
        return Skills(self.teams, self.capacity or rules.capacity, self.languages)

    def sees(self, ticket: Ticket) -> bool:
        """Returns whether the agent may see the ticket, that is, owns it or serves its team."""
        mine = ticket.owner is not None and ticket.owner.id == self.id
        return mine or self.serves(ticket.team)

    def serves(self, team: str) -> bool:
        return not self.teams or team in self.teams


@dataclass(frozen=True)
class Waiting:
    """A ticket as the desk lists it.

    ``last``: the newest message, None if not loaded. ``unanswered``: number of messages from the citizen since staff
    last wrote. ``inbound_at``: when the citizen last wrote (ms). ``notices_off``: the citizen refused unsolicited
    notices. ``answered``: the question of the FAQ entry that was sent last. ``dangers``: reported by the citizen.
    """

    ticket: Ticket
    last: Event | None
    unanswered: int
    inbound_at: int = 0
    notices_off: bool = False
    known: Mapping[str, str] = field(default_factory=dict)
    answered: str = ""
    dangers: tuple[KeptDanger, ...] = ()

    @property
    def topic(self) -> str:
        """Returns the citizen's likely question: the best candidate's, else that of the entry sent last, else ''."""
        best = max(self.ticket.candidates, key=lambda one: one.confidence, default=None)
        return best.question if best and best.confidence >= MIN_TOPIC else self.answered

    def owned_by(self, agent: Agent) -> bool:
        return self.ticket.owner is not None and self.ticket.owner.id == agent.id


class Desk:
    """Reads and changes tickets for agents, through ``Tickets`` and ``Inbox``, which make every change."""

    def __init__(
        self, *, tickets: Tickets, inbox: Inbox, signals: Signals, presences: Presences, agency: Agency
    ) -> None:
        self._tickets = tickets
        self._presences = presences
        self._inbox = inbox
        self._signals = signals
        self._agency = agency

    async def waiting(self, teams: tuple[str, ...] = ()) -> tuple[Waiting, ...]:
        """Returns the waiting tickets of ``teams`` (all teams if empty), in the order in which they are served."""
        queued = await self._tickets.waiting(teams)
        shown, behind = queued[:LATEST_OF], queued[LATEST_OF:]
        return (*await self._with_latest(shown), *(Waiting(ticket, None, 0) for ticket in behind))

    async def attended(self, agent: Agent) -> tuple[Waiting, ...]:
        """Returns the claimed and snoozed tickets that the agent may see, including those of other agents."""
        return await self._with_latest([ticket for ticket in await self._attended() if agent.sees(ticket)])

    async def ticket(self, ticket_id: str) -> Waiting | None:
        """Returns one ticket as the list shows it; None when it is unknown or closed."""
        ticket = await self._tickets.get(ticket_id)
        if ticket is None or ticket.closed:
            return None
        return (await self._with_latest([ticket]))[0]

    async def ticket_for(self, ticket_id: str, agent: Agent) -> Waiting | None:
        """Returns the ticket only if ``agent`` may see it, since ticket numbers are easily guessed; else None."""
        found = await self.ticket(ticket_id)
        return found if found and agent.sees(found.ticket) else None

    async def ticket_of(self, conversation: str) -> Waiting | None:
        """Returns the open ticket of a conversation, or None."""
        ticket = (await self._inbox.state(conversation)).ticket
        return await self.ticket(ticket) if ticket else None

    async def open_conversations(self) -> dict[str, str]:
        """Returns the waiting, claimed and snoozed tickets as a map from conversation id to ticket id."""
        tickets = [*await self._tickets.waiting(), *await self._attended()]
        return {ticket.conversation: ticket.id for ticket in tickets}

    async def transcript(self, conversation: str, after: str = "0") -> list[Event]:
        """Returns all events after the event id ``after``, oldest first, including notes that only staff may see."""
        events: list[Event] = []
        while page := await self._inbox.events(conversation, after=after, limit=EVENT_PAGE, staff=True):
            events.extend(page)
            after = page[-1].id
            if len(page) < EVENT_PAGE:
                break
        return events

    async def latest(self, conversation: str) -> list[Event]:
        """Returns the newest LATEST_EVENTS events of a conversation, oldest first, without staff-only ones."""
        return (await self._inbox.latest([conversation], LATEST_EVENTS))[0]

    async def claim(self, ticket_id: str, agent: Agent) -> Ticket:
        """Claims the ticket for ``agent`` and notifies the citizen. Raises TicketTaken."""
        ticket = await self._tickets.get(ticket_id)
        if ticket is None or not agent.sees(ticket):
            raise TicketTaken(ticket=ticket_id, owner="")
        notice = claimed_notice(self._agency, name=agent.name, team=agent.speaks_for(ticket.team))
        await self._presences.heartbeat(agent.id, agent.name, agent.skills(self._agency.desk))
        return await self._tickets.claim(ticket_id, agent.ref, notice)

    async def reply(self, ticket_id: str, agent: Agent, *, text: str, reply_id: str, entry: Reply | None = None) -> str:
        """Sends an agent's reply, once for each ``reply_id``; ``entry`` is the FAQ answer that the reply sends, if any.

        Returns the event id. Raises TicketNotYours.
        """
        return await self._tickets.reply(ticket_id, agent.ref, text, reply_id, entry=entry)

    async def unanswered(self, ticket_id: str, agent: Agent, closing_over: str = "") -> Unanswered:
        """Returns the messages that the assistant will have to answer once the ticket is closed.

        Raises TicketNotYours. Raises CitizenStillWrites if the agent was not shown the newest of them; ``closing_over``
        is the id of the newest that the agent was shown.
        """
        ticket = await self._owned(ticket_id, agent)
        state = await self._inbox.state(ticket.conversation)
        if state.ticket != ticket_id:  # a call-back: the citizen writes to the assistant meanwhile
            return Unanswered()
        written = await self._inbox.unanswered(ticket.conversation)
        return left_unanswered(written, state, int(time.time() * 1000), closing_over)

    async def close(self, ticket_id: str, agent: Agent, ending: Ending = ENDED_WELL, *, closing_over: str = "") -> None:
        """Closes the ticket, returns the conversation to the assistant and sends the survey.

        If messages are left for the assistant, no survey is sent: the assistant's answer would replace its buttons.
        Raises the same errors as ``unanswered``.
        """
        ticket = await self._owned(ticket_id, agent)
        notice = closed_notice(self._agency, name=agent.name, about=ending.question or ticket.answered)
        closed = False
        while not closed:
            left = await self.unanswered(ticket_id, agent, closing_over)
            asks = None if left.hand_back else await self._survey_question(ticket)
            closed = await self._tickets.close(ticket_id, agent.ref, notice, ending, asks=asks, unanswered=left)

    async def _survey_question(self, ticket: Ticket) -> Reply | None:
        """Returns the survey; None on the web (it has a form), outside the channel's reply window, and after «baja»."""
        if ticket.channel is Channel.WEB:
            return None
        state, now_ms = await self._inbox.state(ticket.conversation), int(time.time() * 1000)
        closed = not traits_of(ticket.channel).may_write(state.inbound_at, now_ms)
        return None if closed or state.notices_off else question(ticket.id, now_ms)

    async def typing(self, ticket_id: str, agent: Agent) -> None:
        """Shows the citizen that ``agent`` is typing. Raises TicketNotYours."""
        ticket = await self._owned(ticket_id, agent)
        await self._signals.typing(ticket.conversation, Author.STAFF, agent.name)

    async def read(self, ticket_id: str, agent: Agent, event_id: str) -> None:
        """Shows the citizen that ``agent`` has read the conversation up to the event id. Raises TicketNotYours."""
        ticket = await self._owned(ticket_id, agent)
        await self._signals.read(ticket.conversation, Author.STAFF, event_id)

    async def read_by_citizen(self, conversation: str) -> str:
        """Returns the id of the newest event that the citizen has seen, or ''."""
        return await self._signals.read_up_to(conversation, Author.CITIZEN)

    async def _attended(self) -> list[Ticket]:
        return [*await self._tickets.claimed(), *await self._tickets.snoozed()]

    async def _owned(self, ticket_id: str, agent: Agent) -> Ticket:
        ticket = await self._tickets.get(ticket_id)
        if ticket is None or ticket.closed or ticket.owner is None or ticket.owner.id != agent.id:
            raise TicketNotYours(ticket=ticket_id)
        return ticket

    async def _with_latest(self, tickets: list[Ticket]) -> tuple[Waiting, ...]:
        conversations = [ticket.conversation for ticket in tickets]
        logs = await self._inbox.latest(conversations, LATEST_EVENTS)
        states = await self._inbox.states(conversations)
        return tuple(_waiting(*each) for each in zip(tickets, logs, states, strict=True))


def reason_in_words(reason: HandoffReason, confidences: Sequence[float]) -> str:
    """Formats a handoff's reason, such as ``no estaba segura: 41 %``, with the highest of ``confidences``."""
    if reason is HandoffReason.LOW_CONFIDENCE and confidences:
        return say("desk.motivos.low_confidence_con_certeza", certeza=round(max(confidences) * 100))
    return say(f"desk.motivos.{reason.value}")


def _waiting(ticket: Ticket, events: list[Event], state: ConversationState) -> Waiting:
    messages = [event for event in events if event.kind is EventKind.MESSAGE and event.author is not Author.SYSTEM]
    unanswered = 0
    for event in reversed(messages):
        if event.author is Author.STAFF:
            break
        unanswered += event.author is Author.CITIZEN
    last = messages[-1] if messages else None
    proofs = (event.message.provenance for event in reversed(messages))
    answered = next((proof.question for proof in proofs if proof), "")
    dangers = tuple(one for one in state.dangers if one.at >= ticket.opened_at - DANGER_COUNTS_MS)
    return Waiting(ticket, last, unanswered, state.inbound_at, state.notices_off, state.known, answered, dangers)
