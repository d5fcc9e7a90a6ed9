"""Prepares the spike alarms for the page of notices and for the page of one alarm."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from bot.agency.model import Agency
from bot.core.texts import say
from bot.desk.crisis.fitting import fitting
from bot.desk.crisis.packs import packs
from bot.desk.crisis.spike_book import SpikeBook
from bot.faq.entries.entry import Published
from bot.record.engine import Sessions
from bot.record.tables import EntryDocument, Spike
from bot.spikes.alarms import OPEN
from bot.spikes.examples import MOST, Example, Examples
from bot.spikes.history import GROUP, UNKNOWN
from bot.spikes.words import headline, others, usual

EDITOR, PUBLIC = "/desk/respuestas", "/tramites"


def topics_of(faq: Published) -> Callable[[str], str]:
    """Returns a function that maps an entry's id to its topic, '' if the entry is not published."""
    return lambda id: next((entry.topic for entry in faq.entries if entry.id == id), "")


@dataclass(frozen=True)
class ExampleView:
    """A masked message as Spanish text, with the number of similar messages and the answer given.

    ``address`` is the page of the answering entry: for staff who edit, its page in the editor, else its public page; ''
    if no entry answered.
    """

    text: str
    several: str
    answered: str
    address: str


@dataclass(frozen=True)
class SpikeCard:
    """A spike alarm as Spanish text; ``pack`` and ``pack_title`` are the key and title of the fitting pack, or ''.

    ``usual`` is the usual number of citizens, ``others`` the other unusual topics, ``words`` the frequent words of the
    messages. ``is_unwritten`` is true if no entry answers the messages. ``closed`` states who closed the alarm and how;
    '' while the alarm is open.
    """

    id: int
    title: str
    usual: str
    others: str
    when: str
    words: str
    examples: tuple[ExampleView, ...]
    pack: str
    pack_title: str
    is_unwritten: bool
    closed: str


@dataclass(frozen=True)
class SpikeCards:
    """Reads the spike alarms with their examples; ``data`` is the folder with the packs."""

    book: SpikeBook
    examples: Examples
    faq: Published
    agency: Agency
    sessions: Sessions
    data: Path

    async def cards(self, *, edits: bool) -> Sequence[SpikeCard]:
        """Returns the open alarms, newest first; if ``edits`` is true, answers are linked to the editor."""
        return [await self.card(spike, edits=edits) for spike in await self.book.open()]

    async def utterances(self, id: int) -> list[str]:
        """Returns an open alarm's examples, which serve as utterances of a notice; [] if the alarm is closed."""
        spike = next((one for one in await self.book.open() if one.id == id), None)
        return [one.text for one in (await self.examples.of(spike)).examples] if spike else []

    async def card(self, spike: Spike, *, edits: bool, most: int = MOST) -> SpikeCard:
        """Returns an alarm with at most ``most`` examples."""
        found, zone = await self.examples.of(spike, most), self.agency.zone
        since, until = (f"{moment.astimezone(zone):%H:%M}" for moment in (spike.since, spike.last_at))
        addresses = await self._addresses({one.entry for one in found.examples if one.entry}, edits=edits)
        prepared = packs(self.data)
        pack = fitting(prepared, [(one.text, one.alike) for one in found.examples])
        return SpikeCard(
            id=spike.id,
            title=headline(spike),
            usual=usual(spike),
            others=others(spike),
            when=say("alzas.desde", desde=since, hasta=until),
            words=say("alzas.tarjeta.palabras", palabras=", ".join(found.words)) if found.words else "",
            examples=tuple(self._example(one, addresses) for one in found.examples),
            pack=pack,
            pack_title=prepared[pack].titulo if pack else "",
            is_unwritten=spike.streams[0] in {GROUP, UNKNOWN},
            closed="" if spike.state == OPEN else say(f"alzas.cerrada.{spike.state}", quien=spike.closed_by),
        )

    async def _addresses(self, entries: Collection[str], *, edits: bool) -> dict[str, str]:
        """Maps the id of each published entry among ``entries`` to the URL of its page.

        With ``edits``, that is its page in the editor, else its public page.
        """
        paths = {one.path: one.id for one in self.faq.entries if one.id in entries}
        if not edits or not paths:
            return {id: f"{PUBLIC}/{id}" for id in paths.values()}
        query = select(EntryDocument.path, EntryDocument.id).where(EntryDocument.path.in_(paths))
        async with self.sessions() as session:
            return {paths[path]: f"{EDITOR}/{id}" for path, id in await session.execute(query)}

    def _example(self, one: Example, addresses: Mapping[str, str]) -> ExampleView:
        question = next((entry.question for entry in self.faq.entries if entry.id == one.entry), one.entry)
        answered = say(f"alzas.respuestas.{one.answered}", pregunta=question)
        several = say("alzas.tarjeta.varias", n=one.alike) if one.alike > 1 else ""
        address = addresses.get(one.entry, "")
        return ExampleView(one.text, several, say("alzas.tarjeta.respondido", que=answered), address)
