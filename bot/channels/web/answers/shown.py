"""Prepares the entries in use for the public pages: sorted by topic, without expired entries, one page per id."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from bot.agency.front_page import Featured, in_turn
from bot.agency.segments import titles_of
from bot.channels.formatting.html import is_safe_link, markdown_html
from bot.channels.web.site import Site, page_of
from bot.core.messages import Channel, Source
from bot.core.texts import area
from bot.faq.entries.audience import CHANNEL, by_audience
from bot.faq.entries.entry import Entry
from bot.public_notices.words import reply_of
from bot.text.normalize import plain

MOST_FEATURED_BY_ITSELF = 6


@dataclass(frozen=True)
class Variant:
    """The answer for one audience.

    ``audience`` describes the audience; '' if the answer is for everyone. ``body`` is Markdown, and ``html`` is safe
    HTML. If ``is_held``, both are the text with which a public notice replaces, changes or withdraws the answer. The
    other fields are the entry's.
    """

    audience: str
    body: str
    html: str
    source: Source | None
    responsible: str
    reviewed: date
    is_held: bool = False


@dataclass(frozen=True)
class Answer:
    """A question with its answers, the general answer first; ``variants`` is empty if all of them have expired."""

    id: str
    question: str
    topic: str
    variants: tuple[Variant, ...]

    @property
    def path(self) -> str:
        return page_of(self.id)

    @property
    def reviewed(self) -> date:
        """Returns the date of the oldest review among the answers shown."""
        return min(one.reviewed for one in self.variants)


@dataclass(frozen=True)
class Topic:
    """A topic with the questions that are answered, in alphabetical order; ``name`` is its anchor on the page."""

    name: str
    title: str
    answers: tuple[Entry, ...]

    @property
    def count(self) -> int:
        return len(self.answers)


@dataclass(frozen=True)
class _Served:
    """Data derived from ``entries`` on one ``day``: variants keyed by id, one served entry per id, and the topics."""

    entries: tuple[Entry, ...]
    day: date
    known: Mapping[str, tuple[Entry, ...]]
    served: tuple[Entry, ...]
    topics: tuple[Topic, ...]
    by_question: Mapping[str, Entry]

    @classmethod
    def from_entries(cls, entries: tuple[Entry, ...], day: date) -> _Served:
        known = by_audience(_for_the_web(entries))
        served = tuple(some[0] for some in by_audience(_unexpired(known, day)).values())
        return cls(entries, day, known, served, _topics(served), {plain(one.question): one for one in served})


class Answers:
    """The published answers of a site, up to date at each call."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._last: _Served | None = None

    def served(self) -> tuple[Entry, ...]:
        """Returns one entry for each id with a valid answer: the general entry or, if it has expired, another entry."""
        return self._now().served

    def topics(self) -> tuple[Topic, ...]:
        """Returns the topics that have answers, sorted by title."""
        return self._now().topics

    def title(self, topic: str) -> str:
        """Returns the title of a topic."""
        return next((one.title for one in self.topics() if one.name == topic), topic_title(topic))

    def featured(self) -> tuple[Featured, ...]:
        """Returns up to MOST_FEATURED_BY_ITSELF questions for the home page.

        Picks one question of each topic in turn, beginning with the largest topic.
        """
        shown = in_turn(topic.answers for topic in self.topics())[:MOST_FEATURED_BY_ITSELF]
        return tuple(Featured(one.question, one.question) for one in shown)

    def answer(self, id: str) -> Answer | None:
        """Returns the answer with this id; None if there is no such entry, or if it is for other channels only.

        While a public notice replaces, changes or withdraws the entry, the only variant is the notice's text.
        """
        now = self._now()
        known = now.known.get(id)
        if not known:
            return None
        held = self._held(id)
        if held:
            variants: tuple[Variant, ...] = (self._for_now(known[0], held),)
        else:
            variants = tuple(self._variant(entry) for entry in known if not entry.expired(now.day))
        return Answer(id, known[0].question, known[0].topic, variants)

    def about(self, question: str) -> Entry | None:
        """Returns the entry served today with this question, ignoring accents and case; None if there is none."""
        return self._now().by_question.get(plain(question))

    def _held(self, id: str) -> str:
        """Returns the Markdown that a running notice or its measures put in place of an entry; '' if there is none."""
        agency, board = self._site.agency, self._site.notices
        for notice in board.running:
            if id in notice.entries and not notice.drill:
                return reply_of(notice, agency).text
        text = board.effects.answers.get(id)
        return agency.say("respuesta_retirada_pagina") if text == "" else text or ""

    def _for_now(self, entry: Entry, body: str) -> Variant:
        html = markdown_html(body, self._site.agency.offices)
        return replace(self._variant(entry), audience="", body=body, html=html, is_held=True)

    def _now(self) -> _Served:
        entries, day = tuple(self._site.entries()), self._site.now().date()
        last = self._last
        if last is None or last.day != day or last.entries != entries:
            last = self._last = _Served.from_entries(entries, day)
        return last

    def _variant(self, entry: Entry) -> Variant:
        return Variant(
            audience=titles_of(self._site.agency.segments, entry.audience),
            body=entry.body,
            html=markdown_html(entry.body, self._site.agency.offices),
            source=entry.source if is_safe_link(entry.source.url) else None,
            responsible=entry.responsible,
            reviewed=entry.reviewed,
        )


def _unexpired(known: Mapping[str, tuple[Entry, ...]], day: date) -> list[Entry]:
    return [entry for some in known.values() for entry in some if not entry.expired(day)]


def _topics(served: Iterable[Entry]) -> tuple[Topic, ...]:
    by_name: dict[str, list[Entry]] = {}
    for entry in sorted(served, key=lambda one: plain(one.question)):
        by_name.setdefault(entry.topic, []).append(entry)
    topics = (Topic(name, topic_title(name, some), tuple(some)) for name, some in by_name.items())
    return tuple(sorted(topics, key=lambda one: plain(one.title)))


def _for_the_web(entries: Iterable[Entry]) -> Sequence[Entry]:
    """Returns the entries served on the web; an entry for the web alone replaces the entry for all channels."""
    chosen: dict[tuple[str, tuple[tuple[str, tuple[str, ...]], ...]], Entry] = {}
    for entry in sorted(entries, key=lambda one: CHANNEL in one.audience):
        if Channel.WEB not in entry.audience.get(CHANNEL, (Channel.WEB,)):
            continue
        audience = {name: values for name, values in entry.audience.items() if name != CHANNEL}
        chosen[entry.id, tuple(sorted(audience.items()))] = replace(entry, audience=audience)
    return list(chosen.values())


class Titled(Protocol):
    """An entry that states its topic and, in ``topic_title``, the topic's title for people, or ''."""

    @property
    def topic(self) -> str: ...
    @property
    def topic_title(self) -> str: ...


def topic_title(name: str, entries: Iterable[Titled] = ()) -> str:
    """Returns a topic's title: the most frequent ``topic_title`` of its ``entries``, else the title of tramites.yml.

    If there is neither, derives the title from the topic's name.
    """
    written = Counter(one.topic_title for one in entries if one.topic == name and one.topic_title)
    if written:
        return written.most_common(1)[0][0]
    titles: dict[str, str] = area("tramites")["temas"]
    return titles.get(name, name.replace("-", " ").capitalize())
