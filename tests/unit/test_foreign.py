"""Tests messages in another language: a notice in that language and a handoff, without asking Rasa."""

from __future__ import annotations

from dataclasses import dataclass, replace

import httpx
import pytest

from bot.agency.desk_settings import Route
from bot.agency.model import Agency
from bot.conversation.state import ConversationState
from bot.core.messages import Channel, CitizenMessage, HandoffReason, Priority, Reply, Speaker
from bot.turns.assistant import Assistant
from bot.turns.outcome import Decision
from bot.turns.rasa_client import Rasa
from bot.turns.turns import Turns

CREOLE, ENGLISH = "Kijan pou m renouvle lisans mwen?", "how do I renew my license?"

BEFORE = ConversationState(True, Channel.WHATSAPP, Speaker.ASSISTANT, None, True, (), 0)


async def in_line(_handoff: object, _now: object) -> Reply:
    return Reply("Quedas en la fila.", translations={"en": "You are in the line.", "ht": "Ou nan liy lan."})


@dataclass
class Citizen:
    """A citizen and the state after each commit. The stub of Rasa always answers «Así.»."""

    agency: Agency
    state: ConversationState = BEFORE

    async def writes(self, text: str) -> Decision:
        answers = httpx.MockTransport(lambda _request: httpx.Response(200, json=[{"text": "Así."}]))
        turns = Turns(
            agency=self.agency, assistant=Assistant(Rasa("http://rasa", transport=answers)), wait_notice=in_line
        )
        decision = await turns.take(CitizenMessage("c", Channel.WHATSAPP, "1", text, 0), self.state)
        known = {**self.state.known, **decision.change.known}
        spanish = decision.change.wrote_spanish
        wrote_spanish = self.state.wrote_spanish if spanish is None else spanish
        buttons = decision.change.buttons or ()
        self.state = replace(self.state, known=known, buttons=buttons, wrote_spanish=wrote_spanish)
        return decision


async def test_first_foreign_message_gets_a_notice_offering_a_person_and_the_numbers(
    agency: Agency,
) -> None:
    (reply,) = (await Citizen(agency).writes(CREOLE)).replies
    assert "sèlman an panyòl" in reply.text
    assert "**131**" in reply.text
    assert [button.title for button in reply.buttons] == ["Pale ak yon moun", "Seguir en español"]
    assert reply.language == "ht"


@pytest.mark.parametrize("then", ["1", "Talk to a person", "where can I pay the fee for my car?"])
async def test_request_for_a_person_or_another_foreign_message_is_a_handoff(agency: Agency, then: str) -> None:
    citizen = Citizen(agency)
    assert (await citizen.writes(ENGLISH)).handoff is None
    decision = await citizen.writes(then)
    assert decision.handoff
    assert (decision.handoff.reason, decision.handoff.priority) == (HandoffReason.LANGUAGE, Priority.NORMAL)
    assert [reply.in_language("en").text for reply in decision.replies] == ["You are in the line."]
    assert citizen.state.known == {"idioma": "en"}


async def test_citizen_who_continues_in_spanish_is_answered_and_no_longer_foreign(agency: Agency) -> None:
    citizen = Citizen(agency)
    await citizen.writes(ENGLISH)
    assert (await citizen.writes("Seguir en español")).replies[0].text.startswith("Sigamos")
    assert citizen.state.known == {"idioma": "es"}
    assert [reply.text for reply in (await citizen.writes("¿dónde pago el permiso?")).replies] == ["Así."]
    assert (await citizen.writes("and in english?")).handoff is None


async def test_spanish_in_between_resets_the_notice(agency: Agency) -> None:
    citizen = Citizen(agency)
    await citizen.writes(ENGLISH)
    await citizen.writes("¿dónde pago el permiso?")
    assert (await citizen.writes("thank you for your help")).handoff is None


SPANISH, LONG_SPANISH = "quiero pagar la patente", "Hola, quiero saber cuánto cuesta el permiso de circulación este año"


@pytest.mark.parametrize(
    ("texts", "language"),
    [
        ([SPANISH], "en"),
        ([SPANISH, "ok", "¿y hasta cuándo puedo hacerlo?"], "es"),
        ([LONG_SPANISH], "es"),
        ([SPANISH, "where can I pay the fee?", SPANISH], "en"),
        (["ok", "gracias", "sí", "12.345.678-5", "Plaza de Armas 120"], "en"),
        ([LONG_SPANISH, ENGLISH, SPANISH], "en"),
    ],
)
@pytest.mark.parametrize("speaker", list(Speaker))
async def test_citizen_who_writes_spanish_again_is_recorded_as_spanish(
    agency: Agency, texts: list[str], language: str, speaker: Speaker
) -> None:
    citizen = Citizen(agency)
    await citizen.writes(ENGLISH)
    citizen.state = replace(citizen.state, speaker=speaker, noticed_at=10**15)
    for text in texts:
        await citizen.writes(text)
    assert citizen.state.known == {"idioma": language}


async def test_danger_comes_before_the_language(agency: Agency) -> None:
    decision = await Citizen(agency).writes("help please, se está quemando mi casa, there is a fire in my house")
    assert decision.handoff
    assert decision.handoff.reason is HandoffReason.EMERGENCY


async def test_handoff_goes_to_the_route_of_that_language(agency: Agency) -> None:
    rules = replace(agency.desk, routes=(Route({"idioma": "ht"}, "social"), Route({"idioma": "es"}, "obras")))
    citizen = Citizen(replace(agency, desk=rules))
    await citizen.writes(CREOLE)
    decision = await citizen.writes("1")
    assert decision.handoff
    assert decision.handoff.team == "social"


@pytest.mark.parametrize("speaker", [Speaker.WAITING, Speaker.STAFF])
async def test_language_of_a_waiting_or_attended_citizen_is_noted_silently(agency: Agency, speaker: Speaker) -> None:
    citizen = Citizen(agency)
    citizen.state = replace(citizen.state, speaker=speaker, noticed_at=10**15)
    decision = await citizen.writes(CREOLE)
    assert (decision.replies, dict(decision.change.known)) == ((), {"idioma": "ht"})


@pytest.mark.parametrize(("text", "expected"), [(ENGLISH, {"idioma": "en"}), ("¿dónde pago el permiso?", {})])
def test_notice_that_a_message_is_kept_names_its_language(agency: Agency, text: str, expected: dict[str, str]) -> None:
    turns = Turns(agency=agency, assistant=Assistant(Rasa("http://rasa")), wait_notice=in_line)
    notice = turns.meanwhile(CitizenMessage("c", Channel.WEB, "1", text, 0), BEFORE)
    assert dict(notice.known) == expected
    assert "We kept your message" in notice.replies[0].in_language("en").text
