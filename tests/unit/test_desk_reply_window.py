"""Tests the countdown of WhatsApp's window and what happens to a reply after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from bot.agency.whatsapp_templates import Templates
from bot.core.messages import Channel
from bot.core.reply_window import HOUR_MS
from bot.core.texts import say
from bot.desk.views.reply_window import window_view
from bot.handoff.listing import Waiting

WROTE_AT = 1_700_000_000_000


@dataclass(frozen=True)
class OfChannel:
    channel: Channel


def view(channel: Channel = Channel.WHATSAPP, at: int = WROTE_AT, *, off: bool = False, answer: str = "HX1") -> Any:
    waiting = Waiting(OfChannel(channel), None, 0, inbound_at=at, notices_off=off)  # type: ignore[arg-type]
    return window_view(waiting, Templates(answer=answer))


def test_window_lasts_a_minute_less_than_a_day_from_the_last_message() -> None:
    shown = view()
    assert shown.open_until - WROTE_AT == shown.lasts == 24 * HOUR_MS - 60_000


@pytest.mark.parametrize("channel", [Channel.WEB, Channel.TELEGRAM])
def test_channel_other_than_whatsapp_has_no_reply_window(channel: Channel) -> None:
    assert view(channel) is None


def test_citizen_who_never_wrote_has_no_reply_window() -> None:
    assert view(at=0) is None


def test_reply_after_the_window_goes_inside_the_template_if_any() -> None:
    assert view().previews is True
    without = view(answer="")
    assert (without.previews, without.after) == (False, say("desk.ventana.sin_plantilla", maximo=0))


def test_opted_out_citizen_gets_none_even_with_a_template() -> None:
    shown = view(off=True)
    assert (shown.previews, shown.after) == (False, say("desk.ventana.baja", maximo=0))
