"""Tests the figures, each against a record counted by hand, and their grouping."""

from __future__ import annotations

from typing import Any

import pytest

import bot.figures.report as report_module
from bot.figures.counting import Counting
from bot.figures.daily.people import People
from bot.figures.definitions import ENDINGS, Table, definitions, of_table
from bot.figures.grouping import Grouping
from bot.figures.listing import Listing
from bot.figures.report import Report, Reports
from bot.figures.results import Counted, Entry, Group, Period
from bot.figures.segments import Part, Selection, Slice
from bot.record.engine import Sessions
from tests.episode_rows import DAY, HOUR, MINUTE, NOW, row, write
from tests.eventually import eventually

LAST_MONTH = Period((NOW - 29 * DAY).date(), (NOW + DAY).date())
OLD = 20 * DAY  # long enough ago to know who came back


def person(ago: Any, wait: Any, reply: Any, **facts: Any) -> dict[str, Any]:
    at = NOW - ago
    times = {"handed_at": at, "claimed_at": at + wait, "replied_at": at + reply, "closed_at": at + DAY}
    return row(ago, "person", team="obras", reason="asked_human", **times | facts)


ANSWERS: dict[str, Any] = {"entries": ["bache", "poda"], "useful": [True, None], "theme": "calle"}
MISTAKEN: dict[str, Any] = {"said_useless": 1, "said_other": 1}
HERE: dict[str, Any] = {"segments": {"comuna": "los-aromos"}}
AWAY: dict[str, Any] = {"segments": {"comuna": "otra-comuna", "idioma": "pt"}}
TOWN = [
    # Of c1, back after 3 days, there are two; then c2 and an anonymous one. The last two are not counted.
    row(OLD, conversation_id="c1", returned_at=NOW - OLD + 3 * DAY, channel="whatsapp", offers=1, choices=1, **HERE),
    row(OLD - 3 * DAY, conversation_id="c1", channel="whatsapp", asked_useful=2, said_useful=1, **ANSWERS, **HERE),
    row(OLD, conversation_id="c2", returned_at=NOW - OLD + 8 * DAY, asked_useful=1, **MISTAKEN, **AWAY),
    row(OLD, first_of_month=False, returned_at=NOW - OLD + 8 * DAY),
    person(2 * DAY, 10 * MINUTE, 20 * MINUTE, stars=5, **HERE),
    person(2 * DAY, 30 * MINUTE, 40 * MINUTE, stars=2),
    person(OLD, 2 * HOUR, 3 * HOUR),
    row(DAY, "waiting", reason="none_of_these", theme="calle"),
    row(DAY, "lost", reason="low_confidence", theme="calle", **HERE),
    row(DAY, "silent"),
    row(DAY, "complaint", reason="complaint"),
    row(DAY, "referred"),
    row(DAY, "offered", offers=1),
    row(DAY, "danger"),
    row(DAY, "unknown"),
    row(DAY, "lost", drill=True, reason="low_confidence", **HERE),
    row(40 * DAY, "lost", **HERE),
]
# Counted by hand from TOWN: the figure, or a share's upper part, and what it is out of.
TRUTH = {
    "conversaciones": (15, 15),
    "personas": (13, 15),  # c1 twice, and an anonymous person's second episode
    "resueltas": (3, 5),
    "respondidas": (4, 15),
    "atendidas": (3, 15),
    "en_espera": (1, 15),
    "sin_respuesta": (2, 15),
    "reclamos": (1, 15),
    "otro_organismo": (1, 15),
    "sin_elegir": (1, 15),
    "urgencias": (1, 15),
    "sin_saber": (1, 15),
    "solo_aviso": (0, 15),
    "saludos": (0, 15),
    "con_aviso": (0, 15),
    "pasadas": (6, 15),
    "no_escritas": (2, 15),
    "elegidas": (1, 2),
    "espera_mediana": (30 * 60, 3),
    "espera_p90": ((30 + 0.8 * 90) * 60, 3),
    "respuesta_mediana": (40 * 60, 3),
    "respuesta_p90": ((40 + 0.8 * 140) * 60, 3),
    "nota": (3.5, 2),
    "opinan": (2, 3),
    "sirvio": (1, 2),
    "contestan": (2, 3),
    "no_era_eso": (1, 2),
}

