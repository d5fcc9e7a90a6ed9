"""Defines the roles of bot processes."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """The part of the bot's work that one process does; ``ventanilla run`` starts one process that does all of it."""

    ALL = "all"
    WEB = "web"  # pages, chat, webhooks, desk
    WORKER = "worker"  # turns, senders, polling, recorder, sweeper, deletion of old data

    @property
    def serves_people(self) -> bool:
        return self is not Role.WORKER

    @property
    def works(self) -> bool:
        return self is not Role.WEB
