"""Tests that saved entries go live however the editor saves, and broken files keep their last good version."""

from __future__ import annotations

import asyncio
import gc
import shutil
import weakref
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

import bot.faq.publishing.watch as watching
from bot.agency.model import Agency
from bot.faq.answering.answerer import Answerer
from bot.faq.entries.canonical import sha256
from bot.faq.entries.entry import Entry
from bot.faq.entries.folder import load_files, read_files, signs_of
from bot.faq.publishing import approved
from bot.faq.publishing.watch import LiveFaq
from bot.metrics.measures import REGISTRY
from tests import evening
from tests.eventually import eventually
from tests.faq_files import QUESTIONS, agency, write_folder, written


@pytest.fixture
def faq_dir(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "faq")


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shortens the watcher's waits to a tenth; LOOK_EVERY_MS stays, so a test without change notifications is slow."""
    for name, short in (("QUIET_MS", 20), ("MAX_WAIT_MS", 40), ("FOLDER_GONE_WAIT_S", 0.1)):
        monkeypatch.setattr(watching, name, short)


@asynccontextmanager
async def live(faq_dir: Path) -> AsyncIterator[LiveFaq]:
    faq = LiveFaq(faq_dir, agency(), home=faq_dir.parent / "home")
    await faq.start()
    try:
        yield faq
    finally:
        await faq.stop()


def question(faq: LiveFaq, id: str) -> str | None:
    return next((entry.question for entry in faq.entries if entry.id == id), None)


def moved(folder: Path, name: str) -> None:
    folder.rename(folder.parent / name)


def edited(text: str) -> str:
    return written("bache", text, QUESTIONS["bache"][1:])


async def test_truncated_and_rewritten_file_goes_live(faq_dir: Path) -> None:
    async with live(faq_dir) as faq:
        (faq_dir / "calle" / "bache.md").write_text(edited("¿Y los hoyos?"))
        await eventually(lambda: question(faq, "bache") == "¿Y los hoyos?")


async def test_file_saved_by_rename_goes_live(faq_dir: Path) -> None:
    async with live(faq_dir) as faq:
        fresh = faq_dir / "calle" / ".bache.md.swp"
        fresh.write_text(edited("¿Y los hoyos?"))
        fresh.replace(faq_dir / "calle" / "bache.md")
        await eventually(lambda: question(faq, "bache") == "¿Y los hoyos?")


async def test_new_and_deleted_files_go_live(faq_dir: Path) -> None:
    async with live(faq_dir) as faq:
        (faq_dir / "calle" / "bache.md").unlink()
        (faq_dir / "calle" / "luz.md").write_text(written("luz", "¿Cómo aviso de un farol apagado?", ["farol malo"]))
        await eventually(lambda: {entry.id for entry in faq.entries} == {"basura", "licencia", "chip", "luz"})


async def test_checkout_of_many_files_goes_live(faq_dir: Path) -> None:
    other = write_folder(faq_dir.parent / "other", ["bache"])
    for number in range(40):
        text = written(f"otra-{number}", f"¿Qué es lo número {number}?", [f"quiero lo {number}"])
        (other / "calle" / f"otra-{number}.md").write_text(text)
    async with live(faq_dir) as faq:
        shutil.rmtree(faq_dir / "calle")
        shutil.copytree(other / "calle", faq_dir / "calle")
        await eventually(lambda: len(faq.entries) == 41)


async def test_broken_file_keeps_its_last_good_version_and_reports_why(faq_dir: Path) -> None:
    async with live(faq_dir) as faq:
        heard: list[int] = []
        faq.subscribe(lambda problems: heard.append(len(problems)))
        path = faq_dir / "calle" / "bache.md"
        path.write_text(edited("¿Y los hoyos?").replace("equipo: atencion", "equipo: nadie"))
        await eventually(lambda: len(faq.problems) == 1)
        assert (faq.problems[0].file, faq.problems[0].line) == ("calle/bache.md", 8)
        assert question(faq, "bache") == QUESTIONS["bache"][0]
        path.write_text(edited("¿Y los hoyos?"))
        await eventually(lambda: faq.problems == ())
        assert question(faq, "bache") == "¿Y los hoyos?"
        await eventually(lambda: heard == [1, 0])


async def test_last_good_version_survives_a_restart(faq_dir: Path) -> None:
    async with live(faq_dir):
        pass
    (faq_dir / "calle" / "bache.md").write_text("basura")
    async with live(faq_dir) as faq:
        assert question(faq, "bache") == QUESTIONS["bache"][0]
        assert len(faq.problems) == 1


