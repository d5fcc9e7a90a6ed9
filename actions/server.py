"""Builds the actions and the rasa-sdk server that serves them."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, nullcontext
from datetime import date, datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from rasa_sdk.endpoint import create_app
from rasa_sdk.executor import ActionExecutor
from sanic.request import Request
from sanic.response import HTTPResponse, json

from actions.answer_faq import AnswerFaq, ChooseEntry, SetAudience, UnlessTold
from actions.candidates import add_candidates
from actions.choice import Affirm, Deny, NoneOfThese
from actions.emergency import Emergency, add_danger
from actions.fallback import insult, out_of_scope
from actions.faq import Faq
from actions.faq_replies import FaqReplies
from actions.handoff import person_actions
from actions.routing import Routed
from actions.step import Step
from bot.agency.model import Agency
from bot.core.logs import log


class LiveFaq(Faq, Protocol):
    """An FAQ that watches its folder between ``start`` and ``stop``."""

    async def start(self) -> None: ...
    async def stop(self) -> None: ...


def build_actions(agency: Agency, faq: Faq) -> tuple[Step, ...]:
    """Builds every action that domain.yml lists."""
    zone = ZoneInfo(agency.timezone)
    replies = FaqReplies(agency)

    def today() -> date:
        return datetime.now(zone).date()

    small_talk = out_of_scope(agency.default_team)
    set_audience = SetAudience(faq, replies, today)
    answer_faq = UnlessTold(AnswerFaq(faq, replies, today, small_talk=small_talk), set_audience)
    steps: tuple[Step, ...] = (
        answer_faq,
        UnlessTold(small_talk, set_audience),
        insult(agency.default_team),
        ChooseEntry(faq, replies, today),
        set_audience,
        UnlessTold(Affirm(faq, replies, today), set_audience),
        UnlessTold(Deny(agency.default_team), set_audience),
        NoneOfThese(agency.default_team),
        Emergency(agency, otherwise=answer_faq),
        *person_actions(agency),
    )
    return tuple(Routed(step, agency) for step in steps)


def build_executor(actions: Iterable[Step]) -> ActionExecutor:
    """Builds rasa-sdk's executor from our instances, since its own discovery of classes would need globals."""
    executor = ActionExecutor()
    for action in actions:
        executor.register_function(action.name, action.run)
    return executor


def build_server(agency: Agency, faq: LiveFaq, metrics: AbstractAsyncContextManager[None] | None = None) -> Any:
    """Builds the Sanic app with POST /webhook (Rasa), POST /candidates (desk), POST /danger (bot), and GET /health,
    which answers once the FAQ is loaded.

    ``metrics`` exposes the process's metrics while it is open.
    """
    app = create_app(build_executor(build_actions(agency, faq)), cors_origins=[])
    add_candidates(app, faq)
    add_danger(app, faq)
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


async def without_words(_request: Request, response: HTTPResponse) -> HTTPResponse | None:
    """Replaces rasa-sdk's error response, which contains the request, so that Rasa does not log the citizen's words."""
    return json({"error": "action failed"}, status=500) if response.status == 500 else None
