"""Tests how a danger is found in a message and its parts, and which words say nothing about it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.texts import area
from bot.faq.answering.dangers import (
    Dangers,
    changes_mind,
    in_earnest,
    names_no_matter,
    only_names_relative,
    without_rejection,
)
from bot.faq.answering.decision import MOST_PARTS
from bot.faq.answering.follow_up import only_skips_a_step
from bot.faq.answering.judgement import Judgement
from bot.faq.answering.parts import SHORT_WINDOW_WORDS, WINDOW_WORDS, dangers_of_parts, parts_of
from bot.faq.ranking.risk import Danger, possible_danger, sure_danger
from bot.text.normalize import plain
from tests.rows import each_row


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("No me sirves, quiero una persona", "quiero una persona"),
        ("no sirves para nada. Dame una persona", "dame una persona"),
        ("mi marido dice que no sirves para nada, quiero una persona", ""),
        ("no sirvo para nada, quiero hablar con alguien", ""),
        ("no me sirves", ""),
    ],
)
def test_only_words_to_the_assistant_at_the_start_are_left_out(text: str, rest: str) -> None:
    assert without_rejection(text) == rest


def test_phrases_are_written_as_they_are_compared() -> None:
    assert [one for one in area("faq")["rechaza"] if plain(one) != one] == []


@each_row(
    "text",
    [
        "¿y hoy?",
        "la última",
        "y la última?",
        "El último.",
        "y mañana??",
        "la otra",
        "todas",
        "y oy?",
        "la 2",
        "y el lunes?",
    ],
)
def test_short_message_of_words_that_name_nothing_names_no_matter(text: str) -> None:
    assert names_no_matter(text)


@each_row(
    "text",
    [
        "la última vez",
        "hoy es la última noche",
        "y hoy se acaba",
        "hoy termina todo",
        "el último mensaje",
        "oy no amanesco",
        "mañana ya no",
        "ya no más",
        "y la última pastilla?",
        "hoy o nunca",
        "y yo?",
        "estoy sola hoy",
        "adiós a todos",
        "hoy sí",
        "para siempre",
        "el fin",
        "la otra y la otra y la otra",
        "",
        "👍",
        "133",
    ],
)
def test_word_of_an_end_a_farewell_or_a_person_is_never_a_word_that_names_nothing(text: str) -> None:
    assert not names_no_matter(text)


def test_words_that_name_nothing_are_written_as_they_are_compared() -> None:
    assert [one for one in area("faq")["sin_materia"] if plain(str(one)) != one] == []


FAREWELL, FAINT = Danger("suicidio", 0.3, 0.65), Danger("suicidio", 0.3, 0.45)


def judged_as(found: dict[str, Danger], text: str, *, asks_for_person: bool = False) -> Danger | None:
    """Returns the danger in ``text``; ``found`` is what the classifier finds in each part, and nothing else."""
    nothing, parts = Danger("gas", 0.0, 0.0), parts_of(text)
    dangers = [found.get(part, nothing) for part in parts]
    (in_part,) = dangers_of_parts([parts], dangers, lambda place: asks_for_person and parts[place] in found)
    judged = Judgement((), 0.0, None, danger=found.get(text, nothing), in_part=in_part)
    return Dangers(lambda _: judged).of(text, judged)


def test_danger_beside_another_matter_is_possible() -> None:
    found = judged_as(
        {"gracias por este último favor": FAREWELL}, "gracias por este último favor, ¿cómo saco el carnet?"
    )
    assert found and (found.kind, found.sure, found.possible(despite_answer=True)) == ("suicidio", False, True)


def test_weak_danger_of_a_whole_message_hides_no_danger_of_its_part() -> None:
    text, part = "¿cómo saco el carnet? la casa del lado echa humo negro", "la casa del lado echa humo negro"
    found = judged_as({text: Danger("incendio", 0.3, 0.4), part: Danger("incendio", 0.9, 0.7)}, text)
    assert found and (found.kind, found.sure, found.possible(despite_answer=True)) == ("incendio", False, True)


@pytest.mark.parametrize(
    ("danger", "part", "asks_for_person"),
    [
        (FAINT, "gracias por este último favor", False),  # told alone, it would be sure
        (FAREWELL, "gracias por este favor", False),
        (FAREWELL, "quiero hablar ya con alguien", True),
    ],
)
def test_faint_or_short_part_or_one_that_asks_for_a_person_is_no_danger(
    danger: Danger, part: str, asks_for_person: bool
) -> None:
    found = judged_as({part: danger}, f"{part}, ¿cómo saco el carnet?", asks_for_person=asks_for_person)
    assert found is None or not found.possible(despite_answer=False)


def test_each_message_gets_the_danger_of_its_own_parts() -> None:
    parts = [["una", "otra"], [], ["la tercera", "la cuarta"]]
    found = dangers_of_parts(parts, [FAINT, None, FAREWELL, replace(FAREWELL, kind="gas")], lambda place: place == 2)
    assert [one and one.kind for one in found] == [None, None, "gas"]


def test_message_of_one_part_has_no_parts() -> None:
    assert parts_of("¿cómo saco el carnet de identidad?") == []
    assert parts_of("hola, cómo saco el carnet de identidad") == ["cómo saco el carnet de identidad"]


def test_likeliest_part_decides_the_kind_and_faint_scores_of_any_kind_do_not_count() -> None:
    weak, strong = Danger("ninez", 0.7, 0.3), Danger("violencia", 0.9, 0.8)
    found = dangers_of_parts([["a", "b"], ["c"]], [weak, strong, Danger("suicidio", 0.9, 0.2)], lambda place: 0.0)
    assert [one and one.kind for one in found] == ["violencia", None]


def test_request_for_a_person_hides_no_part_that_is_likelier_a_danger() -> None:
    (found,) = dangers_of_parts([["a"]], [Danger("violencia", 0.9, 0.8)], lambda place: 0.7)
    assert found and found.kind == "violencia"


@pytest.mark.parametrize("count", [9, 12, 13, 18, 25, 66, 67, 68, 100, 181, 400])
def test_windows_cover_a_message_without_punctuation(count: int) -> None:
    words = [f"w{number}" for number in range(count)]
    parts = [part.split() for part in parts_of(" ".join(words))]
    assert 2 <= len(parts) <= MOST_PARTS
    assert {word for part in parts for word in part} == set(words)
    assert {len(part) for part in parts} == {len(parts[0])}
    assert len(parts[0]) >= (WINDOW_WORDS if count > WINDOW_WORDS else SHORT_WINDOW_WORDS)


def test_danger_behind_a_question_without_punctuation_stands_in_a_window() -> None:
    text = "quería saber qué papeles piden para el permiso de circulación y mi marido me tiene encerrada en la pieza"
    assert parts_of(text)[-1] == "permiso de circulación y mi marido me tiene encerrada en la pieza"


def test_words_that_punctuation_cuts_off_at_an_end_of_a_window_are_left_out() -> None:
    text = "mi papá se quedó como ido y no me contesta, ¿cómo renuevo la cédula de identidad?"
    assert parts_of(text) == [
        "mi papá se quedó como ido y no me contesta,",
        "como ido y no me contesta, ¿cómo renuevo la cédula de identidad?",
    ]


def test_message_that_names_no_matter_is_no_danger_whatever_the_classifier_finds() -> None:
    assert judged_as({"y hoy?": FAREWELL}, "y hoy?") is None
    assert judged_as({"y hoy sí": FAREWELL}, "y hoy sí") == FAREWELL


@each_row(
    "text", ["no, mejor no, deja", "no mejor no", "no espera, mejor no", "ah no, mejor después", "mejor otro día"]
)
def test_change_of_mind_is_no_farewell(text: str) -> None:
    assert changes_mind(text)
    assert judged_as({text: possible_danger("suicidio")}, text) is None
    assert judged_as({text: sure_danger("suicidio")}, text) == sure_danger("suicidio")


@each_row(
    "text",
    [
        "no",
        "ya no",
        "ya no quiero",
        "mejor lo dejo",
        "no importa",
        "mejor no existir",
        "mejor no haber nacido",
        "ya",
        "",
    ],
)
def test_who_says_more_than_a_change_of_mind_may_be_in_danger(text: str) -> None:
    assert not changes_mind(text)


@each_row("text", ["mi hija", "un niño", "mis hijos", "es que mi hija"])
def test_message_that_only_names_somebody_is_no_possible_danger(text: str) -> None:
    assert judged_as({text: possible_danger("ninez")}, text) is None
    assert judged_as({text: sure_danger("ninez")}, text) == sure_danger("ninez")


@each_row(
    "text", ["mi hija no", "mi hija y yo", "mi hija sola", "ayuda mi hija", "mi hija hija mía sangre", "mi vecina", ""]
)
def test_who_says_more_of_somebody_may_tell_a_danger(text: str) -> None:
    assert not only_names_relative(text)


def test_who_else_it_is_for_is_no_danger() -> None:
    assert only_names_relative("y para mi hermana también")
    assert judged_as({"y para mi hermana también": possible_danger("suicidio")}, "y para mi hermana también") is None
    assert not only_names_relative("mi hermana también llora")


def test_words_of_changed_minds_and_families_are_written_as_they_are_compared() -> None:
    known = (*area("faq")["se_arrepiente"].values(), *area("faq")["de_quien"].values())
    assert [one for words in known for one in words if plain(str(one)) != one] == []


@pytest.mark.parametrize(
    "text",
    [
        "¿y si no voy?",
        "y si no voy mañana",
        "¿y si no alcanzo a pagar?",
        "y si no pago",
        "i si no boy q pasa",
        "¿Y si llego tarde a la cita?",
    ],
)
def test_follow_up_about_a_skipped_step_is_no_danger(text: str) -> None:
    assert only_skips_a_step(text)
    assert judged_as({text: Danger("suicidio", 0.6, 0.6)}, text) is None


@each_row(
    "text",
    [
        "y si no voy más",
        "y si me voy",
        "y si lo hago hoy",
        "y si no puedo más",
        "y si no llego a mañana",
        "y si no vuelvo",
        "y si no quiero",
        "y si me mato",
        "no voy",
        "mañana",
        "y si",
        "",
    ],
)
def test_follow_up_that_may_be_a_farewell_is_judged(text: str) -> None:
    assert not only_skips_a_step(text)


def test_steps_are_written_as_they_are_compared() -> None:
    known = area("faq")["si_no_lo_hace"]
    assert [one for some in known.values() for one in some if plain(one) != one] == []


@pytest.mark.parametrize(
    ("text", "sure"),
    [
        ("un camión botó el semáforo, nadie se lastimó", False),
        ("un camión botó el semáforo, nadie se lastimó, el chofer no despierta", True),
        ("un camión botó el semáforo", True),
        ("chocaron dos autos en la esquina, nadie salió herido, ¿a quién se le avisa?", False),
        ("chocaron, nadie salió herido al principio pero el chofer no responde", True),
        ("chocaron, nadie salió herido del otro auto, acá hay dos tirados en el suelo", True),
    ],
)
def test_denied_harm_makes_a_sure_danger_possible(text: str, sure: bool) -> None:
    found = judged_as({text: Danger("medica", 0.9, 0.9)}, text)
    assert found and (found.kind, found.sure, found.possible(despite_answer=True)) == ("medica", sure, True)


def test_phrase_whose_harm_is_denied_hides_no_sure_danger_of_another_kind() -> None:
    text = "chocaron dos autos, no hay heridos"
    found = [judged_as({text: danger}, text) for danger in (Danger("medica", 0.5, 0.5), Danger("gas", 0.9, 0.9))]
    assert [one and (one.kind, one.sure) for one in found] == [("medica", False), ("gas", True)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("no puedo hablar, me escuchan mis compañeros", None),
        ("no puedo hablar, me escucha", "violencia"),
        ("no puedo hablar, me escuchan mis compañeros, me pegó anoche", "violencia"),
    ],
)
def test_citizen_who_cannot_speak_among_people_is_in_no_danger(text: str, kind: str | None) -> None:
    possible = Danger("violencia", 0.5, 0.5)
    found = judged_as({text: possible, "me pego anoche": possible}, text)
    assert ((found and found.possible(despite_answer=False) and found.kind) or None) == kind


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("una última cosa, ¿es gratis?", None),
        ("y una última consulta, a qué hora cierran", None),
        ("una última cosa, ¿tengo que ir yo?", False),
        ("una última cosa, cuiden a mis hijos", True),
        ("una última cosa, que cuiden a mis hijos", True),
        ("una última cosa, ¿quién cuida a mis hijos?", True),
        ("gracias por todo, una última cosa, ¿es gratis?", True),
    ],
)
def test_words_that_announce_a_last_question_are_no_farewell(text: str, found: bool | None) -> None:
    farewell = Danger("suicidio", 0.9, 0.9)
    of_rest = Judgement((), 0.0, None, farewell if "hijos" in text else Danger("gas", 0.0, 0.0))
    danger = Dangers(lambda _: of_rest).of(text, Judgement((), 0.0, None, farewell))
    assert (danger and danger.sure) is found


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("una última cosa, ¿quién riega las plantas cuando falte?", Danger("suicidio", 0.1, 0.3)),
        ("una última cosa, ¿pueden avisarle a mi mamá?", None),
        ("una última cosa, quién me ayuda, no aguanto", None),
    ],
)
def test_last_question_with_any_sign_of_a_farewell_stays_sure(text: str, own: Danger | None) -> None:
    farewell = Danger("suicidio", 0.9, 0.9)
    found = Dangers(lambda _: Judgement((), 0.0, None, own)).of(text, Judgement((), 0.0, None, farewell))
    assert found and found.sure


def test_faint_danger_beside_a_last_question_stays_faint() -> None:
    faint = Danger("suicidio", 0.05, 0.05)
    text = "una última cosa, ¿tengo que ir yo?"
    assert judged_as({text: faint}, text) == faint


@pytest.mark.parametrize(
    ("text", "tells"),
    [
        ("mejor no voy", True),
        ("entonces no voy", True),
        ("ya no voy", False),
        ("ya mejor no voy", False),
        ("mejor no hago nada", False),
        ("entonces no puedo", False),
        ("mejor no puedo", False),
    ],
)
def test_statement_that_a_step_is_skipped_asks_nothing(text: str, tells: bool) -> None:
    assert (only_skips_a_step(text), only_skips_a_step(text, even_tells=True)) == (False, tells)


@pytest.mark.parametrize(
    ("text", "sure"),
    [("choque sin heridos en la esquina", False), ("choque sin heridos, el chofer sangra de la cabeza", True)],
)
def test_phrase_counts_as_sure_unless_its_harm_is_denied(text: str, sure: bool) -> None:
    judged = Judgement((), 0.0, None, danger=Danger("medica", 0.5, 0.5))
    assert (Dangers(lambda _: judged).sure(text, judged) is not None) is sure


@pytest.mark.parametrize(
    ("text", "sure", "found"),
    [
        ("y cuánto me va a salir eso más o menos", False, False),
        ("y cuánto me va a salir eso más o menos", True, True),
        ("cuánto tengo que tomar", False, True),
        ("cómo lo hago rápido", False, True),
        ("cuánto vale mi vida", False, True),
    ],
)
def test_mere_question_for_a_cost_is_no_possible_suicide(text: str, *, sure: bool, found: bool) -> None:
    danger = Danger("suicidio", 1.0, 1.0) if sure else possible_danger("suicidio")
    assert (in_earnest(text, danger) is not None) is found
