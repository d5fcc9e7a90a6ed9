"""Tests that out-of-scope topics are referred by name, and that unknown topics and chitchat get no name."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date

import numpy as np
import pytest

from bot.faq.answering.answerer import Answerer
from bot.faq.entries.entry import Entry
from bot.faq.ranking.evidence import Evidence
from bot.faq.ranking.out_of_scope import out_of_scope_topic_of, outweighed_by_chitchat
from bot.faq.ranking.vectorizer import Vectorizer
from tests.faq_files import agency

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("message", "out_of_scope_topic"),
    [
        ("¿Hasta qué hora funciona el metro los festivos?", "metro-horario-estado"),
        (
            "el auto usado que compré en la automotora tiene defectos ocultos, ¿me lo cambian?",
            "automotora-auto-fallado",
        ),
        ("quiero denunciar que un restorán evade impuestos y nunca da boleta", "sii-denuncia-evasion"),
        ("qué pasa con los bienes si se disuelve una organización comunitaria", "disolucion-organizacion"),
    ],
)
def test_catalogued_topic_is_referred_by_name(demo: Answerer, message: str, out_of_scope_topic: str) -> None:
    decision = demo.answer(message, today=TODAY)
    assert decision.out_of_scope_topic is not None and decision.out_of_scope_topic.name == out_of_scope_topic
    assert decision.kind == ("handoff" if decision.out_of_scope_topic.is_agencys else "refer")
    assert decision.entry is None


@pytest.mark.parametrize(
    ("name", "listed", "kind"),
    [
        ("Cooperativa de Agua Potable Rural", (), "handoff"),
        ("Cooperativa de Servicios El Sauce", ("Empresa sanitaria",), "handoff"),
        ("Museo de Historia Natural", (), "refer"),
        ("Municipalidad de Los Aromos", (), "refer"),
    ],
)
def test_agency_refers_no_topic_that_may_be_its_own(
    few: tuple[Entry, ...], space: Vectorizer, name: str, listed: tuple[str, ...], kind: str
) -> None:
    answerer = Answerer(few, space, replace(agency(), name=name, own_topics=frozenset(listed)))
    topics = {one.name: one for one in answerer.ranked[0].out_of_scope_topics}
    assert topics["medidor-agua-robado"].is_agencys is (kind == "handoff") and not topics["cambio-afp"].is_agencys
    decision = answerer.answer("me robaron el medidor del agua", today=TODAY)
    assert (decision.kind, decision.out_of_scope_topic is None) == (kind, kind == "handoff")


@pytest.mark.parametrize(
    ("name", "is_own"), [("Cooperativa de Servicios El Sauce", True), ("Municipalidad de Los Aromos", False)]
)
def test_topic_alike_to_an_entry_may_be_the_agencys_own(
    few: tuple[Entry, ...], space: Vectorizer, name: str, is_own: bool
) -> None:
    variants = ("puedo pagar en cuotas", "repactar deuda")
    own = replace(few[0], id="convenio", question="¿Cómo hago un convenio de pago?", variants=variants)
    answerer = Answerer((*few, own), space, replace(agency(), name=name))
    found = {one.name: one.is_agencys for one in answerer.ranked[0].out_of_scope_topics}
    assert found["tgr-deuda-convenio"] is is_own


def test_topic_that_the_agency_itself_listed_as_anothers_stays_so(
    few: tuple[Entry, ...], space: Vectorizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = tuple(replace(one, is_listed=one.name == "medidor-agua-robado") for one in space.out_of_scope_topics)
    monkeypatch.setattr(space, "out_of_scope_topics", said)
    answerer = Answerer(few, space, replace(agency(), name="Cooperativa de Agua Potable Rural"))
    found = {one.name: one.is_agencys for one in answerer.ranked[0].out_of_scope_topics}
    assert (found["medidor-agua-robado"], found["corte-agua"]) == (False, True)


def test_catalogue_utterances_are_recognised(demo: Answerer, space: Vectorizer) -> None:
    """Checks most utterances: the others are about an entry's matter too, or about two matters."""
    asked = space.out_of_scope_topics[::60]
    found = [demo.answer(out_of_scope_topic.utterances[0], today=TODAY) for out_of_scope_topic in asked]
    assert sum(one.out_of_scope_topic is not None for one in found) >= 0.8 * len(asked)
    assert all(
        (one.kind == "handoff") == one.out_of_scope_topic.is_agencys and one.kind in ("handoff", "refer")
        for one in found
        if one.out_of_scope_topic
    )


