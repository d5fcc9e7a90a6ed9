"""Receives files that staff send: ``POST /desk/api/tickets/<id>/files``, a form of ``reply_id``, ``text`` and ``file``.

The route is on a separate router, which accepts larger requests than the rest of the desk. The form is read only after
the session and the access to the ticket have been checked.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.datastructures import UploadFile

from bot.conversation.files import MAX_FILE_BYTES, size_in_words
from bot.conversation.readable import readable
from bot.core.errors.files import ChannelCarriesNoFile, DiskLow, FileInfected, FileKindRefused, FileTooBig
from bot.core.errors.messages import SendLater
from bot.core.errors.tickets import TicketNotYours
from bot.core.messages import Channel
from bot.core.texts import say
from bot.desk.api.tickets import MAX_REPLY_CHARACTERS, REPLY_ID, agent_of, not_yours
from bot.desk.auth.audit import Action, AuditLog
from bot.desk.auth.guard import Guard, Refused
from bot.desk.auth.unavailable import DeskRoute
from bot.handoff.agent import Agent
from bot.handoff.listing import Waiting
from bot.handoff.media import Media, Upload, hindrance_words
from bot.handoff.service import Desk

MAX_BODY_BYTES = MAX_FILE_BYTES + 256 * 1024


class FileIn(BaseModel):
    """The form of a file with an optional text; ``reply_id`` works as in ReplyIn."""

    model_config = ConfigDict(arbitrary_types_allowed=True)
    reply_id: str = Field(pattern=REPLY_ID)
    file: UploadFile
    text: str = Field(default="", max_length=MAX_REPLY_CHARACTERS)


class SendingApi:
    """The handler of files that staff send."""

    def __init__(self, *, guard: Guard, desk: Desk, media: Media, audit: AuditLog) -> None:
        self._guard = guard
        self._desk = desk
        self._media = media
        self._audit = audit

    def router(self) -> APIRouter:
        router = APIRouter(route_class=DeskRoute, include_in_schema=False, max_body_size=MAX_BODY_BYTES)
        router.add_api_route("/desk/api/tickets/{ticket_id}/files", self.send, methods=["POST"])
        return router

    async def send(self, request: Request, ticket_id: str) -> dict[str, Any]:
        """Sends the file; returns the event's ``{id}``, the same for a repeated ``reply_id``.

        Raises Refused if the agent does not own the ticket, the file is not accepted (``refusal``), or it cannot be
        checked for malware.
        """
        found = await self._found(ticket_id, agent_of(await self._guard.change(request)))
        upload = await _read(request)
        signed_in = await self._guard.change(request)  # again, since the file may have taken minutes to arrive
        agent = agent_of(signed_in)
        try:
            replied = await self._media.send(found, agent, upload)
        except SendLater as error:
            raise Refused(503, "unchecked", say("desk.errores.archivo_sin_revisar")) from error
        except (ChannelCarriesNoFile, DiskLow, FileKindRefused, FileTooBig, TicketNotYours) as error:
            raise refusal(error) from error
        if not replied.repeated:
            facts = {"event": replied.event_id, "reply": upload.reply_id}
            await self._audit.record(Action.FILE_SENT, staff_id=signed_in.staff.id, subject=ticket_id, **facts)
        return {"id": replied.event_id}

    async def _found(self, ticket_id: str, agent: Agent) -> Waiting:
        found = await self._desk.ticket_for(ticket_id, agent)
        if found is None:
            raise not_yours()
        return found


async def _read(request: Request) -> Upload:
    """Reads and validates the form. Raises RequestValidationError."""
    async with request.form(max_files=1, max_fields=len(FileIn.model_fields)) as form:
        try:
            fields = FileIn.model_validate(dict(form))
        except ValidationError as error:
            raise RequestValidationError(error.errors(include_input=False, include_context=False)) from error
        file = fields.file
        return Upload(file.filename or "", await file.read(), fields.reply_id, readable(fields.text).strip())


def refusal(error: ChannelCarriesNoFile | DiskLow | FileKindRefused | FileTooBig | TicketNotYours) -> Refused:
    """Converts the error of a file that could not be sent into a Refused to raise."""
    if isinstance(error, TicketNotYours):
        return not_yours()
    if isinstance(error, DiskLow):
        return Refused(507, "file_no_room", say("desk.errores.archivo_sin_espacio"))
    if isinstance(error, FileTooBig):
        most = size_in_words(int(error.facts.get("most", MAX_FILE_BYTES)))
        return Refused(413, "file_too_big", say("desk.errores.archivo_grande", maximo=most))
    if isinstance(error, FileInfected):
        return Refused(422, "file_infected", say("desk.errores.archivo_infectado"))
    if isinstance(error, FileKindRefused):
        return Refused(422, "file_kind", say("desk.errores.archivo_otro"))
    return Refused(422, "no_files", hindrance_words(Channel(error.facts["channel"]), str(error.facts["hindrance"])))
