"""Tests how edits of the FAQ folder are recorded, with and without a second person's approval."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from bot.core.errors.base import VentanillaError
from bot.desk.editing import record
from bot.desk.editing.disk import DiskWatch
from bot.desk.editing.editions import Editions, NewerText
from bot.desk.editing.opened import Opened, Seen
from bot.desk.editing.publisher import (
    NeedsApproval,
    NothingToPublish,
    PublishedMeanwhile,
    Publisher,
    UnseenOnDisk,
)
from bot.desk.editing.record import State
from bot.desk.editing.reviews import Reviews, Then
from bot.desk.editing.text import EntryText, text_on_disk, write_text
from bot.faq.entries.folder import load_folder
from bot.faq.entries.phrases import phrases_name
from bot.faq.publishing import approved
from bot.record.engine import Sessions
from bot.record.tables import Audit, EntryDocument, EntryEdition, EntryNews, EntryPublication, EntryRevision, Staff
from tests.faq_files import QUESTIONS, write_folder, written
from tests.integration.entry_rows import (
    ANA,
    EVA,
    PATH,
    approve,
    document,
    edit,
    editions,
    open_draft,
    revisions,
    watch,
)

MINE = EntryText(written("bache", "¿Y los míos?", ["hay un hoyo"]))
LATIN = "# ¿Qué más?\n".encode("latin-1")


@pytest.fixture
def faq_dir(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "faq", ["bache", "chip"])


async def test_first_look_records_what_is_there_as_published(database: Sessions, faq_dir: Path) -> None:
    here = text_on_disk(faq_dir, PATH)
    await watch(database, faq_dir, four_eyes=True).look()
    found = await document(database)
    (revision,) = await revisions(database)
    assert here is not None
    assert (found.published_hash, revision.hash, revision.origin, revision.author_id) == (
        here.hash,
        here.hash,
        "disk",
        None,
    )
    assert await editions(database) == []
    assert approved.read(faq_dir) is not None
    async with database() as session:
        assert (await session.scalars(select(Audit))).all() == []


async def test_edit_on_disk_is_a_revision_and_published(database: Sessions, faq_dir: Path) -> None:
    disk = watch(database, faq_dir)
    await disk.look()
    fresh = edit(faq_dir, "¿Y los hoyos?")
    for _ in range(2):
        await disk.look()
    assert [one.hash for one in await revisions(database)][1:] == [fresh.hash]
    assert (await document(database)).published_hash == fresh.hash
    assert approved.read(faq_dir) is None
    async with database() as session:
        rows = (await session.scalars(select(Audit).order_by(Audit.id))).all()
    assert (rows[-1].action, rows[-1].detail["origin"]) == ("entry_published", "disk")


async def test_copy_of_a_file_in_another_topic_is_not_published(database: Sessions, faq_dir: Path) -> None:
    disk = watch(database, faq_dir)
    await disk.look()
    write_text(faq_dir, "aseo/bache.md", EntryText(MINE.content.replace("tema: calle", "tema: aseo")))
    await disk.look()
    async with database() as session:
        paths = set(await session.scalars(select(EntryDocument.path).where(EntryDocument.published_hash != "")))
    assert paths == {PATH, "calle/chip.md"}


async def test_edit_on_disk_waits_for_a_second_person(database: Sessions, faq_dir: Path) -> None:
    disk = watch(database, faq_dir, four_eyes=True)
    await disk.look()
    before = await document(database)
    fresh = edit(faq_dir, "¿Y los hoyos?")
    for one in (disk, disk, watch(database, faq_dir, four_eyes=True)):
        await one.look()
    assert await editions(database) == [("review", fresh.hash)]
    assert (await document(database)).published_hash == before.published_hash
    assert approved.read(faq_dir) == {
        PATH: {before.published_hash},
        "calle/chip.md": {(await document(database, "calle/chip.md")).published_hash},
    }
    publisher = Publisher(database, faq_dir, four_eyes=True)
    with pytest.raises(NeedsApproval):
        await publisher.publish(before.id, PATH, ANA)
    await approve(database, before.id, fresh, ANA)
    await publisher.publish(before.id, PATH, ANA)
    assert (await document(database)).published_hash == fresh.hash
    await disk.look()
    assert approved.read(faq_dir)[PATH] == {fresh.hash}  # type: ignore[index]


@pytest.mark.parametrize("again", ["kept", "discarded", "restored"])
async def test_approval_before_a_withdrawal_does_not_let_the_author_publish_alone(
    database: Sessions, faq_dir: Path, again: str
) -> None:
    await watch(database, faq_dir, four_eyes=True).look()
    id, editions, reviews = await open_draft(database, MINE), Editions(database, four_eyes=True), Reviews(database)
    publisher = Publisher(database, faq_dir, four_eyes=True)
    await editions.send(id, State.REVIEW, ANA)
    await reviews.approve(id, MINE.hash, EVA, Then.LATER)
    await publisher.withdraw(id, EVA, "Ya no es así", date(2026, 11, 29))
    if again == "kept":
        await editions.rebase(id, (await document(database)).published_hash, 0, ANA)
        assert (await opened(database)).approvals == ()
    elif again == "discarded":
        await editions.discard(id, ANA)
        await editions.save(id, MINE, 0, ANA)
        await editions.send(id, State.REVIEW, ANA)
    else:
        await editions.replace(id, MINE, ANA)
        await editions.send(id, State.REVIEW, ANA)
    assert (await opened(database)).edition.state == State.REVIEW  # type: ignore[union-attr]
    with pytest.raises(NeedsApproval):
        await publisher.publish(id, PATH, ANA)
    assert await reviews.approve(id, MINE.hash, EVA)
    await publisher.publish(id, PATH, ANA)
    assert (await document(database)).published_hash == MINE.hash


async def test_later_edit_on_disk_takes_the_place_of_the_one_that_waits(database: Sessions, faq_dir: Path) -> None:
    disk = watch(database, faq_dir, four_eyes=True)
    await disk.look()
    for question in ("¿Y los hoyos?", "¿Y los hoyos de mi calle?"):
        fresh = edit(faq_dir, question)
        await disk.look()
        assert await editions(database) == [("review", fresh.hash)]
    found = await document(database)
    async with database.begin() as session:
        session.add(Staff(id=EVA.id, email="eva@example.cl", name="Eva", roles=[], teams=[], password_hash="x"))
    await Reviews(database).give_back(found.id, fresh.hash, "Falta el plazo", EVA)
    last = edit(faq_dir, "¿Y los hoyos, en qué plazo?")
    await disk.look()
    assert await editions(database) == [("review", last.hash)]
    async with database() as session:
        news = (await session.scalars(select(EntryNews.kind).order_by(EntryNews.id))).all()
    assert list(news) == ["review"]


async def test_edit_on_disk_that_is_undone_waits_with_the_text_of_the_file(database: Sessions, faq_dir: Path) -> None:
    disk = watch(database, faq_dir, four_eyes=True)
    await disk.look()
    published = (faq_dir / PATH).read_text()
    for question in ("¿Y los hoyos?", "¿Y los hoyos de mi calle?", "¿Y los hoyos?"):
        fresh = edit(faq_dir, question)
        await disk.look()
        assert await editions(database) == [("review", fresh.hash)]
    (faq_dir / PATH).write_text(published)
    await disk.look()
    assert await editions(database) == [("discarded", fresh.hash)]
    assert edit(faq_dir, "¿Y los hoyos?").hash == fresh.hash
    await disk.look()
    assert await editions(database) == [("discarded", fresh.hash), ("review", fresh.hash)]


async def opened(database: Sessions) -> Opened:
    found = await Editions(database).opened((await document(database)).id)
    assert found is not None
    return found


@pytest.mark.parametrize("decided", ["approved", "scheduled", "draft"])  # a draft: as the unit returns it
async def test_whatever_was_decided_about_an_edit_on_disk_it_follows_the_file(
    database: Sessions, faq_dir: Path, decided: str
) -> None:
    disk = watch(database, faq_dir, four_eyes=True)
    await disk.look()
    first = edit(faq_dir, "¿Y los hoyos?")
    await disk.look()
    id = (await document(database)).id
    await approve(database, id, first, EVA)
    values = {"state": decided, "publish_at": datetime(2030, 3, 1, tzinfo=UTC), "accepted": ["x"]}
    async with database.begin() as session:
        await session.execute(update(EntryEdition).values(**values))
    second = edit(faq_dir, "¿Y los hoyos de mi calle?")
    await disk.look()
    one = (await opened(database)).edition
    assert one is not None
    assert (one.state, one.hash, one.publish_at, one.accepted) == ("review", second.hash, None, [])
    with pytest.raises(NeedsApproval):
        await Publisher(database, faq_dir, four_eyes=True).publish(id, PATH, EVA)


async def test_edit_on_disk_that_a_person_has_written_in_no_longer_follows_the_file(
    database: Sessions, faq_dir: Path
) -> None:
    disk = watch(database, faq_dir, four_eyes=True)
    await disk.look()
    edit(faq_dir, "¿Y los hoyos?")
    await disk.look()
    await Editions(database).save((await document(database)).id, MINE, 1, ANA)
    later = edit(faq_dir, "¿Y los hoyos de mi calle?")
    await disk.look()
    found = await opened(database)
    assert found.text == MINE and found.disk_edit is not None and found.disk_edit.hash == later.hash


async def test_draft_is_kept_only_over_what_its_editor_has_seen(database: Sessions, faq_dir: Path) -> None:
    disk, editions = watch(database, faq_dir, four_eyes=True), Editions(database)
    await disk.look()
    id = await open_draft(database, MINE)
    edit(faq_dir, "¿Del disco?")
    await disk.look()
    shown = await opened(database)
    assert shown.disk_edit is not None
    edit(faq_dir, "¿Del disco, otra vez?")
    await disk.look()
    with pytest.raises(NewerText):
        await editions.rebase(id, shown.document.published_hash, shown.disk_edit.id, ANA)
    with pytest.raises(UnseenOnDisk):
        await Publisher(database, faq_dir, four_eyes=False).publish(id, PATH, ANA)
    newest = (await opened(database)).disk_edit
    assert newest is not None
    await editions.rebase(id, shown.document.published_hash, newest.id, ANA)
    assert (await opened(database)).disk_edit is None and (await opened(database)).text == MINE
    with pytest.raises(NewerText):
        await editions.rebase(id, "another", 0, ANA)


async def test_text_that_a_person_wrote_before_counts_as_an_edit_once_the_file_has_it(
    database: Sessions, faq_dir: Path
) -> None:
    disk, editions = watch(database, faq_dir, four_eyes=True), Editions(database)
    await disk.look()
    id = await open_draft(database, EntryText(written("bache", "¿Del disco?", QUESTIONS["bache"][1:])))
    await editions.replace(id, MINE, ANA)
    theirs = edit(faq_dir, "¿Del disco?")
    assert (await revisions(database))[-1].hash == theirs.hash
    await disk.look()
    found = (await opened(database)).disk_edit
    assert found is not None and found.hash == theirs.hash


async def test_edit_on_disk_that_is_recorded_after_a_publication_is_later_whenever_its_transaction_began(
    database: Sessions, faq_dir: Path
) -> None:
    await watch(database, faq_dir, four_eyes=True).look()
    found = await document(database)
    async with database.begin() as recording:
        await recording.execute(select(1))
        async with database.begin() as publishing:
            record.mark_published(await publishing.get_one(EntryDocument, found.id), MINE.hash)
        await record.revise(recording, found.id, edit(faq_dir, "¿Del disco?"), record.FROM_DISK)
        published = await recording.get_one(EntryDocument, found.id)
        assert await record.unpublished_on_disk(recording, published) is not None


async def test_revision_from_the_disk_that_becomes_the_draft_has_been_seen(database: Sessions, faq_dir: Path) -> None:
    disk, editions = watch(database, faq_dir, four_eyes=True), Editions(database)
    await disk.look()
    id = await open_draft(database, MINE)
    edit(faq_dir, "¿Del disco?")
    await disk.look()
    seen = (await opened(database)).disk_edit
    assert seen is not None
    await editions.restore(id, seen.id, ANA)
    await editions.save(id, EntryText(seen.content + "Y algo más.\n", seen.phrases), 2, ANA)
    assert (await opened(database)).disk_edit is None
    later = edit(faq_dir, "¿Del disco, otra vez?")
    await disk.look()
    await editions.restore(id, seen.id, ANA)
    unseen = (await opened(database)).disk_edit
    assert unseen is not None and unseen.hash == later.hash


async def draft_for_two(database: Sessions, faq_dir: Path) -> tuple[DiskWatch, Editions, uuid.UUID]:
    """Opens a draft that needs a second person; returns the watch of the disk, the editions and the entry's id."""
    disk = watch(database, faq_dir, four_eyes=True)
    await disk.look()
    return disk, Editions(database, four_eyes=True), await open_draft(database, MINE)


