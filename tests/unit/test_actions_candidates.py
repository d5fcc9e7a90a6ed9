"""Tests that the action server returns the likeliest entries for a text."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from actions.candidates import add_candidates
from bot.core.messages import Candidate

HOLE = Candidate("bache", "¿Cómo aviso de un hoyo?", 0.7)


class Routes:
    """The part of a Sanic app that is used."""

    def add_route(self, handler: Any, path: str, methods: list[str]) -> None:
        self.handler, self.path, self.methods = handler, path, methods


class ListeningFaq:
    """An FAQ that records what it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answerer: Any = SimpleNamespace(candidates=self._candidates)

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
    assert (routes.path, routes.methods, json.loads(answer.body)) == ("/candidates", ["POST"], {"candidates": found})
    assert faq.asked == asked


@pytest.mark.parametrize("body", [None, [], {}, {"text": 7}, {"text": "  "}])
async def test_empty_text_is_not_searched(body: Any) -> None:
    routes, faq = Routes(), ListeningFaq()
    add_candidates(routes, faq)
    answer = await routes.handler(SimpleNamespace(json=body))
    assert (json.loads(answer.body), faq.asked) == ({"candidates": []}, [])
