"""Provides conversations without PostgreSQL, so that there is no record from which to restore tickets.

``Inbox`` and ``PendingApprovals`` need a function that restores a lost Redis. Here Redis simply counts as complete,
which only bot/record/recovery.py may decide in the running system.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

from bot.conversation.inbox import Inbox
from bot.store.client import Store
from bot.store.keys import RESTORED
from bot.tickets.approvals import PendingApprovals, Revise, unchanged

SECRET = "s" * 40


async def none_blocked(_conversations: Collection[str]) -> set[str]:
    return set()


def mailbox_of(redis: Store) -> Inbox:
    return Inbox(redis, partial(redis.set, RESTORED, 1), SECRET)


def proposals_of(redis: Store, revise: Revise = unchanged) -> PendingApprovals:
    return PendingApprovals(redis, partial(redis.set, RESTORED, 1), revise)
