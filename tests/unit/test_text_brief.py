"""Tests that no process keeps a person's text in memory for more than a few minutes."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable
from typing import Any

import pytest

from bot.crisis import emergency
from bot.crisis.phrases import fold_text
from bot.faq.words import content_terms, keywords
from bot.text import brief
from bot.text.brief import BriefTexts, briefly_cached, forget_texts
from bot.text.masking.masking import find, masked
from tests.conftest import ROOT
from tests.eventually import eventually

# Modules with a cache that lasts: of published texts, of settings, or of single words apart from their text.
LASTING = {
    "bot/channels/formatting/office_addresses.py",
    "bot/channels/web/answers/search.py",
    "bot/channels/web/pages.py",
    "bot/crisis/phrases.py",
    "bot/desk/api/answers.py",
    "bot/desk/crisis/packs.py",
    "bot/desk/editing/listing.py",
    "bot/desk/pages/importing/preview.py",
    "bot/faq/answering/asked_section.py",
    "bot/faq/answering/follow_up.py",
    "bot/faq/answering/notices.py",
    "bot/faq/encoder/verifier.py",
    "bot/faq/entries/reading.py",
    "bot/faq/entries/sections.py",
    "bot/faq/ranking/coefficients.py",
    "bot/faq/ranking/indexing.py",
    "bot/faq/ranking/vectorizer.py",
    "bot/faq/words/content_terms.py",
    "bot/faq/words/keywords.py",
    "bot/faq/words/lexicon_words.py",
    "bot/text/brief.py",
    "bot/text/normalize.py",
}


async def test_texts_are_forgotten_by_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    forget_texts()
    monkeypatch.setattr(brief, "FORGET_AFTER_S", 0.0)
    kept = BriefTexts[int](8)
    assert (kept.keep("soy Ana Soto", 1), masked("soy Ana Soto")) == (1, "soy ••••")

    async def forgotten() -> bool:
        return not kept and find.cache_info().currsize == 0

    await eventually(forgotten)


def test_message_is_masked_once_and_folded_once() -> None:
    forget_texts()
    text = "soy Ana Soto y se me perdió el carnet"
    assert (len(find(text)), masked(text)) == (1, "soy •••• y se me perdió el carnet")
    assert (find.cache_info().misses, find.cache_info().hits) == (1, 1)
    found = emergency.find(text), emergency.foreign_danger(text), emergency.cries_for_help(text)
    assert (found, fold_text.cache_info().misses) == ((None, None, False), 1)


def test_cached_value_is_used_until_its_expiry_and_only_for_the_newest_texts() -> None:
    asked: list[str] = []

    @briefly_cached(2)
    def ask(text: str) -> int:
        asked.append(text)
        return len(text)

    assert [ask("a"), ask("a"), ask("bc")] == [1, 1, 2]
    assert asked == ["a", "bc"]
    forget_texts()
    assert (ask("a"), asked) == (1, ["a", "bc", "a"])
    kept = BriefTexts[int](2)
    for text in ("a", "b", "c"):
        kept.keep(text, 1)
    assert dict(kept) == {"b": 1, "c": 1}


def test_text_that_is_stored_while_the_timer_ends_does_not_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    @briefly_cached(2)
    def ask(text: str) -> int:
        return len(text)

    add = brief._due.add

    def add_and_end(cache: object, clear: Callable[[], None]) -> None:
        add(cache, clear)
        forget_texts()

    forget_texts()
    monkeypatch.setattr(brief._due, "add", add_and_end)
    assert ask("soy Ana Soto") == 12
    assert ask.cache_info().currsize == 0


def test_forked_process_keeps_no_text_and_forgets_its_own() -> None:
    emergency.find("hay un incendio")
    if (child := os.fork()) == 0:
        empty = emergency.find.cache_info().currsize == 0
        emergency.find("hay un incendio")
        os._exit(0 if empty and brief._due._clears else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_forked_process_is_not_stopped_by_another_thread_and_keeps_none_of_its_texts() -> None:
    """Checks a fork while another thread stores a text: it holds the lock and has not recorded the text yet."""
    forget_texts()
    kept = BriefTexts[int](8)
    kept["soy Ana Soto"] = 1
    with brief._due._lock:
        if (child := os.fork()) == 0:
            empty = not kept
            kept.keep("otro", 1)
            os._exit(0 if empty and brief._due._clears else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_texts_are_kept_without_a_lock_that_a_forked_process_would_inherit() -> None:
    assert [name for name, value in vars(BriefTexts[int](8)).items() if hasattr(value, "acquire")] == []


def test_nothing_is_kept_while_no_timer_can_start(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_thread(_timer: threading.Timer) -> None:
        raise RuntimeError("can't start new thread")

    forget_texts()
    kept = BriefTexts[int](8)
    with monkeypatch.context() as patched:
        patched.setattr(threading.Timer, "start", no_thread)
        assert (kept.keep("soy Ana Soto", 1), masked("soy Ana Soto")) == (1, "soy ••••")
        assert (dict(kept), find.cache_info().currsize) == ({}, 0)
    kept.keep("soy Ana Soto", 1)
    assert brief._due._clears
    forget_texts()


def test_cache_that_cannot_be_emptied_keeps_no_other_from_it() -> None:
    def fail() -> None:
        raise OSError

    forget_texts()
    kept = [BriefTexts[int](8) for _ in range(2)]
    kept[0].keep("uno", 1)
    brief._due.add("broken", fail)
    kept[1].keep("dos", 1)
    with pytest.raises(OSError):
        forget_texts()
    assert [dict(one) for one in kept] == [{}, {}]


def test_every_cache_of_texts_is_brief() -> None:
    found = {
        path.relative_to(ROOT).as_posix()
        for folder in ("bot", "actions")
        for path in (ROOT / folder).rglob("*.py")
        if re.search(r"\blru_cache\(", path.read_text("utf-8"))
    }
    assert found == LASTING


@pytest.mark.parametrize(
    ("use", "kept"), [(keywords.stem, keywords._kept_stem), (content_terms._stem, content_terms._kept_stem)]
)
def test_numbers_stay_in_no_cache_of_words(use: Callable[[str], object], kept: Any) -> None:
    kept.cache_clear()
    use("123456785k")
    assert kept.cache_info().currsize == 0
    use("quebrantahuesos")
    assert kept.cache_info().currsize == 1
