"""Tests which questions are suggested to the editor of an entry as those that its answer does not answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.desk.editing.form import Form
from bot.desk.editing.marking.unsaid import MANY, subject_of, unsaid
from bot.faq.entries.phrases import Phrase

PERMIT = Form({"pregunta": "¿Cómo renuevo mi permiso de feriante?"}, ("renovar permiso",), (), "Ven a la oficina.")
REFUND = "pagué dos veces lo de mi permiso de feriante, ¿me devuelven la plata?"
COST = "¿cuánto hay que pagar por mi permiso de feriante?"
WHERE = "¿dónde tengo que ir por lo de mi permiso de feriante?"


@pytest.mark.parametrize(
    ("question", "subject"),
    [
        ("¿Cómo renuevo mi permiso de feriante?", "mi permiso de feriante"),
        ("¿Cómo postulo a un puesto en la feria para vender?", "el puesto en la feria"),
        ("Perdí la credencial, ¿cómo saco otra?", "la credencial"),
        ("¿Hay rebaja o exención del derecho de feria?", "el derecho de feria"),
        ("¿Qué hago si llego tarde a la?", "renovar permiso"),
        ("¿Reciben donaciones?", "renovar permiso"),
        ("¿Se puede tramitar el IVA por internet?", "el IVA por internet"),
    ],
)
def test_subject_is_the_first_noun_phrase_of_the_question_or_a_short_utterance(question: str, subject: str) -> None:
    assert subject_of(replace(PERMIT, fields={"pregunta": question})) == subject


def test_nothing_is_suggested_without_a_subject() -> None:
    bare = replace(PERMIT, fields={"pregunta": "¿Reciben donaciones?"}, variants=("donar",))
    assert (subject_of(bare), unsaid(bare)) == ("", ())


@pytest.mark.parametrize(
    ("answer", "missing"),
    [
        ("Ven a la oficina.", WHERE),
        ("Cuesta $3.500.", COST),
        ("Es GRATUITO.", COST),
        ("La devolución se pide en la caja.", REFUND),
        ("Si pagaste de más, te lo reembolsamos.", REFUND),
    ],
)
def test_question_whose_words_the_answer_has_is_not_suggested(answer: str, missing: str) -> None:
    assert missing in unsaid(replace(PERMIT, answer="Hola."))
    assert missing not in unsaid(replace(PERMIT, answer=answer))


def test_word_counts_only_at_its_beginning() -> None:
    assert COST in unsaid(replace(PERMIT, answer="Ven con tu equivalente."))


def test_question_that_is_an_utterance_or_a_counterexample_is_not_suggested_again() -> None:
    assert {REFUND, COST} <= set(unsaid(PERMIT))
    denied = Phrase(REFUND.upper(), counterexample=True)
    left = unsaid(replace(PERMIT, variants=(COST.strip("¿?"),), counterexamples=(denied,)))
    assert not {REFUND, COST} & set(left)


def test_entry_with_many_counterexamples_gets_no_suggestion() -> None:
    denied = [Phrase(f"otra cosa {number}", counterexample=True) for number in range(MANY)]
    assert unsaid(replace(PERMIT, counterexamples=tuple(denied[1:])))
    assert unsaid(replace(PERMIT, counterexamples=tuple(denied))) == ()


def test_article_is_contracted() -> None:
    form = replace(PERMIT, fields={"pregunta": "¿Cómo pido el certificado?"})
    assert "pagué dos veces lo del certificado, ¿me devuelven la plata?" in unsaid(form)
