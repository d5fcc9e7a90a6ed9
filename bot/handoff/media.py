"""Sends agents' files to citizens, within the limits of type, size and time that the channel sets.

A file is stored like one from a citizen (bot/conversation/files.py) and attached to a reply, which the channel sends.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.conversation.files import MAX_FILE_BYTES, SENDABLE, Files, kind_of, size_in_words
from bot.core.channels import name_of, traits_of
from bot.core.clock import now_ms
from bot.core.errors.files import ChannelCarriesNoFile, FileTooBig
from bot.core.errors.tickets import TicketNotYours
from bot.core.messages import Channel
from bot.core.texts import say
from bot.handoff.agent import Agent
from bot.handoff.listing import Waiting
from bot.tickets.ticket import Ticket
from bot.tickets.tickets import Replied, Said, Tickets


@dataclass(frozen=True)
class Limits:
    """The maximum size of a picture and of a document, in bytes."""

    picture: int
    document: int

    def of(self, media_type: str) -> int:
        return self.picture if media_type.startswith("image/") else self.document


@dataclass(frozen=True)
class Upload:
    """A file as the desk's page uploads it, with an optional text."""

    name: str
    content: bytes
    reply_id: str
    text: str = ""


def hindrance_words(channel: Channel, hindrance: str) -> str:
    """Returns the Spanish text for a result of ``Media.hindrance``."""
    window = traits_of(channel).reply_window
    return say(f"desk.sin_archivos.{hindrance}", canal=name_of(channel), horas=window.hours if window else 0)


class Media:
    """Sends files to citizens; ``public_url`` is the setting PUBLIC_URL, from which some providers fetch the files."""

    def __init__(self, *, tickets: Tickets, files: Files, public_url: str) -> None:
        self._tickets = tickets
        self._files = files
        self._public_url = public_url

    def limits(self, channel: Channel) -> Limits:
        traits = traits_of(channel)
        return Limits(traits.picture_bytes or MAX_FILE_BYTES, traits.document_bytes or MAX_FILE_BYTES)

    def hindrance(self, channel: Channel, inbound_at: int) -> str:
        """Returns why the channel accepts no file now (a key of ``desk.sin_archivos``); '' if it accepts one."""
        traits = traits_of(channel)
        if traits.files_by_address and not self._public_url:
            return "sin_direccion"
        return "" if traits.may_write(inbound_at, now_ms()) else "ventana_cerrada"

    async def send(self, waiting: Waiting, agent: Agent, upload: Upload) -> Replied:
        """Stores the file and sends it as a reply, once for each ``reply_id``.

        Raises ChannelCarriesNoFile, FileKindRefused, FileTooBig (``most`` is the limit), DiskLow, TicketNotYours, and
        SendLater if the file cannot be checked for malware.
        """
        ticket = waiting.ticket
        if reason := self.hindrance(ticket.channel, waiting.inbound_at):
            raise ChannelCarriesNoFile(hindrance=reason, channel=ticket.channel)
        kind = kind_of(upload.name, upload.content, SENDABLE)
        most = self.limits(ticket.channel).of(kind.type)
        if len(upload.content) > most:
            raise FileTooBig(most=most)
        return await self._say(ticket, agent, upload)

    async def _say(self, ticket: Ticket, agent: Agent, upload: Upload) -> Replied:
        kept = await self._files.keep(ticket.conversation, upload.name, upload.content)
        text = upload.text or say("widget.archivo", nombre=kept.name, tamano=size_in_words(kept.size))
        try:
            said = Said(upload.reply_id, text, (kept.as_attachment(),))
            replied = await self._tickets.say(ticket.id, agent.ref, said)
        except TicketNotYours:
            await self._files.drop(ticket.conversation, kept)
            raise
        if replied.repeated:
            await self._files.drop(ticket.conversation, kept)
        return replied
