"""Tests the real danger classifier on messages that the answerer does not see: small talk, farewells, impatience."""

from __future__ import annotations

from datetime import date

import pytest
import yaml

from bot.crisis.emergency import find
from bot.desk.crisis.packs import packs
from bot.faq.answering.answerer import Answerer
from bot.faq.answering.context import Context
from tests.home import ROOT
from tests.rows import each_row

SMALL_TALK = ROOT / "benchmarks" / "small_talk.yml"  # utterances that nothing was taught


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("a mi abuela se le fue un lado de la cara y no puede armar las palabras", "medica"),
        ("mi papá se quedó como ido y no me contesta", "medica"),
        ("chamo se me esta durmiendo media cara", "medica"),
        ("mi nieto anda con la droga, me quiere sacar la pensión a combos, estoy trancada rezando", "violencia"),
    ],
)
def test_danger_without_a_phrase_is_sure(demo: Answerer, text: str, kind: str) -> None:
    danger = demo.danger(text)
    assert (find(text), danger and (danger.kind, danger.sure)) == (None, (kind, True))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("me dio un ataque de risa con el afiche", "medica"),
        ("voy saliendo de vacaciones y dejé cerrado el gas y la luz, ¿cómo pido ronda de patrulla?", "gas"),
        ("me tienen secuestrado en la sala de espera desde las 8 jajaja, ¿falta mucho?", "violencia"),
    ],
)
def test_doubted_phrase_is_a_possible_danger(demo: Answerer, text: str, kind: str) -> None:
    danger, decision = demo.danger(text), demo.answer(text, today=date(2026, 11, 29))
    assert find(text) == kind
    assert danger and (danger.kind, danger.sure) == (kind, False)
    assert decision.danger and (decision.danger.kind, decision.danger.sure) == (kind, False)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("mi papá no respira", "medica"),
        ("una ambulancia por favor, no respira", "medica"),
        ("me quiero puro morir", "suicidio"),
        ("help my house is on fire", "incendio"),
        ("mi abuela no respira. Además quiero saber cuánto cuesta el permiso de circulación", "medica"),
        ("fuga de gas en la calle. ¿Hasta cuándo se puede pagar el permiso de circulación en cuotas?", "gas"),
    ],
)
def test_other_phrases_are_sure_dangers(demo: Answerer, text: str, kind: str) -> None:
    danger = demo.danger(text)
    assert (find(text), danger and (danger.kind, danger.sure)) == (kind, (kind, True))


@pytest.mark.parametrize(
    "text",
    [
        *packs(ROOT / "data")["corte-de-agua"].sobre,
        "se me llueve la casa",
        "no cae agua en ninguna llave de la casa",
        "hola, llevamos cinco horas sin agua con tres niños",
        "me quedé con el pelo con champú y se cortó el agua",
    ],
)
def test_lack_of_water_or_getting_wet_is_no_danger(demo: Answerer, text: str) -> None:
    assert demo.danger(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "no sale agua y mi guagua está deshidratada",
        "no tenemos agua y mi papá se dializa y está muy mal",
        "se inundó la casa y el agua me llega a la cintura",
        "se cayó un árbol con el viento y aplastó a un señor",
        "se llevó el río a mi vecino",
        "se cortó la luz en mi casa y mi mamá usa oxígeno",
    ],
)
def test_danger_during_an_outage_or_a_storm_is_not_taken_for_a_question_about_it(demo: Answerer, text: str) -> None:
    danger = demo.danger(text)
    assert danger and danger.kind == "medica"


@pytest.mark.parametrize("text", ["urgencia por favor ayuda", "auxilio", "ayúdenme rápido", "¡¡Ayuda, ayuda!!"])
def test_cry_for_help_gets_the_numbers_and_no_entry(demo: Answerer, text: str) -> None:
    decision = demo.answer(text, today=date(2026, 11, 29))
    assert (decision.kind, decision.danger and decision.danger.kind, decision.answers) == ("scope", "general", ())
    assert demo.danger(text) == decision.danger


