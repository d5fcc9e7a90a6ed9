"""Tests that follow-ups are distinguished from whole questions and that a message with two questions is split."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from bot.core.messages import Candidate
from bot.faq.answering.answerer import Answerer
from bot.faq.answering.context import Context
from bot.faq.answering.follow_up import goes_on, in_two, is_bare, turns_away
from bot.faq.answering.following import SECTION, Following
from bot.faq.answering.judgement import NO_EVIDENCE, Judgement
from bot.faq.answering.judging import KeptJudgements, Messages, judge
from bot.faq.entries.entry import Entry
from bot.faq.ranking.coefficients import tuned
from bot.faq.ranking.feature_names import FollowFeature
from bot.faq.ranking.features import nearest_over_denied
from bot.faq.ranking.index import Index
from bot.faq.ranking.vectorizer import Vectorizer
from bot.text.complaint import matter_of_complaint

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize("text", ["¿y cuánto cuesta?", "pero soy extranjera", "para mi hijo"])
def test_message_may_follow_up_the_previous_entry(text: str) -> None:
    assert goes_on(text) and not turns_away(text)


@pytest.mark.parametrize("text", ["ya lo hice, ahora necesito hora", "muchas gracias, ¿y el carnet?", "Listo."])
def test_message_may_close_the_previous_matter(text: str) -> None:
    assert turns_away(text) and not goes_on(text)


@pytest.mark.parametrize("text", ["", "   ", "¿?", "¿a qué hora pasa el camión de la basura?"])
def test_other_message_is_neither_a_follow_up_nor_a_closing(text: str) -> None:
    assert not goes_on(text) and not turns_away(text)


@pytest.mark.parametrize("text", ["¿y cuánto cuesta?", "cuánto se demora", "qué papeles piden"])
def test_question_that_fits_any_procedure_is_bare(text: str) -> None:
    assert is_bare(text)


@pytest.mark.parametrize("text", ["", " ", "renovar la licencia", "basura"])
def test_question_that_names_a_thing_is_not_bare(text: str) -> None:
    assert not is_bare(text)


@pytest.mark.parametrize("text", ["¿y cuánto cuesta?", "qué papeles piden", "y cuánto se demora"])
def test_follow_up_is_answered_with_the_previous_entry(demo: Answerer, text: str) -> None:
    decision = demo.answer(text, today=TODAY, context=Context(previous="licencia-renovar"))
    assert (decision.kind, decision.follows) == ("answer", True)
    assert decision.entry is not None and decision.entry.id.startswith("licencia")


def test_question_asked_again_is_answered_again(demo: Answerer) -> None:
    text = "como saco la patente de mi auto"
    first = demo.answer(text, today=TODAY)
    assert first.kind == "answer" and first.entry is not None
    again = demo.answer(text, today=TODAY, context=Context(previous=first.entry.id, question=text.capitalize() + "??"))
    assert (again.kind, again.entry, again.follows) == ("answer", first.entry, False)


@pytest.mark.parametrize("text", ["¿y cuánto cuesta?", "qué papeles piden", "y cuánto se demora"])
def test_follow_up_needs_a_previous_entry(demo: Answerer, text: str) -> None:
    for context in (Context(), Context(previous="no-such-entry")):
        decision = demo.answer(text, today=TODAY, context=context)
        assert not decision.follows and decision.kind != "answer"


@pytest.fixture
def judged(demo: Answerer, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Returns the texts that the demo's answerer judges in the test; its cache is empty at the beginning."""
    texts, judge_all = list[str](), Answerer._judge
    monkeypatch.setattr(Answerer, "_judge", lambda self, some: texts.extend(some.texts) or judge_all(self, some))
    monkeypatch.setattr(demo, "_kept", KeptJudgements())
    monkeypatch.setattr(demo, "_kept_ranked", KeptJudgements())
    return texts


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("a que hora pasa el camion de la basura por mi calle", 1),
        ("necesito sacar un certificado de nacimiento para mi hijo", 1),
        ("¿y a que hora pasa el camion de la basura por mi calle?", 3),
        ("camion de la basura", 3),
        ("¿y cuánto cuesta?", 3),
    ],
)
def test_only_whole_question_about_another_entry_is_judged_once(
    demo: Answerer, judged: list[str], text: str, readings: int
) -> None:
    demo.answer(text, today=TODAY, context=Context(previous="licencia-renovar", question="se me venció el carnet"))
    assert (judged[0], len(judged)) == (text, readings)


