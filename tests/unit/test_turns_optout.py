"""Tests that «baja» and «alta» count only as the whole message, on channels that send notices."""

from __future__ import annotations

import pytest

from bot.core.messages import Channel, CitizenMessage
from bot.text.notice_words import BACK_WORDS, OUT_WORDS
from bot.turns.optout import wants_notices
from tests.rows import each_row


def wish(text: str, channel: Channel = Channel.WHATSAPP, button: str | None = None) -> bool | None:
    return wants_notices(CitizenMessage("c", channel, "1", text, 0, button=button))


@each_row("text", [*sorted(OUT_WORDS), " BAJA. ", "¡Stop!", "Dar  de  baja", "no más avisos"])
def test_opting_out_is_understood(text: str) -> None:
    assert wish(text) is False
    assert wish(text, Channel.TELEGRAM) is False


@pytest.mark.parametrize("text", [*sorted(BACK_WORDS), "ALTA", "¿Dar de alta?"])
def test_opting_in_is_understood(text: str) -> None:
    assert wish(text) is True


@pytest.mark.parametrize(
    "text", ["", "   ", "🛑", "quiero dar de baja la luz", "baja del cerro", "bajas", "licencia alta", "b a j a"]
)
def test_words_within_a_question_are_no_request(text: str) -> None:
    assert wish(text) is None


def test_no_utterance_means_both() -> None:
    assert not OUT_WORDS & BACK_WORDS


@pytest.mark.parametrize("text", ["baja", "alta"])
def test_web_message_and_button_mean_nothing(text: str) -> None:
    assert wish(text, Channel.WEB) is None
    assert wish(text, button="b1") is None
