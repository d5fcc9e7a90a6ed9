"""Tests the action server's responses to the bot: likeliest entries, sure answers, and dangers."""

from __future__ import annotations

import json
from base64 import b64decode
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from actions import routes as routes_module
from actions.answer_faq import BeforeRasa
from actions.routes import (
    add_about,
    add_answer,
    add_candidates,
    add_danger,
    add_dangers,
    add_effect,
    add_reach,
    add_tests,
    add_try,
    add_vectors,
)
from bot.core.messages import Candidate
from bot.core.payload import Payload
from bot.faq.ranking.risk import Danger
from tests.unit.actions_fakes import FakeAnswerer, FakeDecision, FakeFaq

HOLE = Candidate("bache", "¿Cómo aviso de un hoyo?", 0.7)


class Routes:
    """The part of a Sanic app that the routes use."""

    def add_route(self, handler: Any, path: str, methods: list[str]) -> None:
        self.handler, self.path, self.methods = handler, path, methods


class ListeningFaq:
    """An FAQ that records the arguments of its calls."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answerer: Any = SimpleNamespace(
            candidates=self._candidates, thresholds=SimpleNamespace(offer=0.26, answer=0.8)
        )

    def _candidates(self, text: str) -> tuple[Candidate, ...]:
        self.asked.append(text)
        return (HOLE,)


@pytest.mark.parametrize(
    ("body", "asked"),
    [({"text": " hay un hoyo "}, ["hay un hoyo"]), ({"text": "x" * 5000}, ["x" * 1000])],
)
async def test_likeliest_entries_are_returned(body: Any, asked: list[str]) -> None:
    routes, faq = Routes(), ListeningFaq()
    add_candidates(routes, faq)
    answer = await routes.handler(SimpleNamespace(json=body))
    found = [{"entry": "bache", "question": "¿Cómo aviso de un hoyo?", "confidence": 0.7}]
    assert (routes.path, routes.methods, json.loads(answer.body)) == (
        "/candidates",
        ["POST"],
        {"candidates": found, "offer": 0.26, "answer": 0.8},
    )
    assert faq.asked == asked


@pytest.mark.parametrize("body", [None, [], {}, {"text": 7}, {"text": "  "}])
async def test_empty_text_is_not_searched(body: Any) -> None:
    routes, faq = Routes(), ListeningFaq()
    add_candidates(routes, faq)
    answer = await routes.handler(SimpleNamespace(json=body))
    assert (json.loads(answer.body), faq.asked) == ({"candidates": [], "offer": 0.26, "answer": 0.8}, [])


@pytest.mark.parametrize("filled", ["said", "if_question"])
async def test_decision_is_returned_for_the_text_and_its_metadata(filled: str) -> None:
    async def before_rasa(tracker: Any) -> BeforeRasa:
        words = f"{tracker.latest_message['text']} {tracker.latest_message['metadata']['channel']}"
        return BeforeRasa(**{filled: (Payload(words),)})

    routes = Routes()
    add_answer(routes, SimpleNamespace(before_rasa=before_rasa))
    answer = await routes.handler(SimpleNamespace(json={"text": "un hoyo", "metadata": {"channel": "web"}}))
    expected = {"said": [], "if_question": [], "command": ""} | {filled: [Payload("un hoyo web").to_data()]}
    assert (routes.path, json.loads(answer.body)) == ("/answer", expected)


async def test_command_is_returned_for_what_no_entry_answers() -> None:
    async def before_rasa(tracker: Any) -> BeforeRasa:
        return BeforeRasa(command={"páseme con un cristiano": "ask_human"}[tracker.latest_message["text"]])

    routes = Routes()
    add_answer(routes, SimpleNamespace(before_rasa=before_rasa))
    answer = await routes.handler(SimpleNamespace(json={"text": "páseme con un cristiano", "metadata": {}}))
    assert json.loads(answer.body) == {"said": [], "if_question": [], "command": "ask_human"}


@pytest.mark.parametrize(
    ("found", "answered"),
    [
        (Danger("gas", 0.9, 0.9), {"kind": "gas", "sure": True}),
        (Danger("gas", 0.5), {"kind": "gas", "sure": False}),
        (None, None),
    ],
)
async def test_danger_is_judged_by_the_answerer(found: Danger | None, answered: dict[str, object] | None) -> None:
    routes, asked = Routes(), []

    def danger(text: str) -> Danger | None:
        asked.append(text)
        return found

    faq: Any = SimpleNamespace(answerer=SimpleNamespace(danger=danger))
    add_danger(routes, faq)
    answer = await routes.handler(SimpleNamespace(json={"text": " huele raro "}))
    empty = await routes.handler(SimpleNamespace(json={"text": " "}))
    assert (routes.path, json.loads(answer.body), asked) == ("/danger", {"danger": answered}, ["huele raro"])
    assert json.loads(empty.body) == {"danger": None}


async def test_dangers_of_utterances_are_those_shown_above_their_answer() -> None:
    found = {"me ahogo": Danger("medica", 3.0, 3.0), "huele raro": Danger("gas", 0.1), "patente": None}
    routes, faq = (
        Routes(),
        SimpleNamespace(answerer=SimpleNamespace(dangers=lambda texts: [found[one] for one in texts])),
    )
    add_dangers(routes, faq)  # type: ignore[arg-type]
    answer = await routes.handler(SimpleNamespace(json={"texts": list(found)}))
    dangers = [{"kind": "medica", "sure": True}, {"kind": "gas", "sure": False}, None]
    assert json.loads(answer.body) == {"dangers": dangers}


@pytest.fixture
def released(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Records when memory would be released, instead of releasing it (half a second in the tests' process)."""
    noted: list[str] = []
    monkeypatch.setattr(routes_module, "release_memory", lambda: noted.append("released"))
    return noted


