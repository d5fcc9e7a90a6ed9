"""Tests rendering Markdown, staff messages and citizens' messages as safe HTML."""

from __future__ import annotations

import pytest

from bot.channels.formatting.html import markdown_html, plain_html
from bot.channels.formatting.shown_event import Links, browser_event
from bot.conversation.addresses import Addresses
from bot.conversation.file_links import FileLinks
from bot.core.event_facts import MessageFacts
from bot.core.events import Event, EventKind
from bot.core.messages import Author
from tests.rows import each_row

FILES = FileLinks(Addresses("s" * 40))
LINKS = Links(FILES)
HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    '"><iframe src=javascript:alert(1)>',
    "<a href='javascript:alert(1)'>x</a>",
]


def message(author: Author, text: str, **data: object) -> Event:
    return Event("1764000000000-0", "c1", EventKind.MESSAGE, author, text, MessageFacts.from_data(data), 1764000000000)


@each_row("text", HOSTILE)
@each_row("author", list(Author))
def test_no_written_tag_reaches_the_page(author: Author, text: str) -> None:
    shown = browser_event(message(author, text), LINKS)
    assert shown is not None
    html = shown.html.replace("<p>", "").replace("</p>", "")
    assert "<" not in html


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", "//evil.example"]
)
def test_only_known_kinds_of_link_work(url: str) -> None:
    assert "<a" not in markdown_html(f"[pulsa]({url})")


def test_web_link_opens_a_new_tab_without_a_referrer() -> None:
    assert markdown_html("[guía](https://www.chileatiende.gob.cl)") == (
        '<p><a href="https://www.chileatiende.gob.cl" target="_blank" rel="noopener noreferrer">guía</a></p>'
    )


def test_phone_link_stays_in_the_page() -> None:
    assert markdown_html("[llama](tel:+56225550100)") == '<p><a href="tel:+56225550100">llama</a></p>'


def test_emergency_number_can_be_tapped() -> None:
    assert markdown_html("Llama al **131**.") == '<p>Llama al <strong><a href="tel:131">131</a></strong>.</p>'


def test_star_of_4141_is_part_of_the_number() -> None:
    assert markdown_html("al ***4141**") == '<p>al <strong><a href="tel:*4141">*4141</a></strong></p>'


def test_other_bold_number_stays_a_number() -> None:
    assert markdown_html("lugar **3**") == "<p>lugar <strong>3</strong></p>"


def test_images_are_not_loaded() -> None:
    assert "<img" not in markdown_html("![x](https://rastreador.example/pixel.gif)")


def test_headings_become_bold_paragraphs() -> None:
    assert markdown_html("## Requisitos") == "<p><strong>Requisitos</strong></p>"


def test_table_stays_a_table() -> None:
    assert "<td>2</td>" in markdown_html("| a | b |\n|---|---|\n| 1 | 2 |")


def test_citizens_asterisks_and_lines_are_kept() -> None:
    assert plain_html("*hola*\nqué tal & más") == "*hola*<br>qué tal &amp; más"


def test_address_in_a_staff_message_can_be_tapped() -> None:
    assert plain_html("Mira https://a.cl/x?y=1&z=2.", links=True) == (
        'Mira <a href="https://a.cl/x?y=1&amp;z=2" target="_blank" rel="noopener noreferrer">'
        "https://a.cl/x?y=1&amp;z=2</a>."
    )


def test_quotes_in_an_address_cannot_leave_the_attribute() -> None:
    assert 'href="https://a.cl/&#x27;onclick=x"' in plain_html("https://a.cl/'onclick=x", links=True)


def test_browser_gets_no_payload_confidence_or_provenance() -> None:
    shown = browser_event(
        message(
            Author.ASSISTANT,
            "hola",
            buttons=[{"id": "b1", "title": "Sí", "payload": "/affirm"}],
            provenance={"confidence": 0.9},
            candidates=[{"entry": "bache"}],
            source={"title": "SII", "url": "https://www.sii.cl"},
        ),
        LINKS,
    )
    assert shown is not None
    assert shown.to_data() == {
        "id": "1764000000000-0",
        "at": 1764000000000,
        "author": "assistant",
        "kind": "message",
        "html": "<p>hola</p>",
        "text": "hola",
        "buttons": [{"id": "b1", "title": "Sí"}],
        "source": {"title": "SII", "url": "https://www.sii.cl"},
    }


def test_source_with_a_dangerous_address_is_left_out() -> None:
    shown = browser_event(message(Author.ASSISTANT, "x", source={"title": "x", "url": "javascript:alert(1)"}), LINKS)
    assert shown is not None
    assert "source" not in shown.to_data()


def test_ticket_change_is_hidden_from_the_citizen() -> None:
    assert browser_event(Event("1-0", "c1", EventKind.TICKET_OPENED, Author.SYSTEM), LINKS) is None


def test_files_of_citizens_and_staff_get_an_address() -> None:
    files = [
        {"kind": "document", "ref": "web:" + "a" * 32, "name": "á b.pdf", "type": "application/pdf", "size": 120_000}
    ]
    shown = browser_event(message(Author.STAFF, "Mira", attachments=files), LINKS)
    assert shown is not None
    (file,) = shown.files
    url = file.url
    assert (file.name, file.type, file.size) == ("á b.pdf", "application/pdf", "120 KB")
    assert url.startswith("/archivos/")
    assert url.endswith("/%C3%A1%20b.pdf")
    assert FILES.open(url.split("/")[2]) == ("c1", "a" * 32)
    theirs = browser_event(message(Author.CITIZEN, "", attachments=files), LINKS)
    assert theirs is not None
    assert [one.name for one in theirs.files] == ["á b.pdf"]
