"""Defines the errors of what agents do with tickets and pending approvals."""

from __future__ import annotations

from bot.core.errors.base import PermanentError


class TicketTaken(PermanentError):
    """Another agent has claimed this ticket, or it no longer waits."""

    text_key = "cli.errores.ticket_tomado"


class TicketNotYours(PermanentError):
    """The agent does not own this ticket."""

    text_key = "cli.errores.ticket_ajeno"


class AlreadyDecided(PermanentError):
    """The pending approval has already been decided, or has expired."""

    text_key = "desk.errores.propuesta_decidida"


class StaffAbsent(PermanentError):
    """The agent is not present at the desk."""

    text_key = "desk.errores.ausente"


class CitizenStillWrites(PermanentError):
    """The citizen wrote messages that nobody has answered.

    ``text`` is the text of these messages; ``seconds`` is the age of the newest message and ``message`` its id.
    """

    def __init__(self, text: str, seconds: int, message: str) -> None:
        super().__init__(seconds=seconds)  # these facts are logged, and logs must not contain a citizen's words
        self.text = text
        self.seconds = seconds
        self.message = message
