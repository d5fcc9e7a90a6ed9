"""Tests what is recognized by the wording of a message alone."""

from __future__ import annotations

from bot.faq.answering.follow_up import is_bare, names_no_procedure
from bot.faq.words.keywords import NO_SUBJECTS, may_be_subjects
from bot.faq.words.wording import DOUBTED, asks_who, most_if_lacking, names_detail, refers_back, stays
from tests.rows import each_row


@each_row(
    ("text", "refers"),
    [
        ("¿me lo pueden mandar por correo?", True),
        ("y dónde la retiro", True),
        ("¿puede retirarlo otra persona?", True),
        ("lo puedo hacer por internet", True),
        ("perdi la mia", True),
        ("¿y si el mío venció?", True),
        ("la mía es de otra comuna", False),
        ("la mía", True),
        ("¿y un colchón viejo me lo llevan?", False),  # names what it is about
        ("reconozco el parte, dónde lo pago", False),
        ("la página no funciona", False),  # an article
        ("renovar la licencia", False),
        ("me lo dijeron en la oficina de la calle El Boldo hace ya dos semanas", False),
        ("", False),
    ],
)
def test_short_message_with_only_a_pronoun_refers_back(text: str, refers: bool) -> None:
    assert refers_back(text) is refers


@each_row(
    ("text", "is_one"),
    [
        ("en la notaría?", True),
        ("¿y con mi hermano?", True),
        ("por la tarde", True),
        ("en", False),
        ("la notaría", False),
        ("en la notaría de la plaza", False),
        ("", False),
    ],
)
def test_short_message_that_begins_with_a_preposition_names_a_detail(text: str, is_one: bool) -> None:
    assert names_detail(text) is is_one


@each_row(
    ("text", "question", "most"),
    [
        ("no tengo rut todavía", "¿Cómo renuevo mi cédula de identidad?", 0.0),
        ("nunca he tenido licencia", "¿Cómo renuevo mi licencia de conducir?", 0.0),
        ("nunca he tenido clave única", "¿Cómo recupero mi ClaveÚnica?", 0.0),
        ("aún no tengo clave única", "¿Cómo recupero mi ClaveÚnica?", DOUBTED),
        ("ya pagué y no tengo agua todavía", "¿Cómo recupero el agua si me la cortaron por deuda?", DOUBTED),
        ("aún no tengo mi hora confirmada", "¿Cómo actualizo mi hora?", DOUBTED),
        ("aún no tengo clave única", "¿Cómo obtengo la ClaveÚnica?", 1.0),
        ("no tengo rut", "¿Cómo renuevo mi cédula de identidad?", 1.0),
        ("todavía tengo que renovar el carnet", "¿Cómo renuevo mi cédula de identidad?", 1.0),
        ("mi hija no tiene RUN todavía, nació en Colombia, ¿la aceptan en el jardín?", "¿Cómo renuevo la cuna?", 1.0),
    ],
)
def test_entry_for_those_who_have_something_is_not_for_who_does_not_have_it_yet(
    text: str, question: str, most: float
) -> None:
    assert most_if_lacking(text, question) == most


@each_row(
    ("text", "is_one"),
    [
        ("como se llama el alcalde", True),
        ("Oye, ¿quién es la directora de Obras?", True),
        ("a quién le reclamo", True),
        ("¿y quién viene?", True),
        ("¿con quién hablo?", False),
        ("quién es", False),
        ("¿quién eres?", False),
        ("¿quién me atiende?", False),
        ("¿cómo te llamas?", False),
        ("cómo se llama la asistente", False),
        ("¿quién es el que me contesta?", False),
        ("quién es la persona que atiende", False),
        ("necesito el papel donde sale quiénes son los papás", False),
    ],
)
def test_question_who_somebody_is_is_told_from_one_about_the_assistant(text: str, is_one: bool) -> None:
    assert asks_who(text) is is_one


@each_row(
    ("text", "is_one"),
    [
        ("¿y si soy extranjero?", True),
        ("¿y para mi mamá?", True),
        ("¿se puede pagar con tarjeta?", True),
        ("aceptan transferencia", True),
        ("¿me lo pueden mandar por correo?", True),
        ("¿y dónde queda la oficina?", True),
        ("y el segundo cuánto cuesta", True),
        ("y quién viene", True),
        ("inscribir guagua", False),
        ("segunda cuota", False),
        ("¿dónde se paga la cuota?", False),
        ("no pagué la cuota", False),
        ("¿se puede pagar en cuotas?", True),
        ("¿puedo pagar con la tarjeta?", True),
        ("¿y la poda?", False),
        ("tarjeta nacional estudiantil", False),
        ("papel de antecedentes", False),
        ("pagar la patente con tarjeta", False),
        ("y la cartola de dónde la saco", False),
        ("¿y eso?", False),
        ("gracias", False),
    ],
)
def test_message_that_names_nothing_stays_with_what_was_said_before(text: str, is_one: bool) -> None:
    assert stays(text) is is_one


@each_row(
    ("text", "question"),
    [
        ("¿cuánto se demoran los exámenes?", "¿Cuándo está listo mi examen?"),
        ("necesito hora", "¿Cómo pido hora?"),
        ("hola, ¿cuánto vale la consulta?", "¿Cuánto cuesta la consulta?"),
        ("¿los niños pagan?", "¿Cuánto paga un niño?"),
    ],
)
def test_word_of_any_procedure_names_something_where_an_entry_is_about_it(text: str, question: str) -> None:
    assert names_no_procedure(text, NO_SUBJECTS)
    assert not names_no_procedure(text, may_be_subjects(question))
    for other in ("¿a qué hora puedo ir?", "Hola, una consulta", "tengo una consulta, ¿cuánto cuesta?"):
        assert names_no_procedure(other, may_be_subjects(question))


def test_a_kind_of_payment_is_a_section_though_it_is_no_word_of_any_procedure() -> None:
    assert stays("se puede pagar con tarjeta") and not is_bare("se puede pagar con tarjeta")
