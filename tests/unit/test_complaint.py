"""Tests which messages count as complaints, and about which matter."""

from __future__ import annotations

from bot.text.complaint import complains, matter_of_complaint
from tests.rows import each_row


@each_row(
    ("words", "matter"),
    [
        ("quiero reclamar que no pasa el camión", "no pasa el camión"),
        ("Hola, vengo a reclamar porque el hoyo sigue ahí", "Hola, el hoyo sigue ahí"),
        ("kiero aser un reclamo xq no pasa la vasura", "no pasa la vasura"),
        ("necesito poner una queja por ruido", "ruido"),
        ("quisiéramos presentar un reclamo formal contra el inspector", "el inspector"),
        ("mi calle está a oscuras, quiero reclamar", "mi calle está a oscuras,"),
        ("tengo un reclamo por la poda", "la poda"),
        ("me quiero quejar de la atención", "la atención"),
        ("Reclamo porque no hay luz", "no hay luz"),
        ("quiero reclamar por el estado en que está la plaza", "el estado en que está la plaza"),
        ("quiero reclamar que donde vivo no se puede dormir", "donde vivo no se puede dormir"),
        ("tenemos un reclamo xq la chofer, como siempre, no paró", "la chofer, como siempre, no paró"),
        ("quiero reclamar", ""),
        ("quiero reclamar, la bici no tenía frenos y casi choco", "la bici no tenía frenos y casi choco"),
        ("Vengo a dejar un reclamo: nadie contesta", "nadie contesta"),
    ],
)
def test_complaint_is_recognized_by_words_that_stand_together(words: str, matter: str) -> None:
    assert complains(words)
    assert matter_of_complaint(words) == matter


@each_row(
    "words",
    [
        "",
        "no quiero reclamar, solo saber si está listo",
        "quiero retirar mi reclamo",
        "necesito una copia de mi reclamo",
        "quería saber el teléfono de la oficina de reclamos",
        "quiero reclamar mi herencia",
        "¿dónde se reclama por un hoyo?",
        "¿dónde hago un reclamo?",
        "reclamo 179-610",
        "tengo un reclamo pendiente",
        "tengo un reclamo",
        "tengo un reclamo que hacer",
        "tengo un reclamo de hace un mes y nadie me responde",
        "¿Reclamo por internet o tengo que ir?",
        "quiero reclamar por un hoyo, es por internet?",
        "Reclamo por multa de tránsito CÓMO se hace",
        "reclamo x una multa komo lo ago",
        "quiero reclamar por un hoyo y no se donde",
        "quiero reclamar por un hoyo si se puede",
        "quiero reclamar por mi solicitud y saber en que esta",
        "reclamo por el bono marzo, en q va",
    ],
)
def test_questions_and_other_words_about_complaints_are_none(words: str) -> None:
    assert not complains(words)
    assert matter_of_complaint(words) is None