@pytest.mark.parametrize(
    "text", ["ayuda con mi permiso de circulación", "urgente necesito hora", "atención de urgencia dental", "ayuda"]
)
def test_request_for_help_with_a_matter_is_no_cry(demo: Answerer, text: str) -> None:
    assert demo.answer(text, today=date(2026, 11, 29)).danger is None


def test_utterances_of_entries_are_judged_together(demo: Answerer) -> None:
    texts = ["mi papá se quedó como ido y no me contesta", "¿Cómo pago el permiso de circulación?"]
    assert [one and (one.kind, one.sure) for one in demo.dangers(texts)] == [("medica", True), None]


def test_farewell_is_a_possible_danger(demo: Answerer) -> None:
    danger = demo.danger("gracias, total ya no me queda nada por qué vivir")
    assert danger is not None
    assert danger.kind == "suicidio"


@pytest.mark.parametrize(
    ("text", "is_line"),
    [
        ("¿y si no voy?", False),
        ("y si no alcanzo a ir", False),
        ("se nos va a quemar el cerco con el pasto seco", True),
        ("chocaron dos autos en la esquina, nadie salió herido, ¿a quién se le avisa?", True),
    ],
)
def test_skipped_step_and_harm_that_is_denied_or_feared_are_no_alarm(demo: Answerer, text: str, is_line: bool) -> None:
    danger = demo.danger(text)
    assert not (danger and danger.sure) and bool(danger) <= is_line


@pytest.mark.parametrize(
    "text",
    [
        "y si me mato",
        "se va a quemar todo, hay humo saliendo del sitio eriazo",
        "chocaron dos autos, nadie salió herido pero un conductor no se puede mover",
        "la gente está bien pero hay un hombre atrapado abajo del camión",
        "hay un incendio en el cerro y se nos va a quemar la casa",
        "se quema la casa del vecino y se nos va a quemar la mía",
        "se va a ahogar un niño en el río, la corriente lo lleva",
        "se tomó una botella de parafina, no le pasó nada",
        "una última cosa, ¿quién va a cuidar a mis gatos?",
        "mejor no hago nada",
    ],
)
def test_danger_in_words_of_no_harm_is_an_alarm(demo: Answerer, text: str) -> None:
    danger = demo.danger(text)
    assert danger and danger.sure


@pytest.mark.parametrize(
    "text",
    [
        "kiero borrar mi cuenta pa siempre",
        "me voy de intercambio 2 meses y no kiero perder el pase",
    ],
)
def test_end_of_an_account_is_no_danger(demo: Answerer, text: str) -> None:
    assert demo.danger(text) is None


@pytest.mark.parametrize(
    "text", ["mi papá falleció ayer y no sé qué hacer", "murió mi abuelita, qué papeles necesito", "no, mejor no, deja"]
)
def test_mourning_or_a_second_thought_is_no_danger(demo: Answerer, text: str) -> None:
    assert demo.danger(text) is None


@pytest.mark.parametrize("text", ["quiero borrarme del mapa", "quiero poner fin a todo", "y si no sigo"])
def test_a_short_veiled_farewell_is_a_possible_danger(demo: Answerer, text: str) -> None:
    danger = demo.danger(text)
    assert danger is not None and danger.possible(despite_answer=False)


@pytest.mark.parametrize("text", ["ya perdón, es que estoy apurada", "perdón", "tiró una piedra al tren"])
def test_haste_an_apology_or_a_score_of_no_kind_is_no_alarm(demo: Answerer, text: str) -> None:
    danger = demo.danger(text)
    assert danger is None or not danger.sure


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("perdón mamá, ya no puedo más", "suicidio"),
        ("disculpa hija, te dejo la llave", "suicidio"),
        ("y si me tomo todas juntas", "suicidio"),
        ("y si vuelve con la pistola", "delito"),
        ("voy atrasada al hospital y estoy sangrando mucho", "medica"),
        ("le tiraron una piedra al tren y le reventó la cabeza a un pasajero", "medica"),
        ("se me cayeron los remedios y mi hijo se los comió", "medica"),
        ("el pasto seco se está quemando con las chispas del poste", "incendio"),
        ("nadie salió herido pero el chofer no contesta y tiene sangre en la cabeza", "medica"),
    ],
)
def test_danger_in_the_words_of_a_harmless_message_is_found(demo: Answerer, text: str, kind: str) -> None:
    danger = demo.danger(text)
    assert danger and danger.kind == kind