async def test_edit_on_disk_waits_for_review_when_the_draft_that_hid_it_is_discarded(
    database: Sessions, faq_dir: Path
) -> None:
    disk, editions, id = await draft_for_two(database, faq_dir)
    theirs = edit(faq_dir, "¿Del disco?")
    await disk.look()
    seen = (await opened(database)).disk_edit
    assert seen is not None
    await editions.rebase(id, (await document(database)).published_hash, seen.id, ANA)
    assert await editions.discard(id, ANA)
    found = await opened(database)
    assert found.edition is not None and (found.edition.state, found.text) == ("review", theirs)
    assert approved.read(faq_dir)[PATH] == {found.document.published_hash}  # type: ignore[index]
    assert not await editions.discard(id, EVA)
    for one in (disk, watch(database, faq_dir, four_eyes=True)):
        await one.look()
    assert (await opened(database)).edition is None  # discarded by name


async def test_edit_on_disk_with_errors_is_not_sent_to_review_when_the_draft_that_hid_it_is_discarded(
    database: Sessions, faq_dir: Path
) -> None:
    disk, editions, id = await draft_for_two(database, faq_dir)
    (faq_dir / PATH).write_text(MINE.content.replace("revisado: 2026", "revisado: 26"))
    await disk.look()
    assert (await opened(database)).disk_edit is not None
    assert not await editions.discard(id, ANA)
    assert (await opened(database)).edition is None


