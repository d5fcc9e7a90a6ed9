"""Defines the services that ``ventanilla serve`` can run."""

from __future__ import annotations

from enum import StrEnum


class Service(StrEnum):
    """A service of the application; WEB and WORKER are roles of a bot process (bot/app/role.py)."""

    WEB = "web"
    WORKER = "worker"
    ACTIONS = "actions"
    RASA = "rasa"
