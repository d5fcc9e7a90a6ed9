"""Builds the tasks about public notices: the follower of this process, and the reminders of drills."""

from __future__ import annotations

from bot.app.role import Role
from bot.app.services import Services
from bot.desk.crisis.drill_reminders import DrillReminders
from bot.mail.wiring import mail_of
from bot.public_notices.follower import NoticeFollower
from bot.tickets.staff_notices import StaffNotices


def follower_of(services: Services, role: Role) -> NoticeFollower:
    """Builds the task that keeps the public notices of this process up to date."""
    channels = tuple(one.channel for one in services.channels.adapters)
    return services.public_notices.work(services.settings, services.agency, services.databases.persons, channels, role)


def drill_reminders_of(services: Services) -> DrillReminders:
    """Builds the task that reminds staff to hold a drill."""
    mail, notices, sessions = mail_of(services.settings), StaffNotices(services.redis), services.databases.sessions
    return DrillReminders(sessions, notices, services.agency, mail=mail, site=services.settings.public_url)
