"""Tests which messages only begin to tell something, or tell it and ask nothing."""

from __future__ import annotations

from actions.replies.answers import FaqReplies
from actions.unfinished import is_unfinished, only_names_somebody
from bot.agency.model import Agency
from bot.faq.words.wording import only_tells
from tests.rows import each_row
from tests.unit.actions_fakes import FakeAnswerer, FakeDecision, answering_faq, candidates, heard, turn


@each_row(
    ("text", "is_one", "names_somebody"),
    [
        ("mi mamá", True, True),
        ("Es que mi hijo...", True, True),
        ("tengo un vecino", True, True),
        ("mi carnet", True, False),
        ("el otro día", True, True),
        ("¿mi mamá?", False, False),
        ("mamá", False, False),
        ("licencia de conducir", False, False),
        ("mi mamá tiene ochenta años", False, False),
        ("", False, False),
    ],
)
def test_short_beginning_of_a_story_is_unfinished(text: str, is_one: bool, names_somebody: bool) -> None:
    assert (is_unfinished(text), only_names_somebody(text)) == (is_one, names_somebody)


@each_row(
    ("text", "tells"),
    [
        ("mi perro mordió al cartero", True),
        ("se perdió mi gato en la plaza", True),
        ("no tengo rut todavía", True),
        ("el semáforo está malo", True),
        ("mi jubilación de España", False),  # a matter, not a story
        ("la jubilación de mi tía en España", False),
        ("mi perro mordió al cartero, ¿qué hago?", False),
        ("mi perro mordió, necesito un abogado", False),
        ("no gracias", False),
        ("no me sirve", False),
        ("no", False),
        ("se me cayó el techo de la casa con la lluvia de anoche", False),  # long enough for a person
        ("", False),
    ],
)
def test_short_text_that_asks_nothing_only_tells(text: str, tells: bool) -> None:
    assert only_tells(text) is tells


async def test_who_only_tells_is_asked_what_is_wanted_before_a_person_gets_it(agency: Agency) -> None:
    action = answering_faq(FaqReplies(agency), FakeAnswerer(FakeDecision("handoff", candidates("bache"))))
    [message] = await turn(action, heard("mi perro mordió al cartero"))
    assert (message["text"], message["missed"]) == (agency.say("sigue_contando"), True)
    assert [one["payload"] for one in message["buttons"]] == ["/ask_human"]
    [message] = await turn(action, heard("y la herencia de mi perro"))
    assert message["handoff"]
