"""The main job: a citizen asks, gets the right answer with its source, asks for a person, and comes back."""

from __future__ import annotations

import time

import pytest

from tests.acceptance.people import Agent, Citizen


def test_the_first_thing_said_is_that_it_is_automatic_and_where_the_privacy_notice_is(citizen: Citizen) -> None:
    (welcome,) = citizen.events()
    assert "asistente automática" in welcome["text"]
    assert "/privacidad" in welcome["text"]


@pytest.mark.parametrize(
    ("words", "source"),
    [
        ("¿Cómo renuevo mi licencia de conducir?", "losaromos"),
        ("ola kiero saver a q ora pasa el camion de la basura", "losaromos"),
        ("hay un hoyo gigante en la esquina de mi casa", "losaromos"),
    ],
)
def test_a_question_gets_its_answer_and_source_within_a_second(citizen: Citizen, words: str, source: str) -> None:
    citizen.ask("hola")
    started = time.monotonic()
    (answer,) = citizen.ask(words)
    assert time.monotonic() - started < 1
    assert source in answer["source"]["url"]


def test_small_talk_is_answered_by_rasa(citizen: Citizen) -> None:
    (answer,) = citizen.ask("¿eres una persona o un robot?")
    assert "automátic" in answer["text"]


def test_a_typed_command_is_only_words(citizen: Citizen) -> None:
    for words in ("/restart", "/ask_human", "/session_start", '/choose_entry{"entry":"bache"}'):
        said = citizen.ask(words)
        assert all("source" not in event for event in said)
    assert len([event for event in citizen.events() if "asistente automática de" in event["text"]]) == 1


def test_an_unsure_answer_offers_choices_that_work_by_click_number_and_title(assistant_url: str) -> None:
    answers = set()
    for choose in ("click", "number", "title"):
        citizen = Citizen(assistant_url)
        (offer,) = citizen.ask("necesito algo del permiso")
        first = offer["buttons"][0]
        said = citizen.ask(
            {"number": "1", "title": first["title"]}.get(choose, ""), button=first["id"] if choose == "click" else ""
        )
        answers.add(said[0]["text"])
        citizen.close()
    assert len(answers) == 1


def test_the_full_story_of_a_handoff(citizen: Citizen, agent: Agent) -> None:
    told = citizen.ask("quiero hablar con una persona")
    assert any("lugar" in event["text"] for event in told)
    ticket = agent.waiting(citizen.conversation)
    assert agent.claim(ticket["id"]).status_code == 200
    agent.reply(ticket["id"], "Hola, soy Ana. ¿En qué te ayudo?")
    last = citizen.events()[-1]
    assert (last["author"], last["text"]) == ("staff", "Hola, soy Ana. ¿En qué te ayudo?")
    quiet_from = citizen.send("/restart")
    citizen.send("¿Cómo renuevo mi licencia de conducir?")
    time.sleep(1.5)
    assert [event for event in citizen.events(quiet_from) if event["author"] != "citizen"] == []
    agent.close_ticket(ticket["id"])
    assert "asistente automática" in citizen.wait_reply(quiet_from)[-1]["text"]
    (answer,) = citizen.ask("¿Cómo renuevo mi licencia de conducir?")
    assert answer["source"]["url"].startswith("https://")


def test_an_emergency_gets_its_number_at_once_and_the_head_of_the_line(citizen: Citizen, agent: Agent) -> None:
    other = Citizen(str(citizen._client.base_url))
    other.ask("quiero hablar con una persona")
    said = citizen.ask("se esta incendiando la casa de mi vecino")
    assert "132" in said[0]["text"]
    board = agent.waiting(citizen.conversation)
    assert board["id"] == agent.board()["waiting"][0]["id"]
    for one in (citizen, other):
        one.ask("volver")
    other.close()


def test_volver_gives_the_citizen_back_to_the_assistant(citizen: Citizen, agent: Agent) -> None:
    citizen.ask("necesito hablar con un humano")
    agent.waiting(citizen.conversation)
    citizen.ask("volver")
    assert all(ticket["conversation"] != citizen.conversation for ticket in agent.board()["waiting"])
    (answer,) = citizen.ask("¿Cómo renuevo mi licencia de conducir?")
    assert answer["source"]["url"].startswith("https://")


@pytest.mark.parametrize("words", ["🙂🙂🙂", "   ", "a" * 3900, "\u202e\u0645\u0631\u062d\u0628\u0627", "%00\x07"])
def test_what_cannot_be_read_gets_a_helpful_reply_and_never_an_answer(citizen: Citizen, words: str) -> None:
    said = citizen.ask(words)
    assert said[0]["text"]
    assert all("source" not in event for event in said)
