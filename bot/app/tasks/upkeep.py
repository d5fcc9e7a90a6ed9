"""Builds the periodic tasks, which only tidy up or compute."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from bot.app.services import Services
from bot.app.tasks.ban_dangers import BanDangers
from bot.app.tasks.editing import editing_of
from bot.app.tasks.monthly_mail import monthly_mail_of
from bot.app.tasks.promise import sampling_of
from bot.app.tasks.public_notices import drill_reminders_of
from bot.core.network import ActionsEndpoint
from bot.desk.auth.first_password import drop_used_password_forever
from bot.desk.crisis.stale_requests import StaleRequests
from bot.figures.facts.filling import Filling
from bot.figures.publishing import Months
from bot.learning.backlog.embedding import Embedding
from bot.learning.backlog.gathering import Gathering
from bot.learning.experience import keep_experience
from bot.mail.wiring import mail_of
from bot.privacy.renewal import renew_forever
from bot.privacy.seal_mail import SealMail
from bot.privacy.staff_terms import forget_staff_forever
from bot.record.audit_signatures import AuditSignatures
from bot.record.retention import Places, Terms, forget_forever
from bot.record.transcripts.older_rows import encrypt_forever
from bot.record.versions import keep_versions
from bot.tickets.staff_notices import StaffNotices

Work = Coroutine[Any, Any, None]


def upkeep_of(services: Services) -> tuple[Work, ...]:
    """Returns the periodic tasks as coroutines, such as deleting expired data and computing figures."""
    agency, sessions, has_room = services.agency, services.databases.sessions, services.has_room_for_figures
    secret, trackers = services.settings.secret.get_secret_value(), services.settings.rasa_database_url
    places = Places(services.chat.files, services.complaint_files, trackers.get_secret_value())
    return (
        forget_forever(sessions, Terms.from_agency(agency), places),
        forget_staff_forever(sessions, agency.privacy.keep_staff_days),
        AuditSignatures(sessions, secret, services.settings.home).sign_forever(),
        SealMail(sessions, services.redis, agency, mail_of(services.settings)).run(),
        renew_forever(sessions, secret, (services.chat.files, services.complaint_files)),
        encrypt_forever(sessions),
        drop_used_password_forever(sessions, services.settings.home),
        BanDangers(sessions, services.redis).run(),
        keep_versions(services.faq, sessions),
        keep_experience(sessions, services.settings.answers_home),
        Gathering(
            sessions,
            Embedding(ActionsEndpoint.of(services.settings)),
            has_room,
            with_referrals=not agency.is_municipality,
        ).run(),
        Filling(sessions, agency.timezone, services.faq.topic_of, agency.figure_segments, has_room).run(),
        sampling_of(services).run(),
        Months(sessions, agency.timezone, agency.keep_days, agency.published_segments, has_room).run(),
        monthly_mail_of(services).run(),
        *editing_of(services),
        drill_reminders_of(services).run(),
        StaleRequests(sessions, StaffNotices(services.redis)).run(),
    )
