"""Reads the key ``portada`` of agency.yml: what the home page shows first, and its note at the bottom."""

from __future__ import annotations

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
class FrontPage:
    """The featured questions, () for those that the answers themselves give, and the note, '' for none."""

    featured: tuple[Featured, ...] = ()
    note: str = ""


class FeaturedFile(BaseModel):
    """A featured question as written in agency.yml; without a title, the question is the title."""

    model_config = ConfigDict(extra="forbid")
    pregunta: str = Field(min_length=1, max_length=200)
    titulo: str = Field(default="", max_length=60)
    bajada: str = Field(default="", max_length=80)
    icono: str = Field(default="", pattern=r"^[a-z]*$")


class FrontPageFile(BaseModel):
    """The whole key, as written in agency.yml."""

    model_config = ConfigDict(extra="forbid")
    destacados: list[FeaturedFile] = Field(default=[], max_length=MOST_FEATURED)
    nota: str = Field(default="", max_length=300)

    def read(self) -> FrontPage:
        every = (Featured(one.pregunta, one.titulo or one.pregunta, one.bajada, one.icono) for one in self.destacados)
        return FrontPage(tuple(every), self.nota.strip())