async def test_first_words_do_not_count_an_edit_on_disk_as_seen_that_came_after_the_page(
    database: Sessions, faq_dir: Path
) -> None:
    disk, editions = watch(database, faq_dir), Editions(database)
    await disk.look()
    shown = await opened(database)
    (faq_dir / PATH).write_text(MINE.content.replace("revisado: 2026", "revisado: 26"))
    await disk.look()
    seen = Seen(shown.document.published_hash, shown.on_disk)
    await editions.save(shown.document.id, MINE, 0, ANA, seen)
    found = await opened(database)
    assert found.disk_edit is not None and "revisado: 26" in found.disk_edit.content
    with pytest.raises(UnseenOnDisk):
        await Publisher(database, faq_dir, four_eyes=False).publish(found.document.id, PATH, ANA)


async def test_edit_on_disk_that_a_draft_hid_is_kept_after_a_withdrawal(database: Sessions, faq_dir: Path) -> None:
    disk, editions, id = await draft_for_two(database, faq_dir)
    theirs = edit(faq_dir, "¿Del disco?")
    await disk.look()
    publisher = Publisher(database, faq_dir, four_eyes=True)
    await publisher.withdraw(id, EVA, "Ya no es así", date(2026, 11, 29))
    await disk.look()
    shown = await opened(database)
    assert shown.is_stale and shown.disk_edit is not None and shown.disk_edit.hash == theirs.hash
    assert await editions.discard(id, ANA)
    found = await opened(database)
    assert found.edition is not None and (found.edition.state, found.text) == ("review", theirs)
    await editions.discard(id, EVA)
    await open_draft(database, MINE)
    await publisher.withdraw(id, EVA, "Ya no es así", date(2026, 11, 20))
    assert (await opened(database)).disk_edit is None and not await editions.discard(id, ANA)  # discarded by name


