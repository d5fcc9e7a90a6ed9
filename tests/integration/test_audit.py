"""Tests the audit log: rows are append-only, tampering is detected, administrators read and export it."""

from __future__ import annotations

import asyncio
import csv
import io
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiosmtpd.controller import Controller
from pydantic import SecretStr
from redis.asyncio import Redis
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import async_sessionmaker

from bot.agency.model import Agency
from bot.core.secrets.encryption import Secrets
from bot.core.texts import area
from bot.desk.auth.accounts import utc_now
from bot.desk.auth.audit import OLDER_NAMES, Action, AuditLog
from bot.desk.pages.audit import FILE_PATH, PATH
from bot.desk.queries.audit import AuditFilter, AuditReader
from bot.mail.senders import MailSender, SendingFailed
from bot.privacy.seal_mail import SealMail
from bot.record.audit_signatures import FILE, AuditSignatures
from bot.record.engine import Sessions
from bot.record.retention import forget_audit
from bot.record.tables import Audit
from bot.run.ports import LOOPBACK, free_port
from tests.desk_world import DeskWorld, desk_world
from tests.mailbox import Mailbox

ADMIN, ANA = "admin@losaromos.example", "ana@losaromos.example"


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, agency) as made:
        await made.appoint(ADMIN, "Admin", roles=("admin",))
        await made.appoint(ANA, "Ana Soto")
        yield made


async def add(database: Sessions, *subjects: str) -> None:
    for subject in subjects:
        await AuditLog(database).record(Action.TICKET_CLAIMED, staff_id=None, subject=subject)


async def tamper(database: Sessions, statement: str) -> None:
    """Changes rows as only a superuser of the database could."""
    async with database.begin() as session:
        await session.execute(text("SET LOCAL session_replication_role = replica"))
        await session.execute(text(statement))


@pytest.mark.parametrize("table", ["audit", "audit_seals"])
@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM {}", "TRUNCATE {} CASCADE", "UPDATE audit SET action = 'x'", "UPDATE audit_seals SET seal = 'x'"],
)
async def test_no_row_is_changed_or_deleted(database: Sessions, table: str, statement: str) -> None:
    await add(database, "1")
    with pytest.raises(DBAPIError, match="only ever added to"):
        async with database.begin() as session:
            await session.execute(text(statement.format(table)))
    assert (await AuditReader(database, "UTC").chain()).rows == 1


async def test_concurrent_rows_make_one_unbroken_chain(database: Sessions) -> None:
    await asyncio.gather(*(add(database, *"abcde") for _ in range(8)))
    chain = await AuditReader(database, "UTC").chain()
    assert (chain.rows, chain.broken) == (40, None)


async def test_chain_is_read_with_the_sessions_without_a_timeout(database: Sessions) -> None:
    await add(database, "1")
    of_no_database: Sessions = async_sessionmaker()
    assert (await AuditReader(of_no_database, "UTC", database).chain()).rows == 1


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("UPDATE audit SET subject = 'otro' WHERE id = 2", 2),
        ("UPDATE audit SET at = at - interval '1 day' WHERE id = 1", 1),
        ("DELETE FROM audit WHERE id = 3", 3),
        ("WITH gone AS (DELETE FROM audit WHERE id = 2) DELETE FROM audit_seals WHERE audit_id = 2", 3),
        ("INSERT INTO audit (action, subject, detail) VALUES ('sign_in', '', '{}')", 5),
    ],
)
async def test_tampering_in_the_database_is_detected(database: Sessions, statement: str, broken: int) -> None:
    await add(database, *"1234")
    await tamper(database, statement)
    assert (await AuditReader(database, "UTC").chain()).broken == broken


async def test_only_rows_past_the_retention_are_deleted_and_the_chain_stays_unbroken(database: Sessions) -> None:
    old = {"at": utc_now() - timedelta(days=800), "action": "sign_in", "subject": "", "detail": {}}
    async with database.begin() as session:
        session.add(Audit(**old))
    await add(database, "1", "2")
    assert await forget_audit(database, 730) == 1
    chain = await AuditReader(database, "UTC").chain()
    assert (chain.rows, chain.broken) == (3, None)
    with pytest.raises(DBAPIError, match="a year at least"):
        await forget_audit(database, 30)


