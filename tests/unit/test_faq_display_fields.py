"""Tests that a field works in files, sheets and answers after it was only added to display_fields.yml."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError

from actions.replies.answers import FaqReplies
from bot.agency.whatsapp_templates import Templates
from bot.channels.formatting.event_spans import event_spans
from bot.channels.formatting.html import event_html
from bot.channels.formatting.markup import telegram_html
from bot.channels.whatsapp.render import render
from bot.core.event_facts import MessageFacts
from bot.core.events import Event, EventKind
from bot.core.messages import Author
from bot.core.payload import Payload
from bot.core.texts import area
from bot.desk.api.answers import text_to_edit
from bot.desk.api.entries import entry_view
from bot.desk.pages.importing.form import field_labels
from bot.faq.entries import schema
from bot.faq.entries.entry import Entry
from bot.faq.entries.folder import Folder, load_files
from bot.faq.imports.destination.present import Target
from bot.faq.imports.plan import plan
from bot.faq.imports.sheet import names
from tests.faq_files import agency, written

TODAY = date(2026, 11, 24)
ADDED = "ventanilla_fija: {label: Dónde, kind: text}\nabre: {label: Abre el, kind: date}\n"
BOTH = "ventanilla_fija: Caja *2* & patio\nabre: 2026-12-01\n"


def list_fields(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fields: str) -> None:
    listed = tmp_path / "display_fields.yml"
    listed.write_text(fields, encoding="utf-8")
    monkeypatch.setattr(schema, "DISPLAY_FILE", listed)


@pytest.fixture
def _listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    list_fields(tmp_path, monkeypatch, ADDED)


def folder(extra: str) -> Folder:
    content = written("aviso", "¿Dónde aviso?", ["a quien le aviso"], extra=extra)
    return load_files({"calle/aviso.md": content.encode()}, None, today=TODAY)


def entry(extra: str = BOTH) -> Entry:
    found = folder(extra)
    assert found.problems == ()
    return found.entries[0]


def answered(one: Entry) -> Event:
    """Returns the answer's event after its payload and facts were converted to JSON and back."""
    reply = Payload.from_data(FaqReplies(agency()).answer(one, TODAY).to_data()).reply
    assert reply is not None
    facts = MessageFacts.from_data(MessageFacts.of_reply(reply).to_data())
    return Event("1-0", "c", EventKind.MESSAGE, Author.ASSISTANT, reply.text, facts)


@pytest.mark.usefixtures("_listed")
def test_every_channel_shows_one_line_per_display_field() -> None:
    event = answered(entry())
    assert "<p><strong>Dónde:</strong> Caja *2* &amp; patio<br />\n<strong>Abre el:</strong> 01-12-2026</p>" in (
        event_html(event)
    )
    assert "\n\n<b>Dónde:</b> Caja *2* &amp; patio\n<b>Abre el:</b> 01-12-2026\n\nFuente: " in (
        telegram_html(event_spans(event))
    )
    (chunk,) = render(event, Templates())
    assert "*Abre el:* 01-12-2026\n\nFuente: " in chunk.text


@pytest.mark.usefixtures("_listed")
def test_desk_shows_display_fields() -> None:
    one = entry()
    assert "<strong>Abre el:</strong> 01-12-2026" in entry_view(one)["html"]
    assert "Dónde: Caja *2* & patio\nAbre el: 01-12-2026\n\nhttps://" in text_to_edit(one)


@pytest.mark.usefixtures("_listed")
def test_body_contains_only_the_display_fields_of_the_entry() -> None:
    assert entry(extra="").body == "Respuesta sobre aviso."
    assert entry(extra="abre: 2026-12-01\n").body == "Respuesta sobre aviso.\n\n**Abre el:** 01-12-2026"


@pytest.mark.usefixtures("_listed")
def test_invalid_value_is_reported_with_its_line() -> None:
    problems = folder("abre: 1/12/2026\nventanilla_fija:\nabren: x\n").problems
    assert [(one.field, one.line) for one in problems] == [("abre", 11), ("ventanilla_fija", 12), ("abren", 13)]
    assert "2026-12-01" in problems[0].fix
    assert "ventanilla_fija, abre" in problems[1].fix
    assert "abre" in problems[2].fix


@pytest.mark.usefixtures("_listed")
def test_sheet_may_have_columns_for_display_fields(tmp_path: Path) -> None:
    sheet = tmp_path / "preguntas.csv"
    sheet.write_text(
        "pregunta;respuesta;variantes;tema;fuente;Abre;Ventanilla fija\n¿Dónde?;Ahí.;en que parte;calle;https://x.cl;1-12-2026;Caja\n",
        encoding="utf-8",
    )
    made = plan(sheet, Target(tmp_path / "faq", agency(), TODAY))
    assert (made.problems, made.unused) == ((), ())
    (content,) = made.files.values()
    assert "\nventanilla_fija: Caja\nabre: 2026-12-01\n---\nAhí.\n" in content.decode()
    (one,) = load_files(made.files, None, today=TODAY).entries
    assert one.body == "Ahí.\n\n**Dónde:** Caja\n**Abre el:** 01-12-2026"


@pytest.mark.usefixtures("_listed")
def test_page_of_an_import_lets_the_editor_choose_the_columns_of_display_fields() -> None:
    assert list(field_labels().items())[-2:] == [("ventanilla_fija", "Dónde"), ("abre", "Abre el")]
    assert set(field_labels()) <= set(names())


def test_form_of_an_entry_names_every_other_field() -> None:
    assert set(schema.field_names()) - set(schema.display_fields()) <= set(area("entradas")["campos"])


@pytest.mark.parametrize(
    ("name", "kind"), [("vence", "date"), ("respuesta", "text"), ("día", "date"), ("costo", "dinero")]
)
def test_invalid_list_of_display_fields_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, kind: str
) -> None:
    list_fields(tmp_path, monkeypatch, f"{name}: {{label: A, kind: {kind}}}")
    with pytest.raises(ValidationError):
        schema.display_fields()
