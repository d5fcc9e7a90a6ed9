"""What WhatsApp shows of an answer's Markdown, and where a long one is cut."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.agency import Agency
from bot.channels.whatsapp_text import length, pieces, whatsapp_text
from bot.faq.entry import load_folder
from tests.conftest import ROOT

SITE = "https://chat.example"


@pytest.mark.parametrize(
    ("markdown", "shown"),
    [
        ("Paga **en línea** o *en persona*.", "Paga *en línea* o _en persona_."),
        ("**muy *grande* eso**", "*muy* *_grande_* *eso*"),
        ("## Qué llevar\n\nTu ~~carnet~~", "*Qué llevar*\n\nTu ~carnet~"),
        ("- uno\n- **dos**\n    - tres", "- uno\n- *dos*\n   - tres"),
        ("3. uno\n4. dos", "3. uno\n4. dos"),
        ("Entra a [la página](https://x.cl/a_b) y paga.", "Entra a la página (https://x.cl/a_b) y paga."),
        ("Mira [la página](https://x.cl/a).", "Mira la página: https://x.cl/a."),
        ("[https://www.x.cl](https://www.x.cl/)", "https://www.x.cl"),
        ("Escribe a [oirs@x.cl](mailto:oirs@x.cl)", "Escribe a oirs@x.cl"),
        ("Llama al [teléfono](tel:+5625550100)", "Llama al teléfono: +5625550100"),
        ("Lee el [aviso](/privacidad).", "Lee el aviso: https://chat.example/privacidad."),
        ("[truco](javascript:alert(1))", "[truco](javascript:alert(1))"),
        ("Llama al ***4141** o al **131**.", "Llama al ```*4141``` o al *131*."),
        ("una pala**bra**s", "una palabras"),
        ("> cita\n> larga", "> cita\n> larga"),
        ("a\nb", "a\nb"),
        ("`RUT`", "```RUT```"),
        ("<b>hola</b>", "<b>hola</b>"),
    ],
)
def test_markdown_as_whatsapp_shows_it(markdown: str, shown: str) -> None:
    assert whatsapp_text(markdown, SITE) == shown


def test_a_table_becomes_lines() -> None:
    table = "| Clase | Valor | Plazo |\n|---|---|---|\n| B | $40.000 | 6 años |\n| C | $30.000 | |"
    assert whatsapp_text(table) == "- *B* · Valor: $40.000 · Plazo: 6 años\n- *C* · Valor: $30.000 · Plazo:"


def test_a_bold_passage_over_two_lines_is_marked_on_each() -> None:
    assert whatsapp_text("**uno\ndos**") == "*uno*\n*dos*"


def test_without_our_address_a_link_to_a_path_keeps_its_words() -> None:
    assert whatsapp_text("Lee el [aviso](/privacidad).") == "Lee el aviso."


def test_emoji_count_as_whatsapp_counts_them() -> None:
    assert [length(text) for text in ("hola", "ñ", "👍", "👍🏽", "👨‍👩‍👧", "🇨🇱")] == [4, 1, 2, 4, 8, 4]


def test_a_text_that_fits_is_one_message() -> None:
    assert pieces("x" * 1600, 1600) == ("x" * 1600,)
    assert pieces("", 1600) == ()


def test_long_answers_are_cut_between_paragraphs_first() -> None:
    assert pieces("uno dos\n\ntres cuatro", 12) == ("uno dos", "tres cuatro")
    assert pieces("Uno dos. Tres cuatro", 12) == ("Uno dos.", "Tres cuatro")


def test_no_cut_inside_bold_an_address_or_an_emoji() -> None:
    assert pieces("palabra *en negrita*", 14) == ("palabra", "*en negrita*")
    assert pieces("mira https://x.cl/largo", 18) == ("mira", "https://x.cl/largo")
    assert pieces("👨‍👩‍👧👨‍👩‍👧", 12) == ("👨‍👩‍👧", "👨‍👩‍👧")
    assert pieces("🇨🇱🇨🇱", 6) == ("🇨🇱", "🇨🇱")


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="ab *_~`\n.👍🏽ñ\u200d:/h", max_size=400), st.integers(16, 60))
def test_pieces_fit_and_lose_nothing(text: str, limit: int) -> None:
    cut = pieces(text, limit)
    assert all(0 < length(piece) <= limit for piece in cut)
    assert "".join("".join(cut).split()) == "".join(text.split())


def test_every_answer_of_the_demo_fits_one_message_or_two(agency: Agency) -> None:
    texts = [whatsapp_text(entry.body, SITE) for entry in load_folder(ROOT / "data" / "faq", agency.teams).entries]
    assert len(texts) >= 68
    assert max(len(pieces(text, 1600)) for text in texts) <= 2
    assert not [text for text in texts if "**" in text or "](" in text]
