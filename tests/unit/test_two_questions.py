"""Tests which entries answer the parts of a message, and what is said about a part that no entry surely answers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.messages import Candidate
from bot.faq.answering.context import Context
from bot.faq.answering.follow_up import in_two
from bot.faq.answering.judgement import Judgement
from bot.faq.answering.two_questions import TwoQuestions, meant
from bot.faq.ranking.background import OutOfScopeTopic
from bot.faq.ranking.calibration import Thresholds
from bot.faq.ranking.commands import Command
from bot.faq.words.keywords import Keywords
from tests.faq_entry import BASE

QUESTIONS = {
    "nacimiento": "¿Cómo obtengo un certificado de nacimiento?",
    "jardin": "¿Cómo inscribo a mi hijo en un jardín infantil?",
    "pasaporte": "¿Cómo obtengo el pasaporte?",
    "cancha": "¿Cómo arriendo una sede?",
}
TEXT = "necesito el certificado de nacimiento y además inscribirlo en el jardín"
ADDS_UNKNOWN = "necesito el certificado de nacimiento y además quiero saber cuándo abre la piscina"
CHANCES = {"nacimiento": 0.5, "jardin": 0.1, "pasaporte": 0.01}
NO_ONE = Judgement(tuple(Candidate(id, f"¿{id}?", chance) for id, chance in CHANCES.items()), 0.0, None)


def searching(chances: dict[str, tuple[str, float]]) -> TwoQuestions:
    """Returns a search in which a part with a word of ``chances`` has that entry and probability; the last wins."""

    def judge(part: str) -> Judgement:
        found = [one for word, one in chances.items() if word in part]
        id, chance = found[-1] if found else ("cancha", 0.05)
        return Judgement((Candidate(id, f"¿{id}?", chance),), 0.0, None)

    entries = [replace(BASE, id=id, question=question) for id, question in QUESTIONS.items()]
    return TwoQuestions(Keywords(entries), judge, Thresholds(0.7, 0.4))


def judged(jardin: float, first: str = "nacimiento") -> TwoQuestions:
    return searching({"nacimiento": (first, 0.9), "además": ("jardin", jardin)})


def test_entry_of_the_other_part_is_beside_the_answer() -> None:
    found = judged(0.5).beside(TEXT, "nacimiento")
    assert found is not None and found.entry == "jardin"
    assert judged(0.5).rest(TEXT, NO_ONE, "nacimiento") == (found, None, None)


@pytest.mark.parametrize(
    ("text", "jardin", "first"),
    [
        (TEXT, 0.3, "nacimiento"),
        (TEXT, 0.5, "jardin"),
        (TEXT, 0.5, "matricula"),
        ("el certificado y además el jardín", 0.5, "nacimiento"),
        ("necesito el certificado de nacimiento de mi hijo chico", 0.5, "nacimiento"),
        ("necesito el certificado de nacimiento y además me siento feliz", 0.5, "nacimiento"),
    ],
)
def test_nothing_is_beside_the_answer_if_a_part_is_unlike_it_or_the_text_has_one(
    text: str, jardin: float, first: str
) -> None:
    assert judged(jardin, first).beside(text, "nacimiento") is None


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("necesito el certificado de nacimiento y mi hijo va al jardín", None),
        ("necesito el certificado de nacimiento y quiero inscribirlo en el jardín", "jardin"),
    ],
)
def test_only_a_part_that_asks_or_is_added_is_beside_the_answer(text: str, id: str | None) -> None:
    found = searching({"nacimiento": ("nacimiento", 0.9), "jardín": ("jardin", 0.5)}).beside(text, "nacimiento")
    assert (found and found.entry) == id


def test_both_sure_parts_are_answered_however_the_whole_message_is_ranked() -> None:
    both = judged(0.9).of(TEXT, NO_ONE)
    assert both is not None
    assert (both.first.entry, both.second.entry, both.third) == ("nacimiento", "jardin", None)


@pytest.mark.parametrize(
    ("text", "jardin"),
    [
        (TEXT, 0.75),  # not sure enough
        ("necesito el certificado de nacimiento y además me siento feliz en casa", 0.9),  # no word names its entry
        ("el certificado de nacimiento y ese jardín grande e infantil", 0.9),  # nothing asks, nothing adds
        ("certificado de nacimiento y además jardín", 0.9),  # short
    ],
)
def test_second_answer_needs_a_sure_part_that_names_it_and_asks_or_adds(text: str, jardin: float) -> None:
    assert (
        searching({"nacimiento": ("nacimiento", 0.9), "jardín": ("jardin", jardin), "además": ("jardin", jardin)}).of(
            text, NO_ONE
        )
        is None
    )


@pytest.mark.parametrize(
    ("text", "whole", "answers"),
    [
        ("necesito el certificado de nacimiento y mi hijo va al jardín", 0.5, True),
        ("necesito el certificado de nacimiento y mi hijo va al jardín", 0.9, False),  # one entry answers it all
        ("perdí el certificado de nacimiento y mi hijo va al jardín", 0.5, False),  # nothing asks
        ("necesito el certificado de nacimiento y quiero inscribirlo en el jardín", 0.9, True),  # both ask
    ],
)
def test_parts_that_do_not_both_ask_are_answered_only_if_nothing_answers_the_whole(
    text: str, whole: float, answers: bool
) -> None:
    search = searching({"nacimiento": ("nacimiento", 0.95), "jardín": ("jardin", 0.95)})
    judged = replace(NO_ONE, candidates=(Candidate("nacimiento", "", whole), *NO_ONE.candidates[1:]))
    assert (search.of(text, judged) is not None) == answers
    unlikely = replace(judged, candidates=(judged.candidates[0], Candidate("cancha", "", 0.1)))
    assert search.of(text, unlikely) is None  # not possible for the whole message


def test_third_sure_entry_is_kept_for_a_button() -> None:
    chances = {"nacimiento": ("nacimiento", 0.95), "pasaporte": ("pasaporte", 0.95), "jardín": ("jardin", 0.95)}
    text = "necesito el certificado de nacimiento, también quiero el pasaporte y quiero inscribirlo en el jardín"
    both = searching(chances).of(text, NO_ONE)
    assert both is not None and both.third is not None
    assert {both.first.entry, both.second.entry, both.third.entry} == {"nacimiento", "pasaporte", "jardin"}


def test_part_that_surely_asks_something_unknown_is_said_to_be_unanswered() -> None:
    search = searching({"nacimiento": ("nacimiento", 0.9)})
    assert search.rest(ADDS_UNKNOWN, NO_ONE, "nacimiento") == (None, "second", None)
    assert search.answered(ADDS_UNKNOWN, NO_ONE, 0.0) == Candidate("nacimiento", "¿nacimiento?", 0.9)
    turned = "quiero saber cuándo abre la piscina y además necesito el certificado de nacimiento"
    assert search.rest(turned, NO_ONE, "nacimiento") == (None, "first", None)


@pytest.mark.parametrize(
    ("text", "id"),
    [
        (ADDS_UNKNOWN, "jardin"),  # another entry answers the message
        (ADDS_UNKNOWN.replace("además ", ""), "nacimiento"),
        (ADDS_UNKNOWN.replace("la piscina", "el certificado"), "nacimiento"),
        ("necesito el certificado de nacimiento y además me carga la piscina", "nacimiento"),
        ("necesito el certificado de nacimiento y además quiero saber cuánto cuesta", "nacimiento"),
    ],
)
def test_nothing_is_unanswered_if_the_rest_may_be_about_the_answer_or_asks_nothing(text: str, id: str) -> None:
    assert searching({"nacimiento": ("nacimiento", 0.9)}).rest(text, NO_ONE, id) == (None, None, None)


@pytest.mark.parametrize(
    ("text", "adds"),
    [
        ("quiero pagar el permiso de circulación y no pasó la tarjeta, ¿qué hago?", False),
        ("quiero pagar el permiso de circulación y de paso renovar la licencia", True),
    ],
)
def test_only_the_words_de_paso_add_a_question(text: str, adds: bool) -> None:
    assert any(cut.adds for cut in in_two(text)) == adds


POOLS = OutOfScopeTopic("piscinas", (), title="Piscinas", scope="nacional", body="Ministerio del Deporte")


@pytest.mark.parametrize(
    ("topic", "chance", "known"),
    [
        (POOLS, 0.05, POOLS),
        (POOLS, 0.35, None),  # an entry is too likely
        (replace(POOLS, scope="municipal"), 0.05, None),  # another office of the agency
        (replace(POOLS, emergency="gas"), 0.05, None),
    ],
)
def test_topic_of_the_unanswered_part_is_known_and_that_of_the_whole_is_not_lost(
    topic: OutOfScopeTopic, chance: float, known: OutOfScopeTopic | None
) -> None:
    search = searching({"nacimiento": ("nacimiento", 0.9), "piscina": ("cancha", chance)})
    named = replace(search, judge=lambda part: replace(search.judge(part), out_of_scope_topic=topic))
    assert named.rest(ADDS_UNKNOWN, NO_ONE, "nacimiento") == (None, "second", known)
    hardly_any = replace(NO_ONE, candidates=(Candidate("nacimiento", "", 0.2),), out_of_scope_topic=POOLS)
    answered = named.answered(ADDS_UNKNOWN, hardly_any, 0.0)
    assert (answered and answered.entry) == ("nacimiento" if known else None)


def test_nothing_is_said_about_a_part_of_a_long_story() -> None:
    search, story = searching({"nacimiento": ("nacimiento", 0.9)}), f"{ADDS_UNKNOWN} {'para mi hija ' * 10}"
    assert search.rest(story, NO_ONE, "nacimiento") == (None, None, None)
    assert search.rest(story.strip()[:-20], NO_ONE, "nacimiento") == (None, "second", None)


def test_part_alone_is_no_answer_to_who_wants_a_person_or_if_it_is_too_unsure() -> None:
    search = searching({"nacimiento": ("nacimiento", 0.9)})
    person = replace(NO_ONE, command=Command("ask_human", 0.9))
    assert search.answered(ADDS_UNKNOWN, person, 0.0) is None
    assert search.rest(ADDS_UNKNOWN, person, "nacimiento") == (None, None, None)
    assert search.answered(ADDS_UNKNOWN, NO_ONE, 0.95) is None


LICENCE = replace(
    BASE, id="licencia", question="¿Cómo renuevo mi licencia?", body="**Costo:** $ 20.000.\n\n**Dónde:** aquí."
)
REFUSE = replace(
    BASE, id="basura", question="¿Cuándo pasa la basura?", body="**Horario:** a las 8:00.\n\n**Dónde:** allá."
)
AFTER_BOTH = Context(
    previous="basura", question="quiero renovar la licencia y saber cuándo pasa la basura", other="licencia"
)


@pytest.mark.parametrize(
    ("text", "previous", "other"),
    [
        ("¿y la licencia qué papeles pide?", "licencia", None),
        ("¿y la basura los domingos?", "basura", None),
        ("¿y cuánto cuesta?", "licencia", None),
        ("¿y a qué hora?", "basura", None),
        ("¿y dónde?", "basura", "licencia"),
        ("¿y qué papeles llevo?", "basura", "licencia"),
        ("¿cómo me caso por el civil?", "basura", None),
        ("gracias", "basura", None),
    ],
)
def test_message_after_two_answers_is_about_the_one_that_it_names_or_that_says_what_it_asks(
    text: str, previous: str, other: str | None
) -> None:
    found = meant(text, AFTER_BOTH, (REFUSE, LICENCE), Keywords([REFUSE, LICENCE]))
    assert (found.previous, found.other) == (previous, other)
    parts = {"licencia": "quiero renovar la licencia", "basura": "y saber cuándo pasa la basura"}
    assert found.question == (AFTER_BOTH.question if other else parts[previous])


def test_entry_that_answers_a_part_leads_with_the_probability_for_the_part() -> None:
    led = NO_ONE.led_by(Candidate("jardin", "¿jardin?", 0.9)).candidates
    assert [(one.entry, one.confidence) for one in led] == [("jardin", 0.9), ("nacimiento", 0.5), ("pasaporte", 0.01)]
