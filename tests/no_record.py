"""Conversations as a test has them that needs no PostgreSQL: there is no record to bring tickets back from.

``Mailbox`` and ``Proposals`` want to know how a lost Redis is filled again. Here it simply counts as complete, which
in the running system only bot/record/recovery.py may say.
"""

from __future__ import annotations

from functools import partial

from bot.conversation.inbox import Mailbox
from bot.store.client import Store
from bot.store.keys import RESTORED
from bot.tickets.approvals import Proposals


def mailbox_of(redis: Store) -> Mailbox:
    return Mailbox(redis, partial(redis.set, RESTORED, 1))


def proposals_of(redis: Store) -> Proposals:
    return Proposals(redis, partial(redis.set, RESTORED, 1))
