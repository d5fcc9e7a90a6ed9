"""Builds the editors' background tasks: they record changed files, publish, notify, remind and commit."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from bot.app.services import Services
from bot.core.network import ActionsEndpoint
from bot.desk.editing.disk import DiskWatch
from bot.desk.editing.measuring.due import Due
from bot.desk.editing.measuring.effect import Effects
from bot.desk.editing.publisher import Publisher
from bot.desk.editing.staff_notices.news import EntryNewsTask
from bot.desk.editing.staff_notices.reminders import Reminders
from bot.mail.wiring import mail_of
from bot.tickets.staff_notices import StaffNotices


def editing_of(services: Services) -> tuple[Coroutine[Any, Any, None], ...]:
    """Returns the tasks for editors as coroutines; the task for commits only if FAQ_COMMITS is set."""
    agency, settings, sessions = services.agency, services.settings, services.databases.sessions
    commits = bool(settings.faq_commits)
    disk = DiskWatch(sessions, settings.faq_dir, agency.teams, four_eyes=agency.four_eyes, commits=commits)
    tasks = (due_of(services), news_of(services), reminders_of(services))
    return disk.run(), *(task.run() for task in tasks), *_commits_of(services)


def due_of(services: Services) -> Due:
    """Builds the task that publishes scheduled editions."""
    sessions, settings, four_eyes = services.databases.sessions, services.settings, services.agency.four_eyes
    publisher = Publisher(sessions, settings.faq_dir, four_eyes=four_eyes, commits=bool(settings.faq_commits))
    effects = Effects(sessions, ActionsEndpoint.of(settings))
    return Due(sessions, publisher, effects)


def news_of(services: Services) -> EntryNewsTask:
    """Builds the task that notifies staff who must approve, correct or check an entry."""
    settings = services.settings
    return EntryNewsTask(
        services.databases.sessions,
        StaffNotices(services.redis),
        mail=mail_of(settings),
        site=settings.public_url,
        agency_name=services.agency.name,
    )


def reminders_of(services: Services) -> Reminders:
    """Builds the task that reminds editors of entries that expire soon."""
    return Reminders(
        services.databases.sessions,
        services.faq,
        StaffNotices(services.redis),
        services.agency,
        mail=mail_of(services.settings),
        site=services.settings.public_url,
    )


def _commits_of(services: Services) -> tuple[Coroutine[Any, Any, None], ...]:
    """Returns the task that commits publications; without FAQ_COMMITS returns () and does not import dulwich."""
    settings = services.settings
    if not settings.faq_commits:
        return ()
    from bot.desk.editing.commits.committing import Committing

    sessions, zone, emails = services.databases.sessions, services.agency.timezone, settings.faq_commits == "email"
    return (Committing(sessions, settings.faq_dir, zone, emails=emails).run(),)
