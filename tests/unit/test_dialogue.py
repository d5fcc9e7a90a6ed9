"""Tests what is stored of a dialogue, and that the actions read it like Rasa's own tracker."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from rasa_sdk import Tracker

from actions.history import (
    asked_about,
    begun_before,
    denied_before,
    denied_entries,
    fell_back_before,
    offered,
    previous_entry,
    question_before,
)
from actions.tracker import events_of, read_events
from actions.user_attributes import known
from bot.conversation.dialogue import FRAGMENT_MS, REMEMBERED_CHARACTERS, REMEMBERED_EXCHANGES, SESSION_MS, Dialogue
from bot.core.messages import Button, Candidate, Handoff, HandoffReason, Provenance, Source
from bot.core.payload import Payload
from tests.rows import each_row
from tests.unit.actions_fakes import heard, said

BACHE = Candidate("bache", "¿Cómo aviso de un hoyo?", 0.4)
PROOF = Provenance("bache", "v1", "¿Cómo aviso de un hoyo?", 0.9)
ANSWER = Payload("Avisa **aquí**.", source=Source("Obras", "https://x"), provenance=PROOF)
OFFER = Payload("¿Cuál?", (Button("Hoyo", '/choose_entry{"entry": "bache"}'),), candidates=(BACHE,))
ASKS = Payload(
    "¿Cuál es tu caso?",
    (Button("Estudiante", '/tell_audience{"dimension": "segmento", "value": "estudiante", "entry": "bache"}'),),
    asks=BACHE,
)
GREETING = Payload("¡Hola!", (Button("Persona", "/ask_human"),))
MISS = Payload(missed=True)
PERSON = Payload("Te dejo con alguien.", handoff=Handoff(HandoffReason.LOW_CONFIDENCE, candidates=(BACHE,)))
USER = {"event": "user", "text": "..."}
NOW = 1_800_000_000_000


def dialogue_of(*exchanges: tuple[Payload, ...], at: int = NOW) -> Dialogue:
    dialogue = Dialogue()
    for payloads in exchanges:
        dialogue = dialogue.after(payloads, {}, None, at)
    return dialogue


def sent(dialogue: Dialogue, text: str = "¿y cuánto cuesta?") -> Tracker:
    message = {"text": text, "metadata": {"channel": "web", "dialogue": dialogue.to_data()}}
    return Tracker("c", {}, message, [], False, None, {}, None)


def summary(events: Any) -> tuple[Any, ...]:
    return offered(events), previous_entry(events), fell_back_before(events), asked_about(events), known(events)


@each_row(
    "exchanges",
    [
        (),
        ((ANSWER,),),
        ((OFFER,),),
        ((ASKS,),),
        ((ASKS,), (GREETING,), (GREETING,), (GREETING,), (GREETING,)),
        ((MISS,),),
        ((ANSWER,), (PERSON,)),
        ((ANSWER,), (GREETING,), (OFFER,)),
        ((ANSWER,), (GREETING,), (GREETING,), (GREETING,)),
        ((ANSWER, ASKS),),
        ((GREETING, MISS), (ANSWER, OFFER)),
    ],
)
def test_actions_read_the_dialogue_as_they_read_rasas_tracker(exchanges: tuple[tuple[Payload, ...], ...]) -> None:
    before = [event for payloads in exchanges for event in (USER, *(said(one.to_data()) for one in payloads))]
    tracker = heard("¿y cuánto cuesta?", before=tuple(before))
    stored = Dialogue.from_json(dialogue_of(*exchanges).to_json())
    assert summary(events_of(sent(stored))) == summary(read_events(tracker.events)) == summary(events_of(tracker))


def test_entry_that_an_agent_sent_counts_in_its_place() -> None:
    dialogue = Dialogue().after((ANSWER,), {}, None, NOW).after((GREETING,), {}, "poda", NOW)
    assert previous_entry(events_of(sent(dialogue))) == "poda"


LATER = NOW + FRAGMENT_MS + 1


def test_fragments_that_nothing_answered_are_kept_for_the_next_message_only() -> None:
    missed = Dialogue().after((MISS,), {}, None, NOW, "mi mamá").after((PERSON,), {}, None, NOW, "tiene 80")
    assert begun_before(events_of(sent(missed))) == "mi mamá tiene 80"
    assert begun_before(events_of(sent(missed.current(LATER)))) == ""
    for reply in (ANSWER, GREETING, OFFER):
        assert "mi mamá" not in missed.after((reply,), {}, None, NOW, "necesita remedios").to_json()
    known = Dialogue().after((OFFER, MISS), {}, None, NOW, "mi mamá")
    long = Dialogue().after((MISS,), {}, None, NOW, "mi mamá tiene ochenta y dos años")
    assert [begun_before(events_of(sent(one))) for one in (known, long)] == ["", ""]


def test_question_that_the_last_entry_answered_first_is_kept_and_no_other_words() -> None:
    poda = Payload(provenance=Provenance("poda", "v1", "¿Cómo pido una poda?", 0.9))
    dialogue = Dialogue().after((ANSWER,), {}, None, NOW, "hay un hoyo")
    dialogue = dialogue.after((ANSWER,), {}, None, NOW, "¿y cuánto cuesta?").after(
        (GREETING,), {}, None, NOW, "gracias"
    )
    assert [one.words for one in dialogue.exchanges] == ["", "hay un hoyo", ""]
    assert question_before(events_of(sent(dialogue))) == "hay un hoyo"
    dialogue = dialogue.after((poda,), {}, None, NOW, "árbol " * 100)
    assert "hoyo" not in [one.words for one in dialogue.exchanges]
    assert question_before(events_of(sent(dialogue))) == ("árbol " * 100)[:REMEMBERED_CHARACTERS]
    assert question_before(events_of(sent(dialogue.after((PERSON,), {}, None, NOW, "no")))) == ""
    assert question_before(events_of(sent(dialogue.after((GREETING,), {}, "bache", NOW, "ya")))) == ""


def test_only_the_newest_exchanges_are_kept_but_an_audience_until_the_session_ends() -> None:
    dialogue = Dialogue().after((ASKS,), {}, None, NOW).after((ANSWER,), {"segmento": "estudiante"}, None, NOW)
    for _ in range(20):
        dialogue = dialogue.after((ANSWER,), {}, None, NOW)
    assert len(dialogue.exchanges) == REMEMBERED_EXCHANGES + 2
    assert known(events_of(sent(dialogue))) == {"segmento": "estudiante"}
    assert dialogue.current(NOW + SESSION_MS) == dialogue
    assert dialogue.current(NOW + SESSION_MS + 1) == Dialogue()
    assert dialogue.after((ANSWER,), {}, None, NOW + SESSION_MS + 1).exchanges == dialogue_of((ANSWER,)).exchanges


def test_audiences_stated_again_and_again_with_old_buttons_replace_each_other() -> None:
    dialogue = Dialogue().after((ASKS,), {}, None, NOW)
    for clicked in range(20):
        dialogue = dialogue.after((ANSWER,), {"segmento": f"s{clicked}"}, None, NOW)
        dialogue = dialogue.after((ASKS,), {"comuna": f"c{clicked}"}, None, NOW)
    for _ in range(REMEMBERED_EXCHANGES):
        dialogue = dialogue.after((ANSWER,), {}, None, NOW)
    assert len(dialogue.exchanges) == REMEMBERED_EXCHANGES + 2
    assert known(events_of(sent(dialogue))) == {"segmento": "s19", "comuna": "c19"}


def test_no_text_of_an_answer_and_no_source_is_kept() -> None:
    kept = dialogue_of((ANSWER,), (OFFER,), (PERSON,)).to_json()
    assert "Avisa" not in kept and "https://x" not in kept and "Te dejo" not in kept
    assert "bache" in kept


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "null", "x", '{"exchanges": [{}]}', '{"exchanges": 3}', '{"at": "x"}']
)
def test_unreadable_dialogue_is_an_empty_one(text: str) -> None:
    assert Dialogue.from_json(text) == Dialogue()


def test_answer_that_was_not_it_stays_denied_during_the_session_however_often_it_is_denied() -> None:
    denial, other = Payload("Perdona.", missed=True, denied=True), Payload(provenance=replace(PROOF, entry="poda"))
    short = dialogue_of((ANSWER,), (denial,), (other,))
    assert denied_before(events_of(sent(short)))
    assert [one.entry for one in denied_entries(events_of(sent(short)))] == ["poda", "bache"]
    long = dialogue_of((ANSWER,), *[(denial,)] * 9, *[(other,)] * 9)
    assert (denied_before(events_of(sent(long))), len(long.exchanges)) == (True, REMEMBERED_EXCHANGES + 1)
    assert not denied_before(events_of(sent(dialogue_of((ANSWER,), (MISS,), (other,)))))


def test_reply_that_only_refers_to_the_answer_above_does_not_make_it_forgotten() -> None:
    lacking = Payload("Eso no está en la respuesta de arriba.", above=True)
    later = dialogue_of((ANSWER,), *[(lacking,)] * REMEMBERED_EXCHANGES)
    assert later == dialogue_of((ANSWER,))
    assert previous_entry(events_of(sent(later))) == "bache"
    assert dialogue_of((lacking,)).exchanges  # nothing was answered before