async def test_deleted_file_is_not_kept(faq_dir: Path) -> None:
    async with live(faq_dir):
        pass
    (faq_dir / "calle" / "bache.md").unlink()
    async with live(faq_dir) as faq:
        assert question(faq, "bache") is None
    (faq_dir / "calle" / "bache.md").write_text("basura")
    async with live(faq_dir) as faq:
        assert question(faq, "bache") is None


async def test_broken_new_file_serves_nothing(faq_dir: Path) -> None:
    (faq_dir / "calle" / "nueva.md").write_text("---\nid nueva\n---\n")
    async with live(faq_dir) as faq:
        assert len(faq.entries) == 4
        assert {problem.file for problem in faq.problems} == {"calle/nueva.md"}


async def test_new_file_with_the_id_of_another_topic_takes_nothing_off_line(faq_dir: Path) -> None:
    async with live(faq_dir) as faq:
        (faq_dir / "aseo").mkdir()
        (faq_dir / "aseo" / "bache.md").write_text(edited("¿Y los hoyos?").replace("tema: calle", "tema: aseo"))
        await eventually(lambda: [one.file for one in faq.problems] == ["aseo/bache.md"])
        assert [one.path for one in faq.entries if one.id == "bache"] == ["calle/bache.md"]
    async with live(faq_dir) as faq:
        assert question(faq, "bache") == QUESTIONS["bache"][0]


async def test_recreated_folder_is_watched_again(faq_dir: Path) -> None:
    async with live(faq_dir) as faq:
        moved(faq_dir, "away")
        await eventually(lambda: faq.entries == ())
        moved(faq_dir.parent / "away", faq_dir.name)
        await eventually(lambda: len(faq.entries) == len(QUESTIONS))
        (faq_dir / "calle" / "chip.md").unlink()
        await eventually(lambda: question(faq, "chip") is None)


@pytest.mark.parametrize("error", [ValueError("unusable"), ZeroDivisionError("a mistake of ours")])
async def test_failed_publication_is_counted_keeps_the_answers_and_is_tried_again(
    faq_dir: Path, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "release_memory", lambda: None)  # takes half a second; the next test shows it
    monkeypatch.setattr(watching, "LOOK_EVERY_MS", 100)  # after a failure nothing is watched for a moment

    def failures() -> float:
        return REGISTRY.get_sample_value("ventanilla_faq_publish_failures_total", {"what": "folder"}) or 0

    def publish(entries: Sequence[Entry]) -> Answerer:
        if len(entries) < len(QUESTIONS):
            raise error
        return cast(Answerer, SimpleNamespace(thresholds="", learn=lambda experience: None))

    before, faq = failures(), LiveFaq(faq_dir, agency(), home=faq_dir.parent / "home", publish=publish)
    await faq.start()
    (faq_dir / "calle" / "chip.md").unlink()
    await eventually(lambda: failures() > before)
    assert len(faq.entries) == len(QUESTIONS)
    (faq_dir / "calle" / "chip.md").write_text(written("chip", "¿Y el chip?", QUESTIONS["chip"][1:]))
    await eventually(lambda: question(faq, "chip") == "¿Y el chip?")
    await faq.stop()


async def test_memory_of_the_answerer_before_is_released(faq_dir: Path) -> None:
    class Big:
        thresholds = ""

        def __init__(self) -> None:
            self.itself = self  # garbage that only the collector finds

        def learn(self, experience: object) -> None: ...

    made: list[weakref.ref[Big]] = []

    def publish(_: Sequence[Entry]) -> Answerer:
        answerer = Big()
        made.append(weakref.ref(answerer))
        return cast(Answerer, answerer)

    faq = LiveFaq(faq_dir, agency(), home=faq_dir.parent / "home", publish=publish)
    await faq.start()
    gc.disable()
    try:
        (faq_dir / "calle" / "chip.md").unlink()
        await eventually(lambda: len(made) == 2 and made[0]() is None)
    finally:
        gc.enable()
    await faq.stop()


def variants(faq: LiveFaq, id: str) -> tuple[str, ...]:
    return next(entry.variants for entry in faq.entries if entry.id == id)


async def test_saved_phrases_go_live_and_deleted_ones_leave(faq_dir: Path) -> None:
    beside = faq_dir / "calle" / "bache.frases.txt"
    async with live(faq_dir) as faq:
        before = variants(faq, "bache")
        beside.write_text("se hundió la vereda  # Ana\n")
        await eventually(lambda: variants(faq, "bache") == (*before, "se hundió la vereda"))
        beside.unlink()
        await eventually(lambda: variants(faq, "bache") == before)


