"""Tests the check for emergencies: always finds present danger, and never a question for information."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.agency.model import Agency
from bot.core.yaml import read_yaml_file
from bot.crisis.emergency import find, guess, load_net
from bot.crisis.phrases import compile_phrases
from bot.faq.ranking.sentences import DANGERS, load_sentences
from bot.text.emergency_fold import fold
from tests.rows import each_row

ROOT = Path(__file__).resolve().parents[2]

WHO_WROTE_THE_PHRASES = "1"  # in data/danger; the other authors' dangers are the classifier's
SENTENCES = [one for one in load_sentences(DANGERS) if one.author == WHO_WROTE_THE_PHRASES]
HARMLESS = [one.text for one in SENTENCES if not one.kind]


@each_row(("kind", "text"), [(one.kind, one.text) for one in SENTENCES if one.kind])
def test_present_danger_is_found_by_its_kind(kind: str, text: str) -> None:
    assert find(text) == kind


@each_row("text", HARMLESS)
def test_harmless_text_is_left_to_the_assistant(text: str) -> None:
    assert find(text) is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("me acaban de cortar el agua porque debía 2 meses", None),
        ("me acaban de cortar la luz y el internet", None),
        ("me acaban de cortar la cara con una botella", "violencia"),
        ("unos tipos me acaban de cortar con un cuchillo en el brazo", "violencia"),
    ],
)
def test_a_supply_is_cut_without_violence(text: str, kind: str | None) -> None:
    assert find(text) == kind


@each_row(
    ("text", "kind"),
    [
        ("ya leí eso y no responde mi pregunta, necesito que me lo explique alguien", None),
        ("mi señora no responde los mensajes jajaja", None),
        ("mi vecino no responde el whatsapp", None),
        ("llamé a una persona y no responde", None),
        ("se cayó la página y no responde", None),
        ("la página no responde, mi hijo no respira", "medica"),
        ("se cayó el internet y no responde, mi hijo no respira", "medica"),
        ("mi papá está inconsciente y el teléfono no responde", "medica"),
        ("se me cayó el celular y no responde", None),
        ("mi señora está tirada en el suelo y no responde", "medica"),
        ("mi abuelito no responde y no despierta", "medica"),
        ("le hablo a mi mamá y no me responde, está helada", "medica"),
        ("mi papá no responde los mensajes, fui y está en el suelo", "medica"),
        ("se cayó de la escalera y no responde", "medica"),
        ("se cayó el sistema, ya no me responde", None),
        ("se cayó el internet, mi hijo no respira", "medica"),
        ("se cayo la señal y mi papa esta inconsciente", "medica"),
        ("se me cayo el celular, mi mama no despierta", "medica"),
        ("se cayo el computador encima de mi hijo y no reacciona", "medica"),
        ("mi mama no responde esta en el suelo y se cayo el telefono", "medica"),
        ("mi guagua no responde", "medica"),
        ("encontré a mi mamá y no responde", "medica"),
        ("encontré a mi abuelo acostado y ya no me responde", "medica"),
        ("encontré el correo de la señora y no responde", None),
        ("encontré a una persona en Facebook y no responde", None),
        ("necesito hora para mi guagua y el consultorio no responde", None),
    ],
)
def test_person_who_does_not_answer_is_an_emergency_only_with_a_second_sign(text: str, kind: str | None) -> None:
    assert find(text) == kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Mi vecina me pasó una carta del colegio de mis hijos y la página no responde", None),
        ("Me mandó un sobre la municipalidad por la asignación de mis hijos y el teléfono no contesta", None),
        ("Me dejó una carta la asistente social para mi familia y ahora no contesta", None),
        ("El colegio dejó una carta para los hijos y la oficina no abre", None),
        ("Dejó una nota para sus hijos y no contesta", "suicidio"),
        ("Dejó una nota para sus hijos y el teléfono no contesta", "suicidio"),
        ("Mi marido dejó una carta para mis hijos y no responde", "suicidio"),
    ],
)
def test_a_letter_for_the_family_is_a_danger_only_by_who_does_not_answer(text: str, kind: str | None) -> None:
    assert find(text) == kind


def test_no_small_talk_is_an_emergency() -> None:
    caught = {}
    for path in (ROOT / "data" / "nlu").glob("*.yml"):
        if path.stem not in ("emergency", "ask_faq", "ask_atlas"):
            [block] = read_yaml_file(path)["nlu"]
            lines = (line.removeprefix("- ") for line in block["examples"].splitlines())
            caught |= {text: kind for text in lines if (kind := find(text))}
    assert caught == {}


def test_every_kind_has_its_text_in_the_agency_file(agency: Agency) -> None:
    assert {kind.name for kind in load_net().kinds} == set(agency.emergencies)


@pytest.mark.parametrize("text", ["", " ", "🙂", "¿?", "\u200b", "a" * 20_000, "me está " * 3_000])
def test_odd_texts_are_no_emergency(text: str) -> None:
    assert find(text) is None


def test_shouting_and_stretched_letters_are_understood() -> None:
    assert find("AYUDAAAA!!! HAY UN INCENDIOOOO") == "incendio"


def test_child_in_arms_who_does_not_breathe_is_an_emergency_also_at_an_entrance() -> None:
    found = [find(text) for text in ("guagua en brazos no respira", "guagua en brazos entra y no respira")]
    assert (found, guess("guagua en brazos entra")) == (["medica"] * 2, None)


def test_guess_needs_a_word_of_danger() -> None:
    assert (guess("hay humo en todas partes"), guess("auxilio"), guess("hay un hoyo")) == ("incendio", "general", None)


@pytest.mark.parametrize(
    ("harmless", "beside"),
    [
        ("carta de despedida para la profesora que jubila", "me voy a matar"),
        ("carta de despedida del personaje", "quiero morirme"),
        ("el libro del club trata de un suicidio", "me quiero morir"),
        ("casi me corto las venas con una galleta", "me estoy cortando"),
        ("mi cactus no quiere vivir", "yo no quiero vivir"),
        ("esta fila es un suicidio", "me quiero matar"),
        ("queremos ir a saltar en bungee del puente", "y no quiero despertar"),
    ],
)
def test_suicide_in_a_figure_of_speech_hides_none_beside_it(harmless: str, beside: str) -> None:
    assert (find(harmless), find(f"{harmless}, {beside}")) == (None, "suicidio")


@each_row(
    "text",
    [
        "escribí una carta de despedida para la profesora",
        "le dejé una carta de despedida a mi profe",
        "me corto las venas",
        "mi mamá no quiere vivir",
        "hubo un suicidio en el puente",
        "me tomé todas las pastillas para la depresión",
        "me llamó por teléfono, no quiere vivir",
        "mi amiga me escribió al celular, ya no quiere vivir",
        "mi hermano está encerrado en el auto, se quiere morir",
        "mi papá está arriba del árbol, se quiere morir",
        "no doy más con la tesis y pienso en el suicidio",
        "vi una película y ahora pienso en el suicidio",
        "en la obra un compañero habla de un suicidio",
        "me tomo las pastillas para la depresión hace una hora",
        "se tomó las pastillas de la depresión hace un rato",
        "puse nuestra canción y voy a cortarme las venas",
        "encontré la carta de despedida de la profesora, la acabo de leer",
        "dejó un video de despedida de la tía antes del acto",
        "a mi hijo lo que le espera es un suicidio",
        "se murió mi mamá, quiero morir contigo mamita",
    ],
)
def test_suicide_in_plain_words_is_found(text: str) -> None:
    assert find(text) == "suicidio"


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("me quiero matar, me muero de pena", "suicidio"),
        ("mi marido me quiere matar, dice que va a cobrar la deuda", "violencia"),
        ("mi marido me esta pegando y tambien a mi perro", "violencia"),
        ("incendio en mi casa ayuda! el extintor no funciona", "incendio"),
        ("me qui\u200bero ma\u00adtar", "suicidio"),
    ],
)
def test_neither_an_idiom_nor_an_invisible_character_hides_a_danger(words: str, kind: str) -> None:
    assert find(words) == kind


@each_row(
    ("words", "kind"),
    [
        ("me asaltaron", "delito"),
        ("me asaltaron en Bogotá", None),
        ("me están asaltando en Bogotá", "delito"),
        ("hace un año me atropelló un auto", None),
        ("hace un año me pegaba y ahora me está persiguiendo con un cuchillo", "violencia"),
        ("en las noticias dicen que hay un incendio en el sur", None),
        ("salió en las noticias el incendio, se está quemando la casa del vecino", "incendio"),
        ("desde marzo que no tengo ganas de vivir", "suicidio"),
        ("una vez se me perdió mi hijo", None),
        ("una vez más se me perdió mi hijo, ayúdenme", "ninez"),
        ("tengo ganas de vivir sola", None),
        ("no tengo ganas de vivir sola ni acompañada, no quiero vivir", "suicidio"),
    ],
)
def test_past_or_distant_danger_counts_only_while_it_goes_on(words: str, kind: str | None) -> None:
    assert find(words) == kind


def test_phrase_matches_words_in_any_order_and_with_gaps() -> None:
    phrase = compile_phrases(["humo|fuego + mi_casa + ayud*"], {})
    assert phrase.search(fold("ayúdenme, en mi casa hay mucho humo"))
    assert phrase.search(fold("humo mi casa ayuda"))
    assert not phrase.search(fold("mi otra casa con humo, ayuda"))
    assert not phrase.search(fold("humo " + "y " * 9 + "mi casa, ayuda"))
    assert compile_phrases(["*ando"], {}).search(fold("está llamando")) is not None


@pytest.mark.parametrize(
    "text",
    [
        "mi hijo chico se comió la pastilla de las pulgas del perro",
        "me comi sin querer la pastilla antipulgas del perro",
        "mi hija de 3 años se tomó el jarabe del gato",
        "mi abuelita se tomó por error el remedio de la perra",
        "se comió la pastilla del perro mi hijo",
        "le di a mi nieta el remedio del gato",
        "le di la pastilla del perro a mi hijo por error",
        "tomé por equivocación la pastilla del perro",
    ],
)
def test_person_who_swallowed_an_animals_medicine_is_in_danger(text: str) -> None:
    assert find(text) == "medica"


@pytest.mark.parametrize(
    "text",
    [
        "mi perro se comió la pastilla del gato",
        "el perro de mi hijo se comió la pastilla de las pulgas del gato",
        "la perra de mi vecina se tragó la pastilla para ratones",
        "el gato que mi hijo adoptó se comió el veneno para ratones",
        "mi hijo tiene un perro que se comió la pastilla del gato",
        "cuánto cuesta la pastilla para las pulgas del perro",
        "le di la pastilla al perro de mi hijo",
        "me tomé la pastilla de la presión y mi perro ladró",
        "hace dos años mi hijo se comió la pastilla del perro y no pasó nada",
    ],
)
def test_animal_that_swallowed_a_medicine_is_no_emergency_of_a_person(text: str) -> None:
    assert find(text) is None


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("tengo 11 años y mi papá me pega", "ninez"),
        ("tengo 8 años soportando golpes, mi marido me está pegando", "violencia"),
        ("tengo 6 años de pareja y mi conviviente me pega", "violencia"),
        ("soy menor de edad y mi hermano me golpea", "ninez"),
        ("mi padrastro me pega, voy en sexto básico", "ninez"),
        ("mi marido me pega, tengo 34 años", "violencia"),
        ("tengo 12 años de casada y mi marido me pega", "violencia"),
        ("tengo un hijo de 11 años y mi marido me pega", "violencia"),
    ],
)
def test_minor_who_reports_violence_gets_the_numbers_for_children(words: str, kind: str) -> None:
    assert find(words) == kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("pero mi mamá no respira", "medica"),
        ("no es una emergencia pero mi papá se está ahogando", "medica"),
        ("PERO me aprieta el pecho y estoy sudando helado", "medica"),
        ("llamo por la patente pero me están asaltando el local", "delito"),
        ("mi perro no respira", None),
        ("los perros se están ahogando con el humo", None),
    ],
)
def test_pero_in_capitals_or_at_the_start_is_the_conjunction(text: str, kind: str | None) -> None:
    assert find(text) == kind


@pytest.mark.parametrize(
    "text",
    [
        "gracias por ayudarme a morir tranquilo, ¿cómo saco el carnet?",
        "gracias por ayudarme a morir tranquilo como saco el carnet",
        "ayúdame a morir",
        "ayudenme a poder morir porfavor",
        "necesito ke alguien me alluda... me ayude a morir",
        "quiero morir tranquilo",
        "solo quiero morir tranquila",
        "kiero morirme trankila",
        "mi papá se quiere morir tranquilo, no quiere más remedios",
    ],
)
def test_wish_to_die_in_peace_or_with_help_is_an_emergency(text: str) -> None:
    assert find(text) == "suicidio"


@pytest.mark.parametrize("text", ["ya puedo morir tranquilo, me llegó el carnet", "me ayudan a morir de la risa"])
def test_figure_of_speech_on_dying_in_peace_has_no_phrase(text: str) -> None:
    assert find(text) is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("mi hija se tomó unas pastillas de mi mamá, tiene 3 años", "medica"),
        ("mi hijo de 2 años se tomó los remedios de la abuela", "medica"),
        ("el bebé se tragó una pastilla", "medica"),
        ("mi hija de 15 se tomó unas pastillas", "suicidio"),
        ("mi hija se tomó todas las pastillas, tiene 16 años", "suicidio"),
        ("mi guagua tiene un año, mi señora se tomó unas pastillas", "suicidio"),
    ],
)
def test_small_child_who_swallowed_medicine_needs_a_doctor_and_no_listener(text: str, kind: str) -> None:
    assert find(text) == kind
