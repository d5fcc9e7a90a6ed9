"""Tests search: within permissions, newest first, and safe for any input."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from bot.desk.queries.closed_matters import LONGEST
from bot.desk.queries.search import FOUND, MARKS, MAX_EVENTS, Filters, Search
from bot.handoff.agent import Agent
from bot.record.engine import Sessions
from bot.record.tables import Message
from tests.integration.recorded import NOW, conversation, ticket

EVA, ANA = Agent("eva", "Eva"), Agent("ana", "Ana", own=("transito",))
BACHE = ("citizen", "hay un bache en mi calle")


async def found(sessions: Sessions, words: str, agent: Agent = EVA) -> list[str]:
    return [one.conversation for one in await Search(sessions).find(words, agent)]


async def test_agent_finds_conversations_of_their_teams_and_those_they_attended(database: Sessions) -> None:
    for name, more in (("hers", {"team": "transito"}), ("mine", {"claimed_by": "ana"}), ("theirs", {})):
        await conversation(database, name, BACHE)
        await ticket(database, f"t-{name}", name, **more)
    await conversation(database, "nobodys", BACHE)
    assert sorted(await found(database, "bache", ANA)) == ["hers", "mine"]
    assert sorted(await found(database, "bache")) == ["hers", "mine", "nobodys", "theirs"]
    reach = [await Search(database).past(name, ANA) is not None for name in ("hers", "mine", "theirs", "nobodys")]
    assert reach == [True, True, False, False]


async def test_agent_who_may_see_all_finds_all_despite_having_a_team(database: Sessions) -> None:
    await conversation(database, "c", BACHE)
    assert await found(database, "bache", Agent("jefa", "Jefa", own=("aseo",), sees_all=True)) == ["c"]


@pytest.mark.parametrize(
    "words",
    [
        "'",
        '"',
        "& | !",
        "bache:*",
        "<->",
        "\\",
        "%",
        "; DROP TABLE messages",
        "(",
        "🦙",
        "-",
        '"bache',
        "a" * 100,
        ":words",
    ],
)
async def test_no_input_breaks_the_search(database: Sessions, words: str) -> None:
    await conversation(database, "c", ("citizen", "la vereda"))
    assert await found(database, words) in ([], ["c"])
    assert await found(database, "vereda") == ["c"]


async def test_conversation_is_found_once_by_a_citizens_words_before_those_of_staff(database: Sessions) -> None:
    await conversation(database, "c", ("citizen", "un bache"), BACHE, ("staff", "Veremos ese bache"))
    await conversation(database, "s", ("staff", "Veremos ese bache"))
    found = {one.conversation: one for one in await Search(database).find("bache", EVA)}
    begin, end = MARKS
    assert (found["c"].event, found["c"].author, found["s"].author) == ("1-0", "citizen", "staff")
    assert f"{begin}bache{end}" in found["c"].snippet


async def test_answers_of_the_assistant_and_notices_are_not_searched(database: Sessions) -> None:
    await conversation(database, "c", ("assistant", "Un bache se avisa aquí"), ("system", "El bache quedó anotado"))
    assert await found(database, "bache") == []


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({"team": "obras"}, ["o"]),
        ({"agent": "ana"}, ["a"]),
        ({"channel": "telegram"}, ["a"]),
        ({"outcome": "solved"}, ["o"]),
        ({"since": NOW - timedelta(minutes=1.5)}, ["a", "o"]),
        ({"until": NOW - timedelta(minutes=1.5)}, []),
        ({"team": "obras", "agent": "ana"}, []),
    ],
)
async def test_search_is_limited(database: Sessions, limits: dict[str, Any], expected: list[str]) -> None:
    for name, channel, more in (
        ("o", "web", {"team": "obras", "outcome": "solved"}),
        ("a", "telegram", {"claimed_by": "ana", "outcome": "other"}),
    ):
        await conversation(database, name, BACHE, channel=channel)
        await ticket(database, f"t-{name}", name, **more)
    shown = await Search(database).find("bache", EVA, Filters(**limits))
    assert sorted(one.conversation for one in shown) == expected


async def test_without_words_the_tickets_closed_last_are_listed(database: Sessions) -> None:
    for name, hours in (("old", 30), ("new", 1), ("newest", 0)):
        await conversation(database, name, BACHE)
        await ticket(database, f"t-{name}", name, closed_at=NOW - timedelta(hours=hours), summary="el bache")
    await conversation(database, "open", BACHE)
    await ticket(database, "t-open", "open", state="claimed")
    shown = await Search(database).find("", EVA, Filters(since=NOW - timedelta(hours=24)))
    assert [(one.conversation, one.ticket, one.snippet) for one in shown] == [
        ("newest", "t-newest", "el bache"),
        ("new", "t-new", "el bache"),
    ]


async def test_newest_come_first_and_results_are_limited(database: Sessions) -> None:
    for number in range(FOUND + 2):
        await conversation(database, f"c{number:02}", BACHE)
        async with database.begin() as session:
            at = NOW - timedelta(hours=number)
            await session.execute(update(Message).where(Message.conversation_id == f"c{number:02}").values(at=at))
    assert await found(database, "bache") == [f"c{number:02}" for number in range(FOUND)]


async def test_conversation_is_returned_in_order_with_its_open_ticket(database: Sessions) -> None:
    await conversation(database, "c", BACHE, ("staff", "¿dónde?"), channel="telegram")
    await ticket(database, "t1", "c")
    await ticket(database, "t2", "c", state="claimed", team="obras")
    past = await Search(database).past("c", EVA)
    assert past and (past.channel, past.ticket) == ("telegram", "t2")
    assert [event.text for event in past.events] == [BACHE[1], "¿dónde?"]


async def test_open_ticket_of_another_team_is_not_named(database: Sessions) -> None:
    await conversation(database, "c", BACHE)
    await ticket(database, "t1", "c", team="transito")
    await ticket(database, "t2", "c", state="waiting", team="obras")
    past = await Search(database).past("c", ANA)
    assert past and past.ticket == ""


async def test_long_conversation_returns_its_newest_messages(database: Sessions) -> None:
    await conversation(database, "c", *(("citizen", str(number)) for number in range(MAX_EVENTS + 3)))
    past = await Search(database).past("c", EVA)
    assert past and [past.events[0].text, past.events[-1].text] == ["3", str(MAX_EVENTS + 2)]


@pytest.mark.parametrize("name", ["", "nobody", "'", "c' OR '1'='1"])
async def test_conversation_that_does_not_exist_is_not_found(database: Sessions, name: str) -> None:
    await conversation(database, "c", BACHE)
    assert await Search(database).past(name, EVA) is None


async def test_closed_ticket_shows_what_its_citizen_wanted_who_only_asked_for_a_person(database: Sessions) -> None:
    said = (
        BACHE,
        ("citizen", "persona"),
        ("citizen", "mi correo es ana@ejemplo.cl, el bache creció"),
        ("staff", "Ya va."),
    )
    await conversation(database, "c", *said, ("citizen", "gracias"))
    await conversation(database, "vague", ("citizen", "hola"))
    await conversation(database, "long", ("citizen", "el bache de mi calle " * LONGEST), ("citizen", "persona"))
    for number, name in enumerate(("c", "vague", "long")):
        await ticket(database, f"t-{name}", name, closed_at=NOW + timedelta(hours=1 + number), summary="persona")
    shown = await Search(database).find("", EVA)
    assert len(shown[0].snippet) == LONGEST
    assert [one.snippet for one in shown[1:]] == ["persona", "mi correo es a•••@ejemplo.cl, el bache creció"]
