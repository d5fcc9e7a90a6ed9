"""Tests that publications are committed to git with the editors' names, and that nothing waits for git or is lost."""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from signal import SIGKILL
from typing import Any

import pytest
from sqlalchemy import func, select

pytest.importorskip("dulwich")  # the lock has it; an environment from before may not

from bot.agency.model import Agency
from bot.desk.editing.commits.committing import DISK_WAITS, Committing
from bot.desk.editing.commits.queue import waiting
from bot.desk.editing.commits.trouble import CannotCommit, Reason
from bot.desk.editing.disk import DiskWatch
from bot.desk.editing.editions import Editions
from bot.desk.editing.importing import Importer
from bot.desk.editing.publisher import Publisher
from bot.desk.editing.record import Editor, Origin, State, Way
from bot.desk.editing.text import EntryText
from bot.desk.pages.entries.list_page import PATH as LIST
from bot.record.engine import Sessions
from bot.record.tables import EntryCommit, EntryPublication, EntryRevision, Staff
from tests import forked
from tests.bot_process import bot_process
from tests.conftest import ROOT
from tests.eventually import eventually
from tests.faq_files import agency as plain_agency
from tests.faq_files import write_folder, written
from tests.git import git, needs_git, repository, status
from tests.integration.entry_desk import address, editor, editors, press
from tests.integration.entry_rows import ANA, EVA, PATH, approve, document, edit, open_draft

pytestmark = needs_git
LATER = timedelta(minutes=5)


@pytest.fixture
def faq_dir(tmp_path: Path) -> Path:
    folder = write_folder(tmp_path / "repo/data/faq", ["bache", "chip"])
    repository(tmp_path / "repo")
    return folder


@pytest.fixture
def work(tmp_path: Path) -> Path:
    return tmp_path / "repo"


def text_of(question: str, topic: str = "calle") -> EntryText:
    return EntryText(
        written("bache", question, ["hay un hoyo"]).replace("tema: calle", f"tema: {topic}"), "se hundió\n"
    )


def committing(database: Sessions, faq_dir: Path, *, emails: bool = False) -> Committing:
    return Committing(database, faq_dir, "America/Santiago", emails=emails)


async def commit_all(database: Sessions, faq_dir: Path, after: timedelta = LATER) -> None:
    while await committing(database, faq_dir).take_one(datetime.now(UTC) + after):
        pass


def disk(database: Sessions, faq_dir: Path, *, four_eyes: bool = False) -> DiskWatch:
    return DiskWatch(database, faq_dir, plain_agency().teams, four_eyes=four_eyes, commits=True)


async def publish(database: Sessions, faq_dir: Path, text: EntryText, by: Editor = ANA, path: str = PATH) -> uuid.UUID:
    id = await open_draft(database, text, by)
    await approve(database, id, text, EVA)
    await Publisher(database, faq_dir, four_eyes=False, commits=True).publish(id, path, by)
    return id


async def queued(database: Sessions) -> int:
    async with database() as session:
        return await session.scalar(select(func.count()).select_from(EntryCommit)) or 0


def subjects(work: Path) -> list[str]:
    """Returns author and first line of all commits except the first one, oldest first."""
    return git(work, "log", "--reverse", "--format=%an: %s").splitlines()[1:]


async def test_publication_is_one_commit_with_the_editor_and_who_approved(
    database: Sessions, faq_dir: Path, work: Path
) -> None:
    await disk(database, faq_dir).look()
    (work / "notas.txt").write_text("de otra persona\n")
    git(work, "add", "notas.txt")
    await publish(database, faq_dir, text_of("¿Y los hoyos?"))
    assert sorted(status(work)) == [
        " M data/faq/calle/bache.md",
        "?? data/faq/calle/bache.frases.txt",
        "A  notas.txt",
    ]
    await commit_all(database, faq_dir)
    async with database() as session:
        revision = await session.scalar(select(EntryRevision.id).order_by(EntryRevision.id.desc()).limit(1))
    assert git(work, "log", "-1", "--format=%an <%ae>%n%cn <%ce>%n%B").splitlines() == [
        f"Ana <{ANA.id}@ventanilla.invalid>",
        "Ventanilla <ventanilla@ventanilla.invalid>",
        "Publica: ¿Y los hoyos?",
        "",
        "Archivo: calle/bache.md",
        f"Revisión: {revision}",
        "Por: Ana",
        "Aprobada por: Eva",
    ]
    assert status(work) == ["A  notas.txt"]
    assert await queued(database) == 0


