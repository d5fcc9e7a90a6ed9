"""Tests that a channel without its settings is off, and that channels have commands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from typer.testing import CliRunner

from bot.channels.folders import commands, connects, module_of
from bot.channels.outgoing.adapter import ChannelContext
from bot.channels.telegram.cli import app as telegram
from bot.channels.telegram.connect import connect as connect_telegram
from bot.channels.whatsapp.cli import app as whatsapp
from bot.channels.whatsapp.connect import connect as connect_whatsapp
from bot.core.messages import Channel
from bot.core.texts import say


def test_channels_with_a_provider_have_an_adapter_and_commands() -> None:
    assert [connect_telegram, connect_whatsapp] == connects()[:2]
    assert {"telegram": telegram, "whatsapp": whatsapp}.items() <= commands().items()
    assert module_of(Channel.WEB, "connect") is None


@pytest.mark.parametrize(
    ("connect", "variable"), [(connect_telegram, "TELEGRAM_TOKEN"), (connect_whatsapp, "TWILIO_ACCOUNT_SID")]
)
def test_channel_without_its_settings_is_off(
    connect: Callable[[Any], Any], variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "")
    assert connect(ChannelContext(*[None] * 6)) is None  # type: ignore[arg-type]


@pytest.mark.parametrize("channel", sorted(commands()))
def test_help_of_a_channels_commands_is_in_spanish(channel: str) -> None:
    done = CliRunner().invoke(commands()[channel], ["--help"])
    assert done.exit_code == 0
    assert say(f"{channel}.cli.ayuda").split()[0] in done.output