def test_parts_of_two_questions_are_ranked_only(demo: Answerer, monkeypatch: pytest.MonkeyPatch) -> None:
    ranked, recognized, judge_all = list[str](), list[str](), Answerer._judge

    def judge(self: Answerer, some: Messages) -> list[Judgement]:
        found = judge_all(self, some)
        (recognized if found[0].danger else ranked).extend(some.texts)
        return found

    monkeypatch.setattr(Answerer, "_judge", judge)
    monkeypatch.setattr(demo, "_kept", KeptJudgements())
    monkeypatch.setattr(demo, "_kept_ranked", KeptJudgements())
    text = "¿Cómo renuevo mi licencia de conducir? ¿Y a qué hora pasa el camión de la basura?"
    assert len(demo.answer(text, today=TODAY).answers) == 2
    assert recognized == [text]
    assert sorted(ranked) == sorted(text.replace("? ", "?\n").split("\n"))


def test_parts_are_embedded_with_their_message_and_no_entry_is_ranked_for_them(
    demo: Answerer, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, prepare = list[tuple[str, ...]](), Vectorizer.messages
    monkeypatch.setattr(Vectorizer, "messages", lambda self, texts: read.append(tuple(texts)) or prepare(self, texts))
    text = "a qué hora abren, es que quiero dejar todo listo antes de irme para siempre"
    judged = demo.answers(demo.read([text, "hola"]), today=TODAY)
    parts = ("es que quiero dejar todo listo antes de irme para siempre",)  # the other tells of no danger
    assert (read, len(judged)) == ([(text, "hola", *parts)], 2)


def test_dangers_and_commands_are_looked_for_in_the_message_alone(demo: Answerer) -> None:
    found = demo.following("¿y cuánto cuesta?", Context(previous="poda", question="se cayó una rama"))
    assert found.alone.danger and found.alone.command
    for joined in (found.question, found.words):
        assert (joined.danger, joined.command) == (None, None)


@pytest.mark.parametrize("text", ["quiero reclamar porque no pasa la basura", "quiero reclamar por eso"])
def test_complaint_after_an_answer_is_judged_without_what_came_before(
    demo: Answerer, judged: list[str], text: str
) -> None:
    demo.answer(text, today=TODAY, context=Context(previous="licencia-renovar"))
    assert set(judged) <= {text, matter_of_complaint(text)}


MESSAGES = (
    "¿y para pagar una multa de tránsito?",
    "hay un olor raro en la cocina de mi casa",
    "páseme con un cristiano",
    "¿Cómo renuevo mi licencia de conducir?",
    "me siento muy sola y ya no quiero seguir",
)


def test_message_is_judged_the_same_alone_and_beside_others(demo: Answerer) -> None:
    together = judge(demo.read(MESSAGES), *demo.ranked, demo._candidates)
    assert any(one.danger and one.danger.possible(despite_answer=False) for one in together)
    assert any(one.command and one.command.sure for one in together)
    for text, found in zip(MESSAGES, together, strict=True):
        (alone,) = judge(demo.read([text]), *demo.ranked, demo._candidates)
        assert _told(alone) == _told(found)


def _told(judged: Judgement) -> tuple[object, ...]:
    return judged.candidates, judged.danger, judged.command, judged.chitchat, judged.out_of_scope_topic


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("a que hora pasa el camion de la basura", "basura-horario"),
        ("necesito un certificado de nacimiento", "cert-nacimiento"),
        ("quiero bloquear mi carnet perdido", "cedula-bloquear"),
    ],
)
def test_complete_new_question_is_never_a_follow_up(demo: Answerer, text: str, entry: str) -> None:
    after = demo.answer(text, today=TODAY, context=Context(previous="licencia-renovar"))
    assert after.entry is not None and (after.entry.id, after.follows) == (entry, False)


