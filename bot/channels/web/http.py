"""Serves the web chat's HTTP API, an alternative to the WebSocket for programs and behind strict proxies.

The API opens a chat, accepts messages, and returns replies as Server-Sent Events or JSON. Annotations are not deferred
(no ``from __future__``), since FastAPI must resolve ``Current``, a local name of ``_add_messages`` and ``_add_events``.
"""

import json
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import aclosing
from typing import Annotated, Any, ClassVar

from fastapi import APIRouter, Depends, Header, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from redis.exceptions import RedisError
from sse_starlette import EventSourceResponse, ServerSentEvent

from bot.agency.model import Agency
from bot.channels.web.chats import Chat, Chats
from bot.channels.web.connections.open_connections import Counted, OpenConnections
from bot.channels.web.errors import (
    ChatRefused,
    ChatUnavailable,
    Invalid,
    TooLong,
    TooManyMessages,
    UnknownToken,
    problem,
    refusal,
)
from bot.channels.web.shapes import (
    MAX_BODY_BYTES,
    MAX_TEXT_CHARACTERS,
    Acknowledged,
    Configuration,
    EventId,
    Feed,
    FileRules,
    Incoming,
    Opened,
    Problem,
)
from bot.conversation.files import KINDS, MAX_FILE_BYTES
from bot.core.logs import log
from bot.core.texts import area

TOO_LARGE = 413
SPANISH, ENGLISH = "es", "en"
PING_S = 15
HARD_LIMIT_BYTES = 4 * MAX_BODY_BYTES  # enforced by FastAPI while reading, whatever the content-length header claims
NO_STORE = {"Cache-Control": "no-store"}
STREAM_HEADERS = NO_STORE | {"X-Accel-Buffering": "no"}
SAMPLE_STREAM = 'id: 1764000000000-0\nevent: message\ndata: {"id":"1764000000000-0","author":"assistant", ...}\n\n'
PROBLEMS: dict[int | str, dict[str, Any]] = {
    401: {"model": Problem, "description": "Unknown or expired token: open a new chat."},
    409: {"model": Problem, "description": "The message in `follows` has not arrived: send it, then repeat this one."},
    413: {"model": Problem, "description": f"The text is longer than {MAX_TEXT_CHARACTERS} characters."},
    422: {"model": Problem, "description": "The request does not have the documented shape."},
    429: {"model": Problem, "description": "Too many in a short time: wait a minute."},
    503: {"model": Problem, "description": "Not available for a moment: send the same again, with the same id."},
    507: {"model": Problem, "description": "The disk has no room for files; text still arrives."},
}

# A FastAPI dependency that finds the conversation of a request's token.
CurrentChat = Callable[..., Coroutine[Any, Any, Chat]]

bearer = HTTPBearer(auto_error=False, description="The `token` that opening the chat returned.")


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    return {status: PROBLEMS[status] for status in statuses}


class ChatRoute(APIRoute):
    """A route that returns refusals and Redis failures as a ``Problem`` with Spanish text.

    Refuses with ``too_long`` a request whose Content-Length exceeds ``limit_bytes``. A body without that header may be
    larger: only the router's ``max_body_size`` limits it.
    """

    limit_bytes: ClassVar[int] = MAX_BODY_BYTES
    too_long: ClassVar[type[ChatRefused]] = TooLong

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                if int(request.headers.get("content-length") or 0) > self.limit_bytes:
                    raise self.too_long()
                return await handler(request)
            except RequestValidationError as error:
                return _problem(refusal(list(error.errors())))
            except (ChatRefused, ChatUnavailable) as error:
                return _problem(error)
            except HTTPException as error:  # FastAPI could not read the body
                return _problem(self.too_long() if error.status_code == TOO_LARGE else Invalid())
            except RedisError as error:
                log.warning("web: redis unavailable", error=type(error).__name__)
                return _problem(ChatUnavailable())

        return answer


def _problem(error: ChatRefused | ChatUnavailable) -> JSONResponse:
    retry = {"Retry-After": "5"} if isinstance(error, ChatUnavailable) else {}
    return JSONResponse(problem(error), error.status, headers=NO_STORE | retry)


def configuration(agency: Agency, language: str) -> Configuration:
    """Builds the widget's configuration, with the labels of bot/core/texts/widget.yml or widget_en.yml."""
    texts = area("widget")
    labels = texts["etiquetas"] | (area("widget_en")["etiquetas"] if language == ENGLISH else {})
    return Configuration(
        agency=agency.name,
        short_name=agency.short_name,
        assistant=agency.assistant,
        color=agency.color,
        timezone=agency.timezone,
        language=language,
        privacy_url=agency.privacy_url,
        idle_minutes=agency.chat_idle_hours * 60,
        max_characters=MAX_TEXT_CHARACTERS,
        files=FileRules(accept=",".join(f".{kind}" for kind in KINDS), max_bytes=MAX_FILE_BYTES),
        examples=texts["ejemplos"],
        labels=labels,
    )


