"""Tests the vote between entry, recognized command and Rasa's intent."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from actions.answer_faq import AnswerFaq, BeforeRasa, UnlessAnswered
from actions.commands import insult, steps_of_commands
from actions.replies.answers import FaqReplies, provenance
from actions.server import build_actions
from actions.vote import DOUBTED, OFFERED, commanded, goes_on_about, named_among
from bot.agency.model import Agency
from bot.agency.segments import TITLE_LIMIT
from bot.core.messages import Candidate
from bot.core.payload import Payload
from bot.core.yaml import read_yaml_file
from bot.faq.ranking.commands import Command
from bot.faq.ranking.risk import Danger
from tests.home import ROOT
from tests.unit.actions_fakes import (
    TODAY,
    FakeAnswerer,
    FakeAsk,
    FakeDecision,
    FakeEntry,
    FakeFaq,
    answering_faq,
    candidates,
    heard,
    said,
    turn,
)

PERSON, COMPLAINT, THANKS = Command("ask_human", 0.9), Command("complaint", 0.9), Command("thank", 0.9)
ANSWER = FakeDecision("answer", candidates("bache"), FakeEntry())


def answering(agency: Agency, decision: FakeDecision) -> AnswerFaq:
    commands = steps_of_commands(agency)
    return answering_faq(FaqReplies(agency), FakeAnswerer(decision), no_question=insult("atencion"), commands=commands)


@pytest.mark.parametrize("kind", ["clarify", "scope", "handoff", "refer"])
async def test_sure_command_gets_its_step_unless_an_entry_answers(agency: Agency, kind: str) -> None:
    decision = FakeDecision(kind, candidates("bache"), command=PERSON)
    [message] = await turn(answering(agency, decision), heard("que me conteste un cristiano"))
    assert (message.get("response"), message["handoff"]["reason"]) == (None, "asked_human")


async def test_small_talk_gets_the_response_that_rasa_would_send(agency: Agency) -> None:
    assert await turn(answering(agency, FakeDecision("scope", command=THANKS)), heard("chaltu mai")) == [
        {"response": "utter_thank"}
    ]


@pytest.mark.parametrize("name", ["goodbye", "thank", "feedback_good"])
async def test_possible_danger_gets_its_line_and_no_farewell(agency: Agency, name: str) -> None:
    decision = FakeDecision("scope", danger=Danger("suicidio", 0.4, 0.4), command=Command(name, 0.9))
    [message] = await turn(answering(agency, decision), heard("diosito venga a buscarme"))
    assert message.get("response") is None
    assert message["text"] == agency.emergency_notice("suicidio")


@pytest.mark.parametrize(("words", "is_step"), [("¿y si no voy?", True), ("y si llego tarde", True), ("no voy", False)])
def test_follow_up_about_a_skipped_step_is_no_farewell(words: str, is_step: bool) -> None:
    goodbye = Command("goodbye", 0.48)
    for decision in (FakeDecision("clarify", candidates("bache")), replace(ANSWER, follows=True)):
        assert (commanded(replace(decision, command=goodbye), words) == "") is is_step


async def test_follow_up_about_a_skipped_step_is_answered_before_rasa(agency: Agency) -> None:
    before = (said(Payload("Pide hora.", provenance=provenance(FakeEntry(), 0.9)).to_data()),)
    action = answering(agency, FakeDecision("clarify", candidates("bache"), command=Command("goodbye", 0.48)))
    found = await action.before_rasa(heard("¿y si no voy?", before=before))
    assert [one.text for one in found.said] == [agency.say("ya_dicho", pregunta="¿Cómo hago bache?")]


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("y eso pa q sirve", ""),
        ("y quien viene", ""),
        ("y para qué sirves", "capabilities"),
    ],
)
def test_follow_up_that_names_the_answer_is_no_question_about_the_assistant(words: str, name: str) -> None:
    assert commanded(FakeDecision("clarify", candidates("bache"), command=Command("capabilities", 0.9)), words) == name


@pytest.mark.parametrize(
    ("words", "follows", "name"),
    [
        ("¿qué tengo que hacer?", True, ""),
        ("¿qué tengo que hacer?", False, "capabilities"),
        ("¿qué puedes hacer?", True, "capabilities"),
        ("quién eres", True, "capabilities"),
    ],
)
def test_what_to_do_after_an_answer_is_no_question_about_the_assistant(words: str, follows: bool, name: str) -> None:
    decision = replace(ANSWER, follows=follows, command=Command("capabilities", 0.9))
    assert commanded(decision, words) == name


@pytest.mark.parametrize("words", ["quiero poner un reclamo", "Buenas, necesito reclamar", "un reclamo"])
async def test_complaint_that_only_rasa_recognizes_gets_no_answer(agency: Agency, words: str) -> None:
    action = answering(agency, ANSWER)
    assert not (await action.before_rasa(heard(words))).said
    assert not await action.overrules_rasa(heard(words))


@pytest.mark.parametrize(
    ("words", "step", "overruled"),
    [
        ("cómo me caso", "action_ask_human", True),
        ("hablar con alguien por mi caso", "action_ask_human", False),
        ("llamen por lo del bono", "action_ask_human", False),
        ("cómo me caso", "action_complaint", False),
    ],
)
async def test_choices_replace_a_person_only_if_no_word_asks_for_one(
    agency: Agency, words: str, step: str, overruled: bool
) -> None:
    action = answering(agency, FakeDecision("clarify", candidates("bache")))
    assert await action.overrules_rasa(heard(words), step) == overruled


@pytest.mark.parametrize(
    ("words", "score", "person"),
    [("cómo me caso", 0.4, False), ("cómo me caso", 0.6, True), ("con alguien por mi caso", 0.4, True)],
)
async def test_faint_request_for_a_person_without_a_word_of_one_gets_the_choices(
    agency: Agency, words: str, score: float, person: bool
) -> None:
    decision = FakeDecision("clarify", candidates("bache"), command=Command("ask_human", score))
    found = await answering(agency, decision).before_rasa(heard(words))
    assert (found.command == "ask_human", bool(found.if_question)) == (person, not person)


@pytest.mark.parametrize("words", ["quiero poner un reclamo", "Buenas, necesito reclamar", "un reclamo"])
async def test_command_without_a_matter_gets_no_answer(agency: Agency, words: str) -> None:
    action, tracker = answering(agency, replace(ANSWER, command=COMPLAINT)), heard(words)
    assert await action.before_rasa(tracker) == BeforeRasa(command="complaint")
    [message] = await turn(action, tracker)
    assert message["handoff"]["reason"] == "complaint"


@pytest.mark.parametrize(("command", "text"), [(PERSON, "boton_persona"), (COMPLAINT, "boton_reclamo")])
async def test_command_with_a_matter_gets_the_answer_and_a_button(agency: Agency, command: Command, text: str) -> None:
    action, tracker = answering(agency, replace(ANSWER, command=command)), heard("reclamo por un hoyo")
    [message] = await turn(action, tracker)
    assert message["text"] == FakeEntry().body
    assert message["buttons"] == [{"title": agency.say(text), "payload": f"/{command.name}"}]
    [fast] = (await action.before_rasa(tracker)).said
    assert [one.payload for one in fast.buttons] == [f"/{command.name}"]


async def test_explicit_complaint_gets_the_answer_and_a_button(agency: Agency) -> None:
    [message] = await turn(answering(agency, ANSWER), heard("quiero reclamar que el hoyo sigue ahí"))
    assert message["text"] == FakeEntry().body
    assert message["buttons"] == [{"title": agency.say("boton_reclamo"), "payload": "/complaint"}]
    [other] = await turn(answering(agency, ANSWER), heard("¿dónde se reclama por un hoyo?"))
    assert "buttons" not in other


async def test_explicit_complaint_that_nothing_answers_is_taken(agency: Agency) -> None:
    action, tracker = answering(agency, FakeDecision("handoff")), heard("quiero reclamar por el cobro que llegó doble")
    assert (await action.before_rasa(tracker)).command == "complaint"
    [message] = await turn(action, tracker)
    assert message["handoff"]["reason"] == "complaint"


def test_danger_is_no_complaint() -> None:
    decision: Any = FakeDecision("handoff", danger=Danger("medica", 0.9))
    assert commanded(decision, "se le fue un lado de la cara, vengo a reclamar que nadie viene") == ""


async def test_complaint_may_be_left_below_choices(agency: Agency) -> None:
    decision = FakeDecision("clarify", candidates("bache"))
    [message] = await turn(answering(agency, decision), heard("quiero reclamar que el hoyo sigue ahí"))
    assert [one["payload"] for one in message["buttons"]][-2:] == ["/none_of_these", "/complaint"]
    [message] = await turn(answering(agency, decision), heard("el hoyo sigue ahí"))
    assert [one["payload"] for one in message["buttons"]][-1] == "/none_of_these"


@pytest.mark.parametrize("command", ["bot_identity", "goodbye", "thank"])
async def test_question_about_a_section_is_no_small_talk(agency: Agency, command: str) -> None:
    entry = replace(FakeEntry(), body="Avisa.\n\n**Dónde:** en Obras.")
    decision = replace(ANSWER, entry=entry, follows=True, command=Command(command, 0.9))
    [found] = (await answering(agency, decision).before_rasa(heard("y donde es?"))).said
    assert found.provenance is not None
    assert await answering(agency, decision).before_rasa(heard("y quien eres?")) == BeforeRasa()


@pytest.mark.parametrize(
    ("command", "words", "left"),
    [
        (Command("bot_identity", 0.5), "¿y dónde?", ""),
        (Command("bot_identity", 0.5), "¿y quién eres?", "bot_identity"),
        (PERSON, "¿y dónde?", "ask_human"),
    ],
)
def test_question_about_a_section_that_the_entry_lacks_is_no_small_talk(
    command: Command, words: str, left: str
) -> None:
    decision: Any = FakeDecision("clarify", candidates("bache"), command=command)
    assert commanded(decision, words) == left


async def test_thanks_below_a_question_leave_the_answer_alone(agency: Agency) -> None:
    [message] = await turn(answering(agency, replace(ANSWER, command=THANKS)), heard("gracias, y los hoyos?"))
    assert "buttons" not in message


async def test_question_about_the_audience_comes_before_the_command(agency: Agency) -> None:
    decision = FakeDecision("clarify", candidates("bache"), asks=FakeAsk(), command=COMPLAINT)
    [message] = await turn(answering(agency, decision), heard("reclamo por un hoyo"))
    assert message["asks"]


async def test_follow_up_is_no_matter_of_its_own(agency: Agency) -> None:
    action = answering(agency, replace(ANSWER, follows=True, command=PERSON))
    assert (await action.before_rasa(heard("mejor páseme con alguien"))).command == "ask_human"
    [message] = await turn(action, heard("mejor páseme con alguien"))
    assert message["handoff"]["reason"] == "asked_human"


async def test_expired_entry_hands_off_without_a_button(agency: Agency) -> None:
    expired = replace(FakeEntry(), expires=TODAY.replace(year=2020))
    [message] = await turn(answering(agency, replace(ANSWER, entry=expired, command=COMPLAINT)), heard("un hoyo"))
    assert "buttons" not in message
    assert message["handoff"]["reason"] == "expired_entry"


async def test_possible_danger_is_warned_of_before_the_command(agency: Agency) -> None:
    decision = FakeDecision("handoff", danger=Danger("violencia", 0.5), command=PERSON)
    notice, reply = await turn(answering(agency, decision), heard("prefiero contárselo a una mujer"))
    assert notice["text"] == agency.emergency_notice("violencia")
    assert reply["handoff"]["reason"] == "asked_human"


LOOKS_LIKE_A_COMPLAINT = heard("dónde reclamo por un hoyo", intent="complaint")


@pytest.mark.parametrize(
    ("decision", "text"),
    [
        (ANSWER, FakeEntry().body),
        (replace(ANSWER, command=COMPLAINT), FakeEntry().body),
        (replace(ANSWER, command=Command("feedback_bad", 0.9)), None),
        (replace(ANSWER, follows=True), None),
        (FakeDecision("clarify", candidates("bache")), None),
    ],
)
async def test_rasas_command_gives_way_to_a_sure_entry(
    agency: Agency, decision: FakeDecision, text: str | None
) -> None:
    step = UnlessAnswered(steps_of_commands(agency)["complaint"], answering(agency, decision))
    [message] = await turn(step, LOOKS_LIKE_A_COMPLAINT)
    assert message.get("text") == text
    assert message.get("response") == (None if text else "utter_complaint")


async def test_button_is_never_doubted(agency: Agency) -> None:
    step = UnlessAnswered(steps_of_commands(agency)["complaint"], answering(agency, ANSWER))
    [message] = await turn(step, heard("/complaint", intent="complaint"))
    assert message["response"] == "utter_complaint"


def test_every_command_that_is_learnt_has_its_step_as_in_rasas_rules(agency: Agency) -> None:
    rules = [
        rule["steps"] for path in (ROOT / "data" / "rules").glob("*.yml") for rule in read_yaml_file(path)["rules"]
    ]
    by_rasa = {steps[0]["intent"]: steps[1]["action"] for steps in rules}
    taught = {path.stem for path in (ROOT / "data" / "commands").glob("*.txt")} - {"parecidos"}
    steps = steps_of_commands(agency)
    assert {name: steps[name].name for name in taught} == {name: by_rasa[name] for name in taught}


def test_doubted_actions_exist_and_the_buttons_titles_fit(agency: Agency) -> None:
    faq = FakeFaq(FakeAnswerer(ANSWER))
    assert DOUBTED <= {action.name for action in build_actions(agency, faq)}
    assert all(len(agency.say(text)) <= TITLE_LIMIT for text in OFFERED.values())


@pytest.mark.parametrize(("score", "answers"), [(0.36, True), (0.9, False)])
async def test_faint_small_talk_loses_to_the_answer_of_a_follow_up(agency: Agency, score: float, answers: bool) -> None:
    decision = replace(ANSWER, follows=True, command=Command("bot_identity", score))
    [message] = await turn(answering(agency, decision), heard("encontré uno, ¿cómo sé de quién es?"))
    assert (message.get("text") is not None, message.get("response")) == (
        answers,
        None if answers else "utter_bot_identity",
    )


NEAR_IT = FakeDecision("scope", (Candidate("bache", "¿Cómo aviso de un hoyo?", 0.1),))


async def test_chitchat_near_the_agencys_subjects_is_honestly_not_known(agency: Agency) -> None:
    [message] = await turn(answering_faq(FaqReplies(agency), FakeAnswerer(NEAR_IT)), heard("¿atienden conejos?"))
    assert (message["text"], message["missed"]) == (agency.say("no_se"), True)
    assert [one["payload"] for one in message["buttons"]] == ["/ask_human"]
    assert "handoff" not in message


@pytest.mark.parametrize(("chance", "is_asked"), [(0.1, True), (0.01, False)])
async def test_question_near_the_subjects_is_no_complaint_about_the_answer(
    agency: Agency, chance: float, is_asked: bool
) -> None:
    decision = FakeDecision("scope", (Candidate("bache", "¿Cómo aviso de un hoyo?", chance),))
    actions = {one.name: one for one in build_actions(agency, FakeFaq(FakeAnswerer(decision)))}
    before = (said(Payload("No sé.", missed=True).to_data()),)
    [message] = await turn(actions["action_feedback_bad"], heard("puedo devolverlo si no me gusta", before=before))
    assert (message.get("response") != "utter_feedback_bad") is is_asked


async def test_bare_question_after_an_offer_is_no_chitchat_whatever_rasa_takes_it_for(agency: Agency) -> None:
    offer = said(Payload("¿Cuál?", candidates=candidates("bache", "poda")).to_data())
    actions = {one.name: one for one in build_actions(agency, FakeFaq(FakeAnswerer(FakeDecision("scope"))))}
    [message] = await turn(actions["action_out_of_scope"], heard("donde", before=(offer,)))
    assert message["text"] == agency.say("cual_de_estas")
    [message] = await turn(actions["action_out_of_scope"], heard("donde"))
    assert message["text"] != agency.say("cual_de_estas")


@pytest.mark.parametrize(
    ("words", "decision", "again"),
    [
        ("¿y cuánto vale?", FakeDecision("handoff"), True),
        ("¿y cuánto vale?", ANSWER, False),
        ("cuánto", FakeDecision("scope"), True),
        ("y qué papeles tengo que llevar pues", FakeDecision("handoff"), True),
        ("cuánto vale la entrada", FakeDecision("scope"), False),
        ("¿y cuánto vale la patente?", replace(ANSWER, entry=FakeEntry("revision")), True),
        ("¿y cuánto vale la patente?", replace(ANSWER, entry=FakeEntry("patente")), False),
        ("¿y cuánto vale la patente del auto?", replace(ANSWER, entry=FakeEntry("revision")), False),
        ("cuánto vale la patente", replace(ANSWER, entry=FakeEntry("revision")), False),
        ("¿y cuánto vale la patente?", FakeDecision("clarify", candidates("bache")), False),
        ("¿y cuánto vale?", FakeDecision("handoff", command=THANKS), False),
    ],
)
def test_message_that_names_only_what_is_offered_goes_on_about_the_offer(
    words: str, decision: FakeDecision, again: bool
) -> None:
    choices = (Candidate("patente", "¿Cómo obtengo una patente comercial?", 0.4),)
    assert goes_on_about(choices, decision, words) is again


@pytest.mark.parametrize(
    ("words", "entry", "again"),
    [
        ("¿me lo pueden mandar por correo?", "cartola", True),
        ("¿me lo pueden mandar por correo?", "patente", False),
        ("mándenme la cartola por correo", "cartola", False),
        ("y si no alcanzo a pagar?", "arriendo", True),
    ],
)
def test_message_with_only_a_pronoun_goes_on_about_the_offer(words: str, entry: str, again: bool) -> None:
    choices = (Candidate("patente", "¿Cómo obtengo una patente comercial?", 0.4),)
    decision = FakeDecision("answer", candidates(entry), FakeEntry(entry))
    assert goes_on_about(choices, decision, words) is again


WEDDING = (
    Candidate("hora", "¿Cómo pido hora para casarme por el civil?", 0.9),
    Candidate("certificado", "¿Cómo obtengo un certificado de matrimonio?", 0.1),
)


@pytest.mark.parametrize(
    ("words", "kind", "likeliest", "named"),
    [
        ("por la iglesia no, por el civil", "handoff", "hora", True),
        ("el civil po", "clarify", "hora", True),
        ("por el civil no, por la iglesia", "handoff", "hora", False),
        ("el civil", "clarify", "union", True),  # says nothing else, though an entry that was not offered is likelier
        ("la unión por el civil", "clarify", "union", False),
        ("el civil", "answer", "hora", False),
        ("para casarme por el civil con un certificado", "handoff", "hora", False),
        ("por la iglesia", "handoff", "hora", False),
        ("divorciarme por el civil", "handoff", "hora", False),
        ("cualquiera menos el civil", "clarify", "hora", False),
        ("quiero reclamar, el civil", "clarify", "hora", False),
    ],
)
def test_word_that_only_one_offered_question_has_names_it(words: str, kind: str, likeliest: str, named: bool) -> None:
    decision = FakeDecision(kind, (Candidate(likeliest, "¿?", 0.3),))
    assert named_among(WEDDING, decision, words) == (WEDDING[0] if named else None)
    assert named_among(WEDDING[:1], decision, words) is None
    assert named_among(WEDDING, replace(decision, command=PERSON), words) is None


@pytest.mark.parametrize(("words", "named"), [("los exámenes", 0), ("la consulta", 1), ("la hora", None)])
def test_word_that_names_nothing_elsewhere_names_the_offer_that_has_it(words: str, named: int | None) -> None:
    questions = ("¿Cuándo están listos mis exámenes?", "¿Cuánto vale la consulta?")
    choices = tuple(Candidate(f"e{n}", question, 0.5) for n, question in enumerate(questions))
    found = named_among(choices, FakeDecision("clarify", choices), words)
    assert found == (None if named is None else choices[named])


async def test_choice_that_is_named_is_offered_alone_instead_of_the_queue(agency: Agency) -> None:
    decision = FakeDecision("handoff", (Candidate("hora", "¿?", 0.3),))
    before = (said(Payload("¿Cuál?", candidates=WEDDING).to_data()),)
    found = await answering(agency, decision).before_rasa(heard("por la iglesia no, por el civil", before=before))
    assert [one.candidates for one in found.if_question] == [WEDDING[:1]]
