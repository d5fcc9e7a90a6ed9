"""Tests that a choice means the same by click, by number and by title."""

from __future__ import annotations

import pytest

from bot.core.messages import Button, Channel, CitizenMessage, Reply
from bot.turns.buttons import offered, pressed, with_ids

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
    ],
)
def test_button_is_found_by_id_number_or_title(message: CitizenMessage, title: str) -> None:
    found = pressed(message, BUTTONS)
    assert found is not None
    assert found.title == title


@pytest.mark.parametrize("message", [written("3"), written("0"), written("hola"), written("?"), written("1", "zz")])
def test_other_text_and_old_buttons_are_no_choice(message: CitizenMessage) -> None:
    assert pressed(message, BUTTONS) is None


def test_ids_are_new_and_payloads_stay() -> None:
    (reply,) = with_ids((Reply("¿cuál?", BUTTONS),))
    ids = [button.id for button in offered((reply,))]
    assert len(set(ids)) == 2
    assert all(one.payload == other.payload for one, other in zip(reply.buttons, BUTTONS, strict=True))
    assert not set(ids) & {"a1", "b2"}
