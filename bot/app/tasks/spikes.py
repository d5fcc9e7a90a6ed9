"""Builds the task that detects spikes of messages and sends the alarms."""

from __future__ import annotations

from functools import partial

from bot.app.services import Services
from bot.core.network import ActionsEndpoint
from bot.desk.crisis.writers import notice_writers
from bot.learning.backlog.embedding import Embedding
from bot.mail.wiring import senders_of
from bot.spikes.group_watch import GroupWatch
from bot.spikes.notifier import SpikeNotifier
from bot.spikes.watch import SpikeWatch
from bot.spikes.webhook import SpikeWebhook
from bot.tickets.staff_notices import StaffNotices


def spikes_of(services: Services) -> tuple[SpikeWatch, ...]:
    """Returns the task that detects spikes of messages, in a tuple; () if the agency wants no spike alarms."""
    if not services.agency.alarm.false_every_days:
        return ()
    agency, settings, sessions = services.agency, services.settings, services.databases.sessions
    notifier = SpikeNotifier(
        sessions=sessions,
        agency=agency,
        staff_notices=StaffNotices(services.redis),
        writers=partial(notice_writers, sessions),
        senders=senders_of(agency.alarm, settings),
        webhook=SpikeWebhook(url, settings.alarm_webhook_secret, settings.public_url)
        if (url := settings.alarm_webhook_url)
        else None,
        public_url=settings.public_url,
    )
    watch = SpikeWatch(
        sessions,
        GroupWatch(sessions, Embedding(ActionsEndpoint.of(settings)), agency.timezone),
        timezone=agency.timezone,
        topic_of=services.faq.topic_of,
        false_every_days=agency.alarm.false_every_days,
        notify=notifier.notify,
        has_room=services.has_room_for_figures,
    )
    return (watch,)