@pytest.mark.parametrize(("content", "after"), [("---", ["calle/bache.md: un hoyo"]), ("", None)])
async def test_change_is_compared_with_what_is_answered_now(
    content: str, after: list[str] | None, released: list[str]
) -> None:
    routes = Routes()
    add_try(routes, FakeFaq(FakeAnswerer(FakeDecision("handoff"))))
    body = {"text": "un hoyo", "path": "calle/bache.md", "content": content, "phrases": ""}
    answer = await routes.handler(SimpleNamespace(json=body))
    assert json.loads(answer.body) == {"before": ["before: un hoyo"], "after": after}
    assert released == ["released"]


@pytest.mark.parametrize(("content", "found"), [("---", {"rows": [], "judged": {"asked": 1}}), ("", None)])
async def test_effect_of_a_change_is_measured_over_what_citizens_asked(
    content: str, found: Any, released: list[str]
) -> None:
    routes = Routes()
    add_effect(routes, FakeFaq(FakeAnswerer(FakeDecision("handoff"))))
    texts = {"calle/a.md": "x", "calle/b.md": content}
    entries = [{"path": path, "content": one, "phrases": ""} for path, one in texts.items()]
    answer = await routes.handler(SimpleNamespace(json={"entries": entries, "asked": ["un hoyo"]}))
    assert json.loads(answer.body) == {"effect": found}
    assert released == ["released"]


@pytest.mark.parametrize("content", ["---", ""], ids=["readable", "with an error"])
async def test_texts_that_a_draft_answers_are_found(content: str, released: list[str]) -> None:
    routes = Routes()
    add_reach(routes, FakeFaq(FakeAnswerer(FakeDecision("handoff"))))
    body = {"path": "calle/bache.md", "content": content, "phrases": "", "asked": ["un hoyo"]}
    answer = await routes.handler(SimpleNamespace(json=body))
    one = {"text": "un hoyo", "is_utterance": False, "reached": "other", "other": "calle/bache.md"}
    found = {"reach": [one], "utterances": 1, "is_expired": False} if content else None
    assert (routes.path, json.loads(answer.body)) == ("/reach", {"found": found})
    assert released == ["released"]


async def test_test_messages_are_answered_together() -> None:
    routes = Routes()
    add_tests(routes, FakeFaq(FakeAnswerer(FakeDecision("handoff"))))
    tests = [{"text": "un hoyo", "faq": "bache"}, {"text": "una película", "faq": ""}]
    answer = await routes.handler(SimpleNamespace(json={"tests": tests}))
    assert (routes.path, json.loads(answer.body)) == ("/tests", {"answered": ["bache", ""]})


async def test_message_about_a_notice_is_recognized_from_the_utterances_in_the_request() -> None:
    asked: list[Any] = []

    def about(text: str, notices: Any) -> str:
        asked.append((text, notices))
        return "1.1"

    routes, faq = Routes(), SimpleNamespace(answerer=SimpleNamespace(notices=SimpleNamespace(about=about)))
    add_about(routes, faq)  # type: ignore[arg-type]
    answer = await routes.handler(SimpleNamespace(json={"text": " sin agua ", "notices": {"1.1": ["no sale agua"]}}))
    assert (routes.path, json.loads(answer.body)) == ("/about", {"about": "1.1"})
    assert asked == [("sin agua", {"1.1": ("no sale agua",)})]


async def test_vectors_are_sent_as_half_precision_numbers() -> None:
    rows = np.array([[0.5, -0.25], [1, 0]], dtype=np.float32)
    routes, asked = Routes(), []
    answerer = SimpleNamespace(
        vectorizer=SimpleNamespace(fingerprint="abc", vectors=lambda texts: asked.append(texts) or rows)
    )
    add_vectors(routes, SimpleNamespace(answerer=answerer))  # type: ignore[arg-type]
    answer = json.loads((await routes.handler(SimpleNamespace(json={"texts": ["a", "b" * 5000]}))).body)
    assert (answer["encoder"], asked) == ("abc", [["a", "b" * 1000]])
    sent = np.frombuffer(b64decode(answer["vectors"]), "<f2").reshape(2, 2)
    assert np.array_equal(sent, rows)
