"""Which message templates of WhatsApp the agency has: the section ``whatsapp`` of agency.yml.

Buttons and lists travel through a template each (ContentSid), one for each number of choices, because WhatsApp knows no
other way; ``ventanilla whatsapp setup`` makes them. ``respuesta`` is the only one that Meta has to approve.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

MAX_BUTTONS = 3
MAX_ITEMS = 10
MAX_ANSWER = 900
"""Characters of a reply that fit into the approved template, whose own words count too."""

ContentSid = Annotated[str, Field(pattern=r"^HX[0-9a-fA-F]{32}$")]
Count = Annotated[int, Field(ge=1, le=MAX_ITEMS)]


class WhatsAppFile(BaseModel):
    """The section as written."""

    model_config = ConfigDict(extra="forbid")
    botones: dict[Annotated[int, Field(ge=1, le=MAX_BUTTONS)], ContentSid] = {}
    listas: dict[Count, ContentSid] = {}
    respuesta: ContentSid | None = None

    def read(self) -> Templates:
        return Templates(dict(self.botones), dict(self.listas), self.respuesta or "")


@dataclass(frozen=True)
class Templates:
    """ContentSids: ``buttons`` and ``lists`` by number of choices; ``answer`` goes out after the 24-hour window."""

    buttons: dict[int, str] = field(default_factory=dict, hash=False)
    lists: dict[int, str] = field(default_factory=dict, hash=False)
    answer: str = ""