@pytest.mark.parametrize("way", [record.Way.URGENT, record.Way.ROLLBACK])
async def test_edit_on_disk_that_a_draft_hid_waits_for_review_when_the_draft_is_published_over_it(
    database: Sessions, faq_dir: Path, way: record.Way
) -> None:
    disk, publisher = watch(database, faq_dir, four_eyes=True), Publisher(database, faq_dir, four_eyes=True)
    await disk.look()
    first = text_on_disk(faq_dir, PATH)
    assert first is not None
    await publisher.withdraw((await document(database)).id, EVA, "Ya no es así", date(2026, 11, 29))
    id = await open_draft(database, first)
    theirs = edit(faq_dir, "¿Del disco?")
    await disk.look()
    await publisher.publish(id, PATH, ANA, way=way, reason="Es urgente")
    await disk.look()
    found = await opened(database)
    assert found.edition is not None and (found.edition.state, found.text) == ("review", theirs)
    assert (found.published, text_on_disk(faq_dir, PATH)) == (first, first)


async def test_edit_on_disk_that_was_undone_does_not_wait_once_the_draft_is_published(
    database: Sessions, faq_dir: Path
) -> None:
    disk, publisher = watch(database, faq_dir, four_eyes=True), Publisher(database, faq_dir, four_eyes=True)
    await disk.look()
    first = text_on_disk(faq_dir, PATH)
    assert first is not None
    id = await open_draft(database, MINE)
    edit(faq_dir, "¿Del disco?")
    await disk.look()
    write_text(faq_dir, PATH, first)
    await disk.look()
    await publisher.publish(id, PATH, ANA, way=record.Way.URGENT, reason="Es urgente")
    found = await opened(database)
    assert (found.published, found.edition) == (MINE, None)