async def test_author_has_the_address_of_the_account_if_that_is_wanted(
    database: Sessions, faq_dir: Path, work: Path
) -> None:
    await disk(database, faq_dir).look()
    async with database.begin() as session:
        session.add(Staff(id=ANA.id, email="ana@losaromos.example", name="Ana", password_hash="", roles=["editor"]))
    await publish(database, faq_dir, text_of("¿Y los hoyos?"))
    await committing(database, faq_dir, emails=True).take_one(datetime.now(UTC))
    assert git(work, "log", "-1", "--format=%ae") == "ana@losaromos.example"


async def test_every_way_to_publish_has_its_own_words(database: Sessions, faq_dir: Path, work: Path) -> None:
    await disk(database, faq_dir).look()
    publisher = Publisher(database, faq_dir, four_eyes=False, commits=True)
    id = await publish(database, faq_dir, text_of("¿Uno?"))
    for way, question in ((Way.MINOR, "¿Dos?"), (Way.URGENT, "¿Tres?"), (Way.ROLLBACK, "¿Uno?")):
        await open_draft(database, text_of(question), EVA)
        await publisher.publish(id, PATH, EVA, way=way, reason="Así fue")
    await publish(database, faq_dir, text_of("¿Uno?", "vial"), path="vial/bache.md")
    await publisher.withdraw(id, ANA, "Ya no", date(2026, 11, 2))
    importer = Importer(database, Editions(database), publisher)
    await importer.take(
        {"vial/poste.md": text_of("¿Y el poste?", "vial")}, State.PUBLISHED, Editor(ANA.id, "Ana", Origin.IMPORT)
    )
    await commit_all(database, faq_dir)
    assert subjects(work) == [
        "Ana: Publica: ¿Uno?",
        "Eva: Corrige: ¿Dos?",
        "Eva: Publica con urgencia: ¿Tres?",
        "Eva: Vuelve a un texto anterior: ¿Uno?",
        "Ana: Publica: ¿Uno?",
        "Ana: Retira: ¿Uno?",
        "Ana: Trae de un archivo: ¿Y el poste?",
    ]
    assert status(work) == []


async def test_edits_on_the_disk_are_one_commit_once_nobody_else_made_it(
    database: Sessions, faq_dir: Path, work: Path
) -> None:
    watch = disk(database, faq_dir)
    await watch.look()
    for question in ("¿Uno?", "¿Dos?"):
        edit(faq_dir, question)
        await watch.look()
    assert await committing(database, faq_dir).take_one(datetime.now(UTC)) is False
    assert await queued(database) == 2
    await commit_all(database, faq_dir, DISK_WAITS + timedelta(seconds=1))
    assert subjects(work) == ["Ventanilla: Registra lo cambiado en el disco: ¿Dos?"]
    edit(faq_dir, "¿Tres?")
    await watch.look()
    git(work, "commit", "-q", "-a", "-m", "Lo hice yo")
    await commit_all(database, faq_dir)
    assert subjects(work)[1:] == ["Pía: Lo hice yo"]
    assert (status(work), await queued(database)) == ([], 0)


async def test_files_that_were_moved_and_deleted_on_the_disk(database: Sessions, faq_dir: Path, work: Path) -> None:
    watch = disk(database, faq_dir)
    await watch.look()
    (faq_dir / "vial").mkdir()
    (faq_dir / PATH).unlink()
    (faq_dir / "vial/bache.md").write_text(text_of("¿Uno?", "vial").content)
    (faq_dir / "calle/chip.md").unlink()
    await watch.look()
    await commit_all(database, faq_dir)
    assert git(work, "ls-tree", "-r", "--name-only", "HEAD").splitlines() == ["data/faq/vial/bache.md"]
    assert status(work) == []


async def test_with_four_eyes_an_edit_on_the_disk_is_committed_once_it_is_approved(
    database: Sessions, faq_dir: Path, work: Path
) -> None:
    watch = disk(database, faq_dir, four_eyes=True)
    await watch.look()
    text = edit(faq_dir, "¿Uno?")
    await watch.look()
    assert await queued(database) == 0
    found = (await document(database)).id
    await approve(database, found, text, EVA)
    await Publisher(database, faq_dir, four_eyes=True, commits=True).publish(found, PATH, ANA)
    await commit_all(database, faq_dir)
    assert subjects(work) == ["Ana: Publica: ¿Uno?"]


