"""Runs the alarms of emergencies with a real SMTP server and a simulated Twilio on loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from email import message_from_bytes
from email.header import decode_header, make_header

from aiosmtpd.controller import Controller
from redis.asyncio import Redis

from bot.agency.alarm_settings import AlarmSettings
from bot.agency.model import Agency
from bot.core.settings import Settings
from bot.handoff.alarms.alarms import Alarms
from bot.handoff.forecast import Forecasts
from bot.handoff.hours import ServiceHours
from bot.mail.wiring import senders_of
from bot.run.ports import LOOPBACK, free_port
from bot.tickets.presence import Presences
from bot.tickets.waits import Waits
from tests.channels.twilio_peer import SID, TOKEN, TwilioPeer
from tests.desk_world import served
from tests.mailbox import Mailbox
from tests.no_record import mailbox_of

MAIL, PHONE, FROM = "turno@losaromos.example", "+56987654321", "+56225550100"


@dataclass
class AlarmPeers:
    """The alarms, and what their recipients received: e-mails in ``mailbox``, SMS in ``twilio``."""

    alarms: Alarms
    mailbox: Mailbox
    twilio: TwilioPeer

    def subjects(self) -> list[str]:
        mails = [message_from_bytes(one.content) for one in self.mailbox.taken]
        return [str(make_header(decode_header(mail["Subject"]))) for mail in mails]


@asynccontextmanager
async def alarm_peers(
    redis: Redis,
    agency: Agency,
    hours: ServiceHours | None = None,
    *,
    mails: tuple[str, ...] = (MAIL,),
    wait_s: int = 120,
) -> AsyncIterator[AlarmPeers]:
    """Starts the servers and yields the alarms that send to them; ``hours`` are the agency's by default."""
    mailbox, twilio, hours = Mailbox(), TwilioPeer(), hours or ServiceHours(agency)
    controller = Controller(mailbox, hostname=LOOPBACK, port=free_port())
    controller.start()
    made = replace(agency, alarm=AlarmSettings(mails, (PHONE,), wait_s))
    async with served(twilio.app()) as url:  # type: ignore[arg-type]
        settings = Settings(
            SMTP_URL=f"smtp://127.0.0.1:{controller.port}",
            SMTP_FROM="chat@losaromos.example",
            TWILIO_ACCOUNT_SID=SID,
            TWILIO_AUTH_TOKEN=TOKEN,
            TWILIO_SMS_FROM=FROM,
            TWILIO_API_URL=url,
        )
        senders = senders_of(made.alarm, settings)
        alarms = Alarms(
            redis=redis,
            inbox=mailbox_of(redis),
            agency=made,
            service_hours=hours,
            forecasts=Forecasts(made, hours, Waits(redis), Presences(redis)),
            senders=senders,
            public_url="https://chat.losaromos.example",
        )
        try:
            yield AlarmPeers(alarms, mailbox, twilio)
        finally:
            controller.stop()
            await senders[PHONE].close()  # type: ignore[attr-defined]
