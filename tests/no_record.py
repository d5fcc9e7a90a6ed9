"""Provides conversations without PostgreSQL: there is no record to restore tickets from.

``Inbox`` and ``PendingApprovals`` need a function that restores a lost Redis. Here Redis simply counts as complete,
which in the running system only bot/record/recovery.py may decide.
"""

from __future__ import annotations

from functools import partial

from bot.conversation.inbox import Inbox
from bot.store.client import Store
from bot.store.keys import RESTORED
from bot.tickets.approvals import PendingApprovals

SECRET = "s" * 40


def mailbox_of(redis: Store) -> Inbox:
    return Inbox(redis, partial(redis.set, RESTORED, 1), SECRET)


def proposals_of(redis: Store) -> PendingApprovals:
    return PendingApprovals(redis, partial(redis.set, RESTORED, 1))
