"""Tests the desk with absurd paths, queries and bodies: always a response below 500."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
import pytest_asyncio
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from bot.agency.model import Agency
from bot.record.engine import Sessions
from tests.desk_world import DeskWorld, desk_world
from tests.eventually import PATIENCE_S
from tests.integration.desk_routes import Route, no_file, routes

HUGE = ["9" * 500, str(2**63), str(-(2**63) - 1), str(2**31), "-1", "0", "1e999", "٣", "1_000", " 1", "+1"]
ODD = [
    "\x00",
    "a\x00b",
    "\ud800",
    "😀",
    "ñ" * 300,
    "..",
    "%2e%2e",
    "*",
    "a:b",
    "'; DROP TABLE staff --",
    "{}",
    "[]",
    "\n",
]
UUIDS = ["00000000-0000-0000-0000-000000000000", "{00000000-0000-0000-0000-000000000000}", "urn:uuid:" + "0" * 32]
EXAMPLES = 100
PARAMETER = re.compile(r"\{\w+\}")

words = st.one_of(
    st.sampled_from([*HUGE, *ODD, *UUIDS]),
    st.integers().map(str),
    st.text(st.characters(exclude_categories=()), min_size=1, max_size=60),
)
values = st.recursive(
    st.one_of(words, st.integers(), st.booleans(), st.none(), st.floats(allow_nan=False, allow_infinity=False)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)
QUERIES = (
    "after",
    "q",
    "equipo",
    "volver",
    "antes",
    "desde",
    "hasta",
    "texto",
    "palabras",
    "accion",
    "quien",
    "pagina",
)
FIELDS = (
    *("text", "reply_id", "entry", "event_id", "note_id", "note", "team", "staff", "presence", "hand_over", "outcome"),
    *("topic", "missing", "summary", "id", "que", "rol", "correo", "nombre", "clave", "atajo", "resultado", "cuando"),
    *("nota", "dia", "hora", "codigo", "canal", "paso", "volver", "actual", "nueva", "texto", "equipo", "sesion"),
    *("idioma", "capacidad"),
)


@dataclass
class Asker:
    """A signed-in browser that collects responses of 500 and above."""

    client: httpx.Client
    token: str
    failed: list[tuple[str, str, str, str]]

    def ask(self, route: Route, values: Iterator[str], query: str = "", **sent: Any) -> None:
        path = PARAMETER.sub(lambda _: encoded(next(values)), route[1])
        try:
            status = self.client.request(route[0], f"{path}?{query}", **sent).status_code
        except httpx.TransportError as error:  # a fault ends the connection
            self.failed.append((*route, path[:120], repr(error)))
            return
        if status >= 500:
            self.failed.append((*route, path[:120], str(status)))

    def body(self, method: str, data: st.DataObject) -> dict[str, Any]:
        if method == "GET":
            return {}
        kind = data.draw(st.sampled_from(("json", "form", "raw")))
        if kind == "form":
            return self.form(data.draw(st.dictionaries(st.sampled_from(FIELDS), words, max_size=4)))
        if kind == "json":
            content = json.dumps(data.draw(st.dictionaries(st.sampled_from(FIELDS), values, max_size=4))).encode()
        else:
            content = data.draw(st.binary(max_size=80))
        return {"content": content, "headers": {"Content-Type": "application/json"}}

    def form(self, fields: dict[str, str]) -> dict[str, Any]:
        content = joined({"csrf": self.token} | fields).encode()
        return {"content": content, "headers": {"Content-Type": "application/x-www-form-urlencoded"}}


def encoded(value: str) -> str:
    return quote(value.encode("utf-8", "surrogatepass"), safe="")


def joined(fields: dict[str, str]) -> str:
    return "&".join(f"{name}={encoded(value)}" for name, value in fields.items())


@pytest_asyncio.fixture
async def world(redis: Redis, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, agency, fetch=no_file) as made:
        await made.hire("ana@x.cl", "Ana Soto", roles=("admin", "supervisor", "agent", "editor"))
        yield made


@pytest_asyncio.fixture
async def ana(world: DeskWorld) -> AsyncIterator[Asker]:
    browser = await world.sign_in("ana@x.cl")
    token = browser.headers["X-CSRF-Token"]
    headers = {"Origin": world.url, "X-CSRF-Token": token}
    client = httpx.Client(base_url=world.url, headers=headers, cookies=dict(browser.cookies), timeout=PATIENCE_S)
    yield Asker(client, token, [])
    await asyncio.to_thread(client.close)


async def test_absurd_id_in_any_address_is_refused(world: DeskWorld, ana: Asker) -> None:
    known = [route for route in sorted(routes(world.app.routes)) if "{" in route[1]]
    assert {("POST", "/desk/llamadas/{callback}/tomar"), ("GET", "/desk/personal/{staff_id}")} < set(known)

    absurd = (*HUGE, *ODD, *UUIDS)

    def each() -> None:
        for number, route in enumerate(known):  # each value with a third of the routes
            for value in absurd[number % 3 :: 3]:
                ana.ask(route, itertools.repeat(value), **({} if route[0] == "GET" else ana.form({})))

    await asyncio.to_thread(each)
    assert ana.failed == []


async def test_absurd_queries_and_bodies_get_a_response(world: DeskWorld, ana: Asker) -> None:
    known = sorted(routes(world.app.routes))

    @settings(max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, phases=[Phase.generate])
    @given(st.sampled_from(known), st.data())
    def each(route: Route, data: st.DataObject) -> None:
        query = joined(data.draw(st.dictionaries(st.sampled_from(QUERIES), words, max_size=2)))
        ana.ask(route, iter(lambda: data.draw(words), None), query, **ana.body(route[0], data))

    await asyncio.to_thread(each)
    assert ana.failed == []