async def test_rows_are_found_by_person_action_subject_and_day(world: DeskWorld) -> None:
    ticket = await world.wait_for_person("persona por favor")
    ana = await world.sign_in(ANA)
    await ana.post(f"/desk/api/tickets/{ticket.id}/claim")
    reader = AuditReader(world.sessions, "America/Santiago")
    people = {email: id_ for id_, _, email in await reader.people()}

    async def found(**wanted: Any) -> list[str]:
        return [row.action for row in await reader.page(AuditFilter(**wanted))]

    assert await found(subject=ticket.id) == ["ticket_claimed"]
    assert await found(staff=people[ANA]) == ["ticket_claimed", "sign_in"]
    assert await found(action="sign_in", staff=people[ADMIN]) == []
    today = utc_now().date()
    assert await found(since=today + timedelta(days=2)) == []
    assert await found(subject=ANA) == ["staff_added"]


async def test_administrator_reads_the_audit_log_and_the_reading_is_recorded(world: DeskWorld) -> None:
    admin = await world.sign_in(ADMIN)
    page = await admin.get(PATH, params={"accion": "staff_added", "desde": "no es un día", "comprobar": "1"})
    assert page.status_code == 200
    assert (ANA in page.text, "como se escribieron" in page.text) == (True, True)
    async with world.sessions() as session:
        last = await session.scalar(select(Audit).order_by(Audit.id.desc()).limit(1))
    assert (last.action, last.detail) == ("audit_viewed", {"accion": "staff_added"})  # type: ignore[union-attr]


async def test_only_administrators_read_the_audit_log(world: DeskWorld) -> None:
    ana = await world.sign_in(ANA)
    for path in (PATH, FILE_PATH):
        assert (await ana.get(path)).status_code == 403


async def test_export_has_every_row_and_no_formula(world: DeskWorld, monkeypatch: Any) -> None:
    monkeypatch.setattr("bot.desk.queries.audit.FILE_STEP_ROWS", 3)
    admin = await world.sign_in(ADMIN)
    await add(world.sessions, "=HYPERLINK(1)", "@x", "normal")
    answer = await admin.get(FILE_PATH)
    rows = list(csv.reader(io.StringIO(answer.text.lstrip("\ufeff")), delimiter=";"))
    subjects = [row[4] for row in rows[1:]]
    assert answer.headers["content-disposition"] == 'attachment; filename="auditoria.csv"'
    assert len(rows) == 1 + 2 + 1 + 3 + 1
    assert {"'=HYPERLINK(1)", "'@x", "normal"} <= set(subjects)


@pytest.mark.parametrize(("older", "action"), OLDER_NAMES.items())
async def test_action_of_an_older_release_has_a_text_and_can_be_searched_for(
    world: DeskWorld, older: str, action: Action
) -> None:
    admin = await world.sign_in(ADMIN)
    async with world.sessions.begin() as session:
        session.add(Audit(action=older, subject="", detail={}))
    page = (await admin.get(PATH, params={"accion": action})).text
    counts = [page.count(words) for words in (area("desk")["acciones"][action], older)]
    assert counts == [2, 0]  # the text is also in the list of actions


def test_every_action_has_a_text() -> None:
    assert set(area("desk")["acciones"]) == set(Action)


RECOMPUTED = """
DO $$
DECLARE
  one audit%ROWTYPE;
  before text := '';
BEGIN
  FOR one IN SELECT * FROM audit ORDER BY id LOOP
    before := audit_seal_of(before, one);
    UPDATE audit_seals SET seal = before WHERE audit_id = one.id;
  END LOOP;
END
$$
"""


@pytest.mark.parametrize(
    "statements",
    [
        ["UPDATE audit SET subject = 'otro' WHERE id = 2", RECOMPUTED],
        ["DELETE FROM audit_seals WHERE audit_id = 4", "DELETE FROM audit WHERE id = 4"],
    ],
    ids=["recomputed", "end removed"],
)
async def test_chain_that_its_owner_forged_no_longer_fits_its_signature(
    database: Sessions, statements: list[str]
) -> None:
    signatures = AuditSignatures(database, "s" * 40)
    await add(database, *"1234")
    for _ in range(2):
        await signatures.sign()
    assert (await AuditReader(database, "UTC", signatures=signatures).chain()).broken is None
    for statement in statements:
        await tamper(database, statement)
    assert (await AuditReader(database, "UTC").chain()).broken is None  # the chain alone shows nothing
    assert (await AuditReader(database, "UTC", signatures=signatures).chain()).broken == 4