# The same by commune; '' is unknown.
BY_COMMUNE = {
    "los-aromos": {
        "conversaciones": (4, 4),
        "respondidas": (2, 4),
        "atendidas": (1, 4),
        "sin_respuesta": (1, 4),
        "resueltas": (1, 2),
    },
    "otra-comuna": {
        "conversaciones": (1, 1),
        "respondidas": (1, 1),
        "atendidas": (0, 1),
        "sin_respuesta": (0, 1),
        "resueltas": (0, 1),
    },
    "": {
        "conversaciones": (10, 10),
        "respondidas": (1, 10),
        "atendidas": (2, 10),
        "sin_respuesta": (1, 10),
        "resueltas": (2, 2),
    },
}


def call(outcome: str, late: Any = None, **facts: Any) -> dict[str, Any]:
    """Returns an episode of 2 days ago with a call promised within an hour, and made ``late`` after that."""
    promised = NOW - 2 * DAY + HOUR
    called = None if late is None else promised + late
    times = {"handed_at": NOW - 2 * DAY, "call_asked_at": NOW - 2 * DAY, "call_promised_at": promised}
    made = {"team": "obras", "call_outcome": outcome, "called_at": called} | times
    return row(2 * DAY, "waiting", **made | facts)


CALLED = [
    call("reached", 10 * MINUTE),
    call("reached", -20 * MINUTE),
    call("not_reached", 2 * HOUR),
    call("reached", 3 * HOUR, team="aseo"),
    call("", 5 * HOUR),
    call(""),
    call("solved"),
    call("reached", HOUR, call_promised_at=None),
    call("revoked", HOUR),
    call("replaced"),
    call("reached", HOUR, drill=True),
]
CALLS_TRUTH = {
    "llamadas": (8, 8),
    "llamadas_a_tiempo": (3, 8),
    "llamadas_tarde": (2, 8),
    "llamadas_sin_hablar": (1, 8),
    "llamadas_en_espera": (1, 8),
    "llamada_mediana": (2 * 3600, 5),
}


def sent(judged: str, entry: str, reason: str = "asked_human") -> dict[str, Any]:
    return row(DAY, "person", reason=reason, judged_entry=judged, staff_entry=entry)


HELPED = [
    *[sent("bache", "poda")] * 2,
    sent("bache", "bache", "negative_feedback"),
    sent("bache", ""),
    sent("", "poda"),
    *[sent("poda", "poda", "low_confidence")] * 3,
    sent("poda", "bache", "low_confidence"),
    sent("", "bache", "low_confidence"),
    sent("bache", "poda") | {"drill": True},
]
HELPED_TRUTH = {"corregidas": (2, 3), "dudadas": (3, 4)}
ONLY_HERE = Selection(part=Part("comuna", "los-aromos"))


async def test_each_figure_is_what_was_counted_by_hand(database: Sessions) -> None:
    await write(database, TOWN)
    found = await Counting(database).figures(list(definitions()), LAST_MONTH, NOW)
    nobody_asked = {id: (None if id == "llamada_mediana" else 0, 0) for id in CALLS_TRUTH}
    truth = nobody_asked | dict.fromkeys(HELPED_TRUTH, (0, 0)) | TRUTH
    assert found == {"": {id: Counted(value and pytest.approx(value), among) for id, (value, among) in truth.items()}}


async def test_each_figure_about_calls_is_what_was_counted_by_hand(database: Sessions) -> None:
    await write(database, [*TOWN[:3], *CALLED])
    counting = Counting(database)
    hand = {id: Counted(value, among) for id, (value, among) in CALLS_TRUTH.items()}
    assert await counting.figures(list(hand), LAST_MONTH, NOW) == {"": hand}
    compared = await counting.compared(LAST_MONTH, NOW)
    assert {id: compared.now[id] for id in hand} == hand
    day = (NOW - 2 * DAY).date()
    assert {id: compared.days[""][day][id] for id in hand} == hand
    of_aseo = {"llamadas": Counted(1, 1), "llamadas_tarde": Counted(1, 1), "llamada_mediana": Counted(3 * 3600, 1)}
    assert {id: compared.teams["aseo"][id] for id in of_aseo} == of_aseo
    assert {id: compared.days["aseo"][day][id] for id in of_aseo} == of_aseo