async def test_new_file_waits_and_a_deleted_one_returns_with_four_eyes(database: Sessions, faq_dir: Path) -> None:
    disk = watch(database, faq_dir, four_eyes=True)
    await disk.look()
    (faq_dir / "calle" / "chip.md").unlink()
    edit(faq_dir, "¿Cómo aviso de un farol?", "calle/luz.md")
    await disk.look()
    assert (faq_dir / "calle" / "chip.md").exists()
    assert (await document(database, "calle/luz.md")).published_hash == ""
    assert [state for state, _ in await editions(database)] == ["review"]


async def test_deleted_file_is_withdrawn_and_a_moved_one_stays_the_same_document(
    database: Sessions, faq_dir: Path
) -> None:
    disk = watch(database, faq_dir)
    await disk.look()
    before = await document(database)
    (faq_dir / "calle" / "chip.md").unlink()
    (faq_dir / "aseo").mkdir()
    moved = (faq_dir / PATH).read_text().replace("tema: calle", "tema: aseo")
    (faq_dir / PATH).unlink()
    (faq_dir / "aseo" / "bache.md").write_text(moved)
    await disk.look()
    assert (await document(database, "calle/chip.md")).published_hash == ""
    after = await document(database, "aseo/bache.md")
    assert (after.id, len(await revisions(database, "aseo/bache.md"))) == (before.id, 2)