@pytest.mark.parametrize("later", [0, 3])
async def test_end_that_was_deleted_with_its_signatures_is_missed(
    database: Sessions, tmp_path: Path, later: int
) -> None:
    signatures = AuditSignatures(database, "s" * 40, tmp_path)
    await add(database, *"1234")
    await signatures.sign()
    assert await signatures.first_broken() is None
    kept = (tmp_path / FILE).read_text()
    for rows in ("audit_signatures WHERE seq", "audit_seals WHERE audit_id", "audit WHERE id"):
        await tamper(database, f"DELETE FROM {rows} >= 3")  # noqa: S608  (our own names)
    await add(database, *("x" * later))
    await signatures.sign()
    assert (tmp_path / FILE).read_text() == kept  # what the chain became does not replace the proof
    assert await AuditSignatures(database, "s" * 40).first_broken() is None
    assert await signatures.first_broken() == 4
    (tmp_path / FILE).write_text(kept.replace("4 ", "2 ", 1))  # by somebody without the key
    assert await signatures.first_broken() is None


async def test_beginning_that_was_deleted_up_to_the_kept_link_is_missed(database: Sessions, tmp_path: Path) -> None:
    signatures = AuditSignatures(database, "s" * 40, tmp_path)
    await add(database, *"1234")
    await signatures.sign()
    await add(database, "5")
    for rows in ("audit_signatures WHERE seq", "audit_seals WHERE audit_id", "audit WHERE id"):
        await tamper(database, f"DELETE FROM {rows} <= 4")  # noqa: S608  (our own names)
    assert await signatures.first_broken() == 4


async def test_kept_seal_moves_on_with_the_chain_and_with_retention(database: Sessions, tmp_path: Path) -> None:
    async with database.begin() as session:
        session.add(Audit(at=utc_now() - timedelta(days=800), action="sign_in", subject="", detail={}))
    signatures = AuditSignatures(database, "s" * 40, tmp_path)
    await signatures.sign()
    await add(database, "2")
    assert await forget_audit(database, 730) == 1
    assert await signatures.first_broken() == 1  # a file so new names no row that retention may delete
    year_ago = (utc_now() - timedelta(days=366)).timestamp()
    os.utime(tmp_path / FILE, (year_ago, year_ago))
    assert await signatures.first_broken() is None
    await signatures.sign()
    assert (tmp_path / FILE).read_text().startswith("2 ")


async def test_newest_seal_is_mailed_once_a_day(database: Sessions, redis: Redis, agency: Agency) -> None:
    mailbox, port = Mailbox(down=True), free_port()
    controller = Controller(mailbox, hostname=LOOPBACK, port=port)
    controller.start()
    sender = MailSender(SecretStr(f"smtp://{LOOPBACK}:{port}"), "chat@losaromos.example")
    mail = SealMail(database, redis, replace(agency, seal_mails=("eva@x.cl", "juan@x.cl")), sender)
    try:
        await add(database, "1")
        with pytest.raises(SendingFailed):
            await mail.send_due()
        mailbox.down = False
        assert [await mail.send_due() for _ in range(2)] == [True, False]
    finally:
        controller.stop()
    seal = (await AuditReader(database, "UTC").chain()).last
    assert [one.rcpt_tos for one in mailbox.taken] == [["eva@x.cl"], ["juan@x.cl"]]
    texts = [message_from_bytes(one.content or b"", policy=default).get_content() for one in mailbox.taken]
    assert all(seal in text for text in texts)


async def test_chain_stays_verifiable_after_a_rotation_but_not_with_the_old_secret_alone(database: Sessions) -> None:
    old, new = "s" * 40, Secrets.of("s" * 40).rotated("n" * 40, date(2020, 1, 1), stolen=True)
    await add(database, "1")
    await AuditSignatures(database, old).sign()
    await add(database, "2")
    await AuditSignatures(database, new).sign()
    assert await AuditSignatures(database, new).first_broken() is None
    await add(database, "3")
    await AuditSignatures(database, old).sign()  # by whoever stole the old secret
    assert await AuditSignatures(database, new).first_broken() == 3


async def test_signature_with_another_key_is_detected_and_deleted_rows_are_not_missed(database: Sessions) -> None:
    async with database.begin() as session:
        session.add(Audit(at=utc_now() - timedelta(days=800), action="sign_in", subject="", detail={}))
    signatures = AuditSignatures(database, "s" * 40)
    await signatures.sign()
    await add(database, "1")
    await signatures.sign()
    assert await forget_audit(database, 730) == 1
    assert await signatures.first_broken() is None
    assert await AuditSignatures(database, "t" * 40).first_broken() == 2
