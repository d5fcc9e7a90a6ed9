"""Builds the JSON of an agent's notices."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.json_fields import JsonFields
from bot.core.texts import say
from bot.desk.views.nickname import nickname_of
from bot.tickets.staff_notices import NoticeKind, StaffNotice

WITHOUT_TICKET = frozenset(
    {
        NoticeKind.PUBLIC_NOTICE,
        NoticeKind.ENTRY,
        NoticeKind.PROMISE,
        NoticeKind.BANNED,
        NoticeKind.DRILL,
        NoticeKind.FAULT,
    }
)


@dataclass(frozen=True)
class NoticeView(JsonFields):
    """A notice: what happened, in words, and the text of the note, if any; ``at`` is in ms since 1970.

    ``page`` is the path of the page where something can be done about it, or ''.
    """

    id: str
    kind: str
    ticket: str
    words: str
    text: str
    at: int
    page: str = ""


def notice_view(notice: StaffNotice) -> NoticeView:
    if notice.kind in WITHOUT_TICKET:
        text = notice.text or (nickname_of(notice.conversation) if notice.conversation else "")
        return NoticeView(notice.id, notice.kind.value, "", notice.by, text, notice.at, notice.page)
    who = f"{nickname_of(notice.conversation)} #{notice.ticket}"
    kind = "passed" if notice.to and notice.to != notice.by else notice.kind.value
    words = say(f"mesa.avisos_personales.{kind}", nombre=notice.by, para=notice.to, persona=who)
    return NoticeView(notice.id, notice.kind.value, notice.ticket, words, notice.text, notice.at)