@pytest.mark.parametrize(
    ("previous", "text"),
    [
        ("cesfam-hora", "¿y las licencias médicas?"),
        ("bache", "¿y el corte de agua?"),
        ("claveunica-obtener", "¿y si es para mi empresa?"),
        ("mascota-registro", "¿y las gallinas?"),
        ("bache", "gracias"),
    ],
)
def test_question_that_no_entry_answers_is_not_answered_with_the_previous_entry(
    demo: Answerer, previous: str, text: str
) -> None:
    assert demo.answer(text, today=TODAY, context=Context(previous=previous)).kind != "answer"


@pytest.mark.parametrize(
    ("previous", "text", "right"),
    [
        ("pgu", "y como obtengo la claveunica", "claveunica-obtener"),
        ("licencia-renovar", "y cuánto cuesta?", "licencia-renovar"),
        ("mascota-registro", "¿y dónde es?", "mascota-registro"),
    ],
)
def test_question_for_a_section_is_about_the_entry_that_it_names(
    demo: Answerer, previous: str, text: str, right: str
) -> None:
    decision = demo.answer(text, today=TODAY, context=Context(previous=previous))
    assert decision.candidates[0].entry == right and decision.kind in {"answer", "clarify"}


@pytest.mark.parametrize(
    ("previous", "text", "never"),
    [
        ("cert-nacimiento", "y donde queda la oficina", "horario-muni"),
        ("cert-nacimiento", "me lo pueden mandar por correo?", "rsh-cartola"),
        ("licencia-renovar", "y si soy extranjero", "cedula-precio"),
        ("permiso-circulacion", "se puede pagar con tarjeta?", "cedula-precio"),
        ("nacimiento-inscribir", "y el segundo cuanto cuesta", "permiso-segunda-cuota"),
    ],
)
def test_message_that_names_nothing_is_about_no_other_subject(
    demo: Answerer, previous: str, text: str, never: str
) -> None:
    decision = demo.answer(text, today=TODAY, context=Context(previous=previous))
    assert decision.candidates[0].entry == previous and decision.kind in {"answer", "clarify"}
    assert never not in {one.entry for one in decision.candidates if one.confidence}


def test_opening_hours_are_possible_after_an_entry_of_the_agency_itself(demo: Answerer) -> None:
    text, hours = "y a qué hora atienden?", "horario-muni"
    after = ("bache", "licencia-renovar", "cert-nacimiento")  # the second one's answer leads to the agency's site
    assert [hours in demo.following(text, Context(previous=one)).strangers for one in after] == [False, False, True]


@pytest.mark.parametrize(
    "text", ["se puede pagar con tarjeta?", "me lo pueden mandar por correo?", "no tengo rut todavía"]
)
def test_message_that_does_not_say_what_it_wants_is_not_answered(demo: Answerer, text: str) -> None:
    assert demo.answer(text, today=TODAY).kind != "answer"


def test_question_for_a_section_of_another_entry_is_no_follow_up_of_the_previous_one(demo: Answerer) -> None:
    least = [
        demo.following(text, Context(previous="poda")).least
        for text in ("cuánto cuesta el aseo", "¿y cuánto cuesta?", "¿y eso?")
    ]
    assert least == [0.0, SECTION, 0.0]


