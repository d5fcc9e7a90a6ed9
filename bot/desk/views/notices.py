"""Builds the JSON of an agent's notices."""

from __future__ import annotations

from functools import partial

from bot.core.texts import say
from bot.desk import shapes
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


def notice_view(notice: StaffNotice) -> shapes.StaffNotice:
    shown = partial(shapes.StaffNotice, id=notice.id, kind=notice.kind, at=notice.at)
    if notice.kind in WITHOUT_TICKET:
        text = notice.text or (nickname_of(notice.conversation) if notice.conversation else "")
        return shown(ticket="", words=notice.by, text=text, page=notice.page)
    who = f"{nickname_of(notice.conversation)} #{notice.ticket}"
    kind = "passed" if notice.to and notice.to != notice.by else notice.kind.value
    words = say(f"mesa.avisos_personales.{kind}", nombre=notice.by, para=notice.to, persona=who)
    return shown(ticket=notice.ticket, words=words, text=notice.text, page="")
