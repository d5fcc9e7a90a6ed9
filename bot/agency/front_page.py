"""Reads the key ``portada`` of agency.yml: the home page's featured questions, messengers and note."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from bot.core.channels import Contact, traits_of
from bot.core.messages import Channel

MOST_FEATURED = 9


@dataclass(frozen=True)
class Featured:
    """A question on the home page, with its title, a line below it and an icon of templates/icons.html."""

    question: str
    title: str
    detail: str = ""
    icon: str = ""


@dataclass(frozen=True)
class Elsewhere:
    """A messenger in which people may write to the same assistant: its channel, the address to show, and the link."""

    channel: str
    shown: str
    url: str


@dataclass(frozen=True)
class FrontPage:
    """The agency's choices for the home page.

    If ``featured`` is empty, the page features questions of the FAQ. ``note`` is '' if there is none.
    """

    featured: tuple[Featured, ...] = ()
    note: str = ""
    elsewhere: tuple[Elsewhere, ...] = ()


class FeaturedFile(BaseModel):
    """A featured question as written in agency.yml; without a title, the question is the title."""

    model_config = ConfigDict(extra="forbid")
    pregunta: str = Field(min_length=1, max_length=200)
    titulo: str = Field(default="", max_length=60)
    bajada: str = Field(default="", max_length=80)
    icono: str = Field(default="", pattern=r"^[a-z]*$")


def _elsewhere(given: dict[Channel, str]) -> dict[Channel, str]:
    """Returns the addresses that are not empty. Raises ValueError if one does not match its channel's pattern."""
    for channel, address in given.items():
        if address and not re.fullmatch(_contact(channel).pattern, address):
            raise ValueError(channel.value)
    return {channel: address for channel, address in given.items() if address}


def _contact(channel: Channel) -> Contact:
    """Returns the form of the channel's addresses. Raises ValueError if the channel has none for the home page."""
    if contact := traits_of(channel).contact:
        return contact
    raise ValueError(channel.value)


class FrontPageFile(BaseModel):
    """The key ``portada`` as written in agency.yml."""

    model_config = ConfigDict(extra="forbid")
    destacados: list[FeaturedFile] = Field(default=[], max_length=MOST_FEATURED)
    mensajeria: Annotated[dict[Channel, str], AfterValidator(_elsewhere)] = {}  # an address of each messenger
    nota: str = Field(default="", max_length=300)

    def read(self) -> FrontPage:
        every = (Featured(one.pregunta, one.titulo or one.pregunta, one.bajada, one.icono) for one in self.destacados)
        messengers = self.mensajeria.items()
        elsewhere = (Elsewhere(channel, *_contact(channel).filled(address)) for channel, address in messengers)
        return FrontPage(tuple(every), self.nota.strip(), tuple(elsewhere))