@pytest.mark.parametrize(
    "text",
    [
        "me confundi y tome el jarabe de la perra",
        "una pastilla del gato se la comió mi guagua",
    ],
)
def test_person_who_swallowed_an_animals_medicine_may_be_in_danger(demo: Answerer, text: str) -> None:
    danger = demo.danger(text)
    assert danger
    assert danger.kind == "medica"


@pytest.mark.parametrize(
    "text", ["son las 11 de la noche donde lo llevo", "donde la llevo a esta hora", "cuantas pastillas le doy al perro"]
)
def test_animals_doctor_at_night_is_no_danger(demo: Answerer, text: str) -> None:
    assert demo.danger(text) is None


@pytest.mark.parametrize(
    "text",
    ["mi gatita está herida", "mi perrito está herido", "hay una perra herida acá en la esquina", "mi gata se lastimó"],
)
def test_hurt_animal_is_no_danger(demo: Answerer, text: str) -> None:
    assert demo.danger(text) is None


@pytest.mark.parametrize("text", ["mi hijo está herido", "hay una señora herida acá en la esquina"])
def test_hurt_person_may_be_in_danger(demo: Answerer, text: str) -> None:
    assert find(text) or demo.danger(text)


@pytest.mark.parametrize("text", ["no no no", "ya me voy, bye", "sigo esperando", "9 8765 4321", "🙂", ""])
def test_short_reply_is_harmless(demo: Answerer, text: str) -> None:
    assert demo.danger(text) is None


def test_small_talk_is_hardly_ever_a_danger(demo: Answerer) -> None:
    utterances = yaml.safe_load(SMALL_TALK.read_text(encoding="utf-8"))
    texts = [text for intent, some in utterances.items() if intent != "emergency" for text in some]
    found = [danger for text in texts if (danger := demo.danger(text))]
    assert len(found) <= len(texts) // 40
    assert not any(danger.sure for danger in found)


@pytest.mark.parametrize("words", ["no me sirves quiero una persona", "no sirves pa esto, dame una persona"])
def test_rejection_of_the_assistant_gets_no_line_about_suicide(demo: Answerer, words: str) -> None:
    decision = demo.answer(words, today=date(2026, 11, 24))
    assert decision.command is not None
    assert (decision.command.name, decision.danger, demo.danger(words)) == ("ask_human", None, None)


@pytest.mark.parametrize(
    "words",
    ["no me sirves, quiero hablar con alguien antes de matarme", "siento que no sirvo, quiero hablar con una persona"],
)
def test_danger_beside_a_rejection_still_counts(demo: Answerer, words: str) -> None:
    assert find(words) or demo.answer(words, today=date(2026, 11, 24)).danger


@pytest.mark.parametrize(
    "text", ["mi hija tiene 12 años y su papá le pega", "al niño de al lado le pegan todos los días"]
)
def test_violence_to_a_child_is_of_its_kind_for_phrases_and_the_classifier(demo: Answerer, text: str) -> None:
    danger = demo.danger(text)
    assert danger and (danger.kind, danger.sure) == ("ninez", True)


@pytest.mark.parametrize(
    "text", ["y hoy?", "la última", "¿y la última?", "el último", "hoy", "todas", "y mañana?", "la otra"]
)
def test_short_follow_up_that_names_no_matter_is_harmless(demo: Answerer, text: str) -> None:
    assert demo.danger(text) is None
    assert demo.answer(text, today=date(2026, 11, 24)).danger is None


