"""Tests that a small edit of a large FAQ keeps the calibration, which is replaced once editing pauses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

import bot.faq.publishing.load as loading
import bot.faq.publishing.watch as watching
from bot.core.settings import Settings
from bot.faq.answering.answerer import Answerer
from bot.faq.entries.entry import Entry
from bot.faq.entries.folder import load_folder
from bot.faq.publishing.load import LARGE, is_small_change
from bot.faq.publishing.watch import LiveFaq
from tests.eventually import eventually
from tests.faq_files import agency, write_folder


@pytest.fixture
def entry(tmp_path: Path) -> Entry:
    return load_folder(write_folder(tmp_path / "faq", ["bache"]), agency().teams).entries[0]


def many(entry: Entry, count: int = LARGE) -> list[Entry]:
    return [replace(entry, id=f"e{number}") for number in range(count)]


def with_one_more(entries: Sequence[Entry], count: int) -> list[Entry]:
    """Adds a variant to the first ``count`` entries."""
    changed = [replace(one, variants=(*one.variants, "otra forma")) for one in entries[:count]]
    return [*changed, *entries[count:]]


@pytest.mark.parametrize(("count", "small"), [(0, True), (1, True), (LARGE // 10, False)])
def test_few_texts_of_a_large_faq_are_a_small_change(entry: Entry, count: int, small: bool) -> None:
    assert is_small_change(many(entry), with_one_more(many(entry), count)) is small


@pytest.mark.parametrize(("before", "after"), [(LARGE - 1, LARGE - 1), (LARGE, LARGE - 1), (LARGE, LARGE * 2), (0, 0)])
def test_change_of_a_small_faq_or_of_many_entries_is_not_small(entry: Entry, before: int, after: int) -> None:
    assert not is_small_change(many(entry, before), many(entry, after))


class Made:
    """An answerer that records whether it was calibrated, or kept the calibration of another answerer."""

    ranked = SimpleNamespace(prepare=lambda: None), None

    def __init__(self, _: Sequence[Entry], vectorizer: object, agency: object, *, keeps: bool = False) -> None:
        self.vectorizer, self.agency, self.is_calibrated = vectorizer, agency, not keeps

    def changed(self, entries: Sequence[Entry]) -> Made:
        return Made(entries, self.vectorizer, self.agency, keeps=True)


@pytest.fixture
def publish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> loading._Publisher:
    monkeypatch.setattr(loading, "Answerer", Made)
    monkeypatch.setattr(loading, "load_vectorizer", lambda _: SimpleNamespace(load_classifiers=lambda: None))
    return loading._Publisher(Settings(VENTANILLA_HOME=tmp_path), agency())


def test_publisher_keeps_the_calibration_after_a_small_change_only(publish: loading._Publisher, entry: Entry) -> None:
    entries = many(entry)
    published = [publish(some) for some in (entries, with_one_more(entries, 1), many(entry, LARGE * 2))]
    assert [one.is_calibrated for one in published] == [True, False, True]


def test_many_small_changes_keep_the_calibration_no_longer_than_one(publish: loading._Publisher, entry: Entry) -> None:
    """An editor who saves every 20 seconds never gives LiveFaq the time to calibrate."""
    entries = many(entry)
    published = [publish(with_one_more(entries, count)) for count in range(0, LARGE // 10, 3)]
    kept = [one.is_calibrated for one in published]
    assert kept[:2] == [True, False] and any(kept[2:])


def test_small_change_is_compared_with_what_was_calibrated_since(publish: loading._Publisher, entry: Entry) -> None:
    entries, part = many(entry), LARGE // 50
    for count in (0, part):
        answerer = publish(with_one_more(entries, count))
    answerer.is_calibrated = True  # as after LiveFaq has calibrated it
    assert not publish(with_one_more(entries, part * 2)).is_calibrated


class Kept:
    """An answerer that kept the calibration of the previous one, and records what happened to it."""

    thresholds, entries = "", ()

    def __init__(self) -> None:
        self.is_calibrated = False
        self.done: list[str] = []

    def learn(self, _: object) -> None:
        self.done.append("learn")

    def calibrate(self, _: object) -> None:
        self.is_calibrated = True
        self.done.append("calibrate")


@pytest.mark.parametrize(("wait_s", "done"), [(0.0, ["learn", "calibrate", "learn"]), (1e9, ["learn"])])
async def test_kept_calibration_is_replaced_when_no_edit_has_come_for_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wait_s: float, done: list[str]
) -> None:
    monkeypatch.setattr(watching, "CALIBRATE_AFTER_S", wait_s)
    asked: list[int] = []
    answerer = Kept()

    def renew(entries: Sequence[Entry], _: object) -> bool:
        asked.append(len(entries))
        return False

    faq = LiveFaq(
        write_folder(tmp_path / "faq"),
        agency(),
        home=tmp_path / "home",
        publish=lambda _: cast(Answerer, answerer),
        renew=renew,
    )
    await faq.start()
    await eventually(lambda: asked and len(answerer.done) == len(done))
    await faq.stop()
    assert answerer.done == done
