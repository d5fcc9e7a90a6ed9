"""Replays sixty days of a town with known numbers: the figures equal them exactly, and the alarms are in time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select

from bot.agency.model import Agency
from bot.core.network import ActionsEndpoint
from bot.core.progress import Beat
from bot.figures.counting import Counting
from bot.figures.daily.rollup import SEGMENT_FIGURES, Rollups
from bot.figures.definitions import definitions
from bot.figures.facts.filling import Filling
from bot.figures.grouping import Grouping
from bot.figures.results import Counted, Group, Period
from bot.learning.backlog.embedding import Embedding
from bot.record.engine import Sessions
from bot.record.tables.spikes import Spike, SpikeMinute
from bot.spikes.detector import Baseline
from bot.spikes.group_watch import GroupWatch
from bot.spikes.history import DAY_MIN, DAYS, History
from bot.spikes.replay import alarms_in, learn
from bot.spikes.watch import SpikeWatch
from tests.backlog import action_server
from tests.desk_world import served
from tests.replayed_town import DAY, HOUR, MINUTE, NOW, TIMEZONE, TOPICS, ZONE, Town, Visit
from tests.replayed_town import DAYS as DAYS_PLAYED

TODAY = NOW.astimezone(ZONE).date()
PERIOD = Period(TODAY - timedelta(days=29), TODAY + timedelta(days=1))
WEEK = 7 * DAY
NOT_WRITTEN = {"low_confidence", "none_of_these"}
Test = Callable[[Visit], Any]


def ending(one: Visit) -> str:
    """Returns the ending of a visit, derived from the town's choices."""
    if one.replied or one.outcome == "reached":
        return "atendidas"
    if one.kind == "complaint":
        return "reclamos"
    if one.handed:
        return "en_espera" if one.is_open else "sin_respuesta"
    kinds = {
        "answered": "respondidas",
        "chosen": "respondidas",
        "offered": "sin_elegir",
        "silent": "sin_respuesta",
    }
    kinds |= {"referred": "otro_organismo", "danger": "urgencias", "missed": "sin_saber", "notified": "solo_aviso"}
    return kinds.get(one.kind, "saludos")


def is_resolved(one: Visit) -> bool:
    stays_away = one.returned is None or one.returned > one.ended + WEEK
    return is_old(one) and ending(one) in {"respondidas", "atendidas"} and one.useful is not False and stays_away


def is_old(one: Visit) -> bool:
    return one.ended <= NOW - WEEK


def is_rated(one: Visit) -> bool:
    return one.useful is not None


def is_finished(one: Visit) -> bool:
    return ending(one) == "atendidas" and one.closed is not None


def on_time(one: Visit) -> bool:
    return bool(one.called and one.promised and one.called <= one.promised + 2 * HOUR)


def was_corrected_or_not(one: Visit) -> bool:
    return bool(one.answered_first and one.sent)


def was_unsure(one: Visit) -> bool:
    return bool(one.reason == "low_confidence" and one.sent)


ANY: Test = lambda one: True  # noqa: E731
# Of each share: which visits count, and out of which.
SHARES: dict[str, tuple[Test, Test]] = {
    "resueltas": (is_resolved, is_old),
    "con_aviso": (lambda one: one.kind == "notified", ANY),
    "pasadas": (lambda one: one.reason, ANY),
    "no_escritas": (lambda one: one.reason in NOT_WRITTEN, ANY),
    "elegidas": (lambda one: one.kind == "chosen", lambda one: one.kind in {"chosen", "offered"}),
    "llamadas": (lambda one: one.promised, lambda one: one.promised),
    "llamadas_a_tiempo": (on_time, lambda one: one.promised),
    "llamadas_tarde": (lambda one: one.called and not on_time(one), lambda one: one.promised),
    "llamadas_sin_hablar": (lambda one: one.outcome == "not_reached", lambda one: one.promised),
    "llamadas_en_espera": (lambda one: one.promised and one.is_open and not one.called, lambda one: one.promised),
    "opinan": (lambda one: is_finished(one) and one.stars, is_finished),
    "sirvio": (lambda one: one.useful, is_rated),
    "contestan": (is_rated, lambda one: one.is_asked),
    "corregidas": (lambda one: one.answered_first and one.sent and one.sent != one.entry, was_corrected_or_not),
    "dudadas": (lambda one: was_unsure(one) and one.sent == one.entry, was_unsure),
    "no_era_eso": (lambda one: one.other, is_rated),
}
ENDED = ("respondidas", "atendidas", "en_espera", "sin_respuesta", "reclamos", "otro_organismo")
ENDED += ("sin_elegir", "urgencias", "sin_saber", "solo_aviso", "saludos")
CARRIED = ("ventanas_whatsapp", "recibidos_whatsapp", "enviados_whatsapp", "plantillas_whatsapp")


