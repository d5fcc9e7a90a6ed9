"""Divides a conversation into episodes and describes the course of each one; does no I/O.

A citizen's message begins an episode unless a message of the last episode came less than GAP before, or a ticket is
open. So a question, its answer and the thanks are one episode, and so is a support session that lasts for days.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from bot.core.messages import Author
from bot.figures.facts.staff_signal import staff_signal
from bot.figures.facts.talks import Call, Handed, Json, Opinion, Said, Talk

GAP = timedelta(hours=6)
DANGER_REASON = "emergency"
OTHER = "other"  # the reason «No era eso» of a «No me sirvió»


class Trigger(StrEnum):
    """The kind of message with which the citizen began an episode."""

    WORDS = "words"
    BUTTON = "button"
    FILE = "file"


class Ending(StrEnum):
    """The ending of an episode: the first of these that applies. After a complaint, WAITING and LOST do not apply."""

    PERSON = "person"  # a person answered the citizen
    WAITING = "waiting"  # handed off, and nobody has answered yet
    LOST = "lost"  # handed off, and closed without a person's answer
    COMPLAINT = "complaint"  # the citizen left a complaint, which has a number
    ANSWERED = "answered"  # an entry answered
    REFERRED = "referred"  # the citizen was referred to another organization
    OFFERED = "offered"  # entries were offered, but none was chosen
    DANGER = "danger"  # the citizen was given emergency numbers
    UNKNOWN = "unknown"  # the assistant said that it had no answer
    SILENT = "silent"  # the citizen got no answer
    TALK = "talk"  # anything else, such as a greeting


# A drill answers no message, so what people ask during a drill is real and counts. Only episodes with one of these
# endings, in which the drill was mentioned, belong to the drill.
NOTHING_ASKED = {Ending.TALK, Ending.SILENT}


def messages_by_episode(talk: Talk) -> list[list[Said]]:
    """Returns the messages of each episode (its span); omits broadcasts and what was sent between episodes.

    Omits the conversation from the episode on in which the team's code admitted it to the trial of a channel.
    """
    episodes: list[list[Said]] = []
    last: datetime | None = None
    for one in talk.messages:
        if one.data.get("trial"):
            return episodes[:-1]
        if one.data.get("broadcast"):
            continue
        goes_on = last is not None and (one.at - last < GAP or any(ticket.attends(one.at) for ticket in talk.tickets))
        if not goes_on and one.author != Author.CITIZEN:
            continue
        if goes_on:
            episodes[-1].append(one)
        else:
            episodes.append([one])
        last = one.at
    return episodes


def episodes_of(talk: Talk) -> list[dict[str, Any]]:
    """Returns the rows of the conversation's episodes in order.

    The columns that need the time zone, topics or segments are missing. ``about`` lists the ids of the entries that the
    episode may be about: those that answered, then those offered, then the candidates of its tickets.
    """
    spans = messages_by_episode(talk)
    untils = [*(span[0].at for span in spans[1:]), None]
    rows = []
    for span, until in zip(spans, untils, strict=False):
        within = _Within(span[0].at, until)
        tickets = [one for one in talk.tickets if within.holds(one.opened_at)]
        complained = any(within.holds(at) for at in talk.complaints)
        rows.append(
            {"conversation_id": talk.id, "channel": talk.channel, "started_at": span[0].at, "returned_at": until}
            | {"ended_at": max([span[-1].at, *(one.closed_at for one in tickets if one.closed_at)])}
            | {"trigger": _trigger(span[0].data), "messages": sum(one.author == Author.CITIZEN for one in span)}
            | _answers(span, talk.opinions)
            | _handoff(span, tickets)
            | _call([one for one in talk.calls if within.holds(one.asked_at)])
            | {"about": _about(span, tickets)}
            | staff_signal(span, tickets)
            | {"ending": (ending := _ending(span, tickets, complained=complained)).value}
            | {"danger": _danger(span, tickets)}
            | {"crisis": any(one.data.get("notice") and not one.data.get("drill") for one in span)}
            | {"drill": ending in NOTHING_ASKED and any(one.data.get("drill") for one in span)}
        )
    return rows


@dataclass(frozen=True)
class _Within:
    start: datetime
    until: datetime | None

    def holds(self, at: datetime) -> bool:
        return self.start <= at and (self.until is None or at < self.until)


def _trigger(data: Json) -> Trigger:
    if data.get("button"):
        return Trigger.BUTTON
    return Trigger.FILE if data.get("attachments") or data.get("place") else Trigger.WORDS


def _answers(span: Iterable[Said], opinions: Mapping[str, Opinion]) -> dict[str, Any]:
    """Returns the columns about answers, their ratings, offers and choices."""
    given = [one for one in span if one.author == Author.ASSISTANT and one.data.get("provenance")]
    proofs = [one.data["provenance"] for one in given]
    asked = [one.data.get("rating_id", "") for one in given]
    said = [opinions.get(name) if name else None for name in asked]
    rated = [one for one in said if one]
    offers, choices = _offers(span)
    return {
        "entries": [proof["entry"] for proof in proofs],
        "versions": [proof.get("version", "") for proof in proofs],
        "probabilities": [float(proof.get("confidence", 0)) for proof in proofs],
        "useful": [one and one.useful for one in said],
        "asked_useful": sum(map(bool, asked)),
        "said_useful": sum(one.useful for one in rated),
        "said_useless": sum(not one.useful for one in rated),
        "said_other": sum(not one.useful and one.reason == OTHER for one in rated),
        "offers": offers,
        "choices": choices,
    }


def _about(span: Iterable[Said], tickets: Iterable[Handed]) -> list[str]:
    by_assistant = [one.data for one in span if one.author == Author.ASSISTANT]
    answered = [data["provenance"]["entry"] for data in by_assistant if data.get("provenance")]
    offered = [one["entry"] for data in by_assistant for one in data.get("offered") or ()]
    return [*answered, *offered, *(entry for ticket in tickets for entry in ticket.candidates)]


def _offers(span: Iterable[Said]) -> tuple[int, int]:
    """Returns how often entries were offered, and how often the citizen's next message chose one of them."""
    offers = choices = 0
    buttons: set[str] = set()
    for one in span:
        if one.data.get("offered"):
            offers += 1
            shown = one.data.get("buttons") or ()
            buttons = {button["id"] for button in shown[: len(one.data["offered"])]}  # «Ninguna de estas» is left out
        elif one.author == Author.CITIZEN:
            choices += one.data.get("button") in buttons
            buttons = set()
    return offers, choices