async def test_each_figure_about_what_staff_sent_is_what_was_counted_by_hand(database: Sessions) -> None:
    await write(database, HELPED)
    hand = {id: Counted(value, among) for id, (value, among) in HELPED_TRUTH.items()}
    assert await Counting(database).figures(list(hand), LAST_MONTH, NOW) == {"": hand}


async def test_who_only_got_a_public_notice_is_not_said_to_have_only_greeted(database: Sessions) -> None:
    told = [row(DAY, "talk", crisis=True), row(DAY, "answered", crisis=True), row(DAY, "talk")]
    await write(database, [*TOWN, *told])
    found = (await Counting(database).figures(ENDINGS, LAST_MONTH, NOW))[""]
    assert (found["solo_aviso"], found["saludos"], found["respondidas"].value) == (Counted(1, 18), Counted(1, 18), 5)
    assert sum(found[id].value or 0 for id in ENDINGS) == 18


async def test_drills_are_counted_apart(database: Sessions) -> None:
    drills = [row(DAY, "talk", drill=True, conversation_id="c9"), row(DAY, "silent", drill=True)]
    await write(database, [*TOWN[:3], *drills])
    counting = Counting(database)
    found = await counting.drills(LAST_MONTH)
    told = {"conversaciones": 2, "personas": 2, "saludos": 1, "sin_respuesta": 1}
    assert found == dict.fromkeys(found, 0) | told
    assert await counting.drills(LAST_MONTH, only=Selection("whatsapp")) == {}
    assert (await counting.compared(LAST_MONTH, NOW)).now["conversaciones"] == Counted(3, 3)


async def test_compared_figures_are_those_of_each_period(database: Sessions) -> None:
    await write(database, TOWN)
    counting = Counting(database)
    compared = await counting.compared(LAST_MONTH, NOW)
    every = of_table(Table.EPISODES)
    assert {id: compared.now[id] for id in every} == (await counting.figures(every, LAST_MONTH, NOW))[""]
    assert compared.before["sin_respuesta"] == Counted(1, 1)
    by_channel = await counting.figures(["resueltas"], LAST_MONTH, NOW, by="channel")
    assert {key: one["resueltas"] for key, one in compared.channels.items()} == {
        key: one["resueltas"] for key, one in by_channel.items()
    }
    assert compared.teams["obras"]["espera_mediana"] == Counted(30 * 60, 3)
    assert {team: one["conversaciones"].value for team, one in compared.teams.items()} == {"obras": 3}


async def test_waits_are_measured_by_day_for_each_team_and_for_all(database: Sessions) -> None:
    away = person(2 * DAY, 50 * MINUTE, HOUR) | {"team": "aseo"}
    await write(database, [*TOWN, away])
    found = (await Counting(database).compared(LAST_MONTH, NOW)).days
    assert {team: set(days) for team, days in found.items()} == {
        "": {(NOW - 2 * DAY).date(), (NOW - OLD).date()},
        "obras": {(NOW - 2 * DAY).date(), (NOW - OLD).date()},
        "aseo": {(NOW - 2 * DAY).date()},
    }
    waits = {team: days[(NOW - 2 * DAY).date()]["espera_mediana"] for team, days in found.items()}
    assert waits == {"": Counted(30 * 60, 3), "obras": Counted(20 * 60, 2), "aseo": Counted(50 * 60, 1)}
    assert found["obras"][(NOW - OLD).date()]["respuesta_mediana"] == Counted(3 * 3600, 1)


