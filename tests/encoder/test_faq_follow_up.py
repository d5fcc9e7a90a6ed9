"""Tests that follow-ups are told from whole questions and that a message with two questions is split."""

from __future__ import annotations

from datetime import date

import pytest

from bot.core.messages import Candidate
from bot.faq.answering.answerer import Answerer
from bot.faq.answering.context import Context
from bot.faq.answering.follow_up import in_two, is_bare, leans
from bot.faq.answering.judgement import Judgement
from bot.faq.entries.entry import Entry
from bot.faq.ranking.coefficients import tuned
from bot.faq.words.keywords import content_stems

TODAY = date(2026, 11, 24)
LICENCE = content_stems("¿Cómo renuevo mi licencia de conducir?")
ELLIPTIC = (
    "¿y cuánto cuesta?",
    "y cuanto sale",
    "qué papeles piden",
    "¿y si lo perdí?",
    "para mi hijo",
    "y dónde queda",
    "en cuánto tiempo lo entregan",
    "y los sábados atienden?",
    "se puede por internet?",
    "entonces qué llevo",
)
WHOLE = (
    "¿a qué hora pasa el camión de la basura?",
    "cómo inscribo a mi perro en el registro de mascotas",
    "necesito un certificado de nacimiento de mi abuela",
    "hay un hoyo enorme frente a mi casa y ya se han caído dos personas",
    "quiero pagar una multa del juzgado de policía local",
    "",
    "   ",
)


@pytest.mark.parametrize("text", ELLIPTIC)
def test_elliptic_message_depends_on_the_previous_entry(text: str) -> None:
    assert leans(text, LICENCE)


@pytest.mark.parametrize("text", WHOLE)
def test_whole_question_depends_on_nothing(text: str) -> None:
    assert not leans(text, LICENCE)


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


@pytest.mark.parametrize("text", ["¿y cuánto cuesta?", "qué papeles piden", "y cuánto se demora"])
def test_follow_up_needs_a_previous_entry(demo: Answerer, text: str) -> None:
    for context in (Context(), Context(previous="no-such-entry")):
        decision = demo.answer(text, today=TODAY, context=context)
        assert not decision.follows and decision.kind != "answer"


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("a que hora pasa el camion de la basura", "basura-horario"),
        ("necesito un certificado de nacimiento", "cert-nacimiento"),
        ("quiero bloquear mi carnet perdido", "cedula-bloquear"),
    ],
)
def test_complete_new_question_is_never_a_follow_up(demo: Answerer, text: str, entry: str) -> None:
    alone = demo.answer(text, today=TODAY)
    after = demo.answer(text, today=TODAY, context=Context(previous="licencia-renovar"))
    assert after == alone
    assert after.entry is not None and after.entry.id == entry


@pytest.mark.parametrize(
    ("previous", "text", "kind"),
    [
        ("cesfam-hora", "¿y las licencias médicas?", "clarify"),  # an article before what the entry never names
        ("bache", "¿y el corte de agua?", "refer"),  # a topic of the catalogue
        ("bache", "ya, ¿y la vereda también?", "answer"),
    ],
)
def test_message_that_goes_on_to_another_thing_is_no_follow_up(
    demo: Answerer, previous: str, text: str, kind: str
) -> None:
    assert demo.answer(text, today=TODAY, context=Context(previous=previous)).kind == kind


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
def test_message_with_two_questions_is_split_between_them(text: str, parts: tuple[str, str]) -> None:
    assert parts in list(in_two(text, certain=False))


@pytest.mark.parametrize(
    "text",
    ["", "hola", "¿cómo renuevo la licencia?", "perro y gato", "¿Cómo renuevo la licencia? gracias", "¿?.,;" * 20],
)
def test_one_question_is_not_split(text: str) -> None:
    assert list(in_two(text, certain=False)) == []


def test_message_is_split_a_few_times_at_most() -> None:
    text = "cómo pago la patente y dónde pago la multa, " * 40
    assert len(list(in_two(text, certain=True))) == tuned().follow_up.maximum_cuts


def test_two_questions_get_two_answers(demo: Answerer) -> None:
    decision = demo.answer(
        "¿Cómo renuevo mi licencia de conducir? ¿Y a qué hora pasa el camión de la basura?", today=TODAY
    )
    assert decision.kind == "answer" and decision.entry is not None and decision.also is not None
    assert (decision.entry.id, decision.also.id) == ("licencia-renovar", "basura-horario")


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
        return Judgement(
            (other, one) if text.startswith("¿Y") else (one, other), chitchat=False, out_of_scope_topic=None
        )

    monkeypatch.setattr(demo, "_judged", judged)
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
    demo: Answerer, monkeypatch: pytest.MonkeyPatch, text: str, most: int
) -> None:
    """Skips the judgement otherwise, since it is the slow step."""
    asked: list[str] = []
    judged = demo._judged
    monkeypatch.setattr(demo, "_judged", lambda one: asked.append(one) or judged(one))
    demo.answer(text, today=TODAY)
    assert len(asked) == most


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