@pytest.mark.parametrize(
    ("previous", "text", "named"),
    [
        ("escombros-retiro", "cuánto cuesta el aseo", "aseo-pago"),
        ("licencia-renovar", "cuánto vale el pasaporte", "pasaporte"),
        ("mascota-registro", "cuánto cuesta el certificado de antecedentes", "cert-antecedentes"),
    ],
)
def test_entry_sent_last_never_answers_for_one_that_the_message_names(
    demo: Answerer, previous: str, text: str, named: str
) -> None:
    decision = demo.answer(text, today=TODAY, context=Context(previous=previous))
    told = {one.id for one in decision.answers} or {one.entry for one in decision.candidates}
    assert previous not in {one.id for one in decision.answers} and named in told


@pytest.mark.parametrize(
    ("previous", "text"),
    [("poda", "tiene costo?"), ("cedula-bloquear", "¿tiene costo?"), ("matrimonio-hora", "¿Qué tenemos que llevar?")],
)
def test_question_for_a_section_that_names_no_entry_is_about_the_entry_sent_last(
    demo: Answerer, previous: str, text: str
) -> None:
    """Checks that another entry counts only if the message names something: «tiene costo» resembles a price list."""
    found = demo.following(text, Context(previous=previous))
    assert found.alone.best.entry != previous and found.alone.best.confidence >= demo.thresholds.offer
    assert found.least == SECTION


def test_message_with_a_keyword_of_another_entry_names_it(demo: Answerer) -> None:
    index, _ = demo.ranked
    found = demo.following("¿y el de nacimiento?", Context(previous="cert-matrimonio"))
    named = found.features(index)[:, list(FollowFeature).index(FollowFeature.NAMED)]
    by_entry = dict(zip((one.entry for one in found.candidates), named, strict=True))
    assert (by_entry["cert-nacimiento"], by_entry["cert-matrimonio"]) == (1.0, 0.0)
    assert found.ranked(index)[0].entry == "cert-nacimiento"


@pytest.mark.parametrize(("under", "kind"), [(0.01, "clarify"), (0.0, "answer")])
def test_follow_up_is_answered_from_a_probability_of_its_own(
    demo: Answerer, monkeypatch: pytest.MonkeyPatch, under: float, kind: str
) -> None:
    least = tuned().following.minimum_answer
    assert demo.thresholds.answer < least
    candidate = Candidate("poda", "poda", least - under)
    monkeypatch.setattr(Following, "ranked", lambda self, index: (candidate,))
    assert demo.answer("y las ramas?", today=TODAY, context=Context(previous="poda")).kind == kind


def test_entry_without_counterexamples_has_no_lead_over_them() -> None:
    evidence = replace(NO_EVIDENCE, nearest=np.array([[0.9, 0.6, 0.5]], np.float32))
    index = cast("Index", SimpleNamespace(denied=np.array([2, 3]), classes=3))
    assert nearest_over_denied(evidence, index, np.array([0, 1])).tolist() == pytest.approx([0.4, 0.0])


def test_a_follow_up_is_answered_by_what_the_citizen_named(demo: Answerer) -> None:
    """Checks that the citizen's words count, because the entry's question does not mention cats."""
    text, words = "¿y cuánto tiempo tengo para inscribirlo?", "adopté un gato hace un mes, ¿le pongo chip?"
    (without, with_words) = (
        demo.following(text, Context(previous="mascota-registro", question=one)) for one in ("", words)
    )
    assert without.words == without.question and with_words.words != with_words.question
    assert with_words.alone == without.alone


