"""Measures with the real encoder which messages count as being about a notice of the prepared packs."""

from __future__ import annotations

import pytest

from bot.desk.crisis.packs import packs
from bot.faq.answering.answerer import Answerer
from bot.faq.answering.notices import NoticeUtterances
from tests.conftest import ROOT

UTTERANCES = {name: pack.sobre for name, pack in packs(ROOT / "data").items()}
# None is an utterance of a pack.
ABOUT = {
    "corte-de-agua": [
        "no tengo agua en mi casa",
        "kuando vuelbe el agua",
        "hasta que hora dura el corte de agua",
        "abro la llave y no cae nada",
        "cortaron el agua sin avisar",
    ],
    "sismo": ["que fuerte el temblor", "hay peligro de tsunami?", "habra replicas mas fuertes"],
    "incendio": ["se quema el cerro", "tenemos que evacuar por el fuego?", "ya apagaron el incendio forestal?"],
    "temporal": ["hay clases mañana con esta lluvia?", "mi calle esta inundada", "el viento boto un arbol"],
    "estafa": ["este mensaje es de verdad de la municipalidad?", "me llamo alguien de la muni y me pidio plata"],
    "sistema-caido": ["no carga la pagina", "la web de la muni esta caida", "no funciona el sistema"],
}
LOOK_ALIKES = [
    "como pago la cuenta del agua",
    "cuando vuelve la encargada de vivienda",
    "cuando vuelve a pasar el camion de la basura",
    "a que hora abren hoy",
    "ya volvio el doctor al consultorio",
    "cuando vuelvo a postular al subsidio",
    "subsidio de agua potable",
    "hay una fuga de agua en la calle",
    "certificado de factibilidad de agua potable",
    "no hay luz",
    "corte de calle",
    "corte de pelo",
    "no sale mi hora",
    "permiso para quemar pastizales",
    "seguro de incendio",
    "necesito un albergue para perros",
    "quiero podar un árbol",
    "horario de clases de natación",
    "quiero pagar una multa de tránsito",
    "me llegó una multa por tag",
    "clave única cómo la saco",
    "el semáforo no funciona",
    "como pago el permiso de circulación en línea",
    "quiero arreglar la muralla de mi casa",
    "quiero hablar con una persona",
    "hola buenas tardes",
    "muchas gracias",
]


def test_every_answerer_compares_messages_with_notices(demo: Answerer) -> None:
    assert isinstance(demo.notices, NoticeUtterances)


def test_messages_about_a_notice_are_found_by_meaning(demo: Answerer) -> None:
    asked = [(name, text) for name, texts in ABOUT.items() for text in texts]
    missed = [(name, text) for name, text in asked if demo.notices.about(text, {name: UTTERANCES[name]}) != name]
    assert missed == []


def test_look_alikes_are_left_to_the_entries(demo: Answerer) -> None:
    assert [(text, found) for text in LOOK_ALIKES if (found := demo.notices.about(text, UTTERANCES))] == []


def test_few_utterances_are_enough_for_messages_near_to_them(demo: Answerer) -> None:
    few = {"1.1": ("no sale agua", "¿cuándo vuelve el agua?")}
    assert [demo.notices.about(text, few) for text in ("no tengo agua en mi casa", "desde cuando vuelve el agua")] == [
        "1.1",
        "1.1",
    ]


@pytest.mark.parametrize("text", ["a que hora vuelve", "ya volvio"])
def test_question_when_the_water_returns_needs_no_word_of_water(demo: Answerer, text: str) -> None:
    assert demo.notices.about(text, {"1.1": UTTERANCES["corte-de-agua"]}) == "1.1"


@pytest.mark.parametrize("text", ["no me sale ni una gota", "¡NO ME SALE NI UNA GOTA!"])
def test_utterance_itself_is_always_about_its_notice(demo: Answerer, text: str) -> None:
    assert demo.notices.about(text, {"1.1": ("no me sale ni una gota",), "2.1": ()}) == "1.1"


@pytest.mark.parametrize("text", ["", "…", "   "])
def test_nothing_readable_is_about_no_notice(demo: Answerer, text: str) -> None:
    assert demo.notices.about(text, UTTERANCES) == ""