def seconds(visits: Iterable[Visit], until: str, since: str = "handed") -> list[float]:
    pairs = [(getattr(one, until), getattr(one, since)) for one in visits]
    return [max((end - start).total_seconds(), 0) for end, start in pairs if end and start]


def measured(values: Sequence[float], part: float | None) -> tuple[float | None, int]:
    if not values:
        return None, 0
    return float(np.mean(values) if part is None else np.quantile(values, part)), len(values)


def truth(visits: Sequence[Visit]) -> dict[str, tuple[float | None, int]]:
    """Counts every figure about visits in plain Python: its value and the number of cases."""
    count = len(visits)
    found: dict[str, tuple[float | None, int]] = {"conversaciones": (count, count)}
    found["personas"] = (len({one.name for one in visits}), count)
    found |= {id: (sum(ending(one) == id for one in visits), count) for id in ENDED}
    found |= {
        id: (sum(bool(counts(one)) for one in visits), sum(bool(among(one)) for one in visits))
        for id, (counts, among) in SHARES.items()
    }
    waits, replies = seconds(visits, "claimed"), seconds(visits, "replied")
    found |= {"espera_mediana": measured(waits, 0.5), "espera_p90": measured(waits, 0.9)}
    found |= {"respuesta_mediana": measured(replies, 0.5), "respuesta_p90": measured(replies, 0.9)}
    found["llamada_mediana"] = measured(seconds(visits, "called", "promised"), 0.5)
    found["nota"] = measured([one.stars for one in visits if one.stars], None)
    return found


def exactly(found: dict[str, tuple[float | None, int]]) -> dict[str, Counted]:
    return {id: Counted(value and pytest.approx(value, abs=1e-5), among) for id, (value, among) in found.items()}


def within(town: Town, period: Period) -> list[Visit]:
    return [one for one in town.visits if period.start <= one.day < period.end and one.kind != "drill"]


def grouped(visits: Iterable[Visit], key: Callable[[Visit], Any]) -> dict[Any, list[Visit]]:
    found: defaultdict[Any, list[Visit]] = defaultdict(list)
    for one in visits:
        found[key(one)].append(one)
    return found


def carried(town: Town, period: Period) -> dict[str, float]:
    days = [counts for day, counts in town.carried.items() if period.start <= day < period.end]
    return {id: sum(one[id] for one in days) for id in CARRIED}


async def test_figures_equal_the_truth_to_the_unit(database: Sessions, agency: Agency) -> None:
    town = Town()
    await town.write(database)
    filling = Filling(database, TIMEZONE, lambda entry: TOPICS.get(entry, ""), agency.figure_segments)
    assert await filling.fill(NOW + DAY) == len({one.name for one in town.visits})
    await equals_truth(database, town)
    assert await Rollups(database).roll(NOW) == DAYS_PLAYED + 1  # also today
    await equals_truth(database, town)


async def equals_truth(database: Sessions, town: Town) -> None:
    counting, visits = Counting(database), within(town, PERIOD)
    found = await counting.compared(PERIOD, NOW)
    for numbers, period in ((found.now, PERIOD), (found.before, PERIOD.before)):
        assert {id: numbers[id] for id in numbers if id not in CARRIED} == exactly(truth(within(town, period)))
        assert {id: numbers[id].value for id in CARRIED} == carried(town, period)
    assert set(found.now) | {"costo_whatsapp"} == set(definitions())
    for period, channels, teams in (
        (PERIOD, found.channels, found.teams),
        (PERIOD.before, found.channels_before, found.teams_before),
    ):
        told = within(town, period)
        for channel, own in grouped(told, lambda one: one.channel).items():
            assert channels[channel] == {id: exactly(truth(own))[id] for id in channels[channel]}
        for team, own in grouped([one for one in told if one.handed], lambda one: one.team).items():
            assert teams[team] == {id: exactly(truth(own))[id] for id in teams[team]}
    for day, own in grouped([one for one in visits if one.handed], lambda one: one.day).items():
        assert found.days[""][day] == {id: exactly(truth(own))[id] for id in found.days[""][day]}
    await groups_equal_truth(database, visits, within(town, PERIOD.before))


