"""Converts the published months into the values that the page shows, in Spanish."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.agency.model import Agency
from bot.channels.web.answers.shown import Answer, Answers, Topic, topic_title
from bot.core.channels import name_of
from bot.core.messages import Channel
from bot.core.texts import date_in_words, say
from bot.figures.charts import Columns, columns
from bot.figures.definitions import Unit, definitions
from bot.figures.intervals import wilson
from bot.figures.numbers import day_in_words, duration, month_in_words, number, percent
from bot.figures.publishing import TOTAL, Month, Pooled, Published, pooled
from bot.figures.shown import out_of

POOLED_MONTHS = 3  # about 13 weeks
LEAST_OPINIONS = 100  # with fewer ratings, a share of a few percent cannot be measured


@dataclass(frozen=True)
class Row:
    """A row of a table; a number that is hidden for privacy is an empty cell.

    For a share, ``detail`` states the number of cases; '' if that number is not published.
    """

    name: str
    cells: tuple[str, ...]
    detail: str = ""


@dataclass(frozen=True)
class TopicAnswers:
    """A topic with its answers, which all have variants."""

    topic: Topic
    answers: Sequence[Answer]

    @property
    def summary(self) -> str:
        """Returns Spanish text with the number of answers and the date of the oldest review."""
        key = "tema_una" if len(self.answers) == 1 else "tema"
        oldest = date_in_words(min(one.reviewed for one in self.answers))
        return say(f"transparencia.respuestas.{key}", n=number(len(self.answers)), dia=oldest)


def answers_by_topic(answers: Answers) -> list[TopicAnswers]:
    """Returns the topics with their answers, both in alphabetical order."""
    return [
        TopicAnswers(topic, [found for one in topic.answers if (found := answers.answer(one.id)) and found.variants])
        for topic in answers.topics()
    ]


def view_of(months: Sequence[Month], agency: Agency) -> dict[str, Any]:
    """Returns the values for the template; only ``months`` and ``found`` if there are no months.

    ``months`` are sorted, newest first.
    """
    opinions = pooled(months[:POOLED_MONTHS])
    values: dict[str, Any] = {"months": months, "found": found(opinions, agency.risk)}
    if not months:
        return values
    newest, all_of = months[0], definitions()
    return values | {
        "month": month_in_words(newest.month),
        "since": day_in_words(newest.since) if newest.since else "",
        "figures": [
            Row(all_of[id].name, (_words(id, one),), _detail(id, one))
            for id, one in newest.figures.items()
            if id in all_of
        ],
        "channels": [
            Row(name_of(key) if key in set(Channel) else key, (_count(one), _words("resueltas", newest.durable[key])))
            for key, one in _largest_first(newest.channels)
        ],
        "themes": [
            Row(topic_title(key) if key else say("cifras.sin_tema"), (_count(one),))
            for key, one in _largest_first(newest.themes)
        ],
        "segments": [
            (one.name, [Row(one.titled(key), (_count(count),)) for key, count in _largest_first(part)])
            for one in agency.figure_segments
            if (part := newest.segments.get(one.key))
        ],
        "trend": _trend(months),
    }


def found(pool: Pooled, risk: float) -> dict[str, str]:
    """Returns ``{text, verdict}`` in Spanish: the share of answers reported as wrong, and whether the promise is kept.

    ``risk`` is the promised maximum of wrong answers per 100. With too few ratings, ``text`` says so; with hidden
    counts, it states only the upper end of the interval, or both ends if the promise is broken. ``verdict`` is '' with
    too few ratings, and if the confidence interval of the share contains ``risk``.
    """
    if pool.among < LEAST_OPINIONS:
        return {"text": say("transparencia.cifras.sin_hallazgo"), "verdict": ""}
    low, high = 100 * wilson(pool.least, pool.among)[0], 100 * wilson(pool.most, pool.among)[1]
    words = {"total": number(pool.among), "desde": number(low, 1), "hasta": number(high, 1)}
    verdict = "se_cumple" if high <= risk else "no_se_cumple" if low > risk else ""
    hidden = "hallazgo_entre" if verdict == "no_se_cumple" else "hallazgo_bajo"
    key = "hallazgo" if pool.least == pool.most > 0 else hidden
    text = say(f"transparencia.cifras.{key}", malas=number(100 * pool.most / pool.among, 1), **words)
    return {"text": text, "verdict": say(f"transparencia.cifras.{verdict}") if verdict else ""}


def _words(id: str, one: Published) -> str:
    definition = definitions()[id]
    if one.value is None:
        return ""
    if definition.is_share and one.among:
        return percent(one.value / one.among, one.among)
    if definition.unit is Unit.SECONDS:
        return duration(one.value)
    return say("cifras.estrellas", valor=number(one.value, 1)) if definition.unit is Unit.STARS else number(one.value)


def _detail(id: str, one: Published) -> str:
    definition = definitions()[id]
    if not definition.is_share or one.value is None or not one.among:
        return ""
    return out_of(id, one.value, one.among)


def _count(one: Published) -> str:
    return "" if one.value is None else number(one.value)


def _largest_first(parts: Mapping[str, Published]) -> list[tuple[str, Published]]:
    return sorted(parts.items(), key=lambda pair: (-(pair[1].value or 0), pair[0]))


def _trend(months: Sequence[Month]) -> Columns:
    totals = [(month_in_words(one.month), one.figures[TOTAL].value or 0) for one in reversed(months)]
    return columns([(name, count, number(count)) for name, count in totals])
