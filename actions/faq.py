"""What the actions need of the FAQ engine, as Protocols: ``bot.faq`` fulfils them, and small fakes in the tests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from bot.faq.context import Context
from bot.messages import Candidate, Source


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


class Decision(Protocol):
    """``kind`` is answer, clarify or handoff; ``candidates`` best first; ``entry`` the one to answer with,
    or, with kind handoff, the expired one that would have answered.
    """

    @property
    def kind(self) -> str: ...
    @property
    def candidates(self) -> Sequence[Candidate]: ...
    @property
    def entry(self) -> Entry | None: ...


class Answerer(Protocol):
    """Finds the entry that answers a message. ``answer`` computes for 10-15 ms: call it in a thread."""

    def answer(self, text: str, *, today: date, context: Context) -> Decision: ...
    def entry(self, id: str) -> Entry | None: ...


class Faq(Protocol):
    """The live FAQ: ``answerer`` is replaced whenever an editor publishes, so ask for it at each turn."""

    @property
    def answerer(self) -> Answerer: ...
