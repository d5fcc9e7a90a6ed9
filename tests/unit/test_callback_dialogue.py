"""Tests the call-back dialogue: consent first, a valid contact, a part of the day, a way out of each step."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.agency.model import Agency
from bot.agency.schedule import schedule
from bot.conversation.addresses import Addresses
from bot.conversation.change import Change, Note
from bot.conversation.state import ConversationState
from bot.core.messages import Channel, CitizenMessage, Speaker
from bot.handoff.callback_offer import offer
from bot.handoff.callbacks.dialogue import CallbackDialogue
from bot.handoff.callbacks.request import Requests
from bot.handoff.callbacks.words import window_named
from bot.handoff.hours import ServiceHours
from bot.text.languages import OTHERS, Language
from bot.turns.outcome import Decision
from tests.rows import each_row

ADDRESSES = Addresses("s" * 40)
FRIDAY_NIGHT = datetime(2026, 11, 27, 20, 0, tzinfo=ZoneInfo("America/Santiago"))


class Citizen:
    """A waiting citizen who uses the dialogue; each change is applied as the commit would."""

    def __init__(
        self, agency: Agency, *, address: str = "", now: datetime = FRIDAY_NIGHT, team: str = "transito"
    ) -> None:
        requests = Requests(agency, ServiceHours(agency), lambda: now)
        self.dialogue = CallbackDialogue(agency, requests, ADDRESSES)
        encrypted = ADDRESSES.encrypt(address) if address else ""
        offered = (replace(offer(agency, "transito"), id="first"),)
        self.state = ConversationState(
            True, Channel.WHATSAPP, Speaker.WAITING, "7", True, offered, noticed_at=0, address=encrypted
        )
        self.decision = Decision()

    def say(self, text: str, command: str = "", id: str = "m1", edits: str = "", *, shared: bool = False) -> str:
        said = CitizenMessage("c1", Channel.WHATSAPP, id, text, at=1, command=command, edits=edits)
        message = replace(said, shared=shared)
        decision = self.dialogue.turn(message, self.state)
        assert decision is not None, "the dialogue has nothing to say"
        change = decision.change
        buttons = self.state.buttons if change.buttons is None else change.buttons
        self.state = replace(self.state, buttons=buttons, form=self.state.form if change.form is None else change.form)
        self.decision = decision
        return decision.replies[-1].text

    @property
    def titles(self) -> list[str]:
        return [button.title for button in self.decision.replies[-1].buttons]

    @property
    def note(self) -> Note:
        assert self.decision.change.note is not None
        return self.decision.change.note


def test_group_is_asked_to_write_in_private_instead_of_a_contact(agency: Agency) -> None:
    citizen = Citizen(agency)
    told = [citizen.say("Que me llamen", shared=True)]
    citizen.say("Que me llamen")
    told.append(citizen.say("Sí, de acuerdo", shared=True))
    assert (told, citizen.state.form) == ([agency.say("llamada_en_grupo")] * 2, "")


def test_group_is_not_asked_again_and_what_it_writes_is_no_answer(agency: Agency) -> None:
    citizen = Citizen(agency)
    citizen.say("Que me llamen")

    def decided(text: str) -> list[Decision | None]:
        asked = CitizenMessage("c1", Channel.TELEGRAM, "m2", text, at=2, shared=True)
        return [citizen.dialogue.turn(asked, citizen.state), citizen.dialogue.again(asked, citizen.state)]

    assert decided("tengo la calle llena de barro") == decided("¿cuánto sale la licencia?") == [None, None]
    assert citizen.say("mi número es 9 8765 4321", shared=True) == agency.say("llamada_en_grupo")


def test_consent_contact_and_part_of_the_day_make_a_request(agency: Agency) -> None:
    citizen = Citizen(agency)
    assert "lo borramos 30 días después" in citizen.say("Que me llamen")
    assert "Dirección de Tránsito" in citizen.decision.replies[0].text
    assert citizen.titles == ["Sí, de acuerdo", "No, gracias"]
    assert citizen.say("Sí, de acuerdo") == agency.say("llamada_asunto")
    assert citizen.titles == ["Saltar", "Cancelar"]
    assert citizen.say("la patente de mi negocio") == agency.say("llamada_contacto")
    assert "patente" not in citizen.state.form
    assert "+56 9 •••• 4321" in citizen.say("9 8765 4321")
    assert citizen.titles == ["En la mañana", "En la tarde", "Me da lo mismo"]
    said = citizen.say("En la tarde")
    assert f"la {citizen.note.facts.number}.**" in said
    assert "Te llamaremos al +56 9 •••• 4321 en la tarde, desde el lunes a las 15:00." in said
    assert citizen.note.kind == "callback_requested"
    assert citizen.note.facts.due_at == int(datetime(2026, 11, 30, 15, tzinfo=FRIDAY_NIGHT.tzinfo).timestamp() * 1000)
    assert {citizen.note.facts.to_data()[key] for key in ("of_ticket", "team", "contact_kind", "window")} == {
        "7",
        "transito",
        "mobile",
        "afternoon",
    }
    assert ADDRESSES.decrypt(citizen.note.secret) == "+56987654321"
    assert (citizen.state.form, citizen.decision.change.call_back_at) == ("", citizen.note.facts.due_at)


def test_correction_replaces_the_contact_and_answers_no_question(agency: Agency) -> None:
    citizen = Citizen(agency)
    citizen.say("Que me llamen", id="1")
    consent = citizen.decision.replies[-1].text
    assert citizen.say("Sí", id="0:10", edits="0") == consent
    citizen.say("Sí", id="2")
    assert citizen.say("Que me llamen a mí", id="1:10", edits="1") == agency.say("llamada_asunto")
    citizen.say("la patente de mi negocio", id="3")
    assert citizen.say("la patente de mi local", id="3:10", edits="3") == agency.say("llamada_contacto")
    citizen.say("9 8765 4320", id="4")
    assert "+56 9 •••• 4321" in citizen.say("9 8765 4321", id="4:10", edits="4")
    assert citizen.titles == ["En la mañana", "En la tarde", "Me da lo mismo"]
    citizen.say("En la tarde", id="5")
    assert ADDRESSES.decrypt(citizen.note.secret) == "+56987654321"


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("en la tarde porfa", "afternoon"),
        ("mañana en la mañana", "morning"),
        ("me da lo mismo la hora", "any"),
        ("en la mañana no puedo", ""),
        ("en la mañana o en la tarde", ""),
        ("después de las 6", ""),
    ],
)
def test_part_of_the_day_may_be_in_a_sentence(agency: Agency, text: str, window: str) -> None:
    citizen = Citizen(agency)
    for words in ("Que me llamen", "sí", "saltar", "9 8765 4321"):
        citizen.say(words)
    citizen.say(text)
    note = citizen.decision.change.note
    assert (note.facts.to_data()["window"] if note else "") == (window_named(text) or "") == window


def test_help_and_start_are_no_matter(agency: Agency) -> None:
    citizen = Citizen(agency)
    citizen.say("Que me llamen")
    citizen.say("Sí, de acuerdo")
    assert citizen.say("ayuda") == agency.say("llamada_asunto")
    assert citizen.titles == ["Saltar", "Cancelar"]
    assert citizen.say("Empezar", command="start") == agency.say("llamada_cancelada")
    assert citizen.state.form == ""


@pytest.mark.parametrize("language", OTHERS)
def test_dialogue_comes_in_the_citizens_language_with_its_buttons(agency: Agency, language: Language) -> None:
    citizen, told = Citizen(agency), []
    for words in ("Que me llamen", "sí", "saltar", "no sé", "no lo tengo", "9 8765 4321", "2"):
        citizen.say(words)
        told.append(citizen.decision.replies[-1].in_language(language))
    assert [one.language for one in told] == [language] * len(told)
    assert not [one.text for one in told if "{" in one.text or one.text == one.text.upper()]
    assert all(button.titles[language] == button.title for one in told for button in one.buttons)
    consent, *_, confirmed = told
    assert "Dirección de Tránsito" in consent.text and " 30 " in consent.text
    assert "+56 9 •••• 4321" in confirmed.text and "30/11, 15:00" in confirmed.text


def test_contact_is_stored_only_encrypted(agency: Agency) -> None:
    citizen = Citizen(agency)
    for text in ("Que me llamen", "sí", "saltar", "9 8765 4321"):
        citizen.say(text)
    assert "8765" not in citizen.state.form.replace(json.loads(citizen.state.form)["encrypted"], "")
    citizen.say("3")
    assert "8765" not in str(citizen.note.facts) + citizen.decision.replies[0].text


def test_contact_given_before_consent_is_not_kept(agency: Agency) -> None:
    citizen = Citizen(agency)
    citizen.say("Que me llamen")
    assert citizen.say("9 8765 4321") == agency.say("llamada_falta_acuerdo")
    assert json.loads(citizen.state.form)["encrypted"] == ""
    assert citizen.say("sí, al 9 8765 4321").startswith(agency.say("llamada_falta_acuerdo"))
    translations = citizen.decision.replies[-1].translations
    assert [text.count("«") for text in translations.values()] == [1] * len(OTHERS)


def test_email_needs_no_part_of_the_day(agency: Agency) -> None:
    citizen = Citizen(agency)
    citizen.say("Que me llamen")
    citizen.say("dale")
    citizen.say("saltar")
    assert "Te escribiremos a a•••@correo.cl, desde el lunes a las 08:30." in citizen.say("mi correo es ana@correo.cl")
    assert ADDRESSES.decrypt(citizen.note.secret) == "ana@correo.cl"
    assert (citizen.note.facts.contact_kind, citizen.note.facts.window) == ("email", "any")


@pytest.mark.parametrize("matter", ["Saltar", "me escribieron del correo cobros@aseo.cl por una deuda mía"])
def test_matter_may_be_skipped_and_is_no_contact(agency: Agency, matter: str) -> None:
    citizen = Citizen(agency)
    for text in ("Que me llamen", "sí"):
        citizen.say(text)
    assert citizen.say(matter) == agency.say("llamada_contacto")


def test_number_given_instead_of_the_matter_is_kept_and_the_matter_is_asked_again(agency: Agency) -> None:
    citizen = Citizen(agency)
    for text in ("Que me llamen", "sí"):
        citizen.say(text)
    said = citizen.say("9 8765 4321")
    assert said == agency.say("llamada_asunto_falta", contacto="+56 9 •••• 4321")
    assert citizen.titles == ["Saltar", "Cancelar"]
    assert "8765" not in citizen.state.form.replace(json.loads(citizen.state.form)["encrypted"], "")
    assert citizen.say("la patente de mi negocio") == agency.say("llamada_franja", contacto="+56 9 •••• 4321")
    citizen.say("Me da lo mismo")
    assert ADDRESSES.decrypt(citizen.note.secret) == "+56987654321"


@pytest.mark.parametrize(
    ("text", "problem", "digits"),
    [
        ("98765432", "corto", 8),
        ("mi número es el 8765 4321", "corto", 8),
        ("al fono 987654321012 porfa", "largo", 12),
        ("ana@correo.con", "correo_con", 0),
        ("+1 202 555 0142", "extranjero", 0),
    ],
)
def test_unusable_contact_given_instead_of_the_matter_is_explained(
    agency: Agency, text: str, problem: str, digits: int
) -> None:
    citizen = Citizen(agency)
    for words in ("Que me llamen", "sí"):
        citizen.say(words)
    assert citizen.say(text) == agency.say(f"llamada_error_{problem}", digitos=digits)
    assert citizen.titles == ["Saltar", "Cancelar"]
    assert citizen.say("9 8765 4321") == agency.say("llamada_asunto_falta", contacto="+56 9 •••• 4321")


@pytest.mark.parametrize(
    "matter",
    [
        *("el folio 98765432", "la patente 8765 4321", "multa 2026", "el 98"),
        *("12345678-9", "12.345.678-5", "rut 12345678-9", "rut 12345678", "12345678-5"),
        *("12/05/2024 14:30", "es por el 15-03-2024", "15.3.24", "2024-03-15", "de 14:30 a 15:00"),
        *("consulta por el 12345678", "reclamo 12345678"),
    ],
)
def test_matter_with_a_number_is_no_attempt_at_a_contact(agency: Agency, matter: str) -> None:
    citizen = Citizen(agency)
    for text in ("Que me llamen", "sí"):
        citizen.say(text)
    assert citizen.say(matter) == agency.say("llamada_contacto")


@pytest.mark.parametrize("again", ["8765432", "ana@correo.con", "12345678 y 87654321"])
def test_what_follows_a_refused_contact_is_the_matter(agency: Agency, again: str) -> None:
    citizen = Citizen(agency)
    for text in ("Que me llamen", "sí", "98765432"):
        citizen.say(text)
    assert citizen.say(again) == agency.say("llamada_contacto")


def test_matter_is_asked_again_only_once_and_a_second_number_replaces_the_first(agency: Agency) -> None:
    citizen = Citizen(agency)
    for text in ("Que me llamen", "sí", "9 8765 4321", "perdón, mi número es el 9 8765 4322"):
        said = citizen.say(text)
    assert said == agency.say("llamada_franja", contacto="+56 9 •••• 4322")


def test_mail_given_instead_of_the_matter_makes_the_request_once_the_matter_is_known(agency: Agency) -> None:
    citizen = Citizen(agency)
    for text in ("Que me llamen", "sí", "ana@correo.cl"):
        citizen.say(text)
    assert "Te escribiremos a a•••@correo.cl" in citizen.say("Saltar")


def test_senders_own_number_is_offered(agency: Agency) -> None:
    citizen = Citizen(agency, address="whatsapp:+56987654321")
    citizen.say("Que me llamen")
    citizen.say("sí")
    assert "+56 9 •••• 4321" in citizen.say("Saltar")
    assert citizen.titles == ["Usar este número", "Cancelar"]
    citizen.say("Usar este número")
    citizen.say("Me da lo mismo")
    assert ADDRESSES.decrypt(citizen.note.secret) == "+56987654321"


def test_invalid_contact_is_explained_and_leaving_offered_after_two_failures(agency: Agency) -> None:
    citizen = Citizen(agency)
    citizen.say("Que me llamen")
    citizen.say("sí")
    citizen.say("la patente")
    assert "tiene 8 cifras y en Chile son 9" in citizen.say("87654321")
    assert citizen.titles == ["Cancelar"]
    said = citizen.say("123")
    assert "tiene 3 cifras" in said
    assert agency.say("llamada_salida") in said
    assert citizen.titles == ["Dejarlo así"]
    assert "+56 9 •••• 4321" in citizen.say("987654321")


@each_row("steps", [[], ["sí"], ["sí", "Saltar"], ["sí", "987654321"]])
@each_row("words", ["cancelar", "No, gracias.", "Cancelar", "mejor no", "deja"])
def test_dialogue_may_be_left_at_any_step_and_the_position_stays(agency: Agency, steps: list[str], words: str) -> None:
    citizen = Citizen(agency)
    for text in ("Que me llamen", *steps):
        citizen.say(text)
    assert citizen.say(words) == agency.say("llamada_cancelada")
    assert (citizen.state.form, citizen.decision.change.call_back_at, citizen.decision.change.note) == ("", None, None)
    assert citizen.titles == ["Que me llamen"]
    assert "¿Nos autorizas" in citizen.say("Que me llamen")


def test_team_that_attends_only_in_the_morning_asks_for_no_part_of_the_day(agency: Agency) -> None:
    mornings = {"transito": schedule({"lunes": ["09:00-13:00"]}, "CL", ())}
    citizen = Citizen(replace(agency, team_schedules=mornings))
    for text in ("Que me llamen", "sí", "saltar"):
        citizen.say(text)
    assert "el lunes a las 09:00" in citizen.say("987654321")


def test_during_attended_hours_no_hour_is_promised(agency: Agency) -> None:
    citizen = Citizen(agency, now=datetime(2026, 11, 23, 10, 5, tzinfo=FRIDAY_NIGHT.tzinfo))
    for text in ("Que me llamen", "sí", "saltar", "987654321"):
        citizen.say(text)
    assert agency.say("llamada_desde_ahora") in citizen.say("me da lo mismo")


def test_other_messages_of_a_waiting_citizen_are_not_the_dialogues(agency: Agency) -> None:
    citizen = Citizen(agency)
    message = CitizenMessage("c1", Channel.WHATSAPP, "m1", "¿cuánto falta?", at=1)
    assert citizen.dialogue.turn(message, citizen.state) is None
    assert citizen.dialogue.revoked(message, citizen.state) is None


@pytest.mark.parametrize("words", ["anular solicitud", "Anular mi solicitud", "ya no me llamen"])
def test_request_is_revoked_by_text(agency: Agency, words: str) -> None:
    citizen = Citizen(agency)
    decision = revoke(citizen, words, callback="7")
    assert decision.change == Change(revoke=True, form="")
    assert "quedó anulada" in decision.replies[0].text


def revoke(citizen: Citizen, words: str, *, callback: str = "") -> Decision:
    message = CitizenMessage("c1", Channel.WEB, "m1", words, at=1)
    decision = citizen.dialogue.revoked(message, replace(citizen.state, callback=callback))
    assert decision is not None
    return decision


def test_nothing_is_revoked_without_a_request(agency: Agency) -> None:
    citizen = Citizen(agency)
    decision = revoke(citizen, "anular solicitud")
    assert (decision.replies[0].text, decision.change) == ("No tienes una solicitud de llamada pendiente.", Change())
    citizen.say("1")
    leaving = revoke(citizen, "anular solicitud")
    assert (leaving.change.form, leaving.change.revoke) == ("", False)
    assert "no guardamos tu contacto" in leaving.replies[0].text
