"""Reads the key ``portada`` of agency.yml: words, featured questions and messengers of the home page, and the kind."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from bot.core.channels import Contact, traits_of
from bot.core.messages import Channel
from bot.text.normalize import plain

MOST_FEATURED = 9
Item = TypeVar("Item")
MUNICIPALITY, SERVICE = "municipalidad", "servicio"  # kinds of agency


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

    If ``featured`` is empty, the page features questions of the FAQ. ``note`` is '' if there is none. ``kind`` is
    MUNICIPALITY or SERVICE, '' if the agency's name decides (``kind_of``). ``words`` are the agency's own instead of
    the usual ones of the same key: ``lema``, ``pregunta``, ``bajada``.
    """

    featured: tuple[Featured, ...] = ()
    note: str = ""
    elsewhere: tuple[Elsewhere, ...] = ()
    kind: str = ""
    words: Mapping[str, str] = field(default_factory=dict)

    def kind_of(self, name: str) -> str:
        """Returns the kind of the agency called ``name``, which decides the words and the picture of the pages."""
        return self.kind or kind_named(name)


def kind_named(name: str) -> str:
    """Returns the kind of agency that a name suggests."""
    return MUNICIPALITY if "municipal" in plain(name) else SERVICE


class FeaturedFile(BaseModel):
    """A featured question as written in agency.yml; without a title, the question is the title."""

    model_config = ConfigDict(extra="forbid")
    pregunta: str = Field(min_length=1, max_length=200)
    titulo: str = Field(default="", max_length=60)
    bajada: str = Field(default="", max_length=80)
    icono: str = Field(default="", pattern=r"^[a-z]*$")


def _elsewhere(given: dict[Channel, str]) -> dict[Channel, str]:
    """Returns the addresses that are not empty. Raises ValueError unless each matches its channel's pattern."""
    for channel, address in given.items():
        if address and not re.fullmatch(_contact(channel).pattern, address):
            raise ValueError(channel.value)
    return {channel: address for channel, address in given.items() if address}


def _contact(channel: Channel) -> Contact:
    """Returns the pattern and links of the channel's addresses. Raises ValueError for a channel without addresses."""
    if contact := traits_of(channel).contact:
        return contact
    raise ValueError(channel.value)


class FrontPageFile(BaseModel):
    """The key ``portada`` as written in agency.yml."""

    model_config = ConfigDict(extra="forbid")
    destacados: list[FeaturedFile] = Field(default=[], max_length=MOST_FEATURED)
    mensajeria: Annotated[dict[Channel, str], AfterValidator(_elsewhere)] = {}  # an address of each messenger
    nota: str = Field(default="", max_length=300)
    tipo: Literal["", "municipalidad", "servicio"] = ""
    lema: str = Field(default="", max_length=60)  # below the agency's name
    pregunta: str = Field(default="", max_length=80)  # the title
    bajada: str = Field(default="", max_length=300)  # below the title

    def read(self) -> FrontPage:
        every = (Featured(one.pregunta, one.titulo or one.pregunta, one.bajada, one.icono) for one in self.destacados)
        messengers = self.mensajeria.items()
        elsewhere = (Elsewhere(channel, *_contact(channel).filled(address)) for channel, address in messengers)
        words = {"lema": self.lema, "pregunta": self.pregunta, "bajada": self.bajada}
        own = {key: text for key, written in words.items() if (text := written.strip())}
        return FrontPage(tuple(every), self.nota.strip(), tuple(elsewhere), self.tipo, own)


def in_turn(topics: Iterable[Sequence[Item]]) -> list[Item]:
    """Returns the items of the topics, one of each in turn, beginning with the largest topic."""
    rounds = zip_longest(*sorted(topics, key=len, reverse=True))
    return [one for some in rounds for one in some if one is not None]
