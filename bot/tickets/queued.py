"""Reads the queues of waiting tickets: their beginning, their lengths, and the tickets that have waited longest.

What is read of a long queue depends on what is shown, except for ids. A ticket's score (``queue_score`` of
lua/lib/queue.lua) is its time of opening plus a multiple of HALF_RANK, so within a half rank the tickets are sorted by
the time of opening.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, filterfalse
from typing import Self

from bot.core.messages import Priority
from bot.store import keys
from bot.store.client import Store
from bot.store.commands import ask_all, ask_both
from bot.store.scripts import Script

HALF_RANK = 0.5e13
FIRST_EMERGENCY = -1  # the half rank of an emergency that an agent had; other emergencies have 0
HALF_RANKS = range(FIRST_EMERGENCY, 2 * len(Priority))
AT_ONCE = 500  # tickets that are read, or compared with filters, at once, so that a long queue blocks nobody

Scored = tuple[str, float]  # a ticket and its score


@dataclass(frozen=True)
class Queued:
    """A ticket in a queue: its id, its team, when it was opened (ms since 1970), and whether it is an emergency."""

    ticket: str
    team: str
    opened_at: int
    emergency: bool

    @classmethod
    def from_score(cls, ticket: str, team: str, score: float) -> Self:
        return cls(ticket, team, int(score % HALF_RANK), score < HALF_RANK)


@dataclass(frozen=True)
class QueueStart:
    """The ids of the first tickets of some queues, in the order of service, and of the others in no order."""

    first: tuple[str, ...]
    others: tuple[str, ...]


class Queues:
    """The queues in Redis, one for each team; every method may raise redis.RedisError."""

    def __init__(self, redis: Store) -> None:
        self._redis = redis
        self._match = Script(redis, "match_waiting")

    async def teams(self) -> list[str]:
        """Returns the teams that have or had a waiting ticket."""
        return list(await self._redis.smembers(keys.QUEUES))

    async def counts(self, teams: Sequence[str] = ()) -> dict[str, int]:
        """Returns the number of waiting tickets of each of ``teams`` (of all if empty)."""
        names = teams or await self.teams()
        counts = await ask_all(self._redis, lambda ask, team: ask.zcard(keys.queue_key(team)), names)
        return dict(zip(names, counts, strict=True))

    async def conversations(self) -> dict[str, dict[str, str]]:
        """Returns, by conversation, the team of each waiting ticket; reads little else of a ticket.

        The last ticket of a conversation is the one to which the citizen's messages belong; a call-back that is due
        comes before it.
        """
        teams, found, phoned = await self.teams(), dict[str, dict[str, str]](), dict[str, dict[str, str]]()
        queues = await ask_all(self._redis, lambda ask, team: ask.zrange(keys.queue_key(team), 0, -1), teams)
        for team, ids in zip(teams, queues, strict=True):
            for part in parts(ids, AT_ONCE):
                facts = await ask_all(
                    self._redis, lambda ask, one: ask.hmget(keys.ticket_key(one), ("conversation", "by_phone")), part
                )
                for (name, by_phone), id in zip(facts, part, strict=True):
                    if name:
                        (phoned if by_phone else found).setdefault(name, {})[id] = team
        return phoned | {name: phoned.get(name, {}) | tickets for name, tickets in found.items()}

    async def start(self, teams: Sequence[str], shown: int) -> QueueStart:
        """Returns the first ``shown`` tickets of the queues of ``teams``, and the ids of the others.

        Scores, which are slow to parse, are read of as many tickets as are shown.
        """
        answers = await ask_both(
            self._redis,
            lambda ask, team: ask.zrange(keys.queue_key(team), 0, shown - 1, withscores=True),
            lambda ask, team: ask.zrange(keys.queue_key(team), 0, -1),
            teams,
            at_once=True,
        )
        heads, lists = zip(*answers, strict=True) if answers else ((), ())
        return _start(chain.from_iterable(heads), chain.from_iterable(lists), shown)

    async def matching(self, teams: Sequence[str], channel: str, reason: str, shown: int) -> QueueStart:
        """Returns the first ``shown`` tickets of ``teams`` with this channel and reason, and the ids of the others.

        A filter of '' fits every ticket. The tickets are compared within Redis.
        """
        queues = await ask_all(self._redis, lambda ask, team: ask.zrange(keys.queue_key(team), 0, -1), teams)
        found: list[Scored] = []
        for team, ids in zip(teams, queues, strict=True):
            for part in parts(ids, AT_ONCE):
                flat = await self._match(team=team, tickets=part, channel=channel, reason=reason)
                found += zip(flat[::2], map(float, flat[1::2]), strict=True)
        return _start(found, [id for id, _ in found], shown)

    async def longest(self, teams: Sequence[str], limit: int) -> list[Queued]:
        """Returns the ``limit`` tickets of each team and each half rank that were opened first.

        The result, in the order of service, contains the first ``limit`` emergencies and the ``limit`` tickets with the
        longest wait.
        """
        slots = [(team, half) for team in teams for half in HALF_RANKS]
        async with self._redis.pipeline(transaction=False) as pipe:
            for team, half in slots:
                low, high = f"{half * HALF_RANK:.0f}", f"({(half + 1) * HALF_RANK:.0f}"
                pipe.zrangebyscore(keys.queue_key(team), low, high, start=0, num=limit, withscores=True)
            answers: list[list[Scored]] = await pipe.execute()
        found = [(one, team) for (team, _), part in zip(slots, answers, strict=True) for one in part]
        return [Queued.from_score(id, team, score) for (id, score), team in sorted(found, key=lambda it: _order(it[0]))]


def parts(tickets: Sequence[str], most: int) -> Iterator[Sequence[str]]:
    """Divides the ids of a long queue into parts of at most ``most`` tickets."""
    return (tickets[begin : begin + most] for begin in range(0, len(tickets), most))


def _start(candidates: Iterable[Scored], ids: Iterable[str], shown: int) -> QueueStart:
    first = [id for id, _ in sorted(candidates, key=_order)[:shown]]
    return QueueStart(tuple(first), tuple(filterfalse(set(first).__contains__, ids)))


def _order(scored: Scored) -> tuple[float, int, str]:
    """Returns the sort key of the order of service; of two tickets with one score, the smaller number comes first."""
    id, score = scored
    return score, len(id), id