def test_denied_entry_has_no_chance(demo: Answerer) -> None:
    index, _ = demo.ranked
    found: Following = demo.following("¿y cuánto cuesta?", Context(previous="poda"))
    assert found.ranked(index)[0].entry == "poda"
    (denied,) = (one for one in replace(found, denied=True).ranked(index) if one.entry == "poda")
    assert denied.confidence == 0


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "¿Cómo renuevo la licencia? ¿Y dónde pago el permiso de circulación?",
            ("¿Cómo renuevo la licencia?", "¿Y dónde pago el permiso de circulación?"),
        ),
        (
            "quiero renovar la licencia y además necesito un certificado de nacimiento",
            ("quiero renovar la licencia", "y además necesito un certificado de nacimiento"),
        ),
    ],
)
def test_message_with_two_questions_is_split_into_the_two(text: str, parts: tuple[str, str]) -> None:
    assert parts in [one.parts for one in in_two(text)]


@pytest.mark.parametrize(
    "text",
    ["", "hola", "¿cómo renuevo la licencia?", "perro y gato", "¿Cómo renuevo la licencia? gracias", "¿?.,;" * 20],
)
def test_one_question_is_not_split(text: str) -> None:
    assert in_two(text) == []


def test_message_is_split_a_few_times_at_most() -> None:
    text = "cómo pago la patente y dónde pago la multa, " * 40
    assert len(in_two(text)) == tuned().follow_up.maximum_cuts


def test_two_questions_get_two_answers(demo: Answerer) -> None:
    decision = demo.answer(
        "¿Cómo renuevo mi licencia de conducir? ¿Y a qué hora pasa el camión de la basura?", today=TODAY
    )
    assert decision.kind == "answer" and decision.entry is not None and decision.also is not None
    assert (decision.entry.id, decision.also.id) == ("licencia-renovar", "basura-horario")


@pytest.mark.parametrize(
    ("text", "answered", "unanswered"),
    [
        (
            "me mude y tengo que cambiar la direccion del registro social y sacar hora al dentista",
            ["rsh-actualizar", "cesfam-hora"],
            None,
        ),
        (
            "quiero renovar la licencia y también saber cómo arriendo la cancha municipal",
            ["licencia-renovar"],
            "second",
        ),
        (
            "necesito el certificado de residencia, y de paso cuanto cuesta el permiso de circulacion",
            ["permiso-circulacion"],
            "first",
        ),
        ("mi mamá está postrada y yo trabajo, quién puede retirar sus remedios", ["medicamentos-retiro"], None),
    ],
)
def test_sure_parts_are_answered_and_another_is_said_to_be_unanswered(
    demo: Answerer, text: str, answered: list[str], unanswered: str | None
) -> None:
    decision = demo.answer(text, today=TODAY)
    assert (decision.kind, [one.id for one in decision.answers]) == ("answer", answered)
    assert (decision.beside, decision.unanswered) == (None, unanswered)


@pytest.mark.parametrize(
    ("text", "answered", "offered"),
    [
        ("¿y cuánto cuesta?", "licencia-renovar", []),
        ("¿y a qué hora?", "basura-horario", []),
        ("¿y dónde?", None, ["licencia-renovar", "basura-horario"]),
    ],
)
def test_follow_up_to_two_answers_is_about_the_one_that_says_it_or_asks_which(
    demo: Answerer, text: str, answered: str | None, offered: list[str]
) -> None:
    question = "quiero renovar la licencia y también saber cuando pasa la basura por mi calle"
    context = Context(previous="basura-horario", other="licencia-renovar", question=question)
    decision = demo.answer(text, today=TODAY, context=context)
    assert (decision.entry and decision.entry.id) == answered
    assert [one.entry for one in decision.candidates if decision.kind == "clarify"] == offered


def test_question_that_joins_its_parts_gets_one_answer(demo: Answerer) -> None:
    decision = demo.answer("quiero bloquear mi carnet perdido para que nadie lo use", today=TODAY)
    assert (decision.kind, decision.also) == ("answer", None)


