"""Tests which texts have no words about their matter."""

from __future__ import annotations

from bot.text.wordless import GLAD, UPSET, mood_of, wordless
from tests.rows import each_row


@each_row(
    ("text", "key"),
    [
        ("12.345.678-5", "solo_datos"),
        ("+56 9 8765 4321", "solo_datos"),
        ("ana@correo.example", "solo_datos"),
        ("mi RUT es 12.345.678-5", "solo_datos"),
        ("es el 9 1234 5678", "solo_datos"),
        ("Hola, soy 12.345.678-5", "solo_datos"),
        ("mira este link https://losaromos.example", "solo_enlace"),
        ("https://www.chileatiende.gob.cl/fichas/3420-pension", "solo_enlace"),
        ("www.losaromos.example", "solo_enlace"),
        ("¿tengo multas? 12.345.678-5", ""),
        ("https://losaromos.example esto es verdad?", ""),
        ("179-610", ""),
        ("131", ""),
        ("2", ""),
        ("permiso", ""),
    ],
)
def test_text_without_words_is_asked_for_words(text: str, key: str) -> None:
    assert wordless(text) == key


@each_row(
    ("text", "mood"),
    [
        ("👍", GLAD),
        ("❤️❤️", GLAD),
        ("👍🏽", GLAD),
        ("😡😡😡", UPSET),
        ("🙂😢", UPSET),
        ("🚗", ""),
        ("🙏", ""),
        ("...", ""),
        ("gracias 👍", ""),
        ("", ""),
    ],
)
def test_emojis_alone_show_a_mood(text: str, mood: str) -> None:
    assert mood_of(text) == mood
