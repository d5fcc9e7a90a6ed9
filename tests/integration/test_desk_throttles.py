"""Tests failed sign-ins: guessing gets slower, and an attacker cannot lock the owner out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest_asyncio
from redis.asyncio import Redis

from bot.agency.model import Agency
from bot.core.network import SITE_FACTOR, network
from bot.desk.auth.accounts import reset_password
from bot.desk.auth.sessions import Browser
from bot.desk.auth.throttles import DEVICE_PEOPLE, FAILURES_PER_NETWORK, Throttles
from bot.record.engine import Sessions
from bot.store.throttle import Throttle, ThrottleBucket
from tests.desk_world import PASSWORD, DeskWorld, desk_world

ANA = "ana@losaromos.example"
WRONG = {"correo": ANA, "clave": "mala"}
RIGHT = {"correo": ANA, "clave": PASSWORD}


@pytest_asyncio.fixture
async def world(redis: Redis, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, agency) as made:
        await made.hire(ANA, "Ana")
        yield made


async def wait_is_over(redis: Redis) -> None:
    """Ends every wait, as passing time would."""
    for key in await redis.keys("v:throttle:*"):
        await redis.hdel(key, "until")


async def failures(world: DeskWorld, count: int, email: str = ANA) -> list[int]:
    client = world.browser()
    form = {"correo": email, "clave": "mala"}
    return [(await client.post("/desk/login", data=form)).status_code for _ in range(count)]


async def test_five_failures_block_for_a_minute_then_two_and_so_on(redis: Redis) -> None:
    throttle, throttles, waits = Throttle(redis), [ThrottleBucket("x", free=5, longest_s=600)], []
    for _ in range(11):
        assert await throttle.count(throttles) == 0
        waits.append(await throttle.count(throttles[:1]) if await redis.hexists("v:throttle:x", "until") else 0)
        await wait_is_over(redis)
    assert waits == [0, 0, 0, 0, 60, 120, 240, 480, 600, 600, 600]


async def test_right_password_is_refused_while_blocked_and_accepted_afterwards(world: DeskWorld, redis: Redis) -> None:
    assert await failures(world, 6) == [401] * 5 + [429]
    closed = await world.browser().post("/desk/login", data=RIGHT)
    assert (closed.status_code, "Espera un minuto" in closed.text) == (429, True)
    await wait_is_over(redis)
    assert (await world.browser().post("/desk/login", data=RIGHT)).status_code == 303
    assert await failures(world, 5) == [401] * 5


async def test_unknown_account_is_blocked_just_the_same(world: DeskWorld) -> None:
    assert await failures(world, 6, "nadie@losaromos.example") == [401] * 5 + [429]


async def test_concurrent_guesses_are_limited_too(world: DeskWorld) -> None:
    client = world.browser()
    answers = await asyncio.gather(*(client.post("/desk/login", data=WRONG) for _ in range(9)))
    assert sorted(answer.status_code for answer in answers) == [401] * 5 + [429] * 4


async def test_known_browser_is_not_locked_out_by_other_browsers(world: DeskWorld) -> None:
    home = world.browser()
    assert (await home.post("/desk/login", data=RIGHT)).status_code == 303
    await failures(world, 6)
    assert (await world.browser().post("/desk/login", data=RIGHT)).status_code == 429
    assert (await home.post("/desk/login", data=RIGHT)).status_code == 303


async def test_known_browser_has_a_limit_of_its_own(world: DeskWorld) -> None:
    home = world.browser()
    await home.post("/desk/login", data=RIGHT)
    assert [(await home.post("/desk/login", data=WRONG)).status_code for _ in range(6)] == [401] * 5 + [429]
    assert (await world.browser().post("/desk/login", data=RIGHT)).status_code == 303


async def test_forged_cookie_makes_no_browser_known(world: DeskWorld) -> None:
    await failures(world, 6)
    for cookie in ("", "nonsense", Throttles("another secret").known("", "x")):
        thief = world.browser()
        thief.cookies.set("ventanilla-device", cookie)
        assert (await thief.post("/desk/login", data=RIGHT)).status_code == 429


async def test_guesses_from_many_networks_block_the_account_for_15_minutes_at_most(
    world: DeskWorld, redis: Redis
) -> None:
    throttles, throttle = Throttles("s"), Throttle(redis)
    waits = [await throttle.count(throttles.sign_in(ANA, "id", f"10.0.{n}.1", "")) for n in range(60)]
    assert (waits[:50], waits[50]) == ([0] * 50, 60)
    for n in range(8):
        await wait_is_over(redis)
        await throttle.count(throttles.sign_in(ANA, "id", f"10.1.{n}.1", ""))
    assert await throttle.count(throttles.sign_in(ANA, "id", "10.9.9.9", "")) == 900
    assert await throttle.count(throttles.sign_in(ANA, "id", "10.9.9.9", throttles.known("", "id"))) == 0


async def test_network_that_tries_many_accounts_is_blocked_and_another_is_not(redis: Redis) -> None:
    throttles, throttle = Throttles("s"), Throttle(redis)
    waits = [await throttle.count(throttles.sign_in(f"{n}@x.cl", "", "10.0.0.1", "")) for n in range(31)]
    assert waits == [0] * 30 + [60]
    assert await throttle.count(throttles.sign_in("31@x.cl", "", "10.0.0.2", "")) == 0


async def test_failed_sign_ins_from_one_household_block_that_household(world: DeskWorld) -> None:
    client, statuses = world.browser(), []
    for n in range(1, 7):
        sent = {"X-Forwarded-For": f"2001:db8::{n:x}:0:0:1"}
        statuses.append((await client.post("/desk/login", data=WRONG, headers=sent)).status_code)
    assert statuses == [401] * 5 + [429]


async def test_site_that_tries_many_accounts_from_many_networks_is_blocked(redis: Redis) -> None:
    throttles, throttle, most = Throttles("s"), Throttle(redis), FAILURES_PER_NETWORK * SITE_FACTOR
    networks = [network(f"2001:db8:0:{n:x}::1") for n in range(most + 1)]
    waits = [await throttle.count(throttles.sign_in(f"{n}@x.cl", "", one, "")) for n, one in enumerate(networks)]
    assert waits == [0] * most + [60]
    assert await throttle.count(throttles.sign_in("a@x.cl", "", network("2001:db8:1::1"), "")) == 0


async def test_new_password_lifts_every_block(world: DeskWorld) -> None:
    await failures(world, 6)
    one_time = await reset_password(world.sessions, ANA)
    again = await world.browser().post("/desk/login", data={"correo": ANA, "clave": one_time})
    assert again.status_code == 303


async def test_browser_is_known_to_its_last_users() -> None:
    throttles, cookie = Throttles("s"), ""
    for number in range(DEVICE_PEOPLE + 1):
        cookie = throttles.known(cookie, f"p{number}")
    own = [len(throttles.sign_in("a", f"p{number}", Browser().network, cookie)) for number in range(DEVICE_PEOPLE + 1)]
    assert own == [3] + [1] * DEVICE_PEOPLE


async def test_stored_attempts_name_no_person(world: DeskWorld, redis: Redis) -> None:
    await failures(world, 1)
    kept = " ".join(await redis.keys("v:throttle:*"))
    assert (ANA in kept, "127.0.0.1" in kept, kept.count("v:throttle:")) == (False, False, 3)
