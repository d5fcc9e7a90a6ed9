"""Builds the metrics page of the bot process."""

from __future__ import annotations

from functools import partial

from bot.app.health import postgres_answers, redis_answers
from bot.app.services import Services
from bot.core.progress import Progress
from bot.metrics.page import Page
from bot.metrics.process_state import Check, disk_source, log_source, parts_source, tasks_source
from bot.metrics.store_state import StoreSource


def page_of(services: Services, progress: Progress) -> Page:
    """Builds the metrics page: this process, Redis's queues, other services' health, background tasks, disk and log."""
    checks: dict[str, Check] = {
        "redis": partial(redis_answers, services),
        "postgres": partial(postgres_answers, services),
        "rasa": services.assistant.rasa.healthy,
    }
    sources = {
        "store": StoreSource(services.redis, services.agency.teams, services.channels.sending).read,
        "parts": parts_source(checks),
        "tasks": tasks_source(progress),
        "disk": disk_source(services.disk),
        "log": log_source,
    }
    return Page(sources)
