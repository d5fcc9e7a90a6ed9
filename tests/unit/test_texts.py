"""Wordings are found whatever becomes of the files below a running process."""

from __future__ import annotations

from pathlib import Path

import pytest

import bot.texts


def test_what_was_read_at_the_start_needs_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [path.stem for path in bot.texts.FOLDER.glob("*.yml")]
    bot.texts.area.cache_clear()
    bot.texts.read_all()
    monkeypatch.setattr(bot.texts, "FOLDER", tmp_path)
    assert all(bot.texts.area(name) for name in names)
    with pytest.raises(FileNotFoundError):
        bot.texts.area("otra")
