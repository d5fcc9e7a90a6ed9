"""Tests how an entry's page shows both answers of a message, and the failure of an action."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

from bot.core.texts import area
from bot.desk.editing.measuring.effect import Effect, Row
from bot.desk.editing.publisher import UnseenOnDisk
from bot.desk.editing.text import EntryText
from bot.desk.pages.entries.answers import answers_of
from bot.desk.pages.entries.failures import FAILED, message_of
from bot.faq.entries.folder import load_folder
from tests.faq_files import write_folder, written
from tests.rows import each_row


def test_answers_are_the_published_one_and_the_one_of_the_new_text(tmp_path: Path) -> None:
    entries = load_folder(write_folder(tmp_path / "faq", ["bache", "chip"]), None).entries
    row = Row("hay un hoyo", "wording", "lost", "bache", "bache", "nueva")
    texts = {"calle/nueva.md": EntryText(written("nueva", "¿Nueva?", ["otra cosa"]))}
    faq = SimpleNamespace(entries=entries, problems=[])
    found = answers_of(Effect((row,), {}), faq, texts, ())
    assert (set(found.before), set(found.after), found.names["nueva"]) == ({"bache"}, {"nueva"}, "¿Nueva?")
    assert "bache" in found.before["bache"] and "nueva" in found.after["nueva"]


@each_row("key", FAILED.values())
def test_every_failure_has_words(key: str) -> None:
    assert area("entradas")["errores"][key]


def test_edit_of_the_file_is_stated_as_such_and_not_as_a_publication() -> None:
    assert message_of(UnseenOnDisk()) == area("entradas")["errores"]["disco_sin_ver"]