def current_of(chats: Chats) -> CurrentChat:
    """Returns a FastAPI dependency that finds the conversation of a request's token, or raises UnknownToken."""

    async def current(credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> Chat:
        if credentials is None:
            raise UnknownToken()
        return await chats.find(credentials.credentials)

    return current


def http_router(chats: Chats, agency: Agency, connections: OpenConnections) -> APIRouter:
    """Builds the routes under /api/chat that open a chat, exchange messages and stream events."""
    router = APIRouter(prefix="/api/chat", tags=["chat"], route_class=ChatRoute, max_body_size=HARD_LIMIT_BYTES)
    current = current_of(chats)
    _add_opening(router, chats, agency)
    _add_messages(router, chats, current)
    _add_events(router, chats, current, connections)
    return router


def _add_opening(router: APIRouter, chats: Chats, agency: Agency) -> None:
    configurations = {language: configuration(agency, language) for language in (SPANISH, ENGLISH)}

    @router.get("/config")
    async def config(response: Response, lang: str = SPANISH) -> Configuration:
        """Returns the agency's name, color, labels and example questions; labels in Spanish unless `lang` is `en`."""
        response.headers["Cache-Control"] = "public, max-age=60"
        return configurations.get(lang[:2].lower(), configurations[SPANISH])

    @router.post("", status_code=201, responses=problems(429, 503))
    async def open_chat(request: Request, response: Response) -> Opened:
        """Opens a conversation; its first event is the welcome.

        Its token expires after the configuration's `idle_minutes` without messages, but not within the first day.
        """
        response.headers.update(NO_STORE)
        chat = await chats.open(address_of(request))
        return Opened(token=chat.token, conversation=chat.conversation)


def _add_messages(router: APIRouter, chats: Chats, current: CurrentChat) -> None:
    Current = Annotated[Chat, Depends(current)]

    @router.post("/messages", status_code=202, responses=problems(401, 409, 413, 422, 429, 503))
    async def post_message(incoming: Incoming, chat: Current, request: Request, response: Response) -> Acknowledged:
        """Stores a message; the reply comes as an event. Sending the message again with the same `id` is safe."""
        response.headers.update(NO_STORE)
        accepted = await chats.accept(chat, incoming, address_of(request))
        return Acknowledged(event_id=accepted.event_id, repeated=accepted.repeated, speaker=accepted.speaker)

    @router.get("/messages", responses=problems(401, 422, 503), response_model_exclude_none=True)
    async def messages(chat: Current, response: Response, after: EventId = "0") -> Feed:
        """Returns the messages after `after`, for programs that poll instead of listening to events."""
        response.headers.update(NO_STORE)
        return Feed.model_validate({"events": await chats.history(chat, after), "speaker": chat.speaker})


def _add_events(router: APIRouter, chats: Chats, current: CurrentChat, connections: OpenConnections) -> None:
    Current = Annotated[Chat, Depends(current)]

    @router.get(
        "/events",
        response_class=EventSourceResponse,
        responses=problems(401, 422, 429, 503)
        | {200: {"content": {"text/event-stream": {"example": SAMPLE_STREAM}}, "description": "The stream."}},
    )
    async def events(
        chat: Current,
        request: Request,
        after: EventId = "0",
        last_event_id: Annotated[EventId | None, Header()] = None,
    ) -> EventSourceResponse:
        """Streams the conversation as Server-Sent Events: events after `Last-Event-ID` (or `after`), then live events.

        - `message`: a ChatEvent; its id is also the id of the Server-Sent Event.
        - `speaker`: who answers now, with the agent's `name`. The first `speaker` marks the end of past events.
        - `place`: the citizen's position `place` in the queue, and the number of `waiting` citizens.
        - `removed`: the agency removed the message `of` (an event id); `by` is the name of the person who removed it.
        - `feedback`: a closed `ticket`, and whether its rating was `given`.
        - `rated`: the citizen's rating of an answer: its `rating_id` as `answer`, whether it was `useful`, `reason`.
        - `typing`: an agent is typing.
        - `read`: the `event_id` up to which staff have read.

        A comment is sent every 15 seconds.
        """
        counted = connections.of(address_of(request), chat.conversation)
        with counted():
            pass  # refuses here, since the stream below begins only after the response
        stream = _stream(chats, chat, last_event_id or after, counted)
        return EventSourceResponse(stream, ping=PING_S, headers=STREAM_HEADERS)


def address_of(request: Request) -> str:
    return request.client.host if request.client else ""


async def _stream(chats: Chats, chat: Chat, after: str, counted: Counted) -> AsyncIterator[ServerSentEvent]:
    """Yields the conversation's frames as Server-Sent Events; if Redis fails, ends so that the client reconnects.

    ``counted`` counts the connection while it is open.
    """
    try:
        with counted():
            async with aclosing(chats.follow(chat, after)) as conversation:
                async for frame in conversation:
                    kind = frame.pop("type")
                    name = "message" if kind == "event" else kind
                    yield ServerSentEvent(json.dumps(frame, ensure_ascii=False), id=frame.get("id"), event=name)
    except TooManyMessages:
        log.info("web: too many streams, stream closed")
    except RedisError as error:
        log.warning("web: redis unavailable, stream closed", error=type(error).__name__)
