"""Tests the dialogue about a complaint: each step, skipping, cancelling, correcting, and interruptions."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import httpx
import pytest
import pytest_asyncio

from bot.agency.model import Agency
from bot.conversation.state import ConversationState
from bot.core.event_facts import ComplaintFacts
from bot.core.messages import (
    Attachment,
    Channel,
    CitizenMessage,
    Handoff,
    HandoffReason,
    MediaKind,
    Place,
    Priority,
    RecognizedDanger,
    Reply,
    Speaker,
)
from bot.core.network import ActionsEndpoint
from bot.handoff.complaints.complaints import Complaints
from bot.handoff.complaints.dialogue import MAX_CHARACTERS, ComplaintDialogue
from bot.handoff.complaints.filing import MOST_DRAWS, Filing
from bot.handoff.complaints.form import FORGOTTEN_AFTER_MS, MAX_PHOTOS
from bot.handoff.complaints.numbers import number_in
from bot.handoff.complaints.questions import SEND
from bot.handoff.complaints.said import Said
from bot.handoff.complaints.words import is_about_attention
from bot.handoff.hours import ServiceHours
from bot.turns.answers import Answers
from bot.turns.assistant import Assistant
from bot.turns.buttons import LOCATE
from bot.turns.outcome import Decision
from bot.turns.queue.waiting import WaitingRules
from bot.turns.rasa_client import Rasa
from bot.turns.rights.dialogue import Rights
from bot.turns.turns import Turns
from tests.sure_answers import ANSWER, KNOWN, QUESTION, sure_answers

PHOTO = Attachment(MediaKind.PHOTO, ref="web:" + "a" * 32, name="hoyo.jpg", type="image/jpeg", size=1000)
VOICE = Attachment(MediaKind.VOICE, ref="x")
VIDEO = Attachment(MediaKind.VIDEO, ref="x", name="hoyo.mp4", type="video/mp4")
CORNER = Place(-33.44, -70.65)
TOLD = "quiero reclamar porque el camión de la basura no pasa hace dos semanas por mi calle"
STATE = ConversationState(True, Channel.WEB, Speaker.ASSISTANT, None, True, (), 0)
DEATH = "se murió mi mamá esperando la ambulancia y nadie nos dijo nada"
COMPLAINS = {"quiero reclamar", TOLD, DEATH, "/complaint"}


class NoStates:
    """Replaces the record in tests of the dialogue, which never reads the record."""

    async def state_reply(self, _message: CitizenMessage, *, waits: bool = False) -> Reply | None:
        return None


def rasa(request: httpx.Request) -> httpx.Response:
    said = json.loads(request.content)["message"]
    if said in COMPLAINS:
        custom = {"text": "Lo verá alguien.", "handoff": {"reason": "complaint", "priority": "high"}}
    elif said in {"/ask_human", "quiero hablar con una persona"}:
        custom = {"text": "Te dejo con alguien.", "handoff": {"reason": "asked_human"}}
    else:
        custom = {"text": f"eco: {said}"}
    return httpx.Response(200, json=[{"custom": {"ventanilla": custom}}])


async def wait_notice(_handoff: Handoff, _now: datetime) -> Reply:
    return Reply("lugar 1")


@dataclass
class Talk:
    """A conversation whose state is updated after each turn, as the scripts do."""

    turns: Turns
    agency: Agency
    dangers: dict[str, RecognizedDanger] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)  # conversations that may file no complaint now
    drawn: list[str] = field(default_factory=list)  # numbers that were compared with those in use
    free: list[bool] = field(default_factory=list)  # whether the next numbers drawn are free; the last one holds on
    state: ConversationState = STATE
    last: Decision = field(default_factory=Decision)

    async def say(self, text: str = "", *photos: Attachment, press: str = "", **more: Any) -> str:
        """Sends a message, or presses the button with the title ``press``, and returns the replies."""
        button = next(one.id for one in self.state.buttons if one.title == press) if press else None
        message = CitizenMessage("c1", Channel.WEB, more.pop("id", "m1"), text, 0, button, attachments=photos, **more)
        self.last = await self.turns.take(message, self.state)
        change = self.last.change
        buttons = self.state.buttons if change.buttons is None else change.buttons
        complaint = self.state.complaint if change.complaint is None else change.complaint
        self.state = replace(self.state, buttons=buttons, complaint="" if self.last.handoff else complaint)
        return "\n".join(reply.text for reply in self.last.replies)

    def asks(self, key: str) -> bool:
        """Returns whether the last reply ends with the text of ``key``."""
        return self.last.replies[-1].text.endswith(self.agency.say(key))

    @property
    def filed(self) -> ComplaintFacts:
        assert self.last.change.note
        assert isinstance(self.last.change.note.facts, ComplaintFacts)
        return self.last.change.note.facts

    @property
    def titles(self) -> list[str]:
        return [one.title for one in self.state.buttons]


@pytest_asyncio.fixture
async def talk(agency: Agency) -> AsyncIterator[Talk]:
    drawn: list[str] = []
    free = [False, True]

    async def reserve(number: str) -> bool:
        drawn.append(number)
        return free.pop(0) if len(free) > 1 else free[0]

    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(sure_answers(KNOWN))
        assistant = Assistant(Rasa("http://rasa", transport=httpx.MockTransport(rasa)), Answers(ActionsEndpoint(url)))
        stack.push_async_callback(assistant.close)
        refused: set[str] = set()

        async def allows(message: CitizenMessage) -> bool:
            return message.conversation not in refused

        dialogue = ComplaintDialogue(agency, Filing(agency, ServiceHours(agency), reserve, allows))
        rules = WaitingRules(complaints=Complaints(dialogue, NoStates()))  # type: ignore[arg-type]
        dangers: dict[str, RecognizedDanger] = {}

        async def judge(text: str) -> RecognizedDanger | None:
            return dangers.get(text)

        turns = Turns(agency=agency, assistant=assistant, wait_notice=wait_notice, waiting=rules, judge=judge)
        yield Talk(turns, agency, dangers, refused, drawn, free)


@pytest.mark.parametrize("before", [(), ("un hoyo en la calle",)])
async def test_help_and_start_are_no_part_of_a_complaint(talk: Talk, before: tuple[str, ...]) -> None:
    for said in ("quiero reclamar", *before):
        await talk.say(said)
    form = json.loads(talk.state.complaint)
    assert await talk.say("ayuda") and talk.last.replies[0].text.startswith("**¿")
    assert json.loads(talk.state.complaint) | {"at": 0} == form | {"at": 0}
    await talk.say("Empezar", command="start")
    assert [one.text for one in talk.last.replies] == [
        talk.agency.say("reclamo_cancelado"),
        talk.agency.say("bienvenida"),
    ]
    assert (talk.state.complaint, talk.titles) == ("", [])


async def test_correction_replaces_the_part_that_its_message_gave(talk: Talk) -> None:
    await talk.say("quiero reclamar", id="1")
    await talk.say("un ollo en la vereda", id="2")
    question = talk.last.replies[-1].text
    for id, text in (("2:10", "un hoyo en la vereda"), ("2:20", "un hoyo grande en la vereda")):
        assert await talk.say(text, id=id, edits="2") == question
    await talk.say("Plasa de Armas", id="3")
    await talk.say("Plaza de Armas", id="3:30", edits="3")
    await talk.say("saltar", id="4")
    await talk.say("sí", id="5")
    assert (talk.filed.what, talk.filed.location) == ("un hoyo grande en la vereda", "Plaza de Armas")


async def test_correction_of_another_message_answers_no_question(talk: Talk) -> None:
    await talk.say("quiero reclamar", id="1")
    question = talk.last.replies[-1].buttons
    await talk.say("quiero reclamar esto", id="1:10", edits="1")
    assert [one.title for one in talk.last.replies[-1].buttons] == [one.title for one in question]
    assert json.loads(talk.state.complaint).get("what", "") == ""
    await talk.say("un hoyo\nen la vereda", id="2")  # two messages
    await talk.say("en la calzada", id="2:10", edits="2")
    form = json.loads(talk.state.complaint)
    assert (form["what"], form.get("location", ""), form["step"]) == ("un hoyo\nen la vereda", "", "where")
    assert ANSWER in await talk.say(QUESTION, id="0:10", edits="0")


async def test_whole_complaint_is_filed_with_a_number(talk: Talk) -> None:
    await talk.say("quiero reclamar")
    assert talk.last.handoff is None
    assert talk.asks("reclamo_que")
    await talk.say("Hay un hoyo enorme y ayer se cayó una vecina")
    assert talk.asks("reclamo_donde")
    await talk.say("Los Aromos 123, esquina Maipú")
    assert talk.asks("reclamo_foto")
    summary = await talk.say("", PHOTO)
    assert all(words in summary for words in ("hoyo enorme", "Los Aromos 123", "una foto", "¿Lo envío?"))
    confirmed = await talk.say(press="Enviar reclamo")
    assert talk.filed.number == number_in(confirmed)
    assert talk.filed.team == talk.agency.default_team
    assert (talk.filed.what, talk.filed.location) == (
        "Hay un hoyo enorme y ayer se cayó una vecina",
        "Los Aromos 123, esquina Maipú",
    )
    assert talk.filed.photos == (PHOTO,)
    assert talk.state.complaint == ""


async def test_complaint_beyond_the_limit_is_kept_and_sent_later(talk: Talk) -> None:
    talk.refused.add("c1")
    await talk.say(TOLD)
    await talk.say("no aplica")
    await talk.say("saltar")
    told = await talk.say(press="Enviar reclamo")
    assert told.startswith(talk.agency.say("reclamo_muchos"))
    assert talk.last.change.note is None
    talk.refused.clear()
    await talk.say(press="Enviar reclamo")
    assert talk.filed.what == TOLD


async def test_complaint_without_a_free_number_is_kept_and_sent_later(talk: Talk) -> None:
    talk.free[:] = [False]
    for words in (TOLD, "no aplica", "saltar"):
        await talk.say(words)
    told = await talk.say(press="Enviar reclamo")
    assert told.startswith(talk.agency.say("reclamo_sin_numero"))
    assert (talk.last.change.note, number_in(told), len(talk.drawn)) == (None, "", MOST_DRAWS)
    talk.free[:] = [True]
    await talk.say(press="Enviar reclamo")
    assert talk.filed.number == talk.drawn[-1]


async def test_address_that_looks_like_a_possible_danger_gets_no_notice_but_a_sure_one_does(talk: Talk) -> None:
    talk.dangers["Calle Los Pinos 120"] = RecognizedDanger("suicidio", sure=False)
    talk.dangers["aquí mismo, me voy a matar"] = RecognizedDanger("suicidio", sure=True)
    await talk.say(TOLD)
    await talk.say("Calle Los Pinos 120")
    assert talk.asks("reclamo_foto")
    assert [one for one in talk.last.replies if one.danger] == []
    await talk.say("cancelar")
    await talk.say(TOLD)
    await talk.say("aquí mismo, me voy a matar")
    assert [one.danger for one in talk.last.replies if one.danger] == [RecognizedDanger("suicidio", sure=True)]


@pytest.mark.parametrize("place", ["afuera de mi casa", "el último pasaje", "Calle Los Pinos 120, al lado del colegio"])
async def test_place_that_looks_like_a_possible_danger_gets_no_notice(talk: Talk, place: str) -> None:
    talk.dangers[place] = RecognizedDanger("suicidio", sure=False)
    await talk.say(TOLD)
    await talk.say(place)
    assert talk.asks("reclamo_foto")
    assert not any(one.danger for one in talk.last.replies)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("ya no quiero seguir sin ella", "suicidio"),
        ("en mi casa, no doy más", "suicidio"),
        ("me siento raro, Calle Los Pinos 120", "medica"),
    ],
)
async def test_possible_danger_told_instead_of_a_place_gets_the_line(talk: Talk, text: str, kind: str) -> None:
    talk.dangers[text] = RecognizedDanger(kind, sure=False)
    await talk.say(TOLD)
    await talk.say(text)
    assert talk.last.replies[0].danger == RecognizedDanger(kind, sure=False)


@pytest.mark.parametrize("text", ["i cant breathe", "he is unconscious"])
async def test_possible_danger_in_another_language_gets_the_line_without_a_classifier(talk: Talk, text: str) -> None:
    await talk.say(TOLD)
    await talk.say(text)
    assert talk.last.replies[0].danger == RecognizedDanger("medica", sure=False)


@pytest.mark.parametrize("place", ["donde el almacén de la esquina", "como a media cuadra", "donde siempre po"])
async def test_place_that_begins_like_a_question_is_taken(talk: Talk, place: str) -> None:
    await talk.say(TOLD)
    await talk.say(place)
    assert talk.asks("reclamo_foto")
    assert json.loads(talk.state.complaint)["location"] == place


def test_payload_of_a_button_counts_before_the_words_of_its_title() -> None:
    message = CitizenMessage("c1", Channel.WEB, "m1", "no gracias", at=0)
    assert [(said.skips, said.declines) for said in (Said(message, ""), Said(message, SEND))] == [
        (True, True),
        (False, False),
    ]


LATE = "además la enfermera no quiso salir"


async def test_what_is_told_late_is_in_the_complaint(talk: Talk) -> None:
    later = "se me olvidó decir que fue a las 3"
    for words in (TOLD, "Maipú 12"):
        await talk.say(words)
    assert talk.agency.say("reclamo_agregado") in await talk.say(LATE)
    assert talk.asks("reclamo_foto")
    assert LATE in await talk.say("saltar")
    assert later in await talk.say(later)
    await talk.say("enviar")
    assert talk.filed.what == f"{TOLD}\n{LATE}\n{later}"


@pytest.mark.parametrize(
    "text",
    [
        "no lo envíes todavía por favor",
        "cuando llegué ya no estaba",
        "quiero cambiar lo de ayer",
        "sí, con mi nombre",
        "sí, está todo correcto",
        "dale para adelante no más",
        "anula todo por favor",
        "mejor lo dejo hasta acá",
        "espera un momento por favor",
        "la calle no es esa, es Prat 200",
        "mi rut es 12.345.678-5 por si acaso",
    ],
)
async def test_order_or_answer_at_the_summary_is_not_added(talk: Talk, text: str) -> None:
    for words in (TOLD, "Maipú 12", "saltar"):
        await talk.say(words)
    assert talk.agency.say("reclamo_agregado") not in await talk.say(text)
    assert json.loads(talk.state.complaint)["what"] == TOLD


@pytest.mark.parametrize(
    "text",
    [
        "ahora no puedo, estoy trabajando",
        "no entiendo que tengo que hacer",
        "hola sigues ahi o no",
        "pero quien lo va a leer",
        "no la puedo sacar ahora",
    ],
)
async def test_who_gives_no_photo_adds_nothing(talk: Talk, text: str) -> None:
    for words in (TOLD, "Maipú 12", text):
        await talk.say(words)
    assert talk.asks("reclamo_foto")
    assert json.loads(talk.state.complaint)["what"] == TOLD


async def test_what_is_told_late_is_not_added_without_end(talk: Talk) -> None:
    for words in (TOLD, "Maipú 12", *["y además esto otro " * 80] * 5):
        await talk.say(words)
    assert talk.agency.say("reclamo_foto_no_entendi") in talk.last.replies[-1].text
    assert len(json.loads(talk.state.complaint)["what"]) <= MAX_CHARACTERS


@pytest.mark.parametrize("asked", [True, False])
async def test_complaint_about_a_death_gets_sympathy_and_is_asked_for_no_corner(talk: Talk, asked: bool) -> None:
    if asked:
        await talk.say("quiero reclamar")
    await talk.say(DEATH)
    assert talk.last.replies[0].text == talk.agency.say("condolencia")
    assert talk.asks("reclamo_oficina")


@pytest.mark.parametrize("words", ["sí, por favor", "si porfa", "sí, gracias", "ya envíalo", "sí envíalo por favor"])
async def test_summary_understands_a_polite_yes(talk: Talk, words: str) -> None:
    for text in (TOLD, "Maipú 12", "sin foto porfa", words):
        await talk.say(text)
    assert talk.filed.what == TOLD


@pytest.mark.parametrize("words", ["quiero cancelar", "cancela el reclamo por favor", "mejor no, gracias"])
async def test_summary_understands_a_polite_no(talk: Talk, words: str) -> None:
    for text in (TOLD, "Maipú 12", "sin foto", words):
        await talk.say(text)
    assert (talk.state.complaint, talk.last.change.note) == ("", None)


async def test_declining_the_correction_of_what_happened_keeps_it(talk: Talk) -> None:
    for text in (TOLD, "Maipú 12", "sin foto", "corregir", "qué pasó"):
        await talk.say(text)
    assert talk.asks("reclamo_que")
    await talk.say("mejor no")
    await talk.say("enviar")
    assert talk.filed.what == TOLD


@pytest.mark.parametrize("told", ["no quieren borrar mis datos", "tienen mal mi nombre en la patente"])
async def test_complaint_about_own_data_is_told_to_the_complaint(talk: Talk, told: str) -> None:
    talk.turns._rights = Rights(lambda _conversation: "", lambda: "D-4F7K92QX")
    await talk.say(told)
    assert any(one.payload.startswith("own:") for one in talk.state.buttons)
    await talk.say("quiero reclamar")
    assert talk.asks("reclamo_que")
    await talk.say(told)
    assert json.loads(talk.state.complaint)["what"] == told
    assert talk.asks("reclamo_donde")


async def test_known_answers_are_not_asked_again(talk: Talk) -> None:
    await talk.say(TOLD)
    assert talk.asks("reclamo_donde")
    await talk.say("no aplica")
    await talk.say("saltar")
    await talk.say("sí")
    assert (talk.filed.what, talk.filed.location, talk.filed.place, talk.filed.photos) == (TOLD, "", None, ())


async def test_complaint_about_attention_is_asked_for_an_office_and_no_place(talk: Talk) -> None:
    told = "llevo 3 horas llamando y nadie contesta"
    await talk.say("quiero reclamar")
    await talk.say(told)
    assert talk.asks("reclamo_oficina")
    assert all(button.payload != LOCATE for reply in talk.last.replies for button in reply.buttons)
    await talk.say("por teléfono, hoy en la mañana")
    assert talk.asks("reclamo_foto")
    await talk.say("saltar")
    await talk.say("sí")
    assert (talk.filed.what, talk.filed.location) == (told, "por teléfono, hoy en la mañana")


@pytest.mark.parametrize(
    ("text", "attention"),
    [
        ("la señorita del mesón fue grosera conmigo", True),
        ("me atendieron mal en el consultorio", True),
        ("hay un hoyo en mi calle y nadie responde", False),
        ("no pasa el camión hace dos semanas", False),
    ],
)
def test_complaint_is_about_attention(text: str, attention: bool) -> None:
    assert is_about_attention(text) is attention


async def test_shared_position_and_its_name_are_kept(talk: Talk) -> None:
    await talk.say(TOLD)
    await talk.say(place=replace(CORNER, title="Plaza de Armas"))
    assert talk.asks("reclamo_foto")
    assert "Plaza de Armas · ubicación compartida" in await talk.say(press="Sin foto")
    await talk.say(press="Enviar reclamo")
    assert talk.filed.place == replace(CORNER, title="Plaza de Armas")


async def test_button_on_the_web_takes_the_position(talk: Talk) -> None:
    await talk.say(TOLD)
    assert talk.titles[0] == "Usar mi ubicación"
    assert talk.state.buttons[0].id == "ubicacion"
    await talk.say("Usar mi ubicación", press="Usar mi ubicación", place=CORNER)
    assert talk.asks("reclamo_foto")
    await talk.say(press="Sin foto")
    await talk.say(press="Enviar reclamo")
    assert (talk.filed.place, talk.filed.location) == (CORNER, "")


async def test_refused_position_leaves_the_question(talk: Talk) -> None:
    await talk.say(TOLD)
    said = await talk.say("Usar mi ubicación", press="Usar mi ubicación")
    assert said.startswith("No recibí tu ubicación")
    assert talk.asks("reclamo_donde")
    await talk.say("Maipú con Prat")
    assert talk.asks("reclamo_foto")


async def test_other_channels_share_a_position_without_a_button(talk: Talk) -> None:
    talk.state = replace(talk.state, channel=Channel.TELEGRAM)
    await talk.say(TOLD)
    assert "Usar mi ubicación" not in talk.titles


async def test_photo_at_any_step_is_kept_and_not_asked_for(talk: Talk) -> None:
    await talk.say("quiero reclamar")
    await talk.say("El semáforo está malo", PHOTO)
    await talk.say("Maipú con Prat")
    assert talk.state.buttons[0].title == "Enviar reclamo"
    await talk.say("enviar")
    assert talk.filed.photos == (PHOTO,)


async def test_photo_sent_first_is_acknowledged_and_goes_into_the_complaint(talk: Talk) -> None:
    assert "no puedo ver fotos" in await talk.say("", PHOTO)
    assert talk.titles == ["Dejar un reclamo", "Hablar con alguien"]
    await talk.say(press="Dejar un reclamo")
    await talk.say("Hay un hoyo enorme")
    await talk.say("Maipú con Prat")
    await talk.say("enviar")
    assert talk.filed.photos == (PHOTO,)


async def test_photo_with_words_gets_its_answer_and_is_kept(talk: Talk) -> None:
    said = await talk.say(QUESTION, PHOTO)
    assert said.startswith(ANSWER)
    assert "Guardé tu foto" in said
    await talk.say(press="Dejar un reclamo")
    assert PHOTO.name in talk.state.complaint


async def test_photo_with_a_request_for_a_person_is_kept_for_them(talk: Talk) -> None:
    said = await talk.say("quiero hablar con una persona", PHOTO)
    assert talk.agency.say("foto_para_persona") in said
    assert talk.last.handoff


async def test_video_is_not_counted_and_the_citizen_gets_a_notice(talk: Talk) -> None:
    told = talk.agency.say("reclamo_video")
    assert told in await talk.say(TOLD, VIDEO)
    await talk.say(press="No aplica")
    assert told in await talk.say("", VIDEO)
    assert talk.asks("reclamo_foto")
    await talk.say(press="Sin foto")
    assert "sin foto" in talk.last.replies[-1].text
    await talk.say(press="Enviar reclamo")
    assert talk.filed.photos == ()


@pytest.mark.parametrize("text", [QUESTION, "quiero hablar con una persona", "hay un incendio en la casa de al lado"])
async def test_video_with_words_outside_a_complaint_is_not_passed_over(talk: Talk, text: str) -> None:
    await talk.say(text)
    plain = talk.last.replies
    await talk.say(text, VIDEO)
    assert [one.text for one in talk.last.replies] == [*(one.text for one in plain), talk.agency.say("video_no_visto")]
    assert "reclamo" not in talk.last.replies[-1].text


async def test_video_without_words_gets_one_reply(talk: Talk) -> None:
    assert await talk.say("", VIDEO) == talk.agency.say("adjunto")


async def test_danger_comes_before_the_note_about_the_video(talk: Talk) -> None:
    talk.dangers[TOLD] = RecognizedDanger("gas", sure=False)
    await talk.say(TOLD, VIDEO)
    replies = talk.last.replies
    assert [(bool(one.danger), one.text == talk.agency.say("reclamo_video")) for one in replies] == [
        (True, False),
        (False, True),
        (False, False),
    ]


async def test_no_more_photos_than_the_limit_are_kept(talk: Talk) -> None:
    await talk.say("quiero reclamar", *[PHOTO] * (MAX_PHOTOS + 2))
    await talk.say("Hay un hoyo")
    assert f"{MAX_PHOTOS} fotos" in await talk.say("no aplica")


@pytest.mark.parametrize("words", ["cancelar", "¡Cancela!", "salir", "olvídalo", "nada, olvídalo"])
@pytest.mark.parametrize("steps", range(4))
async def test_every_step_can_be_cancelled(talk: Talk, steps: int, words: str) -> None:
    for text in ("quiero reclamar", "Hay un hoyo enorme", "Maipú 12", "sin foto")[: steps + 1]:
        await talk.say(text)
    assert talk.agency.say("reclamo_cancelado") == await talk.say(words)
    assert (talk.state.complaint, talk.last.change.note) == ("", None)
    assert await talk.say("hola") == "eco: hola"


@pytest.mark.parametrize("words", ["no, mejor no", "no gracias", "deja", "nada"])
async def test_declining_skips_place_and_photo_and_discards_only_before_and_after(talk: Talk, words: str) -> None:
    await talk.say("quiero reclamar")
    assert await talk.say(words) == talk.agency.say("reclamo_cancelado")
    for text in ("quiero reclamar", "Hay un hoyo enorme"):
        await talk.say(text)
    await talk.say(words)
    assert talk.asks("reclamo_foto")
    confirmed = await talk.say(words)
    assert "Hay un hoyo enorme" in confirmed
    await talk.say("corregir")
    assert await talk.say(words) == confirmed
    assert await talk.say(words) == talk.agency.say("reclamo_cancelado")


@pytest.mark.parametrize("steps", range(4))
async def test_question_in_the_middle_is_answered_and_the_dialogue_goes_on(talk: Talk, steps: int) -> None:
    for text in ("quiero reclamar", "Hay un hoyo enorme", "Maipú 12", "sin foto")[: steps + 1]:
        await talk.say(text)
    asked = talk.titles
    answer = await talk.say(QUESTION)
    assert answer.startswith(ANSWER)
    assert talk.agency.say("reclamo_seguimos") in answer
    assert talk.titles == asked


@pytest.mark.parametrize(
    "text",
    [
        "quiero hablar con un ser humano",
        "necesito hablar con una persona",
        "que me llame un ejecutivo",
        "quiero que me atienda un ser humano",
    ],
)
async def test_request_for_a_person_in_any_words_leaves_the_dialogue(talk: Talk, text: str) -> None:
    await talk.say(TOLD)
    assert await talk.say(text) == f"eco: {text}"
    assert not talk.asks("reclamo_foto")


@pytest.mark.parametrize("text", ["en el mesón, la ejecutiva no me atiende", "oficina de atención de personas"])
async def test_answer_that_names_a_person_stays_in_the_dialogue(talk: Talk, text: str) -> None:
    await talk.say(TOLD)
    await talk.say(text)
    assert talk.asks("reclamo_foto")


@pytest.mark.parametrize(
    "text",
    [
        "por la atención del personal",
        "la atención del personal",
        "reclamo por la atención de la funcionaria",
        "reclamo contra la persona que atiende",
        "la persona que me atiende",
        "Atención de personas",
        "mi reclamo es por hablar con la encargada",
    ],
)
async def test_complaint_about_who_attends_stays_in_the_dialogue(talk: Talk, text: str) -> None:
    await talk.say("quiero reclamar")
    await talk.say(text)
    assert json.loads(talk.state.complaint)["what"] == text


async def test_question_without_a_sure_answer_gets_an_honest_reply(talk: Talk) -> None:
    await talk.say(TOLD)
    assert talk.agency.say("reclamo_pregunta_despues") in await talk.say("¿y quién es el alcalde?")
    assert talk.asks("reclamo_donde")


async def test_question_that_describes_what_happened_is_taken_as_the_account(talk: Talk) -> None:
    await talk.say("quiero reclamar")
    await talk.say("¿por qué nadie arregla la luz de mi pasaje?")
    assert talk.asks("reclamo_donde")


@pytest.mark.parametrize("steps", range(4))
async def test_emergency_wins_at_every_step(talk: Talk, steps: int) -> None:
    for text in ("quiero reclamar", "Hay un hoyo enorme", "Maipú 12", "sin foto")[: steps + 1]:
        await talk.say(text)
    assert "**132**" in await talk.say("hay un incendio en la casa de al lado") or "132" in talk.last.replies[0].text
    assert talk.last.handoff == Handoff(HandoffReason.EMERGENCY, Priority.EMERGENCY, talk.agency.default_team)
    assert talk.last.change.note is None


async def test_danger_that_only_the_classifier_knows_wins_too(talk: Talk) -> None:
    words = "mi vecino me espera afuera con un fierro"
    talk.dangers[words] = RecognizedDanger("violencia", sure=True)
    await talk.say("quiero reclamar")
    await talk.say(words)
    assert talk.last.handoff
    assert talk.last.handoff.priority is Priority.EMERGENCY


async def test_waiting_citizen_reads_how_to_file_a_complaint(talk: Talk) -> None:
    talk.state = replace(STATE, speaker=Speaker.WAITING, ticket="7")
    assert await talk.say("quiero reclamar por la vereda rota") == talk.agency.say("reclamo_en_espera")
    assert await talk.say("la vereda está rota") != talk.agency.say("reclamo_en_espera")


async def test_waiting_citizen_reads_once_per_ticket_how_to_file_a_complaint(talk: Talk) -> None:
    how, told = talk.agency.say("reclamo_en_espera"), []
    waiting = replace(STATE, speaker=Speaker.WAITING, ticket="7")
    for state in (waiting, replace(waiting, complaint_explained="7"), replace(waiting, complaint_explained="6")):
        talk.state = state
        told.append((await talk.say("quiero reclamar por la vereda rota") == how, talk.last.change.complaint_explained))
    assert told == [(True, True), (False, False), (True, True)]


async def test_person_is_one_button_away(talk: Talk) -> None:
    await talk.say("quiero reclamar")
    await talk.say(press="Hablar con alguien")
    assert talk.last.handoff == Handoff(HandoffReason.ASKED_HUMAN, team=talk.agency.default_team)


@pytest.mark.parametrize(
    ("part", "question", "new", "shown"),
    [
        ("Qué pasó", "reclamo_que", "Son dos hoyos", "Son dos hoyos"),
        ("Dónde fue", "reclamo_donde", "Prat 99", "Prat 99"),
        ("La foto", "reclamo_foto", "sin foto", "sin foto"),
    ],
)
async def test_each_part_can_be_corrected(talk: Talk, part: str, question: str, new: str, shown: str) -> None:
    for text in ("quiero reclamar", "Hay un hoyo enorme", "Maipú 12"):
        await talk.say(text)
    await talk.say("", PHOTO)
    await talk.say(press="Corregir")
    await talk.say(press=part)
    assert talk.asks(question)
    assert shown in await talk.say(new)
    assert "Enviar reclamo" in talk.titles


async def test_voice_and_nonsense_are_asked_again(talk: Talk) -> None:
    await talk.say("quiero reclamar")
    assert talk.agency.say("audio") in await talk.say("", VOICE)
    assert talk.asks("reclamo_que")
    assert talk.agency.say("reclamo_que_corto") in await talk.say("!!")
    await talk.say("Hay un hoyo")
    await talk.say("Maipú")
    assert talk.agency.say("reclamo_foto_no_entendi") in await talk.say("la subí a Facebook")


async def test_words_of_the_citizen_are_no_markdown(talk: Talk) -> None:
    await talk.say("quiero reclamar")
    await talk.say("[aquí](https://mal.example) **gratis**\n\n# título")
    await talk.say("no aplica")
    assert r"\[aquí\](https://mal.example) \*\*gratis\*\* # título" in await talk.say("saltar")


async def test_unfinished_complaint_is_forgotten_after_a_day(talk: Talk) -> None:
    await talk.say("quiero reclamar")
    form = json.loads(talk.state.complaint)
    old = json.dumps(form | {"at": form["at"] - FORGOTTEN_AFTER_MS - 1})
    talk.state = replace(talk.state, complaint=old)
    assert await talk.say("Hay un hoyo") == "eco: Hay un hoyo"
