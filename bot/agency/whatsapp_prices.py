"""Reads WhatsApp's prices from ``whatsapp.precios`` and ``whatsapp.categoria`` of agency.yml.

Prices change, so each list has the day from which it applies. Without lists, no cost is computed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.core.texts import say

Category = Literal["utilidad", "marketing", "autenticacion"]
Price = Annotated[float, Field(ge=0, allow_inf_nan=False)]


@dataclass(frozen=True)
class PriceList:
    """The prices from the day ``since`` on.

    Each message received or sent costs ``provider``, and a sent message also ``service`` within the reply window or
    ``template`` as a template. In each calendar month, the first ``free`` messages within the window cost no
    ``service``.
    """

    since: date
    provider: float
    service: float
    free: int
    template: float


@dataclass(frozen=True)
class Prices:
    """An agency's price lists, oldest first, and the category that Meta gave its template."""

    currency: str
    category: str
    lists: tuple[PriceList, ...]

    def on(self, day: date) -> PriceList | None:
        """Returns the price list that applies on a day; None before the first list."""
        return next((one for one in reversed(self.lists) if one.since <= day), None)

    def most(self, day: date, *, templates: int, within: int) -> float | None:
        """Returns the maximum cost on ``day``, in ``currency``, as if no message were free; None before the first list.

        ``templates`` is the number of template messages, ``within`` the number of messages within the reply window.
        """
        prices = self.on(day)
        if prices is None:
            return None
        return templates * (prices.template + prices.provider) + within * (prices.service + prices.provider)


class PricesFile(BaseModel):
    """One list of ``whatsapp.precios`` as written in agency.yml."""

    model_config = ConfigDict(extra="forbid")
    desde: date
    moneda: str = Field(pattern=r"^[A-Z]{3}$")
    proveedor: Price
    servicio: Price
    servicio_gratis: int = Field(ge=0)
    plantillas: Mapping[Category, Price]


def prices_of(lists: Sequence[PricesFile], category: Category | None) -> Prices | None:
    """Returns the agency's prices, None without lists. Raises ValueError, in Spanish, if they contradict each other."""
    if not lists:
        return None
    if category is None:
        raise ValueError(say("agency.problemas.whatsapp_categoria"))
    if len({one.moneda for one in lists}) > 1:
        raise ValueError(say("agency.problemas.whatsapp_moneda"))
    if len({one.desde for one in lists}) < len(lists):
        raise ValueError(say("agency.problemas.whatsapp_desde"))
    if any(category not in one.plantillas for one in lists):
        raise ValueError(say("agency.problemas.whatsapp_plantilla", categoria=category))
    ordered = sorted(lists, key=lambda one: one.desde)
    read = (
        PriceList(one.desde, one.proveedor, one.servicio, one.servicio_gratis, one.plantillas[category])
        for one in ordered
    )
    return Prices(ordered[0].moneda, category, tuple(read))
