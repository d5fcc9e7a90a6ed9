"""Serves the desk: lists tickets, reads transcripts, and claims, answers and closes tickets."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bot.agency.model import Agency
from bot.conversation.inbox import Inbox
from bot.conversation.signals import Signals
from bot.core import clock
from bot.core.channels import RatedBy, traits_of
from bot.core.errors.tickets import TicketNotYours, TicketTaken
from bot.core.events import Event
from bot.core.messages import Author, Reply
from bot.handoff.agent import Agent, BlockedAmong
from bot.handoff.last_words import left_unanswered
from bot.handoff.listing import QueuePage, Waiting, Wanted, own_events, waiting_of
from bot.handoff.matter import button_titles
from bot.handoff.notices import claimed_notice, closed_notice
from bot.tickets.ending import ENDED_WELL, Ending, Unanswered
from bot.tickets.presence import Presences
from bot.tickets.queued import Queued
from bot.tickets.ticket import Ticket
from bot.tickets.tickets import Tickets
from bot.turns.ratings.survey import question

EVENT_PAGE = 500
LATEST_EVENTS = 20


class Desk:
    """Reads and changes tickets for agents, through ``Tickets`` and ``Inbox``, which make every change."""

    def __init__(
        self,
        *,
        tickets: Tickets,
        inbox: Inbox,
        signals: Signals,
        presences: Presences,
        agency: Agency,
        blocked: BlockedAmong,
    ) -> None:
        self._tickets = tickets
        self._presences = presences
        self._inbox = inbox
        self._signals = signals
        self._agency, self._blocked = agency, blocked
        self._titles = button_titles(agency)

    async def waiting(self, wanted: Wanted) -> QueuePage:
        """Returns a page of the waiting tickets, in the order in which they are served.

        Reads only the tickets of the page, and the ids of the others.
        """
        queues = self._tickets.queues
        counts = await queues.counts(wanted.teams)
        teams = [team for team in counts if team == (wanted.team or team)]
        if wanted.channel or wanted.reason:
            start = await queues.matching(teams, wanted.channel, wanted.reason, wanted.shown)
        else:
            start = await queues.start(teams, wanted.shown)
        return QueuePage(await self.listed(start.first), start.others, sum(counts.values()))

    async def counts(self, agent: Agent) -> dict[str, int]:
        """Returns the number of waiting tickets of each team that the agent serves."""
        return await self._tickets.queues.counts(agent.teams)

    async def longest(self, agent: Agent, limit: int) -> list[Queued]:
        """Returns tickets of all teams that the agent serves, in the order of service.

        Those are each team's first ``limit`` emergencies, and the ``limit`` tickets of each priority with the longest
        wait.
        """
        queues = self._tickets.queues
        return await queues.longest(agent.teams or await queues.teams(), limit)

    async def listed(self, ids: Sequence[str]) -> tuple[Waiting, ...]:
        """Returns the tickets with these ids as the desk lists them, in the same order; omits unknown ids."""
        found = await self._tickets.several(ids)
        return await self._with_latest([found[one] for one in ids if one in found])

    async def attended(self, agent: Agent) -> tuple[Waiting, ...]:
        """Returns the claimed and snoozed tickets that the agent may see, including those of other agents."""
        return await self._with_latest([ticket for ticket in await self.attended_tickets() if agent.sees(ticket)])

    async def ticket(self, ticket_id: str) -> Waiting | None:
        """Returns an open ticket as the desk lists it; None if it is unknown or closed."""
        ticket = await self._tickets.get(ticket_id)
        if ticket is None or ticket.closed:
            return None
        return (await self._with_latest([ticket]))[0]

    async def ticket_for(self, ticket_id: str, agent: Agent) -> Waiting | None:
        """Returns the ticket only if ``agent`` may see it, since ticket numbers are easily guessed; else None."""
        found = await self.ticket(ticket_id)
        return found if found and await self._sees(agent, found.ticket) else None

    async def seen(self, tickets: Collection[str], agent: Agent) -> set[str]:
        """Returns the tickets in ``tickets``, open or closed of late, that ``agent`` may see."""
        return {id for id, one in (await self._tickets.several(list(tickets))).items() if agent.sees(one)}

    async def ticket_of(self, conversation: str) -> Waiting | None:
        """Returns the open ticket of a conversation, or None."""
        ticket = (await self._inbox.state(conversation)).ticket
        return await self.ticket(ticket) if ticket else None

    async def waiting_conversations(self) -> dict[str, dict[str, str]]:
        """Returns, by conversation, the team of each waiting ticket; the citizen's messages belong to the last one."""
        return await self._tickets.queues.conversations()

    async def attended_tickets(self) -> list[Ticket]:
        """Returns the claimed and snoozed tickets."""
        return [*await self._tickets.claimed(), *await self._tickets.snoozed()]

    async def transcript(self, conversation: str, after: str = "0") -> list[Event]:
        """Returns all events after the event id ``after``, oldest first, including notes that only staff may see."""
        events: list[Event] = []
        while page := await self._inbox.events(conversation, after=after, limit=EVENT_PAGE, staff=True):
            events.extend(page)
            after = page[-1].id
            if len(page) < EVENT_PAGE:
                break
        return events

    async def latest(self, ticket: Ticket) -> Sequence[Event]:
        """Returns the newest events, at most LATEST_EVENTS, since the citizen's previous ticket ended.

        The oldest event comes first; staff-only events are omitted.
        """
        return own_events((await self._inbox.latest([ticket.conversation], LATEST_EVENTS))[0], ticket)

    async def claim(self, ticket_id: str, agent: Agent) -> Ticket:
        """Claims the ticket for ``agent``, renews their heartbeat and notifies the citizen.

        Raises TicketTaken, also if the ticket does not exist or the agent may not see it.
        """
        ticket = await self._tickets.get(ticket_id)
        if ticket is None or not await self._sees(agent, ticket):
            raise TicketTaken(ticket=ticket_id, owner="")
        notice = claimed_notice(self._agency, name=agent.name, team=agent.speaks_for(ticket.team))
        await self._presences.heartbeat(agent.id, agent.name, agent.skills(self._agency.desk))
        return await self._tickets.claim(ticket_id, agent.ref, notice)

    async def reply(self, ticket_id: str, agent: Agent, *, text: str, reply_id: str, entry: Reply | None = None) -> str:
        """Sends an agent's reply, once for each ``reply_id``; ``entry`` is the FAQ answer that the agent sends, if any.

        Returns the event id. Raises TicketNotYours.
        """
        return await self._tickets.reply(ticket_id, agent.ref, text, reply_id, entry=entry)

    async def unanswered(self, ticket_id: str, agent: Agent, closing_over: str = "") -> Unanswered:
        """Returns the messages that the assistant will have to answer once the ticket is closed.

        Raises TicketNotYours, and CitizenStillWrites if the agent's page did not show the newest message without a
        reply; ``closing_over`` is the id of the newest such message that it showed. For a call-back there are none,
        since its citizen talks to the assistant meanwhile.
        """
        ticket = await self._owned(ticket_id, agent)
        state = await self._inbox.state(ticket.conversation)
        if state.ticket != ticket_id:  # a call-back: the citizen talks to the assistant meanwhile
            return Unanswered()
        written = await self._inbox.unanswered(ticket.conversation)
        return left_unanswered(written, state, clock.now_ms(), closing_over)

    async def close(self, ticket_id: str, agent: Agent, ending: Ending = ENDED_WELL, *, closing_over: str = "") -> None:
        """Closes the ticket, returns the conversation to the assistant and sends the survey.

        Sends no survey on the web, outside the reply window or after «baja», nor if messages are left for the
        assistant, since its answer would replace the survey's buttons. ``closing_over`` and the errors are those of
        ``unanswered``.
        """
        ticket = await self._owned(ticket_id, agent)
        notice = closed_notice(self._agency, name=agent.name, about=ending.question or ticket.answered)
        closed = False
        while not closed:
            left = await self.unanswered(ticket_id, agent, closing_over)
            asks = None if left.hand_back else await self._survey_question(ticket)
            closed = await self._tickets.close(ticket_id, agent.ref, notice, ending, asks=asks, unanswered=left)

    async def _survey_question(self, ticket: Ticket) -> Reply | None:
        """Returns the survey; None if a form asks instead, outside the channel's reply window, and after «baja»."""
        if traits_of(ticket.channel).rated_by is RatedBy.FORM:
            return None
        state, now_ms = await self._inbox.state(ticket.conversation), clock.now_ms()
        closed = not traits_of(ticket.channel).may_write(state.inbound_at, now_ms)
        return None if closed or state.notices_off else question(ticket.id, now_ms)

    async def typing(self, ticket_id: str, agent: Agent) -> None:
        """Signals to the citizen that ``agent`` is typing. Raises TicketNotYours."""
        ticket = await self._owned(ticket_id, agent)
        await self._signals.typing(ticket.conversation, Author.STAFF, agent.name)

    async def read(self, ticket_id: str, agent: Agent, event_id: str) -> None:
        """Signals to the citizen that ``agent`` has read all events up to ``event_id``. Raises TicketNotYours."""
        ticket = await self._owned(ticket_id, agent)
        await self._signals.read(ticket.conversation, Author.STAFF, event_id)

    async def looking(self, ticket: Ticket, agent: Agent) -> None:
        """Signals to the other agents that ``agent`` is reading a waiting ticket."""
        await self._signals.looking(ticket.conversation, agent.id, agent.name)

    async def read_by_citizen(self, conversation: str) -> str:
        """Returns the id of the newest event that the citizen has read; '' if there is none."""
        return await self._signals.read_up_to(conversation, Author.CITIZEN)

    async def _sees(self, agent: Agent, ticket: Ticket) -> bool:
        """Returns whether ``agent`` may see the ticket; a call-back of blocked data only while they make the call."""
        if not agent.sees(ticket):
            return False
        is_owner = ticket.owner is not None and ticket.owner.id == agent.id
        return is_owner or not ticket.by_phone or not await self._blocked([ticket.conversation])

    async def _owned(self, ticket_id: str, agent: Agent) -> Ticket:
        ticket = await self._tickets.get(ticket_id)
        if ticket is None or ticket.closed or ticket.owner is None or ticket.owner.id != agent.id:
            raise TicketNotYours(ticket=ticket_id)
        return ticket

    async def _with_latest(self, tickets: list[Ticket]) -> tuple[Waiting, ...]:
        conversations = [ticket.conversation for ticket in tickets]
        logs = await self._inbox.latest(conversations, LATEST_EVENTS)
        states = await self._inbox.states(conversations)
        return tuple(waiting_of(*each, self._titles) for each in zip(tickets, logs, states, strict=True))
