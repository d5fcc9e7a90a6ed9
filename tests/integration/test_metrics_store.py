"""Tests the metrics of items that wait in Redis: tickets, pending messages, unsent replies, unrecorded events."""

from __future__ import annotations

import json
import time

import pytest
from redis.asyncio import Redis

from bot.core.errors.messages import SendLater, SendRefused
from bot.core.messages import Channel, Priority
from bot.metrics.measures import REGISTRY
from bot.metrics.store_state import LOOKED_AT, StoreSource, StoreState, Waiting
from bot.record.engine import Sessions
from bot.store import keys
from bot.store.scripts import Script
from tests.eventually import eventually
from tests.integration.sender_process import SlowProvider
from tests.integration.sending import answer, sending_with, until_sent
from tests.recording import recording

TELEGRAM = Channel.TELEGRAM
HOUR_MS = 3_600_000


async def state_of(redis: Redis) -> StoreState:
    return StoreState.from_json(await Script(redis, "measure")(channels=[TELEGRAM], most=LOOKED_AT))


async def ticket(redis: Redis, name: str, team: str, rank: float, age_ms: int) -> None:
    """Puts a ticket into a queue with the score that queue_score computes."""
    await redis.sadd(keys.QUEUES, team)
    await redis.zadd(keys.queue_key(team), {name: rank * 1e13 + now_ms() - age_ms})


def now_ms() -> int:
    return int(time.time() * 1000)


def sample(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def test_nothing_waits_in_an_empty_store(redis: Redis) -> None:
    state = await state_of(redis)
    assert state == StoreState({}, Waiting(0, 0), {"telegram": Waiting(0, 0)}, Waiting(None, 0))


async def test_waiting_tickets_are_counted_by_priority_with_the_age_of_the_oldest(redis: Redis) -> None:
    ranks = {"emergency": -0.5, "returned": 0.5} | {one.value: float(one.rank) for one in Priority}
    for hours, (name, rank) in enumerate(ranks.items(), 1):
        await ticket(redis, name, "obras", rank, hours * HOUR_MS)
    await ticket(redis, "e2", "obras", -0.5, 9 * HOUR_MS)
    found = {
        name: (one.count, round(one.oldest_s / 3600, 1)) for (_, name), one in (await state_of(redis)).queues.items()
    }
    assert found == {"emergency": (2, 9), "returned": (1, 2), "high": (1, 3), "callback": (1, 4), "normal": (1, 5)}


async def test_teams_without_tickets_are_shown_with_zero(redis: Redis) -> None:
    await ticket(redis, "7", "antigua", 3, HOUR_MS)
    count, *_ = await StoreSource(redis, ["obras"], []).read()
    found = {one.labels["team"]: one.value for one in count.samples if one.labels["priority"] == "normal"}
    assert found == {"obras": 0, "antigua": 1}


async def test_oldest_pending_message_is_found(redis: Redis) -> None:
    for number, hours in enumerate((5, 9, 6)):
        await redis.xadd(keys.WORK, {"conversation": f"c{number}"}, id=f"{now_ms() - 3 * HOUR_MS + number}-0")
        await redis.rpush(keys.inbox_key(f"c{number}"), json.dumps({"at": now_ms() - hours * HOUR_MS}))
    state = await state_of(redis)
    ages_h = [round(one / 3600, 1) for one in (state.work.oldest_s, state.inbox_oldest_s)]
    assert (state.work.count, *ages_h) == (3, 3, 9)


async def test_unsent_replies_are_found_also_while_they_wait_for_a_retry(redis: Redis) -> None:
    await answer(redis, "c1", "hola")
    await redis.zadd(keys.retry_key(TELEGRAM), {"c2": now_ms() + HOUR_MS})
    await redis.rpush(keys.outbox_key("c2"), json.dumps({"at": now_ms() - HOUR_MS}))
    waiting = (await state_of(redis)).outboxes["telegram"]
    assert (waiting.count, round(waiting.oldest_s / 3600, 1)) == (2, 1)


async def test_recorder_lag_grows_without_a_recorder_and_ends_with_it(redis: Redis, database: Sessions) -> None:
    await redis.xgroup_create(keys.EVENTS, keys.RECORDER, id="0", mkstream=True)
    await answer(redis, "c1", "hola")
    lag = (await state_of(redis)).recorder
    assert lag.count and lag.oldest_s > 0
    await redis.xreadgroup(keys.RECORDER, "dead", {keys.EVENTS: ">"}, count=1)
    assert (await state_of(redis)).recorder.count == lag.count
    await redis.xgroup_destroy(keys.EVENTS, keys.RECORDER)
    async with recording(redis, database):

        async def recorded() -> bool:
            return (await state_of(redis)).recorder == Waiting(0, 0)

        await eventually(recorded)


@pytest.mark.parametrize(
    ("error", "outcome"), [(SendLater("busy"), "retried"), (SendRefused("blocked"), "given_up"), (None, "sent")]
)
async def test_requests_to_a_provider_are_counted_by_outcome_and_reason(
    redis: Redis, error: SendLater | SendRefused | None, outcome: str
) -> None:
    errors = [error]

    class Provider(SlowProvider):
        async def send(self, *args: object) -> str:
            if errors and (raised := errors.pop()):
                raise raised
            return "1"

    labels = {"channel": "telegram", "outcome": outcome, "reason": error.reason if error else ""}
    before = sample("ventanilla_deliveries_total", **labels)
    timed = sample("ventanilla_stage_seconds_count", stage="send")
    await answer(redis, "c1", "hola")
    async with sending_with(redis, Provider(redis)):
        await until_sent(redis)
    assert sample("ventanilla_deliveries_total", **labels) == before + 1
    assert sample("ventanilla_stage_seconds_count", stage="send") > timed
