"""Tickets and events as the desk's browser gets them: plain JSON with every wording done. Called by api and stream."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from bot.agency.model import Agency
from bot.agency.territory import Territory
from bot.channels.formatting.html import event_html, is_safe_link
from bot.conversation.ratings import OPINION
from bot.core.messages import PROPOSAL_DECIDED, Candidate, Event, HandoffReason, Priority
from bot.core.texts import say
from bot.desk.views.citizen import known_views, language_words
from bot.desk.views.extras import extras
from bot.desk.views.reply_window import window_view
from bot.handoff.media import Media
from bot.handoff.notices import team_name
from bot.handoff.service import Agent, Waiting, reason_in_words
from bot.tickets.tickets import Ticket

SHOWN_PROVENANCE = ("entry", "version", "question", "responsible", "reviewed", "approved_by")

NOBODY = Agent("", "")


class Views:
    """``agency`` names the teams, ``media`` knows what may be attached."""

    def __init__(self, agency: Agency, media: Media) -> None:
        self._agency = agency
        self._media = media

    def line(self, waiting: Iterable[Waiting]) -> str:
        """What waits, as JSON: the same for whoever looks."""
        return compact([self.ticket(one, NOBODY) for one in waiting])

    def ticket(self, waiting: Waiting, agent: Agent) -> dict[str, Any]:
        """``{id, conversation, channel, reason, ..., *_words, owner: {name, me} | null, last | null}``."""
        ticket, language = waiting.ticket, language_words(waiting.known)
        owner = {"name": ticket.owner.name, "me": ticket.owner.id == agent.id} if ticket.owner else None
        return {
            "id": ticket.id,
            "conversation": ticket.conversation,
            "channel": ticket.channel.value,
            "channel_words": say(f"desk.canales.{ticket.channel.value}"),
            "reason": ticket.reason.value,
            "reason_words": _reason(ticket, language),
            "priority": ticket.priority.value,
            "priority_words": say(f"desk.prioridades.{ticket.priority.value}"),
            "rank": ticket.rank,
            "state": ticket.state.value,
            "by_phone": ticket.by_phone,
            "returned": ticket.returned,
            "unanswered_since": ticket.unanswered_since,
            "team": ticket.team,
            "team_words": team_name(self._agency, ticket.team),
            "opened_at": ticket.opened_at,
            "owner": owner,
            "summary": ticket.summary,
            "topic": waiting.topic,
            "candidates": [_candidate(one) for one in ticket.candidates],
            "last": last_words(waiting.last) if waiting.last else None,
            "unanswered": waiting.unanswered,
            "files": self._files(waiting),
            "window": window_view(waiting, self._agency.templates),
            "language": "" if ticket.reason is HandoffReason.LANGUAGE else language,
            "known": known_views(waiting.known, self._agency),
        }

    def event(self, event: Event) -> dict[str, Any]:
        """A line of the transcript."""
        return event_view(event, self._agency.territory)

    def _files(self, waiting: Waiting) -> dict[str, Any]:
        """``{picture, document}`` in bytes and ``hindrance``: why the channel takes none now, in words."""
        channel = waiting.ticket.channel
        reason = self._media.hindrance(channel, waiting.inbound_at)
        words = say(f"desk.sin_archivos.{reason}") if reason == "sin_direccion" else ""
        return vars(self._media.limits(channel)) | {"hindrance": words}


def _reason(ticket: Ticket, language: str) -> str:
    if ticket.by_phone:
        return say("desk.llamadas.motivo")
    if language and ticket.reason is HandoffReason.LANGUAGE:
        return say("desk.motivos.language_cual", idioma=language)
    return reason_in_words(ticket.reason, [one.confidence for one in ticket.candidates])


def compact(made: object) -> str:
    return json.dumps(made, ensure_ascii=False, separators=(",", ":"))


def last_words(event: Event) -> dict[str, Any]:
    return {"id": event.id, "author": event.author.value, "text": event.text, "at": event.at}


def event_view(event: Event, territory: Territory | None = None) -> dict[str, Any]:
    """A line of the transcript. ``html`` only for what is Markdown of ours (made safe by formatting/html.py);
    everything else is shown as text."""
    view: dict[str, Any] = {
        "id": event.id,
        "kind": event.kind,
        "author": event.author.value,
        "text": event.text,
        "at": event.at,
        "name": event.data.get("name", ""),
        "language": event.data.get("language", ""),
        "reply_id": event.data.get("reply_id", ""),
        "buttons": [str(button["title"]) for button in event.data.get("buttons") or ()],
    }
    if event.is_markdown and (event.kind == "message" or (event.kind == PROPOSAL_DECIDED and event.text)):
        view["html"] = event_html(event)
    if event.kind == OPINION:
        view["score"] = event.data["score"]
    elif event.kind != "message":
        view |= _ticket_change(event)
    return view | _proof(event) | extras(event, territory)


def problem_views(problems: Iterable[Any]) -> list[dict[str, Any]]:
    """Errors of FAQ files as ``bot.faq.entries.problem.Problem`` holds them; advice is the editor's own business."""
    return [
        {"file": one.file, "line": one.line, "field": one.field, "message": one.message, "fix": one.fix}
        for one in problems
        if getattr(one, "severity", "error") == "error"
    ]


def _ticket_change(event: Event) -> dict[str, Any]:
    data = event.data
    confidences = [float(one["confidence"]) for one in data.get("candidates") or ()]
    reason = data.get("reason") if "ticket" in data else None
    words = reason_in_words(HandoffReason(reason), confidences) if reason else ""
    told = {"owner_name": data.get("owner_name", ""), "why": data.get("why", "")}
    return {"reason_words": words, "priority": data.get("priority", Priority.NORMAL.value)} | told


def _candidate(candidate: Candidate) -> dict[str, Any]:
    return {"entry": candidate.entry, "question": candidate.question, "percent": percent(candidate.confidence)}


def _proof(event: Event) -> dict[str, Any]:
    """Where an answer came from: entry, version, certainty, who is responsible, official source."""
    proof: dict[str, Any] = {}
    if provenance := event.data.get("provenance"):
        proof["provenance"] = {key: str(provenance.get(key, "")) for key in SHOWN_PROVENANCE}
        proof["provenance"]["percent"] = percent(float(provenance.get("confidence", 0)))
    source = event.data.get("source")
    if source and is_safe_link(source["url"]):
        proof["source"] = {"title": source["title"] or source["url"], "url": source["url"]}
    return proof


def percent(confidence: float) -> int:
    return round(confidence * 100)
