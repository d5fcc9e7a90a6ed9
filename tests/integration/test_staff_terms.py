"""Tests that a deactivated account is anonymized after its term, in every place that contains its name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Text, insert, select, update
from sqlalchemy.exc import DBAPIError

from bot.desk.auth.account_changes import StaffChange, change_staff
from bot.privacy.inventory import OF_STAFF, inventory
from bot.privacy.staff_terms import ALONE, BESIDE_ID, forget_staff
from bot.record import tables
from bot.record.base import Base
from bot.record.engine import Sessions
from tests.integration.recorded import conversation, person, ticket
from tests.privacy_world import everything

NAME, NUMBERED, EMAIL = "Xylofonia Soto", "Cuenta 00000000", "p7@x.cl"
NOBODYS = "Cuenta sin nombre"
LATER = datetime.now(UTC) + timedelta(days=1)
# What staff wrote for others to read, or what is no name of an account.
NOT_NAMES = {
    "entry_comments.text",
    "entry_links.name",
    "entry_links.comment",
    "entry_news.text",
    "notices.signed",
    "staff_sessions.user_agent",
}
NOT_NAMES |= {"staff_sessions.network"}  # sessions end after 12 h


async def gone(sessions: Sessions, number: int = 7) -> UUID:
    """Writes a deactivated account; returns its id."""
    id = await person(sessions, number, NAME, totp_secret="x", oidc_subject=f"s{number}")
    await person(sessions, number + 1, "Eva", roles=["admin"])
    await change_staff(sessions, f"p{number}@x.cl", StaffChange(active=False))
    return id


async def write(sessions: Sessions, id: UUID) -> None:
    """Writes a row of every table that names the account."""
    await conversation(sessions, "c1")
    await ticket(sessions, "7", "c1", owner_name=NAME, claimed_by=str(id))
    document, now = uuid4(), datetime.now(UTC)
    of, text = {"document_id": document, "hash": "h"}, {"content": "x", "phrases": "x"}
    notice = {
        "id": 1,
        "number": 1,
        "revision": 1,
        "state": "ended",
        "text": "x",
        "severity": "info",
        "signed": "x",
        "hours": 1,
    }
    notice |= {"author_id": id, "author_name": NAME, "approver_id": id, "approver_name": NAME, "ended_by": NAME}
    of_note = {
        "conversation_id": "c1",
        "event_id": "1-0",
        "at": now,
        "ticket_id": "7",
        "staff_id": str(id),
        "text": "x",
    }
    ban = {"conversation_id": "c1", "reason": "other", "until": now, "staff_id": id, "name": NAME, "lifted_by": NAME}
    decision = {"id": 1, "until": now, "kind": "covered", "staff_id": id, "name": NAME, "target": ""}
    publication = {"revision_id": 1, "path": "p", "before": "", "staff_id": id, "name": NAME, "state": "done"}
    rows: tuple[tuple[Any, dict[str, Any]], ...] = (
        (tables.EntryDocument, {"id": document, "path": "p"}),
        (tables.EntryRevision, of | text | {"id": 1, "author_id": id, "author_name": NAME, "origin": "page"}),
        (tables.EntryEdition, of | text | {"state": "published", "base_hash": "h", "changed_by": NAME}),
        (tables.EntryApproval, of | {"staff_id": id, "name": NAME}),
        (tables.EntryComment, of | {"staff_id": id, "name": NAME, "text": "bien"}),
        (tables.EntryPublication, of | publication | {"confirmed_by": id, "confirmed_name": NAME}),
        (tables.EntryNews, {"document_id": document, "kind": "assigned", "subject": "s", "staff_id": id, "name": NAME}),
        (
            tables.EntryCommit,
            {"document_id": document, "revision_id": 1, "path": "p", "what": "x", "staff_id": id, "name": NAME},
        ),
        (
            tables.EntryLink,
            of | {"token_hash": "t", "unit": "u", "staff_id": id, "staff_name": NAME, "expires_at": now},
        ),
        (tables.Notice, notice | {"lifted": {"m": {"name": NAME, "at": "1"}}}),
        (tables.PackApproval, {"pack": "p", "hash": "h", "staff_id": id, "name": NAME}),
        (tables.NoticeStep, {"number": 1, "step": "s", "name": NAME}),
        (
            tables.Broadcast,
            {"notice_id": 1, "state": "done", "author_id": id, "author_name": NAME, "starter_name": NAME},
        ),
        (tables.BacklogDecision, decision),
        (tables.SenderBan, ban),
        (
            tables.LegalHold,
            {"conversation_id": "c1", "reason": "r", "review_on": now, "at": now, "placed_by": id, "name": NAME},
        ),
        (tables.Note, of_note | {"name": NAME}),
        (tables.RemovedMessage, {"conversation_id": "c1", "event_id": "2-0", "at": now, "name": NAME}),
        (
            tables.BacklogItem,
            {"conversation_id": "c1", "ref": "1", "source": "handed", "at": now, "text": "x", "staff_name": NAME},
        ),
    )
    async with sessions.begin() as session:
        for table, row in rows:
            await session.execute(insert(table).values(**row))


async def test_name_leaves_every_table_and_a_number_stays(database: Sessions, database_url: str) -> None:
    id = await gone(database)
    await write(database, id)
    assert await forget_staff(database, datetime.now(UTC) - timedelta(days=1)) == 0
    assert NAME in await everything(database_url)
    assert await forget_staff(database, LATER) == 1
    left = await everything(database_url)
    assert [word for word in (NAME, EMAIL) if word in left] == []
    async with database() as session:
        for _, shown in BESIDE_ID:
            assert list(await session.scalars(select(shown).where(shown != ""))) == [NUMBERED], str(shown)
        assert await session.scalar(select(tables.Notice.lifted)) == {"m": {"name": NUMBERED, "at": "1"}}
        told = await session.scalars(select(tables.Audit.detail).where(tables.Audit.action == "data_expired"))
        assert list(told) == [{"staff": 1}]
    assert await forget_staff(database, LATER) == 0


async def test_row_with_only_a_name_becomes_anonymous_if_two_accounts_have_the_name(database: Sessions) -> None:
    await person(database, 20, NAME)
    id = await gone(database)
    await write(database, id)
    for other in ("p20@x.cl", ""):
        assert await forget_staff(database, LATER) == 1
        async with database() as session:
            assert await session.scalar(select(tables.Notice.author_name)) == NUMBERED
            assert await session.scalar(select(tables.Notice.ended_by)) == NOBODYS
            assert await session.scalar(select(tables.Notice.lifted)) == {"m": {"name": NOBODYS, "at": "1"}}
            names = set(await session.scalars(select(tables.Staff.name)))
        assert {NUMBERED, "Eva"} <= names
        if other:
            await change_staff(database, other, StaffChange(active=False))


async def test_account_that_is_activated_again_begins_its_term_anew(database: Sessions) -> None:
    await gone(database)
    await change_staff(database, EMAIL, StaffChange(active=True))
    assert await forget_staff(database, LATER) == 0


async def test_revision_never_changes_otherwise(database: Sessions) -> None:
    id = await gone(database)
    await write(database, id)
    for values in ({"author_name": "Otra"}, {"content": "y"}):
        with pytest.raises(DBAPIError, match="never changes"):
            async with database.begin() as session:
                await session.execute(update(tables.EntryRevision).values(**values))


def test_every_column_with_a_name_of_staff_is_known() -> None:
    of_staff = {name: one for name, one in inventory().tablas.items() if one.aviso == OF_STAFF and name != "staff"}
    texts = {
        f"{name}.{column}"
        for name, one in of_staff.items()
        for column in one.datos
        if isinstance(Base.metadata.tables[name].columns[column].type, Text)
    }
    of_class = {f"{one.class_.__tablename__}.{one.key}" for one in (*(shown for _, shown in BESIDE_ID), *ALONE)}
    assert texts - of_class == NOT_NAMES
