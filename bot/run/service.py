"""Names the services that ``ventanilla serve`` can become."""

from __future__ import annotations

from enum import StrEnum


class Service(StrEnum):
    """A service of the application; the first two are roles of a bot process (bot/app/role.py)."""

    WEB = "web"
    WORKER = "worker"
    ACTIONS = "actions"
    RASA = "rasa"