async def test_broken_file_is_kept_in_the_history_and_can_be_published_over(database: Sessions, faq_dir: Path) -> None:
    disk = watch(database, faq_dir)
    await disk.look()
    before = (await document(database)).published_hash
    (faq_dir / PATH).write_text("basura")
    await disk.look()
    assert (await document(database)).published_hash == before
    assert [one.content for one in await revisions(database)][1:] == ["basura\n"]
    text = EntryText(written("bache", "¿Y los hoyos?", ["hay un hoyo"]))
    await Publisher(database, faq_dir, four_eyes=False).publish(await open_draft(database, text), PATH, ANA)
    assert text_on_disk(faq_dir, PATH) == text


async def test_draft_is_published_as_files_with_a_revision_and_an_audit_row(database: Sessions, faq_dir: Path) -> None:
    await watch(database, faq_dir).look()
    text = EntryText(written("bache", "¿Y los hoyos?", ["hay un hoyo"]), "se hundió  # Ana\n")
    id = await open_draft(database, text)
    publisher = Publisher(database, faq_dir, four_eyes=False)
    await publisher.publish(id, PATH, ANA)
    assert text_on_disk(faq_dir, PATH) == text
    assert (await revisions(database))[-1].author_name == "Ana"
    assert await editions(database) == [("published", text.hash)]
    async with database() as session:
        last = (await session.scalars(select(Audit).order_by(Audit.id.desc()).limit(1))).one()
    assert (last.action, last.staff_id, last.detail["hash"]) == ("entry_published", ANA.id, text.hash)
    with pytest.raises(NothingToPublish):
        await publisher.publish(id, PATH, ANA)


async def test_author_cannot_approve_and_a_later_edit_voids_an_approval(database: Sessions, faq_dir: Path) -> None:
    await watch(database, faq_dir, four_eyes=True).look()
    text = EntryText(written("bache", "¿Y los hoyos?", ["hay un hoyo"]))
    id = await open_draft(database, text)
    publisher = Publisher(database, faq_dir, four_eyes=True)
    await approve(database, id, text, ANA)
    with pytest.raises(NeedsApproval):
        await publisher.publish(id, PATH, EVA)
    await approve(database, id, text, EVA)
    other = EntryText(text.content + "Más.\n")
    values = {"content": other.content, "hash": other.hash}
    async with database.begin() as session:
        await session.execute(update(EntryEdition).values(**values))
    with pytest.raises(NeedsApproval):
        await publisher.publish(id, PATH, EVA)
    assert text_on_disk(faq_dir, PATH) != other


@pytest.mark.parametrize("recorded", [True, False])
async def test_edit_on_disk_is_never_overwritten_unseen(database: Sessions, faq_dir: Path, recorded: bool) -> None:
    disk = watch(database, faq_dir)
    await disk.look()
    id = await open_draft(database, EntryText(written("bache", "¿Y los hoyos?", ["hay un hoyo"])))
    theirs = edit(faq_dir, "¿Otra?")
    if recorded:
        await disk.look()
    with pytest.raises(VentanillaError) as raised:
        await Publisher(database, faq_dir, four_eyes=False).publish(id, PATH, ANA)
    assert isinstance(raised.value, PublishedMeanwhile) == recorded
    assert text_on_disk(faq_dir, PATH) == theirs


@pytest.mark.parametrize("file", [PATH, phrases_name(PATH)])
async def test_unreadable_file_is_replaced_by_a_publication_and_no_byte_of_it_is_lost(
    database: Sessions, faq_dir: Path, file: str
) -> None:
    await watch(database, faq_dir).look()
    text = EntryText(written("bache", "¿Y los hoyos?", ["hay un hoyo"]), "se hundió\n")
    id = await open_draft(database, text)
    (faq_dir / file).write_bytes(LATIN)
    await Publisher(database, faq_dir, four_eyes=False).publish(id, PATH, ANA)
    assert text_on_disk(faq_dir, PATH) == text and (faq_dir / f"{file}.original").read_bytes() == LATIN


