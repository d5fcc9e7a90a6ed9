"""Tests that a new adapter becomes active at run time and that an unusable one changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

import pytest

from bot.core.settings import Settings
from bot.desk.editing.other_topics import OtherTopic, add_topic
from bot.faq.answering.answerer import Answerer
from bot.faq.encoder.folder import OWN_ADAPTER
from bot.faq.publishing import watch
from bot.faq.publishing.load import live_faq
from bot.faq.publishing.watch import LiveFaq
from tests.encoder.tuning_world import changed_adapter, small_world
from tests.eventually import LONG_PATIENCE_S, eventually
from tests.faq_files import agency

TODAY = date(2026, 11, 24)
QUESTION = "se me venció el carnet de manejar"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(watch, "LOOK_EVERY_MS", 200)
    return small_world(tmp_path)


@asynccontextmanager
async def live(settings: Settings) -> AsyncIterator[LiveFaq]:
    faq = live_faq(settings, agency())
    await faq.start()
    try:
        yield faq
    finally:
        await faq.stop()


async def replaced(faq: LiveFaq, old: Answerer) -> int:
    """Returns the number of questions answered until ``old`` was replaced; checks that all were answered."""
    answered = 0

    async def answers_with_another() -> bool:
        nonlocal answered
        if faq.answerer is not old:
            return True
        decision = await asyncio.to_thread(faq.answerer.answer, QUESTION, today=TODAY)
        assert decision.entry is not None
        answered += 1
        return False

    await eventually(answers_with_another, LONG_PATIENCE_S)
    return answered


async def test_new_adapter_becomes_active_while_questions_are_answered_and_edits_use_it(settings: Settings) -> None:
    async with live(settings) as faq:
        old = faq.answerer
        before = old.candidates(QUESTION)
        changed_adapter(0.0).save(settings.answers_home / OWN_ADAPTER)
        assert await replaced(faq, old) > 3
        renewed = faq.answerer
        assert renewed.candidates("mi perro necesita un chip") != old.candidates("mi perro necesita un chip")
        assert old.candidates(QUESTION) == before
        assert renewed.answer(QUESTION, today=TODAY).kind == "answer"
        (settings.faq_dir / "calle" / "chip.md").unlink()
        await eventually(lambda: faq.answerer is not renewed, LONG_PATIENCE_S)
        assert {entry.id for entry in faq.answerer.entries} == {"bache", "basura", "licencia"}
        assert faq.answerer.vectorizer is renewed.vectorizer


async def test_topic_that_an_editor_gives_away_becomes_active(settings: Settings) -> None:
    async with live(settings) as faq:
        old = faq.answerer
        add_topic(
            settings.faq_dir, OtherTopic("traje de huaso", ["donde arriendo un traje de huaso"], "Club de Huasos")
        )
        await replaced(faq, old)
        assert "traje-de-huaso" in {one.name for one in faq.answerer.vectorizer.out_of_scope_topics}


@pytest.mark.filterwarnings("ignore")
async def test_broken_adapter_changes_nothing_and_is_tried_once(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    async with live(settings) as faq:
        old = faq.answerer
        (settings.answers_home / OWN_ADAPTER).write_bytes(b"basura")
        await asyncio.sleep(1.5)
        assert faq.answerer is old
        (settings.answers_home / OWN_ADAPTER).unlink()
        await asyncio.sleep(0.5)
        assert faq.answerer.answer(QUESTION, today=TODAY).kind == "answer"
