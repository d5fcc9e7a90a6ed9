"""Tests recognising other languages, and that Spanish is never mistaken for one of them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from bot.agency.model import Agency
from bot.agency.segments import TITLE_LIMIT
from bot.conversation.state import ConversationState
from bot.core.messages import Channel, CitizenMessage, Speaker
from bot.core.texts import area
from bot.text.languages import OTHERS, Language, is_plainly_spanish, recognised
from bot.text.translations import in_other_languages
from bot.turns.danger import DangerNotices
from bot.turns.optout import about_notices
from bot.turns.outcome import Decision, Turn
from bot.turns.ratings.survey import question
from tests.rows import each_row

SENT_AS_MESSAGES = {"persona_texto", "volver_texto"}  # what the chat writes for the citizen
PLACEHOLDER = re.compile(r"{(\w+)}")
ROOT = Path(__file__).parents[2]


@each_row(
    ("text", "language"),
    [
        ("How do I renew my driver's license?", "en"),
        ("hi i need help with my residence card", "en"),
        ("Hello", "en"),
        ("preciso de ajuda com minha residência", "pt"),
        ("posso falar com uma pessoa?", "pt"),
        ("Como faço para renovar a carteira de motorista?", "pt"),
        ("Kijan pou m renouvle lisans mwen?", "ht"),
        ("mwen pa pale panyòl", "ht"),
        ("gen yon gwo twou nan lari a", "ht"),
        ("où payer la taxe des ordures", "fr"),
        ("je veux inscrire mon enfant à l'école", "fr"),
        ("hola, necesito alguien que hable inglés", "en"),
        ("¿Hay alguien que habla creole?", "ht"),
    ],
)
def test_another_language_is_recognised(text: str, language: str) -> None:
    assert recognised(text) == language


@each_row(
    "text",
    [
        "kiero renobar el carnet xfa",
        "nunca m an echo la fixa, kmo la pido",
        "clases de inglés para niños",
        "¿tienen curso de portugués?",
        "mi hija está lejos y no habla inglés",
        "el sitio dice access denied, you do not have permission",
        "no me carga la pagina, dice error not found the page you requested",
        "Dice: your session has expired please login",
        "se me perdió el smart tv en la playa",
        "ola como pago el permiso pa mi auto",
        "12.345.678-5",
        "juan.perez@gmail.com",
        "",
    ],
)
def test_colloquial_spanish_is_no_other_language(text: str) -> None:
    assert recognised(text) is None


@each_row(
    ("text", "plainly"),
    [
        ("quiero pagar la patente", True),
        ("ola kiero saber cuando vence mi lisencia", True),
        ("hola", False),
        ("sí", False),
        ("how do I renew my license?", False),
        ("posso falar com uma pessoa?", False),
        ("Kijan pou m renouvle lisans mwen?", False),
        ("où payer la taxe des ordures", False),
        ("permiso de circulación", False),
        ("", False),
    ],
)
def test_plain_spanish_is_recognised(text: str, plainly: bool) -> None:
    assert is_plainly_spanish(text) is plainly


@pytest.mark.parametrize("file", ["test_messages", "dev_messages", "held_out_messages"])
def test_no_message_about_the_agencys_topics_is_taken_for_another_language(file: str) -> None:
    lines = (ROOT / "benchmarks" / f"{file}.jsonl").read_text(encoding="utf-8").splitlines()
    messages = [json.loads(line) for line in lines]
    ours = [one["text"] for one in messages if one.get("faq") and "text" in one]
    assert len(ours) > 100
    assert [text for text in ours if recognised(text)] == []


def test_each_language_has_its_texts_and_buttons_that_fit() -> None:
    texts = area("idiomas")
    assert list(texts) == list(Language)
    for one in OTHERS:
        assert all(texts[one][key].strip() for key in ("nombre", "solo_espanol", "en_la_fila", "palabras"))
        assert all(0 < len(title) <= TITLE_LIMIT for title in texts[one]["botones"].values())
        assert "{en_espera}" in texts[one]["fila_llena"]
        for section in ("avisos", "opinion", "botones"):
            assert texts[one][section].keys() == texts["en"][section].keys()
        assert texts[one].keys() - {"frases", "lo_piden"} == texts["en"].keys() - {"frases", "lo_piden"}
        assert texts[one]["opinion"].keys() <= area("canales")["opinion"].keys()
    assert len(texts["es"]["seguir"]) <= TITLE_LIMIT


def test_english_chat_has_every_label() -> None:
    spanish, english = area("widget")["etiquetas"], area("widget_en")["etiquetas"]
    assert spanish.keys() - english.keys() == SENT_AS_MESSAGES
    assert english.keys() <= spanish.keys()
    for key, text in english.items():
        assert set(PLACEHOLDER.findall(text)) == set(PLACEHOLDER.findall(spanish[key])), key


def test_danger_comes_in_the_language_and_then_as_the_agency_wrote_it(agency: Agency) -> None:
    notices = DangerNotices(agency)
    for reply in (notices.sure("suicidio"), notices.possible("gas")):
        assert reply.translations.keys() == set(OTHERS)
        assert all(text.endswith(f"\n\n{reply.text}") and "{" not in text for text in reply.translations.values())
    assert notices.sure("suicidio").translations["en"].startswith("Call now: ***4141** or **131**.")
    state = ConversationState(True, Channel.WEB, Speaker.WAITING, "7", True, (), 0)
    reminded = notices.reminded("gas", Decision(), state, "sigo aquí")
    assert [len(one.translations) for one in reminded.replies] == [len(OTHERS)]


@pytest.mark.parametrize(
    ("words", "expected"), [("Baja", "we will not send you notices"), ("alta", "our notices again")]
)
def test_opting_out_is_confirmed_in_the_language(agency: Agency, words: str, expected: str) -> None:
    message = CitizenMessage("c", Channel.WHATSAPP, "1", words, 0)
    decision = about_notices(
        message, ConversationState(True, Channel.WHATSAPP, Speaker.ASSISTANT, None, True, (), 0), agency
    )
    assert decision and expected in decision.replies[0].translations["en"]


def test_survey_is_asked_in_the_language_with_its_buttons() -> None:
    asked = question("t1", 0).in_language("en")
    assert "from 1 (very bad) to 5 (very good)" in asked.text
    assert [one.title for one in asked.buttons] == ["Very bad", "Bad", "Fair", "Good", "Very good"]


@pytest.mark.parametrize(("language", "title"), [("en", "It is an emergency"), ("ht", "Se yon ijans")])
def test_button_below_a_possible_danger_is_in_the_language(agency: Agency, language: str, title: str) -> None:
    (reply,) = DangerNotices(agency).over_small_talk("gas", Turn()).replies
    told = reply.in_language(language)
    person = area("idiomas")[language]["botones"]["persona"]
    assert [one.title for one in told.buttons] == [title, person]
    assert [one.payload for one in told.buttons] == [one.payload for one in reply.buttons]


@pytest.mark.parametrize("language", OTHERS)
def test_notices_need_no_placeholder_that_the_spanish_ones_lack(language: Language, agency: Agency) -> None:
    for key, text in area("idiomas")[language]["avisos"].items():
        spanish, theirs = set(PLACEHOLDER.findall(agency.texts[key])), set(PLACEHOLDER.findall(text))
        assert spanish - {"posicion", "nombre"} <= theirs <= spanish | {"posicion"}, key


def test_values_are_filled_in_and_the_position_is_left_for_the_script() -> None:
    told = in_other_languages("atiende_persona", nombre="Ana Soto", equipo="Tránsito")
    assert set(told) == set(OTHERS)
    assert all("Ana Soto" in text and "Tránsito" in text and "{" not in text for text in told.values())
    assert all("{posicion}" in text for text in in_other_languages("vuelve_a_fila").values())
