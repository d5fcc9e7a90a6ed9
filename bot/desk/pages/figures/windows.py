"""Describes in Spanish WhatsApp's reply windows, the messages within and outside them, and what they cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.agency.whatsapp_prices import Prices
from bot.core.texts import area, say
from bot.figures.definitions import Table, of_table
from bot.figures.numbers import day_in_words, money, number
from bot.figures.report import Report
from bot.figures.shown import Shown, every
from bot.figures.windows.cost import Cost


@dataclass(frozen=True)
class WindowsView:
    """The figures about reply windows, and sentences about their cost; ``cost`` is empty without prices."""

    figures: Sequence[Shown]
    cost: Sequence[str]


def windows_view(report: Report, prices: Prices | None) -> WindowsView | None:
    """Returns the figures about WhatsApp's windows and lines about the cost; None if nothing was received or sent."""
    figures = every(of_table(Table.WINDOWS), report.now, report.before)
    if not any(one.counted.value for one in figures):
        return None
    if report.cost:
        return WindowsView(figures, [_total(report.cost, report.cost_before), *_parts(report.cost)])
    return WindowsView(figures, [_unknown(prices)] if prices else [])


def _total(cost: Cost, before: Cost | None) -> str:
    earlier = say("cifras.whatsapp.antes", valor=money(before.total, before.currency)) if before else ""
    return say("cifras.whatsapp.costo", valor=money(cost.total, cost.currency), antes=earlier)


def _parts(cost: Cost) -> list[str]:
    def priced(amount: float) -> str:
        return money(amount, cost.currency)

    categories: dict[str, str] = area("cifras")["whatsapp"]["categorias"]
    service = {"n": number(cost.inside), "pagados": number(cost.charged), "valor": priced(cost.service)}
    template = {"n": number(cost.templates), "categoria": categories[cost.category], "valor": priced(cost.template)}
    return [
        say("cifras.whatsapp.proveedor", n=number(cost.messages), valor=priced(cost.provider)),
        say("cifras.whatsapp.servicio", **service),
        say("cifras.whatsapp.plantillas", **template),
    ]


def _unknown(prices: Prices) -> str:
    since = prices.lists[0].since
    return say("cifras.whatsapp.antes_de_precios", dia=day_in_words(since), ano=since.year)