async def test_broken_entry_keeps_its_last_good_phrases(faq_dir: Path) -> None:
    path, beside = (faq_dir / "calle" / f"bache{suffix}" for suffix in (".md", ".frases.txt"))
    beside.write_text("se hundió la vereda\n")
    async with live(faq_dir) as faq:
        good = variants(faq, "bache")
        beside.write_bytes("se hundió la calle mañana".encode("latin-1"))
        await eventually(lambda: [one.file for one in faq.problems] == ["calle/bache.frases.txt"])
        assert variants(faq, "bache") == good
    path.write_text("basura")
    beside.unlink()
    for _ in range(2):
        async with live(faq_dir) as faq:
            assert variants(faq, "bache") == good


async def test_text_that_is_not_approved_waits_while_the_last_good_one_is_served(faq_dir: Path) -> None:
    path = faq_dir / "calle" / "bache.md"
    async with live(faq_dir):
        pass
    allowed = {name: {sha256((faq_dir / name).read_bytes(), None)} for name in ("calle/bache.md", "calle/chip.md")}
    approved.write(faq_dir, allowed)
    path.write_text(edited("¿Y los hoyos?"))
    (faq_dir / "calle" / "luz.md").write_text(written("luz", "¿Cómo aviso de un farol apagado?", ["farol malo"]))
    (faq_dir / "calle" / "chip.md").unlink()
    async with live(faq_dir) as faq:
        assert {entry.id for entry in faq.entries} == {"bache", "basura", "licencia", "chip"}
        assert question(faq, "bache") == QUESTIONS["bache"][0]
        approved.write(faq_dir, {"calle/bache.md": {sha256(path.read_bytes(), None)}})
        await eventually(lambda: question(faq, "bache") == "¿Y los hoyos?")
        approved.write(faq_dir, None)
        await eventually(lambda: question(faq, "luz") is not None)


async def test_unchanged_files_are_read_again_only_on_another_day_or_after_a_while(
    faq_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks, reads, checks, days = [], [], [], [date(2026, 11, 28)]
    monkeypatch.setattr(watching, "LOOK_EVERY_MS", 10)
    monkeypatch.setattr(watching, "signs_of", lambda folder: looks.append(1) or signs_of(folder))
    monkeypatch.setattr(watching, "read_files", lambda folder: reads.append(1) or read_files(folder))
    monkeypatch.setattr(watching, "load_files", lambda *given, **day: checks.append(1) or load_files(*given, **day))
    monkeypatch.setattr(Agency, "today", lambda _agency: days[-1])
    async with live(faq_dir):
        await eventually(lambda: len(looks) > 5)
        assert (len(reads), len(checks)) == (1, 1)
        days.append(date(2026, 11, 29))
        await eventually(lambda: len(checks) == 2)
        before = len(reads)
        monkeypatch.setattr(watching, "READ_EVERY_S", 0.0)
        await eventually(lambda: len(reads) > before)
        assert len(checks) == 2


async def test_edit_that_nothing_notifies_of_is_seen(faq_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Simulates a network folder: the watcher only ever reports that nothing changed."""

    async def silent(*_: object, stop_event: asyncio.Event, **__: object) -> AsyncIterator[set[object]]:
        while not stop_event.is_set():
            yield set()
            await asyncio.sleep(0.01)

    monkeypatch.setattr(watching, "awatch", silent)
    async with live(faq_dir) as faq:
        (faq_dir / "calle" / "bache.md").write_text(edited("¿Y los hoyos?"))
        await eventually(lambda: question(faq, "bache") == "¿Y los hoyos?")


def test_damaged_list_of_approved_texts_approves_nothing_and_is_written_anew(tmp_path: Path) -> None:
    wanted = {"calle/bache.md": {"a" * 64}}
    approved.write(tmp_path, wanted)
    (tmp_path / approved.NAME).write_bytes(b"\xff\xfe\0" * 30)
    assert wanted["calle/bache.md"].isdisjoint(*(approved.read(tmp_path) or {}).values())
    approved.write(tmp_path, wanted)
    assert approved.read(tmp_path) == wanted


def set_last_days(faq_dir: Path, *days: str) -> None:
    for path, last in zip(sorted(faq_dir.rglob("*.md")), days, strict=False):
        path.write_text(path.read_text().replace("\nrevisado:", f"\nvence: {last}\nrevisado:", 1))


async def test_entry_expires_when_its_day_ends_in_chile(faq_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    evening.set_clock(monkeypatch)
    set_last_days(faq_dir, "2026-03-15", "2026-03-14")
    async with live(faq_dir) as faq:
        ended = [one.message for one in faq.problems if one.code == "vencida"]
    assert ended == ["Esta respuesta venció el 14-03-2026: quien pregunte pasará a una persona."]
