"""Formats the promise and the results of the sample in Spanish."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from markdown_it import MarkdownIt

from bot.core.texts import say
from bot.figures.numbers import day_in_words, number
from bot.figures.sampling.samples import POOLS, Pool
from bot.record.tables import CautionProposal


def promised(risk: float) -> str:
    return say("muestra.prometido", n=in_hundred(risk / 100))


def found(pool: Pool) -> str:
    """Formats the result of a pool as Markdown."""
    one = pool.estimate
    values = {"malas": in_hundred(one.share), "desde": in_hundred(one.low), "hasta": in_hundred(one.high)}
    key = "muestra.detalle_sin" if pool.unsure else "muestra.detalle"
    detail = say(key, revisadas=number(pool.judged), sin=number(pool.unsure))
    return f"{say('muestra.encontrado', semanas=pool.weeks, **values)} {detail}"


def held_words(one: CautionProposal, zone: ZoneInfo) -> str:
    """Formats the accepted proposal that currently applies: its factor, and the day since which it applies."""
    since = one.decided_at or one.made_at
    return say("muestra.rige.texto", dia=day_in_words(since.astimezone(zone).date()), veces=in_hundred(one.ratio / 100))


def inline(text: str) -> str:
    """Converts a sentence in Markdown to HTML."""
    return str(MarkdownIt("commonmark", {"html": False}).renderInline(text))


def every(pools: Sequence[Pool]) -> list[str]:
    """Formats for each of POOLS its result as Markdown, or a text saying that too few answers are judged."""
    told = {pool.weeks: pool for pool in pools}
    return [found(told[weeks]) if weeks in told else say("muestra.falta", semanas=weeks) for weeks in POOLS]


def in_hundred(share: float) -> str:
    """Formats a share as a number out of 100, with one decimal if needed."""
    value = round(100 * share, 1)
    return number(value, 0 if value == int(value) else 1)


def proposal_words(one: CautionProposal) -> str:
    shares = {"malas": one.found, "desde": one.low, "hasta": one.high, "prometido": one.promised}
    words = {name: in_hundred(value / 100) for name, value in shares.items()}
    return say("muestra.propuesta.texto", semanas=one.weeks, veces=in_hundred(one.ratio / 100), **words)
