"""Builds the tasks for citizens who are handed over to people: the sweeper, the alarms and the complaints."""

from __future__ import annotations

from bot.app.health import postgres_answers
from bot.app.services import Services
from bot.handoff.alarms.alarms import Alarms
from bot.handoff.complaints.news import ComplaintNews
from bot.handoff.complaints.photos import ComplaintPhotos
from bot.handoff.complaints.register import Register
from bot.handoff.complaints.upkeep import ComplaintUpkeep
from bot.handoff.sweeper import Sweeper
from bot.mail.wiring import senders_of
from bot.tickets.watchdog import Watchdog


def sweeper_of(services: Services) -> Sweeper:
    """Builds the sweeper, which handles overdue tickets and pending approvals."""
    return Sweeper(
        tickets=services.chat.tickets,
        transitions=services.transitions,
        presences=services.presences,
        outbox=services.outbox,
        watchdog=Watchdog(services.redis, services.agency.desk.lease_s, services.channels.sending),
        agency=services.agency,
        forecasts=services.forecasts,
        waits=services.forecasts.waits,
        pending_approvals=services.pending_approvals,
        restore=services.recovery.run,
        record_answers=lambda: postgres_answers(services),
        blocked=services.personal_data.corrections.blocked_among,
    )


def alarms_of(services: Services) -> Alarms:
    """Builds the task that alerts people by e-mail or SMS to emergencies that no agent has claimed."""
    return Alarms(
        redis=services.redis,
        inbox=services.inbox,
        agency=services.agency,
        service_hours=services.service_hours,
        forecasts=services.forecasts,
        senders=senders_of(services.agency.alarm, services.settings),
        public_url=services.settings.public_url,
    )


def complaints_of(services: Services) -> ComplaintUpkeep:
    """Builds the task that sends citizens their complaints' states, stores photos, and calls a configured webhook."""
    sessions, settings = services.databases.sessions, services.settings
    url, secret = settings.complaints_webhook_url, settings.complaints_webhook_secret
    return ComplaintUpkeep(
        ComplaintNews(services.redis, sessions, services.agency),
        ComplaintPhotos(sessions, services.chat.files, services.complaint_files, services.channels.file),
        Register(sessions, url, secret) if url else None,
    )
