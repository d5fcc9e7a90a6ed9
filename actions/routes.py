"""Serves the HTTP routes through which the bot uses the answerer directly, since the bot has no encoder.

The routes share the address and the token of Rasa's webhook.
"""

from __future__ import annotations

import asyncio
from base64 import b64encode
from typing import Any

from rasa_sdk import Tracker
from sanic.request import Request
from sanic.response import HTTPResponse, json

from actions.answer_faq import AnswerFaq
from actions.faq import Faq
from bot.core.process import release_memory
from bot.faq.answering.left_out import Test
from bot.faq.publishing.trials import Written

MAX_CHARACTERS = 1000


def add_candidates(app: Any, faq: Faq) -> None:
    """Adds ``POST /candidates {"text"}`` to the Sanic app; the desk gets the most likely entries for a text.

    In the response, ``offer`` is the minimum probability of an entry worth offering, ``answer`` the minimum for
    answering with it.
    """

    async def candidates(request: Request) -> HTTPResponse:
        text = _text_of(request.json)
        found = await asyncio.to_thread(faq.answerer.candidates, text) if text else ()
        limits = faq.answerer.thresholds
        return json({"candidates": [vars(one) for one in found], "offer": limits.offer, "answer": limits.answer})

    app.add_route(candidates, "/candidates", methods=["POST"])


def add_vectors(app: Any, faq: Faq) -> None:
    """Adds ``POST /vectors {"texts"}`` to the Sanic app, with which the editors' backlog is grouped.

    The response is ``{"encoder": fingerprint, "vectors": base64}``: the unit vectors as little-endian float16.
    """

    async def vectors(request: Request) -> HTTPResponse:
        vectorizer, texts = faq.answerer.vectorizer, [str(one)[:MAX_CHARACTERS] for one in request.json["texts"]]
        rows = await asyncio.to_thread(vectorizer.vectors, texts)
        return json({"encoder": vectorizer.fingerprint, "vectors": b64encode(rows.astype("<f2").tobytes()).decode()})

    app.add_route(vectors, "/vectors", methods=["POST"])


def add_try(app: Any, faq: Faq) -> None:
    """Adds ``POST /try {"text", "path", "content", "phrases"}`` to the Sanic app, for the editors' page.

    The response contains the answers to a text ``before`` and ``after`` the entry ``path`` gets the new content, each
    as lines with the reasons; ``after`` is null if the new content has an error. The first request with a content takes
    a second.
    """

    async def try_out(request: Request) -> HTTPResponse:
        text = str(request.json["text"])[:MAX_CHARACTERS]
        before, after = await asyncio.to_thread(faq.trials.compared, text, _written(request.json))
        await asyncio.to_thread(release_memory)
        return json({"before": before, "after": after})

    app.add_route(try_out, "/try", methods=["POST"])


def add_effect(app: Any, faq: Faq) -> None:
    """Adds ``POST /effect`` to the Sanic app, with which editors see the effect of changed entries.

    The request is ``{"entries": [{"path", "content", "phrases"}, ...], "asked": [text, ...]}``. The response is
    ``{"effect": {"rows": [...], "judged": {...}}}``: how the answers change if each entry ``path`` gets the new
    content; ``effect`` is null if a content has an error. A request takes a second or two, more for hundreds of
    entries.
    """

    async def effect(request: Request) -> HTTPResponse:
        written = [_written(one) for one in request.json["entries"]]
        asked = [str(text)[:MAX_CHARACTERS] for text in request.json["asked"]]
        found = await asyncio.to_thread(faq.trials.effect, written, asked)
        await asyncio.to_thread(release_memory)
        return json({"effect": found.to_json() if found else None})

    app.add_route(effect, "/effect", methods=["POST"])


def add_reach(app: Any, faq: Faq) -> None:
    """Adds ``POST /reach {"path", "content", "phrases", "asked": [text, ...]}`` to the Sanic app, for the entry's page.

    The response is ``{"found": {"reach": [{"text", "is_utterance", "reached", "other"}, ...], "utterances",
    "is_expired"}}``: what becomes of the utterances of the entry ``path`` with the new content, and of messages of
    citizens; ``utterances`` counts the former, judged or not. ``found`` is null if the content has an error.
    """

    async def reached(request: Request) -> HTTPResponse:
        asked = [str(text)[:MAX_CHARACTERS] for text in request.json["asked"]]
        found = await asyncio.to_thread(faq.trials.reach, _written(request.json), asked)
        await asyncio.to_thread(release_memory)
        return json({"found": found.to_data() if found else None})

    app.add_route(reached, "/reach", methods=["POST"])


