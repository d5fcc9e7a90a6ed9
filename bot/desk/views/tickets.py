"""Builds the JSON of tickets for the desk's browser, with all Spanish texts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from bot.agency.model import Agency
from bot.core.channels import name_of
from bot.core.events import Event
from bot.core.json_fields import JsonFields
from bot.core.messages import Candidate, HandoffReason
from bot.core.texts import say
from bot.desk.views.citizen import KnownView, known_views, language_words
from bot.desk.views.dangers import DangerView, danger_view
from bot.desk.views.nickname import nickname_of
from bot.desk.views.reply_window import WindowView, window_view
from bot.desk.views.transcript import EventView, event_view, percent
from bot.faq.entries.problem import Problem, Severity
from bot.handoff.agent import Agent
from bot.handoff.listing import QueuePage, Waiting, reason_in_words
from bot.handoff.matter import button_titles
from bot.handoff.media import Media, hindrance_words
from bot.handoff.notices import team_name
from bot.tickets.tickets import Ticket

NOBODY = Agent("", "")


@dataclass(frozen=True)
class OwnerView(JsonFields):
    """The agent who owns a ticket; ``me`` is true if that agent is the viewer."""

    name: str
    me: bool


@dataclass(frozen=True)
class LastView(JsonFields):
    """The newest message of a conversation."""

    id: str
    author: str
    text: str
    at: int


@dataclass(frozen=True)
class CandidateView(JsonFields):
    """An entry that the assistant considered as the answer."""

    entry: str
    question: str
    percent: int


@dataclass(frozen=True)
class FilesView(JsonFields):
    """The limits for files in a reply: the maximum size, in bytes, of a picture and of a document.

    ``hindrance`` is the Spanish text that says why no file can be sent, or ''.
    """

    picture: int
    document: int
    hindrance: str


@dataclass(frozen=True)
class TicketView(JsonFields):
    """A ticket as the desk lists it; times are in ms since 1970; shapes.Ticket explains the fields."""

    id: str
    conversation: str
    channel: str
    channel_words: str
    reason: str
    reason_words: str
    priority: str
    priority_words: str
    rank: float
    state: str
    by_phone: bool
    returned: bool
    unanswered_since: int
    team: str
    team_words: str
    opened_at: int
    owner: OwnerView | None
    nickname: str
    matter: str
    summary: str
    topic: str
    candidates: tuple[CandidateView, ...]
    last: LastView | None
    unanswered: int
    files: FilesView
    window: WindowView | None
    language: str
    known: tuple[KnownView, ...]
    danger: DangerView | None


@dataclass(frozen=True)
class ProblemView(JsonFields):
    """An error in an FAQ file; ``message`` says what is wrong and ``fix`` what to do, in Spanish."""

    file: str
    line: int
    field: str
    message: str
    fix: str


MANY = 2


class Views:
    """A builder of views; ``agency`` provides the teams' names, ``media`` the limits of files that can be sent."""

    def __init__(self, agency: Agency, media: Media) -> None:
        self._agency = agency
        self._titles = button_titles(agency)
        self._media = media

    def queue(self, page: QueuePage) -> str:
        """Returns the fields of a page of the queue as JSON text without braces; it is the same for every agent."""
        same = Counter(one.ticket.same_sender for one in page.first if one.ticket.same_sender)
        first = [self.ticket(one, NOBODY, same[one.ticket.same_sender]).to_data() for one in page.first]
        return compact({"waiting": first, "behind": page.behind, "total": page.total})[1:-1]

    def ticket(self, waiting: Waiting, agent: Agent, same_sender: int = 0) -> TicketView:
        """Builds the view of a ticket for ``agent``.

        ``same_sender`` is how many listed tickets come from the same network, this one included.
        """
        ticket, language = waiting.ticket, language_words(waiting.known)
        return TicketView(
            id=ticket.id,
            conversation=ticket.conversation,
            channel=ticket.channel.value,
            channel_words=name_of(ticket.channel),
            reason=ticket.reason.value,
            reason_words=_reason(ticket, language),
            priority=ticket.priority.value,
            priority_words=say(f"desk.prioridades.{ticket.priority.value}"),
            rank=ticket.rank,
            state=ticket.state.value,
            by_phone=ticket.by_phone,
            returned=ticket.returned,
            unanswered_since=ticket.unanswered_since,
            team=ticket.team,
            team_words=team_name(self._agency, ticket.team),
            opened_at=ticket.opened_at,
            owner=OwnerView(ticket.owner.name, ticket.owner.id == agent.id) if ticket.owner else None,
            nickname=nickname_of(ticket.conversation),
            matter=waiting.matter,
            summary=ticket.summary,
            topic=waiting.topic,
            candidates=tuple(_candidate(one) for one in ticket.candidates),
            last=_last(waiting.last) if waiting.last else None,
            unanswered=waiting.unanswered,
            files=self._files(waiting),
            window=window_view(waiting, self._agency.templates),
            language="" if ticket.reason is HandoffReason.LANGUAGE else language,
            known=(*known_views(waiting.known, self._agency), *_sender(ticket, same_sender)),
            danger=danger_view(waiting.dangers, self._agency),
        )

    def event(self, event: Event) -> EventView:
        """Returns an event as the transcript shows it."""
        return event_view(event, self._agency.territory, self._titles, maps=self._agency.map_template)

    def _files(self, waiting: Waiting) -> FilesView:
        channel = waiting.ticket.channel
        reason, limits = self._media.hindrance(channel, waiting.inbound_at), self._media.limits(channel)
        words = hindrance_words(channel, reason) if reason == "sin_direccion" else ""
        return FilesView(limits.picture, limits.document, words)


def compact(made: object) -> str:
    return json.dumps(made, ensure_ascii=False, separators=(",", ":"))


def problem_views(problems: Iterable[Problem]) -> list[ProblemView]:
    """Converts the errors of FAQ files to views; leaves out the warnings, which only concern editors."""
    errors = (one for one in problems if one.severity is Severity.ERROR)
    return [ProblemView(one.file, one.line, one.field, one.message, one.fix) for one in errors]


def _reason(ticket: Ticket, language: str) -> str:
    if ticket.by_phone:
        return say("desk.llamadas.motivo")
    if language and ticket.reason is HandoffReason.LANGUAGE:
        return say("desk.motivos.language_cual", idioma=language)
    return reason_in_words(ticket.reason, [one.confidence for one in ticket.candidates])


def _last(event: Event) -> LastView:
    text = say("mesa.pagina.eliminado_corto") if event.message.removed_at else event.text
    return LastView(event.id, event.author.value, text, event.at)


def _candidate(candidate: Candidate) -> CandidateView:
    return CandidateView(candidate.entry, candidate.question, percent(candidate.confidence))


def _sender(ticket: Ticket, same: int) -> tuple[KnownView, ...]:
    """Returns a line that warns of several tickets, or too many within an hour, from one network.

    Returns () if neither applies.
    """
    if not ticket.crowded and same < MANY:
        return ()
    words = say("desk.conocido.demasiadas") if ticket.crowded else say("desk.conocido.en_fila", n=same)
    return (KnownView(say("desk.conocido.remitente"), words),)