async def test_failed_commits_are_reported_and_done_later_in_order(
    redis: Any, database: Sessions, agency: Agency, faq_dir: Path, work: Path
) -> None:
    git(work, "switch", "-q", "--detach")
    async with editors(redis, database, agency, faq_dir, four_eyes=False, commits="name") as world:
        browser = await editor(world)
        page = await address(world)
        for question in ("¿Uno?", "¿Dos?"):
            assert (await press(browser, page, "publicar", **{"campo-pregunta": question})).status_code == 303
        assert "repositorio Git" not in (await browser.get(LIST)).text
        with pytest.raises(CannotCommit):
            await commit_all(database, faq_dir)
        shown = (await browser.get(LIST)).text
        assert "hay 2 cambios que todavía no están en el repositorio Git" in shown
        assert "No hay ninguna rama puesta" in shown
        git(work, "switch", "-q", "principal")
        await commit_all(database, faq_dir)
        assert "repositorio Git" not in (await browser.get(LIST)).text
    assert subjects(work) == ["Ana: Publica: ¿Uno?", "Ana: Publica: ¿Dos?"]
    assert status(work) == []


async def test_without_a_repository_publishing_goes_on(database: Sessions, tmp_path: Path) -> None:
    faq_dir = write_folder(tmp_path / "faq", ["bache", "chip"])
    await disk(database, faq_dir).look()
    await publish(database, faq_dir, text_of("¿Uno?"))
    with pytest.raises(CannotCommit):
        await commit_all(database, faq_dir)
    found = await waiting(database)
    assert found is not None
    assert (found.count, found.reason) == (1, Reason.MISSING)
    async with database() as session:
        assert (await session.scalars(select(EntryPublication.state))).all() == ["done"]


async def test_text_that_was_replaced_while_commits_were_off_does_not_come_back(
    database: Sessions, faq_dir: Path, work: Path
) -> None:
    await disk(database, faq_dir).look()
    id = await publish(database, faq_dir, text_of("¿Uno?"))
    await open_draft(database, text_of("¿Dos?"))
    await Publisher(database, faq_dir, four_eyes=False).publish(id, PATH, ANA)
    await commit_all(database, faq_dir)
    assert (subjects(work), await queued(database)) == ([], 0)


async def test_nothing_is_queued_unless_it_is_wanted(database: Sessions, faq_dir: Path) -> None:
    watch = DiskWatch(database, faq_dir, plain_agency().teams, four_eyes=False)
    await watch.look()
    await open_draft(database, text_of("¿Uno?"))
    await Publisher(database, faq_dir, four_eyes=False).publish((await document(database)).id, PATH, ANA)
    edit(faq_dir, "¿Dos?")
    await watch.look()
    assert await queued(database) == 0


async def killed_at(step: int, url: str, faq_dir: Path) -> bool:
    process = forked.start("tests.integration.commit_process", url, str(faq_dir), str(step))
    code = await asyncio.to_thread(process.wait)
    assert code in (0, -SIGKILL)
    return code != 0


async def test_worker_killed_at_any_step_commits_each_publication_once(
    database: Sessions, database_url: str, faq_dir: Path, work: Path
) -> None:
    watch = disk(database, faq_dir)
    await watch.look()
    expected, step, killed = [], 0, True
    while killed:
        await publish(database, faq_dir, text_of(f"¿Uno {step}?"))
        expected.append(f"Ana: Publica: ¿Uno {step}?")
        killed = await killed_at(step, database_url, faq_dir)

        async def all_committed() -> bool:  # PostgreSQL needs a moment to see that the process is dead
            await commit_all(database, faq_dir)
            return await queued(database) == 0

        await eventually(all_committed)
        assert subjects(work) == expected
        assert status(work) == []
        assert [path.name for path in (work / ".git").rglob("*.lock")] == ["ventanilla.lock"]
        step += 1
    assert step > 12
    assert git(work, "fsck", "--strict", "--no-dangling", check=False).strip() == ""


async def test_worker_commits_by_itself(
    database: Sessions, empty_database_url: str, faq_dir: Path, work: Path, tmp_path: Path
) -> None:
    settings = {"FAQ_DIR": str(faq_dir), "FAQ_COMMITS": "name", "VENTANILLA_ROOT": str(ROOT)}
    with bot_process(tmp_path / "home", empty_database_url, **settings) as bot:

        async def recorded() -> bool:
            async with database() as session:
                return await session.scalar(select(func.count()).select_from(EntryRevision)) == 2

        await eventually(recorded)
        await publish(database, faq_dir, text_of("¿Y los hoyos?"))
        await eventually(lambda: subjects(work) == ["Ana: Publica: ¿Y los hoyos?"])
        await eventually(lambda: "entries: committed" in bot.log)
    assert status(work) == []
