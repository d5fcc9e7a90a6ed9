"""Tests that a search snippet is split into marked and unmarked parts, whatever it contains."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from redis.exceptions import RedisError
from structlog.testing import capture_logs

from bot.core.disk import Disk
from bot.desk.api.search import MAX_CHARACTERS, MIN_CHARACTERS, Allow, ReadingLimits, SearchApi, pieces
from bot.desk.queries.search import MARKS, Filters, Past
from bot.handoff.agent import Agent
from tests.desk_fakes import Audit, Browsers, always, browsing, gate_of, signed_in

BEGIN, END = MARKS
DISK = Disk(Path(), floor_mb=0)


@pytest.mark.parametrize(
    ("snippet", "expected"),
    [
        ("", []),
        ("nada", [("nada", False)]),
        (f"{BEGIN}bache{END}", [("bache", True)]),
        (
            f"un {BEGIN}bache{END} y otro {BEGIN}bache{END}.",
            [("un ", False), ("bache", True), (" y otro ", False), ("bache", True), (".", False)],
        ),
        (f"{BEGIN}dos{END}{BEGIN}juntos{END}", [("dos", True), ("juntos", True)]),
        (f"<b>{BEGIN}ñandú 🦙{END}</b>", [("<b>", False), ("ñandú 🦙", True), ("</b>", False)]),
    ],
)
def test_matches_are_marked(snippet: str, expected: list[tuple[str, bool]]) -> None:
    assert [(one["text"], one["hit"]) for one in pieces(snippet)] == expected


AGENCY: Any = SimpleNamespace(timezone="America/Santiago", teams={})


def search_api(search: Any, audit: Audit, allow: Allow = always, **staff: Any) -> SearchApi:
    guard: Any = gate_of(Browsers(signed_in(**staff)))
    nobody: Any = None
    return SearchApi(
        guard=guard,
        search=search,
        audit=audit,
        disk=DISK,
        agency=AGENCY,
        queue=nobody,
        colleagues=nobody,  # type: ignore[arg-type]
        limits=ReadingLimits(allow),
    )


class NothingFound:
    """A record without conversations."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Agent]] = []

    async def find(self, words: str, agent: Agent, _filters: Filters) -> list[Any]:
        self.asked.append((words, agent))
        return []

    async def past(self, _conversation: str, _agent: Agent) -> None:
        return None


async def test_too_few_or_too_many_characters_are_not_searched() -> None:
    search, audit = NothingFound(), Audit()
    api = search_api(search, audit)
    async with browsing(api) as client:
        told = []
        for count in (MIN_CHARACTERS - 1, MIN_CHARACTERS, MAX_CHARACTERS, MAX_CHARACTERS + 1):
            answer = await client.post("/desk/api/search", json={"words": "ñ" * count})
            told.append(answer.status_code)
    assert told == [422, 200, 200, 422]
    assert [facts["found"] for _, facts in audit.rows] == [0, 0]


async def test_invisible_marks_are_ignored_and_the_words_are_not_audited() -> None:
    search, audit = NothingFound(), Audit()
    api = search_api(search, audit, teams=("obras",))
    async with browsing(api) as client:
        await client.post("/desk/api/search", json={"words": "ba\x00che\x07"})
    ((words, agent),) = search.asked
    assert (words, agent.teams) == ("bache", ("obras",))
    assert "bache" not in repr(audit.rows)


async def test_record_is_searched_and_read_while_redis_fails() -> None:
    async def fails(_name: str, _limit: int, _seconds: int) -> bool:
        raise RedisError("redis is down")

    class OneFound(NothingFound):
        async def past(self, _conversation: str, _agent: Agent) -> Any:
            return Past("web", [])

    audit = Audit()
    with capture_logs() as logs:
        async with browsing(search_api(OneFound(), audit, fails)) as client:
            searched = await client.post("/desk/api/search", json={"words": "bache"})
            read = await client.get("/desk/api/conversations/c1")
    assert (searched.status_code, read.status_code) == (200, 200)
    assert [(one["event"], one["what"]) for one in logs] == [
        ("desk: reading not counted", "search"),
        ("desk: reading not counted", "conversation"),
    ]


@pytest.mark.parametrize("conversation", ["x" * 65, "a b", "..%2f..", "ñ", "%00"])
async def test_invalid_id_is_refused(conversation: str) -> None:
    api = search_api(NothingFound(), Audit())
    async with browsing(api) as client:
        assert (await client.get(f"/desk/api/conversations/{conversation}")).status_code in {404, 422}


async def test_invisible_conversation_is_unknown_and_not_audited() -> None:
    audit = Audit()
    api = search_api(NothingFound(), audit)
    async with browsing(api) as client:
        answer = await client.get("/desk/api/conversations/c1")
    assert (answer.status_code, answer.json()["detail"]["error"], audit.rows) == (404, "unknown", [])
