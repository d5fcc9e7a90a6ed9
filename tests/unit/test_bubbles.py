"""Tests that the editors' preview shows an answer as each channel renders it."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from typing import Any

from bot.channels.folders import bubbles
from bot.channels.formatting.bubble import Bubble
from bot.channels.formatting.markdown_spans import markdown_spans
from bot.channels.formatting.spans import utf16_length
from bot.channels.telegram.adapter import Telegram
from bot.channels.telegram.render import pieces
from bot.channels.web.render import bubbles as web_bubbles
from bot.core.channels import traits_of
from bot.core.event_facts import MessageFacts
from bot.core.events import Event, EventKind
from bot.core.messages import Author, Channel, Source

ANSWER = "Llama al **131** o escribe en [la página](https://x.example/a_b).\n\n- uno\n- 2 * 3 <b>no</b>"


MUNI = Source("La muni", "https://muni.example")


def event(text: str, source: Source | None = MUNI) -> Event:
    return Event("0-0", "c", EventKind.MESSAGE, Author.ASSISTANT, text, MessageFacts(source=source))


def shown(text: str) -> dict[Channel, list[str]]:
    found = bubbles(event(text), "https://chat.example")
    return {channel: [one.html for one in some] for channel, some in found.items()}


def test_every_channel_shows_bold_lists_links_and_the_source() -> None:
    found = shown(ANSWER)
    assert set(found) == set(Channel)
    for (only,) in found.values():
        assert "131</" in only and 'href="https://x.example/a_b"' in only and "https://muni.example" in only
        assert "&lt;b&gt;no" in only


def test_whatsapp_shows_addresses_and_marks_as_it_does() -> None:
    (only,) = shown("**Hola** _tú_, a 2 * 3 * 4 y snake_case_x.\n\n[mira](https://x.example/uno)")[Channel.WHATSAPP]
    assert "<b>Hola</b> <i>tú</i>" in only and "snake_case_x" in only and "2 * 3 * 4" in only
    assert '<a href="https://x.example/uno">https://x.example/uno</a>' in only


def test_long_answer_is_several_messages_where_the_channel_has_a_limit() -> None:
    found = shown("Una frase corta. " * 400)
    limit = traits_of(Channel.WHATSAPP).text_limit
    assert len(found[Channel.WHATSAPP]) > 3 and all(len(one) <= limit for one in found[Channel.WHATSAPP])
    assert len(found[Channel.TELEGRAM]) == 2 and len(found[Channel.WEB]) == 1


def test_answer_without_a_safe_source_shows_none_on_the_web() -> None:
    assert web_bubbles(event("Hola.", None), "") == [Bubble("<p>Hola.</p>", 5)]
    assert "javascript" not in web_bubbles(event("Hola.", Source("x", "javascript:x")), "")[0].html


def test_action_is_a_button_where_the_channel_has_one() -> None:
    found = shown("Pide hora.\n\n**[Pedir hora](https://x.example/hora)**")
    assert 'class="action" target="_blank" rel="noopener noreferrer">Pedir hora</a>' in found[Channel.WEB][0]
    assert found[Channel.TELEGRAM][0].endswith('rel="noopener noreferrer">Pedir hora</a></div></div>')
    assert found[Channel.TELEGRAM][0].count("https://x.example/hora") == 1
    assert "keys" not in found[Channel.WHATSAPP][0] and "https://x.example/hora" in found[Channel.WHATSAPP][0]


def test_preview_of_telegram_is_what_its_adapter_sends() -> None:
    said = event("Pide hora.\n\n**[Pedir hora](https://x.example/hora)**\n\nGracias.")
    none: Any = None
    adapter = Telegram(api=none, inbox=none, outbox=none, addresses=none, files=none, public_url="")
    (chunk,) = adapter.render(said)
    (only,) = bubbles(said, "")[Channel.TELEGRAM]
    assert only.html.startswith(chunk.text) and [one.title for one in chunk.choices] == ["Pedir hora"]
    assert only.length == utf16_length(unescape(re.sub("<[^>]*>", "", chunk.text)))


def test_fold_hides_what_follows_the_lead_except_actions() -> None:
    text = "Uno.\n\n**Costo:** dos.\n\n- tres\n\n**[Ir](https://x.example)**\n\n**Plazo** cuatro."
    said = replace(event(text), facts=MessageFacts(fold_after=1))
    (only,) = web_bubbles(said, "")
    before, _, folded = only.html.partition('<details class="fold">')
    assert "Uno." in before and 'class="action"' in before and "dos." not in before
    assert "<small>Costo · Plazo</small>" in folded and "tres" in folded and "cuatro." in folded


def test_telegram_message_has_a_plain_text_for_when_its_html_is_refused() -> None:
    (only,) = pieces(markdown_spans("**Hola** <tú>"), 100)
    assert (only.text, only.plain) == ("<b>Hola</b> &lt;tú&gt;", "Hola <tú>")


def test_no_answer_can_break_out_of_a_link() -> None:
    attributes: list[str] = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attrs: attributes.extend(name for name, _ in attrs)  # type: ignore[method-assign]
    for messages in shown('Ve https://x.example/"onclick="alert(1) y [a](https://y.example/"o="1)').values():
        parser.feed("".join(messages))
    assert {*attributes} == {"href", "target", "rel"}
