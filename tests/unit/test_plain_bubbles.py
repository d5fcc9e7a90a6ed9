"""Tests how a channel without a ``render.py`` shows an answer."""

from __future__ import annotations

import pytest

from bot.channels.formatting.plain_bubbles import plain_bubbles
from bot.core.events import Event, EventKind, MessageFacts
from bot.core.messages import Author, Source

WORDS = "Trae **tu carnet** & espera.\n\nEs gratis <hoy>."


def shown(limit: int) -> list[tuple[str, int]]:
    facts = MessageFacts(source=Source("Página", "https://x.cl/a"))
    event = Event("1-0", "c", EventKind.MESSAGE, Author.ASSISTANT, WORDS, facts)
    return [(one.html, one.length) for one in plain_bubbles(event, limit, "", ())]


def test_answer_without_a_limit_is_one_message_of_safe_html_with_its_source() -> None:
    ((html, length),) = shown(0)
    assert html.startswith("Trae tu carnet &amp; espera.\n\nEs gratis &lt;hoy&gt;.\n\nFuente: ")
    assert "https://x.cl/a" in html and length < len(html)


@pytest.mark.parametrize("limit", [30, 40])
def test_long_answer_is_cut_at_the_channels_limit(limit: int) -> None:
    cut = shown(limit)
    assert len(cut) > 1
    assert all(length <= limit for _, length in cut)
