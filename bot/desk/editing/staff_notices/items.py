"""Formats news about entries for one person, with the page where this person can act on it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from bot.core.texts import say
from bot.desk.auth.permissions import Permission, may
from bot.desk.editing.staff_notices.noting import News
from bot.record.tables import Staff

PAGE = "/desk/respuestas"
APPROVE = f"{PAGE}/aprobar"  # where a person approves several texts together
TO_REVIEW = (News.REVIEW, News.CORRECTED)  # news for those who may approve


@dataclass(frozen=True)
class Item:
    """News as one person reads it; ``question`` names the entry, ``text`` is a comment or a detail, or ''."""

    kind: News
    document: uuid.UUID
    question: str
    name: str
    text: str
    subject: int  # id of the edition, publication or link

    @property
    def title(self) -> str:
        kind = self.kind.value if self.name or self.kind not in TO_REVIEW else f"{self.kind.value}_disco"
        return say(f"entradas.noticias.{kind}.una", quien=self.name, pregunta=self.question)


def title_of(items: Sequence[Item]) -> str:
    if len(items) == 1:
        return items[0].title
    return say(f"entradas.noticias.{items[0].kind.value}.varias", n=len(items))


def page_of(to: Staff, items: Sequence[Item]) -> str:
    """Returns the page where a person can act on the news; '' if the person may not open that page."""
    if not may(to, Permission.ENTRIES):
        return ""
    if len({one.document for one in items}) == 1:
        return f"{PAGE}/{items[0].document}"
    return APPROVE if items[0].kind in TO_REVIEW else PAGE
