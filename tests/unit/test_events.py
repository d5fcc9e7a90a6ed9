"""Tests reading events of this and other releases, and the table of the consequences of each kind."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from bot.core.event_facts import MessageFacts, TicketChange, TicketState, UnknownFacts
from bot.core.events import MEANINGS, Event, EventKind
from bot.core.messages import MediaKind
from tests.rows import each_row

STORE = Path(__file__).parents[2] / "bot" / "store"
WRITTEN_BY_SCRIPTS = re.compile(r"(?:append_event|append_ticket_event)\([\w.]+(?:\[\d\])?, '(\w+)'")
TICKET = {
    "ticket": "7",
    "reason": "complaint",
    "priority": "high",
    "team": "",
    "opened_at": 1764000000000,
    "state": "snoozed",
    "candidates": [{"entry": "bache", "question": "¿Y el bache?", "confidence": 0.4}],
    "owner_id": "ana",
    "owner_name": "Ana",
    "until_ms": 1764000900000,
}
PROOF = {
    "entry": "licencia",
    "version": "v1",
    "question": "¿Cómo renuevo?",
    "confidence": 0.9,
    "responsible": "",
    "reviewed": "",
}
WRITTEN: list[tuple[str, dict[str, Any]]] = [
    ("message", {}),
    ("message", {"message_id": "m1", "button": "b1", "edits": "m0"}),
    (
        "message",
        {
            "message_id": "m1",
            "attachments": [{"kind": "photo", "ref": "sealed", "name": "", "type": "", "size": 0}],
            "place": {"latitude": -33.4, "longitude": -70.6, "title": ""},
        },
    ),
    ("message", {"buttons": [{"id": "b1", "title": "Sí"}], "source": {"title": "T", "url": "https://a.cl"}}),
    ("message", {"provenance": PROOF, "referral": "divorcio", "after_window": True, "language": "en"}),
    ("message", {"provenance": PROOF | {"approved_by": "Ana"}, "name": "Ana", "reply_id": "r1"}),
    ("message", {"danger": {"kind": "gas", "sure": True}}),
    ("note", {"ticket": "7", "staff": "ana", "name": "Ana"}),
    ("known", {"idioma": "ht", "segmento": "comerciante"}),
    ("opinion", {"ticket": "7", "score": 4}),
    ("proposal", {"proposal": "p", "team": "", "due": 1764000000000}),
    ("proposal_decided", {"proposal": "p", "team": "", "why": "expired", "owner_name": ""}),
    ("delivery", {"of": "1-0", "state": "failed", "reason": "blocked"}),
    ("blocked", {}),
    ("ticket_snoozed", TICKET),
    ("ticket_closed", TICKET | {"state": "closed", "outcome": "solved", "returned": True}),
    ("ticket_claimed", TICKET | {"state": "claimed", "why": "transfer", "by": "eva"}),
    ("typing", {"name": ""}),
    ("read", {"event_id": "1-0"}),
    ("place", {"place": 2, "waiting": 5}),
]


def read(kind: str, data: dict[str, Any]) -> Event:
    line = {"id": "1-0", "conversation": "c", "kind": kind, "author": "system", "text": "", "at": "1"}
    return Event.from_data(line | {"data": data})


@each_row(("kind", "data"), WRITTEN)
def test_event_survives_a_round_trip(kind: str, data: dict[str, Any]) -> None:
    event = read(kind, data)
    assert (event.kind, event.facts.to_data()) == (kind, data)


@each_row(("kind", "data"), WRITTEN)
def test_fields_of_a_later_release_are_ignored(kind: str, data: dict[str, Any]) -> None:
    event = read(kind, data | ({"of_a_later_release": [1]} if kind != "known" else {}))
    assert (event.kind, event.facts.to_data()) == (kind, data)


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("ticket_merged", TICKET),
        ("ticket_opened", {}),
        ("ticket_opened", TICKET | {"state": "frozen"}),
        ("message", {"attachments": [{}]}),
        ("opinion", {"ticket": "7"}),
    ],
    ids=["a kind of a later release", "no facts", "a state of a later release", "a file of no kind", "no score"],
)
def test_unreadable_event_is_unknown_and_changes_nothing(kind: str, data: dict[str, Any]) -> None:
    event = read(kind, data)
    assert (event.kind, event.facts) == (EventKind.UNKNOWN, UnknownFacts(kind))
    assert (event.ticket, event.state_after, event.message) == (None, None, MessageFacts())
    assert (event.meaning.staff_only, event.meaning.goes_on) == (True, False)


def test_unknown_file_kind_of_a_later_release_is_other() -> None:
    said = read("message", {"attachments": [{"kind": "hologram", "name": "a"}]}).message
    assert [(one.kind, one.name) for one in said.attachments] == [(MediaKind.OTHER, "a")]


def test_provenance_of_the_oldest_release_is_read() -> None:
    proof = read("message", {"provenance": {"entry": "hora"}}).message.provenance
    assert proof is not None
    assert (proof.entry, proof.confidence) == ("hora", 0.0)


def test_state_missing_in_an_older_release_follows_from_the_kind() -> None:
    event = read("ticket_claimed", {name: TICKET[name] for name in TICKET if name != "state"})
    assert event.state_after is TicketState.CLAIMED


def test_each_kind_has_a_meaning_and_each_ticket_event_a_state() -> None:
    assert set(MEANINGS) == set(EventKind)
    of_tickets = {kind for kind in EventKind if kind.startswith("ticket_")}
    assert of_tickets == {kind for kind, one in MEANINGS.items() if one.is_of_ticket}
    assert of_tickets == {kind for kind, one in MEANINGS.items() if one.facts is TicketChange}


def test_every_kind_that_a_script_writes_is_known() -> None:
    sources = [path.read_text("utf-8") for path in STORE.rglob("*") if path.suffix in {".py", ".lua"}]
    written = {kind for source in sources for kind in WRITTEN_BY_SCRIPTS.findall(source)}
    assert {"message", "note", "ticket_opened"} <= written <= set(EventKind) - {EventKind.UNKNOWN}
