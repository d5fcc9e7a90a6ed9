"""Tests the title and the action button of an answer on each channel."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.agency.whatsapp_templates import Templates
from bot.channels.formatting.actions import actions_of, without_actions
from bot.channels.formatting.html import markdown_html
from bot.channels.formatting.shown_event import Links, browser_event
from bot.channels.telegram.adapter import Telegram
from bot.channels.whatsapp.render import render
from bot.conversation.addresses import Addresses
from bot.conversation.file_links import FileLinks
from bot.core.event_facts import MessageFacts
from bot.core.events import Event, EventKind
from bot.core.messages import Author
from bot.faq.entries.sections import parts_of

URL = "https://www.losaromos.example/licencias"
BUTTON = f"**[Pedir hora]({URL})**"
TEXT = f"Necesitas hora.\n\n{BUTTON}\n\n**Costo:** es gratis."
TITLE = "¿Cómo reservo hora?"


def answer(text: str = TEXT, title: str = TITLE) -> Event:
    return Event("1-0", "c", EventKind.MESSAGE, Author.ASSISTANT, text, MessageFacts(title=title))


def telegram() -> Telegram:
    made = Telegram.__new__(Telegram)  # rendering needs neither network nor store
    made._public_url, made._offices = "", ()
    return made


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (TEXT, (("Pedir hora", URL),)),
        (BUTTON, (("Pedir hora", URL),)),
        (f"Hola.\n\n{BUTTON}\n", (("Pedir hora", URL),)),
        (f"Pide en {BUTTON}", ()),
        (f"{BUTTON} hoy", ()),
        (f"- {BUTTON}", ()),
        ("**[Llamar](tel:131)**", ()),
    ],
)
def test_action_is_a_bold_link_alone_in_its_paragraph(text: str, found: tuple[tuple[str, str], ...]) -> None:
    assert actions_of(answer(text)) == found
    assert markdown_html(text).count('class="action"') == len(found)


@pytest.mark.parametrize("url", ["https://intranet/licencias", "http://localhost:8000", "https://[bad/x", "https://."])
def test_link_to_no_public_host_stays_in_the_text_for_telegram(url: str) -> None:
    kept = f"**[Ver]({url})**"
    event = answer(f"{TEXT}\n\n{kept}")
    assert actions_of(event) == (("Pedir hora", URL),)
    assert without_actions(event).text == f"Necesitas hora.\n\n**Costo:** es gratis.\n\n{kept}"
    (chunk,) = telegram().render(answer(f"Necesitas hora.\n\n{kept}"))
    assert chunk.choices == ()
    assert "Ver" in chunk.text


def test_citizens_text_has_no_action() -> None:
    assert actions_of(replace(answer(), author=Author.CITIZEN)) == ()


def test_action_is_no_section() -> None:
    assert [one.title for one in parts_of(TEXT).sections] == ["Costo"]


def test_text_that_is_only_an_action_stays() -> None:
    assert without_actions(answer(BUTTON)).text == BUTTON


def test_web_gets_title_and_button() -> None:
    shown = browser_event(answer(), Links(FileLinks(Addresses("s" * 40))))
    assert shown is not None
    assert shown.title == TITLE
    assert f'<a href="{URL}" class="action"' in shown.html


def test_telegram_has_the_title_in_bold_and_the_action_below_the_message() -> None:
    (chunk,) = telegram().render(answer())
    assert chunk.text == f"<b>{TITLE}</b>\n\nNecesitas hora.\n\n<b>Costo:</b> es gratis."
    assert [(one.title, one.url) for one in chunk.choices] == [("Pedir hora", URL)]


def test_whatsapp_has_the_title_in_bold_and_the_action_as_text() -> None:
    (chunk,) = render(answer(), Templates())
    assert chunk.text == f"*{TITLE}*\n\nNecesitas hora.\n\n*Pedir hora*: {URL}\n\n*Costo:* es gratis."
    assert chunk.choices == ()
