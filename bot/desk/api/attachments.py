"""Serves citizens' attachments to staff: ``GET /desk/adjuntos/<conversation>/<encrypted handle>``.

The file stays with the provider (Telegram, Twilio) and is fetched when an agent who may read the conversation opens it.
A picture is re-encoded without its metadata, or, with ``?mini``, returned as a thumbnail. The handle is encrypted with
VENTANILLA_SECRET and expires after LINK_DAYS days.
"""

from __future__ import annotations

import asyncio
import mimetypes
from collections.abc import Awaitable, Callable, Iterable

from fastapi import APIRouter, Request, Response

from bot.conversation.malware import UNCHECKED
from bot.conversation.pictures import cleaned
from bot.core.errors.files import FileInfected, FileKindRefused
from bot.core.errors.messages import SendLater, SendRefused
from bot.core.events import Event
from bot.core.texts import say
from bot.desk.api.search import ConversationId, Reading, ReadingLimits
from bot.desk.api.tickets import agent_of
from bot.desk.auth.audit import Action, AuditLog
from bot.desk.auth.guard import Guard, Refused
from bot.desk.auth.sessions import SignedIn
from bot.desk.queries.reach import Reach
from bot.desk.queries.search import Search
from bot.desk.views.extras import ATTACHMENTS
from bot.handoff.agent import Agent
from bot.handoff.service import Desk

LINK_DAYS = 7
LINK_S = LINK_DAYS * 24 * 3600
SHOWN = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png", b"OggS": "audio/ogg", b"ID3": "audio/mpeg"}
FILE_NAME = "adjunto"
HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'; img-src 'self'; media-src 'self'",
}

# (encrypted handle, its maximum age in seconds) -> the file's bytes; None if the handle is not ours or has expired.
# Raises SendLater or SendRefused if the provider does not deliver the file, FileInfected if it contains malware.
Fetch = Callable[[str, int], Awaitable[bytes | None]]


class Attachments:
    """Serves attachments; ``fetch`` downloads a file from the provider of the channel in the file's handle."""

    def __init__(
        self,
        *,
        guard: Guard,
        desk: Desk,
        search: Search,
        reach: Reach,
        audit: AuditLog,
        fetch: Fetch,
        limits: ReadingLimits,
    ) -> None:
        self._guard = guard
        self._desk = desk
        self._search = search
        self._reach = reach
        self._audit = audit
        self._fetch = fetch
        self._limits = limits
        self._one_picture = asyncio.Semaphore(1)

    def add_to(self, router: APIRouter) -> None:
        router.add_api_route(ATTACHMENTS + "/{conversation}/{encrypted}", self.file, methods=["GET"])

    async def file(
        self, conversation: ConversationId, encrypted: str, request: Request, mini: str | None = None
    ) -> Response:
        """Returns the file, inline for JPEG, PNG and audio, else as a download; scripts in the file cannot run.

        A picture is returned without its metadata or, with ``mini``, as a thumbnail. Raises Refused if this agent may
        not read the file or has opened too many files of the record, if the handle has expired, if the provider does
        not deliver the file, or if the file is infected, cannot be checked for malware, or has no thumbnail.
        """
        signed_in, small = await self._guard.reading(request), mini is not None
        await self._require(conversation, encrypted, signed_in, counts=not small)
        content = await self._fetched(encrypted)
        kind = next((kind for signature, kind in SHOWN.items() if content.startswith(signature)), "")
        if kind.startswith("image/"):
            kind, content = await self._picture(kind, content, small=small)
        if small and not kind.startswith("image/"):
            raise Refused(404, "no_thumbnail", say("canales.adjuntos.sin_miniatura"))
        await self._audit.record(Action.ATTACHMENT_OPENED, staff_id=signed_in.staff.id, conversation=conversation)
        name = FILE_NAME + (mimetypes.guess_extension(kind) or "")
        headers = {"Content-Disposition": f'{"inline" if kind else "attachment"}; filename="{name}"'}
        return Response(content, media_type=kind or "application/octet-stream", headers=HEADERS | headers)

    async def _fetched(self, encrypted: str) -> bytes:
        """Returns the file's content. Raises Refused."""
        try:
            content = await self._fetch(encrypted, LINK_S)
        except (SendLater, SendRefused) as error:
            if error.reason == UNCHECKED:
                raise Refused(503, "unchecked", say("canales.adjuntos.sin_revisar")) from error
            raise Refused(502, "provider", say("canales.adjuntos.proveedor")) from error
        except FileInfected as error:
            raise Refused(422, "file_infected", say("desk.errores.archivo_infectado")) from error
        if content is None:
            raise Refused(404, "expired", say("canales.adjuntos.vencido", dias=LINK_DAYS))
        return content

    async def _picture(self, kind: str, content: bytes, *, small: bool) -> tuple[str, bytes]:
        """Returns the media type and content of a picture without metadata or, with ``small``, of its thumbnail.

        If the picture is damaged or too large, returns '' and the content unchanged.
        """
        try:
            async with self._one_picture:
                clean = await asyncio.to_thread(cleaned, content)
        except FileKindRefused:
            return "", content
        return ("image/jpeg", clean.small) if small else (kind, clean.content)

    async def _require(self, conversation: str, encrypted: str, signed_in: SignedIn, *, counts: bool) -> None:
        """Raises Refused unless the agent may read a message with this file in the open ticket or in the record.

        With ``counts``, a file of the record counts towards the account's hourly limit.
        """
        agent = agent_of(signed_in)
        if await self._is_in_open_ticket(conversation, encrypted, agent):
            return
        past = await self._search.past(conversation, agent)
        if past is None or not _names(past.events, encrypted):
            raise Refused(404, "unknown", say("mesa.errores.conversacion_desconocida"))
        if counts:
            await self._limits.count(signed_in, Reading.FILE)

    async def _is_in_open_ticket(self, conversation: str, encrypted: str, agent: Agent) -> bool:
        found = await self._desk.ticket_of(conversation)
        if not found or not agent.sees(found.ticket):
            return False
        readable = await self._reach.readable(conversation, agent, found.ticket)
        return _names(readable.of(await self._desk.transcript(conversation)), encrypted)


def _names(events: Iterable[Event], encrypted: str) -> bool:
    attached = (one for event in events for one in event.message.attachments)
    return any(one.ref == encrypted for one in attached)