async def test_conversations_with_a_public_notice_are_counted(database: Sessions) -> None:
    await write(
        database, [row(DAY, crisis=True), row(DAY, "talk", crisis=True), row(DAY), row(DAY, crisis=True, drill=True)]
    )
    assert await Counting(database).figures(["con_aviso"], LAST_MONTH, NOW) == {"": {"con_aviso": Counted(2, 3)}}


async def test_every_conversation_has_one_ending(database: Sessions) -> None:
    await write(database, TOWN)
    found = (await Counting(database).figures(ENDINGS, LAST_MONTH, NOW))[""]
    assert sum(one.value or 0 for one in found.values()) == TRUTH["conversaciones"][0]


async def test_figures_are_counted_by_channel_and_for_one_channel(database: Sessions) -> None:
    await write(database, TOWN)
    counting = Counting(database)
    by = await counting.figures(["conversaciones"], LAST_MONTH, NOW, by="channel")
    assert {key: one["conversaciones"].value for key, one in by.items()} == {"web": 13, "whatsapp": 2}
    one = await counting.figures(["conversaciones"], LAST_MONTH, NOW, only=Selection("whatsapp"))
    assert one[""]["conversaciones"].value == 2
    assert await counting.figures(["nota"], LAST_MONTH, NOW, only=Selection("telegram")) == {}


async def test_segments_are_what_was_counted_by_hand(database: Sessions) -> None:
    await write(database, TOWN)
    found = await Grouping(database).segments(["comuna", "idioma"], LAST_MONTH, NOW)
    assert found["comuna"] == {
        value: {id: Counted(*numbers) for id, numbers in figures.items()} for value, figures in BY_COMMUNE.items()
    }
    assert {value: one["conversaciones"].value for value, one in found["idioma"].items()} == {"pt": 1, "": 14}


async def test_every_conversation_is_in_one_part_of_a_segment(database: Sessions) -> None:
    await write(database, TOWN)
    (found,) = (await Grouping(database).segments(["comuna"], LAST_MONTH, NOW)).values()
    for id in BY_COMMUNE[""]:
        assert sum(one[id].value or 0 for one in found.values()) == TRUTH[id][0]


async def test_figures_of_one_segment(database: Sessions) -> None:
    await write(database, TOWN)
    counting = Counting(database)
    found = (await counting.compared(LAST_MONTH, NOW, only=ONLY_HERE)).now
    truth = {"conversaciones": 4, "personas": 3, "pasadas": 2, "nota": 5, "espera_mediana": 600, "sirvio": 1}
    assert {id: found[id].value for id in truth} == truth
    assert (await Grouping(database).groups(LAST_MONTH, only=ONLY_HERE))["theme"] == {
        "calle": Group(2, 1, 1),
        "": Group(2, 1, 0, before=1),
    }
    assert len(await Listing(database).of("respondidas", LAST_MONTH, NOW, only=ONLY_HERE)) == 2
    for channel, value, count in (("whatsapp", "los-aromos", 2), ("web", "", 10)):
        only = Selection(channel, Part("comuna", value))
        assert (await counting.compared(LAST_MONTH, NOW, only=only)).now["conversaciones"].value == count


@pytest.mark.parametrize("value", ["los-aromos", "otra-comuna", ""])
async def test_report_of_a_segment_with_few_conversations_has_no_numbers(database: Sessions, value: str) -> None:
    """The unknown communes are 10, but their number would reveal the others."""
    await write(database, TOWN)
    reports, only = Reports(database, ["comuna"]), Selection(part=Part("comuna", value))
    assert await reports.of(LAST_MONTH, NOW, only=only) == Report.hidden(LAST_MONTH)


async def test_report_of_a_segment_is_not_compared_with_a_period_of_few(database: Sessions) -> None:
    asked = {"entries": ["poda"], "useful": [None]}
    earlier = [row(40 * DAY, **HERE, **asked)] * 9 + [row(40 * DAY, **AWAY)] * 30
    await write(database, [row(DAY, **HERE, **asked)] * 12 + earlier)
    report = await Reports(database, ["comuna"]).of(LAST_MONTH, NOW, only=ONLY_HERE)
    assert (report.count("conversaciones"), report.before) == (12, {})
    assert list(report.entries) == [Entry("poda", 12, 0, 0, 0)]
    await write(database, [row(40 * DAY, **HERE)])
    report = await Reports(database, ["comuna"]).of(LAST_MONTH, NOW, only=ONLY_HERE)
    assert report.before["conversaciones"] == Counted(10, 10)


