"""Tests that facts that occur several times agree: in domain, rules, examples, actions, FAQ and agency."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from actions.server import build_actions
from bot.agency.model import Agency
from bot.faq.entries.folder import load_folder
from bot.turns.rasa_client import ANSWERED_BY, QUESTIONS
from tests.rasa.button_intents import ONLY_BUTTONS
from tests.unit.actions_fakes import FakeAnswerer, FakeDecision, FakeFaq

ROOT = Path(__file__).resolve().parents[2]
GENERATED = {"ask_faq"}
MIN_EXAMPLES = 30
MAX_BUTTONS = 3
TITLE_LIMIT = 20
VOSEO = re.compile(r"\b(vos|tenés|podés|querés|escribime|contame|decime|elegí|escribís|necesitás)\b", re.IGNORECASE)


@pytest.fixture(scope="session")
def intents(domain: dict[str, Any]) -> set[str]:
    return {next(iter(intent)) if isinstance(intent, dict) else intent for intent in domain["intents"]}


def steps(rules: list[dict[str, Any]], kind: str) -> set[str]:
    return {step[kind] for rule in rules for step in rule["steps"] if kind in step}


def texts(domain: dict[str, Any]) -> list[dict[str, Any]]:
    return [variation for variations in domain["responses"].values() for variation in variations]


def test_server_has_exactly_the_actions_of_the_domain(domain: dict[str, Any], agency: Agency) -> None:
    built = build_actions(agency, FakeFaq(FakeAnswerer(FakeDecision("handoff"))))
    assert sorted(action.name for action in built) == sorted(domain["actions"])


def test_every_intent_has_one_rule(rules: list[dict[str, Any]], intents: set[str]) -> None:
    first = sorted(rule["steps"][0]["intent"] for rule in rules)
    assert first == sorted({*intents, "nlu_fallback"})


def test_questions_are_the_intents_that_the_answerer_gets(rules: list[dict[str, Any]]) -> None:
    asked = [rule["steps"][0]["intent"] for rule in rules if rule["steps"][1].get("action") == ANSWERED_BY]
    assert sorted(asked) == sorted(QUESTIONS)


def test_every_action_of_a_rule_exists(rules: list[dict[str, Any]], domain: dict[str, Any]) -> None:
    assert steps(rules, "action") <= {*domain["actions"], *domain["responses"]}


def test_every_response_is_used(rules: list[dict[str, Any]], domain: dict[str, Any]) -> None:
    code = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "actions").glob("*.py"))
    used = steps(rules, "action") | set(re.findall(r"utter_\w+", code)) - {"utter_message"}
    assert set(domain["responses"]) == {name for name in used if name.startswith("utter_")}


def test_every_intent_has_enough_examples(examples: dict[str, list[str]], intents: set[str]) -> None:
    assert set(examples) == intents - ONLY_BUTTONS - GENERATED
    assert {intent: len(found) for intent, found in examples.items() if len(found) < MIN_EXAMPLES} == {}


def test_no_example_teaches_two_intents(examples: dict[str, list[str]]) -> None:
    everything = [example.casefold() for found in examples.values() for example in found]
    assert sorted({example for example in everything if everything.count(example) > 1}) == []


def test_every_button_leads_to_an_existing_intent_and_entry(
    domain: dict[str, Any], intents: set[str], agency: Agency
) -> None:
    entries = {entry.id for entry in load_folder(ROOT / "data" / "faq", agency.teams).entries}
    payloads = [button["payload"] for text in texts(domain) for button in text.get("buttons", [])]
    assert {re.split(r"[/{]", payload)[1] for payload in payloads} <= intents
    assert {entry for payload in payloads for entry in re.findall(r'"entry":"([^"]+)"', payload)} <= entries


def test_buttons_fit_every_channel(domain: dict[str, Any]) -> None:
    rows = [text.get("buttons", []) for text in texts(domain)]
    assert max(map(len, rows)) <= MAX_BUTTONS
    assert [button["title"] for row in rows for button in row if len(button["title"]) > TITLE_LIMIT] == []


def test_texts_are_one_paragraph_without_voseo(domain: dict[str, Any]) -> None:
    wrong = [text["text"] for text in texts(domain) if "\n" in text["text"] or VOSEO.search(text["text"])]
    assert wrong == []
