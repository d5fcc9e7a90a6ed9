"""Formats requests about personal data as cards, with their deadlines in the agency's time zone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.agency.model import Agency
from bot.agency.privacy_settings import RequestKind
from bot.core.channels import name_of
from bot.core.messages import Channel
from bot.core.texts import area, say
from bot.desk.views.times import day_and_hour
from bot.record.privacy_requests import RequestState
from bot.record.tables import PrivacyRequest

SOON_DAYS = 5


@dataclass(frozen=True)
class Card:
    """A request as the page shows it.

    ``clock`` states in Spanish how many days are left or overdue, '' if the request is closed; ``urgency`` is "late",
    "soon" or "". ``extension`` is the reason for extending the deadline, '' if it was not extended; ``identity`` says
    how the citizen was identified. ``explanation`` has what the citizen wrote after the request, and is empty
    while the data is blocked. ``places`` are pairs: a table, and the number of the conversation's rows in it.
    ``answered_at``, ``answered_by`` and ``in_time`` state when and by whom it was answered, and whether before the
    deadline; '' while it is open. ``undone`` warns that what was asked for has not been done, '' if it has.
    """

    receipt: str
    kind: str
    state: RequestState
    state_words: str
    received: str
    due: str
    clock: str
    urgency: str
    extension: str
    can_extend: bool
    identity: str
    answer: str
    note: str
    has_conversation: bool
    is_blocked: bool
    places: tuple[tuple[str, int], ...]
    explanation: tuple[str, ...] = ()
    answered_at: str = ""
    answered_by: str = ""
    in_time: str = ""
    undone: str = ""


class Cards:
    """Builds cards; ``agency`` determines the time zone."""

    def __init__(self, agency: Agency) -> None:
        self._zone = agency.zone

    def make(
        self,
        one: PrivacyRequest,
        *,
        is_blocked: bool = False,
        places: dict[str, int] | None = None,
        explanation: Sequence[str] = (),
        answered_by: str = "",
    ) -> Card:
        words, state = area("datos"), RequestState(one.state)
        days = (one.due_at.astimezone(self._zone).date() - datetime.now(UTC).astimezone(self._zone).date()).days
        is_open = state is RequestState.OPEN
        return Card(
            receipt=one.receipt,
            kind=area("derechos")["tipos"].get(one.kind, one.kind),
            state=state,
            state_words=words["estados"][state.value],
            received=say("datos.recibida", cuando=self._moment(one.at), como=_way(one.channel)),
            due=self._moment(one.due_at),
            clock=_clock(days) if is_open else "",
            urgency=("late" if days < 0 else "soon" if days <= SOON_DAYS else "") if is_open else "",
            extension=one.extension,
            can_extend=is_open and not one.extension and one.kind != RequestKind.BLOCKING,
            identity=words["identidades"].get(one.identity, ""),
            answer=one.answer,
            note=one.note,
            has_conversation=bool(one.conversation_id),
            is_blocked=is_blocked,
            places=tuple((places or {}).items()),
            explanation=tuple(explanation),
            answered_at=self._moment(one.answered_at) if one.answered_at else "",
            answered_by=answered_by,
            in_time=self._in_time(one),
            undone=_undone(one, is_blocked=is_blocked) if is_open else "",
        )

    def _in_time(self, one: PrivacyRequest) -> str:
        """Returns whether the request was answered before its deadline, as Spanish text; '' while it is open."""
        if not one.answered_at:
            return ""
        late = (one.answered_at.astimezone(self._zone).date() - one.due_at.astimezone(self._zone).date()).days
        if late <= 0:
            return say("datos.a_tiempo")
        return say("datos.tarde_uno" if late == 1 else "datos.tarde", dias=late)

    def _moment(self, at: datetime) -> str:
        return day_and_hour(at, self._zone)


def _undone(one: PrivacyRequest, *, is_blocked: bool) -> str:
    if not one.conversation_id:
        return ""
    if one.kind == RequestKind.BLOCKING and not is_blocked:
        return say("datos.sin_hacer.blocking")
    return say("datos.sin_hacer.erasure") if one.kind == RequestKind.ERASURE else ""


def _way(channel: str) -> str:
    return name_of(channel) if channel in set(Channel) else area("datos")["vias"].get(channel, channel)


def _clock(days: int) -> str:
    if days < 0:
        return say("datos.vencida_uno" if days == -1 else "datos.vencida", dias=-days)
    return say("datos.hoy") if days == 0 else say("datos.manana") if days == 1 else say("datos.quedan", dias=days)