async def test_report_of_a_segment_with_enough_conversations_is_shown(database: Sessions) -> None:
    await write(database, [row(DAY, **HERE)] * 12 + [row(DAY, **AWAY)] * 15)
    reports = Reports(database, ["comuna"])
    report = await reports.of(LAST_MONTH, NOW, only=ONLY_HERE)
    assert (report.count("conversaciones"), report.is_hidden, report.segments) == (12, False, {})


async def test_groups_and_entries(database: Sessions) -> None:
    await write(database, [*TOWN, row(35 * DAY, entries=["poda"], useful=[False])])
    counting = Counting(database)
    groups = await Grouping(database).groups(LAST_MONTH)
    assert groups["theme"] == {"calle": Group(3, 1, 2), "": Group(12, 3, 0, before=2)}
    assert sum(one.count for one in groups["hour"].values()) == 15
    assert groups["reason"]["asked_human"] == Group(3, 0, 0)
    assert await counting.entries(LAST_MONTH) == [Entry("bache", 1, 0, 1, 0), Entry("poda", 1, 1, 0, 0)]


async def test_citizens_of_each_hour_topic_and_commune_are_counted_once(database: Sessions) -> None:
    """Both conversations of c1 have the same hour and different topics; the anonymous citizens' commune is unknown."""
    await write(database, TOWN)
    found = await Grouping(database).people(LAST_MONTH, ["comuna", "idioma"])
    assert found == People(
        hours={15: 13},
        themes={"calle": 3, "": 11},  # c1 is in both
        segments={"comuna": {"los-aromos": 3, "otra-comuna": 1, "": 9}, "idioma": {"pt": 1, "": 12}},
    )


async def test_groups_and_segments_are_compared_with_the_period_before(database: Sessions) -> None:
    lost = {"theme": "calle", "reason": "low_confidence", **HERE}
    await write(database, [*TOWN, *[row(45 * DAY, "lost", **lost)] * 3])
    grouping = Grouping(database)
    assert (await grouping.groups(LAST_MONTH))["theme"]["calle"] == Group(3, 1, 2, before=3, unwritten_before=3)
    _, before = await grouping.segments_compared(["comuna"], LAST_MONTH, NOW)
    assert {value: one["conversaciones"].value for value, one in before["comuna"].items()} == {"los-aromos": 4}
    compared = await Counting(database).compared(LAST_MONTH, NOW)
    assert compared.channels_before["web"]["sin_respuesta"] == Counted(4, 4)


@pytest.mark.parametrize(
    ("among", "count"),
    [
        (Slice("theme", "calle"), 3),
        (Slice("theme", ""), 12),
        (Slice("reason", "asked_human"), 3),
        (Slice("team", "obras"), 3),
        (Slice("hour", "15"), 15),
        (Slice("entry", "poda"), 1),
    ],
)
async def test_conversations_of_one_row_of_a_table_are_listed(database: Sessions, among: Slice, count: int) -> None:
    await write(database, TOWN)
    assert len(await Listing(database).of("conversaciones", LAST_MONTH, NOW, among=among)) == count


async def test_report_is_shown_once_more_while_the_next_is_made(
    database: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    reports = Reports(database)
    first = await reports.of(LAST_MONTH, NOW)
    await write(database, TOWN)
    assert await reports.of(LAST_MONTH, NOW) is first
    monkeypatch.setattr(report_module, "FRESH_S", 0.0)
    assert await reports.of(LAST_MONTH, NOW) is first

    async def counts_everything() -> bool:
        return (await reports.of(LAST_MONTH, NOW)).count("conversaciones") == 15

    await eventually(counts_everything)
    await reports.settled()
