"""Tests the words of news about entries, and which editions a request for an approval names."""

from __future__ import annotations

import uuid

from bot.desk.editing.staff_notices.items import Item, title_of
from bot.desk.editing.staff_notices.noting import News
from bot.desk.editing.staff_notices.reviewed import ASKS, subject_of_request
from bot.tickets.staff_notices import NoticeKind


def item(subject: int) -> Item:
    return Item(News.REVIEW, uuid.UUID(int=subject), "¿Prestan casco?", "Ana", "", subject)


def test_one_item_names_its_entry_and_several_are_counted() -> None:
    assert title_of([item(1)]) == "Ana pide que apruebes: ¿Prestan casco?"
    assert title_of([item(1), item(2)]) == "2 respuestas esperan tu aprobación"


def test_request_names_its_first_and_last_edition() -> None:
    found = ASKS.match(f"{NoticeKind.ENTRY}-{subject_of_request(News.REVIEW, [12, 9, 31])}")
    assert found is not None and (found["first"], found["last"]) == ("9", "31")


def test_two_requests_for_the_same_editions_are_two_notices() -> None:
    assert subject_of_request(News.CORRECTED, [3]) != subject_of_request(News.CORRECTED, [3])
