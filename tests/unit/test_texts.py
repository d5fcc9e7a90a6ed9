"""Tests that texts are found even if their files disappear while a process runs."""

from __future__ import annotations

from pathlib import Path

import pytest

import bot.core.texts


def test_texts_read_at_the_start_need_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = bot.core.texts.areas()
    bot.core.texts.area.cache_clear()
    bot.core.texts.read_all()
    monkeypatch.setattr(bot.core.texts, "FOLDER", tmp_path)
    monkeypatch.setattr(bot.core.texts, "CHANNELS", tmp_path)
    assert all(bot.core.texts.area(name) for name in names)
    with pytest.raises(FileNotFoundError):
        bot.core.texts.area("otra")
