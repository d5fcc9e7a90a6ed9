"""Tests rendering for push channels: Markdown as spans, split at good places, in each channel's markup."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.formatting.event_spans import event_spans
from bot.channels.formatting.markdown_spans import markdown_spans
from bot.channels.formatting.markup import plain_text, telegram_html
from bot.channels.formatting.spans import Run, utf16_length
from bot.channels.formatting.splitting import split
from bot.core.event_facts import MessageFacts
from bot.core.events import Event, EventKind
from bot.core.messages import Author, Source
from tests.channels.telegram_peer import shown
from tests.rows import each_row

FAMILY = "👩‍👩‍👧‍👦"


def html(markdown: str) -> str:
    return telegram_html(markdown_spans(markdown))


@each_row(
    ("markdown", "expected"),
    [
        ("**uno** y *dos*", "<b>uno</b> y <i>dos</i>"),
        ("a < b & c", "a &lt; b &amp; c"),
        ("[pago](https://a.cl/?a=1&b=2)", '<a href="https://a.cl/?a=1&amp;b=2">pago</a>'),
        ("[llama](tel:131)", "llama"),
        ("- uno\n- dos\n  1. tres", "• uno\n• dos\n  1. tres"),
        ("## Título\n\ntexto", "<b>Título</b>\n\ntexto"),
        ("al ***4141** ya", "al <b>*4141</b> ya"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "<b>a</b> · <b>b</b>\n1 · 2"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("`x<y`", "<code>x&lt;y</code>"),
    ],
)
def test_markdown_becomes_telegrams_html(markdown: str, expected: str) -> None:
    assert html(markdown) == expected


def test_entry_sent_by_staff_has_name_marks_and_source() -> None:
    data = {"name": "Ana", "provenance": {"entry": "hora"}, "source": {"title": "ChileAtiende", "url": "https://a.cl"}}
    event = Event("1-0", "c", EventKind.MESSAGE, Author.STAFF, "Pide **hora**.", MessageFacts.from_data(data))
    expected = '<b>Ana:</b>\nPide <b>hora</b>.\n\nFuente: <a href="https://a.cl">ChileAtiende</a>'
    assert telegram_html(event_spans(event)) == expected


def test_answer_ends_with_its_source_and_paths_lead_to_the_site() -> None:
    source = Source("ChileAtiende", "https://www.chileatiende.gob.cl")
    facts = MessageFacts(source=source)
    event = Event("1-0", "c", EventKind.MESSAGE, Author.ASSISTANT, "Lee el [aviso](/privacidad).", facts)
    assert telegram_html(event_spans(event, site="https://chat.x.cl/")) == (
        'Lee el <a href="https://chat.x.cl/privacidad">aviso</a>.\n\n'
        'Fuente: <a href="https://www.chileatiende.gob.cl">ChileAtiende</a>'
    )
    assert "privacidad" not in telegram_html(event_spans(event))


def test_staff_are_named_and_their_text_is_no_markup() -> None:
    event = Event("1-0", "c", EventKind.MESSAGE, Author.STAFF, "*no* <b>esto</b>", MessageFacts(name="Ana"))
    assert telegram_html(event_spans(event)) == "<b>Ana:</b>\n*no* &lt;b&gt;esto&lt;/b&gt;"


def test_split_prefers_paragraphs_then_lines_then_sentences_then_words() -> None:
    def pieces(text: str) -> list[str]:
        return [plain_text(piece) for piece in split((Run(text),), 20, len)]

    assert pieces("aaaa bbbb cccc\n\ndddd eeee") == ["aaaa bbbb cccc", "dddd eeee"]
    assert pieces("aaaa bbbb ccc\ndddd eeee") == ["aaaa bbbb ccc", "dddd eeee"]
    assert pieces("aaaa bbbb cc. dddd eeee") == ["aaaa bbbb cc.", "dddd eeee"]
    assert pieces("aaaa bbbb cccc dddd eeee") == ["aaaa bbbb cccc dddd", "eeee"]


@pytest.mark.parametrize(
    ("whole", "fit"),
    [(FAMILY, 2), ("🇨🇱", 7), ("\U0001f3f4\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f", 2)],
)
def test_word_longer_than_a_message_is_split_between_whole_characters(whole: str, fit: int) -> None:
    pieces = split((Run(whole * fit * 5),), 30, utf16_length)
    assert {plain_text(piece) for piece in pieces} == {whole * fit}


def test_link_is_not_split_and_bold_continues_on_both_sides() -> None:
    runs = markdown_spans("**uno dos tres cuatro cinco** [seis siete ocho](https://a.cl)")
    assert [telegram_html(piece) for piece in split(runs, 16, len)] == [
        "<b>uno dos tres</b>",
        "<b>cuatro cinco</b>",
        '<a href="https://a.cl">seis siete ocho</a>',
    ]


def test_long_link_after_a_rest_does_not_exceed_the_limit() -> None:
    runs = (Run("palabra " * 11 + "fin.\n\n"), Run("otra " * 13), Run("aquí", link="https://a.cl/" + "x" * 80))
    pieces = split(runs, 160, len, cost=lambda run: len(run.text) + len(run.link or ""))
    weights = [sum(len(run.text) + len(run.link or "") for run in piece) for piece in pieces]
    assert max(weights) <= 160


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=400), st.integers(min_value=20, max_value=90))
def test_every_piece_of_any_text_is_valid_fits_and_loses_no_word(text: str, limit: int) -> None:
    runs = markdown_spans(text)
    pieces = split(runs, limit, utf16_length)
    seen = [shown(telegram_html(piece)) for piece in pieces]
    assert [broken for _, broken in seen] == [""] * len(pieces)
    assert all(utf16_length(plain) <= limit for plain, _ in seen)
    whole = "".join(run.text for run in runs)
    assert "".join("".join(plain.split()) for plain, _ in seen) == "".join(whole.split())
