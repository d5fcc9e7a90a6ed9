"""Tests the evidence before and after a change of the roll-out, counted by hand, and which differences are chance."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from sqlalchemy import insert

from bot.agency.model import Agency
from bot.core.messages import Channel
from bot.desk.pages.figures.rollout_page import CSV_PATH, MOST_SHOWN, PATH
from bot.desk.pages.figures.rollout_view import LEAST, verdict
from bot.desk.queries.rollout_changes import RolloutChange, rollout_changes
from bot.desk.queries.rollout_evidence import Drawn, Evidence, Outcome, RolloutEvidence, Stretch
from bot.figures.intervals import difference
from bot.figures.results import Counted
from bot.record.engine import Sessions
from bot.record.tables import Audit
from bot.turns.rollout import Kind, Step, percentile
from tests.desk_world import DeskWorld, desk_world
from tests.episode_rows import DAY, HOUR, MINUTE, NOW, row, write

EVA, ADMIN = "eva@losaromos.example", "admin@losaromos.example"
AT = NOW - 20 * DAY
# Conversations whose percentile is the number.
P = {number: f"{number:08x}{'0' * 24}" for number in (1, 5, 9, 10, 70)}
LARGEST = "ffffffff" + "0" * 24  # percentile 95
OFF, SHARE, ON = Step(Kind.OFF), Step(Kind.SHARE, 10), Step(Kind.ON)


async def change(sessions: Sessions, at: datetime, step: Step, channel: str = "whatsapp") -> None:
    detail = {"step": step.kind.value, "percent": step.percent}
    async with sessions.begin() as session:
        facts = {"at": at, "action": "rollout_changed", "subject": channel, "detail": detail}
        await session.execute(insert(Audit).values(facts))


async def evidence(sessions: Sessions) -> list[Evidence]:
    every = await rollout_changes(sessions)
    return await RolloutEvidence(sessions).of(every, every, NOW)


def wrote(ago: timedelta, citizen: str | None, ending: str = "answered", **facts: Any) -> dict[str, Any]:
    back = facts.pop("back_after", None)
    returned = NOW - ago + back if back else None
    return row(ago, ending, conversation_id=citizen, channel="whatsapp", returned_at=returned, **facts)


BEFORE = [  # closed: nobody is answered
    wrote(30 * DAY, P[70], "talk", back_after=DAY),
    wrote(29 * DAY, P[70], "talk"),
    wrote(22 * DAY, P[5], "talk", back_after=9 * DAY),
    wrote(50 * DAY, P[5], "talk"),  # more than four weeks before
]
AFTER = [  # open to those below 10
    wrote(15 * DAY, P[1], said_useful=1, back_after=2 * DAY),
    wrote(13 * DAY, P[1], "person"),
    wrote(13 * DAY, P[5], said_useless=1),
    wrote(12 * DAY, P[9], said_useful=2),
    wrote(3 * DAY, P[9], back_after=DAY),
    wrote(10 * DAY, P[10], "talk"),
    wrote(9 * DAY, LARGEST, "talk", back_after=2 * DAY),
    wrote(8 * DAY, None),
    wrote(8 * DAY, None, first_of_month=False),
    wrote(2 * DAY, P[70], "talk"),  # too young to know whether they return
    wrote(11 * DAY, P[1], drill=True),
    row(11 * DAY),  # another channel
]


async def test_outcomes_are_what_was_counted_by_hand(database: Sessions) -> None:
    await change(database, AT, SHARE)
    await write(database, [*BEFORE, *AFTER])
    (found,) = await evidence(database)
    assert found.change == RolloutChange(found.change.id, Channel.WHATSAPP, AT, AT, None, SHARE)
    assert (found.before, found.after) == (Stretch(AT - 28 * DAY, AT), Stretch(AT, NOW))
    assert found.earlier == Outcome(3, 2, Counted(0, 2), Counted(1, 2), Counted(0, 0))
    inside = Outcome(5, 3, Counted(2, 3), Counted(1, 3), Counted(3, 4))
    outside = Outcome(3, 3, Counted(0, 3), Counted(1, 2), Counted(0, 0))
    assert found.drawn == Drawn(10, inside, outside, unknown=1)
    assert found.later == Outcome(10, 7, Counted(3, 7), Counted(2, 6), Counted(3, 4))


async def test_share_is_drawn_as_the_roll_out_draws_it(database: Sessions) -> None:
    names = [hashlib.sha256(str(number).encode()).hexdigest()[:32] for number in range(200)]
    await change(database, AT, Step(Kind.SHARE, 37))
    await write(database, [wrote(10 * DAY, name) for name in names])
    (found,) = await evidence(database)
    assert found.drawn and found.drawn.inside.people == sum(percentile(name) < 37 for name in names)
    assert found.drawn.outside.people == 200 - found.drawn.inside.people


async def test_changes_are_joined_and_cut_each_other_short(database: Sessions) -> None:
    steps = [(40 * DAY, OFF), (40 * DAY - HOUR, SHARE), (30 * DAY, ON), (30 * DAY - HOUR, SHARE), (20 * DAY, ON)]
    for ago, step in steps:
        await change(database, NOW - ago, step)
    await change(database, NOW - 25 * DAY, OFF, "web")
    await change(database, NOW - 5 * DAY, ON, "code")
    found = {(one.change.channel, one.change.at): one for one in await evidence(database)}
    first, last = NOW - 40 * DAY + HOUR, NOW - 20 * DAY
    assert set(found) == {(Channel.WHATSAPP, first), (Channel.WHATSAPP, last), (Channel.WEB, NOW - 25 * DAY)}
    joined, opened = found[Channel.WHATSAPP, first], found[Channel.WHATSAPP, last]
    assert (joined.change.began, joined.change.after) == (NOW - 40 * DAY, SHARE)
    assert (joined.after, opened.before) == (Stretch(first, last), Stretch(first, last))
    assert (opened.change.before, opened.change.after, opened.drawn) == (SHARE, ON, None)


def test_interval_of_a_difference_equals_the_published_example() -> None:
    # Newcombe, Statistics in Medicine 17 (1998), table II, method 10: 56 of 70 and 48 of 80; 9 and 3 of 10.
    assert difference((48, 80), (56, 70)) == (pytest.approx(0.0524, abs=1e-4), pytest.approx(0.3339, abs=1e-4))
    assert difference((3, 10), (9, 10)) == (pytest.approx(0.1705, abs=1e-4), pytest.approx(0.8090, abs=1e-4))
    assert difference((0, 0), (0, 0)) == (pytest.approx(-0.7071, abs=1e-4), pytest.approx(0.7071, abs=1e-4))


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        (Counted(48, 80), Counted(56, 70), "Subió más que por azar: entre 5 y 33 puntos."),
        (Counted(56, 70), Counted(48, 80), "Bajó más que por azar: entre 5 y 33 puntos."),
        (Counted(48, 80), Counted(45, 70), "Puede ser azar."),
        (Counted(0, LEAST - 1), Counted(70, 70), "Son muy pocas para decir."),
        (Counted(500, 1000), Counted(545, 1000), "Subió más que por azar: entre 0,1 y 8,9 puntos."),
    ],
)
def test_difference_is_described_in_a_sentence(first: Counted, second: Counted, words: str) -> None:
    assert verdict(first, second) == words


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, agency) as made:
        await made.hire(EVA, "Eva Ríos", roles=("analyst",))
        await made.hire(ADMIN, "Admin", roles=("admin",))
        yield made


async def test_page_compares_and_marks_what_may_be_chance(world: DeskWorld) -> None:
    eva = await world.sign_in_elsewhere(EVA)
    assert "Todavía no se ha cambiado la apertura" in (await eva.get(PATH)).text
    now = datetime.now(UTC)
    names = [hashlib.sha256(str(number).encode()).hexdigest()[:32] for number in range(160)]
    closed = [wrote(30 * DAY, name, "talk", now=now) for name in names[:80]]
    # After it everybody inside is answered; of those outside every second one comes back.
    inside = {name: percentile(name) < 50 for name in names[80:]}
    opened = [
        wrote(
            15 * DAY - place * MINUTE,
            name,
            "answered" if inside[name] else "talk",
            now=now,
        )
        | {"returned_at": None if inside[name] or place % 2 else now - 13 * DAY}
        for place, name in enumerate(inside)
    ]
    await write(world.sessions, [*closed, *opened])
    await change(world.sessions, now - 60 * DAY, OFF)
    await change(world.sessions, now - 20 * DAY, Step(Kind.SHARE, 50))
    page = (await eva.get(PATH)).text
    for words in (
        "WhatsApp: de «Cerrado» a «Abierto al 50\u00a0%»",
        "WhatsApp: de «como venía» a «Cerrado»",
        "Subió más que por azar",
        "Dentro y fuera, al mismo tiempo",
        "Menos dentro que fuera, más que por azar: entre ",
        "Son muy pocas para decir.",
        "Antes el canal no estaba abierto",
    ):
        assert words in page
    rows = list(csv.reader(io.StringIO((await eva.get(CSV_PATH)).text[1:]), delimiter=";"))
    resolved = {line[4]: line[8:10] for line in rows[1:] if line[3] != "Cerrado" and line[7].startswith("Resuelto")}
    count = sum(inside.values())
    assert resolved == {
        "antes": ["0", "80"],
        "después": [str(count), "80"],
        "dentro": [str(count), str(count)],
        "fuera": ["0", str(80 - count)],
    }


async def test_page_states_that_nobody_was_left_outside(world: DeskWorld) -> None:
    now = datetime.now(UTC)
    await change(world.sessions, now - 10 * DAY, SHARE)
    await write(world.sessions, [wrote(9 * DAY, P[1], now=now), wrote(9 * DAY, None, now=now)])
    page = (await (await world.sign_in_elsewhere(EVA)).get(PATH)).text
    assert "no hay personas que quedaran fuera de la parte" in page
    assert "De 1 personas con conversaciones ya borradas" in page
    assert "todavía no se sabe de todas las personas si volvieron" in page


async def test_older_changes_are_on_further_pages_and_both_pages_lead_there(world: DeskWorld) -> None:
    now = datetime.now(UTC)
    for number in range(MOST_SHOWN + 1):
        await change(world.sessions, now - (40 - 3 * number) * DAY, replace(SHARE, percent=10 + number))
    eva, admin = await world.sign_in_elsewhere(EVA), await world.sign_in_elsewhere(ADMIN)
    newest = (await eva.get(PATH)).text
    assert newest.count('class="panel change"') == MOST_SHOWN
    every = await rollout_changes(world.sessions)
    older = f"{PATH}?antes={every[MOST_SHOWN - 1].id}"
    assert f'href="{older}"' in newest
    assert (await eva.get(older)).text.count('class="panel change"') == 1
    assert f'href="{PATH}"' in (await admin.get("/desk/canales")).text
    await write(world.sessions, [row(HOUR, now=now, day=now.astimezone(ZoneInfo(world.agency.timezone)).date())])
    assert f'href="{PATH}"' in (await eva.get("/desk/cifras")).text
