"""Builds the JSON of tickets for the desk's browser, with all Spanish texts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable

from bot.agency.model import Agency
from bot.core.channels import name_of
from bot.core.events import Event
from bot.core.messages import Candidate, HandoffReason
from bot.core.texts import say
from bot.desk import shapes
from bot.desk.views.citizen import known_views, language_words
from bot.desk.views.dangers import danger_view
from bot.desk.views.nickname import nickname_of
from bot.desk.views.reply_window import window_view
from bot.desk.views.transcript import event_view, percent
from bot.faq.entries.problem import Problem, Severity
from bot.handoff.agent import Agent
from bot.handoff.listing import QueuePage, Waiting, reason_in_words
from bot.handoff.matter import button_titles
from bot.handoff.media import Media, hindrance_words
from bot.handoff.notices import team_name
from bot.tickets.ticket import Ticket

NOBODY = Agent("", "")


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

    def ticket(self, waiting: Waiting, agent: Agent, same_sender: int = 0) -> shapes.Ticket:
        """Builds the JSON of a ticket for ``agent``.

        ``same_sender`` is how many listed tickets come from the same network, including this ticket.
        """
        ticket, language = waiting.ticket, language_words(waiting.known)
        return shapes.Ticket(
            id=ticket.id,
            conversation=ticket.conversation,
            channel=ticket.channel,
            channel_words=name_of(ticket.channel),
            reason=ticket.reason,
            reason_words=_reason(ticket, language),
            priority=ticket.priority,
            priority_words=say(f"desk.prioridades.{ticket.priority.value}"),
            rank=ticket.rank,
            state=ticket.state,
            by_phone=ticket.by_phone,
            returned=ticket.returned,
            unanswered_since=ticket.unanswered_since,
            team=ticket.team,
            team_words=team_name(self._agency, ticket.team),
            opened_at=ticket.opened_at,
            owner=shapes.Owner(name=ticket.owner.name, me=ticket.owner.id == agent.id) if ticket.owner else None,
            nickname=nickname_of(ticket.conversation),
            matter=waiting.matter,
            summary=ticket.summary,
            topic=waiting.topic,
            candidates=[_candidate(one) for one in ticket.candidates],
            last=_last(waiting.last) if waiting.last else None,
            unanswered=waiting.unanswered,
            files=self._files(waiting),
            window=window_view(waiting, self._agency.templates),
            language="" if ticket.reason is HandoffReason.LANGUAGE else language,
            known=[*known_views(waiting.known, self._agency), *_sender(ticket, same_sender)],
            danger=danger_view(waiting.dangers, self._agency),
        )

    def event(self, event: Event) -> shapes.TranscriptEvent:
        """Returns an event as the transcript shows it."""
        return event_view(event, self._agency.territory, self._titles, maps=self._agency.map_template)

    def _files(self, waiting: Waiting) -> shapes.FileLimits:
        channel = waiting.ticket.channel
        reason, limits = self._media.hindrance(channel, waiting.inbound_at), self._media.limits(channel)
        words = hindrance_words(channel, reason) if reason == "sin_direccion" else ""
        return shapes.FileLimits(picture=limits.picture, document=limits.document, hindrance=words)


def compact(made: object) -> str:
    return json.dumps(made, ensure_ascii=False, separators=(",", ":"))


def problem_views(problems: Iterable[Problem]) -> list[shapes.FaqProblem]:
    """Converts the errors of FAQ files to JSON; leaves out the warnings, which only concern editors."""
    errors = (one for one in problems if one.severity is Severity.ERROR)
    return [
        shapes.FaqProblem(file=one.file, line=one.line, field=one.field, message=one.message, fix=one.fix)
        for one in errors
    ]


def _reason(ticket: Ticket, language: str) -> str:
    if ticket.by_phone:
        return say("desk.llamadas.motivo")
    if language and ticket.reason is HandoffReason.LANGUAGE:
        return say("desk.motivos.language_cual", idioma=language)
    return reason_in_words(ticket.reason, [one.confidence for one in ticket.candidates])


def _last(event: Event) -> shapes.LastWords:
    text = say("mesa.pagina.eliminado_corto") if event.message.removed_at else event.text
    return shapes.LastWords(id=event.id, author=event.author, text=text, at=event.at)


def _candidate(candidate: Candidate) -> shapes.ConsideredEntry:
    confidence = percent(candidate.confidence)
    return shapes.ConsideredEntry(entry=candidate.entry, question=candidate.question, percent=confidence)


def _sender(ticket: Ticket, same: int) -> list[shapes.KnownFact]:
    """Returns a warning of several tickets, or too many within an hour, from one network; [] if neither applies."""
    if not ticket.crowded and same < MANY:
        return []
    words = say("desk.conocido.demasiadas") if ticket.crowded else say("desk.conocido.en_fila", n=same)
    return [shapes.KnownFact(label=say("desk.conocido.remitente"), words=words)]
