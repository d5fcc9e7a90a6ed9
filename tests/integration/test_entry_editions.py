"""Tests what several editors may do with the draft of one entry."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.desk.editing.editions import Editions, Outdated
from bot.desk.editing.opened import KEPT_REVISIONS
from bot.desk.editing.record import OwnText, State
from bot.desk.editing.reviews import Reviews
from bot.desk.editing.text import EntryText
from bot.record.engine import Sessions
from bot.record.tables import EntryRevision
from tests.faq_files import write_folder, written
from tests.integration.entry_rows import ANA, EVA, document, revisions, watch

FIRST, SECOND = (EntryText(written("bache", question, ["hay un hoyo"])) for question in ("¿Uno?", "¿Dos?"))


@pytest.fixture
def editions(database: Sessions) -> Editions:
    return Editions(database)


async def recorded(database: Sessions, tmp_path: Path) -> uuid.UUID:
    await watch(database, write_folder(tmp_path / "faq", ["bache"])).look()
    return (await document(database)).id


async def test_save_counts_up_and_an_older_version_is_refused(
    database: Sessions, editions: Editions, tmp_path: Path
) -> None:
    id = await recorded(database, tmp_path)
    assert await editions.save(id, FIRST, 0, ANA) == 1
    assert await editions.save(id, SECOND, 1, EVA) == 2
    with pytest.raises(Outdated) as raised:
        await editions.save(id, FIRST, 1, ANA)
    assert raised.value.by == "Eva"
    opened = await editions.opened(id)
    assert opened is not None and opened.edition is not None
    assert (opened.text, opened.edition.authors) == (SECOND, [ANA.id, EVA.id])


async def test_saving_the_published_text_opens_no_draft(database: Sessions, editions: Editions, tmp_path: Path) -> None:
    id = await recorded(database, tmp_path)
    opened = await editions.opened(id)
    assert opened is not None and opened.published is not None
    assert await editions.save(id, opened.published, 0, ANA) == 0
    assert (await editions.opened(id)).edition is None  # type: ignore[union-attr]


async def test_edit_in_review_is_a_draft_again(database: Sessions, editions: Editions, tmp_path: Path) -> None:
    id = await recorded(database, tmp_path)
    await editions.save(id, FIRST, 0, ANA)
    await editions.send(id, State.REVIEW, ANA)
    await editions.save(id, SECOND, 1, ANA)
    opened = await editions.opened(id)
    assert opened is not None and opened.edition is not None and opened.edition.state == State.DRAFT
    assert [one.hash for one in await revisions(database)][1:] == [FIRST.hash]


async def test_only_another_person_approves_and_only_the_text_they_saw(
    database: Sessions, editions: Editions, tmp_path: Path
) -> None:
    id = await recorded(database, tmp_path)
    await editions.save(id, FIRST, 0, ANA)
    with pytest.raises(Outdated):  # a draft
        await Reviews(database).approve(id, FIRST.hash, EVA)
    await editions.send(id, State.REVIEW, ANA)
    with pytest.raises(OwnText):
        await Reviews(database).approve(id, FIRST.hash, ANA)
    with pytest.raises(Outdated):
        await Reviews(database).approve(id, SECOND.hash, EVA)
    assert await Reviews(database).approve(id, FIRST.hash, EVA)
    assert [one.name for one in (await editions.opened(id)).approvals] == ["Eva"]  # type: ignore[union-attr]


async def test_approval_of_a_dated_change_schedules_it(database: Sessions, editions: Editions, tmp_path: Path) -> None:
    id = await recorded(database, tmp_path)
    await editions.save(id, FIRST, 0, ANA)
    await editions.send(id, State.REVIEW, ANA, datetime(2030, 3, 1, tzinfo=UTC))
    assert not await Reviews(database).approve(id, FIRST.hash, EVA)
    assert (await editions.opened(id)).edition.state == State.SCHEDULED  # type: ignore[union-attr]


async def test_discarded_and_replaced_texts_stay_in_the_history(
    database: Sessions, editions: Editions, tmp_path: Path
) -> None:
    id = await recorded(database, tmp_path)
    first = (await revisions(database))[0]
    await editions.save(id, FIRST, 0, ANA)
    assert await editions.restore(id, first.id, ANA)
    assert not await editions.restore(uuid.uuid4(), first.id, ANA)
    await editions.save(id, SECOND, 2, ANA)
    await editions.discard(id, ANA)
    assert [one.hash for one in await revisions(database)][1:] == [FIRST.hash, SECOND.hash]
    assert (await editions.opened(id)).edition is None  # type: ignore[union-attr]


async def test_file_of_another_entry_is_not_taken(database: Sessions, editions: Editions, tmp_path: Path) -> None:
    await recorded(database, tmp_path)
    assert await editions.create("calle/bache.md", FIRST, ANA) is None
    assert await editions.create("calle/otra.md", FIRST, ANA) is not None


async def test_published_text_is_found_behind_more_revisions_than_are_shown(
    database: Sessions, editions: Editions, tmp_path: Path
) -> None:
    id = await recorded(database, tmp_path)
    (first,) = await revisions(database)
    row = {"document_id": id, "content": "x\n", "phrases": "", "author_name": "Ana", "origin": "page"}
    async with database.begin() as session:
        session.add_all(EntryRevision(hash=str(number), **row) for number in range(KEPT_REVISIONS))
    opened = await editions.opened(id)
    assert opened is not None and opened.published is not None
    assert (opened.text.content, opened.revisions[-1].id) == (first.content, first.id)
    assert len(opened.revisions) == KEPT_REVISIONS + 1


async def test_edit_on_disk_is_found_behind_more_revisions_than_are_shown(
    database: Sessions, editions: Editions, tmp_path: Path
) -> None:
    id = await recorded(database, tmp_path)
    await editions.save(id, FIRST, 0, ANA)
    async with database.begin() as session:
        row = {"document_id": id, "content": "x\n", "phrases": "", "author_name": "Ana"}
        session.add(EntryRevision(hash="theirs", origin="disk", **row))
        await session.flush()
        session.add_all(EntryRevision(hash=str(number), origin="page", **row) for number in range(KEPT_REVISIONS))
    opened = await editions.opened(id)
    assert opened is not None and opened.disk_edit is not None and opened.disk_edit.hash == "theirs"