async def groups_equal_truth(database: Sessions, visits: Sequence[Visit], earlier: Sequence[Visit]) -> None:
    grouping = Grouping(database)
    groups, people = await grouping.groups(PERIOD), await grouping.people(PERIOD, ("comuna", "vuelve"))
    for name, key in KEYS.items():
        before = grouped(earlier, key) if name != "day" else {}
        assert groups[name] == {value: group(own, before.get(value, ())) for value, own in grouped(visits, key).items()}
    assert people.hours == citizens(visits, KEYS["hour"])
    assert people.themes == citizens(visits, KEYS["theme"])
    assert people.segments["comuna"] == citizens(visits, lambda one: one.commune)
    assert people.segments["vuelve"] == citizens(visits, returns) | {"": 0}
    compared = await grouping.segments_compared(("comuna", "vuelve"), PERIOD, NOW)
    for found, told in zip(compared, (visits, earlier), strict=True):
        assert found == {"comuna": parts(told, lambda one: one.commune), "vuelve": parts(told, returns)}
    answers = grouped([one for one in visits if one.is_answered or one.answered_first], lambda one: one.entry)
    assert {
        one.entry: (one.count, one.useful, one.useless) for one in await Counting(database).every_entry(PERIOD)
    } == {
        entry: (len(own), sum(one.useful is True for one in own), sum(one.useful is False for one in own))
        for entry, own in answers.items()
    }


KEYS: dict[str, Callable[[Visit], Any]] = {
    **{"channel": lambda one: one.channel, "hour": lambda one: one.hour, "theme": lambda one: one.theme},
    **{"day": lambda one: one.day, "reason": lambda one: one.reason},
}


def returns(one: Visit) -> str:
    return "primera" if one.is_first else "otra-vez"


def group(own: Sequence[Visit], before: Sequence[Visit]) -> Group:
    unwritten, earlier = (sum(one.reason in NOT_WRITTEN for one in some) for some in (own, before))
    return Group(len(own), sum(ending(one) == "respondidas" for one in own), unwritten, len(before), earlier)


def citizens(visits: Sequence[Visit], key: Callable[[Visit], Any]) -> dict[Any, int]:
    return {value: len({one.name for one in own}) for value, own in grouped(visits, key).items()}


def parts(visits: Sequence[Visit], key: Callable[[Visit], str]) -> dict[str, dict[str, Counted]]:
    return {
        value: {id: exactly(truth(own))[id] for id in SEGMENT_FIGURES} for value, own in grouped(visits, key).items()
    }


# How long before NOW, and the entry that answers; '' for none.
INCIDENTS = ((4 * DAY, "agua"), (DAY + 5 * HOUR, ""), (DAY, "basura"))


async def test_alarms_come_within_five_minutes_and_hardly_any_is_false(database: Sessions) -> None:
    town, starts = Town(), [NOW - ago for ago, _ in INCIDENTS]
    for start, (_, entry) in zip(starts, INCIDENTS, strict=True):
        town.incident(start, entry)
    await town.write(database)

    async def notifies_nobody(_beat: Beat) -> None:
        pass

    async with served(action_server()) as actions:
        groups = GroupWatch(database, Embedding(ActionsEndpoint(actions)), TIMEZONE)
        watch = SpikeWatch(
            database,
            groups,
            timezone=TIMEZONE,
            topic_of=lambda entry: TOPICS.get(entry, ""),
            false_every_days=10,
            notify=notifies_nobody,
        )
        for start in starts:
            for minute in range(-1, 6):
                await watch.look(start + minute * MINUTE + 4 * (MINUTE / 60))
    async with database() as session:
        spikes = list(await session.scalars(select(Spike).order_by(Spike.at)))
        rows = (await session.execute(select(SpikeMinute.minute, SpikeMinute.stream, SpikeMinute.citizens))).all()
    found = {start: [one for one in spikes if start < one.at <= start + 5 * MINUTE] for start in starts}
    assert {start: len(own) for start, own in found.items()} == dict.fromkeys(starts, 1)
    assert len(spikes) == len(starts)
    assert "unknown" in found[starts[1]][0].streams
    history = History(TODAY - timedelta(days=DAYS - 1))
    history.put([(minute, stream, citizens) for minute, stream, citizens in rows], ZONE)
    assert len(false_alarms(history, starts)) <= 2


def false_alarms(history: History, starts: Sequence[Any]) -> list[Any]:
    """Returns the alarms of the last two weeks that belong to no incident."""
    real = [range(at := history.index(start, ZONE), at + 60) for start in starts]
    last, base, raised = learn(history, DAYS - 1, 10, real), Baseline(history), []
    assert last is not None
    for day in range(DAYS - 15, DAYS - 1):
        usual = np.hstack([base.of_day(day - 1), base.of_day(day)])
        raised += replace(last, day=day, usual=usual).surprises(history, day * DAY_MIN, (day + 1) * DAY_MIN)
    return [one for one in alarms_in(raised) if not any(one[0].at in some for some in real)]
