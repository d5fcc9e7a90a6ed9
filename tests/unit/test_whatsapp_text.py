"""Tests how WhatsApp shows an answer's Markdown, and where a long one is split."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.agency.model import Agency
from bot.channels.formatting.event_spans import event_spans
from bot.channels.formatting.spans import Run, utf16_length
from bot.channels.whatsapp.text import pieces
from bot.core.events import Event, EventKind
from bot.core.messages import Author
from bot.faq.entries.folder import load_folder
from tests.conftest import ROOT
from tests.rows import each_row

SITE = "https://chat.example"


def shown(markdown: str, limit: int = 1600) -> tuple[str, ...]:
    return pieces(event_spans(Event("1-0", "c", EventKind.MESSAGE, Author.ASSISTANT, markdown), site=SITE), limit)


@each_row(
    ("markdown", "text"),
    [
        ("Paga **en línea** o *en persona*.", "Paga *en línea* o _en persona_."),
        ("**muy *grande* eso**", "*muy* *_grande_* *eso*"),
        ("## Qué llevar\n\nTu ~~carnet~~", "*Qué llevar*\n\nTu ~carnet~"),
        ("- uno\n- **dos**\n    - tres", "• uno\n• *dos*\n  • tres"),
        ("3. uno\n4. dos", "3. uno\n4. dos"),
        ("Entra a [la página](https://x.cl/a_b) y paga.", "Entra a la página (https://x.cl/a_b) y paga."),
        ("Mira [la página](https://x.cl/a).", "Mira la página: https://x.cl/a."),
        ("[https://www.x.cl](https://www.x.cl/)", "https://www.x.cl"),
        ("Escribe a [oirs@x.cl](mailto:oirs@x.cl)", "Escribe a oirs@x.cl"),
        ("Llama al [teléfono](tel:+5625550100)", "Llama al teléfono: +5625550100"),
        ("Lee el [aviso](/privacidad).", "Lee el aviso: https://chat.example/privacidad."),
        ("Llama al ***4141** o al **131**.", "Llama al ```*4141``` o al *131*."),
        ("una pala**bra**s", "una palabras"),
        ("a\nb", "a\nb"),
        ("**uno\ndos**", "*uno*\n*dos*"),
        ("`RUT`", "```RUT```"),
        ("<b>hola</b>", "<b>hola</b>"),
    ],
)
def test_markdown_is_converted_to_whatsapp_marks(markdown: str, text: str) -> None:
    assert shown(markdown) == (text,)


def test_text_that_fits_is_one_message() -> None:
    assert pieces((Run("x" * 1600),), 1600) == ("x" * 1600,)
    assert pieces((Run("👍" * 801),), 1600) == ("👍" * 800, "👍")


def test_split_bold_is_bold_in_both_pieces() -> None:
    assert shown("**uno dos tres cuatro**", 24) == ("*uno dos tres*", "*cuatro*")


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="ab *_~`\n.👍🏽ñ\u200d:/h", max_size=400), st.integers(24, 80))
def test_pieces_fit_and_lose_nothing(text: str, limit: int) -> None:
    cut = pieces((Run(text),), limit)
    assert all(0 < utf16_length(piece) <= limit for piece in cut)
    assert "".join("".join(cut).split()) == "".join(text.split())


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="ab *_~`\n.👍ñ[](/h#-1|", max_size=300), st.integers(40, 120))
def test_any_markdown_fits(text: str, limit: int) -> None:
    assert all(utf16_length(piece) <= limit for piece in shown(text, limit))


def test_every_answer_of_the_demo_fits_one_message(agency: Agency) -> None:
    told = [shown(entry.body) for entry in load_folder(ROOT / "data" / "faq", agency.teams).entries]
    assert len(told) >= 68
    assert max(len(parts) for parts in told) == 1
    assert not [parts for parts in told if "**" in parts[0] or "](" in parts[0]]


def test_emergency_numbers_stand_out(agency: Agency) -> None:
    (text,) = shown(agency.emergencies["general"])
    assert "*131*" in text and "```*4141```" in text
