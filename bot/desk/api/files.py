"""Serves citizens' files to the ticket's owner: ``GET /desk/archivos/<conversation>/<id>`` redirects to a signed link.

The link works for LINK_S seconds and only for that agent. Browsers download the untrusted files and never display them,
except photos as images of the transcript (``.../<id>/vista``), in which no script can run.
"""

from __future__ import annotations

import hmac
import time

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from bot.channels.web.files import small_picture, whole_file
from bot.conversation.files import Files
from bot.core.secrets.encryption import Secrets
from bot.core.texts import say
from bot.desk.auth.audit import Action, AuditLog
from bot.desk.auth.guard import Guard, Refused
from bot.desk.auth.sessions import SignedIn
from bot.desk.views.extras import FILES, VIEW, VIEWABLE
from bot.handoff.listing import Waiting
from bot.handoff.service import Desk

LINK_S = 60
PATH = FILES
HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class FilesApi:
    """The handlers of file links, photos and downloads; ``secret`` signs the links."""

    def __init__(self, *, guard: Guard, desk: Desk, files: Files, audit: AuditLog, secret: str) -> None:
        self._guard = guard
        self._desk = desk
        self._files = files
        self._audit = audit
        self._secret = Secrets.of(secret).current.encode()  # links work for a minute

    def add_to(self, router: APIRouter) -> None:
        address = PATH + "/{conversation}/{file_id}"
        router.add_api_route(address, self.link, methods=["GET"], response_model=None)
        router.add_api_route(f"{address}/{VIEW}", self.view, methods=["GET"], response_model=None)
        router.add_api_route(address + "/{ends}/{sign}", self.file, methods=["GET"], response_model=None)

    async def link(self, request: Request, conversation: str, file_id: str) -> Response:
        """Redirects the ticket's owner to a link that works for LINK_S seconds. Raises Refused for anyone else."""
        signed_in = await self._guard.reading(request)
        found = await self._owned(conversation, signed_in)
        ends = int(time.time()) + LINK_S
        signature = self._sign(conversation, file_id, str(signed_in.staff.id), ends)
        await self._audit.record(Action.FILE_OPENED, staff_id=signed_in.staff.id, subject=found.ticket.id, file=file_id)
        address = f"{PATH}/{conversation}/{file_id}/{ends}/{signature}"
        return RedirectResponse(address, 303, headers={"Cache-Control": "no-store"})

    async def view(self, request: Request, conversation: str, file_id: str, mini: str | None = None) -> Response:
        """Returns a photo, or with ``mini`` its thumbnail, to the ticket's owner.

        Raises Refused for anyone else, and if the file is gone or is not a photo.
        """
        signed_in = await self._guard.reading(request)
        ticket = (await self._owned(conversation, signed_in)).ticket.id
        found = await self._files.find(conversation, file_id)
        if found is None or found[0].type not in VIEWABLE:
            raise Refused(404, "gone", say("desk.errores.archivo_borrado"))
        await self._audit.record_view(
            Action.FILE_OPENED, staff_id=signed_in.staff.id, subject=ticket, conversation=conversation
        )
        kept, content = found
        small = small_picture(content, HEADERS) if mini is not None else None
        return _there(await (small or whole_file(kept, content, HEADERS, inline=True)))

    async def _owned(self, conversation: str, signed_in: SignedIn) -> Waiting:
        found = await self._desk.ticket_of(conversation)
        if found is None:
            raise Refused(404, "ended", say("desk.errores.terminada"))
        if found.ticket.owner is None or found.ticket.owner.id != str(signed_in.staff.id):
            raise Refused(403, "not_yours", say("desk.errores.archivo_ajeno"))
        return found

    async def file(self, request: Request, conversation: str, file_id: str, ends: int, sign: str) -> Response:
        """Returns the file as a download. Raises Refused if the link is forged or expired or the file is gone."""
        signed_in = await self._guard.reading(request)
        expected = self._sign(conversation, file_id, str(signed_in.staff.id), ends)
        if not hmac.compare_digest(expected.encode(), sign.encode()) or ends < time.time():
            raise Refused(403, "expired", say("desk.errores.archivo_vencido"))
        found = await self._files.find(conversation, file_id)
        if found is None:
            raise Refused(404, "gone", say("desk.errores.archivo_borrado"))
        return _there(await whole_file(*found, HEADERS, inline=False))

    def _sign(self, conversation: str, file_id: str, staff: str, ends: int) -> str:
        payload = f"file:{conversation}:{file_id}:{staff}:{ends}"
        return hmac.new(self._secret, payload.encode(), "sha256").hexdigest()


def _there(response: Response | None) -> Response:
    """Returns the response with a file. Raises Refused if the file is damaged or gone."""
    if response is None:
        raise Refused(404, "gone", say("desk.errores.archivo_borrado"))
    return response
