"""Implements the WhatsApp channel on Twilio.

Within 24 hours of the citizen's last message, any text may be sent. After that, only chunks marked ``after_window``,
such as replies from staff, are sent: through a template that Meta approved (``whatsapp.respuesta`` of agency.yml), and
never to a citizen who opted out with «BAJA».
"""

from __future__ import annotations

from fastapi import APIRouter

from bot.agency.offices import Office
from bot.agency.whatsapp_templates import Templates
from bot.channels.outgoing.adapter import ChannelContext
from bot.channels.outgoing.channel import Chunk, Pace
from bot.channels.whatsapp.api import Account, Twilio
from bot.channels.whatsapp.read import REF_PREFIX
from bot.channels.whatsapp.reminder import Reminders
from bot.channels.whatsapp.render import WhatsAppChunk, answer_template, join, render
from bot.channels.whatsapp.settings import WhatsAppSettings
from bot.channels.whatsapp.signature import Secrets
from bot.channels.whatsapp.webhook import OVERRIDES, STATUS_PATH, Webhook
from bot.conversation.file_links import FileLinks
from bot.conversation.inbox import Inbox
from bot.core.channels import traits_of
from bot.core.clock import now_ms
from bot.core.errors.messages import SendRefused
from bot.core.events import Event
from bot.core.logs import log
from bot.core.messages import Attachment, Channel
from bot.tickets.outbox import Outbox
from bot.tickets.tickets import Tickets
from bot.turns.foreign_language import translated

# Twilio allows 80 messages per second per sender; Meta allows one message per person every 6 s on average, with bursts.
PACE = Pace(per_second=60.0, chat_every_s=6.0, burst=8)


class WhatsApp:
    """The WhatsApp adapter; implements Adapter, PreviewingChannel and JoiningChannel."""

    channel = Channel.WHATSAPP
    pace = PACE
    idempotent = False  # Twilio documents no idempotency key

    def __init__(
        self,
        *,
        twilio: Twilio,
        webhook: Webhook,
        reminders: Reminders,
        inbox: Inbox,
        templates: Templates,
        links: FileLinks,
        public_url: str,
        offices: tuple[Office, ...] = (),
    ) -> None:
        self._links = links
        self._offices = offices
        self._twilio = twilio
        self._reminders = reminders
        self._webhook = webhook
        self._inbox = inbox
        self._templates = templates
        self._public_url = public_url.rstrip("/")
        self._template_text = ""

    def router(self) -> APIRouter:
        """Returns the routes ``POST /channels/whatsapp`` and ``POST /channels/whatsapp/status``."""
        return self._webhook.router()

    def render(self, event: Event) -> tuple[Chunk, ...]:
        return self._rendered(event)

    def _rendered(self, event: Event) -> tuple[WhatsAppChunk, ...]:
        return render(event, self._templates, self._public_url, offices=self._offices)

    def join(self, events: tuple[Event, ...]) -> Chunk | None:
        """Renders the replies of one turn as one message; None if they do not fit or must stay apart."""
        return join(events, self._templates, self._public_url, offices=self._offices)

    async def send(self, address: str, chunk: Chunk, key: str) -> str:
        """Sends a chunk to ``address``, through a template if the window is closed, and returns its MessageSid.

        Raises SendLater if a retry may succeed. Raises SendRefused if none can, such as when the window is closed and
        the citizen opted out («BAJA») or no template fits. ``key`` begins with the conversation's id.
        """
        said = chunk if isinstance(chunk, WhatsAppChunk) else WhatsAppChunk(chunk.text, chunk.choices)
        conversation = key.partition(":")[0]
        state = await self._inbox.state(conversation)
        if not traits_of(self.channel).may_write(state.inbound_at, now_ms()):
            if state.notices_off:
                raise SendRefused("opted_out")
            template = answer_template(said, self._templates)
            if template is None:
                raise SendRefused("window_closed")
            said = template
        content = said.content(self._media_url(conversation, said.file) if said.file else "")
        return await self._twilio.send(address, content, self._status_callback())

    async def preview(self, event: Event) -> str:
        """Returns the text that the citizen gets if ``event`` is sent after the window has closed.

        Raises SendRefused if the event cannot be sent, SendLater if Twilio does not return the template's text.
        """
        if (await self._inbox.state(event.conversation)).notices_off:
            raise SendRefused("opted_out")
        if not self._templates.answer:
            raise SendRefused("window_closed")
        chunks = [answer_template(chunk, self._templates) for chunk in self._rendered(event)]
        texts = [dict(chunk.variables)["1"] for chunk in chunks if chunk]
        if len(texts) < len(chunks):
            raise SendRefused("too_long")
        if not self._template_text:  # cached, since the text of a template id never changes
            self._template_text = await self._twilio.template_text(self._templates.answer)
        return "\n\n".join(self._template_text.replace("{{1}}", line) for line in texts)

    async def fetch(self, ref: str) -> bytes:
        """Downloads a citizen's file; ``ref`` is the decrypted handle. Raises SendLater, SendRefused."""
        return await self._twilio.media(ref.removeprefix(REF_PREFIX))

    async def run(self) -> None:
        """Sends reminders (reminder.py) until cancelled."""
        await self._reminders.run()

    async def close(self) -> None:
        await self._webhook.close()
        await self._twilio.close()

    def _media_url(self, conversation: str, file: Attachment) -> str:
        """Returns a URL, valid for a day, where Twilio can fetch a file; raises SendRefused without PUBLIC_URL."""
        if not self._public_url:
            raise SendRefused("no_public_url")
        return self._public_url + self._links.path(conversation, file)

    def _status_callback(self) -> str:
        """Returns the URL to which Twilio reports delivery statuses; '' without PUBLIC_URL."""
        return f"{self._public_url}{STATUS_PATH}{OVERRIDES}" if self._public_url else ""


def account_from(settings: WhatsAppSettings) -> Account:
    """Builds the account from the settings; adds the prefix ``whatsapp:`` to the sender if it is missing."""
    sender = settings.twilio_whatsapp_from.strip()
    if sender and not sender.startswith("whatsapp:"):
        sender = f"whatsapp:{sender}"
    return Account(
        sid=settings.twilio_account_sid,
        token=settings.twilio_auth_token,
        sender=sender,
        service=settings.twilio_messaging_service_sid,
    )


def make_whatsapp(settings: WhatsAppSettings, context: ChannelContext) -> WhatsApp:
    """Builds the channel from the settings and agency.yml."""
    public_url, inbox = context.settings.public_url, context.inbox
    if not public_url:
        log.warning("whatsapp: PUBLIC_URL is not set, every message will be refused as forged")
    outbox = Outbox(context.redis)
    webhook = Webhook(
        inbox=inbox,
        outbox=outbox,
        addresses=context.addresses,
        secrets=Secrets(settings.twilio_auth_token, settings.twilio_shared_key),
        public_url=public_url,
    )
    notice = translated(context.agency, "ventana_por_cerrar")
    return WhatsApp(
        twilio=Twilio(account_from(settings), settings.twilio_api_url),
        webhook=webhook,
        reminders=Reminders(tickets=Tickets(context.redis), inbox=inbox, outbox=outbox, notice=notice),
        inbox=inbox,
        templates=context.agency.templates,
        links=FileLinks(context.addresses),
        public_url=public_url,
        offices=context.agency.offices,
    )
