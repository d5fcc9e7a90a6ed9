"""Tests whose numbers fit violence: those for children, those for adults, or both."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Any

import httpx
import pytest
import pytest_asyncio

from bot.agency.model import Agency
from bot.conversation.state import ConversationState, KeptDanger
from bot.core.messages import Channel, CitizenMessage, RecognizedDanger, Reply, Speaker
from bot.crisis.emergency import find, kind_for_victims, kind_of_others
from bot.crisis.minors import CHILD, VIOLENCE
from bot.turns.assistant import Assistant
from bot.turns.outcome import Decision
from bot.turns.queue.waiting import WaitingRules
from bot.turns.rasa_client import Rasa
from bot.turns.turns import Turns
from tests.rows import each_row

BOTH = "mi marido me pega a mí y a mi hija de 5 años"
ODD = "otra vez me encierra con la niña"
Take = Callable[..., Any]


@each_row(
    "words",
    [
        "mi hija tiene 12 años y su papá le pega",
        "mi hijo de 8 años llega con moretones, su papá le pega",
        "la niña del vecino grita, su papá le pega",
        "mi sobrino de 8 me contó que su padrastro le pega con un cable",
        "soy profesora y una alumna me dijo que su papá le pega",
        "al cabro chico de al lado su mamá le pega con la correa",
        "mi nieto vive con su papá y él lo golpea",
        "a mi hermano chico mi papá le pega todas las noches",
        "un compañero de mi hija cuenta que el padrastro le pega",
        "mi ijo de sinko años el papa le pega mucho",
        "la wawa de la vesina llora i el tata le pega",
        "mi primo de 15 dice que su papá lo amenaza con un cuchillo",
        "a mi hijo le pegan en el colegio",
        "tengo 11 años y mi papá me pega",
        "tengo 14 y mi papá me pega",
        "al vecinito del 4 lo amarran y lo golpean",
    ],
)
def test_violence_to_a_child_gets_the_numbers_for_children(words: str) -> None:
    assert (kind_for_victims(VIOLENCE, words), kind_of_others(CHILD, words)) == (CHILD, None)
    assert find(words) in (CHILD, None)  # without a phrase, the classifier finds it


@each_row(
    "words",
    [
        BOTH,
        "me pega a mí y a mis hijos",
        "mi marido me pega delante de los niños",
        "mi pareja le pega a mi mamá y a mi hermanita",
        "mi pololo me pega y tengo una guagua",
        "mi hija de 15 su pololo le pega",
        "el vesino le pega a la señora i a los cabros chicos",
        "mi ex me qiere matar y se yebo a mi hijo de 3 años",
        "mi marido nos pega a todos, mi hijo tiene 6 años",
        "mi yerno le pega a mi hija y a mi nieto de 4",
        "mi vecina está gritando que la suelte, tiene dos niños",
        "se subió una niña a la micro arrancando del pololo que la golpeó",
        "el papá de mis niños tiene orden de no acercarse y está afuera pateando la reja",
        "salí con lo puesto y la guagua, él anda en la moto buscándonos",
        "llegó curado y está rompiendo todo, tengo a los chiquillos encerrados conmigo",
    ],
)
def test_violence_to_a_child_and_an_adult_gets_the_numbers_for_both(words: str) -> None:
    assert (kind_for_victims(VIOLENCE, words), kind_of_others(VIOLENCE, words)) == (VIOLENCE, CHILD)


@pytest.mark.parametrize(
    ("words", "others"),
    [
        (BOTH, VIOLENCE),
        ("mi pareja le pega al niño y a mi mamá", VIOLENCE),
        ("me pegó mi papá con el cable", None),  # who writes may be the child
        ("se perdió mi niña y mi señora está desesperada", None),
        ("la vecina le pega al niño con la escoba", None),
    ],
)
def test_violence_to_a_child_adds_the_numbers_for_adults_if_one_suffers_too(words: str, others: str | None) -> None:
    assert kind_of_others(CHILD, words) == others


@pytest.mark.parametrize(
    "words",
    ["tengo 14 años y mi papá le pega a mi mamá", "tengo 17 y mi pololo me pegó", "soy menor y la golpea a ella"],
)
def test_minor_who_tells_of_violence_to_an_adult_gets_the_numbers_for_children_first(words: str) -> None:
    assert (kind_for_victims(VIOLENCE, words), kind_of_others(CHILD, words)) == (CHILD, VIOLENCE)


@each_row(
    "words",
    [
        "mi marido me pega",
        "el papá de mi hija me pega",
        "mi hija de 30 años dice que su marido le pega",
        "mi hija de 22 años vive con su pareja y él le pega",
        "mi hija es casada y su marido le pega",
        "mi hijo le pega a su papá",
        "mi hijo me pega",
        "mi marido me pega hace 8 años",
        "mi hermano me pega desde hace 5 años",
        "tengo 12 años de casada y mi marido me pega",
        "mi vecino le pega a su señora",
        "mi vecina de 70 años, su hijo le pega",
        "mi mamá tiene 80 años y mi hermano le pega",
        "tengo 3 meses de embarazo y mi pololo me pega",
    ],
)
def test_violence_to_adults_keeps_their_numbers(words: str) -> None:
    assert kind_for_victims(VIOLENCE, words) == VIOLENCE
    assert kind_of_others(VIOLENCE, words) is None


@pytest.mark.parametrize("kind", ["medica", "delito", "suicidio"])
def test_other_dangers_keep_their_kind(kind: str) -> None:
    assert (kind_for_victims(kind, BOTH), kind_of_others(kind, BOTH)) == (kind, None)


async def place(_ticket: str, _now: datetime) -> Reply:
    return Reply("lugar 1")


async def judge(text: str) -> RecognizedDanger | None:
    return RecognizedDanger(VIOLENCE, sure=False) if text == ODD else None


@pytest_asyncio.fixture
async def take(agency: Agency) -> AsyncIterator[Take]:
    rasa = Rasa("http://rasa", transport=httpx.MockTransport(lambda _request: httpx.Response(500)))
    rules = WaitingRules(position_notice=place)
    turns = Turns(agency=agency, assistant=Assistant(rasa), wait_notice=place, waiting=rules, judge=judge)

    async def taken(text: str, speaker: Speaker, *dangers: KeptDanger) -> Decision:
        ticket = None if speaker is Speaker.ASSISTANT else "7"
        state = ConversationState(
            True, Channel.WEB, speaker, ticket, True, (), 1, "7", dangers=dangers, in_emergency=bool(dangers)
        )
        return await turns.take(CitizenMessage("c1", Channel.WEB, "m1", text, at=0), state)

    yield taken
    await rasa.close()


@pytest.mark.parametrize("speaker", list(Speaker))
async def test_both_are_told_and_kept(agency: Agency, take: Take, speaker: Speaker) -> None:
    first, second, *_ = (await take(BOTH, speaker)).replies
    assert [one.text for one in (first, second)] == [agency.emergencies[VIOLENCE], agency.emergencies[CHILD]]
    assert (second.author, second.danger) == (first.author, RecognizedDanger(CHILD, sure=True))


async def test_both_lines_of_a_possible_danger_have_one_button(agency: Agency, take: Take) -> None:
    decision = await take(ODD, Speaker.STAFF)
    notices = [agency.emergency_notices[VIOLENCE], agency.emergency_notices[CHILD]]
    assert [one.text for one in decision.replies] == notices
    assert [len(one.buttons) for one in decision.replies] == [1, 0]


async def test_numbers_for_the_other_are_not_repeated_while_the_reminder_has_them(take: Take) -> None:
    now_ms = int(time.time() * 1000)
    open_ones = (KeptDanger(CHILD, True, now_ms - 1000), KeptDanger(VIOLENCE, True, now_ms))
    decision = await take("estoy con mi niña y me va a pegar, apúrense", Speaker.WAITING, *open_ones)
    assert [one.danger.kind for one in decision.replies if one.danger] == [VIOLENCE]
