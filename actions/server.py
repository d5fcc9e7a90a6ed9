"""Builds the actions and the rasa-sdk server that serves them."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, nullcontext
from typing import Any, Protocol

from rasa_sdk.endpoint import create_app
from rasa_sdk.executor import ActionExecutor
from sanic.request import Request
from sanic.response import HTTPResponse, json

from actions.answer_faq import AnswerFaq, ChooseEntry, SetAudience, UnlessAnswered, UnlessAttribute
from actions.choice import Affirm, Deny, NoneOfThese, UnlessAside, UnlessAsks
from actions.commands import Capabilities, Menu, displeased_actions, not_that, out_of_scope, steps_of_commands
from actions.emergency import Emergency
from actions.faq import Faq
from actions.replies.answers import FaqReplies
from actions.replies.asides import asides
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
from actions.routing import Routed
from actions.step import Step
from actions.vote import DOUBTED
from bot.agency.model import Agency
from bot.core.logs import log
from bot.core.network import ACTIONS_HEADER
from bot.core.texts import area
from bot.faq.ranking.sentences import ALL_SMALL_TALK, load_small_talk
from bot.text.phrases import Phrases

HEALTH = "/health"  # a route of rasa-sdk


class LiveFaq(Faq, Protocol):
    """An FAQ that watches its folder between ``start`` and ``stop``."""

    async def start(self) -> None: ...
    async def stop(self) -> None: ...


def build_answer_faq(agency: Agency, faq: Faq) -> AnswerFaq:
    """Builds the action that answers questions, for Rasa and for the bot's ``POST /answer``."""
    taught = [one.text for one in load_small_talk(intents=ALL_SMALL_TALK)]
    small_talk = Phrases([*taught, *area("agency")["por_favor"]])
    no_question, commands = out_of_scope(agency), steps_of_commands(agency)
    replies, today = FaqReplies(agency), agency.today
    return AnswerFaq(faq, replies, today, out_of_scope=no_question, commands=commands, small_talk=small_talk)


def build_actions(agency: Agency, faq: Faq, answer: AnswerFaq | None = None) -> tuple[Step, ...]:
    """Builds every action that domain.yml lists; if ``answer``, the action for questions, is None, builds it too."""
    replies, today = FaqReplies(agency), agency.today
    small_talk = out_of_scope(agency)
    set_audience = SetAudience(faq, replies, today)
    answer = answer or build_answer_faq(agency, faq)
    answer_faq = UnlessAttribute(answer, set_audience)
    commands = displeased_actions(agency)
    steps: tuple[Step, ...] = (
        answer_faq,
        UnlessAttribute(UnlessAnswered(small_talk, answer), set_audience),
        ChooseEntry(faq, replies, today),
        set_audience,
        UnlessAttribute(UnlessAsks(Affirm(faq, replies, today), answer), set_audience),
        UnlessAttribute(UnlessAsks(Deny(agency.default_team, not_that(agency)), answer), set_audience),
        NoneOfThese(agency.default_team),
        Capabilities(agency),
        Menu(agency, faq, today),
        Emergency(agency, otherwise=answer_faq),
        *(UnlessAnswered(step, answer) if step.name in DOUBTED else step for step in commands),
    )
    beside = asides(faq, replies, today)
    return tuple(Routed(UnlessAside(step, beside), agency) for step in steps)


def build_executor(actions: Iterable[Step]) -> ActionExecutor:
    """Builds rasa-sdk's executor from action instances, since its discovery of action classes would need globals."""
    executor = ActionExecutor()
    for action in actions:
        executor.register_function(action.name, action.run)
    return executor


def build_server(
    agency: Agency, faq: LiveFaq, token: str, metrics: AbstractAsyncContextManager[None] | None = None
) -> Any:
    """Builds the Sanic app: POST /webhook for Rasa, and the routes of routes.py for the bot and the desk.

    GET /health responds once the FAQ is loaded; every other route requires ``token`` in ACTIONS_HEADER. ``metrics`` is
    the context manager that serves the process's metrics.
    """
    answer = build_answer_faq(agency, faq)
    app = create_app(build_executor(build_actions(agency, faq, answer)), cors_origins=[])
    add_candidates(app, faq)
    add_try(app, faq)
    add_reach(app, faq)
    add_effect(app, faq)
    add_tests(app, faq)
    add_vectors(app, faq)
    add_answer(app, answer)
    add_danger(app, faq)
    add_dangers(app, faq)
    add_about(app, faq)
    app.register_middleware(only_with(token), "request")
    app.register_middleware(without_words, "response")
    running = AsyncExitStack()

    async def start(*_: Any) -> None:
        await faq.start()
        await running.enter_async_context(metrics or nullcontext())
        log.info("actions: ready")

    async def stop(*_: Any) -> None:
        await running.aclose()
        await faq.stop()

    app.register_listener(start, "before_server_start")
    app.register_listener(stop, "after_server_stop")
    return app


def only_with(token: str) -> Callable[[Request], Awaitable[HTTPResponse | None]]:
    """Returns the middleware that responds with 401 to a request without ``token``, except for GET /health."""

    async def refuse(request: Request) -> HTTPResponse | None:
        sent = request.headers.get(ACTIONS_HEADER, "").encode(errors="surrogateescape")
        known = hmac.compare_digest(sent, token.encode())
        return None if known or request.path == HEALTH else json({"error": "token"}, status=401)

    return refuse


async def without_words(_request: Request, response: HTTPResponse) -> HTTPResponse | None:
    """Replaces rasa-sdk's error response, which contains the request, so that Rasa does not log citizens' messages."""
    return json({"error": "action failed"}, status=500) if response.status == 500 else None
