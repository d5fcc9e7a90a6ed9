"""Tests that a choice means the same by click, by number and by title."""

from __future__ import annotations

import re
import time
import unicodedata

import pytest

from bot.conversation.dialogue import Dialogue
from bot.core.messages import Button, Candidate, Channel, CitizenMessage, Provenance, Reply
from bot.core.payload import Payload
from bot.crisis.emergency import confirmation
from bot.text.decomposition import decomposed
from bot.turns.buttons import chosen_earlier, offered, plain, pressed, with_ids

BUTTONS = (Button("¿Cómo pago?", "/choose_entry", "a1"), Button("Ninguna de estas", "/none_of_these", "b2"))


def written(text: str, button: str | None = None) -> CitizenMessage:
    return CitizenMessage("c", Channel.WEB, "m", text, at=0, button=button)


@pytest.mark.parametrize(
    ("message", "title"),
    [
        (written("", "b2"), "Ninguna de estas"),
        (written("2"), "Ninguna de estas"),
        (written(" 1. "), "¿Cómo pago?"),
        (written("como pago"), "¿Cómo pago?"),
        (written("NINGUNA DE ESTAS!!"), "Ninguna de estas"),
        (written("la segunda"), "Ninguna de estas"),
        (written("no, la primera por favor"), "¿Cómo pago?"),
    ],
)
def test_button_is_found_by_id_number_or_title(message: CitizenMessage, title: str) -> None:
    found = pressed(message, BUTTONS)
    assert found is not None
    assert found.title == title


@pytest.mark.parametrize(
    "message", [written("3"), written("0"), written("la tercera"), written("hola"), written("?"), written("1", "zz")]
)
def test_other_text_and_old_buttons_are_no_choice(message: CitizenMessage) -> None:
    assert pressed(message, BUTTONS) is None


def test_ids_are_new_and_payloads_stay() -> None:
    (reply,) = with_ids((Reply("¿cuál?", BUTTONS),))
    ids = [button.id for button in offered((reply,))]
    assert len(set(ids)) == 2
    assert all(one.payload == other.payload for one, other in zip(reply.buttons, BUTTONS, strict=True))
    assert not set(ids) & {"a1", "b2"}


def test_place_means_the_buttons_of_the_newest_reply_first() -> None:
    warning = Reply("Si hay peligro, llama.", (Button("Es una emergencia", "/danger", "d1"),))
    buttons = offered((warning, Reply("¿Te refieres a alguna de estas?", BUTTONS), Reply("Escríbeme.")))
    assert [one.id for one in buttons] == ["a1", "b2", "d1"]


def test_title_that_is_a_place_means_its_own_button() -> None:
    buttons = (Button("La segunda", "/a", "a1"), Button("La primera", "/b", "b2"))
    assert pressed(written("la segunda"), buttons) == buttons[0]


@pytest.mark.parametrize(("text", "chosen"), [("1", "a1"), ("la segunda", "b2"), ("3", None), ("la tercera", None)])
def test_place_confirms_no_danger_of_an_earlier_reply(text: str, chosen: str | None) -> None:
    confirm = Button("Es una emergencia", confirmation("suicidio"), "danger-suicidio")
    found = pressed(written(text), (*BUTTONS, confirm))
    assert (found.id if found else None) == chosen
    assert pressed(written("1"), (confirm, *BUTTONS)) == confirm
    assert pressed(written("es una emergencia"), (*BUTTONS, confirm)) == confirm


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("no, la primera", "poda"),
        ("no, me equivoqué, la segunda", "bache"),
        ("perdón era la segunda", "bache"),
        ("la tercera", ""),
        ("2", ""),  # may refer to a list in the answer
        ("la segunda cuota", ""),
        ("la última", ""),
    ],
)
def test_place_goes_back_to_the_options_of_an_earlier_offer(text: str, entry: str) -> None:
    candidates = (Candidate("poda", "¿Poda?", 0.4), Candidate("bache", "¿Bache?", 0.3))
    now_ms = int(time.time() * 1000)
    proof = Provenance("poda", "v", "¿Poda?", 1.0)
    after = Dialogue().after([Payload(candidates=candidates)], {}, None, now_ms)
    after = after.after([Payload(provenance=proof)], {}, None, now_ms)
    found = chosen_earlier(written(text), after)
    assert (found.payload if found else "") == (f'/choose_entry{{"entry": "{entry}"}}' if entry else "")
    assert chosen_earlier(written(text), Dialogue()) is None


def test_title_is_compared_without_accents_of_any_script() -> None:
    for char in map(chr, range(32, 0x3000)):
        slowly = "".join(one for one in decomposed(f"a{char}b".casefold()) if not unicodedata.combining(one))
        assert plain(f"a{char}b") == " ".join(re.sub(r"[^\w\s]", " ", slowly).split())
