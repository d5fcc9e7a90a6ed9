"""Reads from Redis the number of waiting items and their waiting times, in one round trip with a Lua script."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily

from bot.core.messages import Channel, Priority
from bot.store.client import Store
from bot.store.scripts import Script

LOOKED_AT = 50  # maximum number of conversations, in the work queue and per channel, whose oldest message is read
RETURNED = "returned"  # tickets that an agent had and that went back to a queue, except emergencies
# Ages in seconds from which what waits in Redis counts as stuck, as in deploy/prometheus/rules.yml.
UNANSWERED_S, UNRECORDED_S, UNSENT_S = 60, 120, 600
CROWDED = "crowded"  # tickets of senders with many tickets, which come after all others, except emergencies
QUEUE_NAMES = (*(priority.value for priority in Priority), RETURNED, CROWDED)


@dataclass(frozen=True)
class Waiting:
    """The number of waiting items (None if unknown), and the seconds that the oldest has waited (0 if none waits)."""

    count: int | None
    oldest_s: float

    @classmethod
    def from_data(cls, data: Mapping[str, Any], now_ms: float) -> Waiting:
        return cls(data.get("count"), seconds_between(data.get("oldest"), now_ms))


@dataclass(frozen=True)
class Oldest:
    """The conversation whose message has waited longest, and for how many seconds; ('', 0) if none waits."""

    conversation: str = ""
    waited_s: float = 0.0

    @classmethod
    def from_data(cls, data: Mapping[str, Any] | None, now_ms: float) -> Oldest:
        return cls(data["conversation"], seconds_between(data["at"], now_ms)) if data else cls()


@dataclass(frozen=True)
class StoreState:
    """The work that waits in Redis: tickets, the work queue, the outbox of each channel, and unrecorded events.

    ``queues`` is keyed by team and one of QUEUE_NAMES. ``unanswered`` is the oldest message that no turn answered.
    ``unsent`` is the oldest reply of any channel that was not sent; conversations whose reply may have arrived are left
    out.
    """

    queues: Mapping[tuple[str, str], Waiting]
    work: Waiting
    outboxes: Mapping[str, Waiting]
    recorder: Waiting
    unanswered: Oldest = Oldest()
    unsent: Oldest = Oldest()

    @property
    def inbox_oldest_s(self) -> float:
        """Returns the age in seconds of the oldest message that no turn answered; 0 if there is none."""
        return self.unanswered.waited_s

    @property
    def outbox_oldest_s(self) -> float:
        """Returns the age in seconds of the oldest reply of any channel that was not sent; 0 if there is none."""
        return max((one.oldest_s for one in self.outboxes.values()), default=0.0)

    @classmethod
    def from_json(cls, text: str) -> StoreState:
        """Parses the reply of measure.lua."""
        data = json.loads(text)
        now = data["now"]
        unsent = [Oldest.from_data(one.get("unsent"), now) for one in data["outboxes"].values()]
        return cls(
            queues={
                (team, name): Waiting.from_data(one, now)
                for team, queue in data["queues"].items()
                for name, one in queue.items()
            },
            work=Waiting.from_data(data["work"], now),
            outboxes={channel: Waiting.from_data(one, now) for channel, one in data["outboxes"].items()},
            recorder=Waiting.from_data(data["recorder"], now),
            unanswered=Oldest.from_data(data["work"].get("inbox"), now),
            unsent=max(unsent, key=lambda one: one.waited_s, default=Oldest()),
        )


class StoreSource:
    """A source of metrics of the work that waits in Redis, for the agency's teams and any other team with a queue."""

    def __init__(self, redis: Store, teams: Iterable[str], channels: Iterable[Channel]) -> None:
        self._measure = Script(redis, "measure")
        self._teams, self._channels = tuple(teams), [channel.value for channel in channels]

    async def state(self) -> StoreState:
        """Measures the work that waits. Raises RedisError."""
        return StoreState.from_json(await self._measure(channels=self._channels, most=LOOKED_AT))

    async def read(self) -> list[Metric]:
        """Returns the metrics. Raises RedisError."""
        state = await self.state()
        return [*self._queues(state), *_work(state), *_outboxes(state), *_recorder(state)]

    def _queues(self, state: StoreState) -> list[Metric]:
        labels = ("team", "priority")
        count = GaugeMetricFamily("ventanilla_queue_tickets", "Tickets that wait for an agent.", labels=labels)
        oldest = GaugeMetricFamily(
            "ventanilla_queue_oldest_seconds", "Time since the oldest waiting ticket was opened.", labels=labels
        )
        waiting = {(team, name): Waiting(0, 0.0) for team in self._teams for name in QUEUE_NAMES} | dict(state.queues)
        for queue, one in waiting.items():
            count.add_metric(queue, one.count or 0)
            oldest.add_metric(queue, one.oldest_s)
        return [count, oldest]


def _work(state: StoreState) -> list[Metric]:
    return [
        _gauge("ventanilla_work_conversations", "Conversations in the work queue or leased.", state.work.count or 0),
        _gauge("ventanilla_work_oldest_seconds", "Age of the work queue's oldest entry.", state.work.oldest_s),
        _gauge(
            "ventanilla_inbox_oldest_seconds", "Age of the oldest message that no turn answered.", state.inbox_oldest_s
        ),
    ]


def _outboxes(state: StoreState) -> list[Metric]:
    count = GaugeMetricFamily(
        "ventanilla_outbox_conversations", "Conversations with replies not yet sent.", labels=("channel",)
    )
    oldest = GaugeMetricFamily(
        "ventanilla_outbox_oldest_seconds", "Age of the oldest reply not yet sent.", labels=("channel",)
    )
    for channel, one in state.outboxes.items():
        count.add_metric((channel,), one.count or 0)
        oldest.add_metric((channel,), one.oldest_s)
    return [count, oldest]


def _recorder(state: StoreState) -> list[Metric]:
    lag = _gauge(
        "ventanilla_recorder_lag_seconds", "Age of the oldest event not in PostgreSQL.", state.recorder.oldest_s
    )
    if state.recorder.count is None:
        return [lag]
    return [lag, _gauge("ventanilla_recorder_lag_events", "Events not yet in PostgreSQL.", state.recorder.count)]


def _gauge(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(name, about, value=value)


def seconds_between(then_ms: float | None, now_ms: float) -> float:
    """Returns the seconds from ``then_ms`` to ``now_ms``; 0 if ``then_ms`` is missing or later."""
    return max(0.0, (now_ms - then_ms) / 1000) if then_ms else 0.0