@pytest.mark.parametrize(
    "text",
    [
        "la última vez que escribo",
        "hoy es la última noche",
        "y hoy se acaba",
        "el último mensaje",
        "mañana ya no estoy",
        "y la última pastilla?",
        "la otra ya me la tomé entera",
        "oy si ke si lo ago",
        "y hoy con la soga",
        "hoy termina todo",
        "y mañana nadie me va a encontrar",
    ],
)
def test_short_message_about_an_end_may_be_a_danger(demo: Answerer, text: str) -> None:
    danger = demo.danger(text)
    assert danger and danger.kind == "suicidio"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("gracias por este último favor, ya me despedí de los míos, ¿cómo saco el carnet?", "suicidio"),
        ("mi papá se quedó como ido y no me contesta, ¿cómo renuevo la cédula de identidad?", "medica"),
        ("¿cuánto cuesta el permiso de circulación? mi papá se quedó como ido y no me contesta", "medica"),
    ],
)
def test_danger_beside_another_matter_is_found(demo: Answerer, text: str, kind: str) -> None:
    decision = demo.answer(text, today=date(2026, 11, 24))
    danger = demo.danger(text)
    assert danger and danger.kind == kind
    assert decision.danger and decision.danger.kind == kind


@pytest.mark.parametrize(
    ("text", "entry", "kind"),
    [
        ("como renuevo el carnet? hay humo en el piso de arriba", "cedula-renovar", "incendio"),
        ("a que hora atienden? me dice que si lo dejo me mata", "horario-muni", "violencia"),
        ("como saco hora para la licencia de conducir? la casa del lado echa humo negro", "licencia-hora", "incendio"),
    ],
)
def test_danger_after_a_question_that_an_entry_answers_has_its_line(
    demo: Answerer, text: str, entry: str, kind: str
) -> None:
    decision = demo.answer(text, today=date(2026, 11, 29))
    assert [one.id for one in decision.answers] == [entry]
    assert decision.danger and (decision.danger.kind, decision.danger.sure) == (kind, False)


@pytest.mark.parametrize(
    "text",
    ["me corte otra vez", "me corté de nuevo", "otra vez me corté", "volvi a los cortes", "me hice daño otra vez"],
)
def test_self_harm_told_in_few_words_is_a_possible_danger(demo: Answerer, text: str) -> None:
    danger = demo.danger(text)
    assert danger and danger.kind == "suicidio"


@pytest.mark.parametrize(
    "text",
    [
        "me cortaron otra vez la luz",
        "se me cortó otra vez la llamada",
        "me corté el pelo otra vez",
        "me cortaron la beca otra vez",
        "bloquear mis datos",
        "bloqueen mis datos",
    ],
)
def test_what_is_cut_off_again_or_blocked_is_no_danger(demo: Answerer, text: str) -> None:
    assert demo.danger(text) is None


def test_danger_that_the_citizen_denied_counts_as_none(demo: Answerer) -> None:
    text, today = "a mi abuela se le fue un lado de la cara y no puede armar las palabras", date(2026, 11, 29)
    surely, denied = (demo.answer(text, today=today, context=Context(calm=calm)) for calm in (False, True))
    assert (surely.danger and surely.danger.sure, denied.danger) == (True, None)


@each_row(
    "text",
    [
        "y si no son mias",
        "y si cambio la hora hoy mismo",
        "y si solo vendo los domingos",
        "y si les mando una foto",
        "y si dejo de ir un mes",
        "a mi edad ya no manejo",
        "mi abuelita no sale sola",
    ],
)
def test_short_second_message_on_an_ordinary_matter_is_no_danger(demo: Answerer, text: str) -> None:
    assert demo.danger(text) is None


@each_row(
    "text",
    ["y si no sigo", "y si termino con todo", "y si salto nomás", "y si acabo con esto", "no puedo más"],
)
def test_danger_as_short_as_a_second_message_is_found(demo: Answerer, text: str) -> None:
    danger = demo.danger(text)
    assert danger and danger.kind == "suicidio"
