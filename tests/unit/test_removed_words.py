"""Tests where the words of a removed message are found in texts and JSON values, and what stays unchanged."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.conversation.dialogue import Dialogue
from bot.core.event_facts import MessageFacts
from bot.core.messages import Attachment, MediaKind, Place, Provenance
from bot.core.payload import Payload
from bot.privacy.removed_draft import without_sent
from bot.privacy.removed_words import UNTOUCHED, RemovedWords
from bot.privacy.rewriting import changed
from bot.text.masking.masking import masked

FIELDS = st.sampled_from(["text", "summary", "what", "x", "data", "dialogue", "entry", "id", "nombre"])
JSON_LIKE = st.sampled_from(
    ['{"message_id": "', '"', '": "', "\\", '"text": ', "[]", "{}", "null", "\\u00e1", "a/b/c/d/e"]
)
NASTY = st.lists(st.one_of(JSON_LIKE, st.text(max_size=12)), min_size=1, max_size=6).map("".join)


def values(said: str) -> st.SearchStrategy[Any]:
    text = st.one_of(st.text(max_size=10), st.just(said), NASTY)
    leaves = st.one_of(st.none(), st.booleans(), st.integers(), text)
    return st.recursive(leaves, lambda one: st.lists(one, max_size=3) | st.dictionaries(FIELDS, one, max_size=4))


def shape(value: object) -> object:
    """Returns a copy of a value with '' in place of each string."""
    if isinstance(value, dict):
        return {name: shape(one) for name, one in value.items()}
    if isinstance(value, list):
        return [shape(one) for one in value]
    return "" if isinstance(value, str) else value


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_words_change_only_strings_and_json_stays_json(data: st.DataObject) -> None:
    said = data.draw(NASTY)
    words, value = RemovedWords.of(said), data.draw(values(said))
    for clean in (words.without_in, words.without_quotes_in):
        assert shape(clean(value)) == shape(value)
    for kind in ("message", "ticket_opened"):
        event = {"kind": kind, "author": "system", "text": said, "data": json.dumps(value)}
        assert shape(json.loads(changed(words, event).get("data", event["data"]))) == shape(value)


@settings(max_examples=60, deadline=None)
@given(NASTY)
def test_any_words_leave_a_derived_text(said: str) -> None:
    words = RemovedWords.of(said)
    if words.wholes:
        assert said.strip() not in words.without(f"antes\n{said.strip()}\ndespués").split("antes\n")[1].split("\n")
        assert words.without(said) == ""


@pytest.mark.parametrize("said", ['{"message_id": "', '": "', "http://a.cl/clave/7391", "\\u0022 y 12345678 \\"])
def test_words_that_look_like_json_are_taken_out_of_json_of_either_encoder(said: str) -> None:
    words = RemovedWords.of(said)
    for written in (json.dumps({"summary": said}), json.dumps({"summary": said}).replace("/", "\\/")):
        new = changed(words, {"kind": "ticket_opened", "author": "system", "text": "", "data": written})
        assert json.loads(new["data"]) == {"summary": ""}


def test_data_that_is_no_object_stays_json() -> None:
    event = {"kind": "ticket_opened", "author": "system", "text": "null", "data": "null"}
    assert changed(RemovedWords.of("null"), event) == {"text": ""}


def test_short_words_are_taken_out_only_where_they_are_a_whole_line() -> None:
    words = RemovedWords.of("sí")
    assert words.without("sí") == ""
    assert words.without("así sí fue") == "así sí fue"
    assert words.without("hola\nsí\nfue") == "hola\n…\nfue"
    assert words.without_in({"summary": "sí", "state": "sí"}) == {"summary": "", "state": "sí"}


def test_words_that_a_summary_cuts_are_taken_out() -> None:
    pin = "7391"
    joined = f"hola\n{pin}\n" + "x" * 268 + "\nmi clave es perro"
    summary = joined[:280]
    assert summary.endswith("\nm")
    assert pin not in RemovedWords.of(pin).without(summary)
    assert RemovedWords.of("mi clave es perro").without(summary) == summary[:-1] + "…"
    cut = ("x" * 260 + "\nmi clave de la cuenta es perro")[:280]
    assert "clave" not in RemovedWords.of("mi clave de la cuenta es perro").without(cut)


def test_beginning_of_a_message_that_is_complete_elsewhere_stays() -> None:
    assert RemovedWords.of("necesito ayuda con mi clave").without("hola\nnecesito") == "hola\nnecesito"


def test_long_words_are_found_masked_cut_and_escaped() -> None:
    said = 'Mi RUT es 12.345.678-5 y la clave "ñandú" es secreta. ' * 10
    words = RemovedWords.of(said)
    for form in (said, said.strip(), said[:280], masked(said), masked(said)[:280]):
        assert "ñand" not in words.without(f"antes {form} después")
        assert "ñand" not in json.dumps(words.without_in({"x": [form]}), ensure_ascii=False)


def test_message_without_words_changes_no_other_text() -> None:
    words = RemovedWords.of("")
    assert words.wholes == ()
    assert words.without("lo demás") == "lo demás"


@pytest.mark.parametrize("said", ["Gracias", "licencia", "Muchas gracias", "sí"])
def test_common_words_stay_in_messages_of_others(said: str) -> None:
    words = RemovedWords.of(said)
    for other in (said, f"{said}, aquí: la {said} y las {said}s"):
        event = {"kind": "message", "author": "assistant", "text": other, "data": json.dumps({"title": other})}
        assert changed(words, event) == {}


def test_quote_in_a_message_of_others_is_taken_out_at_borders_of_words() -> None:
    words = RemovedWords.of("mi clave es perro")
    assert words.without_quotes("Dijiste: mi clave es perro.") == "Dijiste: …."
    assert words.without_quotes("mi clave es perros") == "mi clave es perros"
    assert RemovedWords.of("12345678").without_quotes("es 12345678, no 123456789") == "es …, no 123456789"


def test_published_answer_ids_and_candidates_are_not_touched() -> None:
    said = "licencia de conducir clase B"
    words = RemovedWords.of(said)
    proof = {"provenance": {"entry": said, "question": said}, "title": "x"}
    answer = {"kind": "message", "author": "assistant", "text": f"Para la {said}: venga.", "data": json.dumps(proof)}
    assert changed(words, answer) == {}
    facts = {name: said for name in UNTOUCHED}
    ticket = {"kind": "ticket_opened", "author": "system", "text": "", "data": json.dumps(facts | {"summary": said})}
    assert json.loads(changed(words, ticket)["data"]) == facts | {"summary": ""}


def test_photos_and_place_that_a_removed_message_sent_leave_the_draft_of_a_complaint() -> None:
    first, second = Attachment(MediaKind.PHOTO, "web:1"), Attachment(MediaKind.PHOTO, "web:2")
    place = Place(-33.45, -70.66, "Plaza")
    form = {
        "step": "confirm",
        "place": place.to_data(),
        "photos": [first.to_data(), second.to_data()],
        "answered": ["what", "where", "photo"],
    }
    left = without_sent(form, MessageFacts(attachments=(first,)))
    assert left == form | {"photos": [second.to_data()]}
    left = without_sent(left, MessageFacts(attachments=(second,)))
    assert left == {"step": "confirm", "place": place.to_data(), "answered": ["what", "where"]}
    assert without_sent(left, MessageFacts(place=place)) == {"step": "confirm", "answered": ["what"]}
    assert without_sent(form, MessageFacts()) == form


def test_question_of_a_dialogue_is_removed_although_it_is_cut() -> None:
    text = "mi clave secreta es xylofonito " * 20
    said = (Payload(provenance=Provenance("bache", "v1", "¿Cómo aviso?", 0.9)),)
    kept = Dialogue().after(said, {}, None, 1, masked(text)).to_json()
    assert "xylofonito" in kept
    assert "xylofonito" not in json.dumps(RemovedWords.of(text).without_in(json.loads(kept)))
