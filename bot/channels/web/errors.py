"""Why the web chat refuses something: each with its code for programs, its HTTP status and its Spanish wording."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from bot.core.errors import PermanentError, RetryableError
from bot.core.texts import say


class ChatRefused(PermanentError):
    """The web chat refused a request."""

    code = "invalid"
    status = 422


class Invalid(ChatRefused):
    """The message does not have the documented shape."""


class UnknownToken(ChatRefused):
    """No conversation has this token, or it has expired."""

    code = "unknown_token"
    status = 401


class TooLong(ChatRefused):
    """The message is longer than the limit."""

    code = "too_long"
    status = 413


class SentOutOfOrder(ChatRefused):
    """The message follows one that has not arrived; it is taken after that one."""

    code = "out_of_order"
    status = 409


class TooManyMessages(ChatRefused):
    """The rate limit was reached."""

    code = "too_many"
    status = 429


class FileTooLarge(ChatRefused):
    """The file is larger than the limit."""

    code = "file_too_big"
    status = 413


class FileOfAnotherKind(ChatRefused):
    """The file is no PDF or picture, or is not what its name says."""

    code = "file_kind"


class FileToNobody(ChatRefused):
    """A file was sent while nobody of the staff is asked for."""

    code = "file_nobody"


class TooManyFiles(ChatRefused):
    """The conversation sent too many files within an hour."""

    code = "too_many_files"
    status = 429


class HelloFirst(ChatRefused):
    """The socket's first message was not a hello."""

    code = "hello_first"


class ChatUnavailable(RetryableError):
    """Redis is away; the same request works later."""

    code = "unavailable"
    status = 503


def refusal(errors: list[Any]) -> ChatRefused:
    """Pydantic's findings as one refusal: a text beyond the limit is TooLong, everything else Invalid."""
    too_long = any(error["type"] == "string_too_long" and error["loc"][-1] == "text" for error in errors)
    return TooLong() if too_long else Invalid()


def refusal_of(error: ValidationError) -> ChatRefused:
    """The refusal for a model that did not validate."""
    return refusal(list(error.errors(include_url=False, include_input=False, include_context=False)))


def problem(error: ChatRefused | ChatUnavailable) -> dict[str, str]:
    """``{code, text}`` as the browser gets it."""
    return {"code": error.code, "text": say(f"widget.errores.{error.code}")}
