"""Files that staff send: ``POST /desk/api/tickets/<id>/files``, a form of ``reply_id``, ``text`` and ``file``.

Wired by router.py on a router of its own, since its requests are larger than any other of the console.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Request, UploadFile

from bot.console.api import MAX_REPLY_CHARACTERS, REPLY_ID, agent_of, not_yours
from bot.console.audit import Action, AuditLog
from bot.console.gate import Gate, Refused
from bot.conversation.files import MAX_FILE_BYTES, size_in_words
from bot.conversation.mailbox import readable
from bot.errors import ChannelCarriesNoFile, FileKindRefused, FileTooBig, TicketNotYours
from bot.handoff.desk import Desk, Waiting
from bot.handoff.media import Media, Upload
from bot.texts import say

MAX_BODY_BYTES = MAX_FILE_BYTES + 256 * 1024
ReplyId = Annotated[str, Form(pattern=REPLY_ID)]
Text = Annotated[str, Form(max_length=MAX_REPLY_CHARACTERS)]


class SendingApi:
    """The handler."""

    def __init__(self, *, gate: Gate, desk: Desk, media: Media, audit: AuditLog) -> None:
        self._gate = gate
        self._desk = desk
        self._media = media
        self._audit = audit

    def router(self) -> APIRouter:
        router = APIRouter(include_in_schema=False, max_body_size=MAX_BODY_BYTES)
        router.add_api_route("/desk/api/tickets/{ticket_id}/files", self.send, methods=["POST"])
        return router

    async def send(
        self,
        request: Request,
        ticket_id: str,
        reply_id: ReplyId,
        file: Annotated[UploadFile, File()],
        text: Text = "",
    ) -> dict[str, Any]:
        """``{id}``: the feed id, the same one for a repeated ``reply_id``."""
        who = await self._gate.change(request)
        upload = Upload(file.filename or "", await file.read(), reply_id, readable(text).strip())
        try:
            replied = await self._media.send(await self._found(ticket_id), agent_of(who), upload)
        except (ChannelCarriesNoFile, FileKindRefused, FileTooBig, TicketNotYours) as error:
            raise refusal(error) from error
        if not replied.repeated:
            await self._audit.record(
                Action.FILE_SENT, staff_id=who.staff.id, subject=ticket_id, event=replied.event_id, reply=reply_id
            )
        return {"id": replied.event_id}

    async def _found(self, ticket_id: str) -> Waiting:
        found = await self._desk.ticket(ticket_id)
        if found is None:
            raise not_yours()
        return found


def refusal(error: ChannelCarriesNoFile | FileKindRefused | FileTooBig | TicketNotYours) -> Refused:
    """The answer to a file that is not sent, in words."""
    if isinstance(error, TicketNotYours):
        return not_yours()
    if isinstance(error, FileTooBig):
        most = size_in_words(int(error.facts.get("most", MAX_FILE_BYTES)))
        return Refused(413, "file_too_big", say("desk.errores.archivo_grande", maximo=most))
    if isinstance(error, FileKindRefused):
        return Refused(422, "file_kind", say("desk.errores.archivo_otro"))
    return Refused(422, "no_files", say(f"desk.sin_archivos.{error.facts['hindrance']}"))
