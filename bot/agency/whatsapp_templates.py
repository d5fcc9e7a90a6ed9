"""Reads the section ``whatsapp`` of agency.yml: the agency's message templates, each with its ContentSid.

WhatsApp sends buttons and lists only through templates, so there is a template for each number of choices;
``ventanilla whatsapp setup`` creates them. Only ``respuesta`` needs Meta's approval.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from bot.agency.whatsapp_prices import Category, Prices, PricesFile, prices_of

MAX_BUTTONS = 3
MAX_ITEMS = 10
MAX_ANSWER = 900  # characters of a reply that fit into the approved template beside the template's own text

ContentSid = Annotated[str, Field(pattern=r"^HX[0-9a-fA-F]{32}$")]
Count = Annotated[int, Field(ge=1, le=MAX_ITEMS)]


class WhatsAppFile(BaseModel):
    """The ``whatsapp`` section as written in agency.yml."""

    model_config = ConfigDict(extra="forbid")
    botones: dict[Annotated[int, Field(ge=1, le=MAX_BUTTONS)], ContentSid] = {}
    listas: dict[Count, ContentSid] = {}
    respuesta: ContentSid | None = None
    limite_diario: int = Field(default=250, ge=0)
    categoria: Category | None = None
    precios: list[PricesFile] = []

    @model_validator(mode="after")
    def _prices(self) -> WhatsAppFile:
        prices_of(self.precios, self.categoria)
        return self

    @property
    def prices(self) -> Prices | None:
        return prices_of(self.precios, self.categoria)

    def read(self) -> Templates:
        return Templates(dict(self.botones), dict(self.listas), self.respuesta or "", self.limite_diario)


@dataclass(frozen=True)
class Templates:
    """The ContentSids of the agency's templates, by which Twilio identifies them.

    ``buttons`` and ``lists`` map a number of choices to a ContentSid; ``answer`` is the ContentSid of the template for
    replies after the 24-hour window, or '' if there is none.
    """

    buttons: dict[int, str] = field(default_factory=dict, hash=False)
    lists: dict[int, str] = field(default_factory=dict, hash=False)
    answer: str = ""
    daily_limit: int = 250  # WhatsApp's limit: people the agency may write to within 24 hours