def _handoff(span: Iterable[Said], tickets: Sequence[Handed]) -> dict[str, Any]:
    first = tickets[0] if tickets else None
    stars = [one.stars for one in tickets if one.stars]
    return {
        "reason": first.reason if first else "",
        "team": first.team if first else "",
        "outcome": first.outcome if first else "",
        "handed_at": first and first.opened_at,
        "claimed_at": first and first.claimed_at,
        "replied_at": _reply_at(span, first.opened_at) if first else None,
        "closed_at": first and first.closed_at,
        "stars": stars[0] if stars else None,
    }


def _call(calls: Sequence[Call]) -> dict[str, Any]:
    last = calls[-1] if calls else None
    return {
        "call_asked_at": last and last.asked_at,
        "call_promised_at": last and last.promised_at,
        "called_at": last and last.called_at,
        "call_outcome": last.outcome if last else "",
    }


def _reply_at(span: Iterable[Said], since: datetime) -> datetime | None:
    return next((one.at for one in span if one.author == Author.STAFF and one.at >= since), None)


def _danger(span: Iterable[Said], tickets: Iterable[Handed]) -> bool:
    return any(one.data.get("danger") for one in span) or any(one.reason == DANGER_REASON for one in tickets)


def _ending(span: Sequence[Said], tickets: Sequence[Handed], *, complained: bool) -> Ending:
    if any(one.author == Author.STAFF for one in span) or any(one.reached for one in tickets):
        return Ending.PERSON
    if tickets and not complained:
        return Ending.WAITING if any(one.closed_at is None for one in tickets) else Ending.LOST
    if complained:
        return Ending.COMPLAINT
    return _unattended(span)


def _unattended(span: Sequence[Said]) -> Ending:
    """Returns the ending of an episode without handoff, complaint or person."""
    said = {name for one in span if one.author != Author.CITIZEN for name, value in one.data.items() if value}
    marks = {
        "provenance": Ending.ANSWERED,
        "referral": Ending.REFERRED,
        "offered": Ending.OFFERED,
        "danger": Ending.DANGER,
        "missed": Ending.UNKNOWN,
    }
    found = [ending for name, ending in marks.items() if name in said]
    if found:
        return found[0]
    return Ending.TALK if any(one.author != Author.CITIZEN for one in span) else Ending.SILENT