@pytest.mark.parametrize(
    "message",
    [
        "hola buenas tardes",
        "asdf qwer zxcv",
        "eres un inútil",
        "the weather is lovely today",
        "mi primo colecciona estampillas de ferrocarriles austrohúngaros",
    ],
)
def test_uncatalogued_question_names_no_topic(demo: Answerer, message: str) -> None:
    decision = demo.answer(message, today=TODAY)
    assert decision.out_of_scope_topic is None and decision.kind in ("scope", "handoff", "clarify")


@pytest.mark.parametrize(
    "message", ["¿quién es el mejor jugador de la historia?", "hola, ¿cómo estás?", "me siento un poco triste"]
)
def test_chitchat_is_out_of_scope(demo: Answerer, message: str) -> None:
    assert demo.answer(message, today=TODAY).kind == "scope"


def test_entry_beats_a_neighbouring_topic(demo: Answerer) -> None:
    decision = demo.answer("¿cómo renuevo mi cédula de identidad?", today=TODAY)
    assert (decision.kind, decision.out_of_scope_topic) == ("answer", None)


def test_agency_without_entries_hands_everything_off(space: Vectorizer) -> None:
    assert Answerer((), space, agency()).answer("¿hasta qué hora anda el metro?", today=TODAY).kind == "handoff"


def evidence(*scores: float) -> Evidence:
    """Returns the evidence of one message, with each class as near as its score."""
    row = np.array([scores], dtype=np.float32)
    return Evidence(row, np.clip(row, 0, 1), *[row] * (len(fields(Evidence)) - 2))


def test_topic_is_recognised_when_it_leads_clearly() -> None:
    assert out_of_scope_topic_of(evidence(0.0, 0.9, 0.1, 0.0), slice(1, 3)) == 0
    assert out_of_scope_topic_of(evidence(0.0, 0.1, 0.9, 0.0), slice(1, 3)) == 1
    assert out_of_scope_topic_of(evidence(0.9, 0.1, 0.1, 0.0), slice(1, 3)) is None
    assert out_of_scope_topic_of(evidence(0.0, 0.02, 0.02, 0.0), slice(1, 3)) is None


def test_without_a_catalogue_no_topic_is_recognized() -> None:
    assert out_of_scope_topic_of(evidence(0.2, 0.9), slice(1, 1)) is None


@pytest.mark.parametrize("scores", [(0.0, 0.3, 0.0), (0.5, 0.0, 0.0), (0.5, 0.2)])
def test_unlikely_chitchat_outweighs_nothing(scores: tuple[float, ...]) -> None:
    assert outweighed_by_chitchat(evidence(*scores), 2) == 0


def test_surer_chitchat_outweighs_likelier_entries() -> None:
    hardly, fairly, surely = (outweighed_by_chitchat(evidence(0.0, 0.0, one), 2) for one in (0.05, 0.07, 0.3))
    assert 0 < hardly < 0.1 < fairly < 0.3 < surely


def test_agency_that_is_no_municipality_claims_no_municipal_topic(
    demo: Answerer, demo_entries: tuple[Entry, ...], space: Vectorizer
) -> None:
    message = "¿Cómo arriendo un salón municipal para una ceremonia?"
    topic = demo.answer(message, today=TODAY).out_of_scope_topic
    assert topic is not None and topic.is_agencys
    hospital = Answerer(demo_entries, space, replace(agency(), name="Hospital San Rafael"))
    decision = hospital.answer(message, today=TODAY)
    assert (decision.kind, decision.out_of_scope_topic) == ("handoff", None)