@pytest.mark.parametrize(("over", "second"), [(0.01, None), (0.14, "basura-horario")])
def test_second_answer_is_given_only_when_both_are_sure_enough(
    demo: Answerer, monkeypatch: pytest.MonkeyPatch, over: float, second: str | None
) -> None:
    surely = min(demo.thresholds.answer + over, 0.99)

    def judged(text: str) -> Judgement:
        one, other = (Candidate(id, id, surely) for id in ("licencia-renovar", "basura-horario"))
        return Judgement((other, one) if text.startswith("¿Y") else (one, other), chitchat=0.0, out_of_scope_topic=None)

    monkeypatch.setattr(demo, "_judged", judged)
    monkeypatch.setattr(demo, "_ranked", lambda text: [judged(text)])
    also = demo.answer("¿Cómo renuevo la licencia? ¿Y cuándo pasa la basura por mi casa?", today=TODAY).also
    assert (also and also.id) == second


@pytest.mark.parametrize(
    ("text", "most"),
    [
        ("¿Cómo renuevo mi licencia de conducir? ¿Y a qué hora pasa el camión de la basura?", 3),
        ("Mi licencia de conducir vence en mayo y deseo renovarla. ¿Qué documentos y exámenes son necesarios?", 1),
        ("Quisiera saber cómo se constituye un sindicato y en qué oficina se deposita el acta", 1),
    ],
)
def test_parts_are_judged_only_when_both_name_something_else(
    demo: Answerer, judged: list[str], text: str, most: int
) -> None:
    """Checks how often a part is judged, because the judgement is the slow step."""
    demo.answer(text, today=TODAY)
    assert len(judged) == most


def test_counterexample_of_the_entry_just_sent_is_no_follow_up(demo: Answerer) -> None:
    for text in (
        "Reporté un bache hace dos meses y no lo han tapado",
        "reporté el bache hace tres meses y no lo tapan",
    ):
        decision = demo.answer(text, today=TODAY, context=Context(previous="bache"))
        assert not decision.follows and (decision.entry is None or decision.entry.id != "bache")


def test_no_counterexample_is_answered_or_offered_with_its_entry(
    demo: Answerer, demo_entries: tuple[Entry, ...]
) -> None:
    for entry in demo_entries:
        text = entry.counterexamples[0] if entry.counterexamples else ""
        for context in (Context(), Context(previous=entry.id)):
            decision = demo.answer(text, today=TODAY, context=context)
            told = {one.id for one in decision.answers}
            told |= {one.entry for one in decision.candidates if decision.kind == "clarify"}
            assert entry.id not in told, text


def test_part_that_another_body_handles_is_referred_below_the_answer(demo: Answerer) -> None:
    decision = demo.answer("quiero pagar una multa y aparte necesito saber como me cambio de afp", today=TODAY)
    assert (decision.kind, [one.id for one in decision.answers]) == ("answer", ["multas-pago"])
    assert decision.unanswered == "second"
    assert decision.out_of_scope_topic and decision.out_of_scope_topic.name == "cambio-afp"


@pytest.mark.parametrize(
    ("text", "answered", "beside"),
    [
        (
            "tengo 66 años quiero la pgu, la vacuna de la influenza y no pagar el aseo",
            "pgu",
            "aseo-exencion",
        ),
        (
            "necesito un abogado gratis para la pension de mi hijo y un certificado de nacimiento",
            "abogado-gratis",
            None,
        ),
        ("cómo renuevo la licencia de conducir si ya se me venció hace tres meses", "licencia-renovar", None),
    ],
)
def test_entry_of_another_part_is_offered_beside_the_answer(
    demo: Answerer, text: str, answered: str, beside: str | None
) -> None:
    decision = demo.answer(text, today=TODAY)
    assert decision.entry is not None and decision.entry.id == answered
    assert (decision.beside.entry if decision.beside else None) == beside


def test_days_after_the_opening_hours_are_about_them(demo: Answerer) -> None:
    decision = demo.answer("y mañana sábado", today=TODAY, context=Context(previous="horario-muni"))
    assert decision.kind == "answer" and decision.entry is not None and decision.entry.id == "horario-muni"
