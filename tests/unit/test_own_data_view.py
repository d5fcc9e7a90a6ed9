"""Tests what the page of a citizen's own data shows: texts, times of the agency, safe HTML, and no internal keys."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from bot.agency.model import Agency
from bot.channels.web.own_data.view import OwnDataView, ShownFile
from bot.core.messages import HandoffReason
from bot.core.texts import area
from bot.desk.queries.closings import Outcome
from bot.handoff.callbacks.form import Window
from bot.record.callback_record import NOBODY_ATTENDED, REACHED
from bot.record.complaint_record import ComplaintState
from bot.turns.ratings.answers import REASONS

PROOF = {"entry": "bache", "version": "1", "question": "¿Cómo aviso?", "confidence": 0.9}


def said(id: str, at: str, author: str, text: str, **data: Any) -> dict[str, Any]:
    return {"event_id": id, "at": at, "author": author, "text": text, "data": data}


@pytest.fixture
def view(agency: Agency) -> OwnDataView:
    return OwnDataView(agency)


def test_messages_are_shown_as_in_the_chat_by_day_and_hour_of_the_agency(view: OwnDataView) -> None:
    rows = [
        said("2-0", "2026-07-04 02:30:00+00:00", "citizen", "**hola** <b>"),
        said("3-0", "2026-07-04 04:30:00+00:00", "assistant", "Llama al **131**."),
        said("4-0", "2026-07-04 04:31:00+00:00", "staff", "**así**"),
        said("5-0", "2026-07-04 04:32:00+00:00", "staff", "**así**", provenance=PROOF),
    ]
    before, after = view.days({"record": {"messages": rows}})
    assert (before.title, after.title) == ("Viernes 3 de julio de 2026", "Sábado 4 de julio de 2026")
    (hello,) = before.messages
    assert (hello.who, hello.hour, hello.iso) == ("Tú", "22:30", "2026-07-03T22:30:00-04:00")
    assert hello.html == "**hola** &lt;b&gt;"
    number, typed, entry = (one.html for one in after.messages)
    assert 'href="tel:131"' in number
    assert "**" not in number
    assert (typed, entry) == ("**así**", "<p><strong>así</strong></p>")


def test_message_of_both_places_is_shown_once_and_as_corrected(view: OwnDataView) -> None:
    live = said("2-0", "2026-07-04T12:00:00+00:00", "citizen", "me llamo Juam") | {"kind": "message"}
    newer = said("10-0", "2026-07-04T12:00:01+00:00", "assistant", "Hola.") | {"kind": "message"}
    recorded = said("2-0", "2026-07-04 12:00:00.25+00:00", "citizen", "me llamo Juan")
    (day,) = view.days({"live": [newer, live], "record": {"messages": [recorded]}})
    assert [one.html for one in day.messages] == ["me llamo Juan", "<p>Hola.</p>"]


def test_files_and_positions_are_named(view: OwnDataView) -> None:
    photo, place = {"kind": "photo", "ref": "web:1", "name": "hoyo.jpg"}, {"latitude": -33.0, "longitude": -70.0}
    row = said("2-0", "2026-07-04 12:00:00+00:00", "citizen", "", attachments=[photo], place=place)
    (day,) = view.days({"record": {"messages": [row]}})
    shown = (ShownFile("hoyo.jpg", "1"), ShownFile("Ubicación que compartiste"))
    assert (day.messages[0].html, day.messages[0].files) == ("", shown)


def test_rows_are_in_words_without_internal_keys(view: OwnDataView, agency: Agency) -> None:
    ticket = {
        "id": "112",
        "conversation_id": "c" * 32,
        "reason": "asked_human",
        "priority": "normal",
        "team": agency.default_team,
        "opened_at": "2026-07-04 02:30:00+00:00",
        "claimed_at": None,
        "owner_name": "",
    }
    (group,) = view.groups({"record": {"tickets": [ticket]}})
    assert group.title == "Atenciones de una persona"
    assert group.rows == (
        (
            ("Número", "112"),
            ("Por qué", "pediste una persona"),
            ("Equipo", agency.teams[agency.default_team]),
            ("Empezó", "3 de julio de 2026, 22:30"),
        ),
    )


def test_known_facts_are_worded_as_on_the_buttons(view: OwnDataView, agency: Agency) -> None:
    known = {"idioma": "en", "comuna": agency.comuna}
    (group,) = view.groups({"record": {"conversations": [{"channel": "web", "known": known}]}})
    assert dict(group.rows[0])["Lo que nos contaste de ti"] == f"inglés · {agency.short_name}"


def test_rating_is_shown_as_yes_or_no(view: OwnDataView) -> None:
    rows = [{"useful": True, "reason": ""}, {"useful": False, "reason": "unclear"}]
    (group,) = view.groups({"record": {"answer_ratings": rows}})
    assert group.rows == ((("Te sirvió", "Sí"),), (("Te sirvió", "No"), ("Por qué no", "no se entiende")))


@pytest.mark.parametrize(
    ("table", "column", "values"),
    [
        ("tickets", "reason", HandoffReason),
        ("tickets", "outcome", (*Outcome, *NOBODY_ATTENDED, REACHED)),
        ("callbacks", "outcome", (*Outcome, *NOBODY_ATTENDED, REACHED)),
        ("callbacks", "part_of_day", Window),
        ("complaints", "state", ComplaintState),
        ("answer_ratings", "reason", REASONS),
    ],
)
def test_every_value_has_words(table: str, column: str, values: Iterable[str]) -> None:
    words = area("derechos")["pagina"]["valores"][table][column]
    assert {str(one) for one in values} <= words.keys()


def test_every_table_that_is_shown_has_a_title() -> None:
    page = area("derechos")["pagina"]
    assert page["campos"].keys() == page["tablas"].keys()
