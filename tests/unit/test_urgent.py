"""Tests which messages cannot wait while an answer is pending approval."""

from __future__ import annotations

import pytest

from bot.core.messages import Button, Channel, CitizenMessage
from bot.turns.buttons import ASK_HUMAN
from bot.turns.emergency import asks_for_person, cannot_wait

PERSON = Button("Hablar con una persona", ASK_HUMAN, "b1")


def written(text: str, button: str | None = None) -> CitizenMessage:
    return CitizenMessage("c1", Channel.WEB, "m1", text, at=0, button=button)


@pytest.mark.parametrize(
    "text", ["persona", "¡PERSONA!", "quiero hablar con alguien", "con un ejecutivo porfa", "Que me conteste un humano"]
)
def test_person_is_asked_for(text: str) -> None:
    assert asks_for_person(text)


@pytest.mark.parametrize("text", ["", "ok", "¿qué persona puede hacer el trámite?", "soy persona natural", "gracias"])
def test_no_person_is_asked_for(text: str) -> None:
    assert not asks_for_person(text)


def test_button_and_emergency_cannot_wait() -> None:
    assert cannot_wait(written("", button="b1"), (PERSON,))
    assert cannot_wait(written("hay un incendio en mi casa"), ())
    assert not cannot_wait(written("¿y cuánto cuesta?"), (PERSON,))