def add_tests(app: Any, faq: Faq) -> None:
    """Adds ``POST /tests {"tests": [{"text", "faq"}, ...]}``, for the editors' page of test messages.

    The response is ``{"answered": [id, ...]}``: the id of the entry that answers each text now, '' if none does.
    ``faq`` is the id of the entry that should answer the text.
    """

    async def tried(request: Request) -> HTTPResponse:
        tests = [Test(str(one["text"])[:MAX_CHARACTERS], str(one["faq"])) for one in request.json["tests"]]
        return json({"answered": await asyncio.to_thread(faq.trials.answered, tests)})

    app.add_route(tried, "/tests", methods=["POST"])


def _written(entry: dict[str, Any]) -> Written:
    return Written(str(entry["path"]), str(entry["content"]).encode(), str(entry["phrases"]).encode())


def add_danger(app: Any, faq: Faq) -> None:
    """Adds ``POST /danger {"text"}`` to the Sanic app, with which the bot checks a message for a danger.

    The bot checks messages that the answerer does not see, and messages with an emergency phrase. The response is
    ``{"danger": {"kind", "sure"}}``, or ``{"danger": null}`` if there is none.
    """

    async def danger(request: Request) -> HTTPResponse:
        text = _text_of(request.json)
        found = await asyncio.to_thread(faq.answerer.danger, text) if text else None
        return json({"danger": {"kind": found.kind, "sure": found.sure} if found else None})

    app.add_route(danger, "/danger", methods=["POST"])


def add_dangers(app: Any, faq: Faq) -> None:
    """Adds ``POST /dangers {"texts"}`` to the Sanic app, for the editors' page, which marks dangerous utterances.

    The response is ``{"dangers": [{"kind", "sure"} or null, ...]}``: the danger about which a reply to the text would
    warn before the entry's answer. The vectors of the texts are kept on disk, so a citizen's message must not be among
    them.
    """

    async def dangers(request: Request) -> HTTPResponse:
        texts = [str(one)[:MAX_CHARACTERS] for one in request.json["texts"]]
        found = await asyncio.to_thread(faq.answerer.dangers, texts)
        return json({"dangers": [{"kind": one.kind, "sure": one.sure} if one else None for one in found]})

    app.add_route(dangers, "/dangers", methods=["POST"])


def add_about(app: Any, faq: Faq) -> None:
    """Adds ``POST /about {"text", "notices": {id: [utterance, ...]}}`` to the Sanic app.

    The response is ``{"about": id}`` with the id of the notice that the text is about, '' if there is none. With an
    empty text, the utterances are only embedded, so that the next request is fast.
    """

    async def about(request: Request) -> HTTPResponse:
        notices = {str(id): tuple(map(str, utterances)) for id, utterances in request.json["notices"].items()}
        found = await asyncio.to_thread(faq.answerer.notices.about, _text_of(request.json), notices)
        return json({"about": found})

    app.add_route(about, "/about", methods=["POST"])


def add_answer(app: Any, answer_faq: AnswerFaq) -> None:
    """Adds ``POST /answer {"text", "metadata"}`` to the Sanic app.

    The route decides on a message before Rasa gets it. ``metadata`` is the metadata that the bot sends to Rasa with a
    message. The response is ``{"said": [payload, ...], "if_question": [payload, ...], "command": name}``, in which at
    most one field is not empty. With ``said``, an entry answers the message with enough confidence. ``if_question`` are
    the replies if Rasa classifies the message as a question. Otherwise the bot sends ``/<command>`` to Rasa, or the
    text if ``command`` is ''.
    """

    async def answer(request: Request) -> HTTPResponse:
        message = {"text": request.json["text"], "metadata": request.json["metadata"]}
        tracker = Tracker("", {}, message, [], False, None, {}, None)  # the metadata contains the earlier exchanges
        found = await answer_faq.before_rasa(tracker)
        said, if_question = ([one.to_data() for one in replies] for replies in (found.said, found.if_question))
        return json({"said": said, "if_question": if_question, "command": found.command})

    app.add_route(answer, "/answer", methods=["POST"])


def _text_of(body: object) -> str:
    """Returns the ``text`` in a request's body, stripped and truncated to MAX_CHARACTERS; '' if there is none."""
    text = body.get("text") if isinstance(body, dict) else None
    return text.strip()[:MAX_CHARACTERS] if isinstance(text, str) else ""
