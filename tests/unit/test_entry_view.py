"""Tests what the page of an entry shows of a text, and what it lets a person try."""

from __future__ import annotations

import re

import pytest
from pydantic import ValidationError

from bot.agency.model import Agency
from bot.core.channels import traits_of
from bot.core.messages import Channel
from bot.desk.editing.text import EntryText
from bot.desk.pages.entries.api import TryIn
from bot.desk.pages.entries.view import changes, checked, label_of, preview, problems_json
from tests.faq_files import GOOD_ENTRY

PATH = "calle/bache.md"


def test_sound_text_has_no_problems_and_a_preview_of_each_channel(agency: Agency) -> None:
    found = checked(EntryText(GOOD_ENTRY), PATH, agency, "")
    assert (found.problems, found.errors) == ((), [])
    assert {one["channel"] for one in preview(found)} == {channel.value for channel in Channel}
    assert all("dirección exacta" in one["bubbles"][0] for one in preview(found))


def test_answer_of_a_text_with_errors_is_shown_with_its_problems(agency: Agency) -> None:
    found = checked(EntryText(GOOD_ENTRY.replace("https://", "http://")), PATH, agency, "")
    assert [(one["field"], one["severity"]) for one in problems_json(found)] == [("fuente", "error")]
    assert "dirección exacta" in preview(found)[0]["bubbles"][0]


def test_preview_tells_how_many_messages_a_long_answer_needs(agency: Agency) -> None:
    text = EntryText(GOOD_ENTRY + "Una frase más. " * 150)
    sizes = {one["channel"]: one["size"] for one in preview(checked(text, PATH, agency, ""))}
    assert sizes["whatsapp"] == f"2 mensajes de hasta {traits_of(Channel.WHATSAPP).text_limit} letras."
    assert sizes["web"] == "En un solo mensaje."


def test_unreadable_text_has_problems_and_no_answer(agency: Agency) -> None:
    found = checked(EntryText("---\nid bache\n---\nx\n"), PATH, agency, "")
    assert found.errors and all(shown in ([""], []) for shown in found.shown.values())


def test_changes_name_what_the_entry_does_not_answer() -> None:
    before = EntryText(GOOD_ENTRY, "hay un evento\n")
    shown = changes(before, EntryText(GOOD_ENTRY, "hay un evento\nno responde: quién paga mi rueda\n"))
    assert "No responde: quién paga mi rueda" in re.sub("<[^>]+>", "", shown)


def test_fields_have_spanish_names() -> None:
    assert [label_of(name) for name in ("pregunta", "vence")] == ["Pregunta", "Vence el"]


@pytest.mark.parametrize("text", ["", "x" * 1001])
def test_nothing_or_too_much_is_not_tried(text: str) -> None:
    with pytest.raises(ValidationError):
        TryIn(text=text)
