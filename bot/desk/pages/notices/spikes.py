"""Prepares the spike alarms for the page of notices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from bot.agency.model import Agency
from bot.core.texts import say
from bot.desk.api.answers import Published
from bot.desk.crisis.spike_book import SpikeBook
from bot.record.tables import Spike
from bot.spikes.examples import Example, Examples, Told
from bot.spikes.words import headline, others, usual


def topics_of(faq: Published) -> Callable[[str], str]:
    """Returns a function that maps an entry's id to its topic, '' if the entry is not published."""
    return lambda id: next((entry.topic for entry in faq.entries if entry.id == id), "")


@dataclass(frozen=True)
class ExampleView:
    """A masked message in words, with the number of similar messages and the answer given."""

    text: str
    several: str
    answered: str


@dataclass(frozen=True)
class SpikeCard:
    """An open spike alarm in words."""

    id: int
    title: str
    usual: str
    others: str
    when: str
    words: str
    examples: tuple[ExampleView, ...]


@dataclass(frozen=True)
class SpikeCards:
    """Reads the open spike alarms with their examples."""

    book: SpikeBook
    examples: Examples
    faq: Published
    agency: Agency

    async def cards(self) -> Sequence[SpikeCard]:
        """Returns the open alarms, newest first."""
        return [self._card(spike, await self.examples.of(spike)) for spike in await self.book.open()]

    async def wordings(self, id: int) -> str:
        """Returns the examples of an open alarm, one per line, as the wordings of a notice; '' if it is closed."""
        spike = next((one for one in await self.book.open() if one.id == id), None)
        return "\n".join(one.text for one in (await self.examples.of(spike)).examples) if spike else ""

    def _card(self, spike: Spike, told: Told) -> SpikeCard:
        zone = ZoneInfo(self.agency.timezone)
        since, until = (f"{moment.astimezone(zone):%H:%M}" for moment in (spike.since, spike.last_at))
        when = say("alzas.desde", desde=since, hasta=until)
        words = say("alzas.tarjeta.palabras", palabras=", ".join(told.words)) if told.words else ""
        shown = tuple(self._example(one) for one in told.examples)
        return SpikeCard(spike.id, headline(spike), usual(spike), others(spike), when, words, shown)

    def _example(self, one: Example) -> ExampleView:
        question = next((entry.question for entry in self.faq.entries if entry.id == one.entry), one.entry)
        answered = say(f"alzas.respuestas.{one.answered}", pregunta=question)
        several = say("alzas.tarjeta.varias", n=one.alike) if one.alike > 1 else ""
        return ExampleView(one.text, several, say("alzas.tarjeta.respondido", que=answered))
