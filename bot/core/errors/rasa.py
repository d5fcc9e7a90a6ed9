"""Defines the errors of Rasa."""

from __future__ import annotations

from bot.core.errors.base import PermanentError, RetryableError


class RasaUnavailable(RetryableError):
    """Rasa did not answer in time or could not be reached."""


class RasaSilent(PermanentError):
    """Rasa returned no reply, as it does when an action fails, or an unreadable reply."""


class ModelMissing(PermanentError):
    """There is no trained Rasa model."""

    text_key = "cli.errores.sin_modelo"
