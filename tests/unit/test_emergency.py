"""Tests the check for emergencies: present danger is always found, a question for information never."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.agency.model import Agency
from bot.core.yaml import read_yaml
from bot.crisis.emergency import find, guess, load_net
from bot.crisis.phrases import compile_phrases
from bot.faq.ranking.sentences import DANGERS, load_sentences
from bot.text.emergency_fold import fold

ROOT = Path(__file__).resolve().parents[2]

WHO_WROTE_THE_PHRASES = "1"  # in data/danger; the other authors' dangers are the classifier's
SENTENCES = [one for one in load_sentences(DANGERS) if one.author == WHO_WROTE_THE_PHRASES]
HARMLESS = [one.text for one in SENTENCES if not one.kind]


@pytest.mark.parametrize(("kind", "text"), [(one.kind, one.text) for one in SENTENCES if one.kind])
def test_present_danger_is_found_by_its_kind(kind: str, text: str) -> None:
    assert find(text) == kind


@pytest.mark.parametrize("text", HARMLESS)
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


@pytest.mark.parametrize(
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
def test_who_does_not_answer_is_a_body_only_with_a_second_sign(text: str, kind: str | None) -> None:
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
            [block] = read_yaml(path.read_text(encoding="utf-8"))["nlu"]
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


def test_guess_needs_a_word_of_danger() -> None:
    assert (guess("hay humo en todas partes"), guess("auxilio"), guess("hay un hoyo")) == ("incendio", "general", None)


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


@pytest.mark.parametrize(
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
