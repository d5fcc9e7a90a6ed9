"""Tests that a publication killed between any two steps is finished or undone at the next start, with nothing lost."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from signal import SIGKILL

import pytest
from sqlalchemy import func, select, text

from bot.desk.editing.disk import DiskWatch
from bot.desk.editing.publisher import Publisher
from bot.desk.editing.text import EntryText, text_on_disk
from bot.faq.publishing import approved
from bot.faq.publishing.watch import LiveFaq
from bot.record.engine import Sessions
from bot.record.tables import Audit, EntryDocument, EntryEdition, EntryPublication
from tests import forked
from tests.faq_files import agency, written
from tests.integration.entry_rows import EVA, PATH, approve, open_draft

OLD, NEW = "¿Qué hago con un hoyo?", "¿Y los hoyos?"
MOVED = "vial/bache.md"
TABLES = (
    "entry_commits, entry_news, entry_reminders, entry_links, entry_publications, entry_comments, entry_approvals, "
    "entry_editions, entry_revisions, entry_documents"
)


def text_of(question: str, path: str) -> EntryText:
    content = written("bache", question, ["hay un hoyo"]).replace("tema: calle", f"tema: {path.partition('/')[0]}")
    return EntryText(content, f"se hundió\ny digo {question}\n")


async def killed_at(step: int, url: str, faq_dir: Path, document: str, path: str) -> bool:
    """Publishes in a separate process; returns whether the process was killed (False after the last step)."""
    arguments = (url, str(faq_dir), document, path, str(step))
    process = forked.start("tests.integration.publish_process", *arguments)
    code = await asyncio.to_thread(process.wait)
    assert code in (0, -SIGKILL)
    return code != 0


async def served(faq_dir: Path, home: Path) -> list[str]:
    faq = LiveFaq(faq_dir, agency(), home=home)
    await faq._look()  # as at its start, without the seconds until the watcher stops
    return [entry.question for entry in faq.entries]


def leftovers(faq_dir: Path) -> list[str]:
    return [path.name for path in faq_dir.rglob("*.new")]


class Trial:
    """One publication of a folder with one entry, whose draft Eva approved."""

    def __init__(self, sessions: Sessions, folder: Path, path: str) -> None:
        self.sessions, self.faq_dir, self.home, self.path = sessions, folder / "faq", folder / "home", path

    async def begin(self) -> str:
        async with self.sessions.begin() as session:
            await session.execute(text(f"TRUNCATE {TABLES}"))
        (self.faq_dir / "calle").mkdir(parents=True)
        for name, content in text_of(OLD, PATH).files(PATH).items():
            (self.faq_dir / name).write_bytes(content)
        await self.disk().look()
        assert await served(self.faq_dir, self.home) == [OLD]
        document = await open_draft(self.sessions, text_of(NEW, self.path))
        await approve(self.sessions, document, text_of(NEW, self.path), EVA)
        return str(document)

    def disk(self) -> DiskWatch:
        return DiskWatch(self.sessions, self.faq_dir, agency().teams, four_eyes=True)

    async def restart(self) -> None:
        await Publisher(self.sessions, self.faq_dir, four_eyes=True).recover()
        await self.disk().look()

    async def state(self) -> tuple[str, str, str, int]:
        """Returns the question on disk, the states of edition and publication, and the number of audit rows."""
        async with self.sessions() as session:
            document = (await session.scalars(select(EntryDocument))).one()
            edition = (await session.scalars(select(EntryEdition))).one()
            publication = (await session.scalars(select(EntryPublication))).one_or_none()
            audited = select(func.count()).where(Audit.subject == str(document.id), Audit.detail["origin"].is_(None))
            rows = await session.scalar(audited)
        here = text_on_disk(self.faq_dir, document.path)
        assert here is not None and here.hash == document.published_hash
        assert approved.read(self.faq_dir) == {document.path: {here.hash}}
        assert [path.parent.name for path in self.faq_dir.rglob("*.md")] == [document.path.partition("/")[0]]
        question = NEW if here == text_of(NEW, self.path) else OLD
        assert here == text_of(question, document.path)
        return question, edition.state, publication.state if publication else "", rows or 0


@pytest.fixture(params=[PATH, MOVED], ids=["same place", "moved"])
def trials(database: Sessions, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Trial]:
    return (Trial(database, tmp_path / str(number), request.param) for number in count())


async def test_publication_killed_at_any_step_is_finished_at_the_next_start(
    trials: Iterator[Trial], database_url: str
) -> None:
    ends = []
    for step, trial in enumerate(trials):
        document = await trial.begin()
        killed = await killed_at(step, database_url, trial.faq_dir, document, trial.path)
        between = await served(trial.faq_dir, trial.home)
        assert len(set(between)) == 1 and between[0] in (OLD, NEW)
        await trial.restart()
        assert leftovers(trial.faq_dir) == []
        ends.append(await trial.state())
        assert await served(trial.faq_dir, trial.home) == [ends[-1][0]]
        if not killed:
            break
    assert set(ends) == {(OLD, "draft", "", 0), (NEW, "published", "done", 1)}
    assert len(ends) > 9


async def test_publication_is_undone_if_the_file_has_another_text_by_then(
    trials: Iterator[Trial], database_url: str
) -> None:
    trial = next(trials)
    document = await trial.begin()
    await killed_at(3, database_url, trial.faq_dir, document, trial.path)
    theirs = EntryText(written("bache", "¿Otra?", ["hay un hoyo"]).replace("calle", trial.path.partition("/")[0]))
    (trial.faq_dir / trial.path).parent.mkdir(exist_ok=True)
    (trial.faq_dir / trial.path).write_text(theirs.content)
    await Publisher(trial.sessions, trial.faq_dir, four_eyes=True).recover()
    assert text_on_disk(trial.faq_dir, trial.path).content == theirs.content  # type: ignore[union-attr]
    assert leftovers(trial.faq_dir) == []
    async with trial.sessions() as session:
        assert (await session.scalars(select(EntryPublication.state))).all() == ["undone"]
        assert (await session.scalars(select(EntryEdition.state))).all() == ["draft"]
