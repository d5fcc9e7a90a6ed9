"""Tests what the page of an entry shows of a text, and which messages it suggests for a trial."""

from __future__ import annotations

import re

import pytest
from pydantic import ValidationError

from bot.agency.model import Agency
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
    assert [(one["field"], one["severity"]) for one in problems_json(found.problems)] == [("fuente", "error")]
    assert "dirección exacta" in preview(found)[0]["bubbles"][0]


def test_preview_shows_how_many_messages_a_long_answer_needs(agency: Agency) -> None:
    text = EntryText(GOOD_ENTRY + "Una frase más. " * 150)
    short = {one["channel"]: one["size"] for one in preview(checked(EntryText(GOOD_ENTRY), PATH, agency, ""))}
    assert re.fullmatch(r"\d+ letras · 1 mensaje", short["web"])
    assert re.fullmatch(r"\d+ de 1\.600 letras · 1 mensaje", short["whatsapp"])
    sizes = {one["channel"]: one["size"] for one in preview(checked(text, PATH, agency, ""))}
    assert re.fullmatch(r"2\.\d{3} letras · 2 mensajes de hasta 1\.600", sizes["whatsapp"])
    assert re.fullmatch(r"2\.\d{3} letras · 1 mensaje", sizes["web"])


def test_preview_is_what_citizens_get_and_the_unit_reads_all_of_it(agency: Agency) -> None:
    text = EntryText(GOOD_ENTRY + "\n\n**Costo:** " + "Es gratis para siempre. " * 40)
    sent = {one["channel"]: one["bubbles"] for one in preview(checked(text, PATH, agency, "", as_sent=True))}
    assert '<details class="fold"><summary><span>Ver todo</span> <small>Costo</small>' in sent["web"][0]
    assert [("¿Te sirvió?" in sent[name][-1]) for name in ("web", "whatsapp", "telegram")] == [True, True, True]
    assert '<span class="key">Sí</span>' in sent["telegram"][-1] and 'class="key"' not in sent["whatsapp"][-1]
    assert "<details" not in checked(text, PATH, agency, "").shown[Channel.WEB][0].html


def test_unreadable_text_has_problems_and_no_answer(agency: Agency) -> None:
    found = checked(EntryText("---\nid bache\n---\nx\n"), PATH, agency, "")
    assert found.errors and not any(one.html for shown in found.shown.values() for one in shown)


def test_changes_name_what_the_entry_does_not_answer() -> None:
    before = EntryText(GOOD_ENTRY, "hay un evento\n")
    shown = changes(before, EntryText(GOOD_ENTRY, "hay un evento\nno responde: quién paga mi rueda\n"))
    assert "No responde: quién paga mi rueda" in re.sub("<[^>]+>", "", shown)


def test_fields_have_spanish_names() -> None:
    assert [label_of(name) for name in ("pregunta", "vence")] == ["Pregunta", "Vence el"]


@pytest.mark.parametrize("text", ["", "x" * 1001])
def test_empty_or_too_long_text_is_not_tried(text: str) -> None:
    with pytest.raises(ValidationError):
        TryIn(text=text)