@pytest.mark.parametrize("file", [PATH, phrases_name(PATH)])
async def test_entry_whose_file_is_not_utf_8_is_withdrawn_and_no_byte_of_it_is_lost(
    database: Sessions, faq_dir: Path, file: str
) -> None:
    await watch(database, faq_dir).look()
    id, today = (await document(database)).id, date(2026, 11, 2)
    publisher = Publisher(database, faq_dir, four_eyes=False)
    for number, content in enumerate((LATIN, LATIN + LATIN)):
        (faq_dir / file).write_bytes(content)
        assert await publisher.withdraw(id, ANA, "Ya no", today)
        copy = faq_dir / f"{file}.original{f'-{number + 1}' * (number > 0)}"
        assert copy.read_bytes() == content
    assert not await publisher.withdraw(id, ANA, "Ya no", today)
    (entry,) = [one for one in load_folder(faq_dir, None).entries if one.path == PATH]
    assert entry.expired(today)
    await watch(database, faq_dir).look()


@pytest.mark.parametrize("file", [PATH, phrases_name(PATH)])
async def test_interrupted_publication_is_undone_if_a_file_is_not_utf_8_by_then(
    database: Sessions, faq_dir: Path, file: str
) -> None:
    await watch(database, faq_dir).look()
    cut = await interrupted(database, EntryText(written("bache", "¿Y los hoyos?", ["hay un hoyo"]), "se hundió\n"))
    (faq_dir / file).write_bytes(LATIN)
    await Publisher(database, faq_dir, four_eyes=False).recover()
    async with database() as session:
        state = (await session.get_one(EntryPublication, cut)).state
    assert (state, (faq_dir / file).read_bytes()) == ("undone", LATIN)


async def interrupted(database: Sessions, text: EntryText) -> int:
    """Begins a publication of PATH like a process that is killed before it writes the files; returns its id."""
    found = await document(database)
    async with database.begin() as session:
        revision = await record.revise(session, found.id, text, ANA)
        row = {"path": PATH, "before": found.published_hash, "hash": text.hash, "name": "Ana", "state": "begun"}
        cut = EntryPublication(document_id=found.id, revision_id=revision.id, **row)
        session.add(cut)
    return cut.id


async def test_text_published_and_replaced_on_the_disk_counts_as_published(database: Sessions, faq_dir: Path) -> None:
    disk = watch(database, faq_dir)
    await disk.look()
    first = await document(database)
    second = edit(faq_dir, "¿Y los hoyos?")
    await disk.look()
    third = edit(faq_dir, "¿Otra?")
    await disk.look()
    async with database() as session:
        texts = (first.published_hash, second.hash, third.hash, EntryText("x").hash)
        found = [await record.was_published(session, first.id, digest) for digest in texts]
    assert found == [True, True, True, False]


async def test_change_of_topic_moves_the_files(database: Sessions, faq_dir: Path) -> None:
    await watch(database, faq_dir).look()
    text = EntryText(written("bache", "¿Y los hoyos?", ["hay un hoyo"]).replace("tema: calle", "tema: vial"))
    id = await open_draft(database, text)
    await Publisher(database, faq_dir, four_eyes=False).publish(id, "vial/bache.md", ANA)
    assert not (faq_dir / PATH).exists() and text_on_disk(faq_dir, "vial/bache.md") == text
    assert (await document(database, "vial/bache.md")).id == id


@pytest.mark.parametrize("change", [update(EntryRevision).values(content="otra"), delete(EntryRevision)])
async def test_revision_never_changes(database: Sessions, faq_dir: Path, change: object) -> None:
    await watch(database, faq_dir).look()
    with pytest.raises(DBAPIError, match="never changes"):
        async with database.begin() as session:
            await session.execute(change)  # type: ignore[call-overload]
