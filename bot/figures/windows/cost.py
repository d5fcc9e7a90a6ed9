"""Computes what WhatsApp cost in a period, approximately, from the prices in agency.yml; does no I/O."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.agency.whatsapp_prices import Prices
from bot.figures.results import Period
from bot.figures.windows.counting import DaySent


@dataclass(frozen=True)
class Cost:
    """The cost of a period in ``currency``, with the numbers of messages from which it follows.

    ``provider`` is the cost of all ``messages`` at the provider. ``inside`` messages were sent within reply windows;
    ``service`` is the cost of the ``charged`` ones, which were not free. ``template`` is the cost of the ``templates``,
    which belong to ``category``.
    """

    currency: str
    category: str
    messages: int
    provider: float
    inside: int
    charged: int
    service: float
    templates: int
    template: float

    @property
    def total(self) -> float:
        return self.provider + self.service + self.template


def first_day(period: Period) -> date:
    """Returns the first day that ``days`` of ``cost_of`` must contain, since free messages are counted by the month."""
    return period.start.replace(day=1)


def cost_of(days: Sequence[DaySent], period: Period, prices: Prices | None) -> Cost | None:
    """Returns the cost of a period; None if there are no messages, or the price of a day with messages is unknown.

    ``days`` begin at ``first_day`` and are in order.
    """
    if prices is None:
        return None
    charged = _charged(days, prices)
    chosen = [one for one in days if period.start <= one.day < period.end]
    priced = [(one, price) for one in chosen if (price := prices.on(one.day))]
    if not priced or len(priced) < len(chosen):
        return None
    return Cost(
        currency=prices.currency,
        category=prices.category,
        messages=sum(one.messages for one, _ in priced),
        provider=sum(one.messages * price.provider for one, price in priced),
        inside=sum(one.inside for one, _ in priced),
        charged=sum(charged[one.day] for one, _ in priced),
        service=sum(charged[one.day] * price.service for one, price in priced),
        templates=sum(one.templates for one, _ in priced),
        template=sum(one.templates * price.template for one, price in priced),
    )


def _charged(days: Sequence[DaySent], prices: Prices) -> dict[date, int]:
    """Returns the number of messages within windows to pay on each day: those beyond the free messages of its month."""
    found: dict[date, int] = {}
    used: Counter[date] = Counter()
    for one in days:
        price, month = prices.on(one.day), one.day.replace(day=1)
        left = max(0, price.free - used[month]) if price else 0
        found[one.day] = max(0, one.inside - left)
        used[month] += one.inside
    return found
