"""Formats the promise, the results of the sample, proposals and figures about mistakes in Spanish."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from markdown_it import MarkdownIt

from bot.core.texts import say
from bot.figures.definitions import definitions
from bot.figures.intervals import wilson
from bot.figures.numbers import day_in_words, number, percent
from bot.figures.results import NOTHING, Counted, Numbers
from bot.figures.sampling.samples import POOLS, Pool
from bot.figures.shown import FEW
from bot.record.tables import CautionProposal

SIGNALS = ("no_era_eso", "corregidas", "dudadas")  # what citizens said, and what staff did after a handoff


def promised(risk: float) -> str:
    return say("muestra.prometido", n=in_hundred(risk / 100))


def found(pool: Pool) -> str:
    """Formats the result of a pool as Markdown."""
    one = pool.estimate
    values = {"malas": in_hundred(one.share), "desde": in_hundred(one.low), "hasta": in_hundred(one.high)}
    key = "muestra.detalle_sin" if pool.unsure else "muestra.detalle"
    detail = say(key, revisadas=number(pool.judged), sin=number(pool.unsure))
    return f"{say('muestra.encontrado', semanas=pool.weeks, **values)} {detail}"


@dataclass(frozen=True)
class Signal:
    """A figure about mistakes; ``id`` is the figure's id, ``words`` its value with the interval, in Spanish."""

    id: str
    name: str
    words: str


def signals(now: Numbers) -> list[Signal]:
    """Returns the figures about mistakes that depend on neither confidence nor sample, with intervals.

    Returns [] without figures.
    """
    return [Signal(id, definitions()[id].name, _signal_words(now.get(id, NOTHING))) for id in SIGNALS if now]


def _signal_words(one: Counted) -> str:
    if not one.among or one.value is None:
        return say("muestra.senales.ninguna")
    counts = {"valor": number(one.value), "total": number(one.among)}
    if one.among < FEW:
        return say("muestra.senales.pocas", **counts)
    low, high = wilson(one.value, one.among)
    shares = {"desde": percent(low, one.among), "hasta": percent(high, one.among)}
    return say("muestra.senales.texto", parte=percent(one.value / one.among, one.among), **counts, **shares)


def held_words(one: CautionProposal, zone: ZoneInfo) -> str:
    """Formats the accepted proposal that currently applies: its factor, and the day since which it applies."""
    since = one.decided_at or one.made_at
    return say("muestra.rige.texto", dia=day_in_words(since.astimezone(zone).date()), veces=in_hundred(one.ratio / 100))


def inline(text: str) -> str:
    """Converts a sentence in Markdown to HTML."""
    return str(MarkdownIt("commonmark", {"html": False}).renderInline(text))


def every(pools: Sequence[Pool]) -> list[str]:
    """Formats the result for each number of weeks in POOLS as Markdown.

    Says once, for the most weeks, that too few answers are judged if this holds for all of them.
    """
    if not pools:
        return [say("muestra.falta", semanas=max(POOLS))]
    by_weeks = {pool.weeks: pool for pool in pools}
    return [found(by_weeks[weeks]) if weeks in by_weeks else say("muestra.falta", semanas=weeks) for weeks in POOLS]


def in_hundred(share: float) -> str:
    """Formats a share as a number out of 100, with one decimal if needed."""
    value = round(100 * share, 1)
    return number(value, 0 if value == int(value) else 1)


def proposal_words(one: CautionProposal) -> str:
    shares = {"malas": one.found, "desde": one.low, "hasta": one.high, "prometido": one.promised}
    words = {name: in_hundred(value / 100) for name, value in shares.items()}
    return say("muestra.propuesta.texto", semanas=one.weeks, veces=in_hundred(one.ratio / 100), **words)
