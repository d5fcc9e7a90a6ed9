"""Defines the errors of the web chat, each with a code for programs, an HTTP status and a Spanish text."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from bot.core.errors.base import PermanentError, RetryableError
from bot.core.texts import say
from bot.metrics.measures import Refusal, count_refusal

INVALID = frozenset({413, 422})  # statuses of requests that do not have the documented form


class ChatRefused(PermanentError):
    """The web chat refused a request."""

    code = "invalid"
    status = 422


class Invalid(ChatRefused):
    """The request does not have the documented shape, or the citizen may not give this rating."""


class UnknownToken(ChatRefused):
    """The token is unknown or has expired."""

    code = "unknown_token"
    status = 401


class TooLong(ChatRefused):
    """The message is longer than the limit."""

    code = "too_long"
    status = 413


class SentOutOfOrder(ChatRefused):
    """The previous message, which this message names in ``follows``, has not arrived yet."""

    code = "out_of_order"
    status = 409


class TooManyMessages(ChatRefused):
    """A limit on messages, ratings or open connections was reached."""

    code = "too_many"
    status = 429


class TooManyConversations(TooManyMessages):
    """The network opened too many conversations within some minutes."""

    code = "too_many_chats"


class TooManyPages(TooManyMessages):
    """The conversation or the network has too many sockets open."""

    code = "too_many_pages"


class FileTooLarge(ChatRefused):
    """The file is larger than the limit."""

    code = "file_too_big"
    status = 413


class FileOfAnotherKind(ChatRefused):
    """The file is not a PDF or picture, or its content does not match its name."""

    code = "file_kind"


class PictureIsHeic(ChatRefused):
    """The picture is in Apple's HEIC format, which cannot be read."""

    code = "file_heic"


class FileIsMalware(ChatRefused):
    """The file contains malware."""

    code = "file_infected"


class PictureTooDetailed(ChatRefused):
    """The picture has too many pixels."""

    code = "file_pixels"


class NoRoomForFiles(ChatRefused):
    """The disk is too full to store files."""

    code = "file_no_room"
    status = 507


class TooManyFiles(ChatRefused):
    """The conversation sent too many files within an hour, or its network too many bytes."""

    code = "too_many_files"
    status = 429


class NoNewConversations(ChatRefused):
    """The disk is too full to open conversations."""

    code = "no_room"
    status = 503


class HelloFirst(ChatRefused):
    """The socket's first message was not a hello."""

    code = "hello_first"


class ChatUnavailable(RetryableError):
    """Redis is unavailable; the same request works later."""

    code = "unavailable"
    status = 503


def refusal(errors: list[Any]) -> ChatRefused:
    """Converts pydantic's errors into a ChatRefused: TooLong if the text exceeds its limit, else Invalid."""
    too_long = any(error["type"] == "string_too_long" and error["loc"][-1] == "text" for error in errors)
    return TooLong() if too_long else Invalid()


def refusal_of(error: ValidationError) -> ChatRefused:
    """Converts a failed validation into TooLong or Invalid."""
    return refusal(list(error.errors(include_url=False, include_input=False, include_context=False)))


def problem(error: ChatRefused | ChatUnavailable) -> dict[str, str]:
    """Returns the error as ``{code, text}`` for the browser, and counts invalid input; the text is Spanish."""
    if error.status in INVALID:
        count_refusal(Refusal.INPUT)
    return {"code": error.code, "text": say(f"widget.errores.{error.code}")}
