"""Reads the key ``portada`` of agency.yml: the home page's featured questions, messengers and note."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

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
    """A messenger where people may write to the same assistant: its channel, its address as shown, and the link."""

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


class MessengersFile(BaseModel):
    """The phone number on WhatsApp and the user name on Telegram, as written in agency.yml."""

    model_config = ConfigDict(extra="forbid")
    whatsapp: str = Field(default="", pattern=r"^(\+[0-9 ]{8,20})?$")
    telegram: str = Field(default="", pattern=r"^(@?[A-Za-z][A-Za-z0-9_]{4,31})?$")

    def read(self) -> tuple[Elsewhere, ...]:
        digits, name = re.sub(r"\D", "", self.whatsapp), self.telegram.removeprefix("@")
        found = (
            Elsewhere("whatsapp", self.whatsapp, f"https://wa.me/{digits}"),
            Elsewhere("telegram", f"@{name}", f"https://t.me/{name}"),
        )
        return tuple(one for one, given in zip(found, (digits, name), strict=True) if given)


class FrontPageFile(BaseModel):
    """The key ``portada`` as written in agency.yml."""

    model_config = ConfigDict(extra="forbid")
    destacados: list[FeaturedFile] = Field(default=[], max_length=MOST_FEATURED)
    mensajeria: MessengersFile = MessengersFile()
    nota: str = Field(default="", max_length=300)

    def read(self) -> FrontPage:
        every = (Featured(one.pregunta, one.titulo or one.pregunta, one.bajada, one.icono) for one in self.destacados)
        return FrontPage(tuple(every), self.nota.strip(), self.mensajeria.read())
