"""Carries out an editor's decision on a group of the backlog."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx

from bot.agency.model import Agency
from bot.core.errors.base import VentanillaError
from bot.core.logs import log
from bot.core.network import ActionsEndpoint
from bot.core.texts import area, say
from bot.desk.api.suggestions import Suggestions
from bot.desk.editing.editions import Editions, Outdated
from bot.desk.editing.form import NotAForm
from bot.desk.editing.other_topics import OtherTopic, TopicsUnreadable, add_topic
from bot.desk.editing.publisher import ChangedOnDisk, NeedsApproval, NothingToPublish, PublishedMeanwhile
from bot.desk.editing.record import Editor
from bot.desk.editing.text import EntryText
from bot.desk.editing.utterances import Change, EntryUtterances, IsUtterance, NoSuchEntry, NothingNew
from bot.desk.pages.entries.list_page import PATH as ENTRIES
from bot.faq.entries.entry import Entry
from bot.faq.entries.fields import whole_address
from bot.faq.entries.slug import slug
from bot.faq.entries.writing import Value, written
from bot.learning.backlog.decisions import Decisions, Kind
from bot.learning.backlog.reading import usable
from bot.text.normalize import plain

TRY_TIMEOUT_S = 20.0
MOST_TEXTS = 12
FAILED: Mapping[type[Exception], str] = {
    NoSuchEntry: "sin_respuesta",
    NothingNew: "ya_estaba",
    IsUtterance: "es_forma",
    NotAForm: "no_se_lee",
    Outdated: "cambio",
    PublishedMeanwhile: "cambio",
    ChangedOnDisk: "cambio",
    NeedsApproval: "cambio",
    NothingToPublish: "cambio",
    TopicsUnreadable: "planilla",
}


class NoUtterance(VentanillaError):
    """None of the chosen texts may become an utterance or a counterexample."""


@dataclass(frozen=True)
class Choice:
    """An editor's choice for a group, whose messages are ``items``.

    ``texts`` begins with the title. ``entry`` is the entry to which they are added as utterances, and ``denied`` the
    entry to which they are added as counterexamples. ``team`` and ``replies`` (of staff) are for a new entry. ``name``
    is the title of an out-of-scope topic, '' for the first text; ``body`` and ``url`` are the organization that handles
    it, '' if unknown. ``sure`` is true if the editor confirmed a warning about other entries.
    """

    items: Sequence[int]
    kind: Kind
    texts: Sequence[str] = ()
    entry: str = ""
    denied: str = ""
    team: str = ""
    replies: Sequence[str] = ()
    name: str = ""
    body: str = ""
    url: str = ""
    sure: bool = False


@dataclass(frozen=True)
class Done:
    """The result in Spanish: a ``message`` with a ``link``, or a ``warning``; ``effect`` are the old and new answer.

    ``decision`` is the id of the decision, 0 if nothing was decided. ``target`` is the id of the added topic.
    """

    message: str = ""
    link: str = ""
    warning: str = ""
    effect: Sequence[str] = field(default=())
    decision: int = 0
    target: str = ""


class Deciding:
    """Carries out decisions on groups; ``actions`` is the action server."""

    def __init__(
        self,
        *,
        decisions: Decisions,
        editions: Editions,
        utterances: EntryUtterances,
        agency: Agency,
        faq_dir: Path,
        actions: ActionsEndpoint,
    ) -> None:
        self._decisions, self._editions, self._utterances = decisions, editions, utterances
        self._agency, self._faq_dir, self._actions = agency, faq_dir, actions
        self._suggestions = Suggestions(actions)

    async def decide(self, choice: Choice, by: Editor) -> Done:
        """Carries out the choice, then stores the decision; the warning of the result explains a failure."""
        if choice.kind is not Kind.NOT_OURS:
            return await self._decided(choice, by)
        async with self._decisions.alone_with(choice.items) as is_undecided:
            return await self._decided(choice, by) if is_undecided else _taken()

    async def _decided(self, choice: Choice, by: Editor) -> Done:
        try:
            done = await self._done(choice, by)
        except tuple(FAILED) as error:
            return Done(warning=say(f"bandeja.errores.{FAILED[type(error)]}"))
        except NoUtterance:
            return Done(warning=say("bandeja.errores.sin_frase"))
        except OSError as error:
            log.warning("backlog: decision not written", error=type(error).__name__)
            return Done(warning=say("bandeja.errores.sin_escribir"))
        if done.warning or by.id is None:
            return done
        target = done.target or done.link.rpartition("/")[2]
        id = await self._decisions.decide(choice.items, choice.kind, target=target, staff_id=by.id, name=by.name)
        if id is None:
            return _taken()
        return replace(done, decision=id)

    async def _done(self, choice: Choice, by: Editor) -> Done:
        match choice.kind:
            case Kind.UTTERANCE:
                return await self._add_utterances(choice, by)
            case Kind.COUNTEREXAMPLE:
                return await self._add(self._utterances.entry(choice.denied), _usable(choice.texts), by, choice.kind)
            case Kind.ENTRY:
                return await self._begin_entry(choice, by)
            case Kind.NOT_OURS:
                return await self._add_other_topic(choice)
            case Kind.IGNORED:
                return Done(say("bandeja.hecho.ignorada"))

    async def _add_utterances(self, choice: Choice, by: Editor) -> Done:
        texts = _usable(choice.texts)
        entry = self._utterances.entry(choice.entry)
        if not choice.sure and (warning := await self._collision(entry.id, choice.entry, texts)):
            return Done(warning=warning)
        return await self._add(entry, texts, by, choice.kind)

    async def _add(self, entry: Entry, texts: Sequence[str], by: Editor, kind: Kind) -> Done:
        """Adds the texts to the entry, as utterances or as counterexamples."""
        comment, denies = say("entradas.frase_de_personas", quien=by.name, fecha=self._today()), kind != Kind.UTTERANCE
        change = await self._utterances.prepare(entry, texts, comment, counterexamples=denies)
        effect = await self._effect(texts[0], change)
        where = await self._utterances.add(change, by)
        message = say(f"bandeja.{'negadas' if denies else 'agregadas'}.{where.value}", pregunta=entry.question)
        return Done(message, f"{ENTRIES}/{change.document}", effect=effect)

    async def _collision(self, id: str, named: str, texts: Sequence[str]) -> str:
        """Returns a warning if another entry contains a text of the choice or clearly answers it today; '' if not.

        Also warns of a text that an editor called a counterexample of this entry.
        """
        entry = self._utterances.entry(named)
        denied = set(map(plain, entry.counterexamples))
        for text in texts:
            if plain(text) in denied:
                return say("bandeja.choques.no_responde", frase=text, pregunta=entry.question)
        for text, other in self._utterances.others_with(entry, texts):
            return say("bandeja.choques.igual", frase=text, pregunta=other.question)
        for text in texts:
            found = await self._suggestions.of(text)
            best = found.candidates[0] if found.candidates else None
            if best and best.entry != id and best.confidence >= found.answer:
                return say("bandeja.choques.segura", frase=text, pregunta=best.question)
        return ""

    async def _effect(self, text: str, change: Change) -> Sequence[str]:
        """Returns the answers to ``text`` before and after the change, as lines; () if the action server fails."""
        body = {"text": text, "path": change.entry.path, "content": change.text.content, "phrases": change.text.phrases}
        try:
            async with self._actions.client(TRY_TIMEOUT_S) as client:
                found = (await client.post("/try", json=body)).raise_for_status().json()
            words = area("bandeja")["efecto"]
            pairs = ((words["antes"], found["before"]), (words["despues"], found["after"] or ()))
            return tuple(f"{name} {lines[0]}" for name, lines in pairs if lines)
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            log.warning("backlog: action server unavailable", error=type(error).__name__)
            return ()

    async def _begin_entry(self, choice: Choice, by: Editor) -> Done:
        """Creates the draft of a new entry, with the staff's replies as its answer."""
        texts = _usable(choice.texts)
        title = texts[0]
        team = choice.team if choice.team in self._agency.teams else self._agency.default_team
        place = await self._editions.place_for(title, slug(team))
        fields: dict[str, Value] = {
            "id": place.id,
            "pregunta": title,
            "variantes": texts[1:] or texts[:1],
            "tema": slug(team),
            "equipo": team,
            "fuente": self._agency.site,
            "responsable": self._agency.teams[team],
            "revisado": self._today(),
        }
        answer = "\n\n".join(filter(None, choice.replies)) or say("entradas.nueva.cuerpo")
        text = EntryText(written(fields, answer))
        made = None if place.twin else await self._editions.create(place.path, text, by)
        if made is None:
            return Done(warning=say("entradas.nueva.existe"))
        return Done(say("bandeja.hecho.nueva", pregunta=title), f"{ENTRIES}/{made}")

    async def _add_other_topic(self, choice: Choice) -> Done:
        """Adds the group to the agency's list of topics that it does not handle.

        Citizens are told an organization, its page and the title at once, so with four-eyes no organization is added.
        """
        if wrong := self._wrong(choice):
            return Done(warning=say(f"bandeja.errores.{wrong}"))
        texts = _usable(choice.texts)
        url = whole_address(choice.url) if choice.body else ""
        topic = OtherTopic(choice.name or texts[0], texts, choice.body, url)
        name = await asyncio.to_thread(add_topic, self._faq_dir, topic)
        key = "derivada" if choice.body else "ajena"
        return Done(say(f"bandeja.hecho.{key}", organismo=choice.body), target=name)

    def _wrong(self, choice: Choice) -> str:
        """Returns the key of what is wrong with the organization or its page; '' if nothing is."""
        if self._agency.four_eyes:
            return "organismo" if choice.body else ""
        if choice.url and not whole_address(choice.url).startswith("https://"):
            return "pagina"
        return "falta_organismo" if choice.url and not choice.body else ""

    def _today(self) -> str:
        return self._agency.today().isoformat()


def _taken() -> Done:
    return Done(message=say("bandeja.hecho.otra_persona"))


def _usable(texts: Sequence[str]) -> list[str]:
    """Returns the first MOST_TEXTS texts that may be added to an entry. Raises NoUtterance if there are none."""
    found = [text for text in texts if usable(text)][:MOST_TEXTS]
    if not found:
        raise NoUtterance
    return found
