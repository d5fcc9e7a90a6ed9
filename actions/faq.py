"""What the actions need of the FAQ engine, as Protocols: ``bot.faq`` fulfils them, and small fakes in the tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol

from bot.core.messages import Candidate, Source
from bot.faq.entries.context import Context


class Entry(Protocol):
    """One published FAQ entry; ``body`` is Markdown, after ``expires`` it is not served."""

    @property
    def id(self) -> str: ...
    @property
    def question(self) -> str: ...
    @property
    def team(self) -> str: ...
    @property
    def source(self) -> Source: ...
    @property
    def responsible(self) -> str: ...
    @property
    def reviewed(self) -> date: ...
    @property
    def expires(self) -> date | None: ...
    @property
    def body(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def audience(self) -> Mapping[str, Sequence[str]]: ...


class OutOfScopeTopic(Protocol):
    """What somebody else sees to: ``name`` is its id, ``title`` says it in Spanish, ``body`` is who sees to it and
    ``url`` their page (both may be empty), ``scope`` municipal, nacional or privado, ``emergency`` a group of
    agency.yml's emergencies or empty.
    """

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def scope(self) -> str: ...
    @property
    def body(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def emergency(self) -> str: ...
    @property
    def is_agencys(self) -> bool: ...


class Ask(Protocol):
    """What must be known of the citizen to answer ``entry`` (an id): the ``dimension``, and the values that make a
    difference.
    """

    @property
    def entry(self) -> str: ...
    @property
    def dimension(self) -> str: ...
    @property
    def options(self) -> Sequence[str]: ...


class Decision(Protocol):
    """``kind`` is answer, clarify, refer, scope or handoff; ``candidates`` best first; ``entry`` the one to answer
    with, or, with kind handoff, the expired one that would have answered; ``also`` the one for a second question;
    ``asks`` what to ask the citizen before; ``out_of_scope_topic`` what is asked when no entry is about it;
    ``follows`` whether the message goes on about what was answered before; ``risk`` whether nothing answers a message
    that may tell of one; ``variants`` what to answer with, instead of ``entry``, when it depends on
    what the citizen did not say.
    """

    @property
    def kind(self) -> str: ...
    @property
    def candidates(self) -> Sequence[Candidate]: ...
    @property
    def entry(self) -> Entry | None: ...
    @property
    def also(self) -> Entry | None: ...
    @property
    def asks(self) -> Ask | None: ...
    @property
    def out_of_scope_topic(self) -> OutOfScopeTopic | None: ...
    @property
    def follows(self) -> bool: ...
    @property
    def risk(self) -> bool: ...
    @property
    def variants(self) -> Sequence[Entry]: ...


class Answerer(Protocol):
    """Finds the entry that answers a message. ``answer`` computes for 10-15 ms: call it in a thread. ``chosen`` looks
    an entry up by its id, for the citizen of ``context``; None when there is none. ``candidates`` are the likeliest
    entries for words that the staff want to answer, best first; as slow as ``answer``.
    """

    def answer(self, text: str, *, today: date, context: Context) -> Decision: ...
    def chosen(self, id: str, *, today: date, context: Context) -> Decision | None: ...
    def candidates(self, text: str) -> Sequence[Candidate]: ...


class Faq(Protocol):
    """The live FAQ: ``answerer`` is replaced whenever an editor publishes, so ask for it at each turn."""

    @property
    def answerer(self) -> Answerer: ...
