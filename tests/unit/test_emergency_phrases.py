"""Tests that each phrase of phrases.yml can match: every alternative, with and without its optional words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
import yaml

from bot.crisis.emergency import ABROAD, LISTS, PHRASES, find, guess
from bot.crisis.phrases import compile_phrases
from bot.text.emergency_fold import fold

ANY_WORD = "z"


def test_every_phrase_matches_the_sentences_built_from_it() -> None:
    raw = yaml.safe_load(PHRASES.read_text(encoding="utf-8"))
    abroad, lists = raw.pop(ABROAD), raw.pop(LISTS)
    found = [*_unmatched(raw, lists)]
    for groups in abroad.values():
        found += _unmatched(groups, {name: str(words) for name, words in groups.pop(LISTS, {}).items()})
    assert found == []


def test_repaired_phrases_match() -> None:
    """Phrases that did not match before: a letter that folding removes, and brackets inside a list of alternatives."""
    assert find("se tomó un puñado de pastillas") == "suicidio"
    assert find("se me rompió la fuente") == find("a mi hermana se le rompió la fuente") == "medica"
    assert find("secuestraron a un señor") == "delito"
    assert find("se rompió la fuente de la plaza") is None


@pytest.mark.parametrize(
    "text",
    [
        "le reclamé y me dijo que me iba a pegar un balazo, hoy me mostró la pistola por la reja",
        "mi ex dice que si vendo me quema viva con la casa adentro",
        "el papá de mis hijos me espera ahí, tiene orden de alejamiento y no le importa",
        "la última vez me apretó tanto que me desmayé",
        "me van a meter un tiro si no pago",
        "el vecino me apuntó con la escopeta",
        "hace calor y mi ex dice que nos quema vivos esta noche",
    ],
)
def test_threats_with_weapons_or_fire_and_fainting_are_violence(text: str) -> None:
    assert find(text) in {"violencia", "delito"}


@pytest.mark.parametrize(
    "text",
    [
        "a quién le dejo el puesto antes de matarme, qué papeles piden",
        "quiero que el auto quede a su nombre antes de que yo me mate",
    ],
)
def test_what_somebody_settles_before_killing_themselves_is_suicide(text: str) -> None:
    assert find(text) == "suicidio"


@pytest.mark.parametrize(
    "text",
    [
        "en el paradero el sol nos quema vivos",
        "con este calor nos quema vivos el sol en la fila",
        "quedé a un tiro de piedra de la oficina",
    ],
)
def test_burning_sun_and_idioms_of_shots_are_no_emergency(text: str) -> None:
    assert find(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "chocaron, nadie salió herido al principio pero el chofer no responde",
        "nadie salió herido del incendio pero mi mamá no respira bien",
        "hubo un choque, no hay heridos graves pero un niño quedó inconsciente",
        "choque en la esquina, hay un herido",
        "choque y nadie ayuda, hay un herido tirado en la calle",
    ],
)
def test_injured_person_beside_words_of_nobody_injured_is_an_emergency(text: str) -> None:
    assert find(text) == "medica"


@pytest.mark.parametrize(
    "text",
    [
        "la niña de la ventanilla se fue hace una hora",
        "la niña que me atendió se fue y llevo dos horas",
        "la niña que me atiende no llega, llevo dos horas",
        "la niña que nos atendió ayer no vuelve hace una hora",
        "la chiquilla del mesón salió y no vuelve hace una hora",
        "la niña de la oirs no ha vuelto",
    ],
)
def test_absent_girl_at_the_counter_is_no_child(text: str) -> None:
    assert find(text) is None


@pytest.mark.parametrize(
    "text", ["hace dos horas que se fue la niña de la ventanilla", "no está la niña que me atiende"]
)
def test_absent_girl_at_the_counter_named_last_resembles_no_danger(text: str) -> None:
    assert guess(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "se perdio un niño de la oirs",
        "se perdio una niña de la oirs",
        "se llevaron a mi niña que la atienden en el cosam",
        "no encuentro a mi niña que la atienden en salud mental",
        "dejaron solo a mi niño que lo atienden en el jardin",
        "se perdió mi niño que lo atienden en la teletón",
        "un hombre se llevó a la niña de la recepción",
        "abusaron de la niña que me atiende",
        "pega a la niña que la atiende",
        "un tipo está pegándole a la niña de informaciones",
        "mi niña que me atendió se fue anoche y no contesta",
        "la niña del vecino se fue anoche y no contesta",
        "se llevaron a la niña que me atendió, no está",
        "abusaron de la niña de la ventanilla, se fue llorando",
    ],
)
def test_child_near_a_counter_is_a_child(text: str) -> None:
    assert find(text) == "ninez"


def test_words_after_which_a_phrase_fails() -> None:
    pattern = compile_phrases(["!a|de la nina"], {})
    assert [bool(pattern.search(fold(one))) for one in ("la niña", "a la niña", "de la niña", "cada la niña")] == [
        True,
        False,
        False,
        True,
    ]


def _unmatched(group: object, lists: Mapping[str, str]) -> Iterator[str]:
    """Yields each phrase of a group or list that does not match one of its own sentences, with that sentence."""
    if isinstance(group, Mapping):
        for some in group.values():
            yield from _unmatched(some, lists)
    elif isinstance(group, list):
        for phrase in group:
            matches = compile_phrases([phrase], lists).search
            yield from (f"{phrase}: {one}" for one in _sentences(phrase.format_map(lists)) if not matches(fold(one)))


def _sentences(phrase: str) -> Iterator[str]:
    """Yields sentences that contain each alternative of each word, with and without the optional words."""
    words = phrase.removesuffix("$").replace(" + ", " ").split()
    words = [word for word in words if not word.startswith("!")]
    alternatives = [_alternatives(word) for word in words]
    for number in range(max(map(len, alternatives))):
        chosen = [some[min(number, len(some) - 1)] for some in alternatives]
        yield " ".join(chosen)
        yield " ".join(one for one, word in zip(chosen, words, strict=True) if not _may_be_absent(word))


def _alternatives(word: str) -> list[str]:
    if word == "...":
        return [ANY_WORD]
    bare = word[1:-1] if _may_be_absent(word) else word
    return [one.replace("_", " ").strip("*") or ANY_WORD for one in bare.split("|")]


def _may_be_absent(word: str) -> bool:
    return word == "..." or (word.startswith("(") and word.endswith(")"))
