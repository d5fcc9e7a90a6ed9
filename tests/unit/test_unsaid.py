"""Tests which questions are suggested to the editor of an entry as those that its answer does not answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.desk.editing.form import Form
from bot.desk.editing.marking.unsaid import MANY, subject_of, unsaid
from bot.faq.entries.phrases import Phrase

SHORT = ("todavía no me responden", "renuevo el permiso")
PERMIT = Form({"pregunta": "¿Cómo renuevo mi permiso de feriante?"}, SHORT, (), "Ven a la oficina.")
REFUND = "pagué dos veces lo de mi permiso de feriante, ¿me devuelven la plata?"
COST = "¿cuánto hay que pagar por mi permiso de feriante?"
WHERE = "¿dónde tengo que ir por lo de mi permiso de feriante?"
HOURS = "¿a qué hora atienden por lo de mi permiso de feriante?"
ONLINE = "¿se puede hacer por internet lo de mi permiso de feriante?"
ANOTHER = "¿puede ir otra persona por mí por lo de mi permiso de feriante?"
LATE = "se me pasó el plazo de mi permiso de feriante, ¿todavía puedo?"
DURATION = "¿cuánto se demoran con mi permiso de feriante?"


@pytest.mark.parametrize(
    ("question", "subject"),
    [
        ("¿Cómo renuevo mi permiso de feriante?", "mi permiso de feriante"),
        ("¿Cómo postulo a un puesto en la feria para vender?", "el puesto en la feria"),
        ("Perdí la credencial, ¿cómo saco otra?", "la credencial"),
        ("¿Hay rebaja o exención del derecho de feria?", "el derecho de feria"),
        ("¿Qué hago si llego tarde a la?", "el permiso"),
        ("¿Reciben donaciones?", "el permiso"),
        ("¿Se puede tramitar el IVA por internet?", "el IVA por internet"),
        ("¿Cómo pago la patente e inscribo el local?", "la patente"),
        ("¿Puedo pedir la beca u otra ayuda?", "la beca"),
        ("¿Sirve mi permiso mientras espero?", "mi permiso"),
        ("¿Me dan el certificado un sábado?", "el certificado"),
        ("¿Cómo pido la revisión de un medidor en la calle?", "la revisión de un medidor en la calle"),
    ],
)
def test_subject_is_the_first_noun_phrase_of_the_question_or_a_short_utterance(question: str, subject: str) -> None:
    assert subject_of(replace(PERMIT, fields={"pregunta": question})) == subject


@pytest.mark.parametrize("utterance", ["todavía no me responden", "golpe en la cabeza", "reclamo del jardín"])
def test_nothing_is_suggested_without_a_subject(utterance: str) -> None:
    bare = replace(PERMIT, fields={"pregunta": "¿Reciben donaciones?"}, variants=(utterance,))
    assert (subject_of(bare), unsaid(bare)) == ("", ())


@pytest.mark.parametrize(
    "question",
    [
        "¿Dónde denuncio a mi pareja?",
        "¿Cómo inscribo a mis hijos en un jardín?",
        "¿Cómo inscribo a un recién nacido?",
        "¿Cómo inscribo a mi mascota e instalo el chip?",
        "¿Cómo pido al alcalde una audiencia?",
    ],
)
def test_nothing_is_suggested_about_a_person_or_an_animal(question: str) -> None:
    being = replace(PERMIT, fields={"pregunta": question})
    assert (subject_of(being), unsaid(being)) == ("", ())


@pytest.mark.parametrize(
    ("answer", "missing"),
    [
        ("Ven a la oficina.", WHERE),
        ("Cuesta $3.500.", COST),
        ("Es GRATUITO.", COST),
        ("La devolución se pide en la caja.", REFUND),
        ("Si pagaste de más, te lo reembolsamos.", REFUND),
        ("Son 3000 CLP.", COST),
        ("Se cobra en la caja.", COST),
        ("Lo entrega el Registro Civil.", WHERE),
        ("Se firma ante notario.", WHERE),
        ("De 8:30 a 14:00.", HOURS),
        ("Atendemos de 9 a 14.", HOURS),
        ("Pídelo en registrocivil.cl.", ONLINE),
        ("Míralo en https://ejemplo.org.", ONLINE),
        ("Entra con tu ClaveÚnica.", ONLINE),
        ("Basta un mandato.", ANOTHER),
        ("Lo pide el titular.", ANOTHER),
        ("Si no, hay multa.", LATE),
        ("Se pagan intereses.", LATE),
        ("Se entrega al momento.", DURATION),
        ("Te lo dan al tiro.", DURATION),
    ],
)
def test_question_whose_words_the_answer_has_is_not_suggested(answer: str, missing: str) -> None:
    assert missing in unsaid(replace(PERMIT, answer="Hola."))
    assert missing not in unsaid(replace(PERMIT, answer=answer))


@pytest.mark.parametrize(
    ("answer", "suggested"),
    [
        ("Ven con tu equivalente.", COST),
        ("Es para la clase B.", ONLINE),
        ("Para personas interesadas.", LATE),
        ("Se entrega de 3 a 5 días.", HOURS),
        ("Cuesta $2.150.", HOURS),
    ],
)
def test_other_words_that_begin_or_end_alike_do_not_count(answer: str, suggested: str) -> None:
    assert suggested in unsaid(replace(PERMIT, answer=answer))


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
